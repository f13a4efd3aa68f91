/* dbops migrate info */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cmd/commands.h"
#include "cmd/migrate.h"
#include "migrate/up.h"
#include "migrate/version.h"

struct opts {
    bool exit_code;
    struct strlist states;
    const char *since_version, *until_version, *since_date, *until_date;
};

static const struct opt options[] = {
    OPT_FLAG(0, "exit-code", struct opts, exit_code, "exit 1 when something is pending"),
    OPT_LIST(0, "state", struct opts, states, "STATE",
             "only these states, e.g. pending, success, out_of_order"),
    OPT_STRING(0, "since-version", struct opts, since_version, "VERSION", NULL,
               "only versions from this one on"),
    OPT_STRING(0, "until-version", struct opts, until_version, "VERSION", NULL,
               "only versions up to this one"),
    OPT_STRING(0, "since-date", struct opts, since_date, "DATE", NULL,
               "only what was installed from this day (YYYY-MM-DD, may go on with HH:MM) on"),
    OPT_STRING(0, "until-date", struct opts, until_date, "DATE", NULL,
               "only what was installed before the end of this day or minute"),
    OPT_MIGRATE_TARGET,
    OPT_MIGRATE_COMMON,
    OPT_END,
};

static const char *const state_names[] = {
#define X(name, text) #name,
    MIGRATION_STATES(X)
#undef X
        NULL,
};

/* "out-of-order", "Out of Order" and OUT_OF_ORDER name the same state. */
static bool same_state(const char *given, enum migration_state state)
{
    for (int kind = 0; kind < 2; kind++) {
        const char *a = given, *b = kind ? state_name(state) : state_text(state);
        for (; *a && *b; a++, b++) {
            char x = *a == '-' || *a == '_' ? ' ' : *a, y = *b == '_' ? ' ' : *b;
            if (strncasecmp(&x, &y, 1) != 0)
                break;
        }
        if (!*a && !*b)
            return true;
    }
    return false;
}

static bool check_states(const struct opts *opts, struct error *err)
{
    for (size_t i = 0; i < opts->states.len; i++) {
        bool known = false;
        for (size_t s = 0; state_names[s] && !known; s++)
            known = same_state(opts->states.ptr[i], (enum migration_state)s);
        if (known)
            continue;
        AUTO(str_free) struct str all = STR_INIT;
        for (size_t s = 0; state_names[s]; s++)
            str_addf(&all, "%s%s", s ? ", " : "", state_names[s]);
        error_set(err, ERR_USAGE, "--state: '%s' is not a state", opts->states.ptr[i]);
        return error_hint(err, "the states are %s", all.ptr);
    }
    return true;
}

static bool check_date(const char *option, const char *date, struct error *err)
{
    static const char pattern[] = "dddd-dd-dd dd:dd";
    size_t n = date ? strlen(date) : 10;
    bool ok = n == 10 || n == 16;
    for (size_t i = 0; ok && date && i < n; i++)
        ok = pattern[i] == 'd' ? date[i] >= '0' && date[i] <= '9'
                               : date[i] == pattern[i] || (i == 10 && date[i] == 'T');
    return ok ||
           error_set(err, ERR_USAGE, "--%s: '%s' is not a date (YYYY-MM-DD or 'YYYY-MM-DD HH:MM')",
                     option, date);
}

static bool check_version(const char *option, const char *version, struct error *err)
{
    return !version || version_valid(version) ||
           error_set(err, ERR_USAGE, "--%s: '%s' is not a version", option, version);
}

static bool check(const struct opts *o, struct error *err)
{
    return check_states(o, err) && check_version("since-version", o->since_version, err) &&
           check_version("until-version", o->until_version, err) &&
           check_date("since-date", o->since_date, err) &&
           check_date("until-date", o->until_date, err);
}

static bool wanted(const struct info_line *line, const struct opts *o)
{
    bool state = o->states.len == 0;
    for (size_t i = 0; i < o->states.len && !state; i++)
        state = same_state(o->states.ptr[i], line->state);
    const char *on = line->row ? line->row->installed_on : NULL;
    return state &&
           (!o->since_version ||
            (*line->version && version_compare(line->version, o->since_version) >= 0)) &&
           (!o->until_version ||
            (*line->version && version_compare(line->version, o->until_version) <= 0)) &&
           (!o->since_date || (on && strncmp(on, o->since_date, strlen(o->since_date)) >= 0)) &&
           (!o->until_date || (on && strncmp(on, o->until_date, strlen(o->until_date)) <= 0));
}

static bool collect(struct migrate *m, const struct opts *opts, struct value *result,
                    long long *ret_pending, struct error *err)
{
    AUTO(info_free) struct info info = {0};
    if (!callbacks_run(m, CALLBACK_beforeInfo, err) || !migrate_read_history(m, err) ||
        !info_build(&m->set, &m->history, &m->options->info, &info, err))
        return false;
    long long pending = 0;
    struct value *list = value_list();
    for (size_t i = 0; i < info.lines.len; i++) {
        pending += info.lines.ptr[i].state == STATE_PENDING;
        if (wanted(&info.lines.ptr[i], opts))
            value_add(list, migrate_line_value(&info.lines.ptr[i]));
    }
    value_set(result, "version", value_string(info.schema_version));
    value_set(result, "pending", value_int(pending));
    value_set(result, "migrations", list);
    *ret_pending = pending;
    return callbacks_run(m, CALLBACK_afterInfo, err);
}

static bool run(struct app *app UNUSED, struct migrate *m, const void *raw, struct value *result,
                struct error *err)
{
    const struct opts *opts = raw;
    long long pending = 0;
    if (!collect(m, opts, result, &pending, err)) {
        callbacks_run_after_error(m, CALLBACK_afterInfoError);
        return false;
    }
    if (opts->exit_code && pending)
        return error_set(err, ERR_FINDING, "%lld pending migration%s", pending,
                         pending == 1 ? "" : "s");
    return true;
}

static bool show(struct app *app, const struct value *result, struct error *err)
{
    static const struct table_column columns[] = {
        {"category", "Category", false, false},         {"version", "Version", false, false},
        {"description", "Description", false, true},    {"type", "Type", false, false},
        {"installed_on", "Installed on", false, false}, {"state", "State", false, false},
    };
    const struct value *list = value_get(result, "migrations");
    if (!list)
        return true;
    const char *version = value_as_string(value_get(result, "version"));
    AUTO(mem_free)
    char *before = xasprintf(
        "%s: %s %s, schema version %s\n", value_as_string(value_get(result, "target")),
        value_as_string(value_get(result, "server")),
        value_as_string(value_get(result, "server_version")), version ? version : "(none)");
    if (!value_len(list)) {
        printf("%sno migrations\n", before);
        return true;
    }
    struct app_view view = {before, "migrations", columns, ARRAY_LEN(columns), NULL};
    return app_print(app, result, &view, err);
}

static bool run_info(struct app *app, const void *raw, struct error *err)
{
    static const struct migrate_verb verb = {.run = run, .show = show};
    return check(raw, err) && migrate_each(app, &verb, raw, err);
}

const struct command cmd_migrate_info = {
    .name = "migrate info",
    .summary = "show every migration and its state",
    .text = "Compares the files with the schema history and changes nothing; a database without a"
            " history is shown as it is.",
    .options = options,
    .opts_size = sizeof(struct opts),
    .run = run_info,
};
