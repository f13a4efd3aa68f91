#include "tests/unit/split_check.h"

static const struct split_options postgres = {
    .dialect = SPLIT_POSTGRES, .standard_conforming_strings = true, .database = "shop"};
static const struct split_options old_strings = {.dialect = SPLIT_POSTGRES};

#define EXPECT(sql, ...)           expect_pieces(&postgres, sql, __VA_ARGS__, (char *)NULL)
#define FAILS(sql, count, message) expect_failure(&postgres, sql, count, message)

static void check_copy(const char *sql, const char *statement, const char *data, size_t count)
{
    AUTO(pieces_free) struct pieces p;
    cut_all(sql, strlen(sql), &postgres, &p);
    if (p.failed)
        fail_msg("%s", p.err.text);
    assert_int_equal(p.list.len, count);
    assert_int_equal(p.list.ptr[0].kind, SPLIT_COPY);
    assert_string_equal(p.list.ptr[0].sql, statement);
    assert_string_equal(p.list.ptr[0].data, data);
}

static void copy_takes_its_data(void **state)
{
    (void)state;
    check_copy("COPY t FROM STDIN;\n1\t;\n'2\n\\.\nselect 1;", "COPY t FROM STDIN", "1\t;\n'2\n",
               2);
    check_copy("copy public.t (a, \"from\") from stdin with (format csv);\n1,\"a\n\\.x\n\\.\n",
               "copy public.t (a, \"from\") from stdin with (format csv)", "1,\"a\n\\.x\n", 1);
    check_copy("COPY t FROM STDIN;\r\n1\r\n\\.\r\nx", "COPY t FROM STDIN", "1\r\n", 2);
    check_copy("COPY t FROM STDIN; -- ; note\n1\n\\.\n", "COPY t FROM STDIN", "1\n", 1);
    check_copy("COPY t FROM STDIN; /* ' */ ; /* /* */ */  \n\\.\nx", "COPY t FROM STDIN", "", 2);
    check_copy("COPY t FROM STDIN;\n\\.\n", "COPY t FROM STDIN", "", 1);
    check_copy("COPY t FROM STDIN;\n1\n\\.", "COPY t FROM STDIN", "1\n", 1);
    check_copy("COPY t FROM STDIN;\n1\n\\.\r", "COPY t FROM STDIN", "1\n", 1);
    check_copy("COPY t FROM STDIN;\n\\\n\\N\n\n\\\\.\n \\.\n\\.\\.\n\\.\n", "COPY t FROM STDIN",
               "\\\n\\N\n\n\\\\.\n \\.\n\\.\\.\n", 1);
    check_copy("copy binary t from stdout;\nx\n\\.\n", "copy binary t from stdout", "x\n", 1);
}

static void copy_of_other_kinds_has_no_data(void **state)
{
    (void)state;
    EXPECT("copy t from '/x';copy t to stdout;copy (select * from stdin) to stdout;"
           "copy t from program 'cat';b",
           "copy t from '/x'", "copy t to stdout", "copy (select * from stdin) to stdout",
           "copy t from program 'cat'", "b");
}

static void copy_without_its_end_is_an_error(void **state)
{
    (void)state;
    const char *message = "V1.sql:2:1: no line \"\\.\" ends the data of the COPY that begins here";
    FAILS("a;\nCOPY t FROM STDIN;\n1\n2\n", 2, message);
    FAILS("a;\nCOPY t FROM STDIN;\n1\n\\.x", 2, message);
    FAILS("a;\nCOPY t FROM STDIN;\n", 2, message);
    FAILS("a;\nCOPY t FROM STDIN;", 1, message);
    FAILS("a;\nCOPY t FROM STDIN", 1, message);
    FAILS("a;\nCOPY t FROM STDIN; select 1;\n1\n\\.\n", 1,
          "V1.sql:2:20: nothing but a comment may follow COPY … FROM STDIN on its line");
    FAILS("a;\nCOPY t FROM STDIN; /* \n */\n1\n\\.\n", 1,
          "V1.sql:2:20: nothing but a comment may follow COPY … FROM STDIN on its line");
}

static void copy_data_may_be_left_unread(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    for (size_t cap = 0; cap < 12; cap++) {
        struct text_options options = {.chunk = 3};
        const char *sql = "copy t from stdin;\n12\n34\n\\.\ncopy u from stdin;\n\\.\nselect 1";
        struct text *text = text_open_bytes("a", sql, strlen(sql), &options, &err);
        AUTO(split_close) struct split *s = split_open(text, "a", &postgres);
        struct statement st;
        char buf[12];
        assert_int_equal(split_next(s, &st, &err), 1);
        if (cap)
            assert_true(split_copy_read(s, buf, cap, &err) > 0);
        assert_int_equal(split_place(s, 4).line, 1);
        assert_int_equal(split_next(s, &st, &err), 1);
        assert_int_equal(st.kind, SPLIT_COPY);
        assert_int_equal(split_next(s, &st, &err), 1);
        assert_int_equal(st.kind, SPLIT_STATEMENT);
        assert_int_equal(split_copy_read(s, buf, sizeof buf, &err), 0);
        assert_int_equal(split_next(s, &st, &err), 0);
    }
}

static void psql_commands_that_change_nothing_pass(void **state)
{
    (void)state;
    const char *sql =
        "\\restrict abc\nselect 1;\n\\unrestrict abc\r\n\\connect shop\n\\c \"shop\" - "
        "-\n\\connect -reuse-previous=on \"dbname='shop'\"\n\\set ON_ERROR_STOP on\n"
        "\\set ON_ERROR_STOP\n\\echo 'it;'s\n\\.\n\\c\n\\c -\n  \\echo";
    AUTO(pieces_free) struct pieces p;
    cut_all(sql, strlen(sql), &postgres, &p);
    if (p.failed)
        fail_msg("%s", p.err.text);
    assert_int_equal(p.list.len, 13);
    for (size_t i = 0; i < p.list.len; i++)
        assert_int_equal(p.list.ptr[i].kind, i == 1 ? SPLIT_STATEMENT : SPLIT_CLIENT);
    assert_string_equal(p.list.ptr[2].sql, "\\unrestrict abc");
    assert_string_equal(p.list.ptr[2].words, "");
    assert_string_equal(p.list.ptr[12].sql, "\\echo");
}

static void other_psql_commands_are_errors(void **state)
{
    (void)state;
    FAILS("a;\n\\i x.sql\n", 1, "V1.sql:2:1: psql's \\i is not supported");
    FAILS("\\copy t from 'x'", 0, "V1.sql:1:1: psql's \\copy is not supported");
    FAILS("\\connect other", 0, "V1.sql:1:1: psql's \\connect leads to another database");
    FAILS("\\connect shop bob", 0, "V1.sql:1:1: psql's \\connect leads to another database");
    FAILS("\\c -reuse-previous=on \"dbname='x'\"", 0,
          "V1.sql:1:1: psql's \\c leads to another database");
    FAILS("\\c \"dbname=shop host=x\"", 0, "V1.sql:1:1: psql's \\c leads to another database");
    FAILS("\\set x 1", 0, "V1.sql:1:1: psql's \\set is not supported, but for ON_ERROR_STOP on");
    FAILS("\\set ON_ERROR_STOP off", 0,
          "V1.sql:1:1: psql's \\set is not supported, but for ON_ERROR_STOP on");
    FAILS("select 1 \\gset\n", 0, "V1.sql:1:10: a backslash is not part of SQL");
    FAILS("select 1\\; select 2;", 0, "V1.sql:1:9: a backslash is not part of SQL");
    expect_failure(&old_strings, "\\c shop", 0, "V1.sql:1:1: psql's \\c leads to another database");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_takes_its_data),
        cmocka_unit_test(copy_of_other_kinds_has_no_data),
        cmocka_unit_test(copy_without_its_end_is_an_error),
        cmocka_unit_test(copy_data_may_be_left_unread),
        cmocka_unit_test(psql_commands_that_change_nothing_pass),
        cmocka_unit_test(other_psql_commands_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
