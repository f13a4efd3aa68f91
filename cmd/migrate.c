#include "cmd/migrate.h"

#include "lib/base/interrupt.h"
#include "lib/base/log.h"

/* Everything that a context borrows. */
struct session {
    struct app *app;
    const struct config_target *target;
    struct placeholders placeholders;
    struct migrate_options options;
    struct migrate_events events;
    struct value *result;
    struct value *results; /* result sets, for JSON */
};

static struct db *connect_again(void *ctx, struct error *err)
{
    struct session *s = ctx;
    return app_connect(s->app, s->target, err);
}

const struct config_target *migrate_target(const struct migrate *m)
{
    const struct session *s = m->options->connect_ctx;
    return s->target;
}

bool migrate_show_plan(struct app *app, struct value *result,
                       bool (*print)(void *ctx, FILE *out, struct error *err), void *ctx,
                       struct error *err)
{
    if (app->output == OUTPUT_TABLE)
        return print(ctx, stdout, err);
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return error_set(err, ERR_IO, "no memory for the plan");
    bool ok = print(ctx, memory, err);
    fclose(memory);
    if (ok)
        value_set(result, "plan", value_string(text));
    mem_free(text);
    return ok;
}

void migrate_files_options(const struct config_migrate *c, struct files_options *files)
{
    *files = (struct files_options){
        .locations = &c->locations,
        .callback_locations = &c->callback_locations,
        .base_dir = c->base_dir,
        .sql_prefix = c->sql_prefix,
        .repeatable_prefix = c->repeatable_prefix,
        .baseline_prefix = c->baseline_prefix,
        .separator = c->separator,
        .suffixes = &c->suffixes,
        .fail_on_missing_locations = c->fail_on_missing_locations,
        .validate_naming = c->validate_naming,
        .skip_default_callbacks = c->skip_default_callbacks,
        .placeholder_separator = c->placeholder_separator,
        .encoding = c->encoding,
        .detect_encoding = c->detect_encoding,
    };
}

static void fill_placeholders(const struct config_migrate *c, struct placeholders *p)
{
    p->enabled = c->placeholder_replacement;
    p->prefix = xstrdup(c->placeholder_prefix);
    p->suffix = xstrdup(c->placeholder_suffix);
    for (size_t i = 0; i < c->placeholders.len; i++)
        placeholders_set(p, c->placeholders.ptr[i].name, c->placeholders.ptr[i].value);
}

static void fill_options(struct session *s)
{
    const struct config_migrate *c = &s->target->migrate;
    long long wait = s->app->lock_wait_ms >= 0 ? s->app->lock_wait_ms : c->lock_wait_ms;
    fill_placeholders(c, &s->placeholders);
    s->options = (struct migrate_options){
        .info = {c->target, c->out_of_order, &c->ignore_patterns},
        .schemas = &c->schemas,
        .default_schema = c->default_schema,
        .table = c->table,
        .tablespace = c->tablespace,
        .baseline_version = c->baseline_version,
        .baseline_description = c->baseline_description,
        .installed_by = c->installed_by,
        .init_sql = c->init_sql,
        .timezone = s->target->timezone,
        .environment = c->environment,
        .placeholders = &s->placeholders,
        .placeholder_separator = c->placeholder_separator,
        .create_schemas = c->create_schemas,
        .group = c->group,
        .mixed = c->mixed,
        .validate_on_migrate = c->validate_on_migrate,
        .baseline_on_migrate = c->baseline_on_migrate,
        .skip_executing = c->skip_executing,
        .execute_in_transaction = c->execute_in_transaction,
        .lock_wait_ms = (unsigned)wait,
        .lock_timeout_ms = (unsigned)c->lock_timeout_ms,
        .lock_retries = (unsigned)c->lock_retries,
        .connect = connect_again,
        .connect_ctx = s,
    };
    migrate_files_options(c, &s->options.files);
}

static void on_migrating(void *ctx, const struct info_line *line, const char *how)
{
    (void)ctx;
    const char *open = *how ? " [" : "", *close = *how ? "]" : "";
    if (*line->version)
        log_info("applying version %s \"%s\"%s%s%s", line->version, line->description, open, how,
                 close);
    else
        log_info("applying repeatable \"%s\"%s%s%s", line->description, open, how, close);
}

enum { RESULT_ROWS_KEPT = 1000 }; /* of each result set, in JSON and in tables */

static struct value *rows_value(const struct db_result *r)
{
    struct value *rows = value_list();
    for (size_t i = 0; i < db_rows(r) && i < RESULT_ROWS_KEPT; i++) {
        struct value *row = value_map();
        for (size_t c = 0; c < db_columns(r); c++)
            value_set(row, db_column_name(r, c), value_string(db_value(r, i, c)));
        value_add(rows, row);
    }
    return rows;
}

/* A migration that selects something wants it seen. */
static void on_result(void *ctx, const char *script, const struct db_result *r)
{
    struct session *s = ctx;
    AUTO(value_free) struct value *rows = rows_value(r);
    if (s->app->output == OUTPUT_TABLE) {
        AUTO(mem_free)
        struct table_column *columns = xcalloc(db_columns(r), sizeof *columns);
        for (size_t c = 0; c < db_columns(r); c++)
            columns[c].key = columns[c].title = db_column_name(r, c);
        struct app_view view = {.columns = columns, .column_count = db_columns(r)};
        struct error ignored = ERROR_INIT;
        if (db_columns(r) && !app_print(s->app, rows, &view, &ignored))
            log_warn("%s: cannot print a result: %s", script, ignored.text);
        error_free(&ignored);
        return;
    }
    if (!s->results)
        s->results = value_list();
    struct value *one = value_map();
    value_set(one, "script", value_string(script));
    value_set(one, "row_count", value_int((long long)db_rows(r)));
    value_set(one, "rows", TAKE(rows));
    value_add(s->results, one);
}

/* Without files everything would look applied and in order: that is a mistake, not a success. */
static bool has_locations(const struct config_target *target, struct error *err)
{
    if (target->migrate.locations.len)
        return true;
    error_set(err, ERR_CONFIG, "target '%s' does not say where its migrations are", target->name);
    return error_hint(err, "set 'migrate: {locations: [FOLDER]}', or give --locations");
}

static bool run_in_context(struct session *s, struct migrate *m, const struct migrate_verb *verb,
                           const void *opts, struct error *err)
{
    if (!migrate_open(m, &s->options, &s->events, err))
        return false;
    value_set(s->result, "database", value_string(db_database(m->db)));
    value_set(s->result, "server", value_string(db_flavour_name(m->db)));
    value_set(s->result, "server_version", value_string(db_server_version(m->db)));
    value_set(s->result, "history", value_string(m->table.qualified));
    for (size_t i = 0; i < m->set.warnings.len; i++)
        log_warn("%s", m->set.warnings.ptr[i]);
    for (size_t i = 0; i < m->set.invalid_names.len; i++)
        log_info("not run because of its name: %s", m->set.invalid_names.ptr[i]);
    if (verb->lock && !s->app->dry_run && !migrate_lock(m, err))
        return false;
    return verb->run(s->app, m, opts, s->result, err);
}

static bool run_target(struct app *app, const char *name, const struct migrate_verb *verb,
                       const void *opts, struct value *result, struct error *err)
{
    struct session s = {.app = app, .result = result};
    AUTO(migrate_close) struct migrate m = {0};
    value_set(result, "target", value_string(name));
    log_target(name);
    s.target = app_target(app, name, err);
    bool ok = s.target != NULL;
    if (ok) {
        fill_options(&s);
        s.events = (struct migrate_events){
            .migrating = on_migrating,
            .result = s.target->migrate.output_results ? on_result : NULL,
            .ctx = &s,
        };
        ok = has_locations(s.target, err) && run_in_context(&s, &m, verb, opts, err);
    }
    if (s.results)
        value_set(result, "results", s.results);
    migrate_close(&m);
    placeholders_free(&s.placeholders);
    log_target(NULL);
    return ok;
}

/* Fail before retry, and a finding before neither: the code that a scheduler must heed most. */
static int severity(const struct error *err)
{
    if (err->kind == ERR_NONE)
        return 0;
    if (err->kind == ERR_INTERRUPTED)
        return 4;
    return error_retriable(err->kind) ? 1 : err->kind == ERR_FINDING ? 2 : 3;
}

static void keep_worst(struct error *worst, struct error *one)
{
    if (severity(one) <= severity(worst)) {
        error_free(one);
        return;
    }
    error_free(worst);
    *worst = *one;
    *one = (struct error)ERROR_INIT;
}

static bool finish_target(struct app *app, const struct migrate_verb *verb, bool single,
                          const char *name, struct value *result, struct error *failure,
                          struct error *err)
{
    if (failure->kind != ERR_NONE) {
        value_set(result, "error", app_error_value(failure));
        if (failure->kind != ERR_CONFIG)
            error_wrap(failure, "%s", name);
        if (!single && failure->kind != ERR_FINDING)
            log_failure(failure);
    }
    return app->output != OUTPUT_TABLE || verb->show(app, result, err);
}

static bool print_all(struct app *app, struct value *list, struct error *err)
{
    AUTO(value_free) struct value *root = value_map();
    value_set(root, "targets", list);
    if (app->output == OUTPUT_TABLE)
        return true;
    app->result_printed = true;
    return app_print(app, root, NULL, err);
}

bool migrate_each(struct app *app, const struct migrate_verb *verb, const void *opts,
                  struct error *err)
{
    AUTO(strlist_free) struct strlist names = {0};
    AUTO(error_free) struct error worst = ERROR_INIT;
    if (!app_targets(app, &names, err))
        return false;
    struct value *list = value_list();
    bool shown = true;
    for (size_t i = 0; i < names.len && shown && !interrupt_signal(); i++) {
        struct error failure = ERROR_INIT;
        struct value *result = value_map();
        value_add(list, result);
        if (!run_target(app, names.ptr[i], verb, opts, result, &failure) && error_ok(&failure))
            error_set(&failure, ERR_INTERNAL, "failed without a reason");
        shown = finish_target(app, verb, names.len == 1, names.ptr[i], result, &failure, err);
        keep_worst(&worst, &failure);
    }
    if (!print_all(app, list, err) || !shown)
        return false;
    if (worst.kind == ERR_NONE)
        return interrupt_check(err);
    *err = worst;
    worst = (struct error)ERROR_INIT;
    return false;
}

struct value *migrate_line_value(const struct info_line *line)
{
    struct value *v = value_map();
    value_set(v, "category", value_string(line->category));
    value_set(v, "version", *line->version ? value_string(line->version) : value_null());
    value_set(v, "description", value_string(line->description));
    value_set(v, "type", value_string(line->type));
    value_set(v, "state", value_string(state_text(line->state)));
    value_set(v, "installed_on", value_string(line->row ? line->row->installed_on : NULL));
    value_set(v, "installed_on_utc", value_string(line->row ? line->row->installed_on_utc : NULL));
    value_set(v, "installed_by", value_string(line->row ? line->row->installed_by : NULL));
    value_set(v, "execution_time_ms",
              line->row ? value_int(line->row->execution_time) : value_null());
    value_set(v, "script",
              value_string(line->file  ? line->file->script
                           : line->row ? line->row->script
                                       : NULL));
    value_set(v, "path", value_string(line->file ? line->file->path : NULL));
    value_set(v, "checksum",
              line->file                             ? value_int(line->file->checksum)
              : line->row && line->row->has_checksum ? value_int(line->row->checksum)
                                                     : value_null());
    return v;
}
