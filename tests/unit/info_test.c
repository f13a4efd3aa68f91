#include "migrate/info.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "migrate/patterns.h"
#include "migrate/target.h"
#include "tests/unit/migrations.h"

struct scene {
    const char *files, *rows;
    const char *target;
    bool out_of_order;
    const char *lines, *schema_version;
};

static void expect_scene(const struct scene *scene)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(info_free) struct info info = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, scene->files);
    make_history(&history, scene->rows);
    struct info_options options = {scene->target, scene->out_of_order, NULL};
    if (!info_build(&set, &history, &options, &info, &err))
        fail_msg("%s", err.text);
    AUTO(mem_free) char *lines = show_lines(&info);
    assert_string_equal(lines, scene->lines);
    if (scene->schema_version)
        assert_string_equal(info.schema_version, scene->schema_version);
}

static void expect_scenes(const struct scene scenes[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect_scene(&scenes[i]);
}

/* The first of six runs that were recorded with Flyway 11.20.3. */
static void a_late_version_is_ignored_unless_out_of_order(void **state)
{
    (void)state;
    static const char *const rows = "SQL:1 SQL:2 SQL:4 SQL:Rr";
    const struct scene scenes[] = {
        {"V1 V2 V4 V5 Rr", "", "4", false,
         "1 Pending|2 Pending|4 Pending|5 Above Target|Rr Pending", NULL},
        {"V1 V2 V3 V4 V5 Rr", rows, "4", false,
         "1 Success|2 Success|4 Success|Rr Success|3 Ignored|5 Above Target", "4"},
        {"V1 V2 V3 V4 V5 Rr", rows, "4", true,
         "1 Success|2 Success|4 Success|Rr Success|3 Pending|5 Above Target", "4"},
        {"V1 V2 V3 V4 V5 Rr", "SQL:1 SQL:2 SQL:4 SQL:Rr SQL:3", "4", true,
         "1 Success|2 Success|4 Success|Rr Success|3 Out of Order|5 Above Target", "4"},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void a_removed_version_is_missing_then_deleted_then_back(void **state)
{
    (void)state;
    const struct scene scenes[] = {
        {"V1 V4", "SQL:1 SQL:2 SQL:4", NULL, false, "1 Success|2 Missing|4 Success", "4"},
        {"V1 V4", "SQL:1 SQL:2 SQL:4 DELETE:2", NULL, false, "1 Success|2 Deleted|4 Success", "4"},
        {"V1 V2 V4", "SQL:1 SQL:2 SQL:4 DELETE:2", NULL, false,
         "1 Success|2 Deleted|4 Success|2 Ignored", "4"},
        {"V1 V2 V4", "SQL:1 SQL:2 SQL:4 DELETE:2", NULL, true,
         "1 Success|2 Deleted|4 Success|2 Pending", "4"},
        {"V1 V2 V4", "SQL:1 SQL:2 SQL:4 DELETE:2 SQL:2", NULL, true,
         "1 Success|2 Deleted|4 Success|2 Out of Order", "4"},
        {"V1 V2 V4", "SQL:1 SQL:2 SQL:4 DELETE:2 SQL:2 DELETE:2", NULL, true,
         "1 Success|2 Deleted|4 Success|2 Deleted|2 Pending", "4"},
        {"V1", "SQL:1 SQL:2 DELETE:2", NULL, false, "1 Success|2 Deleted", "1"},
        {"V1", "SQL:1 SQL:2!", NULL, false, "1 Success|2 Failed (Future)", "2"},
        {"V1 V3", "SQL:1 SQL:2!", NULL, false, "1 Success|2 Failed (Missing)|3 Pending", "2"},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void a_removed_highest_version_is_future(void **state)
{
    (void)state;
    const struct scene scene = {
        "V1 V2", "SQL:1 SQL:2 SQL:5", NULL, false, "1 Success|2 Success|5 Future", "5"};
    expect_scene(&scene);
}

static void repeatables_are_outdated_superseded_missing_and_deleted(void **state)
{
    (void)state;
    const struct scene scenes[] = {
        {"Rr#2", "SQL:Rr#1 SQL:Rr#2", NULL, false, "Rr Superseded|Rr Success", NULL},
        {"Rr#3", "SQL:Rr#1 SQL:Rr#2", NULL, false, "Rr Superseded|Rr Outdated|Rr Pending", NULL},
        {"Rr#3/2", "SQL:Rr#2", NULL, false, "Rr Success", NULL},
        {"Rr#3", "SQL:Rr#-", NULL, false, "Rr Outdated|Rr Pending", NULL},
        {"Rr", "SQL:Rr!", NULL, false, "Rr Failed", NULL},
        {"V1", "SQL:1 SQL:Rr#1 SQL:Rr#2", NULL, false, "1 Success|Rr Superseded|Rr Missing", "1"},
        {"V1", "SQL:1 SQL:Rr!", NULL, false, "1 Success|Rr Failed (Missing)", "1"},
        {"V1", "SQL:1 SQL:Rr#1 SQL:Rr#2 DELETE:Rr#2", NULL, false,
         "1 Success|Rr Superseded|Rr Deleted|DELETE Rr Success", "1"},
        {"V1 Rr", "SQL:1 SQL:Rr DELETE:Rr", NULL, false,
         "1 Success|Rr Deleted|DELETE Rr Success|Rr Pending", "1"},
        {"V1 Rr", "SQL:1 SQL:Rr DELETE:Rr SQL:Rr", NULL, false,
         "1 Success|Rr Deleted|DELETE Rr Success|Rr Success", "1"},
        {"Rr", "DELETE:Rr", NULL, false, "DELETE Rr Success|Rr Pending", NULL},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void baseline_migrations_stand_for_what_is_below_them(void **state)
{
    (void)state;
    const struct scene scenes[] = {
        {"V1 V2 V3 V4 B2 B3", "", NULL, false,
         "1 Below Baseline|2 Below Baseline|SQL_BASELINE 2 Below Baseline|3 Ignored (Baseline)|"
         "SQL_BASELINE 3 Pending|4 Pending",
         NULL},
        {"V1 V2 V3 V4 B2 B3", "SQL_BASELINE:3 SQL:4", NULL, false,
         "1 Below Baseline|2 Below Baseline|SQL_BASELINE 2 Below Baseline|3 Ignored (Baseline)|"
         "SQL_BASELINE 3 Baseline|4 Success",
         "4"},
        {"V1 V2 V3 V4 B2 B3 B4", "SQL_BASELINE:3 SQL:4", NULL, false,
         "1 Below Baseline|2 Below Baseline|SQL_BASELINE 2 Below Baseline|3 Ignored (Baseline)|"
         "SQL_BASELINE 3 Baseline|4 Success|SQL_BASELINE 4 Ignored",
         "4"},
        {"V1 V2 B2 V3", "SQL:1", NULL, false,
         "1 Success|2 Pending|SQL_BASELINE 2 Ignored|3 Pending", "1"},
        {"V4", "SQL_BASELINE:3! SQL:4", NULL, false, "SQL_BASELINE 3 Failed|4 Success", "4"},
        {"V4", "SQL_BASELINE:3 SQL:4", NULL, false, "SQL_BASELINE 3 Missing|4 Success", "4"},
        {"B3 V4", "JDBC_STATE_SCRIPT:3", NULL, false,
         "SQL_BASELINE 3 Ignored (Baseline)|JDBC_BASELINE 3 Missing|4 Pending", "3"},
        {"B3 V4", "sql_state_script:3", NULL, false, "SQL_BASELINE 3 Baseline|4 Pending", "3"},
        {"B3 V2", "SQL:2 DELETE:2", NULL, false,
         "2 Below Baseline|2 Deleted|SQL_BASELINE 3 Pending", NULL},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void a_baseline_row_ignores_its_version_and_those_below(void **state)
{
    (void)state;
    const struct scene scenes[] = {
        {"V0.5 V1 V2", "BASELINE:1=<<base>>", NULL, false,
         "0.5 Below Baseline|1 Ignored (Baseline)|BASELINE 1 Baseline|2 Pending", "1"},
        {"V1 V2", "SCHEMA BASELINE:1", NULL, false,
         "1 Ignored (Baseline)|SCHEMA Rschemas Success|BASELINE 1 Baseline|2 Pending", "1"},
        {"V1 V2", "INIT:1", NULL, false, "1 Ignored (Baseline)|BASELINE 1 Baseline|2 Pending", "1"},
        {"", "SCHEMA", NULL, false, "SCHEMA Rschemas Success", NULL},
        {"", "", NULL, false, "", NULL},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void failed_and_foreign_rows_have_their_states(void **state)
{
    (void)state;
    const struct scene scenes[] = {
        {"V1 V2", "SQL:1 SQL:2!", NULL, false, "1 Success|2 Failed", "2"},
        {"V1 V2 V3", "JDBC:1 SPRING_JDBC:2 SQL:3", NULL, false,
         "JDBC 1 Missing|JDBC 2 Missing|3 Success|1 Ignored|2 Ignored", "3"},
        {"V1 V2", "SQL:1 SQL:2 UNDO_SQL:2", NULL, false,
         "1 Success|2 Undone|UNDO_SQL 2 Success|2 Pending", "1"},
        {"V1 V2", "SQL:1 SQL:2 UNDO_SQL:2 SQL:2", NULL, false,
         "1 Success|2 Undone|UNDO_SQL 2 Success|2 Success", "2"},
        {"V1 V2", "SQL:1 SQL:2 UNDO_SQL:2!", NULL, false, "1 Success|2 Success|UNDO_SQL 2 Failed",
         "2"},
        {"V1", "SQL:1 DELETE:7 DELETE:1!", NULL, false, "1 Success|DELETE 1 Success", "1"},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void targets_bound_what_is_pending(void **state)
{
    (void)state;
    static const char *const files = "V1 V2 V3 Rr";
    const struct scene scenes[] = {
        {files, "SQL:1", "latest", false, "1 Success|2 Pending|3 Pending|Rr Pending", "1"},
        {files, "SQL:1", "LATEST", false, "1 Success|2 Pending|3 Pending|Rr Pending", "1"},
        {files, "SQL:1", "", false, "1 Success|2 Pending|3 Pending|Rr Pending", "1"},
        {files, "SQL:1", "current", false, "1 Success|2 Above Target|3 Above Target|Rr Pending",
         "1"},
        {files, "", "current", false, "1 Above Target|2 Above Target|3 Above Target|Rr Pending",
         NULL},
        {files, "SQL:1", "next", false, "1 Success|2 Pending|3 Above Target|Rr Pending", "1"},
        {files, "SQL:1 SQL:2 SQL:3", "next", false, "1 Success|2 Success|3 Success|Rr Pending",
         "3"},
        {files, "SQL:1", "2_0", false, "1 Success|2 Pending|3 Above Target|Rr Pending", "1"},
        {files, "SQL:1", "9?", false, "1 Success|2 Pending|3 Pending|Rr Pending", "1"},
        {files, "SQL:1", "1.5?", false, "1 Success|2 Above Target|3 Above Target|Rr Pending", "1"},
    };
    expect_scenes(scenes, ARRAY_LEN(scenes));
}

static void expect_refusal(const char *files, const char *rows, const char *target,
                           enum error_kind kind, const char *text, const char *hint)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(info_free) struct info info = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, files);
    make_history(&history, rows);
    struct info_options options = {.target = target};
    assert_false(info_build(&set, &history, &options, &info, &err));
    assert_int_equal(err.kind, kind);
    if (!strstr(err.text, text) || !strstr(err.hint, hint))
        fail_msg("'%s' and '%s' are not in: %s (%s)", text, hint, err.text, err.hint);
}

static void unknown_targets_are_refused_with_their_neighbours(void **state)
{
    (void)state;
    expect_refusal("V1 V4 V6 V9 Rr", "SQL:1", "5", ERR_USAGE,
                   "no migration has the target version 5", "the nearest known: 4 and 6;");
    expect_refusal("V1 V4", "", "9", ERR_USAGE, "version 9", "the nearest known: 4;");
    expect_refusal("V2", "SQL:1", "0.1", ERR_USAGE, "version 0.1", "the nearest known: 1;");
    expect_refusal("Rr", "", "1", ERR_USAGE, "version 1", "no versions are known");
    expect_refusal("V1", "", "newest", ERR_USAGE, "target 'newest' is not a version", "latest");
    expect_refusal("V1", "", "?", ERR_USAGE, "target '?' is not a version", "4.2?");
}

static void a_version_deleted_twice_is_damage(void **state)
{
    (void)state;
    expect_refusal("V1", "SQL:1 DELETE:1 DELETE:1.0", NULL, ERR_DATA,
                   "version 1.0 is deleted twice (rank 3)", "by hand");
    const struct scene repeatable = {"",
                                     "SQL:Rr DELETE:Rr DELETE:Rr",
                                     NULL,
                                     false,
                                     "Rr Deleted|DELETE Rr Success|DELETE Rr Success",
                                     NULL};
    expect_scene(&repeatable);
}

static void lines_carry_what_tables_show(void **state)
{
    (void)state;
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(info_free) struct info info = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, "V2 B1 Rr V9");
    make_history(&history, "SCHEMA BASELINE:1 SQL:2.0=old SQL:Rr UNDO_SQL:2 DELETE:Rr");
    struct info_options options = {0};
    assert_true(info_build(&set, &history, &options, &info, &err));
    AUTO(str_free) struct str got = STR_INIT;
    for (size_t i = 0; i < info.lines.len; i++) {
        const struct info_line *line = &info.lines.ptr[i];
        str_addf(&got, "[%s,%s,%s,%s]", line->category, line->version, line->description,
                 line->type);
    }
    assert_string_equal(got.ptr, "[Baseline,1,x,SQL_BASELINE][,,schemas,SCHEMA][,1,x,BASELINE]"
                                 "[Versioned,2.0,old,SQL][Repeatable,,r,SQL][Undo,2,x,UNDO_SQL]"
                                 "[,,r,DELETE][Versioned,2,x,SQL][Versioned,9,x,SQL]"
                                 "[Repeatable,,r,SQL]");
    assert_string_equal(state_name(STATE_BASELINE_IGNORED), "BASELINE_IGNORED");
    assert_string_equal(state_text(STATE_AVAILABLE), "Available");
}

static void repeatables_sort_as_java_sorts(void **state)
{
    (void)state;
    const struct scene scene = {"R\xEF\xBD\x81 R\xF0\x9F\x98\x80 Rb RB R\xC3\xA9",
                                "",
                                NULL,
                                false,
                                "RB Pending|Rb Pending|R\xC3\xA9 Pending|R\xF0\x9F\x98\x80 Pending|"
                                "R\xEF\xBD\x81 Pending",
                                NULL};
    expect_scene(&scene);
}

static void expect_bad_pattern(const char *text, const char *part)
{
    AUTO(ignore_patterns_free) struct ignore_patterns patterns = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_false(ignore_patterns_add(&patterns, text, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    if (!strstr(err.text, part))
        fail_msg("'%s' is not in: %s", part, err.text);
}

static void patterns_are_checked_and_match(void **state)
{
    (void)state;
    expect_bad_pattern("future", "not of the form type:state");
    expect_bad_pattern("*:future:x", "not of the form type:state");
    expect_bad_pattern("undo:future", "allowed are *, versioned and repeatable");
    expect_bad_pattern("*:success", "allowed are *, missing, pending, ignored and future");
    AUTO(ignore_patterns_free) struct ignore_patterns patterns = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_true(ignore_patterns_add(&patterns, " Versioned : MISSING ", &err));
    assert_true(ignore_patterns_match(&patterns, true, STATE_MISSING_SUCCESS));
    assert_false(ignore_patterns_match(&patterns, false, STATE_MISSING_SUCCESS));
    assert_false(ignore_patterns_match(&patterns, true, STATE_MISSING_FAILED));
    assert_false(ignore_patterns_cover(&patterns, STATE_MISSING_SUCCESS));
    assert_true(ignore_patterns_add(&patterns, "repeatable:*", &err));
    assert_true(ignore_patterns_cover(&patterns, STATE_MISSING_SUCCESS));
    assert_false(ignore_patterns_cover(&patterns, STATE_OUTDATED));
    AUTO(strlist_free) struct strlist bad = VEC_INIT;
    strlist_add(&bad, "x:y");
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(info_free) struct info info = {0};
    struct info_options options = {.ignore_patterns = &bad};
    assert_false(info_build(&set, &history, &options, &info, &err));
}

static void families_of_types_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool baseline, synthetic, undo;
    } cases[] = {
        {"SQL", false, false, false},          {"schema", false, true, false},
        {"INIT", true, true, false},           {"Baseline", true, true, false},
        {"DELETE", false, true, false},        {"SQL_STATE_SCRIPT", true, false, false},
        {"JDBC_BASELINE", true, false, false}, {"UNDO_SPRING_JDBC", false, false, true},
        {"CUSTOM", false, false, false},       {"SOMETHING", false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(mem_free) char *type = xstrdup(cases[i].type);
        struct history_row row = {.type = type};
        assert_int_equal(history_is_baseline(&row), cases[i].baseline);
        assert_int_equal(history_is_synthetic(&row), cases[i].synthetic);
        assert_int_equal(history_is_undo(&row), cases[i].undo);
    }
    assert_string_equal(history_type_name("spring_jdbc"), "JDBC");
    assert_string_equal(history_type_name("other"), "other");
}

#define WORD(list) (list)[(size_t)rand_r(&seed) % ARRAY_LEN(list)]

/* A random set and history; what one would write by hand and what nobody would. */
static void random_scene(unsigned seed, struct str *files, struct str *rows)
{
    static const char *const types[] = {"SQL",      "SQL",    "SQL",  "SQL_BASELINE",
                                        "BASELINE", "DELETE", "JDBC", "UNDO_SQL"};
    for (int i = 0; i < 12; i++) {
        if (rand_r(&seed) % 2)
            str_addf(files, "V%d#%d ", i, rand_r(&seed) % 2);
        if (rand_r(&seed) % 6 == 0)
            str_addf(files, "B%d ", i);
        if (rand_r(&seed) % 4 == 0)
            str_addf(files, "Rr%d#%d ", i, rand_r(&seed) % 2);
    }
    int count = rand_r(&seed) % 14;
    for (int i = 0; i < count; i++) {
        bool repeatable = rand_r(&seed) % 4 == 0;
        const char *failed = rand_r(&seed) % 10 ? "" : "!";
        str_addf(rows, "%s:%s%d#%d%s ", WORD(types), repeatable ? "Rr" : "", rand_r(&seed) % 12,
                 rand_r(&seed) % 2, failed);
    }
}

/* As if the plan had run. */
static void apply(const struct up_plan *plan, struct history *history)
{
    for (size_t i = 0; i < plan->lines.len; i++) {
        const struct migration *file = plan->lines.ptr[i]->file;
        int rank = history->rows.len ? history->rows.ptr[history->rows.len - 1].rank + 1 : 1;
        *vec_add(&history->rows) = (struct history_row){
            .rank = rank,
            .version = xstrdup(file->version),
            .description = xstrdup(file->description),
            .type = xstrdup(migration_type(file)),
            .script = xstrdup(file->script),
            .has_checksum = true,
            .checksum = file->checksum,
            .success = true,
        };
    }
}

static size_t lines_of(const struct info *info, const struct history_row *row,
                       const struct migration *file)
{
    size_t count = 0;
    for (size_t i = 0; i < info->lines.len; i++) {
        const struct info_line *line = &info->lines.ptr[i];
        count += row ? line->row == row : !line->row && line->file == file;
    }
    return count;
}

/* Gives the length of the first plan. */
static size_t check_random_scene(unsigned seed, bool out_of_order)
{
    AUTO(str_free) struct str files = STR_INIT, rows = STR_INIT;
    random_scene(seed, &files, &rows);
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, files.ptr);
    make_history(&history, rows.ptr);
    struct info_options options = {.out_of_order = out_of_order};
    AUTO(info_free) struct info info = {0};
    if (!info_build(&set, &history, &options, &info, &err)) {
        assert_int_equal(err.kind, ERR_DATA);
        return 0;
    }
    for (size_t i = 0; i < history.rows.len; i++)
        assert_true(lines_of(&info, &history.rows.ptr[i], NULL) <= 1);
    for (size_t i = 0; i < set.migrations.len; i++)
        assert_true(lines_of(&info, NULL, &set.migrations.ptr[i]) <= 1);
    AUTO(up_plan_free) struct up_plan plan = {0}, again = {0};
    assert_true(up_plan(&info, &options, &plan, &err));
    for (size_t i = 1; i < plan.lines.len; i++)
        assert_true(by_version_and_kind(plan.lines.ptr[i - 1]->file, plan.lines.ptr[i]->file) < 0);
    AUTO(history_free) struct history after = {0};
    make_history(&after, rows.ptr);
    apply(&plan, &after);
    AUTO(info_free) struct info later = {0};
    assert_true(info_build(&set, &after, &options, &later, &err));
    assert_true(up_plan(&later, &options, &again, &err));
    if (again.lines.len)
        fail_msg("seed %u: something is left to do", seed);
    return plan.lines.len;
}

static void what_is_planned_and_done_is_not_planned_again(void **state)
{
    (void)state;
    size_t planned = 0;
    for (unsigned seed = 1; seed <= 4000; seed++)
        planned += check_random_scene(seed, seed % 2);
    assert_true(planned > 4000);
}

static double seconds_for(size_t count)
{
    AUTO(str_free) struct str files = STR_INIT, rows = STR_INIT;
    for (size_t i = 0; i < count; i++) {
        str_addf(&files, "V%zu ", i * 7919 % count);
        str_addf(&rows, i % 3 ? "SQL:%zu " : "SQL:Rr%zu ", i);
        if (i % 5 == 1)
            str_addf(&rows, "DELETE:%zu ", i);
    }
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(history_free) struct history history = {0};
    AUTO(info_free) struct info info = {0};
    AUTO(error_free) struct error err = ERROR_INIT;
    make_set(&set, files.ptr);
    make_history(&history, rows.ptr);
    struct info_options options = {0};
    clock_t begin = clock();
    assert_true(info_build(&set, &history, &options, &info, &err));
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

static void time_grows_with_the_number_of_migrations_not_its_square(void **state)
{
    (void)state;
    double small = seconds_for(2000), large = seconds_for(20000);
    assert_true(large < 30 * small + 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_version_is_ignored_unless_out_of_order),
        cmocka_unit_test(a_removed_version_is_missing_then_deleted_then_back),
        cmocka_unit_test(a_removed_highest_version_is_future),
        cmocka_unit_test(repeatables_are_outdated_superseded_missing_and_deleted),
        cmocka_unit_test(baseline_migrations_stand_for_what_is_below_them),
        cmocka_unit_test(a_baseline_row_ignores_its_version_and_those_below),
        cmocka_unit_test(failed_and_foreign_rows_have_their_states),
        cmocka_unit_test(targets_bound_what_is_pending),
        cmocka_unit_test(unknown_targets_are_refused_with_their_neighbours),
        cmocka_unit_test(a_version_deleted_twice_is_damage),
        cmocka_unit_test(lines_carry_what_tables_show),
        cmocka_unit_test(repeatables_sort_as_java_sorts),
        cmocka_unit_test(patterns_are_checked_and_match),
        cmocka_unit_test(families_of_types_are_known),
        cmocka_unit_test(what_is_planned_and_done_is_not_planned_again),
        cmocka_unit_test(time_grows_with_the_number_of_migrations_not_its_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
