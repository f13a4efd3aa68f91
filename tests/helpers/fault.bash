# For the suites that break things.  shellcheck shell=bash
#
#   run_apart ARGUMENT...        dbops in the background: $apart is its number,
#                                ./apart.{out,err} what it says
#   await_apart                  sets $status, $output and $stderr, as run does; the seconds
#                                are in $took
#   sessions                     how many sessions of dbops the server in use has in $DATABASE
#   await_no_session             until there is none
#   start_proxy OPTION...        a proxy (tests/fault/proxy.py) in front of the server; $PROXY_PORT
#   config_via_proxy LOCATIONS   a target through it, in ./dbops.yaml
#   kill_server, revive_server   the server in use: -9 with all its children; started again
#   no_password                  no password of the server is in what was said

load "$(dirname "${BASH_SOURCE[0]}")/servers.bash"

run_apart() {
    "$DBOPS" "$@" >apart.out 2>apart.err 3>&- &
    apart=$!
}

await_apart() {
    local start=$EPOCHREALTIME
    status=0
    wait "$apart" || status=$?
    output=$(<apart.out)
    stderr=$(<apart.err)
    took=$(awk "BEGIN { print $EPOCHREALTIME - $start }")
}

sessions() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        query "select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
                and backend_type = 'client backend'"
    else
        query "select count(*) from information_schema.processlist
            where db = database() and id <> connection_id()"
    fi
}

has_no_session() {
    [ "$(sessions)" = 0 ]
}

await_no_session() {
    wait_until "${1:-10}" has_no_session
}

start_proxy() {
    : >proxy.log
    python3 "$ROOT/tests/fault/proxy.py" "127.0.0.1:$SERVER_PORT" "$@" >proxy.log 2>&1 3>&- &
    ends_with_test $!
    wait_until 10 test -s proxy.log
    PROXY_PORT=$(head -n 1 proxy.log)
}

config_via_proxy() {
    local SERVER_PORT=$PROXY_PORT CONFIG_TCP=1
    config_for main "$1" "target.tls: disable" "${@:2}"
}

# When a process began, in clock ticks: with its number that is the same process and no other.
began() {
    [ -r "/proc/$1/stat" ] && sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 20
} 2>/dev/null

ends_with_test() {
    echo "$1 $(began "$1")" >>"$BATS_TEST_TMPDIR/apart"
    disown "$1"
}

# What a test has started and not ended. For teardown.
end_apart() {
    local pid since
    [ ! -e "$BATS_TEST_TMPDIR/apart" ] || while read -r pid since; do
        [ -z "$since" ] || [ "$(began "$pid")" != "$since" ] || kill -9 "$pid" 2>/dev/null || :
    done <"$BATS_TEST_TMPDIR/apart"
    rm -f "$BATS_TEST_TMPDIR/apart"
}

no_password() {
    [[ "$output$stderr" != *"$SERVER_PASSWORD"* ]]
}

# says PATTERN...: each is somewhere in $stderr, and no password is.
says() {
    local words
    for words; do
        # shellcheck disable=SC2053 # a pattern
        [[ $stderr == *$words* ]] || {
            printf 'not said: %s\n---\n%s\n' "$words" "$stderr" >&2
            return 1
        }
    done
    no_password
}

history_rows() {
    query "select concat(installed_rank, ' ', coalesce(version, '-'), ' ',
        case when success then 'ok' else 'failed' end)
        from flyway_schema_history order by installed_rank"
}

# The numbers of the versions that the history holds as applied.
applied() {
    query "select version from flyway_schema_history where success order by installed_rank" |
        paste -sd ' '
}

children_of() {
    local child
    for child in $(pgrep -P "$1"); do
        children_of "$child"
        echo "$child"
    done
}

# Remembers how the server was started, then ends it as a crash of the machine would, but for the
# page cache.
kill_server() {
    local pid
    pid=$(current_server)
    tr '\0' '\n' <"/proc/$pid/cmdline" >"$SERVER_DIR/again.argv"
    tr '\0' '\n' <"/proc/$pid/environ" >"$SERVER_DIR/again.env"
    stat -c '%u %g' "/proc/$pid" >"$SERVER_DIR/again.user"
    # shellcheck disable=SC2046 # a list of numbers
    kill -9 "$pid" $(children_of "$pid")
    wait_until 10 eval "! kill -0 $pid 2>/dev/null || grep -q '^State:.Z' /proc/$pid/status"
}

current_server() {
    cat "$SERVER_DIR/again.pid" 2>/dev/null || server_pid
}

answers() {
    query 'select 1' >/dev/null 2>&1
}

revive_server() {
    local argv env uid gid as=()
    mapfile -t argv <"$SERVER_DIR/again.argv"
    mapfile -t env <"$SERVER_DIR/again.env"
    read -r uid gid <"$SERVER_DIR/again.user"
    # the dead one is still somebody's child, so its number counts as a running server's
    rm -f "$SERVER_DIR"/data/postmaster.pid "$SERVER_DIR"/s/*.lock "$SERVER_DIR"/s/.*.lock
    [ "$uid" = "$(id -u)" ] || as=(setpriv --reuid "$uid" --regid "$gid" --clear-groups)
    (cd "$SERVER_DIR/data" && exec "${as[@]}" env -i "${env[@]}" "${argv[@]}" \
        </dev/null >>"$BATS_FILE_TMPDIR/again.log" 2>&1 3>&-) &
    echo $! >"$SERVER_DIR/again.pid"
    wait_until 30 answers || {
        tail -n 20 "$BATS_FILE_TMPDIR/again.log" >&2
        return 1
    }
}

# Before stop_servers: ends the servers that were started again.
stop_revived() {
    local name file
    for name in "$BATS_FILE_TMPDIR"/servers/*/; do
        use_server "$(basename "$name")" || continue
        file=$SERVER_DIR/again.pid
        [ ! -e "$file" ] || kill_server
    done
}
