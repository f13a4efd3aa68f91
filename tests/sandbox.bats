# dbops sandbox run: private servers, and what is left of them (nothing).
# bats file_tags=postgres,mysql
# shellcheck disable=SC2030,SC2031 # each test exports for itself alone
# shellcheck disable=SC2046 # server_options gives words

load helpers/servers

# The servers of this suite have a temporary folder of their own, so that "nothing is left" can be
# looked at, and a cache of their own.
setup_file() {
    OWN=$(mktemp -d "${TMPDIR:-/tmp}/s.XXXXXX")
    mkdir "$OWN/t" "$OWN/cache"
    chmod 755 "$OWN"
    chmod 1777 "$OWN/t"
    echo "$OWN/t/dbops-sandbox." >"$OWN/mark"
    export OWN XDG_CACHE_HOME=$OWN/cache
}

teardown_file() {
    rm -rf "$OWN"
}

setup() {
    own_folder
    export TMPDIR=$OWN/t
}

teardown() {
    nothing_is_left
}

# Whether a process has a sandbox of this suite in its command line (grep's own has it not).
servers_run() {
    grep -qaFs -f "$OWN/mark" /proc/[0-9]*/cmdline
}

servers_are_gone() {
    ! servers_run
}

nothing_is_left() {
    [ -z "$(ls -A "$TMPDIR")" ] || {
        echo "left: $(ls -A "$TMPDIR")" >&2
        return 1
    }
    servers_are_gone
}

# sandbox NAME ARGUMENT...: sandbox run with the server of that name.
sandbox() {
    local options
    options=$(server_options "$1")
    shift
    # shellcheck disable=SC2086 # a list of words
    dbops sandbox run $options "$@"
}

# in_background NAME ARGUMENT...: a sandbox whose command waits; $background is dbops, $dir its
# folder.
in_background() {
    local options
    options=$(server_options "$1")
    shift
    rm -f dir
    # shellcheck disable=SC2016,SC2086 # the inner shell expands; a list of words
    "$DBOPS" sandbox run $options "$@" -- \
        sh -c 'echo "$DBOPS_SANDBOX_DIR" >dir.new; mv dir.new dir; exec sleep 120' \
        </dev/null >background.log 2>&1 3>&- &
    background=$!
    wait_until 60 test -e dir
    dir=$(cat dir)
}

starts() {
    for turn in first second; do
        run -0 --separate-stderr sandbox "$1" -v -- true
        # shellcheck disable=SC2154 # bats sets stderr
        [[ $stderr =~ (answers after [0-9]+ ms) ]]
        echo "# $1, $turn: ${BASH_REMATCH[1]}" >&3
        nothing_is_left
    done
}

@test "a PostgreSQL server comes and goes" {
    starts postgres
    run -0 sandbox postgres -- psql -XAtc \
        "select current_database(), current_user, current_setting('fsync'),
            pg_encoding_to_char(encoding), datcollate from pg_database where datname = 'sandbox'"
    assert_output 'sandbox|postgres|off|UTF8|C.UTF-8'
}

@test "a MariaDB server comes and goes" {
    starts mariadb
    run -0 sandbox mariadb -- mariadb -BN -e \
        "show databases like 'sandbox'; select @@character_set_server, version() like '%MariaDB%'"
    assert_output $'sandbox\nutf8mb4\t1'
}

@test "a MySQL 9.7 server comes and goes" {
    starts mysql9
    run -0 sandbox mysql9 -- mariadb -BN -e \
        "show databases like 'sandbox'; select @@character_set_server, left(version(), 3)"
    assert_output $'sandbox\nutf8mb4\t9.7'
}

@test "a MySQL 8.0.31 server comes and goes" {
    starts mysql80
    run -0 sandbox mysql80 -- mariadb -BN -e 'select version()'
    assert_output '8.0.31'
}

@test "every copy of MySQL's template is a server of its own" {
    first=$(sandbox mysql -- mariadb -BN -e 'select @@server_uuid')
    second=$(sandbox mysql -- mariadb -BN -e 'select @@server_uuid')
    [ -n "$first" ]
    [ "$first" != "$second" ]
}

@test "the command finds the same server under every name" {
    # shellcheck disable=SC2016 # the inner shell expands
    run -0 sandbox postgres --database 'we "ird' -- sh -c '
        [ "$PGHOST" = "$DBOPS_SANDBOX_HOST" ] && [ "$PGHOST" = "$DBOPS_SANDBOX_SOCKET" ] &&
        [ "$PGHOST" = "$DBOPS_SANDBOX_DIR/s" ] && [ "$PGPORT" = "$DBOPS_SANDBOX_PORT" ] &&
        [ "$PGDATABASE" = "$DBOPS_SANDBOX_DATABASE" ] && [ -z "$DBOPS_SANDBOX_PASSWORD" ] &&
        echo "$DBOPS_SANDBOX_ENGINE" && psql -XAtc "select current_database()"'
    assert_output $'postgres\nwe "ird'
    # shellcheck disable=SC2016 # the inner shell expands
    run -0 sandbox mariadb --database 'we `ird' -- sh -c '
        [ "$MYSQL_UNIX_PORT" = "$DBOPS_SANDBOX_SOCKET" ] && echo "$DBOPS_SANDBOX_ENGINE" &&
        mariadb -BN -e "select database()" "$DBOPS_SANDBOX_DATABASE"'
    assert_output $'mariadb\nwe `ird'
}

@test "what the user set for his own servers does not reach the command" {
    export PGSERVICE=mine PGHOSTADDR=192.0.2.1 PGSSLMODE=verify-full PGPASSWORD=x PGOPTIONS=-cfoo=1
    export MYSQL_PWD=wrong MYSQL_TCP_PORT=1
    run -0 sandbox postgres -- psql -XAtc 'select 1'
    assert_output 1
    run -0 sandbox postgres --tcp -- psql -XAtc 'select 1'
    assert_output 1
    run -0 sandbox mariadb -- mariadb -BN -e 'select 1'
    assert_output 1
}

@test "without --tcp nobody can connect but by the socket" {
    run -0 sandbox postgres -- psql -XAtc 'show listen_addresses'
    assert_output ''
    run -0 sandbox mysql -- mariadb -BN -e 'select @@skip_networking'
    assert_output 1
}

@test "with --tcp the port asks for a password, which only the command has" {
    # shellcheck disable=SC2016 # the inner shell expands
    run -0 sandbox postgres --tcp -- sh -c '
        [ "$PGHOST" = 127.0.0.1 ] && psql -wXAtc "select inet_server_port() = $PGPORT" || exit 9
        unset PGPASSWORD
        psql -wXAtc "select 1" 2>/dev/null && exit 9
        PGPASSWORD=wrong psql -wXAtc "select 1" 2>&1 | grep -c "password authentication failed"'
    assert_output $'t\n1'
    for name in mariadb mysql; do
        # shellcheck disable=SC2016 # the inner shell expands
        run -0 sandbox "$name" --tcp -- sh -c '
            mariadb -BN -e "select current_user()" || exit 9
            mariadb --no-defaults -uroot -h127.0.0.1 -P"$DBOPS_SANDBOX_PORT" --skip-password \
                -BN -e "select 1" 2>&1 | grep -c "Access denied"'
        assert_output $'root@127.0.0.1\n1'
    done
    # shellcheck disable=SC2016 # the inner shell expands
    run -0 sandbox postgres --tcp -- sh -c 'tr "\0" " " </proc/$(cut -d " " -f 1 \
        "$DBOPS_SANDBOX_DIR/server")/cmdline | grep -c "$PGPASSWORD" || :'
    assert_output 0
}

@test "settings reach the server, commas and all" {
    run -0 sandbox postgres --set work_mem=7MB --set 'search_path=a,b' -- \
        psql -XAtc 'show work_mem' -c 'show search_path'
    assert_output $'7MB\na,b'
    run -0 sandbox mysql --set lower_case_table_names=1 --set sql-mode=ANSI_QUOTES,NO_ZERO_DATE -- \
        mariadb -BN -e 'select @@lower_case_table_names, @@sql_mode'
    assert_output $'1\tANSI_QUOTES,NO_ZERO_DATE'
}

@test "the server keeps the machine's time zone out: it runs in UTC" {
    TZ=Asia/Shanghai run -0 sandbox postgres -- psql -XAtc 'show timezone'
    assert_output UTC
    TZ=Asia/Shanghai run -0 sandbox mariadb -- \
        mariadb -BN -e 'select timediff(now(), utc_timestamp())'
    assert_output 00:00:00
}

@test "the exit code is the command's" {
    run -7 sandbox postgres -- sh -c 'exit 7'
    run -137 sandbox postgres -- sh -c 'kill -9 $$'
    run -0 sandbox postgres -- cat </dev/null
    run -0 sandbox postgres -- cat <<<'from stdin'
    assert_output 'from stdin'
}

@test "without a command, and for a wrong one, it says what is missing" {
    run -64 --separate-stderr dbops sandbox run
    [[ $stderr == *"needs -- COMMAND"* ]]
    run -64 --separate-stderr dbops sandbox run -o json
    [ "$(json .error.kind)" = usage ]
    run -64 --separate-stderr dbops sandbox run --engine oracle -- true
    [[ $stderr == *oracle* ]]
    run -64 --separate-stderr dbops sandbox run --dry-run -- true
    run -78 --separate-stderr dbops sandbox run -- no-such-program
    [[ $stderr == *"cannot run 'no-such-program': there is no such program in PATH"* ]]
}

@test "settings and names that cannot work are refused before anything starts" {
    for setting in nonsense =1 'a b=1' port=1 data-directory=/x --x=1; do
        run -64 --separate-stderr dbops sandbox run "--set=$setting" -- true
    done
    for name in '' $'a\nb' "$(printf '%064d' 1)"; do
        run -64 --separate-stderr dbops sandbox run "--database=$name" -- true
    done
}

@test "a server that does not start shows the end of its log" {
    XDG_CACHE_HOME=/proc/none run -78 --separate-stderr \
        sandbox postgres --set no_such_setting=1 -- true
    [[ $stderr == *'the server exited with 1'*'parameter "no_such_setting"'* ]]
    [[ $stderr != *initdb* && $stderr != *backend* ]]
    run -78 --separate-stderr sandbox mariadb --set no_such_setting=1 -- true
    [[ $stderr == *"unknown variable 'no_such_setting=1'"* ]]
    run -78 --separate-stderr sandbox mysql --set lower_case_table_names=9x -- true
    [[ $stderr == *lower_case_table_names* ]]
}

@test "without the server's programs it says what to install" {
    mkdir empty
    for engine in postgres mysql mariadb; do
        run -78 --separate-stderr dbops sandbox run --engine "$engine" --bin empty -- true
        [[ $stderr == *"server in 'empty'"*"name the folder that has"* ]]
    done
    [[ $stderr == *'apt-get install mariadb-server'* ]]
    run -78 --separate-stderr dbops sandbox run --engine mysql --bin /usr/sbin -- true
    [[ $stderr == *"there is no MySQL server in '/usr/sbin', only MariaDB"* ]]
}

@test "SIGTERM and SIGINT end the command, then the server" {
    for name in postgres mariadb; do
        for signal in TERM INT; do
            in_background "$name"
            servers_run
            kill "-$signal" "$background"
            wait "$background" && status=0 || status=$?
            [ "$status" = $((128 + $(kill -l "$signal"))) ]
            nothing_is_left
        done
    done
}

@test "a command that ignores SIGTERM is killed after a while, at once by the second" {
    # shellcheck disable=SC2016 # the inner shell expands
    "$DBOPS" sandbox run $(server_options postgres) -- \
        sh -c 'trap "" TERM; echo >ready; while :; do sleep 0.1; done' >log 2>&1 3>&- &
    pid=$!
    wait_until 60 test -e ready
    kill "$pid"
    sleep 0.3
    kill -0 "$pid"
    kill "$pid"
    wait "$pid" && status=0 || status=$?
    [ "$status" = 137 ]
}

@test "Ctrl-C on the terminal reaches the command once and does not stop the server" {
    cat >script <<'X'
trap 'echo interrupted >>hits' INT
echo >ready
while [ ! -e stop ]; do sleep 0.1; done
psql -XAtc "select 'server lives'" >answer
X
    options=$(server_options postgres)
    mkfifo keys
    script -qefc "'$DBOPS' sandbox run $options -- bash script" typescript <keys >/dev/null 3>&- &
    pid=$!
    exec 9>keys
    wait_until 60 test -e ready
    printf '\003' >&9
    wait_until 10 test -e hits
    touch stop
    wait "$pid"
    exec 9>&-
    [ "$(cat hits)" = interrupted ]
    [ "$(cat answer)" = 'server lives' ]
}

@test "SIGTERM while the server starts leaves nothing" {
    export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/empty
    for delay in 0.05 0.1 0.3 0.8; do
        "$DBOPS" sandbox run $(server_options mysql) -- sleep 60 >log 2>&1 3>&- &
        pid=$!
        sleep "$delay"
        kill "$pid"
        wait "$pid" && status=0 || status=$?
        [ "$status" = 143 ] || cat log
        [ "$status" = 143 ]
        nothing_is_left
    done
}

@test "after kill -9 the server is gone at once, and the next run removes the rest" {
    for name in postgres mysql mariadb; do
        in_background "$name"
        kill -9 "$background"
        wait "$background" || :
        wait_until 10 servers_are_gone
        [ -d "$dir" ]
        run -0 sandbox postgres -- true
        [ ! -e "$dir" ]
    done
}

@test "the sweep stops a server that outlived its owner" {
    in_background postgres
    # as if the server had not been told of its owner's end: freeze it, and it cannot act on it
    server=$(cut -d ' ' -f 1 "$dir/server")
    kill -STOP "$server"
    kill -9 "$background"
    wait "$background" || :
    kill -0 "$server"
    (sleep 0.5; kill -CONT "$server") &
    run -0 sandbox postgres -- true
    servers_are_gone
}

@test "the sweep leaves alone who lives, and processes that only have the number" {
    in_background postgres
    kept=$dir first=$background
    mkdir "$TMPDIR/dbops-sandbox.fake"
    touch "$TMPDIR/dbops-sandbox.fake/lock"
    sleep 60 3>&- &
    innocent=$!
    echo "$innocent 9" >"$TMPDIR/dbops-sandbox.fake/server"
    run -0 sandbox mariadb -- true
    kill -0 "$innocent"
    kill "$innocent"
    [ ! -e "$TMPDIR/dbops-sandbox.fake" ]
    [ -S "$kept/s/.s.PGSQL.5432" ]
    kill "$first"
    wait "$first" || :
}

@test "two at once, from an empty cache" {
    export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
    for i in 1 2; do
        sandbox postgres --tcp -- psql -XAtc 'select 42' >"out$i" 2>"err$i" 3>&- &
        pids[i]=$!
    done
    for i in 1 2; do
        wait "${pids[i]}" || cat "err$i"
        [ "$(cat "out$i")" = 42 ]
    done
    templates=("$XDG_CACHE_HOME"/dbops/sandbox/*)
    [ "${#templates[@]}" = 1 ]
}

@test "MariaDB servers that are made at once keep their temporary tables apart" {
    for i in 1 2 3 4; do
        XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache$i sandbox mariadb -- mariadb -BNe 'select 42' \
            >"out$i" 2>"err$i" 3>&- &
        pids[i]=$!
    done
    for i in 1 2 3 4; do
        wait "${pids[i]}" || cat "err$i"
        [ "$(cat "out$i")" = 42 ]
    done
}

@test "a damaged template is made anew" {
    export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
    run -0 sandbox postgres -- true
    template=$(echo "$XDG_CACHE_HOME"/dbops/sandbox/postgres-*)
    sum=$(cat "$template/sum")
    printf X | dd of="$template/data/global/1262" bs=1 seek=100 conv=notrunc status=none
    run -0 --separate-stderr sandbox postgres -v -- psql -XAtc 'select 1'
    [[ $stderr == *"is damaged and will be made anew"* ]]
    ln -s /etc/passwd "$template/data/extra"
    run -0 --separate-stderr sandbox postgres -v -- psql -XAtc 'select 1'
    [[ $stderr == *"is damaged and will be made anew"* ]]
    run -0 --separate-stderr sandbox postgres -v -- psql -XAtc 'select 1'
    [[ $stderr != *damaged* ]]
    [ -n "$sum" ]
    [ "$(ls -A "$XDG_CACHE_HOME/dbops/sandbox")" = "$(basename "$template")" ]
}

@test "without a home, and with a cache that cannot be written, it works all the same" {
    run -0 env -u HOME -u XDG_CACHE_HOME "$DBOPS" sandbox run $(server_options postgres) -- \
        psql -XAtc 'select 1'
    assert_output 1
    run -0 env XDG_CACHE_HOME=/proc/none "$DBOPS" sandbox run $(server_options postgres) -- \
        psql -XAtc 'select 1'
    assert_output 1
}

@test "the cache below another user's home is neither used nor touched" {
    home=/ # an ordinary user cannot make a home of another, but this is one
    if [ "$(id -u)" = 0 ]; then
        home=$PWD/home
        mkdir home
        chown nobody home
    fi
    run -0 env -u XDG_CACHE_HOME HOME="$home" "$DBOPS" sandbox run \
        $(server_options postgres) -- true
    [ ! -e "$home/.cache" ]
}

@test "started by root the server is nobody's, and by a user his own" {
    # shellcheck disable=SC2016 # the inner shell expands
    owner='stat -c %U "/proc/$(cut -d " " -f 1 "$DBOPS_SANDBOX_DIR/server")"'
    if [ "$(id -u)" != 0 ]; then
        run -0 sandbox postgres -- sh -c "$owner"
        assert_output "$(id -un)"
        return
    fi
    run -0 sandbox postgres -- sh -c "$owner"
    assert_output nobody
    cp "$DBOPS" "$OWN/dbops"
    chmod 755 "$OWN/dbops"
    for name in postgres mariadb mysql; do
        run -0 setpriv --reuid games --regid games --clear-groups env -u XDG_CACHE_HOME -C / \
            HOME=/nonexistent "$OWN/dbops" sandbox run $(server_options "$name") -- sh -c "$owner"
        assert_output games
    done
}

@test "a temporary folder too long for a socket is refused with the reason" {
    TMPDIR=$OWN/$(printf 'x%.0s' {1..80})
    mkdir -m 1777 "$TMPDIR"
    run -78 --separate-stderr sandbox postgres -- true
    [[ $stderr == *"is too long for a Unix socket"*"set TMPDIR to a shorter one"* ]]
    TMPDIR=$OWN/none
    run -74 --separate-stderr sandbox postgres -- true
    [[ $stderr == *"cannot use the temporary directory '$OWN/none': No such file or directory"* ]]
    TMPDIR=$OWN/t
}

@test "a closed temporary folder will do, but root is told that 'nobody' cannot get to it" {
    mkdir -m 700 "$OWN/closed"
    mkdir "$OWN/closed/t"
    TMPDIR=$OWN/closed/t
    if [ "$(id -u)" = 0 ]; then
        run -78 --separate-stderr sandbox postgres -- true
        [[ $stderr == *"'nobody', who cannot get to"*"through '$OWN/closed'"* ]]
    else
        run -0 sandbox postgres -- true
    fi
    [ -z "$(ls -A "$TMPDIR")" ]
    TMPDIR=$OWN/t
}

@test "descriptors are the command's, not the server's" {
    # shellcheck disable=SC2016 # the inner shell expands
    run -0 sandbox postgres -- sh -c 'cat <&7; ls -l "/proc/$(cut -d " " -f 1 \
        "$DBOPS_SANDBOX_DIR/server")/fd" | grep -c secret || :' 7< <(echo secret)
    assert_output $'secret\n0'
}
