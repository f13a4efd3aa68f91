#!/usr/bin/env bats
# dbops doctor
# bats file_tags=postgres,mysql

load helpers/servers

setup_file() {
    start_servers postgres mysql mariadb
}

teardown_file() {
    stop_servers
}

setup() {
    own_folder
}

on() {
    use_server "$1"
    new_database
}

# finding CHECK: its states and texts, one a line.
finding() {
    json ".checks[] | select(.check == \"$1\") | .state + \": \" + .finding"
}

hint() {
    json ".checks[] | select(.check == \"$1\") | .hint // empty"
}

# doctor CODE ARGUMENT...: in JSON, which fits the schema.
doctor() {
    run "-$1" --separate-stderr dbops doctor -o json "${@:2}"
    python3 "$ROOT/tests/helpers/json_schema.py" "$ROOT/docs/schema/doctor.json" <<<"$output"
}

@test "all is well: every check of every engine, and exit 0" {
    local server name
    for server in postgres mysql mariadb; do
        on "$server"
        CONFIG_TCP=1 config_for "$server" migrations
    done
    chmod 600 dbops.yaml
    doctor 0
    [ "$(json .errors)" = 0 ]
    [ "$(json '[.targets[].reachable] | all')" = true ]
    [ "$(json '[.targets[].server] | join(" ")')" = 'PostgreSQL MySQL MariaDB' ]
    for name in connection tls version role rights history clock program secrets; do
        [ "$(finding "$name" | wc -l)" -ge 3 ]
    done
    [[ $(finding rights) == *'ok: may create in schema public'* ]]
    [[ $(finding clock) == 'ok: the server'\''s clock is 0.'* ]]
}

@test "the table names the file, what was found, and below it what to do" {
    on postgres
    config_for shop migrations
    printf '  gone: {engine: postgres, host: 127.0.0.1, port: 1}\n' >>dbops.yaml
    run -1 --separate-stderr dbops doctor
    [ "${lines[0]}" = 'configuration: dbops.yaml' ]
    [[ ${lines[1]} == Target*Check*State*Finding ]]
    [[ $output == *'gone'*'connection'*'error'*'Connection refused'* ]]
    [[ $output == *$'\nWhat to do:\ngone: connection: check host and port'* ]]
    [[ $stderr == *'1 problem found'* ]]
}

@test "a target that cannot be reached does not keep the others from being looked at" {
    printf 'version: 1\ntargets:\n  gone: {engine: mysql, host: 127.0.0.1, port: 1}\n' >dbops.yaml
    # shellcheck disable=SC2016 # for dbops to expand
    printf '  unset: {engine: postgres, host: "${NO_SUCH_VARIABLE}"}\n' >>dbops.yaml
    on postgres
    config_for shop migrations
    doctor 1
    [ "$(json .errors)" = 2 ]
    [ "$(json '[.targets[] | select(.reachable) | .target] | join(" ")')" = shop ]
    [[ $(finding configuration) == 'error: '*NO_SUCH_VARIABLE* ]]
    [[ $(hint configuration) == *'config check'* ]]
}

@test "rights that migrate needs are missed on PostgreSQL" {
    on postgres
    query "create role poor login password 'x'; revoke create on schema public from public;
        create table flyway_schema_history (a int); grant select on flyway_schema_history to poor"
    printf 'version: 1\ntargets:\n  poor:\n    engine: postgres\n    host: 127.0.0.1\n    port: %s
    database: %s\n    user: poor\n    password: x\n' "$SERVER_PORT" "$DATABASE" >dbops.yaml
    chmod 600 dbops.yaml
    doctor 1
    [ "$(finding rights)" = 'error: no right to create in schema public' ]
    [[ $(hint rights) == *'GRANT CREATE'* ]]
    [ "$(finding history)" = \
        'error: no right to INSERT, UPDATE, DELETE in public.flyway_schema_history' ]
    query 'grant create on schema public to poor;
        grant insert, update, delete on flyway_schema_history to poor'
    doctor 0
    [ "$(finding history)" = 'ok: public.flyway_schema_history can be read and written' ]
}

@test "a schema that is missing is fine where it may be created" {
    on postgres
    config_for shop migrations 'schemas: [app]'
    doctor 0
    [ "$(finding rights)" = 'ok: schema app is missing and may be created' ]
    rm dbops.yaml
    config_for shop migrations 'schemas: [app]' 'create_schemas: false'
    doctor 1
    [ "$(finding rights)" = 'error: schema app does not exist' ]
}

@test "rights that migrate needs are missed on MySQL and MariaDB" {
    local server
    for server in mysql mariadb; do
        on "$server"
        query "create user poor@'%' identified by 'x'"
        query "grant select, insert on \`$DATABASE\`.* to poor@'%'"
        printf 'version: 1\ntargets:\n  poor:\n    engine: mysql\n    host: 127.0.0.1\n    port: %s
    database: %s\n    user: poor\n    password: x\n' "$SERVER_PORT" "$DATABASE" >dbops.yaml
        chmod 600 dbops.yaml
        doctor 1
        [[ $(finding rights) == 'error: no right to UPDATE, DELETE, CREATE, DROP, ALTER'* ]]
        query "grant update, delete, create on \`$DATABASE\`.* to poor@'%'"
        doctor 0
        [[ $(finding rights) == 'warning: no right to DROP, ALTER, INDEX, REFERENCES'* ]]
        query "create role writer; grant all on \`$DATABASE\`.* to writer; grant writer to poor@'%'"
        [ "$SERVER_FLAVOUR" = mariadb ] || query "set default role writer to poor@'%'"
        [ "$SERVER_FLAVOUR" = mysql ] || query "set default role writer for poor@'%'"
        doctor 0
        [[ $(finding rights) == 'ok: may create and change in database'* ]]
    done
}

@test "a read-only server is an error" {
    on postgres
    query "alter database $DATABASE set default_transaction_read_only = on"
    config_for shop migrations
    doctor 1
    [[ $(finding role) == 'error: '*'read-only by default' ]]
    local server
    for server in mysql mariadb; do
        on "$server"
        rm dbops.yaml
        config_for shop migrations
        query 'set global read_only = 1'
        doctor 1
        query 'set global read_only = 0'
        [[ $(finding role) == 'error: '*'the server is read-only' ]]
    done
}

@test "client programs that are missing or too old are warned of" {
    on postgres
    mkdir bin
    config_for shop migrations "target.client_bin: $PWD/bin"
    doctor 0
    [ "$(finding program | grep -c 'warning: .* is not found')" = 3 ]
    printf '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n' >bin/pg_dump
    printf '#!/bin/sh\necho "pg_restore (PostgreSQL) 99.1 (Debian 99.1-1)"\n' >bin/pg_restore
    printf '#!/bin/sh\nexit 3\n' >bin/psql
    chmod 755 bin/*
    doctor 0
    [[ $(finding program) == *"warning: pg_dump 9.6.24 ("*") is older than the server"* ]]
    [[ $(finding program) == *"ok: pg_restore 99.1 ($PWD/bin/pg_restore)"* ]]
    [[ $(finding program) == *"warning: psql "*'does not tell its version'* ]]
    [[ $(hint program) == *client_bin* ]]
}

@test "another maker's client programs are warned of" {
    on mysql
    mkdir bin
    printf '#!/bin/sh\necho "mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB, for linux"\n' \
        >bin/mysqldump
    printf '#!/bin/sh\necho "mysql  Ver 9.9.9 for Linux on x86_64 (Debian)"\n' >bin/mysql
    chmod 755 bin/*
    config_for shop migrations "target.client_bin: $PWD/bin"
    doctor 0
    [[ $(finding program) == *"mysqldump 10.11.19 "*"is MariaDB's, and the server is MySQL"* ]]
    [[ $(finding program) == *"ok: mysql 9.9.9 "* ]]
}

@test "secrets that others can read are warned of" {
    on postgres
    echo "$SERVER_PASSWORD" >secret
    chmod 640 secret
    printf 'version: 1\ntargets:\n  shop:\n    engine: postgres\n    host: 127.0.0.1\n    port: %s
    database: %s\n    user: %s\n    password_file: %s/secret\n' \
        "$SERVER_PORT" "$DATABASE" "$SERVER_USER" "$PWD" >dbops.yaml
    doctor 0
    [ "$(finding secrets)" = "warning: '$PWD/secret' is open to its group (mode 0640)" ]
    chmod 600 secret
    doctor 0
    [ "$(finding secrets)" = "ok: '$PWD/secret' is for its owner alone" ]
    sed -i 's/password_file:.*/password: "x"/' dbops.yaml
    chmod 644 dbops.yaml
    doctor 1
    [ "$(finding secrets)" = "warning: 'dbops.yaml' is open to everyone (mode 0644)" ]
}

@test "a clock that differs is warned of" {
    on postgres
    config_for shop migrations
    # where it is built with ASan, that wants to be loaded first, which faketime takes for itself
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:verify_asan_link_order=0 \
        run -0 --separate-stderr faketime -f -1h "$DBOPS" doctor -o json
    [[ $(finding clock) == "warning: the server's clock is 3"[56]*' s ahead of ours' ]]
    [[ $(hint clock) == *NTP* ]]
}

@test "nothing is changed on the server" {
    on postgres
    config_for shop migrations 'schemas: [app]'
    doctor 0
    [ "$(query "select count(*) from pg_namespace where nspname = 'app'")" = 0 ]
    [ "$(query "select count(*) from pg_class where relname like 'flyway%'")" = 0 ]
}
