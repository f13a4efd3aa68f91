/* cmd/config_show.c: dbops config show */
#include <stdlib.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "cmd/opt.h"
#include "lib/base/duration.h"
#include "lib/base/str.h"

struct overrides {
    VEC(struct config_override) list;
    struct strlist texts; /* that the list borrows */
};

static void overrides_free(struct overrides *o)
{
    vec_free(&o->list);
    strlist_free(&o->texts);
}
AUTO_VALUE(overrides_free, struct overrides)

static void add(struct overrides *o, const char *key, const char *value, const char *source)
{
    strlist_add(&o->texts, value);
    strlist_add(&o->texts, source);
    *vec_add(&o->list) = (struct config_override){key, o->texts.ptr[o->texts.len - 2],
                                                  o->texts.ptr[o->texts.len - 1]};
}

static bool has(const struct overrides *o, const char *key)
{
    for (size_t i = 0; i < o->list.len; i++)
        if (str_equal(o->list.ptr[i].key, key))
            return true;
    return false;
}

/* Without a command named: what the environment says to any command. */
static void add_environment(struct overrides *o, const struct command *command)
{
    for (const struct opt *opt = command->options; opt && opt->name; opt++) {
        AUTO(str_free) struct str name = STR_INIT, source = STR_INIT;
        opt_environment(opt, &name);
        const char *value = getenv(name.ptr);
        if (opt->kind != OPT_KIND_CONFIG || !value || !*value || has(o, opt->key))
            continue;
        if (!opt_takes_value(opt) && (str_equal(value, "0") || str_equal(value, "1")))
            value = *value == '1' ? "true" : "false";
        str_addf(&source, "environment %s", name.ptr);
        add(o, opt->key, value, source.ptr);
    }
}

/* --lock-wait is every command's; it may come from the environment too. */
static void add_lock_wait(struct overrides *o, long long ms)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    const char *variable = getenv("DBOPS_LOCK_WAIT");
    long long there;
    if (ms < 0)
        return;
    bool environment =
        variable && *variable && duration_parse_ms(variable, &there, &ignored) && there == ms;
    AUTO(mem_free) char *text = duration_ms_text(ms);
    add(o, "migrate.lock_wait", text,
        environment ? "environment DBOPS_LOCK_WAIT" : "option --lock-wait");
}

/* The overrides of the command line after "--", read as that command would. */
static bool add_command_line(struct overrides *o, const struct app *app, struct error *err)
{
    AUTO(mem_free) char **argv = xcalloc((size_t)app->argc + 2, sizeof *argv);
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    argv[0] = app->argv[0];
    for (int i = 0; i < app->argc; i++)
        argv[i + 1] = app->argv[i];
    if (!opt_parse(app->argc + 1, argv, &inv, err))
        return error_wrap(err, "cannot read the command after '--'");
    if (!inv.command)
        return error_set(err, ERR_USAGE, "'%s' is no command of dbops", inv.words.ptr);
    for (size_t i = 0; i < inv.override_count; i++)
        add(o, inv.overrides[i].key, inv.overrides[i].value, inv.overrides[i].source);
    add_lock_wait(o, inv.global.lock_wait_ms);
    return true;
}

/* Lists and maps on one line, for the table. */
static char *one_line(const struct value *v)
{
    AUTO(str_free) struct str out = STR_INIT;
    bool map = value_kind(v) == VALUE_MAP;
    if (!map && value_kind(v) != VALUE_LIST)
        return value_text(v);
    for (size_t i = 0; i < value_len(v); i++) {
        AUTO(mem_free) char *text = value_text(value_at(v, i));
        str_addf(&out, "%s%s%s%s", i ? ", " : "", map ? value_key_at(v, i) : "", map ? "=" : "",
                 text);
    }
    return str_take(&out);
}

static struct value *table_rows(const struct value *rows)
{
    struct value *table = value_list();
    for (size_t i = 0; i < value_len(rows); i++) {
        const struct value *from = value_at(rows, i);
        struct value *row = value_map();
        AUTO(mem_free) char *text = one_line(value_get(from, "value"));
        value_set(row, "key", value_string(value_as_string(value_get(from, "key"))));
        value_set(row, "value", value_string(text));
        value_set(row, "source", value_string(value_as_string(value_get(from, "source"))));
        value_add(table, row);
    }
    return table;
}

static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)raw;
    static const struct table_column columns[] = {{"key", "key", false, false},
                                                  {"value", "value", false, true},
                                                  {"source", "source", false, true}};
    AUTO(strlist_free) struct strlist targets = {NULL, 0, 0};
    AUTO(overrides_free) struct overrides o = {VEC_INIT, {NULL, 0, 0}};
    struct config *config = app_config(app, err);
    if (!config || !app_targets(app, &targets, err))
        return false;
    add_lock_wait(&o, app->lock_wait_ms);
    if (app->argc && !add_command_line(&o, app, err))
        return false;
    for (size_t i = 0; !app->argc && commands[i]; i++)
        add_environment(&o, commands[i]);

    struct value *rows = config_show(config, &targets, o.list.ptr, o.list.len, err);
    if (!rows)
        return false;
    AUTO(value_free) struct value *result = value_map();
    value_set(result, "file", value_string(config_path(config)));
    value_set(result, "values", app->output == OUTPUT_TABLE ? table_rows(rows) : rows);
    if (app->output == OUTPUT_TABLE)
        value_free(rows);
    return app_print(app, result,
                     &(struct app_view){
                         .rows = "values", .columns = columns, .column_count = ARRAY_LEN(columns)},
                     err);
}

const struct command cmd_config_show = {
    .name = "config show",
    .operands = "-- [COMMAND...]",
    .summary = "show every key with its value and where that came from",
    .text = "Secrets are shown as ***. After '--' may stand a command with its options: then "
            "everything is shown as that command would see it.",
    .run = run,
};
