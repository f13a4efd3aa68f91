#include "migrate/schemas.h"

#include "lib/db/sql.h"

/* "('a', 'b')" */
static void literal_list(enum db_engine engine, const struct strlist *names, struct str *out)
{
    for (size_t i = 0; i < names->len; i++) {
        str_add(out, i ? ", " : "(");
        sql_literal(out, engine, names->ptr[i]);
    }
    str_addc(out, ')');
}

static bool listed(const struct db_result *r, const char *name)
{
    for (size_t i = 0; i < db_rows(r); i++)
        if (str_equal(db_value(r, i, 0), name))
            return true;
    return false;
}

bool schemas_missing(struct db *db, const struct strlist *names, struct strlist *ret,
                     struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    str_add(&sql,
            db_engine(db) == DB_POSTGRES
                ? "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname IN "
                : "SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ");
    literal_list(db_engine(db), names, &sql);
    AUTO(db_result_free) struct db_result *found = NULL;
    if (!db_query(db, sql.ptr, &found, err))
        return error_wrap(err, "cannot list the schemas");
    for (size_t i = 0; i < names->len; i++)
        if (!listed(found, names->ptr[i]))
            strlist_add(ret, names->ptr[i]);
    return true;
}

/* %s three times: the list of names. */
static const char postgres_content[] =
    "SELECT DISTINCT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname IN %s AND ("
    " EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid"
    "  AND c.relkind IN ('r', 'v', 'S', 't')"
    "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid"
    "   AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e'))"
    " OR EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid"
    "  AND t.typcategory NOT IN ('A', 'C')"
    "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = t.oid"
    "   AND d.classid = 'pg_catalog.pg_type'::regclass AND d.deptype IN ('e', 'i')))"
    " OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid"
    "  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid"
    "   AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'e')))";

static void mysql_content(const char *list, struct str *sql)
{
    static const char *const parts[][2] = {
        {"table_schema", "tables"},
        {"trigger_schema", "triggers"},
        {"routine_schema", "routines"},
        {"event_schema", "events"},
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        str_addf(sql, "%sSELECT %s FROM information_schema.%s WHERE %s IN %s", i ? " UNION " : "",
                 parts[i][0], parts[i][1], parts[i][0], list);
}

bool schemas_not_empty(struct db *db, const struct strlist *names, struct strlist *ret,
                       struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT, list = STR_INIT;
    literal_list(db_engine(db), names, &list);
    if (db_engine(db) == DB_POSTGRES)
        str_addf(&sql, postgres_content, list.ptr);
    else
        mysql_content(list.ptr, &sql);
    AUTO(db_result_free) struct db_result *found = NULL;
    if (!db_query(db, sql.ptr, &found, err))
        return error_wrap(err, "cannot look into the schemas");
    for (size_t i = 0; i < names->len; i++)
        if (listed(found, names->ptr[i]))
            strlist_add(ret, names->ptr[i]);
    return true;
}

void schemas_create_sql(enum db_engine engine, const char *name, struct str *out)
{
    str_add(out, "CREATE SCHEMA ");
    sql_ident(out, engine, name);
}

char *schemas_quoted_list(enum db_engine engine, const struct strlist *names)
{
    struct str list = STR_INIT;
    for (size_t i = 0; i < names->len; i++) {
        if (i)
            str_addc(&list, ',');
        sql_ident(&list, engine, names->ptr[i]);
    }
    return str_take(&list);
}
