#!/usr/bin/env bats
# dbops migrate up: what is applied, and what the history says about it.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

# bats file_tags=postgres,mysql

@test "up applies what is pending in the order of versions, then repeatables by description" {
    for server in $SERVERS; do
        on "$server"
        migration V10__ten.sql "insert into log values ('ten');"
        migration V2__two.sql "insert into log values ('two');"
        migration V1__one.sql 'create table log (what varchar(20));' \
            "insert into log values ('one');"
        migration V1_5__between.sql "insert into log values ('between');"
        migration R__b.sql "insert into log values ('b');"
        migration R__a.sql "insert into log values ('a');"
        config
        up
        says 'applying version 1.5 "between"' 'applying repeatable "a"'
        [[ $output == *"main: 6 migrations applied, schema at version 10"* ]]
        assert_equal "$(query 'select * from log' | tr '\n' ' ')" 'one between two ten a b '
        assert_equal "$(history)" "1|1|one|SQL|V1__one.sql|1
2|1.5|between|SQL|V1_5__between.sql|1
3|2|two|SQL|V2__two.sql|1
4|10|ten|SQL|V10__ten.sql|1
5|-|a|SQL|R__a.sql|1
6|-|b|SQL|R__b.sql|1"
    done
}

@test "a second run finds nothing to do and writes nothing" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        migration R__r.sql 'insert into a values (1);'
        config
        up
        up
        assert_equal "$output" "main: up to date: 0 migrations applied, schema at version 1"
        assert_equal "$(history | wc -l)" 2
        assert_equal "$(query 'select count(*) from a')" 1
    done
}

@test "the columns of a row are what Flyway writes" {
    for server in $SERVERS; do
        on "$server"
        migration V002__Add_a__thing.sql 'SELECT 1;'
        migration sub/V3.sql '-- abc' '-- def efg' 'SELECT 1;'
        config 'installed_by: somebody'
        up
        assert_equal "$(rows "select installed_rank, version, description, type, script, checksum,
            installed_by from flyway_schema_history order by 1")" \
            "1|002|Add a  thing|SQL|V002__Add_a__thing.sql|78787420|somebody
2|3||SQL|sub/V3.sql|-1407101726|somebody"
        [ "$(query "select count(*) from flyway_schema_history
            where execution_time between 0 and 60000 and installed_on is not null")" = 2 ]
    done
}

@test "installed_by is the database user when nothing else is said" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        config
        up
        assert_equal "$(query 'select installed_by from flyway_schema_history')" "$SERVER_USER"
        new_database
        config
        up --installed-by me --table other
        assert_equal "$(query 'select installed_by from other')" me
    done
}

@test "execution_time is that of the file" {
    for server in $SERVERS; do
        on "$server"
        local sleep='select pg_sleep(0.3);'
        [ "$server" = postgres ] || sleep='do sleep(0.3);'
        migration V1__a.sql "$sleep"
        config
        up
        local ms
        ms=$(query 'select execution_time from flyway_schema_history')
        [ "$ms" -ge 300 ] && [ "$ms" -lt 10000 ]
    done
}

@test "installed_on is written in the target's time zone" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        config 'target.timezone: "+07:30"'
        [ "$server" != postgres ] || config 'target.timezone: "Asia/Tokyo"'
        up
        local zone='+07:30' want
        want=$(TZ=UTC-7:30 date +'%F %H')
        if [ "$server" = postgres ]; then
            want=$(TZ=Asia/Tokyo date +'%F %H')
            assert_equal "$(query "select to_char(installed_on, 'YYYY-MM-DD HH24')
                from flyway_schema_history")" "$want"
        else
            assert_equal "$(query "set time_zone = '$zone';
                select date_format(installed_on, '%Y-%m-%d %H')
                from flyway_schema_history")" "$want"
        fi
    done
}

@test "--to stops at a version, and says which one is unknown" {
    for server in $SERVERS; do
        on "$server"
        for v in 1 2 3; do
            migration V${v}__v$v.sql "create table t$v (a int);"
        done
        migration R__r.sql 'select 1;'
        config
        up --to 2
        assert_equal "$(history | cut -d '|' -f 2 | tr '\n' ' ')" '1 2 - '
        ends 64 up --to 9
        says 'no migration has the target version 9' "'9?'"
        up --to '9?'
        assert_equal "$(history | cut -d '|' -f 2 | tr '\n' ' ')" '1 2 - 3 '
    done
}

@test "--to next applies one version, --to current only repeatables" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        migration V2__b.sql 'create table b (x int);'
        migration R__r.sql 'select 1;'
        config
        up --to next
        assert_equal "$(history | cut -d '|' -f 2 | tr '\n' ' ')" '1 '
        up --to current
        assert_equal "$(history | cut -d '|' -f 2 | tr '\n' ' ')" '1 - '
        up --to latest
        assert_equal "$(history | cut -d '|' -f 2 | tr '\n' ' ')" '1 - 2 '
    done
}

@test "a version below the highest is refused by validate, ignored, or applied out of order" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        migration V3__c.sql 'select 3;'
        config
        up
        migration V2__b.sql 'create table b (x int);'
        ends 65 up
        says 'V2__b.sql' 'out_of_order'
        up --ignore-patterns '*:ignored'
        assert_equal "$(history | wc -l)" 2
        up --out-of-order
        says '[out of order]'
        assert_equal "$(history | tail -n 1)" '3|2|b|SQL|V2__b.sql|1'
        assert_equal "$(states | cut -d '|' -f 1,4)" "1|Success
3|Success
2|Out of Order"
    done
}

@test "a repeatable runs again when its text changes, and each run has its row" {
    for server in $SERVERS; do
        on "$server"
        migration V1__t.sql 'create table t (a int);'
        migration R__v.sql 'insert into t values (1);'
        config
        up
        up
        assert_equal "$(query 'select count(*) from t')" 1
        migration R__v.sql 'insert into t values (2);'
        up
        assert_equal "$(query 'select a from t order by a' | tr '\n' ' ')" '1 2 '
        assert_equal "$(history)" "1|1|t|SQL|V1__t.sql|1
2|-|v|SQL|R__v.sql|1
3|-|v|SQL|R__v.sql|1"
        ends 0 validate
    done
}

@test "a repeatable runs again when the value of its placeholder changes" {
    for server in $SERVERS; do
        on "$server"
        migration R__v.sql '-- ${who}' 'select 1;'
        config 'placeholders: {who: bob}'
        up
        up
        assert_equal "$(history | wc -l)" 1
        up --placeholders who=eve
        assert_equal "$(history | wc -l)" 2
    done
}

@test "line ends, a BOM and blank lines at the end change no checksum" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;' 'select 2;'
        config
        up
        printf '\xef\xbb\xbfselect 1;\r\nselect 2;\r\n\r\n' >migrations/V1__a.sql
        ends 0 validate
        printf 'select 1; \nselect 2;\n' >migrations/V1__a.sql
        ends 65 up
        says 'V1__a.sql' 'checksum' 'dbops migrate repair'
    done
}

@test "a baseline migration stands for the versions up to it on an empty database" {
    for server in $SERVERS; do
        on "$server"
        for v in 1 2 3 4; do
            migration V${v}__v.sql "create table v$v (a int);"
        done
        migration B2__b.sql 'create table b2 (a int);'
        migration B3__b.sql 'create table b3 (a int);'
        config
        assert_equal "$(states | cut -d '|' -f 1,3,4)" "1|SQL|Below Baseline
2|SQL|Below Baseline
2|SQL_BASELINE|Below Baseline
3|SQL|Ignored (Baseline)
3|SQL_BASELINE|Pending
4|SQL|Pending"
        up
        assert_equal "$(history)" "1|3|b|SQL_BASELINE|B3__b.sql|1
2|4|v|SQL|V4__v.sql|1"
        has_table b3
        no_table v1
        ends 0 validate
        migration B4__later.sql 'create table b4 (a int);'
        up
        assert_equal "$(history | wc -l)" 2
        ends 0 validate
    done
}

@test "placeholders are replaced everywhere, also Flyway's own" {
    for server in $SERVERS; do
        on "$server"
        migration V1__p.sql 'create table ${Prefix}_t (a varchar(200), b varchar(200));' \
            "insert into \${prefix}_t values ('\${flyway:filename} \${flyway:defaultSchema}" \
            "\${flyway:table} \${flyway:database} \${flyway:environment} \${flyway:user}'," \
            "'\${empty}|\${flyway:workingDirectory}|\${flyway:timestamp}');"
        config 'placeholders: {prefix: x, empty: ""}' 'environment: prod'
        up
        local schema=$DATABASE
        [ "$server" != postgres ] || schema=public
        assert_equal "$(query 'select a from x_t' | tr '\n' ' ' | sed 's/\\n/ /')" \
            "V1__p.sql $schema flyway_schema_history $DATABASE prod $SERVER_USER "
        [[ $(query 'select b from x_t') =~ ^\|$PWD\|20[0-9-]{8}\ [0-9:]{8}$ ]]
    done
}

@test "an unknown placeholder is an error with its place, before anything runs" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        migration V2__b.sql '-- first' 'select ${nobody};'
        config
        ends 65 up
        says 'V2__b.sql:2:8' '${nobody}' 'placeholder'
        no_table a
        no_table flyway_schema_history
    done
}

@test "placeholders may look otherwise, or be switched off" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql "create table t (a varchar(20));" "insert into t values ('@{x}');"
        config "placeholders: {x: hello}" "placeholder_prefix: '@{'"
        up
        assert_equal "$(query 'select a from t')" hello
        migration V2__b.sql "insert into t values ('\${y}');"
        config 'placeholder_replacement: false'
        up
        assert_equal "$(query "select count(*) from t where a = '\${y}'")" 1
        migration V3__c.sql "insert into t values ('\${z}');"
        migration V3__c.sql.conf 'placeholderReplacement=false'
        config
        up
        assert_equal "$(query "select count(*) from t where a = '\${z}'")" 1
    done
}

@test "an unknown key beside a file is an error that names it" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        migration V1__a.sql.conf 'flyway.executeInTransaction=false'
        config
        ends 78 up
        says 'V1__a.sql.conf:1' 'flyway.executeInTransaction'
    done
}

@test "init_sql runs on each connection, before the files" {
    for server in $SERVERS; do
        on "$server"
        if [ "$server" = postgres ]; then
            migration V1__a.sql "create table t as select current_setting('my.value') as a;"
            config "init_sql: set my.value = 'seven'"
        else
            migration V1__a.sql 'create table t as select @@session.group_concat_max_len as a;'
            config 'init_sql: set session group_concat_max_len = 7777'
        fi
        up
        [[ $(query 'select a from t') == seven || $(query 'select a from t') == 7777 ]]
    done
}

@test "an init_sql that fails stops the run and is named" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        config 'init_sql: selekt 1'
        ends 65 up
        says 'cannot run init_sql'
    done
}

@test "files in other encodings arrive as text" {
    for server in $SERVERS; do
        on "$server"
        local sql="insert into t values ('hé');"
        migration V1__t.sql 'create table t (a varchar(20));' "$sql"
        iconv -t ISO-8859-1 <<<"$sql" >migrations/V2__latin.sql
        migration V2__latin.sql.conf 'encoding=ISO-8859-1'
        iconv -t UTF-16 <<<"$sql" >migrations/V3__utf16.sql
        migration V3__utf16.sql.conf 'encoding=UTF-16'
        config
        up
        assert_equal "$(query 'select distinct a from t')" hé
        iconv -t ISO-8859-1 <<<"$sql" >migrations/V4__guess.sql
        ends 65 up
        says 'V4__guess.sql' 'UTF-8'
        config 'detect_encoding: true'
        up
        assert_equal "$(query "select count(*) from t where a = 'hé'")" 4
    done
}

@test "a schema that is not empty and has no history is refused" {
    for server in $SERVERS; do
        on "$server"
        query 'create table mine (a int)'
        migration V1__a.sql 'create table a (x int);'
        config
        ends 65 up
        says 'is not empty' 'dbops migrate baseline'
        no_table flyway_schema_history
    done
}

@test "baseline_on_migrate takes a filled schema as the baseline, and only that" {
    for server in $SERVERS; do
        on "$server"
        query 'create table mine (a int)'
        migration V1__a.sql 'create table a (x int);'
        migration V2__b.sql 'create table b (x int);'
        config
        up --baseline-on-migrate
        assert_equal "$(history)" "1|1|<< Flyway Baseline >>|BASELINE|<< Flyway Baseline >>|1
2|2|b|SQL|V2__b.sql|1"
        no_table a
        ends 0 validate
        new_database
        config
        up --baseline-on-migrate
        assert_equal "$(history | cut -d '|' -f 2,4 | tr '\n' ' ')" '1|SQL 2|SQL '
    done
}

@test "skip_executing records the files and runs none of them" {
    for server in $SERVERS; do
        on "$server"
        query 'create table mine (a int)'
        migration V1__a.sql 'create table a (x int);'
        migration R__r.sql 'create table r (x int);'
        config
        up --skip-executing
        assert_equal "$(history)" "1|1|a|SQL|V1__a.sql|1
2|-|r|SQL|R__r.sql|1"
        assert_equal "$(query 'select sum(execution_time) from flyway_schema_history')" 0
        no_table a
        ends 0 validate
    done
}

@test "missing schemas are made and recorded with rank 0" {
    for server in $SERVERS; do
        on "$server"
        local one=${DATABASE}_one two=${DATABASE}_two
        migration V1__a.sql 'create table a (x int);' "create table $two.b (x int);"
        config "schemas: [$one, $two]"
        up
        if [ "$server" = postgres ]; then
            assert_equal "$(history "$one.flyway_schema_history")" \
                "0|-|<< Flyway Schema Creation >>|SCHEMA|\"$one\",\"$two\"|1
1|1|a|SQL|V1__a.sql|1"
        else
            assert_equal "$(history "$one.flyway_schema_history")" \
                "0|-|<< Flyway Schema Creation >>|SCHEMA|\`$one\`,\`$two\`|1
1|1|a|SQL|V1__a.sql|1"
        fi
        assert_equal "$(query "select count(*) from $one.a")" 0
        assert_equal "$(query "select count(*) from $two.b")" 0
        up
        ends 0 validate
        assert_equal "$(states)" "-|<< Flyway Schema Creation >>|SCHEMA|Success
1|a|SQL|Success"
    done
}

@test "missing schemas are an error with create_schemas: false" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        config 'schemas: [absent_one]' 'create_schemas: false'
        ends 78 up
        says "schema 'absent_one' does not exist" 'create_schemas'
    done
}

@test "default_schema holds the history and leads the schemas" {
    for server in $SERVERS; do
        on "$server"
        local one=${DATABASE}_d one_more=${DATABASE}_e
        migration V1__a.sql 'create table a (x int);'
        config "schemas: [$one_more]" "default_schema: $one"
        up
        assert_equal "$(query "select count(*) from $one.a")" 0
        assert_equal "$(query "select count(*) from $one.flyway_schema_history")" 2
    done
}

@test "result sets are printed when asked for" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql "select 'needle' as found, 1 as n;"
        config
        up
        [[ $output != *needle* ]]
        new_database
        config
        up --show-results
        [[ $output == *found*needle* ]]
        new_database
        config 'output_results: true'
        up -o json
        assert_equal "$(json '.targets[0].results[0] | .rows[0].found, .rows[0].n, .script')" \
            "needle
1
V1__a.sql"
        fits_schema up
    done
}
