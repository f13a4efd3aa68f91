#!/usr/bin/env bats
# lib/db on real servers: values, errors, sessions, logins.
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

@test "values come as text and NULL as NULL, from either protocol" {
    both_protocols() {
        local cast='cast($1 as int) + 1, cast($2 as char(3))'
        [ "$SERVER_ENGINE" = postgres ] || cast='? + 1, ?'
        run_probe 0 query "select 42, null, 'ä'" params "select $cast|41|NULL" params 'select 1.50'
        [ "$output" = $'42|NULL|ä\n42|NULL\n1.50' ]
    }
    for_each both_protocols
}

@test "a long value comes whole from a prepared statement" {
    long_value() {
        run_probe 0 params "select repeat('ab', 100000), 1"
        [ "${#output}" = 200002 ]
    }
    for_each long_value
}

@test "a value with quotes and backslashes goes through unchanged" {
    odd_value() {
        local column='$1::text'
        [ "$SERVER_ENGINE" = postgres ] || column='?'
        run_probe 0 params "select $column|it's \\ \"q\" \`b\` é"
        [ "$output" = "it's \\ \"q\" \`b\` é" ]
    }
    for_each odd_value
}

@test "every result of a statement is given, and its rows counted" {
    on postgres
    run_probe 0 run 'select 1; create table t (a int); insert into t values (1), (2); select 3'
    [ "$output" = $'-- 1 rows\n1\n-- 1 rows\n3\naffected 2, warnings 0' ]
}

@test "a procedure's results are all given, and more than one statement is refused" {
    results() {
        probe exec 'create procedure p() begin select 1; select 2; end'
        run_probe 0 run 'call p()' query 'select 3'
        [ "$output" = $'-- 1 rows\n1\n-- 1 rows\n2\naffected 0, warnings 0\n3' ]
        run_probe 65 run 'select 1; select 2'
        [[ $output == *number=1064* ]]
    }
    for_each results mysql mariadb
}

@test "PostgreSQL's error keeps its SQLSTATE, position, detail, hint and context" {
    on postgres
    run_probe 65 query 'select 1 frm t'
    [ "$output" = 'problem sqlstate=42601 number=0 position=14 line=0 lost=0' ]
    [[ $stderr == *'data: syntax error at or near "t" (42601)'* ]]
    probe exec 'create table t (a int primary key); insert into t values (1)'
    run_probe 65 exec 'insert into t values (1)'
    [[ $output == *'sqlstate=23505'*$'\ndetail Key (a)=(1) already exists.' ]]
    run_probe 65 query "select length(7)"
    [[ $output == *$'\nhint No function matches'* ]]
    run_probe 65 exec "do 'begin perform 1/0; end'"
    [[ $output == *'sqlstate=22012'*$'\nwhere '* ]]
}

@test "MySQL's error keeps its number, SQLSTATE, line and position" {
    located() {
        run_probe 65 query $'select \'ä\',\n  1 frm t'
        [[ $output == *'number=1064 position=21 line=2 lost=0'* ]]
        run_probe 65 query 'select * from nope'
        [[ $output == *'sqlstate=42S02 number=1146 position=0 line=0 lost=0'* ]]
        [[ $stderr == *"doesn't exist (1146, 42S02)"* ]]
    }
    for_each located mysql mariadb
}

@test "what the server warns of goes to the log" {
    on postgres
    run_probe 0 exec "do \$\$begin raise notice 'psst'; raise warning 'hey'; end\$\$"
    [[ $stderr == *'server: psst'* ]]
    [[ $stderr == *'warning: server: hey'* ]]
    warned() {
        run_probe 0 run 'drop table if exists nope'
        [[ $stderr == *"server: Unknown table '$DATABASE.nope' (1051)"* ]]
        [[ $output == *'warnings 1' ]]
    }
    for_each warned mysql mariadb
}

@test "a session is set up: strict, UTF-8, named" {
    on postgres
    run_probe 0 query 'show client_encoding' query 'show application_name' \
        query 'show client_connection_check_interval'
    [ "$output" = $'UTF8\ndbops\n1s' ]
    strict() {
        query "set global sql_mode = ''"
        run_probe 0 query 'select @@sql_mode' query 'select @@character_set_client'
        [[ $output == *STRICT_TRANS_TABLES*$'\nutf8mb4' ]]
    }
    for_each strict mysql mariadb
}

@test "the transaction's state is known without asking" {
    on postgres
    run_probe 0 info txn exec begin info txn '?exec' 'select 1/0' info txn exec rollback info txn
    [ "$(grep -c . <<<"$output")" = 6 ]
    [ "$(grep -x '[0-9]' <<<"$output" | tr -d '\n')" = 0120 ]
    in_transaction() {
        run_probe 0 info txn exec 'start transaction' info txn exec commit info txn
        [ "$output" = $'0\n1\n0' ]
    }
    for_each in_transaction mysql mariadb
}

@test "what the server forbids, and what a retry may help, are told apart" {
    on postgres
    run_probe 77 exec 'set default_transaction_read_only = on' exec 'create table t (a int)'
    [[ $output == *sqlstate=25006* ]]
    run_probe 75 exec 'set statement_timeout = 100' exec 'select pg_sleep(9)'
    [[ $output == *sqlstate=57014* ]]
    DB_NAME=nowhere run_probe 78
    DB_USER=nobody DB_PASSWORD=wrong run_probe 77
    [[ $stderr != *wrong* ]]
    refused() {
        DB_NAME=nowhere run_probe 78
        DB_USER=nobody DB_PASSWORD=s3cret run_probe 77
        [[ $stderr != *s3cret* ]]
        [[ $stderr == *'(1045)'* ]]
        query 'set global read_only = 1'
        query "create user if not exists plain@'%' identified by 'x'" 2>/dev/null || :
        query "grant all on *.* to plain@'%'"
        query 'revoke super on *.* from plain@"%"'
        [ "$SERVER_FLAVOUR" != mysql ] ||
            query 'revoke connection_admin, system_variables_admin on *.* from plain@"%"'
        [ "$SERVER_FLAVOUR" != mariadb ] || query 'revoke read_only admin on *.* from plain@"%"'
        DB_USER=plain DB_PASSWORD=x run_probe 77 exec 'create table t (a int)'
        query 'set global read_only = 0'
        [[ $output == *number=1290* ]]
    }
    for_each refused mysql mariadb
}

@test "a lock timeout is busy" {
    on postgres
    query 'create table t (a int)'
    query 'begin; lock t; select pg_sleep(2)' >/dev/null &
    sleep 0.4
    run_probe 75 exec "set lock_timeout = '100ms'" exec 'begin; lock t'
    [[ $output == *sqlstate=55P03* ]]
    wait
    lock_wait() {
        query 'create table t (a int) engine = innodb'
        query 'insert into t values (1); begin; update t set a = 2; select sleep(3)' >/dev/null &
        sleep 0.6
        run_probe 75 exec 'set innodb_lock_wait_timeout = 1' exec 'update t set a = 3'
        [[ $output == *number=1205* ]]
        wait
    }
    for_each lock_wait mysql mariadb
}

@test "COPY streams any amount in bounded memory" {
    on postgres
    probe exec 'create unlogged table t (a text)'
    yes 'abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz' | head -c 200M |
        probe copy 'copy t from stdin' memory 1 >out
    [ "$(sed -n 's/copied //p' out)" = 3328813 ] || cat out
    [ "$(sed -n 's/peak //p' out)" -lt 32768 ] || [ -n "${ASAN_OPTIONS:-}" ]
    [ "$(query 'select count(*) from t')" = "$(sed -n 's/copied //p' out)" ]
}

@test "a COPY that is given up leaves nothing and the connection usable" {
    on postgres
    probe exec 'create table t (a int)'
    run_probe 0 copy-abort 'copy t from stdin' query 'select count(*) from t' info txn
    [ "$output" = $'0\n0' ]
}

@test "a COPY that is refused leaves the connection usable" {
    on postgres
    probe exec 'create table t (a int)'
    run_probe 0 '?copy' 'copy t from stdin' query 'select 7' < <(printf 'x\ty\n')
    [[ $output == *'sqlstate=22P04'*'COPY t, line 1'*$'\n7' ]]
    run_probe 0 '?exec' 'copy t from stdin' query 'select 8'
    [[ $output == *'data: COPY … FROM STDIN comes without its data here'*8 ]]
    run_probe 0 run 'copy (select 1) to stdout' query 'select 9'
    [[ $output == *9 ]]
    [[ $stderr == *'thrown away'* ]]
}

@test "a password comes from where the server's own client has it" {
    unset_password() {
        unset DB_PASSWORD
        export HOME=$PWD
        if [ "$SERVER_ENGINE" = postgres ]; then
            echo "127.0.0.1:$SERVER_PORT:*:$SERVER_USER:$SERVER_PASSWORD" >.pgpass
            chmod 600 .pgpass
            run_probe 0 query 'select 1'
            rm .pgpass
            PGPASSWORD=$SERVER_PASSWORD run_probe 0 query 'select 1'
            printf '[here]\nhost=127.0.0.1\nport=%s\nuser=%s\npassword=%s\n' "$SERVER_PORT" \
                "$SERVER_USER" "$SERVER_PASSWORD" >.pg_service.conf
            DB_HOST='' DB_PORT='' DB_USER='' PGSERVICE=here run_probe 0 query 'select 1'
        else
            printf '[client]\nuser=%s\npassword="%s"\nlocal-infile=1\n' "$SERVER_USER" \
                "$SERVER_PASSWORD" >.my.cnf
            DB_USER='' run_probe 0 query 'select 1'
            rm .my.cnf
            MYSQL_PWD=$SERVER_PASSWORD run_probe 0 query 'select 1'
        fi
        run_probe 77
    }
    for_each unset_password
}

# hostile_server: on port $DB_PORT, asks for ./secret; what it is told is in ./log.
hostile_server() {
    export DB_MYSQL=1 DB_HOST=127.0.0.1 DB_PORT=$((20000 + RANDOM % 9000)) DB_USER=u \
        DB_PASSWORD=p4ssw0rd DB_NAME=
    rm -f ready log
    python3 "$ROOT/tests/fake/mysql_hostile.py" "$DB_PORT" "$PWD/secret" log >ready 2>&1 3>&- &
    hostile_pid=$!
    wait_until 5 grep -q ready ready
}

@test "a hostile server gets no password in clear text" {
    CLEAR=1 hostile_server
    run_probe 77
    wait "$hostile_pid"
    [ -s log ]
    run -1 grep -q p4ssw0rd log
    # and it is one that asks for it
    CLEAR=1 hostile_server
    timeout 3 mariadb --no-defaults -h127.0.0.1 -P"$DB_PORT" -uu -pp4ssw0rd -e 'select 1' || :
    wait "$hostile_pid"
    grep -q p4ssw0rd log
}

@test "a hostile server gets no file of ours" {
    echo TOPSECRET >secret
    chmod 644 secret
    for first in '' 1; do
        FIRST=$first hostile_server
        run_probe 69 query 'select 1'
        wait "$hostile_pid"
        [ -s log ]
        [ "$(tail -c +16 log | wc -c)" -le 4 ]
        run -1 grep -q TOPSECRET log
    done
    # and it is a hostile server: a client that lets itself be asked gives the file away
    hostile_server
    timeout 3 mariadb --no-defaults -h127.0.0.1 -P"$DB_PORT" --local-infile=1 -e 'select 1' || :
    wait "$hostile_pid"
    grep -q TOPSECRET log
}

@test "a statement that loads a local file is refused" {
    local_file() {
        query 'create table t (a text)'
        query 'set global local_infile = 1'
        run_probe 0 '?exec' "load data local infile '/etc/hostname' into table t" \
            query 'select count(*) from t'
        [[ $output == problem*0 ]]
    }
    for_each local_file mysql mariadb
}

@test "a server that is too old is refused" {
    VERSION=5.7.44 hostile_server
    run_probe 78
    [[ $stderr == *'is MySQL 5.7.44, which is too old'*'MySQL 8.0 and later'* ]]
    wait "$hostile_pid" || :
}

@test "localhost is the socket without a port, and TCP with one" {
    addresses() {
        DB_HOST=localhost run_probe 0 info url
        [ "$output" = "mysql://localhost:$SERVER_PORT/$DATABASE" ]
        DB_HOST=$SERVER_SOCKET DB_PORT='' DB_PASSWORD='' run_probe 0 info url
        [ "$output" = "mysql:///$DATABASE?socket=$SERVER_SOCKET" ]
        DB_HOST=localhost DB_PORT='' DB_PASSWORD='' MYSQL_UNIX_PORT=$SERVER_SOCKET \
            run_probe 0 info url
        [ "$output" = "mysql:///$DATABASE?socket=$SERVER_SOCKET" ]
    }
    for_each addresses mysql mariadb
}

@test "child programs connect with what we connected with" {
    on postgres
    query "create role odd login password 'a''b\"c\\d #e'"
    DB_USER=odd DB_PASSWORD="a'b\"c\\d #e" probe child-environment x >variables
    grep -q '^PGSSLMODE=prefer$' variables
    mapfile -t vars <variables
    run -0 env "${vars[@]}" psql -X -At -c 'select current_user'
    [ "$output" = odd ]
    child() {
        query "create user odd@'%' identified by 'a''b\"c\\\\d #e'"
        query "grant select on *.* to odd@'%'"
        DB_USER=odd DB_PASSWORD="a'b\"c\\d #e" probe child-options "$1" >my.cnf
        run -0 "${@:2}" --defaults-file="$PWD/my.cnf" -N -e 'select substring_index(user(), "@", 1)'
        [ "$output" = odd ]
    }
    on mariadb
    child mariadb mariadb
    on mysql
    [[ $SERVER_VERSION != 9* ]] || child mysql "$TESTBED/mysql9/usr/bin/mysql"
}
