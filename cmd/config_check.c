/* cmd/config_check.c: dbops config check */
#include "cmd/app.h"
#include "cmd/commands.h"
#include "lib/base/str.h"

struct opts {
    bool resolve;
};

static const struct opt options[] = {
    OPT_FLAG(0, "resolve", struct opts, resolve,
             "also resolve variables and read secret files; no command is run"),
    OPT_END,
};

/* Variables without value and default: commands that use their targets will fail. */
static void add_notes(struct str *out, const struct value *variables)
{
    for (size_t i = 0; i < value_len(variables); i++) {
        const struct value *row = value_at(variables, i);
        if (!value_as_bool(value_get(row, "set")) && !value_as_bool(value_get(row, "default")))
            str_addf(out, "note: %s: environment variable %s is not set\n",
                     value_as_string(value_get(row, "place")),
                     value_as_string(value_get(row, "name")));
    }
}

static void add_count(struct str *out, const struct value *list, const char *what)
{
    size_t n = value_len(list);
    if (n)
        str_addf(out, ", %zu %s%s", n, what, n == 1 ? "" : "s");
}

static bool run(struct app *app, const void *raw, struct error *err)
{
    const struct opts *opts = raw;
    AUTO(strlist_free) struct strlist targets = {NULL, 0, 0};
    struct config *config = app_config(app, err);
    if (!config || !app_targets(app, &targets, err))
        return false;
    AUTO(value_free) struct value *result = config_check(config, &targets, opts->resolve, err);
    if (!result)
        return false;
    AUTO(str_free) struct str text = STR_INIT;
    str_addf(&text, "%s is good", config_path(config));
    add_count(&text, value_get(result, "targets"), "target");
    add_count(&text, value_get(result, "groups"), "group");
    str_addc(&text, '\n');
    add_notes(&text, value_get(result, "variables"));
    return app_print(app, result, &(struct app_view){.before = text.ptr}, err);
}

const struct command cmd_config_check = {
    .name = "config check",
    .summary = "check the configuration file without any server",
    .text = "All findings come at once, as file:line:column. Variables stay unresolved, so that "
            "this works where production's are not set; those that are missing are noted.",
    .options = options,
    .opts_size = sizeof(struct opts),
    .run = run,
};
