#include "migrate/up_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/str.h"

static struct migration versioned = {.kind = MIGRATION_VERSIONED};
static struct migration repeatable = {.kind = MIGRATION_REPEATABLE};
static const struct info_line v_line = {.file = &versioned, .version = "1"};
static const struct info_line r_line = {.file = &repeatable, .version = ""};

/* The steps as one line: events by name, files as V<rank> and R<rank>. */
static void render(const struct up_steps *steps, struct str *out)
{
    for (size_t i = 0; i < steps->list.len; i++) {
        const struct up_step *s = &steps->list.ptr[i];
        str_add(out, i ? " " : "");
        switch (s->kind) {
        case UP_CALLBACK:
            str_add(out, callback_event_name(s->event));
            break;
        case UP_CREATE_SCHEMAS:
            str_add(out, "schemas");
            break;
        case UP_CREATE_TABLE:
            str_add(out, s->row ? "table+baseline" : "table");
            break;
        case UP_RECORD:
            str_add(out, "record");
            break;
        case UP_MIGRATION:
            str_addf(out, "%c%d", *s->line->version ? 'V' : 'R', s->rank);
            break;
        }
    }
}

static void check(const struct up_state *state, const char *expected)
{
    AUTO(up_steps_free) struct up_steps steps = {0};
    AUTO(str_free) struct str text = STR_INIT;
    up_steps_build(state, &steps);
    render(&steps, &text);
    assert_string_equal(text.ptr, expected);
}

static void add_all_events(struct migration_set *set)
{
    for (int e = 0; e < CALLBACK_COUNT; e++)
        vec_add(&set->callbacks)->event = (enum callback_event)e;
}

static void first_run_makes_everything(void **state)
{
    (void)state;
    struct migration_set set = {0};
    AUTO(up_plan_free) struct up_plan plan = {0};
    AUTO(strlist_free) struct strlist missing = {0};
    struct history_row row = {0};
    strlist_add(&missing, "app");
    *vec_add(&plan.lines) = &v_line;
    *vec_add(&plan.lines) = &r_line;
    struct up_state all = {&plan, &set, &missing, &row, &row, false, 3};
    check(&all, "schemas table+baseline record V3 R4");
}

static void later_run_only_applies(void **state)
{
    (void)state;
    struct migration_set set = {0};
    AUTO(up_plan_free) struct up_plan plan = {0};
    struct strlist missing = {0};
    *vec_add(&plan.lines) = &v_line;
    check(&(struct up_state){&plan, &set, &missing, NULL, NULL, true, 9}, "V9");
}

/* The order that Flyway 11.20.3 was seen to keep. */
static void callbacks_come_in_flyways_order(void **state)
{
    (void)state;
    struct migration_set set = {0};
    AUTO(up_plan_free) struct up_plan plan = {0};
    struct strlist missing = {0};
    struct up_state s = {&plan, &set, &missing, NULL, NULL, true, 1};
    add_all_events(&set);
    check(&s, "createSchema beforeCreateSchema beforeMigrate afterVersioned afterMigrate");
    *vec_add(&plan.lines) = &v_line;
    check(&s, "createSchema beforeCreateSchema beforeMigrate V1 afterVersioned"
              " afterMigrateApplied afterMigrate");
    *vec_add(&plan.lines) = &r_line;
    *vec_add(&plan.lines) = &r_line;
    check(&s, "createSchema beforeCreateSchema beforeMigrate V1 afterVersioned beforeRepeatables"
              " R2 R3 afterMigrateApplied afterMigrate");
    vec_free(&set.callbacks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_run_makes_everything),
        cmocka_unit_test(later_run_only_applies),
        cmocka_unit_test(callbacks_come_in_flyways_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
