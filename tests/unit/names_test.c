#include "migrate/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/str.h"

struct fixture {
    struct strlist suffixes;
    struct files_options options;
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    strlist_add(&f->suffixes, ".sql");
    f->options = (struct files_options){
        .sql_prefix = "V",
        .repeatable_prefix = "R",
        .baseline_prefix = "B",
        .separator = "__",
        .suffixes = &f->suffixes,
    };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    strlist_free(&f->suffixes);
    free(f);
    return 0;
}

static void expect_name(struct fixture *f, const char *file, enum name_kind kind,
                        const char *version, const char *description)
{
    AUTO(file_name_free) struct file_name name = file_name_parse(file, &f->options);
    assert_int_equal(name.kind, kind);
    assert_true(str_equal(name.version, version));
    assert_true(str_equal(name.description, description));
    assert_int_equal(kind == NAME_INVALID, name.reason != NULL);
}

static void names_follow_the_grammar(void **state)
{
    struct fixture *f = *state;
    expect_name(f, "V1__first_table.sql", NAME_VERSIONED, "1", "first table");
    expect_name(f, "V1_01.2__x.sql", NAME_VERSIONED, "1.01.2", "x");
    expect_name(f, "V10.sql", NAME_VERSIONED, "10", "");
    expect_name(f, "V9__up.SQL", NAME_VERSIONED, "9", "up");
    expect_name(f, "V1__a__b.sql", NAME_VERSIONED, "1", "a  b");
    expect_name(f, "B3__base.sql", NAME_BASELINE, "3", "base");
    expect_name(f, "R__view.sql", NAME_REPEATABLE, NULL, "view");
    expect_name(f, "U3__undo.sql", NAME_UNDO, "3", "undo");
    expect_name(f, "beforeMigrate.sql", NAME_CALLBACK, NULL, "");
    expect_name(f, "beforeMigrate__why_not.sql", NAME_CALLBACK, NULL, "why not");
    expect_name(f, "beforeUndo.sql", NAME_UNDO, NULL, "");
    expect_name(f, "V1__a.sql.conf", NAME_OTHER, NULL, NULL);
    expect_name(f, "README.md", NAME_OTHER, NULL, NULL);
    expect_name(f, ".V1__a.sql", NAME_OTHER, NULL, NULL);
    static const char *const bad[] = {
        "V__x.sql",      "Vabc__y.sql",
        "R1__z.sql",     "V7_nosep.sql",
        "v8__lower.sql", "Users.sql",
        "V1__\xFF.sql",  "beforeMigrateFoo.sql",
        "V1.__x.sql",    "README_NOT.sql",
        "clean__it.sql", "V123456789012345678901234567890123456789012345678901__long.sql"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        expect_name(f, bad[i], NAME_INVALID, NULL, NULL);
}

static void longest_prefix_wins(void **state)
{
    struct fixture *f = *state;
    AUTO(file_name_free)
    struct file_name name = file_name_parse("beforeEachMigrateStatement__x.sql", &f->options);
    assert_int_equal(name.event, CALLBACK_beforeEachMigrateStatement);
    assert_string_equal(callback_event_name(name.event), "beforeEachMigrateStatement");
    f->options.sql_prefix = "before";
    f->options.baseline_prefix = "U1";
    expect_name(f, "before7__x.sql", NAME_VERSIONED, "7", "x");
    expect_name(f, "beforeMigrate__x.sql", NAME_CALLBACK, NULL, "x");
    expect_name(f, "U12__x.sql", NAME_BASELINE, "2", "x");
}

static void other_separators_and_suffixes_are_taken(void **state)
{
    struct fixture *f = *state;
    f->options.separator = "-";
    strlist_add(&f->suffixes, ".pkb");
    expect_name(f, "V1-a.pkb", NAME_VERSIONED, "1", "a");
    expect_name(f, "V1-a.PKB", NAME_VERSIONED, "1", "a");
    expect_name(f, "R-a.sql", NAME_REPEATABLE, NULL, "a");
}

static void long_texts_are_cut_as_the_table_wants(void **state)
{
    (void)state;
    AUTO(str_free) struct str text = STR_INIT;
    for (int i = 0; i < 198; i++)
        str_addc(&text, 'd');
    str_add(&text, "\xF0\x9F\x98\x80");
    AUTO(mem_free) char *same = name_cut_description(text.ptr);
    assert_string_equal(same, text.ptr);
    str_addc(&text, 'e');
    AUTO(mem_free) char *cut = name_cut_description(text.ptr);
    assert_int_equal(strlen(cut), 200);
    assert_string_equal(cut + 196, "d...");
    str_clear(&text);
    str_add(&text, "0123456789");
    for (int i = 10; i < 1000; i++)
        str_addc(&text, 's');
    AUTO(mem_free) char *whole = name_cut_script(text.ptr);
    assert_string_equal(whole, text.ptr);
    str_add(&text, "end");
    AUTO(mem_free) char *script = name_cut_script(text.ptr);
    assert_int_equal(strlen(script), 1000);
    assert_true(str_starts(script, "...3456789s"));
    assert_true(str_ends(script, "sss"));
}

static void names_sort_by_utf16_units(void **state)
{
    (void)state;
    assert_true(name_compare("a", "b") < 0 && name_compare("a", "a") == 0);
    assert_true(name_compare("\xF0\x9F\x98\x80", "\xEF\xBD\x81") < 0);
    assert_true(name_compare("\xEE\x80\x80", "\xF0\x9F\x98\x80") > 0);
    assert_true(name_compare("a", "ab") < 0 && name_compare("\xC3\xA9", "z") > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_follow_the_grammar),
        TEST(longest_prefix_wins),
        TEST(other_separators_and_suffixes_are_taken),
        TEST(long_texts_are_cut_as_the_table_wants),
        TEST(names_sort_by_utf16_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
