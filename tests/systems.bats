#!/usr/bin/env bats
# The five systems, each through its own examples/<system>/dbops.yaml on its real server.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

# applies SYSTEM: up, validate, up once more, and what the system's own queries find wrong.
applies() {
    local config=$ROOT/examples/$1/dbops.yaml files
    files=$(find "$ROOT/migrations/$1" -name '*.sql' | wc -l)
    ends 0 up -c "$config"
    [[ $output == *": $files migrations applied"* ]]
    ends 0 validate -c "$config"
    ends 0 info -c "$config" --exit-code
    ends 0 up -c "$config"
    [[ $output == *'0 migrations applied'* ]]
    ends 77 clean -c "$config" --yes
    unset MYSQL_HOST MYSQL_PORT # they are for dbops, and would lead the client astray
    assert_equal "$(query 'select count(*) from flyway_schema_history')" "$files"
    assert_equal "$(query "$(cat "$ROOT/tests/systems/$1.sql")")" ''
}

use_mysql_variables() {
    export MYSQL_HOST=127.0.0.1 MYSQL_PORT=$SERVER_PORT MYSQL_DATABASE=$DATABASE \
        MYSQL_USER=$SERVER_USER MYSQL_PASSWORD=$SERVER_PASSWORD
}

# bats file_tags=postgres

@test "recommend: applied, valid, and nothing left to do on PostgreSQL with pgvector" {
    on postgres
    export POSTGRES_HOST=127.0.0.1 POSTGRES_PORT=$SERVER_PORT POSTGRES_DB=$DATABASE \
        POSTGRES_USER=$SERVER_USER POSTGRES_PASSWORD=$SERVER_PASSWORD
    applies recommend
}

@test "charging: applied, valid, and nothing left to do on PostgreSQL" {
    on postgres
    export DB_HOST=127.0.0.1 DB_PORT=$SERVER_PORT DB_NAME=$DATABASE DB_USER=$SERVER_USER \
        DB_PASSWORD=$SERVER_PASSWORD
    applies charging
}

# bats file_tags=mysql

@test "flink-diagnosis: applied, valid, and nothing left to do on MySQL and MariaDB" {
    for server in $MYSQLS; do
        on "$server"
        use_mysql_variables
        applies flink-diagnosis
    done
}

@test "etl-framework: applied, valid, and nothing left to do on MySQL and MariaDB" {
    for server in $MYSQLS; do
        on "$server"
        use_mysql_variables
        applies etl-framework
    done
}

@test "realtime-dw: applied, valid, and nothing left to do on MySQL and MariaDB" {
    for server in $MYSQLS; do
        on "$server"
        use_mysql_variables
        applies realtime-dw
    done
}
