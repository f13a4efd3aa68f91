#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/migrations.h"

struct scene {
    const char *files, *rows;
    const char *patterns; /* words */
    bool pending_ok;
    const char *codes; /* "CODE 2|CODE view" */
};

static void add_word(char *word, void *ctx)
{
    strlist_add(ctx, word);
}

static void expect_scene(const struct scene *scene, const char *target, const char *message)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(info_free) struct info info = {0};
    AUTO(validation_free) struct validation validation = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(strlist_free) struct strlist patterns = VEC_INIT;
    make_set(&set, scene->files);
    make_history(&history, scene->rows);
    each_word(scene->patterns, add_word, &patterns);
    struct info_options options = {.target = target, .ignore_patterns = &patterns};
    assert_true(info_build(&set, &history, &options, &info, &err));
    assert_true(info_validate(&info, &options, scene->pending_ok, &validation, &err));
    AUTO(str_free) struct str got = STR_INIT;
    for (size_t i = 0; i < validation.findings.len; i++) {
        const struct invalid *finding = &validation.findings.ptr[i];
        const struct info_line *line = finding->line;
        str_addf(&got, "%s%s %s", i ? "|" : "", finding->code,
                 *line->version ? line->version : line->description);
    }
    assert_string_equal(got.ptr, scene->codes);
    if (message)
        assert_string_equal(validation.findings.ptr[0].message, message);
}

static void expect_scenes(const struct scene scenes[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect_scene(&scenes[i], NULL, NULL);
}

static void what_is_as_it_should_be_has_no_finding(void **state)
{
    (void)state;
    const struct scene scenes[] = {
        {"", "", "", false, ""},
        {"V1 Rr", "SCHEMA SQL:1 SQL:Rr", "", false, ""},
        {"V1 V2", "SQL:1 SQL:2 DELETE:2 SQL:2", "", false, ""},
        {"V1 Rr#2/5", "SQL:1 SQL:Rr#4 SQL:Rr#5", "", false, ""},
        {"V1 V2", "BASELINE:1 SQL:2 SQL:3", "*:future", false, ""},
        {"V1 V2 V4 B4", "SQL:1 SQL:2 SQL:4", "", false, ""},
        {"V1", "SQL:1 UNDO_SQL:1", "*:pending", false, ""},
        {"V1", "SQL:1 SQL:2 DELETE:2 SQL:Rx DELETE:Rx", "", false, ""},
        {"V1#2", "SQL:1#3", "*:*", false, ""},
        {"V2", "UNDO_SQL:1 SQL:2", "", false, ""},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
    const struct scene above = {"V1 V2", "SQL:1", "", false, ""};
    expect_scene(&above, "1", NULL);
}

static void each_disagreement_has_its_code(void **state)
{
    (void)state;
    const struct scene scenes[] = {
        {"V1 V2 Rr", "SQL:1 SQL:2!", "", true, "FAILED_VERSIONED_MIGRATION 2"},
        {"V1 Rr", "SQL:1 SQL:Rr!", "", false, "FAILED_REPEATABLE_MIGRATION r"},
        {"V1 V3", "SQL:1 SQL:2 SQL:3", "", false, "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED 2"},
        {"V1 V3", "SQL:1 SQL:2 SQL:3", "*:missing", false, ""},
        {"V1 V3", "SQL:1 SQL:2 SQL:3", "repeatable:missing", false,
         "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED 2"},
        {"V1", "SQL:1 SQL:Rr#2 SQL:Rr#1", "", false, "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED r"},
        {"V1", "SQL:1 SQL:2", "", false, "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED 2"},
        {"V1", "SQL:1 SQL:2!", "", false, "FAILED_VERSIONED_MIGRATION 2"},
        {"V1", "SQL:1 SQL:2!", "*:future", false, ""},
        {"V1 V3", "SQL:1 SQL:2! SQL:3", "*:missing", false, "FAILED_VERSIONED_MIGRATION 2"},
        {"V1 V2 V3", "SQL:1 SQL:3", "", true, "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED 2"},
        {"V1 V2 V3", "SQL:1 SQL:3", "*:ignored", false, ""},
        {"V1 V2 Rr", "SQL:1", "", false,
         "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED 2|RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED r"},
        {"V1 V2 Rr", "SQL:1", "versioned:pending", false,
         "RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED r"},
        {"V1 V2 Rr", "SQL:1", "", true, ""},
        {"Rr#2", "SQL:Rr#1", "", false,
         "OUTDATED_REPEATABLE_MIGRATION r|RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED r"},
        {"Rr#2", "SQL:Rr#1", "repeatable:pending", false, "OUTDATED_REPEATABLE_MIGRATION r"},
        {"Rr#2", "SQL:Rr#1", "", true, ""},
        {"Rr", "JDBC:Rr", "", false, "TYPE_MISMATCH r"},
        {"V1#5 V2=new", "SQL:1#6 SQL:2=old", "", false,
         "CHECKSUM_MISMATCH 1|DESCRIPTION_MISMATCH 2"},
        {"V1#5", "SQL:1#-", "", false, "CHECKSUM_MISMATCH 1"},
        {"V1#5 V2#5", "SQL:1#6 BASELINE:1.5 SQL:2#6", "", false, "CHECKSUM_MISMATCH 2"},
        {"V1 V3", "JDBC:1 SQL:3", "", false,
         "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED 1|RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED 1"},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void an_empty_description_may_be_stored_as_a_marker(void **state)
{
    (void)state;
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, "V1= V2=x");
    make_history(&history, "SQL:1 SQL:2");
    for (size_t i = 0; i < 2; i++) {
        free(history.rows.ptr[i].description);
        history.rows.ptr[i].description = xstrdup("<< no description >>");
    }
    struct info_options options = {0};
    AUTO(info_free) struct info info = {0};
    AUTO(validation_free) struct validation validation = {0};
    assert_true(info_build(&set, &history, &options, &info, &err));
    assert_true(info_validate(&info, &options, false, &validation, &err));
    assert_int_equal(validation.findings.len, 1);
    assert_string_equal(validation.findings.ptr[0].line->version, "2");
}

static void messages_say_what_differs_and_what_to_do(void **state)
{
    (void)state;
    const struct scene checksum = {"V1#-52568151", "SQL:1#1032505041", "", false,
                                   "CHECKSUM_MISMATCH 1"};
    expect_scene(&checksum, NULL,
                 "Migration checksum mismatch for migration version 1\n"
                 "-> Applied to database : 1032505041\n"
                 "-> Resolved locally    : -52568151\n"
                 "Restore the file as it was applied, or run 'dbops migrate repair' to accept it "
                 "as it is.");
    const struct scene type = {"Rr", "JDBC:Rr", "", false, "TYPE_MISMATCH r"};
    expect_scene(&type, NULL,
                 "Migration type mismatch for migration R__r.sql\n"
                 "-> Applied to database : JDBC\n"
                 "-> Resolved locally    : SQL\n"
                 "Restore the file as it was applied, or run 'dbops migrate repair' to accept it "
                 "as it is.");
    const struct scene pending = {"V2", "", "", false,
                                  "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED 2"};
    expect_scene(&pending, NULL,
                 "Detected resolved migration not applied to database: 2.\n"
                 "Run 'dbops migrate up', or ignore it with the pattern '*:pending'.");
}

static void bad_patterns_stop_validate_and_the_plans(void **state)
{
    (void)state;
    AUTO(strlist_free) struct strlist patterns = VEC_INIT;
    strlist_add(&patterns, "all:future");
    struct info_options options = {.ignore_patterns = &patterns};
    struct migration_set set = {0};
    struct history history = {0};
    struct info info = {0};
    struct validation validation = {0};
    struct up_plan up = {0};
    struct repair_plan repair = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_false(info_validate(&info, &options, true, &validation, &err));
    assert_false(up_plan(&info, &options, &up, &err));
    assert_false(repair_plan(&set, &history, &options, &repair, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_as_it_should_be_has_no_finding),
        cmocka_unit_test(each_disagreement_has_its_code),
        cmocka_unit_test(an_empty_description_may_be_stored_as_a_marker),
        cmocka_unit_test(messages_say_what_differs_and_what_to_do),
        cmocka_unit_test(bad_patterns_stop_validate_and_the_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
