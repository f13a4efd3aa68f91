/* dbops migrate up */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/migrate.h"
#include "migrate/up.h"

static const struct opt options[] = {
    OPT_MIGRATE_TARGET,
    OPT_CONFIG(0, "group", "migrate.group", NULL, "all pending files in one transaction"),
    OPT_CONFIG(0, "mixed", "migrate.mixed", NULL,
               "allow files that hold statements for and against a transaction"),
    OPT_CONFIG(0, "baseline-on-migrate", "migrate.baseline_on_migrate", NULL,
               "declare a filled database without a history as the baseline version"),
    OPT_CONFIG(0, "baseline-version", "migrate.baseline_version", "VERSION", "that version"),
    OPT_CONFIG(0, "skip-executing", "migrate.skip_executing", NULL,
               "record the pending files as applied without running them"),
    OPT_CONFIG(0, "validate-on-migrate", "migrate.validate_on_migrate", "BOOL",
               "validate first (default true)"),
    OPT_CONFIG(0, "show-results", "migrate.output_results", NULL,
               "print the result sets of the files"),
    OPT_CONFIG(0, "installed-by", "migrate.installed_by", "NAME",
               "recorded instead of the database user"),
    OPT_CONFIG(0, "lock-timeout", "migrate.lock_timeout", "DURATION",
               "give up waiting for a table lock after this long, and try again"),
    OPT_MIGRATE_COMMON,
    OPT_END,
};

struct planned {
    struct migrate *m;
    const struct up *up;
};

static bool print_up(void *ctx, FILE *out, struct error *err)
{
    const struct planned *p = ctx;
    return up_print(p->m, p->up, out, err);
}

static void fill_applied(const struct up *up, struct value *result)
{
    struct value *list = value_list();
    const char *version = up->initial_version;
    for (size_t i = 0; i < up->applied.len; i++) {
        const struct up_applied *a = &up->applied.ptr[i];
        struct value *one = migrate_line_value(a->line);
        bool late = up_is_out_of_order(up, a->line);
        value_set(one, "state",
                  value_string(state_text(late ? STATE_OUT_OF_ORDER : STATE_SUCCESS)));
        value_set(one, "execution_time_ms", value_int(a->execution_ms));
        value_add(list, one);
        if (*a->line->version && !late)
            version = a->line->version;
    }
    value_set(result, "version", value_string(version));
    value_set(result, "applied", list);
}

static bool run_callbacks_first(struct app *app, struct migrate *m, struct error *err)
{
    return app->dry_run ||
           (callbacks_run(m, CALLBACK_afterConnect, err) &&
            (!m->options->validate_on_migrate || callbacks_run(m, CALLBACK_beforeValidate, err)));
}

static bool apply(struct migrate *m, struct up *up, struct error *err)
{
    return (!m->options->validate_on_migrate || callbacks_run(m, CALLBACK_afterValidate, err)) &&
           up_apply(m, up, err);
}

static bool run(struct app *app, struct migrate *m, const void *opts UNUSED, struct value *result,
                struct error *err)
{
    AUTO(up_free) struct up up = {0};
    if (!run_callbacks_first(app, m, err))
        return false;
    if (!up_prepare(m, &up, err)) {
        if (!app->dry_run)
            callbacks_run_after_error(m, CALLBACK_afterValidateError);
        return false;
    }
    value_set(result, "initial_version", value_string(up.initial_version));
    value_set(result, "pending", value_int((long long)up.plan.lines.len));
    if (app->dry_run)
        return migrate_show_plan(app, result, print_up, &(struct planned){m, &up}, err);
    bool ok = apply(m, &up, err);
    fill_applied(&up, result);
    return ok;
}

static bool show(struct app *app, const struct value *result, struct error *err)
{
    static const struct table_column columns[] = {
        {"category", "Category", false, false},
        {"version", "Version", false, false},
        {"description", "Description", false, true},
        {"execution_time_ms", "ms", true, false},
    };
    const struct value *applied = value_get(result, "applied");
    if (app->dry_run || !applied)
        return true;
    size_t n = value_len(applied);
    const char *version = value_as_string(value_get(result, "version"));
    AUTO(mem_free)
    char *after = xasprintf("%s: %s%zu migration%s applied, schema at version %s\n",
                            value_as_string(value_get(result, "target")),
                            n || value_get(result, "error") ? "" : "up to date: ", n,
                            n == 1 ? "" : "s", version ? version : "(none)");
    struct app_view view = {NULL, "applied", columns, ARRAY_LEN(columns), after};
    if (!n) {
        fputs(after, stdout);
        return true;
    }
    return app_print(app, result, &view, err);
}

static bool run_up(struct app *app, const void *opts, struct error *err)
{
    static const struct migrate_verb verb = {.lock = true, .run = run, .show = show};
    return migrate_each(app, &verb, opts, err);
}

const struct command cmd_migrate_up = {
    .name = "migrate up",
    .summary = "apply the pending migrations",
    .text = "Validates, then applies what is pending: versioned files in the order of their"
            " versions, then repeatable files that are new or changed. On PostgreSQL a file and its"
            " row in the history are one transaction.\n\n"
            "With --dry-run the exact script is printed instead: statements, history rows and"
            " transaction bounds, to be run by hand with psql or mysql.",
    .options = options,
    .changes = true,
    .run = run_up,
};
