/* dbops migrate repair */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/migrate.h"
#include "migrate/repair_apply.h"
#include "migrate/up.h"

static const struct opt options[] = {
    OPT_CONFIG(0, "ignore-patterns", "migrate.ignore_patterns", "TYPE:STATE,...",
               "rows that stay as they are, e.g. *:missing"),
    OPT_MIGRATE_COMMON,
    OPT_END,
};

static const char *action(enum repair_kind kind)
{
    switch (kind) {
    case REPAIR_REMOVE_FAILED:
        return "remove failed";
    case REPAIR_MARK_DELETED:
        return "mark deleted";
    case REPAIR_ALIGN:
        return "align with file";
    }
    return "";
}

static void fill(const struct repair_plan *plan, struct value *result)
{
    struct value *list = value_list();
    for (size_t i = 0; i < plan->steps.len; i++) {
        const struct repair_step *step = &plan->steps.ptr[i];
        struct value *one = value_map();
        value_set(one, "action", value_string(action(step->kind)));
        value_set(one, "version", value_string(step->row->version));
        value_set(one, "description", value_string(step->row->description));
        value_set(one, "script", value_string(step->row->script));
        value_add(list, one);
    }
    value_set(result, "repaired", list);
}

static bool repair(struct app *app, struct migrate *m, const struct repair_plan *plan,
                   struct error *err)
{
    if (app->dry_run)
        return true;
    if (callbacks_run(m, CALLBACK_beforeRepair, err) && repair_apply(m, plan, err) &&
        callbacks_run(m, CALLBACK_afterRepair, err))
        return true;
    callbacks_run_after_error(m, CALLBACK_afterRepairError);
    return false;
}

static bool run(struct app *app, struct migrate *m, const void *opts UNUSED, struct value *result,
                struct error *err)
{
    AUTO(repair_plan_free) struct repair_plan plan = {0};
    struct info_options all = m->options->info;
    all.target = "latest";
    all.out_of_order = true;
    if (!migrate_read_history(m, err) || !repair_plan(&m->set, &m->history, &all, &plan, err) ||
        !repair(app, m, &plan, err))
        return false;
    value_set(result, "dry_run", value_bool(app->dry_run));
    fill(&plan, result);
    return true;
}

static bool show(struct app *app, const struct value *result, struct error *err)
{
    static const struct table_column columns[] = {
        {"action", "Action", false, false},
        {"version", "Version", false, false},
        {"description", "Description", false, true},
        {"script", "Script", false, true},
    };
    const struct value *list = value_get(result, "repaired");
    if (!list)
        return true;
    if (!value_len(list)) {
        printf("%s: nothing to repair\n", value_as_string(value_get(result, "target")));
        return true;
    }
    struct app_view view = {NULL, "repaired", columns, ARRAY_LEN(columns), NULL};
    return app_print(app, result, &view, err);
}

static bool run_repair(struct app *app, const void *opts, struct error *err)
{
    static const struct migrate_verb verb = {.lock = true, .run = run, .show = show};
    return migrate_each(app, &verb, opts, err);
}

const struct command cmd_migrate_repair = {
    .name = "migrate repair",
    .summary = "bring the schema history in line with the files",
    .text =
        "Removes the rows of failed migrations, marks those whose files are gone as deleted, and"
        " takes over checksums, descriptions and types from the files. What a failed migration"
        " left in the database must have been undone by hand before.",
    .options = options,
    .changes = true,
    .run = run_repair,
};
