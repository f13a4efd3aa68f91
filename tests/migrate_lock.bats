#!/usr/bin/env bats
# The run lock: one runner at a time, under Flyway's own key.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

# The first statement that takes the lock of the history in the database in use, as Flyway would.
flyway_lock() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        echo 'select pg_advisory_lock(77433833903597)'
    else
        echo "select get_lock('Flyway-$(java_hash "\`$DATABASE\`.\`flyway_schema_history\`")', 10)"
    fi
}

# Java's String.hashCode.
java_hash() {
    python3 -c 'import sys
h = 0
for c in sys.argv[1]:
    h = (31 * h + ord(c)) & 0xffffffff
print(h - (1 << 32) if h >> 31 else h)' "$1"
}

# Another session holds the lock from now on; its client is $HOLDER.
hold_lock() {
    local sleep="do sleep(60)"
    [ "$SERVER_ENGINE" != postgres ] || sleep="select pg_sleep(60)"
    client "$DATABASE" >/dev/null 2>&1 <<<"$(flyway_lock); $sleep;" 3>&- &
    HOLDER=$!
    wait_until 10 lock_is held
}

lock_is() {
    local count
    if [ "$SERVER_ENGINE" = postgres ]; then
        count=$(query "select count(*) from pg_locks where locktype = 'advisory'
            and database = (select oid from pg_database where datname = current_database())")
    else
        count=$(query "select is_used_lock('Flyway-$(java_hash \
            "\`$DATABASE\`.\`flyway_schema_history\`")') is not null")
    fi
    case $1 in
    held) [ "$count" = 1 ] ;;
    free) [ "$count" = 0 ] ;;
    esac
}

# Ends the session that holds the lock.
let_go() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        query "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
            and database = (select oid from pg_database where datname = current_database())"
    else
        query "kill $(query "select is_used_lock('Flyway-$(java_hash \
            "\`$DATABASE\`.\`flyway_schema_history\`")')")"
    fi
    wait "$HOLDER" || :
}

# bats file_tags=postgres,mysql

@test "eight runs at once on an empty database: each version once, eight times exit 0" {
    for server in $SERVERS; do
        on "$server"
        for v in 1 2 3 4; do
            migration "V${v}__v$v.sql" "create table v$v (a int);" "insert into v$v values (1);"
        done
        migration R__r.sql 'insert into v1 values (2);'
        config "schemas: [${DATABASE}_s]"
        local pids=() pid i
        for i in {1..8}; do
            "$DBOPS" migrate up >"out.$i" 2>&1 3>&- &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do
            wait "$pid" || {
                cat out.*
                return 1
            }
        done
        assert_equal "$(cat out.* | grep -c 'main: 5 migrations applied')" 1
        assert_equal "$(cat out.* | grep -c 'main: up to date')" 7
        assert_equal "$(history "${DATABASE}_s.flyway_schema_history" | cut -d '|' -f 1,2,6 |
            tr '\n' ' ')" '0|-|1 1|1|1 2|2|1 3|3|1 4|4|1 5|-|1 '
        assert_equal "$(query "select count(*) from ${DATABASE}_s.v1")" 2
    done
}

@test "a lock that stays held is exit 75 after --lock-wait, and says who holds it" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        config
        hold_lock
        local start=$SECONDS
        ends 75 up --lock-wait 1s
        [ $((SECONDS - start)) -lt 10 ]
        says "session " "user $SERVER_USER" '--lock-wait'
        [ "$server" != postgres ] || says psql
        [ "$server" = postgres ] || says 'do sleep(60)'
        no_table flyway_schema_history
        for verb in baseline repair 'clean --yes'; do
            config 'clean: allowed'
            # shellcheck disable=SC2086 # words
            ends 75 $verb --lock-wait 0
        done
        ends 75 up --lock-wait 0s -o json
        fits_schema up
        assert_equal "$(json '.targets[0].error | .kind, .retriable' | tr '\n' ' ')" 'busy true '
        let_go
    done
}

@test "reading commands and --dry-run do not wait for the lock" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        config
        hold_lock
        TIME_LIMIT=10 ends 0 info
        TIME_LIMIT=10 ends 65 validate
        TIME_LIMIT=10 up --dry-run
        let_go
    done
}

@test "a run that waits goes on when the lock is given back" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        config
        hold_lock
        "$DBOPS" migrate up --lock-wait 60s 2>err >out 3>&- &
        local pid=$!
        wait_until 20 grep -q 'waiting for the lock held by session' err
        let_go
        wait "$pid"
        has_table a
    done
}

@test "a Flyway that holds the lock of another history is not waited for" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        hold_lock
        config 'table: other_history'
        up --lock-wait 0
        let_go
    done
}

@test "a run holds the lock to its end, and gives it back" {
    for server in $SERVERS; do
        on "$server"
        local sleep='select pg_sleep(60);'
        [ "$server" = postgres ] || sleep='do sleep(60);'
        migration V1__a.sql 'create table a (x int);'
        migration V2__b.sql "$sleep"
        config
        up --to 1
        lock_is free
        "$DBOPS" migrate up >/dev/null 2>&1 3>&- &
        local pid=$!
        wait_until 10 lock_is held
        ends 75 up --lock-wait 0
        [ "$server" != postgres ] || says dbops
        kill -TERM "$pid"
        wait "$pid" || [ $? = 143 ]
        wait_until 5 lock_is free
    done
}

@test "the lock is gone soon after kill -9, and the next run goes on" {
    for server in $SERVERS; do
        on "$server"
        local sleep='select pg_sleep(60);'
        [ "$server" = postgres ] || sleep='do sleep(60);'
        migration V1__a.sql 'create table a (x int);'
        migration V2__b.sql "$sleep"
        config
        "$DBOPS" migrate up >/dev/null 2>&1 3>&- &
        local pid=$!
        wait_until 10 has_table a
        wait_until 10 lock_is held
        kill -9 "$pid"
        wait "$pid" || :
        wait_until 10 lock_is free
        assert_equal "$(history | cut -d '|' -f 2,6)" '1|1'
        migration V2__b.sql 'select 1;'
        up
    done
}

# bats file_tags=postgres

@test "PostgreSQL: the key is that of Flyway for the schema and table" {
    on postgres
    query 'create schema app'
    migration V1__a.sql "create table keys as select (classid::bigint << 32) | objid::bigint as key
        from pg_locks where locktype = 'advisory' and pid = pg_backend_pid();"
    config
    up
    assert_equal "$(query 'select key from keys')" 77433833903597
    config 'schemas: [app]'
    up
    assert_equal "$(query 'select key from app.keys')" 77431436970681
}
