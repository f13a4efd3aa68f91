#!/usr/bin/env bats
# SQL callbacks: files in the locations that are named after an event.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

EVENTS="afterConnect beforeValidate afterValidate createSchema beforeCreateSchema beforeMigrate
    beforeEachMigrate afterEachMigrate beforeEachMigrateStatement afterEachMigrateStatement
    afterVersioned beforeRepeatables afterMigrateApplied afterMigrate afterMigrateError
    afterEachMigrateError afterEachMigrateStatementError afterValidateError
    beforeInfo afterInfo beforeBaseline afterBaseline beforeRepair afterRepair
    beforeClean afterClean beforeMigrate__a beforeMigrate__b"

# A table that no migration owns, and a callback for every event that writes into it.
log_events() {
    local event serial='int primary key auto_increment'
    LOG=${DATABASE}_log
    [ "$SERVER_ENGINE" != postgres ] || serial='serial'
    query "create schema $LOG"
    query "create table $LOG.log (id $serial, what varchar(99))"
    for event in $EVENTS; do
        migration "$event.sql" "insert into $LOG.log (what) values ('$event');"
    done
}

logged() {
    query "select what from $LOG.log order by id"
    query "delete from $LOG.log"
}

# bats file_tags=postgres,mysql

@test "the events of up come in Flyway's real order" {
    for server in $SERVERS; do
        on "$server"
        log_events
        migration V1__a.sql 'create table a (x int);' 'insert into a values (1);'
        migration V2__b.sql 'select 1;'
        migration R__r.sql 'select 1;'
        config
        up
        assert_equal "$(logged | tr '\n' ' ')" "afterConnect beforeValidate afterValidate \
createSchema beforeCreateSchema beforeMigrate beforeMigrate__a beforeMigrate__b \
beforeEachMigrate beforeEachMigrateStatement afterEachMigrateStatement \
beforeEachMigrateStatement afterEachMigrateStatement afterEachMigrate \
beforeEachMigrate beforeEachMigrateStatement afterEachMigrateStatement afterEachMigrate \
afterVersioned beforeRepeatables \
beforeEachMigrate beforeEachMigrateStatement afterEachMigrateStatement afterEachMigrate \
afterMigrateApplied afterMigrate "
        assert_equal "$(history | cut -d '|' -f 2 | tr '\n' ' ')" '1 2 - '
        up
        assert_equal "$(logged | tr '\n' ' ')" "afterConnect beforeValidate afterValidate \
createSchema beforeCreateSchema beforeMigrate beforeMigrate__a beforeMigrate__b afterVersioned \
afterMigrate "
    done
}

@test "error callbacks run after a failure and do not hide it" {
    for server in $SERVERS; do
        on "$server"
        log_events
        migration V1__a.sql 'select 1;' 'selekt wrong;'
        migration afterEachMigrateError__broken.sql 'selekt callback;'
        config
        ends 65 up
        says 'V1__a.sql:2:' 'afterEachMigrateError__broken.sql:1:1'
        [[ $stderr != *'dbops: main: callback'* ]]
        assert_equal "$(logged | tail -n 3 | tr '\n' ' ')" \
            "afterEachMigrateStatementError afterEachMigrateError afterMigrateError "
        ends 65 up -o json
        fits_schema up
        [[ $(json '.targets[0].error.message') != *afterEachMigrateError__broken* ]]
    done
}

@test "a failing callback stops the run and is named with its line" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        migration beforeMigrate__why.sql 'select 1;' '  selekt 2;'
        config
        ends 65 up
        says 'callback beforeMigrate failed' 'beforeMigrate__why.sql:2:3' '  selekt 2;'
        no_table a
    done
}

@test "the callbacks of a file belong to its transaction" {
    for server in $SERVERS; do
        on "$server"
        migration V1__t.sql 'create table t (a int);'
        config
        up
        migration V2__d.sql 'insert into t values (1);'
        migration beforeEachMigrate.sql 'insert into t values (10);'
        migration afterEachMigrate.sql 'selekt;'
        ends 65 up
        says 'callback afterEachMigrate failed' 'afterEachMigrate.sql:1:1' 'rolled back'
        assert_equal "$(query 'select count(*) from t')" 0
    done
}

@test "the other commands have their events too" {
    for server in $SERVERS; do
        on "$server"
        log_events
        migration V1__a.sql 'select 1;'
        config 'clean: allowed'
        ends 0 info
        assert_equal "$(logged | tr '\n' ' ')" 'beforeInfo afterInfo '
        ends 65 validate
        assert_equal "$(logged | tr '\n' ' ')" 'beforeValidate afterValidateError '
        ends 0 baseline
        assert_equal "$(logged | tr '\n' ' ')" 'beforeBaseline afterBaseline '
        ends 0 validate
        assert_equal "$(logged | tr '\n' ' ')" 'beforeValidate afterValidate '
        ends 0 repair
        assert_equal "$(logged | tr '\n' ' ')" 'beforeRepair afterRepair '
        ends 0 clean --yes
        assert_equal "$(logged | tr '\n' ' ')" 'beforeClean afterClean '
        ends 0 clean --dry-run
        ends 0 up --dry-run
        assert_equal "$(logged)" ''
    done
}

@test "callbacks come from callback_locations alone when there are any" {
    for server in $SERVERS; do
        on "$server"
        log_events
        mkdir callbacks
        echo "insert into $LOG.log (what) values ('mine');" >callbacks/afterMigrate.sql
        migration V1__a.sql 'select 1;'
        config 'callback_locations: [callbacks]'
        up
        assert_equal "$(logged)" mine
        config 'skip_default_callbacks: true'
        up
        assert_equal "$(logged)" ''
    done
}

@test "placeholders and a .conf hold for callbacks as for migrations" {
    for server in $SERVERS; do
        on "$server"
        log_events
        rm migrations/*
        migration V1__a.sql 'select 1;'
        migration beforeMigrate.sql \
            "insert into $LOG.log (what) values ('\${x} \${flyway:filename}');"
        migration afterMigrate.sql "insert into $LOG.log (what) values ('\${x}');"
        migration afterMigrate.sql.conf 'placeholderReplacement=false'
        config 'placeholders: {x: val}'
        up
        assert_equal "$(logged)" $'val beforeMigrate.sql\n${x}'
    done
}

@test "a callback finds the session as it was at the start" {
    for server in $SERVERS; do
        on "$server"
        log_events
        rm migrations/*
        if [ "$server" = postgres ]; then
            migration V1__a.sql "set search_path to $LOG;"
            migration afterMigrate.sql \
                "insert into $LOG.log (what) values (current_setting('search_path'));"
            config
            up
            assert_equal "$(logged)" "$(query 'show search_path')"
        else
            migration V1__a.sql "use $LOG;"
            migration afterMigrate.sql "insert into $LOG.log (what) values (database());"
            config
            up
            assert_equal "$(logged)" "$DATABASE"
        fi
    done
}
