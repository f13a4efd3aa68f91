# What servers do to a run: they are full, read-only, closed, or not servers at all. Each has
# its exit code, says what is so, and the next run is right.

load ../helpers/fault

setup_file() {
    launch_server postgres
    launch_server mysql --set "innodb_directories=$BATS_FILE_TMPDIR/full"
    launch_server mariadb
    await_server postgres && await_server mysql && await_server mariadb
}

teardown_file() {
    umount -l "$BATS_FILE_TMPDIR/full" 2>/dev/null || :
    stop_servers
}

setup() {
    own_folder
    mkdir migrations
    echo 'create table one (id int primary key);' >migrations/V1__one.sql
}

teardown() { end_apart; }

run_on() {
    use_server "$1"
    new_database
    config_for main migrations
}

@test "the lock is held by psql under Flyway's key" {
    run_on postgres
    [ "$(query "select current_schema()")" = public ]
    client "$DATABASE" -c 'select pg_advisory_lock(77433833903597)' -c 'select pg_sleep(60)' \
        >/dev/null 3>&- &
    ends_with_test $!
    wait_until 10 eval 'query "select query from pg_stat_activity" | grep -q "pg_sleep(60)"'
    run_with_timeout 20 dbops migrate up --lock-wait 0s
    [ "$status" = 75 ]
    says 'cannot lock the schema history "public"."flyway_schema_history"' \
        'the lock is held by session ' ', user postgres from the local socket, psql, since ' \
        'pg_sleep(60)' 'waited 0.0 s' '--lock-wait'
    run_with_timeout 20 dbops migrate up --lock-wait 1s -o json
    [ "$status" = 75 ]
    says 'waiting for the lock held by session'
    [ "$(json '.targets[0].error | .exit, .retriable')" = $'75\ntrue' ]
    run_apart migrate up --lock-wait 20s
    wait_until 10 grep -q 'waiting for the lock' apart.err
    query "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
    await_apart
    [ "$status" = 0 ]
    [ "$(applied)" = 1 ]
}

@test "the lock is held by mariadb under Flyway's name" {
    holds_name() {
        use_server "$1"
        query_on mysql 'create database if not exists app'
        DATABASE=app
        rm -f dbops.yaml
        config_for main migrations
        client app -e "select get_lock('Flyway--320650056', 0); select sleep(60)" >/dev/null 3>&- &
        ends_with_test $!
        wait_until 10 eval '[ "$(query "select is_used_lock('"'Flyway--320650056'"')")" != NULL ]'
        run_with_timeout 20 dbops migrate up --lock-wait 300ms
        [ "$status" = 75 ]
        says 'cannot lock the schema history `app`.`flyway_schema_history`' \
            'the lock is held by session ' ', user root from localhost' 'sleep(60)'
        end_apart
    }
    holds_name mysql
    holds_name mariadb
}

@test "the server's disk is full" {
    mkdir -p "$BATS_FILE_TMPDIR/full"
    mount -t tmpfs -o size=12m,mode=0777 dbops-full "$BATS_FILE_TMPDIR/full" 2>/dev/null ||
        skip 'a small file system cannot be mounted here'
    chmod o+x "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/*
    full=$BATS_FILE_TMPDIR/full

    run_on postgres
    install -d -o "$(stat -c %u "$SERVER_DIR/data")" -m 0700 "$full/pg"
    query "create tablespace small location '$full/pg'"
    echo "create table two (word text) tablespace small;
insert into two select repeat('x', 1000) from generate_series(1, 50000);" >migrations/V2__two.sql
    run -74 --separate-stderr dbops migrate up
    says 'cannot apply V2__two.sql: V2__two.sql:2:1' 'No space left on device (53100)' \
        'rolled back: nothing of V2__two.sql remains' 'hint: Check free disk space'
    [ "$(applied)" = 1 ]
    echo 'create table two (id int); insert into two values (1);' >migrations/V2__two.sql
    run -0 --separate-stderr dbops migrate up
    rm -r "$full/pg"

    for server in mysql mariadb; do
        rm dbops.yaml
        run_on "$server"
        echo "create table two (word text) data directory='$full';
insert into two select repeat('x', 1000) from seq a, seq b, seq c, seq d, seq e;" \
            >migrations/V2__two.sql
        echo 'create table seq (i int);
insert into seq values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);' >>migrations/V1__one.sql
        run -74 --separate-stderr dbops migrate up
        says 'cannot apply V2__two.sql: V2__two.sql:2:1' "The table 'two' is full" \
            'recorded: V2__two.sql as failed'
        [ "$(history_rows)" = $'1 1 ok\n2 2 failed' ]
        [ "$(query 'select count(*) from two')" = 0 ]
        query 'drop table two'
        echo 'create table two (id int);' >migrations/V2__two.sql
        run -0 --separate-stderr dbops migrate repair
        run -0 --separate-stderr dbops migrate up
        echo 'create table one (id int primary key);' >migrations/V1__one.sql
    done
    umount -l "$full"
}

@test "the server is read-only" {
    run_on postgres
    query "alter database \"$DATABASE\" set default_transaction_read_only = on"
    run -77 --separate-stderr dbops migrate up
    says 'read-only transaction (25006)'
    run -0 --separate-stderr dbops migrate info
    for server in mysql mariadb; do
        rm dbops.yaml
        run_on "$server"
        query_on mysql "create user if not exists plain identified by 'plain-word';
            grant all on \`$DATABASE\`.* to plain"
        query_on mysql "set global read_only = 1"
        [ "$server" = mariadb ] || query_on mysql "set global super_read_only = 1"
        SERVER_USER=plain SERVER_PASSWORD=plain-word CONFIG_TCP=1 config_for plain migrations
        run -77 --separate-stderr dbops migrate up -t plain
        query_on mysql "set global read_only = 0"
        says 'cannot create' 'read-only'
        [[ $stderr != *plain-word* ]]
    done
}

@test "the password is wrong" {
    wrong_password() {
        use_server "$1"
        new_database
        rm -f dbops.yaml
        local SERVER_PASSWORD=not-the-password CONFIG_TCP=1
        config_for main migrations
        run -77 --separate-stderr dbops migrate up
        says "cannot connect to 'main'" "$2" 'check user and password'
        run -77 --separate-stderr dbops migrate up -o json
        [ "$(json '.targets[0].error | .exit, .kind, .retriable')" = $'77\ndenied\nfalse' ]
        no_password
    }
    wrong_password postgres '28P01'
    wrong_password mysql '1045'
    wrong_password mariadb '1045'
}

@test "the role may not create anything" {
    run_on postgres
    query "create role poor login; grant connect on database \"$DATABASE\" to poor"
    SERVER_USER=poor config_for poor migrations
    run -77 --separate-stderr dbops migrate up -t poor
    says 'permission denied for schema public (42501)'
    for server in mysql mariadb; do
        rm dbops.yaml
        run_on "$server"
        query_on mysql "create user poor identified by 'poor-word';
            grant select on \`$DATABASE\`.* to poor"
        SERVER_USER=poor SERVER_PASSWORD=poor-word CONFIG_TCP=1 config_for poor migrations
        run -77 --separate-stderr dbops migrate up -t poor
        says 'CREATE command denied' '(1142, 42000)'
        [[ $stderr != *poor-word* ]]
    done
}

@test "the server has no connection left" {
    run_on postgres
    query "create role few login connection limit 0"
    SERVER_USER=few config_for few migrations
    run -75 --separate-stderr dbops migrate up -t few
    says 'too many connections for role "few" (53300)'
    for server in mysql mariadb; do
        rm dbops.yaml
        run_on "$server"
        query_on mysql "create user few identified by 'few-word' with max_user_connections 1;
            grant all on \`$DATABASE\`.* to few"
        SERVER_USER=few SERVER_PASSWORD=few-word CONFIG_TCP=1 config_for few migrations
        MYSQL_PWD=few-word mariadb --no-defaults -h 127.0.0.1 -P "$SERVER_PORT" -u few \
            -e 'select sleep(30)' >/dev/null 3>&- &
        ends_with_test $!
        wait_until 10 eval '[ "$(query "select count(*) from information_schema.processlist
            where user = '"'few'"'")" = 1 ]'
        run -75 --separate-stderr dbops migrate up -t few
        says 'max_user_connections'
        [[ $stderr != *few-word* ]]
        end_apart
    done
}

@test "PostgreSQL: a deadlock's victim begins again and succeeds" {
    run_on postgres
    query 'create table a (id int); create table b (id int)'
    printf '%s\n' 'alter table a add column x int;' 'select pg_sleep(0.7);' \
        'alter table b add column x int;' >migrations/V2__two.sql
    query "alter database \"$DATABASE\" set deadlock_timeout = '300ms'"
    client "$DATABASE" -c "set deadlock_timeout = '30s'" -c 'begin' -c 'lock table b' \
        -c 'select pg_sleep(0.4)' -c 'lock table a' -c 'commit' >/dev/null 3>&- &
    ends_with_test $!
    wait_until 10 eval 'query "select query from pg_stat_activity" | grep -q "pg_sleep(0.4)"'
    run_with_timeout 30 dbops migrate up --baseline-on-migrate --baseline-version 0
    [ "$status" = 0 ]
    says 'deadlock detected (40P01)' 'rolled back, trying again (1 of'
    [ "$(applied)" = '0 1 2' ]
}

@test "PostgreSQL: a statement_timeout of the file's own" {
    run_on postgres
    printf '%s\n' "set local statement_timeout = '200ms';" 'select pg_sleep(10);' \
        >migrations/V2__two.sql
    run -75 --separate-stderr dbops migrate up
    says 'V2__two.sql:2:1: canceling statement due to statement timeout (57014)' \
        'rolled back: nothing of V2__two.sql remains'
    [ "$(applied)" = 1 ]
}

@test "stdout is full" {
    run_on postgres
    run bash -c '"$DBOPS" migrate up >/dev/full 2>err'
    [ "$status" = 74 ]
    stderr=$(<err)
    says 'cannot write to stdout: No space left on device'
    [ "$(applied)" = 1 ]
    run bash -c '"$DBOPS" migrate info -o json >/dev/full 2>err'
    [ "$status" = 74 ]
}

@test "stdout is closed" {
    run_on postgres
    run bash -c '"$DBOPS" migrate up >&- 2>err'
    [ "$status" = 74 ]
    stderr=$(<err)
    says 'cannot write to stdout: Bad file descriptor'
    [ "$(applied)" = 1 ]
    run bash -c '"$DBOPS" migrate info 2>/dev/null | { exec <&-; sleep 1; }
        echo "${PIPESTATUS[0]}"'
    [ "$output" = 74 ]
}
