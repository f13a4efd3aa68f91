#include <string.h>

#include "lib/db/inspect_rights.h"

enum {
    NEEDED = 1 << GRANT_SELECT | 1 << GRANT_INSERT | 1 << GRANT_UPDATE | 1 << GRANT_DELETE |
             1 << GRANT_CREATE,
    HISTORY = 1 << GRANT_SELECT | 1 << GRANT_INSERT | 1 << GRANT_UPDATE | 1 << GRANT_DELETE,
};

static bool look_at_role(struct db *db, struct findings *ret, struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, "SELECT CURRENT_USER(), @@GLOBAL.read_only", &r, err))
        return false;
    const char *role = db_value(r, 0, 0), *read_only = db_value(r, 0, 1);
    if (str_equal(read_only, "0") || str_equal(read_only, "OFF"))
        findings_add(ret, "role", FINDING_OK, NULL, "%s", role);
    else
        findings_add(ret, "role", FINDING_ERROR,
                     "let host and port name the primary server, or SET GLOBAL read_only = 0",
                     "%s, but the server is read-only", role);
    return true;
}

static unsigned grants_in(const struct db_result *grants, const char *database)
{
    unsigned set = 0;
    for (size_t i = 0; i < db_rows(grants); i++)
        set = grants_apply(set, db_value(grants, i, 0), database);
    return set;
}

static void name_missing(unsigned missing, struct str *out)
{
    static const char *const names[] = {
#define X(name, text) [GRANT_##name] = (text),
        GRANTS(X)
#undef X
    };
    for (unsigned i = 0; i < GRANT_COUNT; i++)
        if (missing & 1U << i)
            str_addf(out, "%s%s", out->len ? ", " : "", names[i]);
}

static void judge_database(const struct inspect_options *options, const char *database, bool exists,
                           unsigned have, struct findings *ret)
{
    unsigned missing = ((1U << GRANT_COUNT) - 1) & ~have;
    AUTO(str_free) struct str names = STR_INIT;
    name_missing(missing, &names);
    if (!exists && !options->create_schemas)
        findings_add(ret, "rights", FINDING_ERROR,
                     "create the database, or set create_schemas: true",
                     "database %s does not exist", database);
    else if (missing)
        findings_add(ret, "rights", missing & NEEDED ? FINDING_ERROR : FINDING_WARNING,
                     "GRANT them ON the database TO the user; migrations that need none of them "
                     "work without",
                     "no right to %s in database %s", names.ptr, database);
    else
        findings_add(ret, "rights", FINDING_OK, NULL,
                     exists ? "may create and change in database %s"
                            : "database %s is missing and may be created",
                     database);
}

static bool is_there(struct db *db, const char *sql, size_t n, const char *const params[],
                     bool *ret, struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!db_query_params(db, sql, n, params, &r, err))
        return false;
    *ret = db_rows(r) > 0;
    return true;
}

static bool look_at_history(struct db *db, const char *database, const char *table, unsigned have,
                            struct findings *ret, struct error *err)
{
    const char *params[] = {database, table};
    bool exists = false;
    AUTO(str_free) struct str missing = STR_INIT;
    if (!is_there(db,
                  "SELECT 1 FROM information_schema.tables"
                  " WHERE table_schema = ? AND table_name = ?",
                  2, params, &exists, err))
        return false;
    name_missing(HISTORY & ~have, &missing);
    inspect_history(ret, database, table, exists, missing.ptr);
    return true;
}

bool inspect_mysql(struct db *db, const struct inspect_options *options, struct findings *ret,
                   struct error *err)
{
    AUTO(strlist_free) struct strlist databases = {0};
    AUTO(db_result_free) struct db_result *grants = NULL;
    if (!look_at_role(db, ret, err) || !db_query(db, "SHOW GRANTS", &grants, err))
        return false;
    inspect_schemas(options, db_database(db), &databases);
    if (!databases.len)
        findings_add(ret, "rights", FINDING_ERROR, "name one with database or migrate.schemas",
                     "no database is chosen");
    for (size_t i = 0; i < databases.len; i++) {
        const char *name = databases.ptr[i];
        bool exists = false;
        if (!is_there(db, "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", 1,
                      &name, &exists, err))
            return false;
        unsigned have = grants_in(grants, name);
        judge_database(options, name, exists, have, ret);
        if (i == 0 && exists && !look_at_history(db, name, options->table, have, ret, err))
            return false;
    }
    return true;
}
