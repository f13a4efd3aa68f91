# The server is killed in the middle of a statement: the run says what is so, and the next one, on
# the server that has recovered, is right.

load ../helpers/fault

setup_file() {
    launch_server postgres --set synchronous_commit=on
    launch_server mysql --set innodb_flush_log_at_trx_commit=2
    launch_server mariadb --set innodb_flush_log_at_trx_commit=2
    await_server postgres && await_server mysql && await_server mariadb
}

teardown_file() {
    stop_revived
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

sleep_of() {
    case $SERVER_ENGINE in
    postgres) echo "select pg_sleep($1);" ;;
    mysql) echo "do sleep($1);" ;;
    esac
}

is_sleeping() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        [ "$(query "select count(*) from pg_stat_activity
            where query like 'select pg_sleep%'")" = 1 ]
    else
        [ "$(query "select count(*) from information_schema.processlist
            where info like 'do sleep%'")" = 1 ]
    fi
}

# A run whose server is killed in V2's third statement.
kill_server_in_statement() {
    printf '%s\n' 'create table two (id int);' 'insert into two values (1);' "$(sleep_of 60)" \
        >migrations/V2__two.sql
    run_apart migrate up
    wait_until 20 is_sleeping
    kill_server
    [ "${REVIVE_SOON:-}" != 1 ] || revive_server
    await_apart
    [ "$status" = 69 ]
    says 'cannot apply V2__two.sql: V2__two.sql:3:1'
}

finish_two() {
    printf '%s\n' 'create table two (id int);' 'insert into two values (1);' >migrations/V2__two.sql
    run -0 --separate-stderr dbops migrate up
    [ "$(applied)" = '1 2' ]
    [ "$(query 'select count(*) from two')" = 1 ]
    run -0 --separate-stderr dbops migrate validate
}

@test "PostgreSQL: the server is killed in a statement" {
    run_on postgres
    kill_server_in_statement
    says 'rolled back: nothing of V2__two.sql remains' "run 'dbops migrate up' again"
    run -69 --separate-stderr dbops migrate info
    says 'cannot connect'
    revive_server
    [ "$(applied)" = 1 ]
    [ -z "$(query "select to_regclass('two')")" ]
    finish_two
}

@test "PostgreSQL: the server is killed in a file outside a transaction" {
    run_on postgres
    printf '%s\n' 'executeInTransaction=false' >migrations/V2__two.sql.conf
    kill_server_in_statement
    says 'in doubt: the connection was lost in the statement at line 3' \
        'what came before it stays' 'not recorded: cannot connect' 'undo by hand'
    revive_server
    [ "$(history_rows)" = '1 1 ok' ]
    query 'drop table if exists two'
    finish_two
}

@test "MySQL: the server is killed in a statement" {
    run_on mysql
    kill_server_in_statement
    says 'in doubt: the connection was lost in the statement at line 3' \
        'what came before it stays' 'not recorded: cannot connect' 'undo by hand'
    revive_server
    [ "$(history_rows)" = '1 1 ok' ]
    query 'drop table two'
    finish_two
}

@test "MariaDB: the server is killed in a statement, and back before the run has given up" {
    run_on mariadb
    REVIVE_SOON=1 kill_server_in_statement
    if [[ $stderr == *'not recorded'* ]]; then
        [ "$(history_rows)" = '1 1 ok' ]
    else
        says 'recorded: V2__two.sql as failed'
        [ "$(history_rows)" = $'1 1 ok\n2 2 failed' ]
        run -65 --separate-stderr dbops migrate up
        says 'failed'
        run -0 --separate-stderr dbops migrate repair
    fi
    query 'drop table two'
    finish_two
}
