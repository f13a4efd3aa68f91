#include <stdlib.h>

#include "lib/base/log.h"
#include "migrate/schemas.h"
#include "migrate/script.h"
#include "migrate/up.h"

void up_free(struct up *up)
{
    validation_free(&up->validation);
    info_free(&up->info);
    up_plan_free(&up->plan);
    up_steps_free(&up->steps);
    strlist_free(&up->missing);
    free(up->schema.script);
    free(up->initial_version);
    vec_free(&up->applied);
}

static const char *script_of(const struct info_line *line)
{
    return line->file ? line->file->script : line->row ? line->row->script : "";
}

static bool validate(struct migrate *m, struct up *up, struct error *err)
{
    AUTO(info_free) struct info info = {0};
    if (!info_build(&m->set, &m->history, &m->options->info, &info, err) ||
        !info_validate(&info, &m->options->info, true, &up->validation, err))
        return false;
    size_t n = up->validation.findings.len;
    if (!n)
        return true;
    error_set(err, ERR_DATA, "validation found %zu problem%s", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        const struct invalid *finding = &up->validation.findings.ptr[i];
        error_note(err, "%s: %s", script_of(finding->line), finding->message);
    }
    /* the findings point into info, which ends here; their messages have been taken */
    validation_free(&up->validation);
    return error_hint(err, "'dbops migrate validate' lists this again; 'dbops migrate repair'"
                           " accepts the files as they are now");
}

/* A database that holds something but no history is somebody's: never start on it by guess. */
static bool check_first_run(struct migrate *m, struct up *up, struct error *err)
{
    AUTO(strlist_free) struct strlist filled = {0};
    if (!schemas_not_empty(m->db, &m->schemas, &filled, err))
        return false;
    if (!filled.len || m->options->skip_executing)
        return true;
    if (m->options->baseline_on_migrate) {
        up->has_baseline = true;
        return true;
    }
    error_set(err, ERR_DATA, "schema '%s' is not empty and has no schema history %s", filled.ptr[0],
              m->table.qualified);
    return error_hint(err,
                      "'dbops migrate baseline' declares what is there as version %s;"
                      " 'baseline_on_migrate: true' does so by itself",
                      m->options->baseline_version);
}

static bool find_missing(struct migrate *m, struct up *up, struct error *err)
{
    if (!schemas_missing(m->db, &m->schemas, &up->missing, err))
        return false;
    if (!up->missing.len || m->options->create_schemas)
        return true;
    error_set(err, ERR_CONFIG, "schema '%s' does not exist", up->missing.ptr[0]);
    return error_hint(err, "create it, or set 'create_schemas: true'");
}

/* The rows that the preparations will write take part in the plan: a baseline decides what is
 * pending. They borrow their texts and are copied into the history as read. */
static void plan_rows(struct migrate *m, struct up *up)
{
    const struct migrate_options *o = m->options;
    if (up->has_baseline)
        up->baseline = (struct history_row){
            .rank = 1,
            .version = history_borrow(o->baseline_version),
            .description = history_borrow(o->baseline_description),
            .type = history_borrow("BASELINE"),
            .script = history_borrow(o->baseline_description),
            .installed_by = history_borrow(o->installed_by),
            .success = true,
        };
    if (up->missing.len) {
        up->has_schema = true;
        up->schema = (struct history_row){
            .description = history_borrow("<< Flyway Schema Creation >>"),
            .type = history_borrow("SCHEMA"),
            .script = schemas_quoted_list(db_engine(m->db), &up->missing),
            .installed_by = history_borrow(o->installed_by),
            .success = true,
        };
    }
}

static void add_planned(struct history *h, const struct history_row *row)
{
    struct history_row *copy = vec_add(&h->rows);
    *copy = *row;
    copy->version = xstrdup(row->version);
    copy->description = xstrdup(row->description);
    copy->type = xstrdup(row->type);
    copy->script = xstrdup(row->script);
    copy->installed_by = xstrdup(row->installed_by);
}

static void simulate(struct migrate *m, struct up *up)
{
    plan_rows(m, up);
    if (up->has_baseline)
        add_planned(&m->history, &up->baseline);
    if (up->has_schema) {
        up->schema.rank = m->history.rows.len ? history_next_rank(&m->history) : 0;
        add_planned(&m->history, &up->schema);
    }
}

static bool refuse_failed(const struct up *up, struct error *err)
{
    const struct info_line *line = up->plan.failed;
    error_set(err, ERR_DATA, "the history holds a failed migration: %s%s%s",
              *line->version ? "version " : "", line->version, line->description);
    return error_hint(err, "undo by hand what it left behind, then run 'dbops migrate repair',"
                           " which removes its row");
}

/* What runs inside a file's transaction must leave its end to us. */
static bool check_callbacks(struct migrate *m, struct error *err)
{
    for (size_t i = 0; i < m->set.callbacks.len; i++) {
        const struct callback *c = &m->set.callbacks.ptr[i];
        struct script script = {c->script, c->path, &c->conf};
        struct script_facts facts = {0};
        if (c->event != CALLBACK_beforeEachMigrate && c->event != CALLBACK_afterEachMigrate &&
            c->event != CALLBACK_beforeEachMigrateStatement &&
            c->event != CALLBACK_afterEachMigrateStatement)
            continue;
        if (!script_read(m, &script, &facts, err))
            return false;
        if (facts.control)
            return error_set(err, ERR_DATA,
                             "%s:%u: a callback inside a migration cannot begin or end"
                             " transactions",
                             c->script, facts.control_at.line);
    }
    return true;
}

/* Reads each pending file to its end: mistakes come to light before the first statement is sent. */
static bool read_files(struct migrate *m, struct up *up, struct error *err)
{
    bool outside = false;
    for (size_t i = 0; i < up->steps.list.len; i++) {
        struct up_step *step = &up->steps.list.ptr[i];
        if (step->kind != UP_MIGRATION)
            continue;
        const struct migration *file = step->line->file;
        struct script script = {file->script, file->path, &file->conf};
        struct script_facts facts = {0};
        if (!script_read(m, &script, &facts, err) ||
            !script_in_transaction(m, &script, &facts, &step->in_transaction, err))
            return false;
        step->session = facts.session;
        if (!facts.statements)
            log_debug("%s holds no statement", file->script);
        outside |= !step->in_transaction;
    }
    if (!m->options->group || !outside)
        return true;
    if (!m->options->mixed) {
        error_set(err, ERR_DATA,
                  "a file of this run cannot run in a transaction, and 'group'"
                  " wants one for all");
        return error_hint(err, "run without 'group', or set 'mixed: true'");
    }
    for (size_t i = 0; i < up->steps.list.len; i++)
        up->steps.list.ptr[i].in_transaction = false;
    return true;
}

static bool make_plan(struct migrate *m, struct up *up, struct error *err)
{
    if (!info_build(&m->set, &m->history, &m->options->info, &up->info, err) ||
        !up_plan(&up->info, &m->options->info, &up->plan, err))
        return false;
    if (up->plan.failed)
        return refuse_failed(up, err);
    struct up_state state = {
        .plan = &up->plan,
        .set = &m->set,
        .missing = &up->missing,
        .schema = up->has_schema ? &up->schema : NULL,
        .baseline = up->has_baseline ? &up->baseline : NULL,
        .table_exists = m->history.exists,
        .first_rank = history_next_rank(&m->history),
    };
    up_steps_build(&state, &up->steps);
    bool inside = db_engine(m->db) == DB_POSTGRES && up->plan.lines.len;
    return read_files(m, up, err) && (!inside || check_callbacks(m, err));
}

bool up_prepare(struct migrate *m, struct up *up, struct error *err)
{
    if (!migrate_read_history(m, err) ||
        (m->options->validate_on_migrate && !validate(m, up, err)) || !find_missing(m, up, err) ||
        (!m->history.exists && !check_first_run(m, up, err)))
        return false;
    simulate(m, up);
    if (!make_plan(m, up, err))
        return false;
    up->initial_version = xstrdup(up->info.schema_version);
    return true;
}
