#!/usr/bin/env bats
# dbops migrate up --dry-run: a script that psql or mysql runs with the same effect.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

# The script of --dry-run goes through the server's own client; then nothing is left to do.
by_hand() {
    up --dry-run
    printf '%s\n' "$output" >plan.sql
    client "$DATABASE" <plan.sql >client.out 2>&1 || {
        cat -n plan.sql client.out
        return 1
    }
    ends 0 validate
    up
    [[ $output == *'0 migrations applied'* ]] || {
        echo "$output"
        return 1
    }
}

# Whether by hand and by up the history is the same, but for times.
same_by_up() {
    local columns="installed_rank, coalesce(version, '-'), description, type, script,
        coalesce(checksum, -1), installed_by, success" table=${1:-flyway_schema_history} by_hand
    by_hand=$(rows "select $columns from $table order by 1")
    new_database
    config "${@:2}"
    up
    assert_equal "$by_hand" "$(rows "select $columns from $table order by 1")"
}

# bats file_tags=postgres,mysql

@test "--dry-run prints the statements, the rows and the bounds, and changes nothing" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql '-- makes it' 'create table a (x int);' 'insert into a values (1);'
        config
        up --dry-run
        [[ $output == *'create table a (x int);'*'insert into a values (1);'* ]]
        [[ $output == *flyway_schema_history*V1__a.sql*COMMIT* ]]
        no_table a
        no_table flyway_schema_history
        assert_equal "$(states)" '1|a|SQL|Pending'
    done
}

@test "the script run by hand leaves what up would have left" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int, s varchar(50));' \
            "insert into a values (1, 'semi;colon'), (2, 'it''s \${p}');"
        migration V2__b.sql '/* a; comment */ create table b (x int) -- end' ';' ';;' \
            'insert into b select x from a'
        migration sub/V3.sql 'select 1;'
        migration R__r.sql 'insert into b values (10);'
        config 'placeholders: {p: "é"}'
        by_hand
        assert_equal "$(query 'select count(*) from a')$(query 'select sum(x) from b')" 213
        assert_equal "$(query 'select s from a where x = 2')" "it's é"
        same_by_up flyway_schema_history 'placeholders: {p: "é"}'
    done
}

@test "the script holds on to later runs: nothing to do is an empty plan" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        config
        up
        up --dry-run
        [[ $output == *'0 migrations'* ]]
        [[ $output != *INSERT* && $output != *CREATE* ]]
    done
}

@test "schemas that are made and their row are in the script" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        config "schemas: [${DATABASE}_s]"
        by_hand
        assert_equal "$(history "${DATABASE}_s.flyway_schema_history" | cut -d '|' -f 1,4 |
            tr '\n' ' ')" '0|SCHEMA 1|SQL '
    done
}

@test "the baseline of a filled database is in the script" {
    for server in $SERVERS; do
        on "$server"
        query 'create table mine (x int)'
        migration V1__a.sql 'create table a (x int);'
        migration V2__b.sql 'create table b (x int);'
        config 'baseline_on_migrate: true'
        by_hand
        assert_equal "$(history | cut -d '|' -f 2,4 | tr '\n' ' ')" '1|BASELINE 2|SQL '
        no_table a
        has_table b
    done
}

@test "baseline --dry-run is a script too" {
    for server in $SERVERS; do
        on "$server"
        query 'create table mine (x int)'
        config
        ends 0 baseline --baseline-version 3 --dry-run
        client "$DATABASE" <<<"$output"
        assert_equal "$(history)" '1|3|<< Flyway Baseline >>|BASELINE|<< Flyway Baseline >>|1'
        ends 0 baseline --baseline-version 3
        [[ $output == *'already baselined'* ]]
    done
}

@test "callbacks are in the script where they would run" {
    for server in $SERVERS; do
        on "$server"
        local log=${DATABASE}_l.log sql
        sql="create schema ${DATABASE}_l; create table $log (what varchar(99))"
        query "$sql"
        for event in afterConnect beforeValidate beforeMigrate beforeEachMigrate afterEachMigrate \
            beforeEachMigrateStatement afterEachMigrateStatement afterVersioned \
            beforeRepeatables afterMigrateApplied afterMigrate; do
            migration $event.sql "insert into $log values ('$event');"
        done
        migration V1__a.sql 'create table a (x int);'
        migration R__r.sql 'select 1;'
        config
        up --dry-run
        client "$DATABASE" <<<"$output" >client.out
        local by_hand
        by_hand=$(query "select what from $log")
        query "delete from $log"
        new_database
        [ "$server" != postgres ] || query "$sql"
        config
        up
        assert_equal "$by_hand" "$(query "select what from $log")"
        assert_equal "$(wc -l <<<"$by_hand")" 15
    done
}

@test "session state that a file leaves behind is undone in the script as in a run" {
    for server in $SERVERS; do
        on "$server"
        if [ "$server" = postgres ]; then
            query "create schema other; create role dry_$DATABASE"
            migration V1__a.sql "set search_path to other; set role dry_$DATABASE;"
        else
            migration V1__a.sql 'create table t (x int);' "set sql_mode = 'ANSI_QUOTES', @v = 1;" \
                'use mysql; set autocommit = 0;'
        fi
        migration V2__b.sql 'create table b (x int);'
        config
        by_hand
        has_table b
    done
}

# bats file_tags=postgres

@test "PostgreSQL: COPY data, function bodies and files outside a transaction are in the script" {
    on postgres
    migration V1__copy.sql '\restrict abc' 'create table t (a int, b text);' \
        'copy t from stdin;' $'1\tx;' $'2\t\\N' '\.' 'create function f() returns int as $$' \
        'begin return 1; end; $$ language plpgsql;' '\unrestrict abc'
    migration V2__cic.sql "set lock_timeout = '1s';" 'create index concurrently i on t (a);'
    migration V3__own.sql 'begin;' 'insert into t values (3);' 'commit;'
    migration V4__last.sql 'insert into t values (f());'
    config
    by_hand
    assert_equal "$(query 'select sum(a), count(*) from t')" '7|4'
    same_by_up
}

@test "PostgreSQL: what a dump says of its encoding does not change how its text arrives" {
    on postgres
    iconv -t ISO-8859-1 >migrations/V1__dump.sql <<'SQL'
SET client_encoding = 'LATIN1';
create table t (a text);
insert into t values ('hé');
COPY t FROM stdin;
hé
\.
SQL
    migration V1__dump.sql.conf 'encoding=ISO-8859-1'
    migration V2__more.sql "insert into t values ('hé');"
    config
    by_hand
    assert_equal "$(query 'select a, count(*) from t group by a')" 'hé|3'
    same_by_up
    assert_equal "$(query 'select a, count(*) from t group by a')" 'hé|3'
}

@test "PostgreSQL: group prints one transaction" {
    on postgres
    migration V1__a.sql 'create table a (x int);'
    migration V2__b.sql 'create table b (x int);'
    migration beforeEachMigrate.sql 'select 1;'
    migration afterVersioned.sql 'select 2;'
    config 'group: true'
    up --dry-run
    local transaction
    transaction=$(sed -n '/V1__a/,/^COMMIT/p' <<<"$output")
    [[ $transaction == *'create table a'*'create table b'*V2__b.sql*COMMIT* ]]
    [[ $transaction != *BEGIN*BEGIN* ]]
    by_hand
}

@test "PostgreSQL: the script stops at the first error and leaves the file's transaction" {
    on postgres
    migration V1__a.sql 'create table a (x int);' 'insert into a values (1 / 0);'
    config
    up --dry-run
    run -3 client "$DATABASE" <<<"$output"
    no_table a
    assert_equal "$(history)" ''
}

# bats file_tags=mysql

@test "MySQL: stored programs, delimiters and versioned comments are in the script" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__p.sql 'create table t (a int);' 'delimiter //' \
            'create procedure p() begin insert into t values (1); insert into t values (2); end//' \
            'create trigger tr before insert on t for each row begin set new.a = new.a + 1; end//' \
            'delimiter ;' 'create event e on schedule every 1 day do begin select 1; end;' \
            '/*!50003 insert into t values (5) */;' '# comment; here' 'call p();'
        config
        by_hand
        assert_equal "$(query 'select sum(a) from t')" 11
        same_by_up
    done
}

@test "a file name with a line end stays in its comment" {
    for server in $SERVERS; do
        on "$server"
        migration $'V1__a\ndrop table x;.sql' 'create table a (x int);'
        config
        ends 0 up --dry-run
        [[ $output == *'-- version 1: V1__a?drop table x;.sql'* ]]
    done
}
