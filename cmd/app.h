/* What main hands to a command: global options, and the way to configuration, servers and output.
 */
#ifndef DBOPS_CMD_APP_H
#define DBOPS_CMD_APP_H

#include "cmd/command.h"
#include "lib/config/config.h"
#include "lib/data/table.h"
#include "lib/data/value.h"
#include "lib/db/db.h"

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_YAML };

struct app {
    const struct command *command;
    const char *config_given; /* -c / DBOPS_CONFIG */
    struct strlist targets;   /* -t, as given */
    enum output_format output;
    bool dry_run, yes;
    bool color;                        /* on stdout */
    long long lock_wait_ms;            /* --lock-wait; -1: as configured */
    struct config_override *overrides; /* from OPT_CONFIG rows */
    size_t override_count;
    int argc; /* operands */
    char **argv;
    struct config *config; /* loaded by app_config */
    bool result_printed;   /* main adds no error object to stdout then */
    int exit_code;         /* of a run that succeeded: 0, or that of the program it ran */
};

/* The configuration, loaded once. ERR_CONFIG when there is no file or it is wrong. */
struct config *app_config(struct app *app, struct error *err) MUST_CHECK;

/* The targets that this run is about: -t names, groups and "all"; without -t all of them for a
 * reading command, and for a changing one the only target or ERR_USAGE with the list. */
bool app_targets(struct app *app, struct strlist *ret, struct error *err) MUST_CHECK;

const struct config_target *app_target(struct app *app, const char *name,
                                       struct error *err) MUST_CHECK;

/* For commands that need no server: only the target's `migrate` keys are there. */
const struct config_target *app_target_offline(struct app *app, const char *name,
                                               struct error *err) MUST_CHECK;

/* How to connect to the target; borrows its strings. */
struct db_params app_db_params(const struct config_target *target);

/* Connects as the target says. */
struct db *app_connect(struct app *app, const struct config_target *target,
                       struct error *err) MUST_CHECK;

/* How a result looks as a table: free text before, the rows found under `rows` in the result (NULL:
 * the result itself is the list), free text after. before and after may be NULL. */
struct app_view {
    const char *before;
    const char *rows;
    const struct table_column *columns;
    size_t column_count;
    const char *after;
};

/* Prints the result on stdout in the format asked for; view decides how tables look. */
bool app_print(struct app *app, const struct value *result, const struct app_view *view,
               struct error *err) MUST_CHECK;

/* Asks before something is destroyed. `expected` must be typed on a terminal (the database's name,
 * or host/database on a protected target); --yes answers for an unprotected one. ERR_DENIED
 * otherwise. */
bool app_confirm(struct app *app, const struct config_target *target, const char *question,
                 struct error *err) MUST_CHECK;

/* {"kind","exit","retriable","message","hint"} */
struct value *app_error_value(const struct error *err);

/* For main: shows err on stdout when a format for programs was asked for and nothing was printed
 * yet. */
void app_print_error(const struct app *app, const struct error *err);

/* For main: frees what the run loaded. */
void app_close(struct app *app);

#endif
