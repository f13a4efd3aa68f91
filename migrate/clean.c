#include "migrate/clean.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/db/sql.h"

/* Each gives DROP statements for schema $1. Members of extensions go with their extension; a
 * partition goes with its parent; what depends on a thing goes with it (CASCADE). */
static const char *const postgres_drops[] = {
    "SELECT pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', e.extname)"
    " FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
    " WHERE n.nspname = $1 AND pg_catalog.pg_has_role(current_user, e.extowner, 'USAGE')"
    " ORDER BY e.extname",
    "SELECT pg_catalog.format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'm' THEN"
    " 'MATERIALIZED VIEW' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN"
    " 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname)"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relkind IN ('m', 'v', 'r', 'p', 'f', 'S')"
    " AND NOT c.relispartition"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid"
    "  AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e')"
    " ORDER BY pg_catalog.array_position(ARRAY['m', 'v', 'r', 'p', 'f', 'S']::\"char\"[], "
    "c.relkind),"
    " c.relname",
    "SELECT pg_catalog.format('DROP %s IF EXISTS %I.%I(%s) CASCADE', CASE p.prokind WHEN 'p'"
    " THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, n.nspname, p.proname,"
    " pg_catalog.pg_get_function_identity_arguments(p.oid))"
    " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
    " WHERE n.nspname = $1"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid"
    "  AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype IN ('e', 'i'))"
    " ORDER BY p.oid",
    "SELECT pg_catalog.format('DROP %s IF EXISTS %I.%I CASCADE', CASE t.typtype WHEN 'd' THEN "
    "'DOMAIN'"
    " ELSE 'TYPE' END, n.nspname, t.typname)"
    " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid"
    " WHERE n.nspname = $1 AND (t.typtype IN ('d', 'e', 'r', 'b')"
    "  OR t.typtype = 'c' AND c.relkind = 'c') AND t.typcategory <> 'A'"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = t.oid"
    "  AND d.classid = 'pg_catalog.pg_type'::regclass AND d.deptype IN ('e', 'i'))"
    " ORDER BY t.oid DESC",
    "SELECT pg_catalog.format('DROP OPERATOR FAMILY IF EXISTS %I.%I USING %I CASCADE', n.nspname, "
    "f.opfname,"
    " a.amname) FROM pg_catalog.pg_opfamily f JOIN pg_catalog.pg_am a ON a.oid = f.opfmethod"
    " JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace"
    " WHERE n.nspname = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
    "  WHERE d.objid = f.oid AND d.classid = 'pg_catalog.pg_opfamily'::regclass"
    "  AND d.deptype = 'e') ORDER BY f.oid",
    "SELECT pg_catalog.format('DROP OPERATOR IF EXISTS %s CASCADE', o.oid::regoperator)"
    " FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace"
    " WHERE n.nspname = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d"
    "  WHERE d.objid = o.oid AND d.classid = 'pg_catalog.pg_operator'::regclass"
    "  AND d.deptype = 'e') ORDER BY o.oid",
    "SELECT pg_catalog.format('DROP COLLATION IF EXISTS %I.%I CASCADE', n.nspname, c.collname)"
    " FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace"
    " WHERE n.nspname = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e"
    "  WHERE e.objid = c.oid AND e.classid = 'pg_catalog.pg_collation'::regclass AND e.deptype = "
    "'e')"
    " ORDER BY c.collname",
    "SELECT pg_catalog.format('DROP TEXT SEARCH CONFIGURATION IF EXISTS %I.%I CASCADE', n.nspname, "
    "c.cfgname)"
    " FROM pg_catalog.pg_ts_config c JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace"
    " WHERE n.nspname = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e"
    "  WHERE e.objid = c.oid AND e.classid = 'pg_catalog.pg_ts_config'::regclass AND e.deptype = "
    "'e')"
    " ORDER BY c.cfgname",
    "SELECT pg_catalog.format('DROP TEXT SEARCH DICTIONARY IF EXISTS %I.%I CASCADE', n.nspname, "
    "d.dictname)"
    " FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace"
    " WHERE n.nspname = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e"
    "  WHERE e.objid = d.oid AND e.classid = 'pg_catalog.pg_ts_dict'::regclass AND e.deptype = 'e')"
    " ORDER BY d.dictname",
    NULL,
};

/* The same for MySQL, with ? for the schema. information_schema knows MariaDB's sequences as
 * tables of type SEQUENCE. */
static const char *const mysql_drops[] = {
    "SELECT concat('DROP EVENT IF EXISTS `', replace(event_schema, '`', '``'), '`.`',"
    " replace(event_name, '`', '``'), '`') FROM information_schema.events"
    " WHERE event_schema = ? ORDER BY event_name",
    "SELECT concat('DROP ', routine_type, ' IF EXISTS `', replace(routine_schema, '`', '``'),"
    " '`.`', replace(routine_name, '`', '``'), '`') FROM information_schema.routines"
    " WHERE routine_schema = ? AND routine_type IN ('PROCEDURE', 'FUNCTION', 'PACKAGE')"
    " ORDER BY routine_name",
    "SELECT concat('DROP ', CASE table_type WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN"
    " 'SEQUENCE' ELSE 'TABLE' END, ' IF EXISTS `', replace(table_schema, '`', '``'), '`.`',"
    " replace(table_name, '`', '``'), '`') FROM information_schema.tables"
    " WHERE table_schema = ? ORDER BY table_type = 'VIEW' DESC, table_type = 'SEQUENCE',"
    " table_name",
    NULL,
};

static bool drops_of_schema(struct migrate *m, const char *schema, struct strlist *ret,
                            struct error *err)
{
    const char *const *queries = db_engine(m->db) == DB_POSTGRES ? postgres_drops : mysql_drops;
    for (size_t i = 0; queries[i]; i++) {
        AUTO(db_result_free) struct db_result *r = NULL;
        if (!db_query_params(m->db, queries[i], 1, &schema, &r, err))
            return error_wrap(err, "cannot list what schema '%s' holds", schema);
        for (size_t row = 0; row < db_rows(r); row++)
            strlist_add(ret, db_value(r, row, 0));
    }
    return true;
}

/* A schema that a run created is not only emptied. */
static bool created_by_a_run(const struct migrate *m, const char *schema)
{
    AUTO(str_free) struct str quoted = STR_INIT;
    sql_ident(&quoted, db_engine(m->db), schema);
    for (size_t i = 0; i < m->history.rows.len; i++) {
        const struct history_row *row = &m->history.rows.ptr[i];
        if (!str_equal_nocase(row->type, "SCHEMA"))
            continue;
        for (const char *p = row->script; (p = strstr(p, quoted.ptr)); p++) {
            char after = p[quoted.len];
            if ((p == row->script || p[-1] == ',') && (after == ',' || after == '\0'))
                return true;
        }
    }
    return false;
}

bool clean_statements(struct migrate *m, struct strlist *ret, struct error *err)
{
    for (size_t i = 0; i < m->schemas.len; i++)
        if (!drops_of_schema(m, m->schemas.ptr[i], ret, err))
            return false;
    for (size_t i = 0; i < m->schemas.len; i++) {
        if (!created_by_a_run(m, m->schemas.ptr[i]))
            continue;
        AUTO(str_free) struct str sql = STR_INIT;
        str_add(&sql, "DROP SCHEMA IF EXISTS ");
        sql_ident(&sql, db_engine(m->db), m->schemas.ptr[i]);
        strlist_add(ret, sql.ptr);
    }
    return true;
}

static bool run_all(struct migrate *m, const struct strlist *statements, struct error *err)
{
    for (size_t i = 0; i < statements->len; i++) {
        log_debug("%s", statements->ptr[i]);
        if (!db_exec(m->db, statements->ptr[i], err))
            return error_wrap(err, "%s", statements->ptr[i]);
    }
    return true;
}

bool clean_apply(struct migrate *m, const struct strlist *statements, struct error *err)
{
    if (!statements->len)
        return true;
    bool postgres = db_engine(m->db) == DB_POSTGRES;
    if (!db_exec(m->db, postgres ? "BEGIN" : "SET SESSION foreign_key_checks = 0", err))
        return false;
    bool committing = run_all(m, statements, err);
    if (committing && (!postgres || db_exec(m->db, "COMMIT", err)))
        return true;
    struct error ignored = ERROR_INIT;
    bool lost = db_txn(m->db) == DB_TXN_UNKNOWN;
    if (postgres && !lost && !db_exec(m->db, "ROLLBACK", &ignored))
        log_debug("%s", ignored.text);
    error_free(&ignored);
    if (postgres && committing && lost)
        error_note(err, "  in doubt: the connection was lost while committing; look into the"
                        " database");
    else if (postgres)
        error_note(err, "  rolled back: nothing was dropped");
    else
        error_note(err, "  not rolled back: what was dropped before is gone");
    return error_wrap(err, "cannot clean");
}
