# While one of the two is at work, the other does nothing.
load interop

setup_file() {
    # shellcheck disable=SC2086 # words
    start_servers $ENGINES
}

teardown_file() {
    stop_servers
}

# A first migration that takes seconds, and one after it.
slow_files() {
    own_folder
    rm -rf sql dbops.yaml
    mkdir sql
    new_database
    config_for main sql 'lock_wait: 500ms'
    if [ "$SERVER_ENGINE" = postgres ]; then
        echo "create table slow (i int); select pg_sleep(8);" >sql/V1__slow.sql
    else
        echo "create table slow (i int); select sleep(8);" >sql/V1__slow.sql
    fi
    echo "create table quick (i int);" >sql/V2__quick.sql
}

is_sleeping() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        [ "$(query "select count(*) from pg_stat_activity
            where datname = '$DATABASE' and state = 'active' and query like '%pg_sleep(8)%'
            and pid <> pg_backend_pid()")" != 0 ]
    else
        [ "$(query "select count(*) from information_schema.processlist
            where db = '$DATABASE' and info like 'select sleep(8)%'")" != 0 ]
    fi
}

# The versions in the order that they were recorded, and who recorded each.
recorded() {
    query "select version, installed_by from flyway_schema_history order by installed_rank" |
        tr '\t\n' '| '
}

@test "dbops waits for Flyway, and says so when it takes too long" {
    for name in $ENGINES; do
        use_server "$name"
        slow_files
        flyway migrate -target=1 "-locations=filesystem:$PWD/sql" -installedBy=flyway \
            </dev/null >flyway.log 2>&1 3>&- &
        wait_until 30 is_sleeping
        run -75 --separate-stderr dbops migrate up --installed-by dbops
        # shellcheck disable=SC2154 # bats sets stderr
        [[ $stderr == *"cannot lock the schema history"* ]]
        run -0 --separate-stderr dbops migrate up --lock-wait 60s --installed-by dbops
        wait $!
        assert_equal "$(recorded)" "1|flyway 2|dbops "
    done
}

@test "Flyway waits for dbops" {
    for name in $ENGINES; do
        use_server "$name"
        slow_files
        dbops migrate up --installed-by dbops </dev/null >dbops.log 2>&1 3>&- &
        wait_until 30 is_sleeping
        run -0 flyway migrate "-locations=filesystem:$PWD/sql" -installedBy=flyway
        wait $!
        assert_equal "$(recorded)" "1|dbops 2|dbops "
        [[ $output == *"No migration necessary"* ]]
    done
}

@test "Flyway gives up on dbops after its retries, with PostgreSQL's session lock too" {
    use_server postgres
    for kind in true false; do
        slow_files
        dbops migrate up --installed-by dbops </dev/null >dbops.log 2>&1 3>&- &
        wait_until 30 is_sleeping
        run -1 flyway migrate "-locations=filesystem:$PWD/sql" -lockRetryCount=1 \
            "-postgresql.transactional.lock=$kind"
        [[ $output == *"Number of retries exceeded"* ]]
        wait $!
        assert_equal "$(recorded)" "1|dbops 2|dbops "
    done
}

@test "six of dbops and two of Flyway at once apply each version once" {
    for name in $ENGINES; do
        use_server "$name"
        own_folder
        rm -rf sql dbops.yaml
        mkdir sql
        new_database
        config_for main sql
        for i in {1..20}; do echo "create table t$i (i int);" >"sql/V${i}__t.sql"; done
        pids=()
        for i in 1 2; do
            flyway migrate "-locations=filesystem:$PWD/sql" </dev/null >"flyway.$i" 2>&1 3>&- &
            pids+=($!)
        done
        sleep 1
        for i in {1..6}; do
            dbops migrate up --lock-wait 60s </dev/null >"dbops.$i" 2>&1 3>&- &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do wait "$pid"; done
        assert_equal "$(query 'select count(*), count(distinct version) from flyway_schema_history
            where success' | tr '\t' '|')" "20|20"
    done
}
