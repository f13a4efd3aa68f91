#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/migrations.h"

struct up_scene {
    const char *files, *rows, *target, *pattern;
    const char *plan; /* "2 Rview", or "failed: 2" */
};

static void expect_up(const struct up_scene *scene)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(info_free) struct info info = {0};
    AUTO(up_plan_free) struct up_plan plan = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(strlist_free) struct strlist patterns = VEC_INIT;
    make_set(&set, scene->files);
    make_history(&history, scene->rows);
    if (scene->pattern)
        strlist_add(&patterns, scene->pattern);
    struct info_options options = {.target = scene->target, .ignore_patterns = &patterns};
    assert_true(info_build(&set, &history, &options, &info, &err));
    assert_true(up_plan(&info, &options, &plan, &err));
    AUTO(str_free) struct str got = STR_INIT;
    for (size_t i = 0; i < plan.lines.len; i++) {
        const struct info_line *line = plan.lines.ptr[i];
        str_addf(&got, "%s%s%s", i ? " " : "", *line->version ? line->version : "R",
                 *line->version ? "" : line->description);
    }
    if (plan.failed)
        str_addf(&got, "failed: %s", *plan.failed->version ? plan.failed->version : "R");
    assert_string_equal(got.ptr, scene->plan);
}

static void up_takes_versions_then_repeatables(void **state)
{
    (void)state;
    const struct up_scene scenes[] = {
        {"Rb Ra V10 V9 V1", "SQL:1", NULL, NULL, "9 10 Ra Rb"},
        {"V1 V2 Ra", "SQL:1", "next", NULL, "2"},
        {"V1 V2 Ra Rb", "SQL:1 SQL:2", "Next", NULL, "Ra"},
        {"V1 V2 Ra", "SQL:1", "current", NULL, "Ra"},
        {"V1 V2 V3 Ra", "SQL:1", "2", NULL, "2 Ra"},
        {"V1 Ra#2", "SQL:1 SQL:Ra#1", NULL, NULL, "Ra"},
        {"V1 V2 V3 V4 B2 B3", "", NULL, NULL, "3 4"},
        {"V1 V2 V3", "SQL:1 SQL:3", NULL, NULL, ""},
        {"V1", "SQL:1", NULL, NULL, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        expect_up(&scenes[i]);
}

static void a_failed_row_stops_unless_it_is_one_from_the_future(void **state)
{
    (void)state;
    const struct up_scene scenes[] = {
        {"V1 V2 V3", "SQL:1 SQL:2!", NULL, "*:future", "failed: 2"},
        {"V1 V3 Ra", "SQL:1 SQL:2! SQL:Ra!", NULL, "*:*", "failed: 2"},
        {"V1 Ra", "SQL:1 SQL:5!", NULL, "*:future", "Ra"},
        {"V1 Ra", "SQL:1 SQL:5!", NULL, NULL, "failed: 5"},
        {"V1 Ra", "SQL:1 SQL:5!", NULL, "versioned:future", "failed: 5"},
        {"V1 Ra", "SQL:1 SQL:5! SQL:6!", NULL, "*:future", "failed: 5"},
    };
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        expect_up(&scenes[i]);
}

struct repair_scene {
    const char *files, *rows, *pattern;
    const char *plan; /* "remove 2, delete 3 as 4, align 1": by rank */
};

static void expect_repair(const struct repair_scene *scene)
{
    static const char *const verbs[] = {"remove", "delete", "align"};
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(repair_plan_free) struct repair_plan plan = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(strlist_free) struct strlist patterns = VEC_INIT;
    make_set(&set, scene->files);
    make_history(&history, scene->rows);
    if (scene->pattern)
        strlist_add(&patterns, scene->pattern);
    struct info_options options = {.target = "99", .ignore_patterns = &patterns};
    if (!repair_plan(&set, &history, &options, &plan, &err))
        fail_msg("%s", err.text);
    AUTO(str_free) struct str got = STR_INIT;
    for (size_t i = 0; i < plan.steps.len; i++) {
        const struct repair_step *step = &plan.steps.ptr[i];
        assert_true(step->row >= history.rows.ptr &&
                    step->row < history.rows.ptr + history.rows.len);
        assert_int_equal(step->kind == REPAIR_ALIGN, step->file != NULL);
        str_addf(&got, "%s%s %d", i ? ", " : "", verbs[step->kind], step->row->rank);
        if (step->kind == REPAIR_MARK_DELETED)
            str_addf(&got, " as %d", step->rank);
    }
    assert_string_equal(got.ptr, scene->plan);
}

static void repair_removes_deletes_and_aligns(void **state)
{
    (void)state;
    const struct repair_scene scenes[] = {
        {"V1 V2", "SQL:1 SQL:2", NULL, ""},
        {"V1 V2", "SQL:1 SQL:2! SQL:2! SQL:Rx!", NULL, "remove 2, remove 3, remove 4"},
        {"V1 V4", "SQL:1 SQL:2! SQL:3 SQL:4", NULL, "remove 2, delete 3 as 5"},
        {"V1", "SQL:1 SQL:5", "*:future", ""},
        {"V1", "SQL:1 SQL:5", NULL, "delete 2 as 3"},
        {"V2", "SQL:1 SQL:2 SQL:Rx", "versioned:missing", "delete 3 as 4"},
        {"V1#5 V2=new", "SQL:1#6 SQL:2=old", NULL, "align 1, align 2"},
        {"V1#5", "SQL:1#-", NULL, "align 1"},
        {"Ra#7/5 Rb#2", "SQL:Ra#5 SQL:Rb#1", NULL, "align 1"},
        {"Ra#5/5", "SQL:Ra#5", NULL, ""},
        {"V1#5 V2", "SCHEMA BASELINE:1#6 SQL:2", NULL, ""},
        {"V1 V2", "SQL:1 SQL:2#3 UNDO_SQL:2#4", NULL, ""},
        {"V2", "JDBC:1 SQL:2 SQL:Rx DELETE:Rx", NULL, "delete 1 as 5"},
        {"V3", "SQL:1 SQL:2 SQL:3 SQL:4!", NULL, "remove 4, delete 1 as 4, delete 2 as 5"},
        {"B3#2 V4", "SQL_BASELINE:3#1 SQL:4", NULL, "align 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
        expect_repair(&scenes[i]);
}

static void repair_refuses_a_damaged_history(void **state)
{
    (void)state;
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    struct repair_plan plan = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_history(&history, "SQL:1 DELETE:1 DELETE:1");
    struct info_options options = {0};
    assert_false(repair_plan(&set, &history, &options, &plan, &err));
    assert_int_equal(err.kind, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_takes_versions_then_repeatables),
        cmocka_unit_test(a_failed_row_stops_unless_it_is_one_from_the_future),
        cmocka_unit_test(repair_removes_deletes_and_aligns),
        cmocka_unit_test(repair_refuses_a_damaged_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
