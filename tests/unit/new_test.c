#include "migrate/new.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/file.h"
#include "tests/unit/migrations.h"

enum { NOW = 1717747750 }; /* 2024-06-07 08:09:10 UTC */

static void expect_version(const char *files, enum new_kind kind, const char *expected)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    make_set(&set, files);
    AUTO(mem_free) char *version = new_version(&set, kind, NOW);
    assert_string_equal(version, expected);
    for (size_t i = 0; i < set.migrations.len; i++)
        assert_true(version_compare(set.migrations.ptr[i].version, version) < 0);
}

static void the_next_version_keeps_the_style_of_the_highest(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", "1"},
        {"Rview", "1"},
        {"V1 V2", "3"},
        {"V9", "10"},
        {"V005 V004", "006"},
        {"V099", "100"},
        {"V999", "1000"},
        {"V1.2", "1.3"},
        {"V1_2", "1_3"},
        {"V1.9", "1.10"},
        {"V2.0 V1.7", "2.1"},
        {"V3 B4", "5"},
        {"V20240101", "20240607"},
        {"V202401010101", "202406070809"},
        {"V20240101010101 V7", "20240607080910"},
        {"V20240607080910", "20240607080911"},
        {"V20991231235959", "20991231235960"},
        {"V20241301", "20241302"},
        {"V99999999", "100000000"},
        {"V99999999999999999999999999", "100000000000000000000000000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        expect_version(pairs[i][0], NEW_VERSIONED, pairs[i][1]);
    expect_version("V1", NEW_TIMESTAMP, "20240607080910");
    expect_version("", NEW_TIMESTAMP, "20240607080910");
    expect_version("V20240607080910", NEW_TIMESTAMP, "20240607080911");
}

static struct new_options options_for(const char *description, enum new_kind kind)
{
    return (struct new_options){
        .description = description,
        .prefix = kind == NEW_REPEATABLE ? "R" : "V",
        .separator = "__",
        .suffix = ".sql",
        .kind = kind,
        .now = NOW,
    };
}

static void expect_name(const char *description, enum new_kind kind, const char *expected)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, "V006 Rmy_view");
    struct new_options options = options_for(description, kind);
    AUTO(mem_free) char *name = new_name(&set, &options, &err);
    assert_string_equal(name, expected);
}

static void descriptions_become_names(void **state)
{
    (void)state;
    expect_name("add users", NEW_VERSIONED, "V007__add_users.sql");
    expect_name("  add  user's/table ${x} ", NEW_VERSIONED, "V007__add_user_s_table_x.sql");
    expect_name("add_users.sql", NEW_VERSIONED, "V007__add_users.sql");
    expect_name("b\xC3\xBCro", NEW_TIMESTAMP, "V20240607080910__b\xC3\xBCro.sql");
    expect_name("my view", NEW_REPEATABLE, "R__my_view.sql");
}

static void expect_refusal(const char *files, const char *description, enum new_kind kind,
                           enum error_kind error, const char *part)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, files);
    for (size_t i = 0; i < set.migrations.len; i++)
        set.migrations.ptr[i].path = xstrdup("db/file.sql");
    struct new_options options = options_for(description, kind);
    assert_null(new_name(&set, &options, &err));
    assert_int_equal(err.kind, error);
    if (!strstr(err.text, part))
        fail_msg("'%s' is not in: %s", part, err.text);
}

static void what_cannot_be_a_name_is_refused(void **state)
{
    (void)state;
    expect_refusal("", "", NEW_VERSIONED, ERR_USAGE, "cannot be a description");
    expect_refusal("", " / ", NEW_VERSIONED, ERR_USAGE, "cannot be a description");
    expect_refusal("", "..", NEW_VERSIONED, ERR_USAGE, "cannot be a description");
    expect_refusal("", "\xFF", NEW_VERSIONED, ERR_USAGE, "cannot be a description");
    expect_refusal("Rview", "view", NEW_REPEATABLE, ERR_USAGE, "is there already: db/file.sql");
    expect_refusal("V99999999999999999999999999999999999999999999999999", "x", NEW_VERSIONED,
                   ERR_DATA, "has more than 50 characters");
    AUTO(str_free) struct str text = STR_INIT;
    for (int i = 0; i < 199; i++)
        str_add(&text, "\xC3\xBC");
    expect_refusal("", text.ptr, NEW_VERSIONED, ERR_USAGE, "longer than 255 bytes");
    str_add(&text, "ab");
    expect_refusal("", text.ptr, NEW_VERSIONED, ERR_USAGE, "longer than the 200 characters");
}

static void the_file_is_written_once(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *base = file_make_temp_directory(NULL, "dbops-new", &err);
    AUTO(mem_free) char *dir = file_join(base, "db/migration");
    AUTO(migration_set_free) struct migration_set set = {0};
    struct new_options options = options_for("add users", NEW_VERSIONED);
    options.dir = dir;
    AUTO(mem_free) char *path = NULL, *again = NULL, *view = NULL;
    assert_true(new_migration(&set, &options, &path, &err));
    assert_true(str_ends(path, "/db/migration/V1__add_users.sql"));
    AUTO(str_free) struct str text = STR_INIT;
    assert_true(file_read(path, 1000, &text, &err));
    assert_string_equal(text.ptr, "-- add users\n\n");
    assert_false(new_migration(&set, &options, &again, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_null(again);
    error_free(&err);
    options = options_for("report", NEW_REPEATABLE);
    options.dir = dir;
    assert_true(new_migration(&set, &options, &view, &err));
    str_clear(&text);
    assert_true(file_read(view, 1000, &text, &err));
    assert_string_equal(text.ptr, "-- report\n-- Runs again whenever this file changes.\n\n");
    options.dir = "db/*";
    assert_false(new_migration(&set, &options, &again, &err));
    error_free(&err);
    options.dir = path;
    assert_false(new_migration(&set, &options, &again, &err));
    error_free(&err);
    options.description = "";
    assert_false(new_migration(&set, &options, &again, &err));
    error_free(&err);
    assert_true(file_remove_tree(base, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_version_keeps_the_style_of_the_highest),
        cmocka_unit_test(descriptions_become_names),
        cmocka_unit_test(what_cannot_be_a_name_is_refused),
        cmocka_unit_test(the_file_is_written_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
