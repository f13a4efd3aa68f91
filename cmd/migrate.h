/* What the migrate commands share: from the configuration to a context, one target after another.
 */
#ifndef DBOPS_CMD_MIGRATE_H
#define DBOPS_CMD_MIGRATE_H

#include <stdio.h>

#include "cmd/app.h"
#include "migrate/context.h"

/* Options that override keys of targets.<name>.migrate; each command lists those it heeds. */
#define OPT_MIGRATE_FILES                                                                          \
    OPT_CONFIG(0, "locations", "migrate.locations", "DIR,...", "folders of the migrations")
#define OPT_MIGRATE_TABLE                                                                          \
    OPT_CONFIG(0, "table", "migrate.table", "NAME", "schema history table"),                       \
        OPT_CONFIG(0, "schemas", "migrate.schemas", "NAME,...",                                    \
                   "schemas to manage; the first holds the history"),                              \
        OPT_CONFIG(0, "default-schema", "migrate.default_schema", "NAME",                          \
                   "schema of the history and of unqualified names")
#define OPT_MIGRATE_TARGET                                                                         \
    OPT_CONFIG(0, "to", "migrate.target", "VERSION",                                               \
               "latest, current, next, a version, or 'VERSION?' if it may be absent"),             \
        OPT_CONFIG(0, "out-of-order", "migrate.out_of_order", NULL,                                \
                   "apply versions below the current one"),                                        \
        OPT_CONFIG(0, "ignore-patterns", "migrate.ignore_patterns", "TYPE:STATE,...",              \
                   "states that validate passes over, e.g. *:missing")
#define OPT_MIGRATE_PLACEHOLDERS                                                                   \
    OPT_CONFIG(0, "placeholders", "migrate.placeholders", "NAME=VALUE,...",                        \
               "values for ${NAME} in the files")
#define OPT_MIGRATE_COMMON OPT_MIGRATE_FILES, OPT_MIGRATE_TABLE, OPT_MIGRATE_PLACEHOLDERS

/* A verb of migrate: `run` does the work for one target and fills the result, also when it fails;
 * `show` prints that result for people. */
struct migrate_verb {
    bool lock; /* take the run lock first, unless --dry-run */
    bool (*run)(struct app *app, struct migrate *m, const void *opts, struct value *result,
                struct error *err);
    bool (*show)(struct app *app, const struct value *result, struct error *err);
};

/* Runs the verb for every target of the run. Each result goes out as it is ready (tables) or in one
 * document {"targets": […]} at the end. The worst failure is the run's. */
bool migrate_each(struct app *app, const struct migrate_verb *verb, const void *opts,
                  struct error *err) MUST_CHECK;

/* A plan as a script: straight to stdout for people, under "plan" in the result for programs. */
bool migrate_show_plan(struct app *app, struct value *result,
                       bool (*print)(void *ctx, FILE *out, struct error *err), void *ctx,
                       struct error *err) MUST_CHECK;

/* The target that the context belongs to. */
const struct config_target *migrate_target(const struct migrate *m);

/* How the files of a target are found; placeholders are left to the caller. Borrows. */
void migrate_files_options(const struct config_migrate *c, struct files_options *files);

/* One line of info as a map; the same keys in every command's JSON. */
struct value *migrate_line_value(const struct info_line *line);

#endif
