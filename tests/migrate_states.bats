#!/usr/bin/env bats
# dbops migrate info, validate, repair and baseline.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

codes() {
    run --separate-stderr dbops migrate validate -o json "$@"
    json '.targets[0].findings[] | [.code, .version // "-"] | join(" ")'
}

# bats file_tags=postgres,mysql

@test "info shows what is applied and what is pending, and changes nothing" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2
        config
        ends 0 info
        [[ $output == "main: "*", schema version (none)"$'\n'* ]]
        [[ $output == *Versioned*1*v1*SQL*Pending* ]]
        no_table flyway_schema_history
        up --to 1
        ends 0 info -o json
        fits_schema info
        assert_equal "$(json '.targets[0] | .version, .pending, .database')" "1
1
$DATABASE"
        assert_equal "$(states)" "1|v1|SQL|Success
2|v2|SQL|Pending"
        ends 0 info -o yaml
        fits_schema info
    done
}

@test "info without a file or a history says so" {
    for server in $SERVERS; do
        on "$server"
        config
        ends 0 info
        [[ $output == *'no migrations'* ]]
    done
}

@test "info and validate without -t are about every target" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config
        new_database
        config_more second
        ends 0 info
        [[ $output == *"main: "*"second: "* ]]
        ends 65 validate -o json
        fits_schema validate
        assert_equal "$(json '.targets[] | [.target, (.findings | length)] | join(" ")')" "main 1
second 1"
    done
}

@test "info --exit-code is 1 as long as something is pending" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config
        ends 1 info --exit-code
        says '1 pending migration'
        ends 1 info --exit-code -o json
        fits_schema info
        up
        ends 0 info --exit-code
    done
}

@test "info filters by state, version and date" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2 3 4
        config
        up --to 2
        migration R__r.sql 'select 1;'
        assert_equal "$(states --state pending | cut -d '|' -f 1 | tr '\n' ' ')" '3 4 - '
        assert_equal "$(states --state SUCCESS,above-target --to 3 | cut -d '|' -f 1 |
            tr '\n' ' ')" '1 2 4 '
        assert_equal "$(states --since-version 2 --until-version 3.0 | cut -d '|' -f 1 |
            tr '\n' ' ')" '2 3 '
        query "update flyway_schema_history set installed_on = '2020-05-05 10:00:00'
            where version = '1'"
        assert_equal "$(states --until-date 2020-05-05 | cut -d '|' -f 1)" 1
        assert_equal "$(states --since-date '2020-05-05 10:01' | cut -d '|' -f 1)" 2
        ends 64 info --state nosuch
        says "'nosuch' is not a state" OUT_OF_ORDER
        ends 64 info --since-date yesterday
        ends 64 info --since-version x
    done
}

@test "scenario 1: a version added below is Ignored, one above the target Above Target" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2 4
        migration R__r.sql 'select 1;'
        config
        up --to 4
        tables 3 5
        assert_equal "$(states --to 4 | cut -d '|' -f 1,4 | tr '\n' ' ')" \
            '1|Success 2|Success 4|Success -|Success 3|Ignored 5|Above Target '
        assert_equal "$(states --to 4 --out-of-order | grep '^3')" '3|v3|SQL|Pending'
        up --to 4 --out-of-order
        assert_equal "$(states --to 4 | grep '^3')" '3|v3|SQL|Out of Order'
    done
}

@test "scenario 2: a file that goes is Missing, then Deleted, and comes back" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2 3
        config
        up
        rm migrations/V2__v2.sql
        assert_equal "$(states | grep '^2')" '2|v2|SQL|Missing'
        assert_equal "$(codes)" 'APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED 2'
        ends 65 up
        ends 0 repair
        assert_equal "$(states)" "1|v1|SQL|Success
2|v2|SQL|Deleted
3|v3|SQL|Success"
        assert_equal "$(history | tail -n 1)" '4|2|v2|DELETE|V2__v2.sql|1'
        ends 0 validate
        migration V2__v2.sql 'create table again (a int);'
        assert_equal "$(states | grep '^2' | tr '\n' ' ')" '2|v2|SQL|Deleted 2|v2|SQL|Ignored '
        assert_equal "$(states --out-of-order | grep '^2' | tr '\n' ' ')" \
            '2|v2|SQL|Deleted 2|v2|SQL|Pending '
        up --out-of-order
        assert_equal "$(states | grep '^2' | tail -n 1)" '2|v2|SQL|Out of Order'
    done
}

@test "scenario 3: the highest file that goes is Future, which is ignored by default" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2
        config
        up
        rm migrations/V2__v2.sql
        assert_equal "$(states | tail -n 1)" '2|v2|SQL|Future'
        up
        ends 0 validate
        ends 0 repair
        assert_equal "$(history | wc -l)" 2
        assert_equal "$(codes --ignore-patterns '*:missing')" \
            'APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED 2'
    done
}

@test "scenario 4: a repeatable that goes is Missing and older runs Superseded, then Deleted" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        migration R__r.sql 'select 1;'
        config
        up
        migration R__r.sql 'select 2;'
        assert_equal "$(states | tail -n 2 | cut -d '|' -f 4 | tr '\n' ' ')" 'Outdated Pending '
        up
        rm migrations/R__r.sql
        assert_equal "$(states | tail -n 2 | cut -d '|' -f 4 | tr '\n' ' ')" 'Superseded Missing '
        assert_equal "$(codes)" 'APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED -'
        ends 0 repair
        assert_equal "$(states | tail -n 3)" "-|r|SQL|Superseded
-|r|SQL|Deleted
-|r|DELETE|Success"
        ends 0 validate
    done
}

@test "scenario 5: baseline migrations on an empty database, and one that comes later" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2 3 4
        migration B2__b.sql 'select 1;'
        migration B3__b.sql 'select 1;'
        config
        up
        migration B4__b.sql 'select 1;'
        assert_equal "$(states | cut -d '|' -f 1,3,4)" "1|SQL|Below Baseline
2|SQL|Below Baseline
2|SQL_BASELINE|Below Baseline
3|SQL|Ignored (Baseline)
3|SQL_BASELINE|Baseline
4|SQL|Success
4|SQL_BASELINE|Ignored"
        ends 0 validate
    done
}

@test "scenario 6: a baseline on a filled database leaves its version out" {
    for server in $SERVERS; do
        on "$server"
        query 'create table mine (a int)'
        tables 1 2
        config
        ends 0 baseline
        assert_equal "$(states | cut -d '|' -f 1,3,4)" "1|SQL|Ignored (Baseline)
1|BASELINE|Baseline
2|SQL|Pending"
        up
        no_table v1
        ends 0 validate
    done
}

@test "validate finds each kind of difference, in every output format with exit 65" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2 3
        migration R__r.sql 'select 1;'
        config
        up
        migration V1__v1.sql 'create table v1 (b int);'
        mv migrations/V2__v2.sql migrations/V2__other.sql
        query "update flyway_schema_history set type = 'JDBC' where version = '3'"
        migration R__r.sql 'select 2;'
        tables 4
        assert_equal "$(codes)" "CHECKSUM_MISMATCH 1
DESCRIPTION_MISMATCH 2
APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED 3
OUTDATED_REPEATABLE_MIGRATION -
RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED 3
RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED 4
RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED -"
        ends 65 validate
        [[ $output == *'main: V1__v1.sql: Migration checksum mismatch for migration version 1'* ]]
        says 'validation found 7 problems' 'dbops migrate repair'
        for format in json yaml; do
            ends 65 validate -o "$format"
            fits_schema validate
        done
    done
}

@test "validate passes over what the patterns name" {
    for server in $SERVERS; do
        on "$server"
        tables 1 2 3
        config
        up
        rm migrations/V2__v2.sql
        tables 2_5 4
        migration R__r.sql 'select 1;'
        ends 65 validate
        ends 65 validate --ignore-patterns '*:missing,*:ignored'
        ends 65 validate --ignore-patterns '*:missing,*:ignored,versioned:pending'
        ends 0 validate --ignore-patterns '*:missing,*:ignored,*:pending'
        ends 0 validate --ignore-patterns 'versioned:*,repeatable:pending'
        ends 78 validate --ignore-patterns 'versioned:nosuch'
        says nosuch
    done
}

@test "validate of nothing is fine and says what it did" {
    for server in $SERVERS; do
        on "$server"
        config
        ends 0 validate
        [[ $output == 'main: valid: 0 migrations checked' ]]
        says 'no migrations'
        tables 1
        config
        up
        ends 0 validate
        [[ $output == 'main: valid: 1 migration checked' ]]
        ends 0 validate -o json
        fits_schema validate
        assert_equal "$(json '.targets[0].valid')" true
    done
}

@test "validate reports a schema that does not exist, if files wait for it" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config 'schemas: [absent_one]'
        assert_equal "$(codes)" "SCHEMA_DOES_NOT_EXIST -"
        ends 65 validate
        [[ $output == *absent_one* ]]
        ends 0 validate --ignore-patterns '*:pending'
    done
}

@test "repair removes failed rows, and the file runs again" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        migration V2__bad.sql 'create table bad (a int);' 'selekt;'
        migration V2__bad.sql.conf 'executeInTransaction=false'
        config
        ends 65 up
        assert_equal "$(states | tail -n 1)" '2|bad|SQL|Failed'
        assert_equal "$(codes)" 'FAILED_VERSIONED_MIGRATION 2'
        query 'drop table bad'
        ends 0 repair -o json
        fits_schema repair
        assert_equal "$(json '.targets[0].repaired[] | .action, .version')" "remove failed
2"
        assert_equal "$(history | wc -l)" 1
        migration V2__bad.sql 'create table bad (a int);'
        up
        ends 0 repair
        [[ $output == 'main: nothing to repair' ]]
    done
}

@test "repair takes over checksum, description and type, and never the script" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config
        up
        rm migrations/V1__v1.sql
        migration sub/V1__new_name.sql 'SELECT 1;'
        ends 65 up
        ends 0 repair --dry-run
        assert_equal "$(history)" '1|1|v1|SQL|V1__v1.sql|1'
        ends 0 repair
        [[ $output == *'align with file'* ]]
        assert_equal "$(history)" '1|1|new name|SQL|V1__v1.sql|1'
        assert_equal "$(query 'select checksum from flyway_schema_history')" 78787420
        ends 0 validate
    done
}

@test "repair gives a repeatable that was recorded raw its checksum after replacement" {
    for server in $SERVERS; do
        on "$server"
        migration R__rep.sql '-- ${Name}' 'SELECT 1;'
        config 'placeholders: {name: bob}'
        up
        local replaced
        replaced=$(query 'select checksum from flyway_schema_history')
        query 'update flyway_schema_history set checksum = 2138766881'
        ends 0 validate
        up
        assert_equal "$(history | wc -l)" 1
        ends 0 repair
        assert_equal "$(query 'select checksum from flyway_schema_history')" "$replaced"
        [ "$replaced" != 2138766881 ]
    done
}

@test "repair on a database without a history has nothing to do" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config
        ends 0 repair
        no_table flyway_schema_history
    done
}

@test "baseline makes the history with its marker; again it is skipped, another is refused" {
    for server in $SERVERS; do
        on "$server"
        query 'create table mine (a int)'
        tables 1
        config
        ends 0 baseline --baseline-version 5 --baseline-description 'as found' --dry-run
        no_table flyway_schema_history
        ends 0 baseline --baseline-version 5 --baseline-description 'as found'
        [[ $output == 'main: baselined at version 5' ]]
        assert_equal "$(history)" '1|5|as found|BASELINE|as found|1'
        assert_equal "$(rows "select coalesce(checksum, -7), execution_time
            from flyway_schema_history")" '-7|0'
        ends 0 baseline --baseline-version 5.0 --baseline-description 'as found' -o json
        fits_schema baseline
        assert_equal "$(json '.targets[0].already')" true
        ends 65 baseline --baseline-version 6
        says 'already has a baseline: version 5'
        ends 65 baseline --baseline-version 6 -o json
        fits_schema baseline
    done
}

@test "baseline is refused on a history with migrations and on an empty one" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config
        up
        ends 65 baseline
        says 'already holds migrations'
        query 'delete from flyway_schema_history'
        ends 65 baseline
        says 'exists and is empty'
        ends 78 baseline --baseline-version x
    done
}

@test "baseline that creates schemas puts their row behind the marker" {
    for server in $SERVERS; do
        on "$server"
        local schema=${DATABASE}_b
        tables 1
        config "schemas: [$schema]"
        ends 0 baseline
        assert_equal "$(history "$schema.flyway_schema_history" | cut -d '|' -f 1,2,4 |
            tr '\n' ' ')" '1|1|BASELINE 2|-|SCHEMA '
        ends 65 baseline --baseline-version 0
    done
}

@test "baseline is refused where migrations created the schema" {
    for server in $SERVERS; do
        on "$server"
        config "schemas: [${DATABASE}_s]"
        up
        ends 65 baseline
        says 'the schema was created by a migration run'
    done
}

@test "a history that is a view, or has no rank left, is refused and left alone" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        config
        up
        query 'update flyway_schema_history set installed_rank = 2147483647'
        migration V2__b.sql 'create table b (x int);'
        ends 65 up
        says 'no number follows it'
        query 'alter table flyway_schema_history rename to kept' ||
            query 'rename table flyway_schema_history to kept'
        query 'create view flyway_schema_history as select * from kept'
        ends 65 info
        says 'is not an ordinary table'
    done
}
