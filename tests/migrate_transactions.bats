#!/usr/bin/env bats
# dbops migrate up: what is one transaction, what a failure leaves, and what is said about it.

load helpers/migrate

setup_file() {
    # shellcheck disable=SC2086 # a list of words
    start_servers $SERVERS
}

teardown_file() {
    stop_servers
}

# hold SQL: another session runs it meanwhile; its client is $HOLDER.
hold() {
    client "$DATABASE" >"$BATS_TEST_TMPDIR/holder.out" 2>&1 <<<"$1" 3>&- &
    HOLDER=$!
}

# Sessions other than ours whose statement has the word in it.
others_at_work() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        [ "$(query "select count(*) from pg_stat_activity where query like '%$1%'
            and pid <> pg_backend_pid() and state = 'active'")" -gt 0 ]
    else
        [ "$(query "select count(*) from information_schema.processlist where info like '%$1%'
            and id <> connection_id()")" -gt 0 ]
    fi
}

# bats file_tags=postgres,mysql

@test "an error shows the place, the line with a caret, the server's code and the next step" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table t (a int);' '-- second line' 'insert into t' \
            '  values (1), (nosuch bad);'
        config
        ends 65 up
        says 'V1__a.sql:4:23' \
            '    '"  values (1), (nosuch bad);"$'\n    '"                      ^" \
            "dbops migrate up"
        if [ "$server" = postgres ]; then
            says 42601
        else
            says 1064 42000
        fi
    done
}

@test "the place of a syntax error is mapped back through placeholders" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table ${a_long_placeholder} (a int);' \
            'insert into ${a_long_placeholder} valuez (${b});'
        config 'placeholders: {a_long_placeholder: t, b: "1111111111"}'
        ends 65 up
        says 'V1__a.sql:2:35' 'insert into ${a_long_placeholder} valuez (${b});'
    done
}

@test "the place is counted in characters, and a long line is cut around it" {
    for server in $SERVERS; do
        on "$server"
        local padding
        padding=$(printf 'é%.0s' {1..200})
        migration V1__a.sql "select '$padding', nosuch bad worse, '$padding';"
        config
        ends 65 up
        says 'V1__a.sql:1:223' '…' 'nosuch bad worse'
        [[ $stderr != *"$padding"* ]]
    done
}

@test "nothing of a failing file is said to be applied, and the files before it stay" {
    for server in $SERVERS; do
        on "$server"
        migration V1__a.sql 'create table a (x int);'
        migration V2__b.sql 'selekt 1;'
        migration V3__c.sql 'create table c (x int);'
        config
        ends 65 up
        [[ $output == *"main: 1 migration applied, schema at version 1"* ]]
        has_table a
        no_table c
        assert_equal "$(history | head -n 1)" '1|1|a|SQL|V1__a.sql|1'
    done
}

@test "files of a run do not see each other's session state" {
    for server in $SERVERS; do
        on "$server"
        if [ "$server" = postgres ]; then
            query "create schema other; create role dbops_$DATABASE"
            migration V1__leave.sql 'set search_path to other;' "set role dbops_$DATABASE;" \
                "set time zone 'Asia/Tokyo';"
            migration V2__leave.sql "set session authorization dbops_$DATABASE;"
            migration V3__look.sql "create table seen as
                select current_user::text as a, current_setting('search_path') as b,
                    session_user::text as c, current_setting('TimeZone') as d;"
            config 'target.timezone: UTC'
            up
            assert_equal "$(rows 'select * from public.seen')" \
                "$SERVER_USER|$(query 'show search_path')|$SERVER_USER|UTC"
            assert_equal "$(query "select count(*) from flyway_schema_history
                where abs(extract(epoch from installed_on - now() at time zone 'UTC')) < 60")" 3
        else
            query "create database ${DATABASE}_other"
            migration V1__leave.sql "set sql_mode = 'ANSI_QUOTES'; set foreign_key_checks = 0;" \
                "set @mine = 7, @\`q d\` = 8; set autocommit = 0; set sql_safe_updates = 1;" \
                "set names latin1; set time_zone = '+05:00'; set unique_checks = 0;" \
                "use ${DATABASE}_other;"
            migration V2__look.sql 'create table seen as select @mine is null as a,
                @@session.foreign_key_checks as b, @@session.sql_safe_updates as c,
                @@session.sql_mode = @@global.sql_mode as d, database() as e, @`q d` is null as f,
                @@session.time_zone as g, @@session.unique_checks as h,
                @@session.character_set_client as i, length("é") as j;'
            config 'target.timezone: "+02:00"'
            up
            assert_equal "$(rows 'select a, b, c, e, f, g, h, i, j from seen')" \
                "1|1|0|$DATABASE|1|+02:00|1|utf8mb4|2"
            [[ $(query 'select @@global.sql_mode') == *STRICT* ]]
            assert_equal "$(query 'select d from seen')" 1
            assert_equal "$(history | wc -l)" 2
        fi
    done
}

@test "a table lock that is held for a while is waited for by trying again" {
    for server in $SERVERS; do
        on "$server"
        migration V1__t.sql 'create table t (a int);'
        config 'lock_timeout: 300ms'
        up
        if [ "$server" = postgres ]; then
            hold "begin; lock table t in access exclusive mode; select pg_sleep(2); commit"
        else
            hold 'begin; select * from t; do sleep(3); commit'
        fi
        wait_until 10 others_at_work sleep
        migration V2__alter.sql 'alter table t add b int;'
        up
        says 'trying again'
        wait "$HOLDER"
        assert_equal "$(history | tail -n 1)" '2|2|alter|SQL|V2__alter.sql|1'
    done
}

@test "a table lock that stays is exit 75 with the file and the line" {
    for server in $SERVERS; do
        on "$server"
        migration V1__t.sql 'create table t (a int);'
        config 'lock_timeout: 200ms' 'lock_retries: 1'
        up
        if [ "$server" = postgres ]; then
            hold "begin; lock table t in access exclusive mode; select pg_sleep(20); commit"
        else
            hold 'begin; select * from t; do sleep(20); commit'
        fi
        wait_until 10 others_at_work sleep
        migration V2__alter.sql '-- takes the lock' 'alter table t add b int;'
        ends 75 up -o json
        fits_schema up
        assert_equal "$(json '.targets[0].error.retriable')" true
        says 'V2__alter.sql:2' 'trying again (1 of 1)'
        kill "$HOLDER"
        wait "$HOLDER" || :
        [ "$server" != postgres ] || assert_equal "$(history | wc -l)" 1
    done
}

# bats file_tags=postgres

@test "PostgreSQL: a failing file leaves nothing, not even a row" {
    on postgres
    migration V1__a.sql 'create table a (x int);' 'insert into a values (1);' \
        'insert into a values (1 / 0);'
    config
    ends 65 up
    says 'V1__a.sql:3' 22012 'rolled back: nothing of V1__a.sql remains'
    [[ $stderr != *'not rolled back'* ]]
    no_table a
    assert_equal "$(history)" ''
    assert_equal "$(states)" '1|a|SQL|Pending'
    migration V1__a.sql 'create table a (x int);'
    up
}

@test "PostgreSQL: a change and its row are one commit" {
    on postgres
    query "create table seen (n bigint, xid bigint)"
    migration V1__a.sql 'create table a (x int);'
    migration V2__b.sql 'insert into seen values (2, txid_current());'
    migration V3__c.sql 'insert into seen values (3, txid_current());'
    config 'baseline_on_migrate: true' 'baseline_version: "1"'
    up
    assert_equal "$(query "select s.n from seen s join flyway_schema_history h
        on h.version = s.n::text and h.xmin::text::bigint = s.xid & 4294967295 order by 1" |
        tr '\n' ' ')" '2 3 '
    assert_equal "$(query 'select count(distinct xid) from seen')" 2
}

@test "PostgreSQL: a file with its own BEGIN and COMMIT is told the truth about" {
    on postgres
    migration V1__a.sql 'create table a (x int);' 'begin;' 'create table b (x int);' 'commit;' \
        'create table c (x nosuch);'
    config
    ends 65 up
    says 'V1__a.sql:5:19' 'not rolled back' 'recorded: V1__a.sql as failed' 'dbops migrate repair'
    [[ $stderr != *$'\n  rolled back'* ]]
    has_table a
    has_table b
    assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|0'
    ends 65 up
    ends 65 validate
    query 'drop table a, b'
    ends 0 repair
    migration V1__a.sql 'create table a (x int);' 'begin;' 'create table b (x int);' 'commit;'
    up
    assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
}

@test "PostgreSQL: a failure inside the file's own transaction is said to be rolled back" {
    on postgres
    migration V1__a.sql 'begin;' 'create table a (x int);' 'create table c (x nosuch);' 'commit;'
    config
    ends 65 up
    says 'rolled back: no statement of V1__a.sql had been committed'
    no_table a
}

@test "PostgreSQL: a transaction that a file leaves open is committed with its row" {
    on postgres
    migration V1__a.sql 'begin;' 'create table a (x int);'
    config
    up
    says 'leaves a transaction open'
    has_table a
    assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
}

@test "PostgreSQL: what cannot run in a transaction runs outside one" {
    on postgres
    migration V1__t.sql 'create table t (a int, b int);' \
        'create table p (a int) partition by range (a);' \
        'create table p1 partition of p for values from (1) to (2);' 'create index t_b on t (b);'
    migration V2__cic.sql 'create index concurrently t_a on t (a);'
    migration V3__timeout.sql "set lock_timeout = '4s';" '-- with a comment' \
        'create unique index concurrently t_u on t (a, b);'
    migration V4__vacuum.sql 'vacuum (analyze) t;'
    migration V5__reindex.sql 'reindex table concurrently t;'
    migration V6__detach.sql 'alter table p detach partition p1 concurrently;'
    migration V7__drop.sql 'drop index concurrently t_b;'
    migration V8__reindex.sql 'reindex (concurrently) index t_a;'
    migration V9__cluster.sql 'cluster;'
    migration V10__system.sql 'alter system reset work_mem;'
    migration V11__db.sql "create database ${DATABASE}_x;" "drop database ${DATABASE}_x;"
    migration V12__tx.sql 'alter table t add c int;'
    config
    TIME_LIMIT=30 up
    says '[non-transactional]'
    assert_equal "$(grep -c 'non-transactional' <<<"$stderr")" 10
    assert_equal "$(history | wc -l)" 12
    assert_equal "$(query "select relname from pg_index i join pg_class c on c.oid = indexrelid
        where indrelid = 't'::regclass and indisvalid order by 1" | tr '\n' ' ')" 't_a t_u '
}

@test "PostgreSQL: CREATE INDEX CONCURRENTLY does not hang on another run that waits" {
    on postgres
    migration V1__t.sql 'create table t as select generate_series(1, 200000) as a;'
    migration V2__i.sql 'create index concurrently t_a on t (a);'
    migration V3__i.sql 'create index concurrently t_b on t ((a + 1));'
    config
    dbops migrate up >/dev/null 2>other.err 3>&- &
    local other=$!
    TIME_LIMIT=30 up
    wait "$other"
    assert_equal "$(history | cut -d '|' -f 2,6 | tr '\n' ' ')" '1|1 2|1 3|1 '
}

@test "PostgreSQL: statements for and against a transaction in one file are refused, or mixed" {
    on postgres
    migration V1__a.sql 'create table t (a int);' '' 'create index concurrently i on t (a);'
    config
    ends 65 up
    says V1__a.sql 'line 3 cannot run in a transaction' 'line 1' 'mixed: true'
    no_table t
    no_table flyway_schema_history
    up --mixed
    assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
}

@test "PostgreSQL: a failed file outside a transaction is recorded as failed" {
    on postgres
    migration V1__t.sql 'create table t (a int);' 'insert into t values (1), (1);'
    migration V2__i.sql 'create unique index concurrently t_a on t (a);'
    config
    ends 65 up
    says 'V2__i.sql:1' 23505 'not rolled back' 'recorded: V2__i.sql as failed'
    assert_equal "$(history | tail -n 1)" '2|2|i|SQL|V2__i.sql|0'
    assert_equal "$(states | tail -n 1)" '2|i|SQL|Failed'
    ends 65 up
    says 'dbops migrate repair'
    query 'drop index t_a; delete from t'
    ends 0 repair
    up
    assert_equal "$(history | tail -n 1)" '2|2|i|SQL|V2__i.sql|1'
}

@test "PostgreSQL: executeInTransaction of a file beats what is found out" {
    on postgres
    migration V1__a.sql 'create table a (x int);' 'create table b (x nosuch);'
    migration V1__a.sql.conf 'executeInTransaction=false'
    config
    ends 65 up
    has_table a
    assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|0'
    new_database
    migration V1__a.sql 'create table a (x int);'
    migration V1__a.sql.conf 'executeInTransaction=true'
    migration V2__i.sql 'create index concurrently i on a (x);'
    migration V2__i.sql.conf 'executeInTransaction=true'
    config
    ends 65 up
    says 25001
    assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
    new_database
    rm migrations/*.conf
    config 'execute_in_transaction: false'
    up
    assert_equal "$(grep -c 'non-transactional' <<<"$stderr")" 2
}

@test "PostgreSQL: group is one transaction for all files" {
    on postgres
    query 'create table seen (xid bigint)'
    migration V1__a.sql 'create table a (x int); insert into seen select txid_current();'
    migration V2__b.sql 'insert into seen select txid_current();'
    migration R__c.sql 'selekt;'
    config 'baseline_on_migrate: true' 'baseline_version: "0"'
    ends 65 up --group
    says 'rolled back: every file of this run'
    [[ $output == *'0 migrations applied'* ]]
    no_table a
    migration R__c.sql 'insert into seen select txid_current();'
    up --group
    assert_equal "$(query 'select count(*), count(distinct xid) from seen')" '3|1'
    migration V3__i.sql 'create index concurrently i on a (x);'
    migration V4__d.sql 'create table d (x int);'
    ends 65 up --group
    says "'group'"
    up --group --mixed
    ends 0 validate
}

@test "PostgreSQL: the server's detail, context and hint are shown" {
    on postgres
    migration V1__t.sql 'create table t (a int primary key);' 'insert into t values (5);'
    migration V2__dup.sql 'insert into t values (5);'
    migration V3__do.sql 'select 1;' 'do $$' 'begin' '  perform nosuch();' 'end $$;'
    config
    ends 65 up
    says 'detail: Key (a)=(5) already exists.'
    rm migrations/V2__dup.sql
    ends 65 up
    says 'V3__do.sql:' 'where: PL/pgSQL function inline_code_block line 3' 'No function matches'
}

@test "PostgreSQL: COPY FROM STDIN takes its data from the file" {
    on postgres
    printf '%s\n' 'create table t (a int, b text);' 'copy t from stdin;' $'1\ta;b' $'2\t\\N' '\.' \
        'COPY t (b, a) FROM STDIN WITH (FORMAT csv, HEADER); -- comment' 'b,a' '"x, y",3' '\.' \
        'copy t from stdin;' '\.' 'insert into t values (4);' >migrations/V1__copy.sql
    printf 'copy t from stdin;\r\n5\tcr\r\n\\.\r\ninsert into t values (6);\r\n' \
        >migrations/V2__crlf.sql
    config
    up
    assert_equal "$(query "select a, coalesce(b, '-') from t order by a" | tr '\n' ' ')" \
        '1|a;b 2|- 3|x, y 4|- 5|cr 6|- '
}

@test "PostgreSQL: an error in COPY data has the line of the data" {
    on postgres
    migration V1__copy.sql 'create table t (a int);' '' 'copy t from stdin;' 1 2 three 4 '\.'
    config
    ends 65 up
    says 'V1__copy.sql:6:1' $'    three\n    ^' 22P02
    no_table t
}

@test "PostgreSQL: COPY without its end mark is an error with its line, not a hang" {
    on postgres
    migration V1__copy.sql 'create table t (a int);' '' 'copy t from stdin;' 1 2
    config
    TIME_LIMIT=10 ends 65 up
    says 'V1__copy.sql:3:1' '\.'
    no_table t
}

@test "PostgreSQL: 100 MB of COPY data go through in 32 MiB of memory" {
    on postgres
    local megabytes=100 limit=32768
    [[ $DBOPS != */asan/* ]] || { megabytes=10 && limit=1000000; }
    {
        echo 'create table t (a text); copy t from stdin;'
        yes "$(printf 'x%.0s' {1..1023})" | head -n $((megabytes * 1024))
        echo '\.'
    } >migrations/V1__big.sql
    config
    run -0 --separate-stderr python3 -c 'import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)' "$DBOPS" migrate up
    echo "memory: $output KiB"
    [ "$output" -le "$limit" ]
    assert_equal "$(query 'select count(*), min(length(a)) from t')" "$((megabytes * 1024))|1023"
}

@test "PostgreSQL: a deadlock or a lock timeout begins the whole file again" {
    on postgres
    migration V1__t.sql 'create table t (a int); create table n (a int);'
    config 'lock_timeout: 300ms'
    up
    hold 'begin; lock table t in access exclusive mode; select pg_sleep(2); commit'
    wait_until 10 others_at_work sleep
    migration V2__two.sql 'insert into n values (1);' 'alter table t add b int;'
    up
    says 'rolled back, trying again'
    wait "$HOLDER"
    assert_equal "$(query 'select count(*) from n')" 1
}
