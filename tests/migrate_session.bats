#!/usr/bin/env bats
# dbops migrate: what a file leaves behind in the session hurts neither its row nor the next file.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

# bats file_tags=postgres,mysql

@test "a file that changes the client's encoding spoils neither its text nor the history" {
    for server in $SERVERS; do
        on "$server"
        if [ "$server" = postgres ]; then
            local change="set client_encoding = 'LATIN1';"
            local hex="encode(convert_to(t, 'UTF8'), 'hex')"
        else
            local change='set names latin1;' hex='lower(hex(convert(t using utf8mb4)))'
        fi
        migration V1__über.sql "$change" 'create table a (t varchar(9));' \
            "insert into a values ('ü');"
        migration V2__größe.sql "insert into a values ('ö');"
        config
        up
        ends 0 validate
        assert_equal "$(query "select $hex from a order by 1" | tr '\n' ' ')" 'c3b6 c3bc '
    done
}

@test "a file that gives up the session's locks does not lose the run's" {
    for server in $SERVERS; do
        on "$server"
        if [ "$server" = postgres ]; then
            migration V1__all.sql 'discard all;'
            migration V2__locks.sql 'select pg_advisory_unlock_all();' "create table seen as
                select count(*) as n from pg_locks where locktype = 'advisory' and granted;"
        else
            migration V1__all.sql 'do release_all_locks();'
            # ours is the one lock there is: one is released when they all are
            migration V2__locks.sql 'create table seen as select release_all_locks() as n;'
        fi
        config
        up
        assert_equal "$(query 'select n > 0 from seen' | tr t 1)" 1
    done
}

@test "closed standard files do not let the log into the connection" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        config
        # shellcheck disable=SC2016 # for the inner shell
        run -74 bash -c 'exec <&- >&- 2>&-; "$DBOPS" migrate up --verbose'
        assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
    done
}

# bats file_tags=postgres

@test "PostgreSQL: a file that changes the role or the time zone is recorded as ever" {
    on postgres
    query "drop role if exists dbops_app; create role dbops_app;
        grant create, usage on schema public to dbops_app" >/dev/null
    migration V1__role.sql 'set role dbops_app;' "set time zone 'Pacific/Kiritimati';" \
        'create table a (x int);'
    migration V2__next.sql "create table seen as select current_user as u,
        current_setting('TimeZone') as z;"
    config 'lock_retries: 0'
    up
    assert_equal "$(rows "select count(distinct installed_by), max(installed_on) - min(installed_on)
        < interval '1 hour' from flyway_schema_history")" '1|t'
    assert_equal "$(rows "select u = 'dbops_app', z = 'Pacific/Kiritimati' from seen")" 'f|f'
}

@test "PostgreSQL: in a group, too, each file starts from the session's first state" {
    on postgres
    migration V1__a.sql "select set_config('search_path', '', false);" \
        'create table public.a (x int);'
    migration V2__b.sql 'create table b (x int);'
    config
    up --group
    assert_equal "$(query "select count(*) from pg_tables where tablename in ('a', 'b')
        and schemaname = 'public'")" 2
}

@test "PostgreSQL: a COMMIT in a file that was told to be transactional is not called rolled back" {
    on postgres
    migration V1__a.sql 'create table a (x int);' 'commit;' 'select 1/0;'
    echo executeInTransaction=true >migrations/V1__a.sql.conf
    config
    ends 65 up
    says 'not rolled back: what the statements before line 3 committed stays'
    # shellcheck disable=SC2154 # run sets it
    [[ $stderr != *'rolled back: nothing'* ]]
    assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|0'
}

@test "PostgreSQL: a callback inside a migration cannot end its transaction" {
    on postgres
    migration V1__a.sql 'create table a (x int);'
    migration beforeEachMigrate.sql 'select 1;' 'commit;'
    config
    ends 65 up
    says 'beforeEachMigrate.sql:2: a callback inside a migration cannot begin or end transactions'
    assert_equal "$(query "select count(*) from pg_tables where schemaname = 'public'")" 0
}

@test "PostgreSQL: functions of the schema do not take the place of the server's in our queries" {
    on postgres
    migration V1__a.sql 'create table a (x int);'
    config 'clean: allowed'
    up
    query "create table hit (w text);
        create function format(text, text, name, name) returns text language plpgsql
            as 'begin insert into public.hit values (''format''); return ''select 1''; end';
        create function array_position(\"char\"[], \"char\") returns int language plpgsql
            as 'begin insert into public.hit values (''position''); return 1; end';
        create function current_schema() returns name language sql as 'select ''evil''::name';
        alter database \"$DATABASE\" set search_path = public, pg_catalog" >/dev/null
    ends 0 info --exit-code
    ends 0 clean --dry-run
    [[ $output == *'DROP TABLE IF EXISTS public.a CASCADE;'* ]]
    [[ $output == *'DROP FUNCTION IF EXISTS public.format('* ]]
    assert_equal "$(query 'select count(*) from public.hit')" 0
}

@test "PostgreSQL: a history with NULLs where Flyway's has none is shown, not crashed on" {
    on postgres
    # shellcheck disable=SC2016 # dollar quotes of SQL
    query 'create table flyway_schema_history (installed_rank int, version text, description text,
        type text, script text, checksum int, installed_by text, installed_on timestamp,
        execution_time int, success boolean);
        insert into flyway_schema_history (installed_rank) values (1);
        insert into flyway_schema_history (type) values ($$SCHEMA$$)' >/dev/null
    migration V1__a.sql 'create table a (x int);'
    config 'clean: allowed'
    ends 0 info
    ends 65 validate
    ends 65 up
    ends 0 clean --dry-run
}
