#!/usr/bin/env bats
# dbops migrate clean and new.
# bats file_tags=postgres,mysql

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

# on_terminal TEXT ARGUMENT...: dbops on a terminal where TEXT is typed; what it shows is $output.
on_terminal() {
    run timeout 30 python3 -c 'import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen = b""
while True:
    try:
        some = os.read(fd, 4096)
    except OSError:
        break
    if not some:
        break
    seen += some
    if b"to go on: " in seen and sys.argv[1] is not None:
        os.write(fd, sys.argv[1].encode() + b"\n")
        sys.argv[1] = None
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' "$1" "$DBOPS" "${@:2}"
}

@test "clean is refused unless the file allows it, and then still asks" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config
        up
        ends 77 clean --yes
        says 'clean is refused' 'clean: allowed'
        config 'clean: allowed'
        ends 77 clean
        says 'nobody is there to confirm'
        has_table v1
        ends 0 clean --dry-run
        [[ $output == *v1* ]]
        has_table v1
        ends 0 clean --yes -o json
        fits_schema clean
        no_table v1
        no_table flyway_schema_history
        up
    done
}

@test "clean on a terminal wants the name of the database typed" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config 'clean: allowed'
        up
        on_terminal wrong migrate clean
        [ "$status" = 77 ] && [[ $output == *"Type $DATABASE to go on: "*'not confirmed'* ]]
        has_table v1
        on_terminal "$DATABASE" migrate clean
        [ "$status" = 0 ] && [[ $output == *'main: cleaned'* ]]
        no_table v1
    done
}

@test "clean of a protected target wants host and database typed, and --yes is not enough" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        config 'clean: allowed' 'target.protected: true'
        up
        ends 77 clean --yes
        says 'protected' '--yes is not enough'
        on_terminal "$DATABASE" migrate clean --yes
        [ "$status" = 77 ] && has_table v1
        on_terminal "$SERVER_SOCKET/$DATABASE" migrate clean --yes
        [ "$status" = 0 ] && no_table v1
    done
}

@test "clean drops everything of the schemas, and those that a run created" {
    for server in $SERVERS; do
        on "$server"
        local own=${DATABASE}_own
        if [ "$server" = postgres ]; then
            migration V1__all.sql <<'SQL'
create type mood as enum ('a'); create domain d as int check (value > 0);
create type pair as (a int, b mood); create sequence s;
create table p (a int, m mood) partition by list (a);
create table p1 partition of p for values in (1);
create table "odd "" name" (a d primary key references other_t);
create view v as select * from p; create materialized view mv as select * from v;
create function f(pair) returns int language sql as 'select 1';
create procedure pr() language sql as '';
create operator family fam using btree; create statistics st on a, m from p;
create aggregate agg(int) (sfunc = int4pl, stype = int);
create collation c from "C"; create extension pg_trgm;
create text search configuration tsc (copy = simple);
create text search dictionary tsd (template = simple);
create operator === (leftarg = int, rightarg = int, function = int4eq);
SQL
            sed -i '1i create table other_t (a int primary key);' migrations/V1__all.sql
        else
            migration V1__all.sql <<'SQL'
create table a (x int primary key); create table b (y int, foreign key (y) references a (x));
create view v as select * from a; create table `odd `` name` (x int);
create procedure p() select 1; create function f() returns int deterministic return 1;
create trigger t before insert on a for each row set new.x = 1;
create event e on schedule every 1 day do select 1;
SQL
            [ "$server" = mysql ] || echo 'create sequence s;' >>migrations/V1__all.sql
        fi
        config 'clean: allowed' "schemas: [$own]"
        up
        ends 0 clean --yes
        assert_equal "$(query "select count(*) from information_schema.schemata
            where schema_name = '$own'")" 0
        up
        new_database "x_$DATABASE"
        config 'clean: allowed'
        up
        ends 0 clean --yes
        up
        ends 0 clean --yes
        if [ "$server" = postgres ]; then
            assert_equal "$(query "select
                (select count(*) from pg_class where relnamespace = 'public'::regnamespace) +
                (select count(*) from pg_type where typnamespace = 'public'::regnamespace) +
                (select count(*) from pg_proc where pronamespace = 'public'::regnamespace)")" 0
        fi
    done
}

@test "new makes the next file and prints its path" {
    for server in $SERVERS; do
        on "$server"
        tables 1
        migration V009__ten.sql 'select 1;'
        config
        ends 0 new 'Add an index!'
        [[ $output == */migrations/V010__Add_an_index.sql ]] && [ -f "$output" ]
        ends 0 new again -o json
        fits_schema new
        [[ $(json .path) == */V011__again.sql ]]
        ends 0 new --repeatable view
        [[ $output == */R__view.sql ]]
        ends 64 new --repeatable view
        says 'is there already'
        ends 0 new --timestamp late
        [[ $output =~ /V20[0-9]{12}__late.sql$ ]]
        ends 64 new --repeatable --timestamp x
        ends 64 new
        break
    done
}
