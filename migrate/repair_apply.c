#include "migrate/repair_apply.h"

#include "lib/base/log.h"
#include "lib/db/sql.h"

static void add_column(struct str *sql, enum db_engine engine, const char *name)
{
    sql_ident(sql, engine, name);
}

/* All failed rows of this version and description, as Flyway's repair removes them. */
static void remove_failed(const struct migrate *m, const struct repair_step *step, struct str *sql)
{
    enum db_engine engine = db_engine(m->db);
    str_addf(sql, "DELETE FROM %s WHERE ", m->table.qualified);
    add_column(sql, engine, "success");
    str_add(sql, " = false AND ");
    add_column(sql, engine, "version");
    if (step->row->version) {
        str_add(sql, " = ");
        sql_literal(sql, engine, step->row->version);
    } else {
        str_add(sql, " IS NULL");
    }
    str_add(sql, " AND ");
    add_column(sql, engine, "description");
    str_add(sql, " = ");
    sql_literal(sql, engine, step->row->description);
}

/* A DELETE row stands for the migration that is gone; the row itself stays. */
static void mark_deleted(const struct migrate *m, const struct repair_step *step, struct str *sql)
{
    struct history_row row = *step->row;
    row.rank = step->rank;
    row.type = history_borrow("DELETE");
    row.execution_time = 0;
    row.installed_by = history_borrow(m->options->installed_by);
    history_table_insert_sql(&m->table, &row, sql);
}

static void align(const struct migrate *m, const struct repair_step *step, struct str *sql)
{
    enum db_engine engine = db_engine(m->db);
    const char *type = step->file->kind == MIGRATION_BASELINE ? "SQL_BASELINE" : "SQL";
    str_addf(sql, "UPDATE %s SET ", m->table.qualified);
    add_column(sql, engine, "description");
    str_add(sql, " = ");
    sql_literal(sql, engine, step->file->description);
    str_add(sql, ", ");
    add_column(sql, engine, "type");
    str_add(sql, " = ");
    sql_literal(sql, engine, type);
    str_add(sql, ", ");
    add_column(sql, engine, "checksum");
    str_addf(sql, " = %d WHERE ", (int)step->file->checksum);
    add_column(sql, engine, "installed_rank");
    str_addf(sql, " = %d", step->row->rank);
}

void repair_statements(const struct migrate *m, const struct repair_plan *plan, struct strlist *ret)
{
    for (size_t i = 0; i < plan->steps.len; i++) {
        const struct repair_step *step = &plan->steps.ptr[i];
        AUTO(str_free) struct str sql = STR_INIT;
        switch (step->kind) {
        case REPAIR_REMOVE_FAILED:
            remove_failed(m, step, &sql);
            break;
        case REPAIR_MARK_DELETED:
            mark_deleted(m, step, &sql);
            break;
        case REPAIR_ALIGN:
            align(m, step, &sql);
            break;
        }
        strlist_add(ret, sql.ptr);
    }
}

bool repair_apply(struct migrate *m, const struct repair_plan *plan, struct error *err)
{
    AUTO(strlist_free) struct strlist sql = {0};
    repair_statements(m, plan, &sql);
    if (!sql.len)
        return true;
    bool ok = db_exec(m->db, "START TRANSACTION", err);
    for (size_t i = 0; ok && i < sql.len; i++)
        ok = db_exec(m->db, sql.ptr[i], err);
    if (ok && db_exec(m->db, "COMMIT", err))
        return true;
    struct error ignored = ERROR_INIT;
    if (!db_exec(m->db, "ROLLBACK", &ignored))
        log_debug("%s", ignored.text);
    error_free(&ignored);
    return error_wrap(err, "cannot repair %s", m->table.qualified);
}
