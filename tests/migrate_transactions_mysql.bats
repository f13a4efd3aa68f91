#!/usr/bin/env bats
# dbops migrate up on MySQL and MariaDB: what a failure leaves, where DDL commits by itself.
# bats file_tags=mysql

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $MYSQLS
}

teardown_file() {
    stop_servers
}

@test "MySQL: a failure behind DDL keeps what was done, and a failed row" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);' 'insert into a values (1);' \
            'create table a (x int);' 'create table b (x int);'
        config
        ends 65 up
        says 'V1__a.sql:3:1' 1050 'not rolled back' 'line 3' 'recorded: V1__a.sql as failed' \
            'dbops migrate repair'
        has_table a
        no_table b
        assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|0'
        assert_equal "$(states)" '1|a|SQL|Failed'
        ends 65 up
        says 'dbops migrate repair'
        ends 65 validate
        query 'drop table a'
        ends 0 repair
        migration V1__a.sql 'create table a (x int);'
        up
        assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
    done
}

@test "MySQL: a file of DML alone is rolled back whole, and that is what is said" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__t.sql 'create table t (a int primary key);'
        migration V2__d.sql 'insert into t values (1);' 'insert into t values (2);' \
            'insert into t values (1);'
        config
        ends 65 up
        says 'V2__d.sql:3:1' 1062 'rolled back: no statement of V2__d.sql had been committed'
        [[ $stderr != *'not rolled back'* ]]
        assert_equal "$(query 'select count(*) from t')" 0
        assert_equal "$(history | tail -n 1)" '2|2|d|SQL|V2__d.sql|0'
    done
}

@test "MySQL: DML and the row of the file are one commit" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__t.sql 'create table t (a int);'
        config
        up
        query "create trigger refuse before insert on flyway_schema_history for each row
            signal sqlstate '45000' set message_text = 'no rows today'"
        migration V2__d.sql 'insert into t values (1);'
        ends 65 up
        says 'no rows today' 'V2__d.sql'
        assert_equal "$(query 'select count(*) from t')" 0
    done
}

@test "MySQL: a place inside a stored program is a place in the file" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__p.sql 'select 1;' 'delimiter //' 'create procedure p()' 'begin' \
            '  select 1;' '  selekt 2;' 'end//'
        config
        ends 65 up
        says 'V1__p.sql:6' '  selekt 2;' 1064
    done
}

@test "MySQL: table locks that a file leaves behind do not stop its row or the next file" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__t.sql 'create table t (a int);' 'create table u (a int);' \
            'lock tables t write;' 'insert into t values (1);'
        migration V2__u.sql 'insert into u values (1);'
        config
        TIME_LIMIT=20 up
        assert_equal "$(history | cut -d '|' -f 2,6 | tr '\n' ' ')" '1|1 2|1 '
        assert_equal "$(query 'select count(*) from t')$(query 'select count(*) from u')" 11
    done
}

@test "MySQL: sql_mode inside a file changes how its text is read" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__m.sql "create table t (a varchar(20));" \
            "set sql_mode = 'NO_BACKSLASH_ESCAPES';" "insert into t values ('a\\');" \
            "set sql_mode = 'ANSI_QUOTES';" 'insert into "t" values ('"';'"');'
        migration V2__n.sql "insert into t values ('\\'');"
        config
        up
        assert_equal "$(query 'select count(*) from t')" 3
    done
}
