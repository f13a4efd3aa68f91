/* dbops doctor */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "lib/base/log.h"
#include "lib/db/inspect.h"

static const char *const level_names[] = {
    [FINDING_OK] = "ok", [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error"};

/* The run's result while it grows. */
struct report {
    struct value *targets, *checks; /* lists; checks is also what the table shows */
    struct str advice;              /* below the table */
    long long warnings, errors;
};

static void add_advice(struct report *report, const char *target, const struct finding *f)
{
    if (!f->hint)
        return;
    str_addf(&report->advice, "%s%s: %s: %s\n", report->advice.len ? "" : "\nWhat to do:\n", target,
             f->check, f->hint);
}

static void add_findings(struct report *report, const char *target, const struct findings *findings)
{
    for (size_t i = 0; i < findings->len; i++) {
        const struct finding *f = &findings->ptr[i];
        struct value *row = value_map();
        value_set(row, "target", value_string(target));
        value_set(row, "check", value_string(f->check));
        value_set(row, "state", value_string(level_names[f->level]));
        value_set(row, "finding", value_string(f->text));
        value_set(row, "hint", value_string(f->hint));
        value_add(report->checks, row);
        add_advice(report, target, f);
        report->warnings += f->level == FINDING_WARNING;
        report->errors += f->level == FINDING_ERROR;
    }
}

/* A file that only its owner should read. */
static void look_at_secret(const char *path, struct findings *ret)
{
    struct stat st;
    if (!path || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        findings_add(ret, "secrets", FINDING_WARNING, "chmod 600 it",
                     "'%s' is open to %s (mode %04o)", path,
                     st.st_mode & S_IRWXO ? "everyone" : "its group", st.st_mode & 07777u);
    else
        findings_add(ret, "secrets", FINDING_OK, NULL, "'%s' is for its owner alone", path);
}

/* Does the password stand in the configuration file itself, in plain words? */
static bool is_in_config(struct app *app, const char *name)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(strlist_free) struct strlist only = {0};
    strlist_add(&only, name);
    AUTO(value_free)
    struct value *rows =
        config_show(app->config, &only, app->overrides, app->override_count, &ignored);
    for (size_t i = 0; i < value_len(rows); i++) {
        const char *key = value_as_string(value_get(value_at(rows, i), "key"));
        const char *source = value_as_string(value_get(value_at(rows, i), "source"));
        /* a file and a line, with no variable, file or command behind it */
        if (str_ends(key, ".password") && strchr(source, ':') && !strpbrk(source, ",("))
            return true;
    }
    return false;
}

static void look_at_secrets(struct app *app, const struct config_target *target,
                            struct findings *ret)
{
    const char *home = getenv("HOME");
    bool postgres = target->engine == CONFIG_POSTGRES;
    look_at_secret(target->password_file, ret);
    look_at_secret(target->tls_key, ret);
    if (!target->password && home && *home) {
        AUTO(mem_free) char *own = xasprintf("%s/%s", home, postgres ? ".pgpass" : ".my.cnf");
        look_at_secret(own, ret);
    }
    if (is_in_config(app, target->name))
        look_at_secret(config_path(app->config), ret);
}

static struct inspect_options options_of(const struct config_target *target)
{
    return (struct inspect_options){.schemas = &target->migrate.schemas,
                                    .default_schema = target->migrate.default_schema,
                                    .table = target->migrate.table,
                                    .create_schemas = target->migrate.create_schemas,
                                    .client_bin = target->client_bin};
}

static void describe_server(const struct db *db, struct value *row)
{
    value_set(row, "reachable", value_bool(db != NULL));
    value_set(row, "url", value_string(db ? db_url(db) : NULL));
    value_set(row, "server", value_string(db ? db_flavour_name(db) : NULL));
    value_set(row, "server_version", value_string(db ? db_server_version(db) : NULL));
    value_set(row, "tls", value_string(db ? db_tls_state(db) : NULL));
    value_set(row, "user", value_string(db ? db_user(db) : NULL));
}

static bool examine_server(const struct config_target *target, struct value *row,
                           struct findings *ret, struct error *err)
{
    struct db_params params = app_db_params(target);
    struct inspect_options options = options_of(target);
    params.any_version = true;
    AUTO(db_close) struct db *db = db_open(&params, err);
    describe_server(db, row);
    if (!db)
        return false;
    findings_add(ret, "connection", FINDING_OK, NULL, "%s", db_url(db));
    return db_inspect(db, &options, ret, err);
}

/* False only when a signal came: one sick target does not keep the others from being looked at. */
static bool examine_target(struct app *app, const char *name, struct report *report,
                           struct error *err)
{
    AUTO(error_free) struct error own = ERROR_INIT;
    AUTO(findings_free) struct findings findings = {0};
    struct value *row = value_map();
    value_set(row, "target", value_string(name));
    value_add(report->targets, row);
    log_target(name);
    const struct config_target *target = app_target(app, name, &own);
    bool ok = target && examine_server(target, row, &findings, &own);
    if (!target)
        describe_server(NULL, row);
    else if (ok || own.kind != ERR_INTERRUPTED)
        look_at_secrets(app, target, &findings);
    log_target(NULL);
    if (!ok && own.kind == ERR_INTERRUPTED)
        return error_set(err, own.kind, "%s", own.text);
    if (!ok && !own.hint)
        error_hint(&own, target
                             ? "see what the server says about it, and its log"
                             : "correct the configuration; 'dbops config check' shows all of it");
    if (!ok)
        findings_add(&findings, target ? "connection" : "configuration", FINDING_ERROR, own.hint,
                     "%s", own.text);
    add_findings(report, name, &findings);
    return true;
}

static bool print_report(struct app *app, struct report *report, struct error *err)
{
    static const struct table_column columns[] = {
        {"target", "Target", false, false},
        {"check", "Check", false, false},
        {"state", "State", false, false},
        {"finding", "Finding", false, true},
    };
    AUTO(value_free) struct value *result = value_map();
    AUTO(mem_free) char *before = xasprintf("configuration: %s\n", config_path(app->config));
    value_set(result, "configuration", value_string(config_path(app->config)));
    value_set(result, "warnings", value_int(report->warnings));
    value_set(result, "errors", value_int(report->errors));
    value_set(result, "targets", TAKE(report->targets));
    value_set(result, "checks", TAKE(report->checks));
    struct app_view view = {before, "checks", columns, ARRAY_LEN(columns), report->advice.ptr};
    return app_print(app, result, &view, err);
}

static bool run(struct app *app, const void *opts UNUSED, struct error *err)
{
    AUTO(strlist_free) struct strlist names = {0};
    if (!app_config(app, err) || !app_targets(app, &names, err))
        return false;
    struct report report = {.targets = value_list(), .checks = value_list(), .advice = STR_INIT};
    bool ok = true;
    for (size_t i = 0; i < names.len && ok; i++)
        ok = examine_target(app, names.ptr[i], &report, err);
    ok = ok && print_report(app, &report, err);
    value_free(report.targets);
    value_free(report.checks);
    str_free(&report.advice);
    if (ok && report.errors)
        return error_set(err, ERR_FINDING, "%lld problem%s found", report.errors,
                         report.errors == 1 ? "" : "s");
    return ok;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .summary = "look at every target and say what is wrong",
    .text = "Connects to each target and looks at the connection, TLS, the server's version, the "
            "role and its rights, the client programs, the clock, and who may read the secrets. "
            "Changes nothing. Exits 1 when something is wrong; warnings do not count.",
    .run = run,
};
