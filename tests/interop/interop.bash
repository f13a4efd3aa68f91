# What the suites of tests/interop share.  shellcheck shell=bash
#
#   setup_file()    { start_servers $ENGINES; start_flyway; }
#   teardown_file() { stop_flyway; stop_servers; }
#
#   flyway VERB... OPTION...    Flyway's own command line, on $DATABASE
#   on_each_server <<SCRIPT     tests/interop/twins.py, with Flyway in its server

load ../helpers/servers

# The Flyway to compare with; each version is a part of the test bed.
FLYWAY_VERSION=${FLYWAY_VERSION:-10.22.0}
FLYWAY=$TESTBED/flyway-$FLYWAY_VERSION
ENGINES="postgres mariadb mysql"
export FLYWAY_VERSION REDGATE_DISABLE_TELEMETRY=true
export JAVA_ARGS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# flyway_since MAJOR: what older ones leave to paying users needs no comparison.
flyway_since() {
    [ "${FLYWAY_VERSION%%.*}" -ge "$1" ]
}

flyway_java() {
    if [ -x "$FLYWAY/jre/bin/java" ]; then
        echo "$FLYWAY/jre/bin/java"
    else
        command -v java
    fi
}

start_flyway() {
    local java jars
    java=$(flyway_java)
    FLYWAY_PIPES=$BATS_FILE_TMPDIR/flyway
    export FLYWAY_PIPES
    mkdir -p "$FLYWAY_PIPES/classes"
    mkfifo "$FLYWAY_PIPES/request" "$FLYWAY_PIPES/reply"
    java -jar "$FLYWAY"/compiler/ecj-*.jar -17 -nowarn -proc:none -d "$FLYWAY_PIPES/classes" \
        "$ROOT/tests/interop/FlywayServer.java"
    jars=$(printf ':%s/*' "$FLYWAY/lib" "$FLYWAY"/lib/*/ "$FLYWAY/drivers")
    # shellcheck disable=SC2086 # words
    (cd "$FLYWAY_PIPES" && exec "$java" $JAVA_ARGS -Djava.security.manager=allow \
        -cp "classes$jars" FlywayServer "$FLYWAY_PIPES") </dev/null >"$FLYWAY_PIPES/log" 2>&1 3>&- &
    echo $! >"$FLYWAY_PIPES/pid"
    # a first call, which fails here and not in a test when Flyway cannot be run
    timeout 60 bash -c 'echo -v >"$0/request" && read -r status <"$0/reply" && exit "$status"' \
        "$FLYWAY_PIPES" || {
        cat "$FLYWAY_PIPES/log" "$FLYWAY_PIPES/stderr" >&2
        return 1
    }
}

stop_flyway() {
    kill "$(cat "$FLYWAY_PIPES/pid")"
}

flyway() {
    local kind=$SERVER_FLAVOUR
    "$FLYWAY/flyway" "$@" \
        -url="jdbc:${kind/postgres/postgresql}://127.0.0.1:$SERVER_PORT/$DATABASE" \
        -user="$SERVER_USER" -password="$SERVER_PASSWORD" -skipCheckForUpdate \
        -reportEnabled=false -color=never
}

# on_each_server [NAME...] <<SCRIPT: a script of twins.py on these servers, or on all.
on_each_server() {
    local name script
    script=$(cat)
    # shellcheck disable=SC2086 # a list of words
    [ $# -gt 0 ] || set -- $ENGINES
    for name; do
        echo "# on $name"
        use_server "$name"
        twins "t${BATS_TEST_NUMBER}_$((scripts_run += 1))" <<<"$script" || return
    done
}

# twins WORD...: what it compared goes to the terminal too, and to $TWINS_LOG.
twins() {
    own_folder
    python3 "$ROOT/tests/interop/twins.py" "$@" | tee -a "${TWINS_LOG:-/dev/null}"
    return "${PIPESTATUS[0]}"
}
