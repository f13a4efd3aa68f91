#include <string.h>

#include "lib/db/inspect_rights.h"
#include "lib/db/sql.h"

void inspect_schemas(const struct inspect_options *options, const char *current,
                     struct strlist *ret)
{
    if (options->default_schema && *options->default_schema)
        strlist_add(ret, options->default_schema);
    for (size_t i = 0; options->schemas && i < options->schemas->len; i++)
        if (!ret->len || !str_equal(ret->ptr[0], options->schemas->ptr[i]))
            strlist_add(ret, options->schemas->ptr[i]);
    if (!ret->len && current && *current)
        strlist_add(ret, current);
}

void inspect_history(struct findings *ret, const char *schema, const char *table, bool exists,
                     const char *missing)
{
    if (!exists)
        findings_add(ret, "history", FINDING_OK, NULL, "%s.%s is not there yet", schema, table);
    else if (*missing)
        findings_add(ret, "history", FINDING_ERROR,
                     "grant the role these rights on the schema history, or connect as its owner",
                     "no right to %s in %s.%s", missing, schema, table);
    else
        findings_add(ret, "history", FINDING_OK, NULL, "%s.%s can be read and written", schema,
                     table);
}

/* Gives the database's own right to CREATE, and the current schema (NULL: none). */
static bool look_at_role(struct db *db, bool *ret_create, char **ret_schema, struct findings *ret,
                         struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!db_query(db,
                  "SELECT current_user, (SELECT rolsuper FROM pg_catalog.pg_roles"
                  " WHERE rolname = current_user), pg_catalog.pg_is_in_recovery(),"
                  " pg_catalog.current_setting('default_transaction_read_only'),"
                  " pg_catalog.current_schema(),"
                  " pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
                  &r, err))
        return false;
    const char *role = db_value(r, 0, 0);
    if (str_equal(db_value(r, 0, 2), "t"))
        findings_add(ret, "role", FINDING_ERROR, "let host and port name the primary server",
                     "%s, but the server is a standby: it can only be read", role);
    else if (str_equal(db_value(r, 0, 3), "on"))
        findings_add(ret, "role", FINDING_ERROR,
                     "reset default_transaction_read_only for this role, database or server",
                     "%s, but its transactions are read-only by default", role);
    else
        findings_add(ret, "role", FINDING_OK, NULL, "%s%s", role,
                     str_equal(db_value(r, 0, 1), "t") ? ", a superuser" : "");
    *ret_schema = xstrdup(db_value(r, 0, 4));
    *ret_create = str_equal(db_value(r, 0, 5), "t");
    return true;
}

static void judge_schema(const struct inspect_options *options, const char *schema, bool exists,
                         bool may_create, bool database_create, struct findings *ret)
{
    if (exists && may_create)
        findings_add(ret, "rights", FINDING_OK, NULL, "may create in schema %s", schema);
    else if (exists)
        findings_add(
            ret, "rights", FINDING_ERROR,
            "GRANT CREATE, USAGE ON SCHEMA … TO the role, or connect as the schema's owner",
            "no right to create in schema %s", schema);
    else if (options->create_schemas && database_create)
        findings_add(ret, "rights", FINDING_OK, NULL, "schema %s is missing and may be created",
                     schema);
    else
        findings_add(ret, "rights", FINDING_ERROR,
                     options->create_schemas ? "GRANT CREATE ON DATABASE … TO the role"
                                             : "create the schema, or set create_schemas: true",
                     "schema %s does not exist%s", schema,
                     options->create_schemas ? " and may not be created" : "");
}

static bool look_at_schema(struct db *db, const struct inspect_options *options, const char *schema,
                           bool database_create, bool *ret_exists, struct findings *ret,
                           struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    const char *params[] = {schema};
    if (!db_query_params(db,
                         "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') AND"
                         " pg_catalog.has_schema_privilege(oid, 'USAGE')"
                         " FROM pg_catalog.pg_namespace WHERE nspname = $1",
                         1, params, &r, err))
        return false;
    *ret_exists = db_rows(r) > 0;
    judge_schema(options, schema, *ret_exists, str_equal(db_value(r, 0, 0), "t"), database_create,
                 ret);
    return true;
}

static bool look_at_history(struct db *db, const char *schema, const char *table,
                            struct findings *ret, struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    const char *params[] = {schema, table};
    if (!db_query_params(db,
                         "SELECT (SELECT pg_catalog.string_agg(p, ', ') FROM"
                         " pg_catalog.unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p"
                         " WHERE NOT pg_catalog.has_table_privilege(c.oid, p))"
                         " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                         " ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                         2, params, &r, err))
        return false;
    const char *missing = db_value(r, 0, 0);
    inspect_history(ret, schema, table, db_rows(r) > 0, missing ? missing : "");
    return true;
}

bool inspect_postgres(struct db *db, const struct inspect_options *options, struct findings *ret,
                      struct error *err)
{
    AUTO(mem_free) char *current = NULL;
    AUTO(strlist_free) struct strlist schemas = {0};
    bool create = false, first_exists = false;
    if (!look_at_role(db, &create, &current, ret, err))
        return false;
    inspect_schemas(options, current, &schemas);
    if (!schemas.len)
        findings_add(ret, "rights", FINDING_ERROR, "name one with migrate.schemas",
                     "no schema of the search_path exists");
    for (size_t i = 0; i < schemas.len; i++) {
        bool exists = false;
        if (!look_at_schema(db, options, schemas.ptr[i], create, &exists, ret, err))
            return false;
        first_exists = i ? first_exists : exists;
    }
    return !first_exists || look_at_history(db, schemas.ptr[0], options->table, ret, err);
}
