# dbops and Flyway take turns on one database, state by state; see twins.py for the language.
load interop

setup_file() {
    # shellcheck disable=SC2086 # words
    start_servers $ENGINES
    start_flyway
}

teardown_file() {
    stop_flyway
    stop_servers
}

@test "a version below the applied ones is ignored, or runs out of order" {
    on_each_server <<'END'
file V1__a.sql create table a (i int);
file V2__b.sql create table b (i int);
file V4__d.sql create table d (i int);
file R__view.sql select 1;
set target 4
up ok
file V3__c.sql create table c (i int);
file V5__e.sql create table e (i int);
state 3 Ignored
state 5 Above Target
invalid RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED
up fails
set ignore_patterns *:ignored
valid
up ok
state 3 Ignored
set out_of_order true
up ok
state 3 Out of Order
unset target
up ok
state 5 Success
unset out_of_order
up ok
state 3 Out of Order
valid
END
}

@test "a missing file is found, marked deleted, and may come back" {
    on_each_server <<'END'
file V1__a.sql create table a (i int);
file V2__b.sql create table b (i int);
file V3__c.sql create table c (i int);
up ok
remove V2__b.sql
state 2 Missing
invalid APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED
up fails
set ignore_patterns *:missing
valid
repair
state 2 Missing
unset ignore_patterns
repair
state 2 Deleted
valid
up ok
file V2__b.sql create table b2 (i int);
state 2 Ignored
set out_of_order true
state 2 Deleted
up ok
state 2 Out of Order
valid
remove V2__b.sql
repair
repair
up ok
END
}

@test "a version above the files is from the future, and spared" {
    on_each_server <<'END'
file V1__a.sql create table a (i int);
file V5__e.sql create table e (i int);
up ok
remove V5__e.sql
state 5 Future
valid
up ok
repair
state 5 Future
set ignore_patterns *:missing
invalid APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED
repair
state 5 Deleted
up ok
file V2__b.sql create table b (i int);
up ok
state 2 Success
END
}

@test "a repeatable runs again when it changed, and only then" {
    on_each_server <<'END'
file V1__a.sql create table a (i int);
file R__view.sql create or replace view v as select 1 as x;
file R__another.sql select 2;
up ok
up ok
file R__view.sql -- changed\ncreate or replace view v as select 1 as x;
state view Outdated
state view Pending
invalid OUTDATED_REPEATABLE_MIGRATION RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED
up ok
state view Superseded
valid
file R__view.sql create or replace view v as select 1 as x;
up ok
remove R__view.sql
state view Missing
invalid APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED
repair
state view Deleted
state view Success
valid
file R__view.sql create or replace view v as select 1 as x;
up ok
state view Success
remove R__view.sql
repair
up ok
END
}

@test "a repeatable depends on its placeholders, and repair takes the new checksum" {
    on_each_server <<'END'
set placeholders.word one
file V1__a.sql select '${word}';
file R__view.sql -- ${WORD} ${flyway:table} ${flyway:user} ${flyway:filename}\nselect 1;
up ok
set placeholders.word two
state view Outdated
up ok
state view Superseded
set placeholder_replacement false
up ok
valid
unset placeholder_replacement
repair
valid
up ok
file R__view.sql -- ${nobody_knows}\nselect 1;
END
}

@test "a baseline migration replaces what is below it on an empty database" {
    on_each_server <<'END'
file V1__a.sql create table a (i int);
file V2__b.sql create table b (i int);
file B2__both.sql create table a (i int); create table b (i int);
file B3__three.sql create table a (i int); create table b (i int); create table c (i int);
file V3__c.sql create table c (i int);
file V4__d.sql create table d (i int);
state 1 Below Baseline
state 3 Ignored (Baseline)
state 3 Pending
up ok
state 3 Baseline
state 4 Success
file B4__four.sql create table a (i int);
state 4 Ignored
valid
up ok
file B3__three.sql select 'edited';
valid
repair
remove B3__three.sql
repair
END
}

@test "a baseline of a filled database hides what it stands for" {
    on_each_server <<'END'
sql create table old (i int)
file V1__a.sql create table old (i int);
file V2__b.sql create table b (i int);
up fails
baseline ok
baseline ok
state 1 Ignored (Baseline)
up ok
set baseline_version 2
baseline fails
unset baseline_version
file V1__a.sql select 'edited';
file V1_1__late.sql select 'late';
invalid RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED
repair
set out_of_order true
up ok
END
}

@test "baseline_on_migrate baselines only what is filled" {
    on_each_server <<'END'
set baseline_on_migrate true
set baseline_version 2
set baseline_description as it was
sql create table old (i int)
file V1__a.sql create table never (i int);
file V2__b.sql create table never (i int);
file V3__c.sql create table c (i int);
up ok
state 1 Below Baseline
state 3 Success
up ok
END
    on_each_server <<'END'
set baseline_on_migrate true
file V1__a.sql create table a (i int);
up ok
state 1 Success
baseline fails
END
}

@test "a failed migration stops every run until it is repaired" {
    on_each_server mariadb mysql <<'END'
file V1__a.sql create table a (i int);
file V2__b.sql create table b (i int); insert into nowhere values (1);
up fails
state 2 Failed
invalid FAILED_VERSIONED_MIGRATION
up fails
repair
state 2 Pending
file V2__b.sql create table b2 (i int);
up ok
valid
file R__bad.sql insert into nowhere values (1);
up fails
state bad Failed
invalid FAILED_REPEATABLE_MIGRATION
remove R__bad.sql
state bad Failed (Missing)
repair
file V3__c.sql insert into nowhere values (1);
up fails
remove V3__c.sql
state 3 Failed (Future)
up ok
repair
valid
END
    on_each_server postgres <<'END'
file V1__a.sql create table a (i int);
file V2__b.sql create table b (i int); insert into nowhere values (1);
up fails
state 1 Success
state 2 Pending
repair
file V2__b.sql create table b (i int);
up ok
valid
END
}

@test "what cannot run in a transaction on PostgreSQL leaves a failed row" {
    on_each_server postgres <<'END'
set flyway.postgresql.transactional.lock false
file V1__a.sql create table a (i int);
file V2__index.sql create index concurrently a_i on a (i);
file V3__enum.sql create type mood as enum ('sad');
file V4__conf.sql create table d (i int);
file V4__conf.sql.conf executeInTransaction=false
up ok
up ok
file V5__bad.sql create index concurrently b_i on nowhere (i);
up fails
state 5 Failed
up fails
repair
state 5 Pending
remove V5__bad.sql
file V6__mixed.sql create table f (i int); create index concurrently f_i on f (i);
up fails
repair
set mixed true
up ok
state 6 Success
END
}

@test "targets go as far as they say" {
    on_each_server <<'END'
file V1__a.sql create table a (i int);
file V2__b.sql create table b (i int);
file V3__c.sql create table c (i int);
file R__view.sql select 1;
set target next
up ok
state 1 Success
up ok
set target current
file R__view.sql select 2;
up ok
state 2 Success
state 3 Above Target
set target 9
up fails
set target 9?
up ok
state 3 Success
set target 2
up ok
set target 2.0
up ok
END
}

@test "names, folders and versions are read alike" {
    on_each_server <<'END'
file V001__leading_zeros.sql select 1;
file V1.1__dot.sql select 1;
file V1_2__underscore.sql select 1;
file V2.0.0__zeros.sql select 1;
file deep/er/V3__in_a_folder.sql select 1;
file V20260101120000__a_long_one.sql select 1;
file V99999999999999999999999__longer.sql select 1;
file .hidden/V4__never.sql select 1;
file V5__UP.SQL select 1;
file V6__.sql select 1;
file V7.sql select 1;
file v8__lower.sql select 1;
file V__none.sql select 1;
file R1__versioned.sql select 1;
file V9__two__parts_\x20and\x20blanks.sql select 1;
file R__\xc3\xa4.sql select 1;
file R__z.sql select 1;
file R__Z.sql select 1;
file notes.txt nothing
up ok
up ok
valid
set validate_naming true
up fails
unset validate_naming
file V1_0__twice.sql select 1;
up fails
remove V1_0__twice.sql
file sub/R__z.sql select 1;
up fails
END
}

@test "prefixes, suffixes, separator and table have other names" {
    on_each_server <<'END'
set sql_prefix M
set repeatable_prefix A
set baseline_prefix BASE
set separator -
set suffixes .sql,.ddl
set table applied
file M1-one.ddl create table a (i int);
file M2-two.sql create table b (i int);
file BASE1-one.sql create table a (i int);
file V3__never.sql select 1;
up ok
valid
up ok
END
}

@test "a group is one run" {
    on_each_server <<'END'
set group true
file V1__a.sql create table a (i int);
file V2__b.sql create table b (i int);
file R__view.sql select 1;
up ok
up ok
valid
END
    # elsewhere Flyway forgets what the group did before it failed, and dbops does not
    on_each_server postgres <<'END'
set group true
file V1__a.sql create table a (i int);
file V2__b.sql insert into nowhere values (1);
up fails
state 1 Pending
remove V2__b.sql
up ok
state 1 Success
END
}

@test "skip_executing records and does nothing" {
    flyway_since 10 || return 0
    on_each_server <<'END'
set skip_executing true
sql create table a (i int)
file V1__a.sql create table a (i int);
file R__view.sql select nothing from nowhere;
up ok
unset skip_executing
up ok
valid
END
}

@test "schemas are made and recorded" {
    on_each_server postgres <<'END'
set schemas app,other
file V1__a.sql create table a (i int);
invalid SCHEMA_DOES_NOT_EXIST
up ok
state <<_Flyway_Schema_Creation_>> Success
sql insert into app.a values (1)
END
}

@test "rows of other kinds of migrations are read" {
    on_each_server <<'END'
file V1__a.sql create table a (i int);
file V3__c.sql create table c (i int);
up ok
sql insert into flyway_schema_history (installed_rank, version, description, type, script, \
  checksum, installed_by, execution_time, success) values \
  (3, '2', 'java', 'JDBC', 'db.V2__java', null, 'someone', 5, true)
state 2 Missing
sql insert into flyway_schema_history (installed_rank, version, description, type, script, \
  checksum, installed_by, execution_time, success) values \
  (7, '4', 'spring', 'SPRING_JDBC', 'db.V4__spring', 12, 'someone', 5, true)
state 4 Future
sql insert into flyway_schema_history (installed_rank, version, description, type, script, \
  checksum, installed_by, execution_time, success) values \
  (8, null, 'script', 'SCRIPT', 'R__script.sh', 12, 'someone', 5, true)
file R__script.sql select 1;
repair
file V4__now_in_sql.sql select 1;
repair
invalid OUTDATED_REPEATABLE_MIGRATION RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED \
  RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED
remove R__script.sql
repair
up ok
END
}

@test "clean drops everything, when it may" {
    on_each_server <<'END'
file V1__a.sql create table a (i int); create table b (i int);
file V2__view.sql create view v as select * from a;
up ok
clean fails
set clean allowed
clean ok
state 1 Pending
up ok
END
}
