#include "migrate/baseline.h"

#include <stdlib.h>

#include "migrate/schemas.h"
#include "migrate/version.h"

void baseline_plan_free(struct baseline_plan *plan)
{
    strlist_free(&plan->missing);
}

static struct history_row marker(const struct migrate *m)
{
    const struct migrate_options *o = m->options;
    return (struct history_row){
        .rank = 1,
        .version = history_borrow(o->baseline_version),
        .description = history_borrow(o->baseline_description),
        .type = history_borrow("BASELINE"),
        .script = history_borrow(o->baseline_description),
        .installed_by = history_borrow(o->installed_by),
        .success = true,
    };
}

/* The SCHEMA row follows the marker when both are written in one call. */
static struct history_row schema_row(const struct migrate *m, const struct baseline_plan *plan)
{
    return (struct history_row){
        .rank = 2,
        .description = history_borrow("<< Flyway Schema Creation >>"),
        .type = history_borrow("SCHEMA"),
        .script = schemas_quoted_list(db_engine(m->db), &plan->missing),
        .installed_by = history_borrow(m->options->installed_by),
        .success = true,
    };
}

static const struct history_row *find_marker(const struct history *h)
{
    for (size_t i = 0; i < h->rows.len && i < 2; i++)
        if (str_equal_nocase(h->rows.ptr[i].type, "BASELINE"))
            return &h->rows.ptr[i];
    return NULL;
}

static bool refuse(const struct migrate *m, struct error *err)
{
    const struct history_row *found = find_marker(&m->history);
    const char *table = m->table.qualified;
    if (found) {
        error_set(err, ERR_DATA, "%s already has a baseline: version %s, '%s'", table,
                  found->version, found->description);
        return error_hint(err, "a history has one baseline; set 'baseline_version' and"
                               " 'baseline_description' to that one, or leave it");
    }
    if (!m->history.rows.len) {
        error_set(err, ERR_DATA, "%s exists and is empty", table);
        return error_hint(err, "drop the empty table, then run 'dbops migrate baseline' again");
    }
    if (m->history.rows.len == 1 && str_equal_nocase(m->history.rows.ptr[0].type, "SCHEMA"))
        error_set(err, ERR_DATA,
                  "%s says that the schema was created by a migration run, so there"
                  " is nothing to baseline",
                  table);
    else
        error_set(err, ERR_DATA, "%s already holds migrations", table);
    return error_hint(err,
                      "'dbops migrate info' shows them; 'dbops migrate up' goes on from there");
}

bool baseline_prepare(struct migrate *m, struct baseline_plan *plan, struct error *err)
{
    if (!version_valid(m->options->baseline_version))
        return error_set(err, ERR_CONFIG, "baseline_version '%s' is not a version",
                         m->options->baseline_version);
    if (!migrate_read_history(m, err))
        return false;
    if (!m->history.exists)
        return schemas_missing(m->db, &m->schemas, &plan->missing, err);
    const struct history_row *found = find_marker(&m->history);
    plan->already = found && found->version &&
                    version_compare(found->version, m->options->baseline_version) == 0 &&
                    str_equal(found->description, m->options->baseline_description);
    return plan->already || refuse(m, err);
}

/* Every statement of the plan, in order; on PostgreSQL they share a transaction. */
static void statements(const struct migrate *m, const struct baseline_plan *plan,
                       struct strlist *ret)
{
    for (size_t i = 0; i < plan->missing.len; i++) {
        AUTO(str_free) struct str sql = STR_INIT;
        schemas_create_sql(db_engine(m->db), plan->missing.ptr[i], &sql);
        strlist_add(ret, sql.ptr);
    }
    struct history_row row = marker(m);
    history_table_ddl(&m->table, &row, false, ret);
    if (plan->missing.len) {
        struct history_row schema = schema_row(m, plan);
        AUTO(str_free) struct str sql = STR_INIT;
        history_table_insert_sql(&m->table, &schema, &sql);
        strlist_add(ret, sql.ptr);
        free(schema.script);
    }
}

bool baseline_apply(struct migrate *m, const struct baseline_plan *plan, struct error *err)
{
    if (plan->already)
        return true;
    for (size_t i = 0; i < plan->missing.len; i++) {
        AUTO(str_free) struct str sql = STR_INIT;
        schemas_create_sql(db_engine(m->db), plan->missing.ptr[i], &sql);
        if (!db_exec(m->db, sql.ptr, err))
            return error_wrap(err, "cannot create schema '%s'", plan->missing.ptr[i]);
    }
    struct history_row row = marker(m);
    if (!history_table_create(&m->table, m->db, &row, err))
        return false;
    if (!plan->missing.len)
        return true;
    struct history_row schema = schema_row(m, plan);
    AUTO(str_free) struct str sql = STR_INIT;
    history_table_insert_sql(&m->table, &schema, &sql);
    free(schema.script);
    return db_exec(m->db, sql.ptr, err);
}

void baseline_print(const struct migrate *m, const struct baseline_plan *plan, FILE *out)
{
    AUTO(strlist_free) struct strlist sql = {0};
    if (plan->already) {
        fprintf(out, "-- nothing to do: the baseline is there\n");
        return;
    }
    bool postgres = db_engine(m->db) == DB_POSTGRES;
    statements(m, plan, &sql);
    fprintf(out, "%s", postgres ? "BEGIN;\n" : "");
    for (size_t i = 0; i < sql.len; i++)
        fprintf(out, "%s;\n", sql.ptr[i]);
    fprintf(out, "%s", postgres ? "COMMIT;\n" : "");
}
