#!/usr/bin/env bats
# lib/db on real servers: what ends a statement, a connection, a lock.
# bats file_tags=postgres,mysql

load helpers/servers
load helpers/probe

setup_file() {
    start_servers postgres mysql mariadb
}

teardown_file() {
    stop_servers
}

setup() {
    own_folder
}

# is_quiet: no sleep of ours runs on the server.
is_quiet() {
    local sql="select count(*) from information_schema.processlist where info like '%sleep(%'
        and info not like '%processlist%'"
    [ "$SERVER_ENGINE" != postgres ] ||
        sql="select count(*) from pg_stat_activity where query ~ 'pg_sleep.' and state = 'active'
            and pid <> pg_backend_pid()"
    [ "$(query "$sql")" = 0 ]
}

is_busy() {
    ! is_quiet
}

sleep_of() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        echo "select 7 from pg_sleep($1)"
    else
        # by itself sleep() only returns 1 when it is interrupted
        echo "select 7 from mysql.user where sleep($1) = 0 limit 1"
    fi
}

# end_by SIGNAL WHEN VERB...: runs the probe, sends it the signal once the command WHEN succeeds,
# and waits for it. Sets status, took (ms after the signal), and the files out and err.
end_by() {
    local signal=$1 when=$2 start
    shift 2
    rm -f out err
    "$PROBE" "$@" >out 2>err &
    pid=$!
    wait_until 20 "$when"
    start=$EPOCHREALTIME
    kill "-$signal" "$pid"
    status=0
    wait "$pid" || status=$?
    took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
}

@test "a signal cancels the running statement on the server, at once" {
    cancelled() {
        end_by TERM is_busy query "$(sleep_of 60)"
        [ "$status" = 130 ]
        grep -q 'interrupted by SIGTERM; the running statement was cancelled' err
        [ "$took" -lt 2500 ]
        is_quiet
    }
    for_each cancelled
}

@test "after a signal a deferred statement ends in peace" {
    deferred() {
        end_by INT is_busy defer on query "$(sleep_of 1.5)"
        [ "$status" = 0 ]
        [ "$(cat out)" = 7 ]
    }
    for_each deferred
}

@test "after a signal a deferred statement has three seconds" {
    too_long() {
        end_by INT is_busy defer on query "$(sleep_of 60)"
        [ "$status" = 130 ]
        grep -q 'interrupted by SIGINT; the running statement was cancelled' err
        [ "$took" -gt 2900 ]
        [ "$took" -lt 5000 ]
        is_quiet
    }
    for_each too_long postgres mysql
}

@test "a server that does not react to the cancel is left after four seconds" {
    on postgres
    stopped() {
        is_busy || return
        backend=$(query "select pid from pg_stat_activity where query ~ '^select 7 from pg_sleep'")
        kill -STOP "$backend"
    }
    end_by TERM stopped query "$(sleep_of 8)"
    kill -CONT "$backend"
    [ "$status" = 130 ]
    grep -q 'did not react and the connection was cut' err
    [ "$took" -lt 5000 ]
}

is_connected() {
    [ -s seen ]
}

@test "a signal during the connection ends it" {
    silent_server
    silent() {
        : >seen
        DB_PORT=$silent end_by TERM is_connected
        [ "$status" = 130 ]
        grep -q 'interrupted by SIGTERM' err
        [ "$took" -lt 1500 ]
    }
    for_each silent
    kill "$silent_pid"
}

# silent_server: takes connections on port $silent, notes them in ./seen, and never says a word.
silent_server() {
    silent=$((20000 + RANDOM % 9000))
    : >seen
    socat "TCP-LISTEN:$silent,bind=127.0.0.1,fork,reuseaddr" \
        SYSTEM:"echo one >>seen; exec cat >/dev/null" 3>&- &
    silent_pid=$!
    wait_until 5 eval "exec 9<>/dev/tcp/127.0.0.1/$silent" 2>/dev/null
    exec 9>&-
    wait_until 5 is_connected
}

@test "a server that does not answer is unavailable after the connect timeout" {
    silent_server
    no_answer() {
        local start=$EPOCHREALTIME
        DB_PORT=$silent DB_TIMEOUT=1000 run_probe 69
        [[ $stderr == *'unavailable: cannot connect to '* ]]
        [ "$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))" -lt 3500 ]
    }
    for_each no_answer
    kill "$silent_pid"
}

@test "a connection that is cut in a statement is told as lost" {
    cut_off() {
        "$PROBE" info session query "$(sleep_of 61)" >out 2>err &
        local pid=$! status=0
        wait_until 10 is_busy
        if [ "$SERVER_ENGINE" = postgres ]; then
            query "select pg_terminate_backend($(head -1 out))" >/dev/null
        else
            query "kill $(head -1 out)"
        fi
        wait "$pid" || status=$?
        [ "$status" = 69 ]
        grep -q 'lost=1' out
        grep -q '^unavailable: ' err
    }
    for_each cut_off
}

@test "a lock that is held is busy, and its holder is named" {
    held() {
        "$PROBE" lock 0 sleep 1500 >out &
        wait_until 5 test -s out
        run_probe 75 lock 300
        [[ $stderr == *"busy: the lock is held by session "*", user $SERVER_USER"* ]]
        [[ $stderr == *'since 20'*'waited 0.'* ]]
        [ "$SERVER_ENGINE" != postgres ] || [[ $stderr == *', dbops, since'* ]]
        run_probe 0 lock 10000
        [[ $stderr == *'waiting for the lock held by'* ]]
        wait
    }
    for_each held
}

@test "a lock dies with its holder, and can be given back before" {
    released() {
        "$PROBE" lock 0 sleep 60000 >out &
        local pid=$!
        wait_until 5 test -s out
        kill -9 "$pid"
        wait "$pid" || :
        run_probe 0 lock 5000
        "$PROBE" lock 0 unlock 1 sleep 1000 >out2 &
        wait_until 5 test -s out2
        run_probe 0 lock 100
        wait
    }
    for_each released
}

waits_for_lock() {
    grep -q 'waiting for the lock' err
}

@test "a signal ends the waiting for a lock" {
    waiting() {
        "$PROBE" lock 0 sleep 60000 >holder &
        local holder=$!
        wait_until 5 test -s holder
        end_by TERM waits_for_lock lock 60000
        [ "$status" = 130 ]
        grep -q 'interrupted by SIGTERM' err
        [ "$took" -lt 1000 ]
        kill -9 "$holder"
        wait "$holder" || :
    }
    for_each waiting
}
