/* dbops migrate baseline */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/migrate.h"
#include "migrate/baseline.h"
#include "migrate/up.h"

static const struct opt options[] = {
    OPT_CONFIG(0, "baseline-version", "migrate.baseline_version", "VERSION",
               "the version that is there (default 1)"),
    OPT_CONFIG(0, "baseline-description", "migrate.baseline_description", "TEXT",
               "the marker's description"),
    OPT_CONFIG(0, "installed-by", "migrate.installed_by", "NAME",
               "recorded instead of the database user"),
    OPT_MIGRATE_COMMON,
    OPT_END,
};

struct planned {
    struct migrate *m;
    const struct baseline_plan *plan;
};

static bool print_baseline(void *ctx, FILE *out, struct error *err UNUSED)
{
    const struct planned *p = ctx;
    baseline_print(p->m, p->plan, out);
    return true;
}

static bool run(struct app *app, struct migrate *m, const void *opts UNUSED, struct value *result,
                struct error *err)
{
    AUTO(baseline_plan_free) struct baseline_plan plan = {0};
    if (!baseline_prepare(m, &plan, err))
        return false;
    value_set(result, "baseline_version", value_string(m->options->baseline_version));
    value_set(result, "already", value_bool(plan.already));
    if (app->dry_run)
        return migrate_show_plan(app, result, print_baseline, &(struct planned){m, &plan}, err);
    if (callbacks_run(m, CALLBACK_beforeBaseline, err) && baseline_apply(m, &plan, err) &&
        callbacks_run(m, CALLBACK_afterBaseline, err))
        return true;
    callbacks_run_after_error(m, CALLBACK_afterBaselineError);
    return false;
}

static bool show(struct app *app, const struct value *result, struct error *err UNUSED)
{
    if (app->dry_run || value_get(result, "error"))
        return true;
    printf("%s: %s version %s\n", value_as_string(value_get(result, "target")),
           value_as_bool(value_get(result, "already")) ? "already baselined at" : "baselined at",
           value_as_string(value_get(result, "baseline_version")));
    return true;
}

static bool run_baseline(struct app *app, const void *opts, struct error *err)
{
    static const struct migrate_verb verb = {.lock = true, .run = run, .show = show};
    return migrate_each(app, &verb, opts, err);
}

const struct command cmd_migrate_baseline = {
    .name = "migrate baseline",
    .summary = "declare an existing database to be at a version",
    .text = "Creates the schema history with one marker row. Files up to that version are never"
            " run on this database.",
    .options = options,
    .changes = true,
    .run = run_baseline,
};
