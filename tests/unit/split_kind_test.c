#include "tests/unit/split_check.h"

static const struct split_options postgres = {
    .dialect = SPLIT_POSTGRES, .standard_conforming_strings = true, .database = "shop"};
static const struct split_options mysql = {.dialect = SPLIT_MYSQL};

static void postgres_kind(const char *sql, enum split_txn txn, bool concurrently, bool session,
                          const char *words)
{
    AUTO(pieces_free) struct pieces p;
    cut_all(sql, strlen(sql), &postgres, &p);
    if (p.failed)
        fail_msg("%s", p.err.text);
    assert_int_equal(p.list.len, 1);
    if (p.list.ptr[0].txn != txn || p.list.ptr[0].concurrently != concurrently ||
        p.list.ptr[0].session != session)
        fail_msg("%s: %d %d %d", sql, (int)p.list.ptr[0].txn, p.list.ptr[0].concurrently,
                 p.list.ptr[0].session);
    if (words)
        assert_string_equal(p.list.ptr[0].words, words);
}

static void knows_what_refuses_transactions(void **state)
{
    (void)state;
    static const char *const refuse[] = {
        "create database x",
        "drop database if exists x",
        "CREATE TABLESPACE t location 'x'",
        "drop tablespace t",
        "create subscription s connection 'x' publication p",
        "drop subscription s",
        "alter system set a = 1",
        "reindex schema s",
        "reindex verbose database d",
        "REINDEX (verbose) SYSTEM x",
        "vacuum",
        "vacuum (analyze) t",
        "VACUUM FULL t",
        "cluster",
        "cluster verbose",
        "cluster (verbose)",
        "alter database x set tablespace t",
        "alter database \"X\" set tablespace t",
        "alter subscription s refresh publication",
        "alter subscription s refresh publication with (copy_data = false)",
        "alter subscription s add publication p",
        "alter subscription s set publication p with (refresh)",
        "alter subscription s drop publication p with (refresh = true)",
    };
    for (size_t i = 0; i < ARRAY_LEN(refuse); i++)
        postgres_kind(refuse[i], SPLIT_TXN_REFUSES, false, false, NULL);
    postgres_kind("discard all", SPLIT_TXN_REFUSES, false, true, "DISCARD ALL");
    static const char *const concurrent[] = {
        "create index concurrently i on t (a)",
        "create unique index /* x */ concurrently if not exists i on t (a)",
        "drop index concurrently i",
        "reindex index concurrently i",
        "reindex table concurrently t",
        "REINDEX (VERBOSE) TABLE CONCURRENTLY t",
        "reindex (concurrently) table t",
        "reindex (verbose, concurrently true) index i",
        "alter table t detach partition p concurrently",
        "alter table if exists only a.b.c detach partition d.e.\"f\" concurrently",
    };
    for (size_t i = 0; i < ARRAY_LEN(concurrent); i++)
        postgres_kind(concurrent[i], SPLIT_TXN_REFUSES, true, false, NULL);
}

static void knows_what_is_ordinary(void **state)
{
    (void)state;
    static const char *const ordinary[] = {
        "alter type t add value 'x'",
        "refresh materialized view concurrently v",
        "create index i on t (a)",
        "reindex table t",
        "reindex (concurrently false) table t",
        "reindex (concurrently 0, verbose) table t",
        "alter table t detach partition p",
        "alter table t detach partition p finalize",
        "alter subscription s disable",
        "alter subscription s set publication p with (refresh = off)",
        "alter database x set work_mem = 1",
        "cluster t",
        "cluster verbose t using i",
        "cluster \"t\"",
        "discard temp",
        "savepoint a",
        "release a",
        "rollback to a",
        "rollback work to savepoint a",
        "set transaction isolation level serializable",
        "set constraints all deferred",
        "prepare p as select 1",
        "call p()",
        "do $$begin commit; end$$",
        "select set_config('a', 'b', false), 1",
        "select set_config('a', 'b', false) from t",
        "analyze",
    };
    for (size_t i = 0; i < ARRAY_LEN(ordinary); i++)
        postgres_kind(ordinary[i], SPLIT_TXN_ORDINARY, false, false, NULL);
}

static void knows_what_is_neutral_or_controls(void **state)
{
    (void)state;
    postgres_kind("set lock_timeout='5s'", SPLIT_TXN_NEUTRAL, false, true, "SET LOCK_TIMEOUT");
    postgres_kind("set local lock_timeout='5s'", SPLIT_TXN_NEUTRAL, false, false, NULL);
    postgres_kind("set session characteristics as transaction read only", SPLIT_TXN_NEUTRAL, false,
                  true, NULL);
    postgres_kind("reset all", SPLIT_TXN_NEUTRAL, false, true, NULL);
    postgres_kind("show all", SPLIT_TXN_NEUTRAL, false, false, NULL);
    postgres_kind("SELECT pg_catalog.set_config('search_path', '', false)", SPLIT_TXN_NEUTRAL,
                  false, true, "SELECT PG_CATALOG SET_CONFIG");
    postgres_kind("select set_config('a','b',true)", SPLIT_TXN_NEUTRAL, false, true, NULL);
    static const char *const control[] = {"begin",
                                          "BEGIN isolation level serializable",
                                          "begin work",
                                          "start transaction",
                                          "commit",
                                          "commit and chain",
                                          "end",
                                          "rollback",
                                          "rollback and no chain",
                                          "abort",
                                          "prepare transaction 'x'",
                                          "commit prepared 'x'",
                                          "rollback prepared 'x'"};
    for (size_t i = 0; i < ARRAY_LEN(control); i++)
        postgres_kind(control[i], SPLIT_TXN_CONTROL, false, false, NULL);
}

static void words_are_those_outside_of_parentheses(void **state)
{
    (void)state;
    postgres_kind("create table \"T\" (a int default (1), b text)", SPLIT_TXN_ORDINARY, false,
                  false, "CREATE TABLE");
    postgres_kind("insert into t1 values ('x', 1), (2)", SPLIT_TXN_ORDINARY, false, false,
                  "INSERT INTO T1 VALUES");
    postgres_kind("a b c d e f g h i j k l", SPLIT_TXN_ORDINARY, false, false,
                  "A B C D E F G H I J");
    postgres_kind("copy t from '/x'", SPLIT_TXN_ORDINARY, false, false, "COPY T FROM");
    postgres_kind("select $1, 'x'", SPLIT_TXN_ORDINARY, false, false, "SELECT");
}

static void mysql_kind(const char *sql, enum split_txn txn, bool session, const char *words)
{
    AUTO(pieces_free) struct pieces p;
    cut_all(sql, strlen(sql), &mysql, &p);
    if (p.failed || p.list.len != 1 || p.list.ptr[0].txn != txn ||
        p.list.ptr[0].session != session || p.list.ptr[0].concurrently ||
        p.list.ptr[0].kind != SPLIT_STATEMENT)
        fail_msg("%s", sql);
    if (words)
        assert_string_equal(p.list.ptr[0].words, words);
}

static void knows_the_kinds_of_mysql(void **state)
{
    (void)state;
    static const char *const control[] = {"begin",  "begin work", "start transaction read only",
                                          "commit", "rollback",   "rollback and chain"};
    for (size_t i = 0; i < ARRAY_LEN(control); i++)
        mysql_kind(control[i], SPLIT_TXN_CONTROL, false, NULL);
    mysql_kind("xa start 'x'", SPLIT_TXN_CONTROL, true, NULL);
    static const char *const ordinary[] = {"rollback to savepoint a",
                                           "rollback work to a",
                                           "savepoint a",
                                           "start slave",
                                           "begin not atomic select 1; end",
                                           "create database x",
                                           "copy t from stdin",
                                           "vacuum",
                                           "set password = 'x'",
                                           "set default role all to a",
                                           "flush tables",
                                           "call p()"};
    for (size_t i = 0; i < ARRAY_LEN(ordinary); i++)
        mysql_kind(ordinary[i], SPLIT_TXN_ORDINARY, false, NULL);
    static const char *const session[] = {"lock tables t write",
                                          "lock table t read",
                                          "flush tables with read lock",
                                          "create temporary table t (a int)",
                                          "create or replace temporary table t (a int)",
                                          "prepare s from 'x'",
                                          "handler t open"};
    for (size_t i = 0; i < ARRAY_LEN(session); i++)
        mysql_kind(session[i], SPLIT_TXN_ORDINARY, true, NULL);
    mysql_kind("set autocommit=0", SPLIT_TXN_NEUTRAL, true, "SET AUTOCOMMIT");
    mysql_kind("/*!40101 SET NAMES utf8 */", SPLIT_TXN_NEUTRAL, true, "SET NAMES UTF8");
    mysql_kind("use x", SPLIT_TXN_NEUTRAL, true, NULL);
    mysql_kind("set global a=1", SPLIT_TXN_NEUTRAL, false, NULL);
    mysql_kind("show tables", SPLIT_TXN_NEUTRAL, false, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_refuses_transactions),
        cmocka_unit_test(knows_what_is_ordinary),
        cmocka_unit_test(knows_what_is_neutral_or_controls),
        cmocka_unit_test(words_are_those_outside_of_parentheses),
        cmocka_unit_test(knows_the_kinds_of_mysql),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
