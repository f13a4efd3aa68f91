#include "migrate/up_commit.h"

#include "lib/base/interrupt.h"
#include "lib/base/log.h"

void up_prologue(const struct up_run *run, struct str *sql)
{
    AUTO(strlist_free) struct strlist reset = {0};
    migrate_session_reset(run->m, &reset);
    str_add(sql, "BEGIN");
    for (size_t i = 0; i < reset.len; i++)
        str_addf(sql, "; %s", reset.ptr[i]);
    if (run->m->options->lock_timeout_ms)
        str_addf(sql, "; SET LOCAL lock_timeout = %u", run->m->options->lock_timeout_ms);
}

void up_roll_back(struct up_run *run)
{
    struct error ignored = ERROR_INIT;
    run->open = false;
    enum db_txn txn = db_txn(run->m->db);
    if (txn == DB_TXN_UNKNOWN)
        return;
    bool begun = txn != DB_TXN_NONE || db_engine(run->m->db) == DB_MYSQL;
    if ((begun && !db_exec(run->m->db, "ROLLBACK", &ignored)) ||
        !db_exec(run->m->db, migrate_session_release(run->m), &ignored))
        log_debug("%s", ignored.text);
    error_free(&ignored);
}

struct history_row up_row(const struct migrate *m, const struct up_step *step, int ms, bool success)
{
    const struct migration *file = step->line->file;
    return (struct history_row){
        .rank = step->rank,
        .version = file->version,
        .description = file->description,
        .type = history_borrow(file->kind == MIGRATION_BASELINE ? "SQL_BASELINE" : "SQL"),
        .script = file->script,
        .has_checksum = true,
        .checksum = file->checksum,
        .installed_by = history_borrow(m->options->installed_by),
        .execution_time = ms,
        .success = success,
    };
}

/* One text for the whole boundary: the row, COMMIT, and the beginning of the next file. */
static bool commit_postgres(struct up_run *run, const struct up_step *next, struct str *sql,
                            struct error *err)
{
    bool group = run->m->options->group;
    if (!group || !next)
        str_add(sql, "; COMMIT");
    if (next && !group) {
        str_add(sql, "; ");
        up_prologue(run, sql);
    } else if (next) {
        AUTO(strlist_free) struct strlist reset = {0};
        migrate_session_reset(run->m, &reset);
        str_addf(sql, "; %s", reset.ptr[0]);
    }
    if (!db_exec(run->m->db, sql->ptr, err))
        return false;
    run->open = next != NULL;
    return true;
}

/* Outside a transaction of ours a file may have left its own open: its end is the file's end. */
static bool close_left_open(struct up_run *run, const struct up_step *step, struct error *err)
{
    if (db_txn(run->m->db) != DB_TXN_OPEN)
        return true;
    log_warn("%s leaves a transaction open; committing it", step->line->file->script);
    return db_exec(run->m->db, "COMMIT", err);
}

static bool send_commit(struct up_run *run, const struct up_step *step, const struct up_step *next,
                        struct str *sql, struct error *err)
{
    struct db *db = run->m->db;
    if (db_engine(db) == DB_MYSQL)
        return db_exec(db, sql->ptr, err) && (!step->in_transaction || db_exec(db, "COMMIT", err));
    if (step->in_transaction)
        return commit_postgres(run, next, sql, err);
    return close_left_open(run, step, err) && db_exec(db, sql->ptr, err);
}

/* After a failed boundary only the history knows whether it held. */
static bool settle(struct up_run *run, const struct up_step *step, struct error *err)
{
    bool recorded = false;
    struct error second = ERROR_INIT;
    interrupt_defer(true);
    bool lost = db_txn(run->m->db) == DB_TXN_UNKNOWN;
    up_roll_back(run);
    if (lost)
        log_warn("%s: connection lost while committing; asking the history whether it held",
                 step->line->file->script);
    bool known = (!lost || migrate_reconnect(run->m, &second)) &&
                 history_table_recorded(&run->m->table, run->m->db, step->rank,
                                        step->line->file->script, &recorded, &second);
    interrupt_defer(false);
    if (!known) {
        run->in_doubt = true;
        error_note(err, "  in doubt: whether the commit held could not be found out: %s",
                   second.text);
        error_hint(err,
                   "when the server can be reached again, 'dbops migrate info' shows whether"
                   " %s is applied; then run 'dbops migrate up' again",
                   step->line->file->script);
        error_free(&second);
        return false;
    }
    if (recorded)
        error_free(err);
    return recorded;
}

/* Table locks that the file left would keep its row out. */
static bool release_mysql(const struct up_run *run, const struct up_step *step, struct error *err)
{
    return !step->session || db_engine(run->m->db) != DB_MYSQL ||
           db_exec(run->m->db, migrate_session_release(run->m), err);
}

bool up_commit(struct up_run *run, const struct up_step *step, const struct up_step *next, int ms,
               struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    struct history_row row = up_row(run->m, step, ms, true);
    if (step->session && db_engine(run->m->db) == DB_POSTGRES)
        str_addf(&sql, "%s; ", migrate_session_release(run->m));
    history_table_insert_sql(&run->m->table, &row, &sql);
    /* the work is done: a signal that comes now is better obeyed behind the commit than before */
    interrupt_defer(true);
    bool sent = release_mysql(run, step, err) && send_commit(run, step, next, &sql, err);
    interrupt_defer(false);
    if (sent)
        return true;
    error_wrap(err, "cannot record %s", step->line->file->script);
    return settle(run, step, err);
}

/* In its own transaction, on a new connection when the old one is lost. */
static bool record_again(struct up_run *run, const struct up_step *step, int ms, bool success,
                         struct error *err)
{
    struct migrate *m = run->m;
    if (db_txn(m->db) == DB_TXN_UNKNOWN && !migrate_reconnect(m, err))
        return false;
    AUTO(str_free) struct str sql = STR_INIT;
    struct history_row row = up_row(m, step, ms, success);
    history_table_insert_sql(&m->table, &row, &sql);
    return db_exec(m->db, sql.ptr, err) &&
           (db_engine(m->db) == DB_POSTGRES || db_exec(m->db, "COMMIT", err));
}

static void tell_rolled_back(const struct up_run *run, const struct up_step *step,
                             struct error *err)
{
    if (run->m->options->group)
        error_note(err, "  rolled back: every file of this run, as 'group' asks");
    else
        error_note(err, "  rolled back: nothing of %s remains, its state is still pending",
                   step->line->file->script);
    error_hint(err, err->kind == ERR_DATA ? "mend the file and run 'dbops migrate up' again"
                                          : "run 'dbops migrate up' again");
}

/* Part of a hint: only what the server refused lies in the file. */
static const char *mending(const struct error *err)
{
    return err->kind == ERR_DATA ? " mend the file," : "";
}

/* Only what is certain: how much of a file stays cannot always be told from here. */
static void tell_kept(const struct script_run *sr, bool lost, const char *script, struct error *err)
{
    if (lost)
        error_note(err,
                   "  in doubt: the connection was lost in the statement at line %u; whether it"
                   " took effect is not known%s",
                   sr->line, sr->kept ? ", and what came before it stays" : "");
    else if (!sr->line)
        error_note(err, "  not rolled back: %s ran to its end, and what it committed stays%s",
                   script, sr->open ? "; the rest is rolled back" : "");
    else if (sr->done)
        error_note(err, "  not rolled back: what the statements before line %u committed stays",
                   sr->line);
    else
        error_note(err,
                   "  not rolled back: the statement at line %u may have left something behind",
                   sr->line);
    error_hint(err,
               "undo by hand what %s did, run 'dbops migrate repair',%s and run"
               " 'dbops migrate up' again",
               script, mending(err));
}

/* What stays is recorded as a failed row, so that no later run goes over it blindly. */
static void keep_failed_row(struct up_run *run, const struct up_step *step,
                            const struct script_run *sr, int ms, struct error *err)
{
    const char *script = step->line->file->script;
    bool lost = db_txn(run->m->db) == DB_TXN_UNKNOWN;
    bool all_rolled_back = !sr->kept && !lost;
    struct error second = ERROR_INIT;
    if (!lost)
        up_roll_back(run);
    bool recorded = record_again(run, step, ms, false, &second);
    if (all_rolled_back) {
        error_note(err, "  rolled back: no statement of %s had been committed", script);
        error_hint(err, "run 'dbops migrate repair',%s and run 'dbops migrate up' again",
                   mending(err));
    } else {
        tell_kept(sr, lost, script, err);
    }
    if (recorded)
        error_note(err, "  recorded: %s as failed in %s", script, run->m->table.qualified);
    else
        error_note(err, "  not recorded: %s", second.text);
    error_free(&second);
}

/* The file ran to its end and nothing of it waits for a commit: only its row is missing, and a
 * second attempt at that is right. */
static bool record_late(struct up_run *run, const struct up_step *step, const struct script_run *sr,
                        int ms)
{
    bool shares_commit = db_engine(run->m->db) == DB_POSTGRES && step->in_transaction;
    if (shares_commit || sr->open)
        return false;
    struct error ignored = ERROR_INIT;
    bool recorded = record_again(run, step, ms, true, &ignored);
    error_free(&ignored);
    return recorded;
}

/* The file was never begun: there is nothing to undo and nothing to record. */
static void tell_not_begun(const struct up_step *step, struct error *err)
{
    error_note(err, "  nothing of %s was run, its state is still pending",
               step->line->file->script);
    error_hint(err, "run 'dbops migrate up' again");
}

bool up_fail(struct up_run *run, const struct up_step *step, const struct script_run *sr,
             bool executed, int ms, struct error *err)
{
    struct migrate *m = run->m;
    interrupt_defer(true);
    if (executed && !run->in_doubt && record_late(run, step, sr, ms)) {
        interrupt_defer(false);
        error_free(err);
        return true;
    }
    if (m->options->group && step->in_transaction)
        run->up->applied.len = 0;
    error_wrap(err, "cannot apply %s", step->line->file->script);
    if (run->in_doubt) {
        interrupt_defer(false);
        return false;
    }
    if (db_engine(m->db) == DB_POSTGRES && step->in_transaction && !sr->kept) {
        up_roll_back(run);
        tell_rolled_back(run, step, err);
    } else if (!executed && !sr->line && !sr->done) {
        up_roll_back(run);
        tell_not_begun(step, err);
    } else if (!executed || db_txn(m->db) != DB_TXN_UNKNOWN) {
        keep_failed_row(run, step, sr, ms, err);
    }
    if (db_txn(m->db) != DB_TXN_UNKNOWN && sr->line)
        callbacks_run_after_error(m, CALLBACK_afterEachMigrateStatementError);
    if (db_txn(m->db) != DB_TXN_UNKNOWN)
        callbacks_run_after_error(m, CALLBACK_afterEachMigrateError);
    interrupt_defer(false);
    return false;
}
