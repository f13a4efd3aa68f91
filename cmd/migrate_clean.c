/* dbops migrate clean */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/migrate.h"
#include "migrate/clean.h"
#include "migrate/up.h"

static const struct opt options[] = {OPT_MIGRATE_COMMON, OPT_END};

static bool allowed(struct migrate *m, struct error *err)
{
    const struct config_target *target = migrate_target(m);
    if (target->migrate.clean == CONFIG_CLEAN_ALLOWED)
        return true;
    error_set(err, ERR_DENIED, "clean is refused for target '%s'", target->name);
    return error_hint(err, "it drops everything in the schemas; 'migrate: {clean: allowed}' in the"
                           " configuration permits it, and it still asks");
}

static bool confirm(struct app *app, struct migrate *m, size_t n, struct error *err)
{
    AUTO(str_free) struct str question = STR_INIT;
    str_addf(&question, "drop %zu objects of schema", n);
    for (size_t i = 0; i < m->schemas.len; i++)
        str_addf(&question, "%s '%s'", i ? "," : "", m->schemas.ptr[i]);
    str_addf(&question, " on %s", db_url(m->db));
    return app_confirm(app, migrate_target(m), question.ptr, err);
}

static bool clean(struct app *app, struct migrate *m, const struct strlist *drops,
                  struct error *err)
{
    if (app->dry_run)
        return true;
    if (!confirm(app, m, drops->len, err))
        return false;
    if (callbacks_run(m, CALLBACK_beforeClean, err) && clean_apply(m, drops, err) &&
        callbacks_run(m, CALLBACK_afterClean, err))
        return true;
    callbacks_run_after_error(m, CALLBACK_afterCleanError);
    return false;
}

static bool run(struct app *app, struct migrate *m, const void *opts UNUSED, struct value *result,
                struct error *err)
{
    AUTO(strlist_free) struct strlist drops = {0};
    if (!allowed(m, err) || !migrate_read_history(m, err) || !clean_statements(m, &drops, err) ||
        !clean(app, m, &drops, err))
        return false;
    struct value *list = value_list();
    for (size_t i = 0; i < drops.len; i++)
        value_add(list, value_string(drops.ptr[i]));
    value_set(result, "dry_run", value_bool(app->dry_run));
    value_set(result, "statements", list);
    return true;
}

static bool show(struct app *app, const struct value *result, struct error *err UNUSED)
{
    const struct value *list = value_get(result, "statements");
    for (size_t i = 0; app->dry_run && i < value_len(list); i++)
        printf("%s;\n", value_as_string(value_at(list, i)));
    if (!app->dry_run && list)
        printf("%s: cleaned, %zu objects dropped\n", value_as_string(value_get(result, "target")),
               value_len(list));
    return true;
}

static bool run_clean(struct app *app, const void *opts, struct error *err)
{
    static const struct migrate_verb verb = {.lock = true, .run = run, .show = show};
    return migrate_each(app, &verb, opts, err);
}

const struct command cmd_migrate_clean = {
    .name = "migrate clean",
    .summary = "drop everything in the managed schemas",
    .text = "For development databases. Refused unless the configuration says 'clean: allowed', and"
            " then asks for the database's name; a protected target wants host/database typed even"
            " with --yes.",
    .options = options,
    .changes = true,
    .run = run_clean,
};
