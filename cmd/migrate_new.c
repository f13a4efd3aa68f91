/* dbops migrate new */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/commands.h"
#include "cmd/migrate.h"
#include "migrate/locations.h"
#include "migrate/new.h"

struct opts {
    bool repeatable, timestamp;
};

static const struct opt options[] = {
    OPT_FLAG('r', "repeatable", struct opts, repeatable,
             "a file that is run again whenever it changes"),
    OPT_FLAG(0, "timestamp", struct opts, timestamp,
             "the time (UTC) as version, for teams that work on many branches"),
    OPT_MIGRATE_FILES,
    OPT_END,
};

/* New files go into the first location that is a plain folder. */
static char *folder(const struct config_target *target, struct error *err)
{
    const struct strlist *locations = &target->migrate.locations;
    for (size_t i = 0; i < locations->len; i++)
        if (!strpbrk(locations->ptr[i], "*?"))
            return location_path(locations->ptr[i], target->migrate.base_dir, err);
    error_set(err, ERR_CONFIG, "target '%s' has no folder for new migrations", target->name);
    error_hint(err, "set 'migrate.locations', or give --locations");
    return NULL;
}

static bool make(const struct config_target *target, const struct opts *opts,
                 const char *description, char **ret, struct error *err)
{
    const struct config_migrate *c = &target->migrate;
    AUTO(migration_set_free) struct migration_set set = {0};
    AUTO(placeholders_free) struct placeholders none = {.enabled = false};
    struct files_options files;
    migrate_files_options(c, &files);
    files.placeholders = &none;
    files.fail_on_missing_locations = false;
    AUTO(mem_free) char *dir = folder(target, err);
    if (!dir || !files_read(&files, &set, err))
        return false;
    struct new_options options_ = {
        .dir = dir,
        .description = description,
        .prefix = opts->repeatable ? c->repeatable_prefix : c->sql_prefix,
        .separator = c->separator,
        .suffix = c->suffixes.len ? c->suffixes.ptr[0] : ".sql",
        .kind = opts->repeatable  ? NEW_REPEATABLE
                : opts->timestamp ? NEW_TIMESTAMP
                                  : NEW_VERSIONED,
        .now = time(NULL),
    };
    return new_migration(&set, &options_, ret, err);
}

static bool run(struct app *app, const void *raw, struct error *err)
{
    const struct opts *opts = raw;
    AUTO(strlist_free) struct strlist names = {0};
    AUTO(mem_free) char *path = NULL;
    if (opts->repeatable && opts->timestamp)
        return error_set(err, ERR_USAGE, "--repeatable and --timestamp exclude each other");
    if (!app_targets(app, &names, err))
        return false;
    if (names.len != 1)
        return error_set(err, ERR_USAGE, "a new migration belongs to one target; give -t NAME");
    const struct config_target *target = app_target_offline(app, names.ptr[0], err);
    if (!target || !make(target, opts, app->argv[0], &path, err))
        return false;
    AUTO(value_free) struct value *result = value_map();
    value_set(result, "target", value_string(target->name));
    value_set(result, "path", value_string(path));
    if (app->output != OUTPUT_TABLE)
        return app_print(app, result, NULL, err);
    puts(path);
    return true;
}

const struct command cmd_migrate_new = {
    .name = "migrate new",
    .operands = "NAME",
    .summary = "make the next migration file",
    .text = "The version is the next after the highest, in the style of the files that are there."
            " An existing file is never touched. No server is needed.",
    .options = options,
    .opts_size = sizeof(struct opts),
    .changes = true,
    .run = run,
};
