#include <stdlib.h>
#include <string.h>

#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/base/progress.h"
#include "migrate/schemas.h"
#include "migrate/script.h"
#include "migrate/up.h"
#include "migrate/up_commit.h"
#include "migrate/version.h"

/* Gives the session its first state back, outside a transaction. */
static bool reset_session(struct up_run *run, struct error *err)
{
    AUTO(strlist_free) struct strlist sql = {0};
    migrate_session_reset(run->m, &sql);
    for (size_t i = 0; i < sql.len; i++)
        if (!db_exec(run->m->db, sql.ptr[i], err))
            return error_wrap(err, "cannot prepare the session");
    return true;
}

/* MySQL: the DML around a file's DDL shares one transaction with its history row. */
static bool begin_mysql(struct up_run *run, bool in_transaction, struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    str_addf(&sql, "SET SESSION autocommit = %d", in_transaction ? 0 : 1);
    unsigned seconds = (run->m->options->lock_timeout_ms + 999) / 1000;
    if (seconds)
        str_addf(&sql, ", SESSION lock_wait_timeout = %u", seconds);
    return db_exec(run->m->db, sql.ptr, err) && reset_session(run, err);
}

static bool begin(struct up_run *run, const struct up_step *step, struct error *err)
{
    if (db_engine(run->m->db) == DB_MYSQL)
        return begin_mysql(run, step->in_transaction, err);
    if (!step->in_transaction)
        return reset_session(run, err);
    if (run->open)
        return true;
    AUTO(str_free) struct str sql = STR_INIT;
    up_prologue(run, &sql);
    run->open = true;
    return db_exec(run->m->db, sql.ptr, err);
}

static bool before_statement(void *ctx, struct error *err)
{
    return callbacks_run_inside(ctx, CALLBACK_beforeEachMigrateStatement, err);
}

static bool after_statement(void *ctx, struct error *err)
{
    return callbacks_run_inside(ctx, CALLBACK_afterEachMigrateStatement, err);
}

/* The file itself between its callbacks. */
static bool execute(struct up_run *run, const struct up_step *step, struct script_run *sr,
                    struct error *err)
{
    struct migrate *m = run->m;
    const struct migration *file = step->line->file;
    struct script script = {file->script, file->path, &file->conf};
    *sr = (struct script_run){
        .ctx = m,
        .lock_timeout = db_engine(m->db) == DB_MYSQL && m->options->lock_timeout_ms,
    };
    if (callbacks_has(m, CALLBACK_beforeEachMigrateStatement))
        sr->before_statement = before_statement;
    if (callbacks_has(m, CALLBACK_afterEachMigrateStatement))
        sr->after_statement = after_statement;
    return migration_unchanged(&m->files, file, err) &&
           callbacks_run_inside(m, CALLBACK_beforeEachMigrate, err) &&
           (m->options->skip_executing || script_execute(m, &script, sr, err)) &&
           callbacks_run_inside(m, CALLBACK_afterEachMigrate, err);
}

/* A lock timeout or deadlock cost the whole transaction, and nothing else: it can begin again. */
static bool worth_another_try(const struct up_run *run, const struct up_step *step,
                              const struct script_run *sr, unsigned attempt,
                              const struct error *err)
{
    static const char *const states[] = {"55P03", "40P01", "40001"};
    const struct db_problem *problem = db_problem(run->m->db);
    if (err->kind != ERR_BUSY || !step->in_transaction || sr->kept || run->m->options->group ||
        db_engine(run->m->db) != DB_POSTGRES || attempt >= run->m->options->lock_retries)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (str_equal(problem->sqlstate, states[i]))
            return true;
    return false;
}

static bool execute_with_retries(struct up_run *run, const struct up_step *step,
                                 struct script_run *sr, struct error *err)
{
    for (unsigned attempt = 0;; attempt++) {
        if (begin(run, step, err) && execute(run, step, sr, err))
            return true;
        if (!worth_another_try(run, step, sr, attempt, err))
            return false;
        log_warn("%s; rolled back, trying again (%u of %u)", err->text, attempt + 1,
                 run->m->options->lock_retries);
        error_free(err);
        run->open = false;
        if (!db_exec(run->m->db, "ROLLBACK", err) || !interrupt_sleep(backoff_ms(attempt), err))
            return false;
    }
}

bool up_is_out_of_order(const struct up *up, const struct info_line *line)
{
    return *line->version && up->initial_version &&
           version_compare(line->version, up->initial_version) < 0;
}

static const char *how(const struct up_run *run, const struct up_step *step)
{
    bool late = up_is_out_of_order(run->up, step->line);
    if (step->in_transaction)
        return late ? "out of order" : "";
    return late ? "out of order, non-transactional" : "non-transactional";
}

static bool apply_migration(struct up_run *run, const struct up_step *step,
                            const struct up_step *next, struct error *err)
{
    struct migrate *m = run->m;
    if (m->events && m->events->migrating)
        m->events->migrating(m->events->ctx, step->line, how(run, step));
    struct script_run sr = {0};
    uint64_t start = clock_ms();
    bool done = execute_with_retries(run, step, &sr, err);
    int ms = m->options->skip_executing ? 0 : (int)(clock_ms() - start);
    if (!done || !up_commit(run, step, next, ms, err))
        return up_fail(run, step, &sr, done, ms, err);
    struct up_applied *applied = vec_add(&run->up->applied);
    *applied = (struct up_applied){.line = step->line, .execution_ms = ms};
    return true;
}

static bool create_schemas(struct up_run *run, struct error *err)
{
    for (size_t i = 0; i < run->up->missing.len; i++) {
        AUTO(str_free) struct str sql = STR_INIT;
        schemas_create_sql(db_engine(run->m->db), run->up->missing.ptr[i], &sql);
        log_info("creating schema '%s'", run->up->missing.ptr[i]);
        if (!db_exec(run->m->db, sql.ptr, err))
            return error_wrap(err, "cannot create schema '%s'", run->up->missing.ptr[i]);
    }
    return true;
}

static bool record(struct up_run *run, const struct history_row *row, struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    history_table_insert_sql(&run->m->table, row, &sql);
    return db_exec(run->m->db, sql.ptr, err);
}

/* The next file, when it can share a round trip with our commit, or the transaction of the group.
 */
static const struct up_step *following(const struct up_run *run, size_t i)
{
    const struct up_step *steps = run->up->steps.list.ptr;
    size_t n = run->up->steps.list.len;
    for (i++; run->m->options->group && i < n && steps[i].kind == UP_CALLBACK;)
        i++;
    return i < n && steps[i].kind == UP_MIGRATION && steps[i].in_transaction ? &steps[i] : NULL;
}

static bool apply_step(struct up_run *run, size_t i, struct error *err)
{
    const struct up_step *step = &run->up->steps.list.ptr[i];
    switch (step->kind) {
    case UP_CALLBACK:
        return run->open ? callbacks_run_inside(run->m, step->event, err)
                         : callbacks_run(run->m, step->event, err);
    case UP_CREATE_SCHEMAS:
        return create_schemas(run, err);
    case UP_CREATE_TABLE:
        log_info("creating schema history %s", run->m->table.qualified);
        return history_table_create(&run->m->table, run->m->db, step->row, err);
    case UP_RECORD:
        return record(run, step->row, err);
    case UP_MIGRATION:
        return apply_migration(run, step, following(run, i), err);
    }
    return error_set(err, ERR_INTERNAL, "unknown step");
}

/* Only the run that made the table can have left it so, and that has recorded next to nothing. */
static bool complete_history(const struct migrate *m, const struct up *up, struct error *err)
{
    return !m->history.exists || !up->steps.list.len || m->history.rows.len > 2 ||
           history_table_complete(&m->table, m->db, err);
}

bool up_apply(struct migrate *m, struct up *up, struct error *err)
{
    struct up_run run = {.m = m, .up = up};
    if (!complete_history(m, up, err))
        return false;
    AUTO(progress_end)
    struct progress *progress = progress_start("migrations", PROGRESS_COUNT, up->plan.lines.len);
    for (size_t i = 0; i < up->steps.list.len; i++) {
        if (interrupt_check(err) && apply_step(&run, i, err)) {
            progress_add(progress, up->steps.list.ptr[i].kind == UP_MIGRATION);
            continue;
        }
        interrupt_defer(true);
        if (run.open)
            up_roll_back(&run);
        callbacks_run_after_error(m, CALLBACK_afterMigrateError);
        interrupt_defer(false);
        return false;
    }
    return true;
}
