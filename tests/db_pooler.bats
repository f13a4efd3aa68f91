#!/usr/bin/env bats
# Locks through a connection pooler: PgBouncer between us and PostgreSQL.
# bats file_tags=postgres

load helpers/servers
load helpers/probe

setup_file() {
    start_server postgres
}

teardown_file() {
    stop_servers
}

setup() {
    own_folder
    on postgres
    poolers=()
}

teardown() {
    local pid
    for pid in "${poolers[@]}"; do
        kill "$pid" 2>/dev/null || :
        wait "$pid" 2>/dev/null || :
    done
}

# pooler MODE [LINE...]: PgBouncer on port $pool; what follows connects to it.
pooler() {
    pool=$((20000 + RANDOM % 9000))
    local own=()
    [ "$(id -u)" != 0 ] || own=(setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups)
    {
        printf '[databases]\n* = host=127.0.0.1 port=%s user=%s password=%s\n' \
            "$SERVER_PORT" "$SERVER_USER" "$SERVER_PASSWORD"
        printf '[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %s\nunix_socket_dir =\n' "$pool"
        printf 'auth_type = any\npool_mode = %s\n' "$1"
        printf '%s\n' "${@:2}"
    } >pool.ini
    "${own[@]}" pgbouncer /dev/stdin <pool.ini >pool.log 2>&1 3>&- &
    poolers+=($!)
    export DB_PORT=$pool
    wait_until 10 eval '"$PROBE" info url >/dev/null 2>&1'
}

locks_left() {
    query "select count(*) from pg_locks where locktype = 'advisory'"
}

refused() {
    run_probe 78 lock 0
    [[ $stderr == *"cannot take the lock: postgres://127.0.0.1:$pool/"* ]]
    [[ $stderr == *'pooler in transaction mode'* ]]
    [[ $stderr == *'pool_mode = session'* ]]
    [ "$(locks_left)" = 0 ]
}

@test "PgBouncer in transaction mode is found out before any lock" {
    pooler transaction
    refused
    refused
}

@test "a pool of a single connection in transaction mode is found out" {
    pooler transaction 'default_pool_size = 1'
    refused
}

@test "a pool that takes its connections in turn is found out" {
    pooler transaction 'server_round_robin = 1'
    for _ in 1 2 3; do
        "$PROBE" query 'select pg_sleep(0.5)' >/dev/null 2>&1 &
    done
    sleep 0.2
    refused
    wait "$(jobs -p | tail -1)" || :
    refused
}

@test "PgBouncer in session mode gives a lock that is ours alone" {
    pooler session
    "$PROBE" lock 0 sleep 60000 >out 2>err &
    local holder=$!
    wait_until 5 test -s out
    [ "$(locks_left)" = 1 ]
    run_probe 75 lock 0
    [[ $stderr == *'the lock is held by session '* ]]
    kill -9 "$holder"
    wait "$holder" || :
    run_probe 0 lock 5000 unlock 1 lock 0
}

@test "a pool of a single connection in session mode is told from one that is shared" {
    pooler session 'default_pool_size = 1'
    run_probe 0 lock 0
    [ "$output" = locked ]
}

@test "without a pooler the lock costs one round trip" {
    query "alter system set log_statement = 'all'"
    query 'select pg_reload_conf()'
    wait_until 5 eval '[ "$(query "show log_statement")" = all ]'
    local before
    before=$(server_log | grep -c 'statement:' || :)
    run_probe 0 lock 0
    sleep 0.2
    server_log | grep 'statement:' | tail -n +$((before + 1)) >statements
    query 'alter system reset log_statement'
    query 'select pg_reload_conf()'
    grep -c pg_try_advisory_lock statements
    [ "$(wc -l <statements)" = 1 ]
}
