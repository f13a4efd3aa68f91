#include "migrate/up_steps.h"

void up_steps_free(struct up_steps *steps)
{
    vec_free(&steps->list);
}

static struct up_step *add(struct up_steps *steps, enum up_step_kind kind)
{
    struct up_step *step = vec_add(&steps->list);
    step->kind = kind;
    return step;
}

/* An event without a file makes no step. */
static void add_callback(const struct up_state *state, struct up_steps *steps,
                         enum callback_event event)
{
    for (size_t i = 0; i < state->set->callbacks.len; i++) {
        if (state->set->callbacks.ptr[i].event == event) {
            add(steps, UP_CALLBACK)->event = event;
            return;
        }
    }
}

static void add_preparations(const struct up_state *state, struct up_steps *steps)
{
    add_callback(state, steps, CALLBACK_createSchema);
    add_callback(state, steps, CALLBACK_beforeCreateSchema);
    if (state->missing->len)
        add(steps, UP_CREATE_SCHEMAS);
    if (!state->table_exists)
        add(steps, UP_CREATE_TABLE)->row = state->baseline;
    if (state->schema)
        add(steps, UP_RECORD)->row = state->schema;
    add_callback(state, steps, CALLBACK_beforeMigrate);
}

void up_steps_build(const struct up_state *state, struct up_steps *ret)
{
    bool versioned_over = false;
    add_preparations(state, ret);
    for (size_t i = 0; i < state->plan->lines.len; i++) {
        const struct info_line *line = state->plan->lines.ptr[i];
        if (line->file->kind == MIGRATION_REPEATABLE && !versioned_over) {
            add_callback(state, ret, CALLBACK_afterVersioned);
            add_callback(state, ret, CALLBACK_beforeRepeatables);
            versioned_over = true;
        }
        struct up_step *step = add(ret, UP_MIGRATION);
        step->line = line;
        step->rank = state->first_rank + (int)i;
    }
    if (!versioned_over)
        add_callback(state, ret, CALLBACK_afterVersioned);
    if (state->plan->lines.len)
        add_callback(state, ret, CALLBACK_afterMigrateApplied);
    add_callback(state, ret, CALLBACK_afterMigrate);
}
