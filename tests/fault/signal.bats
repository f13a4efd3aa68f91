# bats file_tags=postgres,mysql
# SIGINT and SIGTERM end a run within five seconds, wherever they find it: what can be rolled back
# is, the lock is free, and nothing runs on at the server.

load ../helpers/fault

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }

setup() {
    own_folder
    mkdir migrations
    echo 'create table one (id int primary key); insert into one values (1);' \
        >migrations/V1__one.sql
}

teardown() { end_apart; }

sleep_of() {
    case $SERVER_ENGINE in
    postgres) echo "select pg_sleep($1);" ;;
    mysql) echo "select sleep($1), id from one;" ;;
    esac
}

# Takes the processor for minutes.
long_dml() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        echo 'insert into two select i % 100 from generate_series(1, 2000000000) i where i < 0;'
    else
        echo 'insert into two select a.i from t10 a, t10 b, t10 c, t10 d, t10 e, t10 f, t10 g,
            t10 h, t10 i, t10 j
            where a.i + b.i + c.i + d.i + e.i + f.i + g.i + h.i + i.i + j.i > 500;'
    fi
}

# runs WORDS: a statement with these words runs at the server.
runs() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        [ "$(query "select count(*) from pg_stat_activity where state = 'active'
            and pid <> pg_backend_pid() and position('$1' in query) > 0")" != 0 ]
    else
        [ "$(query "select count(*) from information_schema.processlist
            where id <> connection_id() and info like '%$1%'")" != 0 ]
    fi
}

lock_is_free() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        [ "$(query "select count(*) from pg_locks where locktype = 'advisory'")" = 0 ]
    else
        [ "$(query "select count(*) from information_schema.processlist
            where db = database() and id <> connection_id()")" = 0 ]
    fi
}

# ended_by SIGNAL: sends it to $apart and checks the end.
ended_by() {
    kill "-$1" "$apart"
    await_apart
    case $1 in
    TERM) [ "$status" = 143 ] ;;
    INT) [ "$status" = 130 ] ;;
    esac || {
        printf 'status %s\n%s\n' "$status" "$stderr" >&2
        return 1
    }
    awk "BEGIN { exit !($took < 5) }"
    says "interrupted by SIG$1"
    await_no_session 3
    lock_is_free
}

run_on() {
    use_server "$1"
    new_database
    config_for main migrations
}

# A file whose second statement does not end is interrupted while that runs.
interrupt_statement() {
    printf '%s\n' 'create table two (id int);' 'insert into two values (1);' "$2" \
        >migrations/V2__two.sql
    run_apart migrate up
    wait_until 20 runs "$3"
    ended_by "$1"
    says 'cannot apply V2__two.sql: V2__two.sql:3:' 'the running statement was cancelled'
}

# On PostgreSQL nothing of V2 is left and the next run does it.
all_is_rolled_back() {
    says 'rolled back: nothing of V2__two.sql remains' "hint: run 'dbops migrate up' again"
    [ "$(applied)" = 1 ]
    [ -z "$(query "select to_regclass('two')")" ]
    echo 'create table two (id int);' >migrations/V2__two.sql
    run -0 --separate-stderr dbops migrate up
    [ "$(applied)" = '1 2' ]
}

# On MySQL the table stays, its row does not; that is recorded.
is_recorded_as_failed() {
    says 'not rolled back' 'recorded: V2__two.sql as failed' 'dbops migrate repair'
    [ "$(history_rows)" = $'1 1 ok\n2 2 failed' ]
    [ "$(query 'select count(*) from two')" = 0 ]
}

@test "PostgreSQL: SIGTERM while a statement sleeps" {
    run_on postgres
    interrupt_statement TERM "$(sleep_of 100)" 'pg_sleep(100)'
    all_is_rolled_back
}

@test "PostgreSQL: SIGINT while a statement changes rows" {
    run_on postgres
    interrupt_statement INT "$(long_dml)" 'insert into two select'
    all_is_rolled_back
}

@test "MySQL: SIGTERM while a statement sleeps" {
    run_on mysql
    interrupt_statement TERM "$(sleep_of 100)" 'sleep(100)'
    is_recorded_as_failed
}

@test "MySQL: SIGINT while a statement changes rows" {
    run_on mysql
    printf '%s\n' 'create table t10 (i int);' \
        'insert into t10 values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);' >>migrations/V1__one.sql
    interrupt_statement INT "$(long_dml)" 'insert into two select'
    is_recorded_as_failed
}

@test "MariaDB: SIGINT while a statement sleeps" {
    run_on mariadb
    interrupt_statement INT "$(sleep_of 100)" 'sleep(100)'
    is_recorded_as_failed
}

@test "MariaDB: SIGTERM while a statement changes rows" {
    run_on mariadb
    printf '%s\n' 'create table t10 (i int);' \
        'insert into t10 values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);' >>migrations/V1__one.sql
    interrupt_statement TERM "$(long_dml)" 'insert into two select'
    is_recorded_as_failed
}

@test "a statement that ends well in spite of the signal: its file is committed and no more" {
    run_on mysql
    printf '%s\n' 'create table two (id int);' 'insert into two values (1);' 'do sleep(100);' \
        >migrations/V2__two.sql
    echo 'create table three (id int);' >migrations/V3__three.sql
    run_apart migrate up
    wait_until 20 runs 'sleep(100)'
    ended_by TERM
    [ "$(applied)" = '1 2' ]
    [ "$(query 'select count(*) from two')" = 1 ]
    run -0 --separate-stderr dbops migrate up
    [ "$(applied)" = '1 2 3' ]
}

@test "PostgreSQL: SIGTERM while a file waits for a table that somebody has locked" {
    run_on postgres
    run -0 --separate-stderr dbops migrate up
    echo 'alter table one add column a int;' >migrations/V2__two.sql
    client "$DATABASE" -c 'begin; lock table one; select pg_sleep(30)' >/dev/null 3>&- &
    ends_with_test $!
    wait_until 10 runs 'lock table one'
    run_apart migrate up
    wait_until 10 runs 'add column a'
    kill -TERM "$apart"
    await_apart
    [ "$status" = 143 ]
    says 'rolled back: nothing of V2__two.sql remains'
}

@test "SIGTERM during the wait for the run lock" {
    waits_for_the_lock() {
        run_on "$1"
        [ -e migrations/V2__slow.sql ] || sleep_of 30 >migrations/V2__slow.sql
        run_apart migrate up
        local holder=$apart
        wait_until 20 runs 'sleep(30)'
        run_apart migrate up --lock-wait 30s
        wait_until 20 grep -q 'waiting for the lock held by' apart.err
        kill -TERM "$apart"
        await_apart
        [ "$status" = 143 ]
        says 'cannot lock the schema history' 'interrupted by SIGTERM'
        awk "BEGIN { exit !($took < 2) }"
        apart=$holder
        kill -TERM "$apart"
        await_apart
        [ "$status" = 143 ]
        await_no_session 3
        rm -r dbops.yaml migrations/V2__slow.sql
    }
    waits_for_the_lock postgres
    waits_for_the_lock mariadb
    waits_for_the_lock mysql
}

@test "PostgreSQL: SIGTERM during the COPY of a big file" {
    run_on postgres
    {
        echo 'create table big (id bigint, word text);'
        echo 'copy big from stdin;'
        seq -f '%.0f	the quick brown fox jumps over the lazy dog' 1 3000000
        echo '\.'
    } >migrations/V2__big.sql
    run_apart migrate up
    wait_until 20 runs 'copy big'
    kill -TERM "$apart"
    await_apart
    [ "$status" = 143 ]
    awk "BEGIN { exit !($took < 5) }"
    says 'cannot apply V2__big.sql' 'interrupted by SIGTERM' \
        'rolled back: nothing of V2__big.sql remains'
    await_no_session 3
    [ -z "$(query "select to_regclass('big')")" ]
    [ "$(applied)" = 1 ]
}

@test "a second signal ends the run at once" {
    ends_at_once() {
        run_on "$1"
        sleep_of 30 >migrations/V2__slow.sql
        run_apart migrate up
        wait_until 20 runs 'sleep(30)'
        # the server does not react, so that the first signal waits for it
        kill -STOP "$(server_pid)"
        [ "$SERVER_ENGINE" != postgres ] || kill -STOP $(pgrep -P "$(server_pid)")
        kill -TERM "$apart"
        sleep 0.5
        kill -0 "$apart"
        kill -INT "$apart"
        await_apart
        kill -CONT "$(server_pid)"
        [ "$SERVER_ENGINE" != postgres ] || kill -CONT $(pgrep -P "$(server_pid)")
        [ "$status" = 130 ]
        awk "BEGIN { exit !($took < 0.5) }"
        rm dbops.yaml
    }
    ends_at_once postgres
    ends_at_once mysql
}

@test "SIGTERM while the server does not react at all" {
    does_not_react() {
        run_on "$1"
        sleep_of 30 >migrations/V2__slow.sql
        run_apart migrate up
        wait_until 20 runs 'sleep(30)'
        kill -STOP "$(server_pid)"
        [ "$SERVER_ENGINE" != postgres ] || kill -STOP $(pgrep -P "$(server_pid)")
        kill -TERM "$apart"
        await_apart
        kill -CONT "$(server_pid)"
        [ "$SERVER_ENGINE" != postgres ] || kill -CONT $(pgrep -P "$(server_pid)")
        [ "$status" = 143 ]
        awk "BEGIN { exit !($took < 5) }"
        says 'interrupted by SIGTERM; the server did not react and the connection was cut'
        rm dbops.yaml
    }
    does_not_react postgres
    does_not_react mysql
}

@test "SIGTERM while the history is asked, and another session has the lock" {
    new_run() {
        use_server postgres
        new_database
        echo 'create table two (id int);' >migrations/V2__two.sql
        start_proxy --arm V2__two.sql --at COMMIT --cut before --linger 20
        config_via_proxy migrations
    }
    new_run
    run_apart migrate up
    wait_until 20 grep -q 'waiting for the lock' apart.err
    kill -TERM "$apart"
    await_apart
    [ "$status" = 143 ] || [ "$status" = 69 ]
    awk "BEGIN { exit !($took < 5) }"
    says 'in doubt' 'dbops migrate info'
    [[ $stderr != *'rolled back'* ]]
}

@test "a killed CREATE INDEX CONCURRENTLY ends on the server too, and the next run makes it" {
    run_on postgres
    query 'create table t (id int); insert into t select generate_series(1, 1000)'
    echo 'create index concurrently i on t (id);' >migrations/V2__index.sql
    client "$DATABASE" -c 'begin; insert into t values (0); select pg_sleep(30)' >/dev/null 3>&- &
    ends_with_test $!
    wait_until 10 runs 'pg_sleep(30)'
    run_apart migrate up --baseline-on-migrate --baseline-version 0
    wait_until 20 runs 'create index concurrently'
    kill -9 "$apart"
    await_apart
    [ "$status" = 137 ]
    gone() { ! runs 'create index concurrently'; }
    wait_until 3 gone
    [ "$(query "select count(*) from pg_locks where locktype = 'advisory'")" = 0 ]
    end_apart
    query "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(30)%'
        and pid <> pg_backend_pid()"
    [ "$(applied)" = '0 1' ]
    query 'drop index if exists i'
    run -0 --separate-stderr dbops migrate up
    [ "$(applied)" = '0 1 2' ]
    [ "$(query "select indisvalid from pg_index where indexrelid = 'i'::regclass")" = t ]
}

@test "SIGTERM during CREATE INDEX CONCURRENTLY: it is recorded as failed" {
    run_on postgres
    query 'create table t (id int); insert into t select generate_series(1, 1000)'
    echo 'create index concurrently i on t (id);' >migrations/V2__index.sql
    client "$DATABASE" -c 'begin; insert into t values (0); select pg_sleep(30)' >/dev/null 3>&- &
    ends_with_test $!
    wait_until 10 runs 'pg_sleep(30)'
    run_apart migrate up --baseline-on-migrate --baseline-version 0
    wait_until 20 runs 'create index concurrently'
    kill -TERM "$apart"
    await_apart
    [ "$status" = 143 ]
    says 'not rolled back' 'recorded: V2__index.sql as failed'
    [ "$(history_rows)" = $'1 0 ok\n2 1 ok\n3 2 failed' ]
    end_apart
}
