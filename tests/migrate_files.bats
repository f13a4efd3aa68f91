#!/usr/bin/env bats
# dbops migrate up: what is a migration, how a run reports, and what is special to a server.
# bats file_tags=postgres,mysql

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

@test "two files of one version, or two repeatables of one description, stop every command" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        migration sub/V1_0__b.sql 'select 1;'
        config
        for verb in up info validate repair; do
            ends 65 "$verb"
            says 'V1__a.sql' 'sub/V1_0__b.sql'
        done
        rm migrations/sub/V1_0__b.sql
        migration R__x.sql 'select 1;'
        migration sub/R__x.sql 'select 1;'
        ends 65 up
        says 'R__x.sql' 'sub/R__x.sql'
    done
}

@test "wrong names are not run; with validate_naming they are an error" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        for name in V__x Vabc__y R1__z V7_nosep v8__lower; do
            migration $name.sql 'this is no sql;'
        done
        config
        up
        says 'not run because of its name' V__x.sql Vabc__y.sql R1__z.sql V7_nosep.sql v8__lower.sql
        config 'validate_naming: true'
        ends 65 up
        says V__x.sql Vabc__y.sql R1__z.sql V7_nosep.sql v8__lower.sql
    done
}

@test "a mount of a ConfigMap is read: links at the root, hidden folders passed over" {
    for server in $SERVERS; do
        on "$server"
        mkdir migrations/..2026
        ln -s ..2026 migrations/..data
        echo 'create table a (x int);' >migrations/..2026/V1__a.sql
        ln -s ..data/V1__a.sql migrations/V1__a.sql
        config
        up
        assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
    done
}

@test "several locations make one set; a folder that is missing is a warning or an error" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        mkdir more
        echo 'create table b (x int);' >more/V2__b.sql
        rm -f dbops.yaml
        config_for main 'migrations, "filesystem:more", absent'
        up
        says "absent"
        assert_equal "$(history)" "1|1|a|SQL|V1__a.sql|1
2|2|b|SQL|V2__b.sql|1"
        rm dbops.yaml
        config_for main 'migrations, absent' 'fail_on_missing_locations: true'
        ends 78 up
        says 'absent'
        rm dbops.yaml
        config_for main ''
        ends 78 up
        says "does not say where its migrations are"
    done
}

@test "a file without a statement is applied" {
    for server in $SERVERS; do
        on "$server"
        migration V1__empty.sql </dev/null
        migration V2__comment.sql '-- nothing' '/* here */ ;;'
        config
        up
        assert_equal "$(query 'select checksum from flyway_schema_history
            where installed_rank = 1')" 0
        assert_equal "$(history | wc -l)" 2
    done
}

@test "stored programs, quoted semicolons and comments go through whole" {
    for server in $SERVERS; do
        on "$server"
        if [ "$server" = postgres ]; then
            migration V1__f.sql <<'SQL'
create function f() returns int language plpgsql as $body$
begin
    perform ';'; -- it's ; here
    return 7;
end $body$;
/* ; /* nested ; */ */
create function g() returns int language sql begin atomic
    select case when true then case 1 when 1 then 7 end end;
end;
SQL
        else
            migration V1__f.sql <<'SQL'
/* outer /* not nested */
create function f() returns int deterministic
begin
    declare x int default 0; # a comment ; here
    if x = 0 then set x = 7; end if;
    return case when x = 7 then x else 0 end;
end;
delimiter //
create function g() returns int deterministic begin return f(); end//
delimiter ;
SQL
        fi
        config
        up
        assert_equal "$(rows 'select f(), g()')" '7|7'
    done
}

@test "up -o json and yaml fit the schema, on success and on failure" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        migration R__r.sql 'select 1;'
        config
        up -o json --dry-run
        fits_schema up
        [[ $(json '.targets[0].plan') == *V1__a.sql* ]]
        up -o json
        fits_schema up
        assert_equal "$(json '.targets[0] | .initial_version, .version, .pending,
            (.applied | length)' | tr '\n' ' ')" 'null 1 2 2 '
        up -o yaml
        fits_schema up
        migration V2__bad.sql 'selekt 1;'
        ends 65 up -o json
        fits_schema up
        assert_equal "$(json '.targets[0].error | .kind, .exit, .retriable' | tr '\n' ' ')" \
            'data 65 false '
        [[ $(json '.targets[0].error.message') == *V2__bad.sql:1:* ]]
        ends 65 up -o yaml
        fits_schema up
    done
}

@test "an unreachable server is exit 69 in every format" {
    for server in $SERVERS; do
        on "$server"
        config
        sed -i 's|host: .*|host: 127.0.0.1|; /port:/d; s|user:|port: 9\n    user:|' dbops.yaml
        for format in table json yaml; do
            ends 69 up -o "$format"
            [ "$format" = table ] || fits_schema up
        done
        says '127.0.0.1'
    done
}

@test "a changing command with several targets and no -t lists them and stops with 64" {
    for server in $SERVERS; do
        on "$server"
        config
        config_more second
        for verb in up baseline repair clean 'new thing'; do
            # shellcheck disable=SC2086 # one or two words
            ends 64 $verb
            says 'main, second' '-t NAME'
        done
        ends 64 up -t secnod
        says "there is no target or group 'secnod'" "did you mean 'second'?"
    done
}

@test "with several targets every one is run and reported, and the worst exit code wins" {
    for server in $SERVERS; do
        on "$server"
        local first=$DATABASE
        migration V1__a.sql 'create table a (x int);'
        config
        new_database
        query 'create table a (x int)'
        config_more second
        new_database
        config_more third
        printf 'groups: {some: [second, third]}\n' >>dbops.yaml
        ends 65 up -t all
        [[ $output == *"main: 1 migration applied"*"third: 1 migration applied"* ]]
        says second 'is not empty'
        ends 65 up -t some -o json
        fits_schema up
        assert_equal "$(json '.targets[] | [.target, .error.exit // 0] | join(" ")')" "second 65
third 0"
        DATABASE=$first
        has_table a
    done
}

# bats file_tags=postgres

@test "PostgreSQL: a time zone that only the client knows is done without, one in the file is not" {
    on postgres
    migration V1__a.sql 'select 1;'
    config
    export TZ=Nowhere/Land
    up
    [ "$(query "select count(*) from flyway_schema_history
        where installed_on between localtimestamp - interval '1 hour' and localtimestamp")" = 1 ]
    unset TZ
    config 'target.timezone: Nowhere/Land'
    run -65 --separate-stderr dbops migrate up
    [[ $stderr == *"cannot set the session's time zone to 'Nowhere/Land': invalid value"* ]]
}

@test "PostgreSQL: the history table is Flyway's to the letter" {
    on postgres
    migration V1__a.sql 'select 1;'
    config
    up
    assert_equal "$(query "select column_name, data_type, character_maximum_length, is_nullable,
            column_default, datetime_precision
        from information_schema.columns where table_name = 'flyway_schema_history'
        order by ordinal_position")" "installed_rank|integer||NO||
version|character varying|50|YES||
description|character varying|200|NO||
type|character varying|20|NO||
script|character varying|1000|NO||
checksum|integer||YES||
installed_by|character varying|100|NO||
installed_on|timestamp without time zone||NO|now()|6
execution_time|integer||NO||
success|boolean||NO||"
    assert_equal "$(query "select replace(indexdef, ' ON ', chr(10) || 'ON ') from pg_indexes
        where tablename = 'flyway_schema_history' order by indexname")" \
        "CREATE UNIQUE INDEX flyway_schema_history_pk
ON public.flyway_schema_history USING btree (installed_rank)
CREATE INDEX flyway_schema_history_s_idx
ON public.flyway_schema_history USING btree (success)"
    assert_equal "$(query "select conname, contype from pg_constraint
        where conrelid = 'flyway_schema_history'::regclass and contype in ('p', 'u', 'c', 'f')")" \
        'flyway_schema_history_pk|p'
}

@test "PostgreSQL: names that need quotes are quoted" {
    on postgres
    migration V1__a.sql 'create table a (x int);'
    config 'default_schema: "My \"S"' 'table: "his tory"'
    up
    assert_equal "$(query 'select count(*) from "My ""S"."his tory"')" 2
    up
    ends 0 validate
}

@test "PostgreSQL: search_path has the schema first and what it held behind it" {
    on postgres
    query 'create schema ext; create function ext.f() returns int language sql return 5'
    query "alter database $DATABASE set search_path = ext"
    migration V1__a.sql 'create table a as select f() as x;'
    config 'default_schema: app'
    up
    assert_equal "$(query 'select x from app.a')" 5
}

@test "PostgreSQL: a dump of pg_dump with its \\restrict lines is a migration" {
    on postgres
    migration V1__dump.sql '\restrict abcDEF123' 'create table t (a int, b text);' \
        'COPY t (a, b) FROM stdin;' $'1\tone;' $'2\t\\N' '\.' '' '\unrestrict abcDEF123'
    config
    up
    assert_equal "$(query 'select a, b is null from t order by a')" $'1|f\n2|t'
}

@test "PostgreSQL: notices of the files go to the log, not to stdout" {
    on postgres
    migration V1__a.sql "do \$\$ begin raise warning 'look here'; end \$\$;"
    config
    up
    says 'look here'
    [[ $output != *'look here'* ]]
}

# bats file_tags=mysql

@test "MySQL: the history table is Flyway's to the letter" {
    for server in $MYSQLS; do
        on "$server"
        migration V1__a.sql 'select 1;'
        config
        up
        assert_equal "$(rows "select column_name, column_type, is_nullable,
                replace(lower(coalesce(column_default, '-')), '()', ''), extra
            from information_schema.columns
            where table_schema = database() and table_name = 'flyway_schema_history'
            order by ordinal_position" |
            sed 's/int(11)/int/; s/DEFAULT_GENERATED//; s/|null|/|-|/')" \
            "installed_rank|int|NO|-|
version|varchar(50)|YES|-|
description|varchar(200)|NO|-|
type|varchar(20)|NO|-|
script|varchar(1000)|NO|-|
checksum|int|YES|-|
installed_by|varchar(100)|NO|-|
installed_on|timestamp|NO|current_timestamp|
execution_time|int|NO|-|
success|tinyint(1)|NO|-|"
        assert_equal "$(rows "select index_name, column_name, non_unique
            from information_schema.statistics
            where table_schema = database() and table_name = 'flyway_schema_history' order by 1")" \
            "flyway_schema_history_s_idx|success|1
PRIMARY|installed_rank|0"
    done
}

@test "MySQL: names that need quotes are quoted" {
    for server in $MYSQLS; do
        on "$server"
        new_database "odd-$server"
        migration V1__a.sql 'create table a (x int);'
        config 'table: "his`tory"'
        up
        up
        ends 0 validate
        assert_equal "$(query 'select count(*) from `his``tory`')" 1
    done
}

@test "MySQL: a dump of mysqldump is a migration" {
    for server in $MYSQLS; do
        on "$server"
        query "create table t (a int primary key, b varchar(50));
            insert into t values (1, 'a;\\'b');
            create trigger tr before insert on t for each row set new.b = concat(new.b, ';')"
        mariadb-dump --no-defaults --user="$SERVER_USER" --socket="$SERVER_SOCKET" --routines \
            --triggers "$DATABASE" >migrations/V1__dump.sql 2>"$BATS_TEST_TMPDIR/dump.err"
        new_database
        config
        up
        assert_equal "$(query "insert into t values (2, 'x'); select b from t order by a" |
            tr '\n' ' ')" "a;'b x; "
    done
}
