#include "migrate/history_table.h"

#include <stdlib.h>
#include <string.h>

#include "lib/db/sql.h"

/* The UTF-16 units of well-formed UTF-8 feed h = 31 * h + unit, 32 bits wide, as Java counts. */
int32_t history_java_hash(const char *utf8)
{
    uint32_t hash = 0;
    const unsigned char *p = (const unsigned char *)utf8;
    while (*p) {
        uint32_t c = *p++;
        unsigned more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        if (more)
            c &= 0x3Fu >> more;
        for (; more && *p; more--)
            c = c << 6 | (*p++ & 0x3F);
        if (c >= 0x10000) {
            hash = 31 * hash + (0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        hash = 31 * hash + c;
    }
    return (int32_t)hash;
}

static enum db_engine engine_of(const struct history_table *t)
{
    return t->flavour == DB_IS_POSTGRES ? DB_POSTGRES : DB_MYSQL;
}

void history_table_init(struct history_table *t, enum db_flavour flavour, const char *schema,
                        const char *name, const char *tablespace)
{
    *t = (struct history_table){
        .flavour = flavour,
        .schema = xstrdup(schema),
        .name = xstrdup(name),
        .tablespace = xstrdup(tablespace),
    };
    struct str qualified = STR_INIT;
    sql_qualified(&qualified, engine_of(t), schema, name);
    t->qualified = str_take(&qualified);
    int32_t hash = history_java_hash(t->qualified);
    t->lock_name = xasprintf("Flyway-%d", (int)hash);
    t->lock = (struct db_lock_key){.number = INT64_C(0x466C79776179) + hash, .name = t->lock_name};
}

void history_table_free(struct history_table *t)
{
    free(t->schema);
    free(t->name);
    free(t->tablespace);
    free(t->qualified);
    free(t->lock_name);
    *t = (struct history_table){0};
}

/* Only a table will do: a view of that name, say, must not pass for "no history yet". */
static bool table_exists(const struct history_table *t, struct db *db, bool *ret, struct error *err)
{
    const char *sql = t->flavour == DB_IS_POSTGRES
                          ? "SELECT c.relkind = 'r' FROM pg_catalog.pg_class c"
                            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                            " WHERE n.nspname = $1 AND c.relname = $2"
                          : "SELECT table_type <> 'VIEW' FROM information_schema.tables"
                            " WHERE table_schema = ? AND table_name = ?";
    const char *values[] = {t->schema, t->name};
    AUTO(db_result_free) struct db_result *found = NULL;
    if (!db_query_params(db, sql, 2, values, &found, err))
        return false;
    *ret = db_rows(found) > 0;
    const char *is_table = *ret ? db_value(found, 0, 0) : "t";
    if (str_equal(is_table, "t") || str_equal(is_table, "1"))
        return true;
    error_set(err, ERR_DATA, "%s is not an ordinary table", t->qualified);
    return error_hint(err, "the schema history must be one; 'migrate.table' names another");
}

/* One query gives everything: the naive installed_on as stored, and the instant that it means. */
static void read_sql(const struct history_table *t, struct str *sql)
{
    str_add(sql, "SELECT installed_rank, version, description, type, script, checksum,"
                 " installed_by, ");
    if (t->flavour == DB_IS_POSTGRES)
        str_add(sql, "pg_catalog.to_char(installed_on, 'YYYY-MM-DD HH24:MI:SS'),"
                     " pg_catalog.to_char(installed_on AT TIME ZONE"
                     " pg_catalog.current_setting('TimeZone')"
                     " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
                     " execution_time, success::int");
    else
        str_add(sql, "date_format(installed_on, '%Y-%m-%d %H:%i:%s'),"
                     " date_format(convert_tz(installed_on, @@session.time_zone, '+00:00'),"
                     " '%Y-%m-%dT%H:%i:%s.%fZ'), execution_time, success + 0");
    str_addf(sql, " FROM %s ORDER BY installed_rank", t->qualified);
}

static int to_int(const char *text)
{
    long long n = 0;
    return text && str_to_int(text, &n) ? (int)n : 0;
}

/* The columns are NOT NULL in Flyway's table; in one made by hand anything can stand. */
static char *text_of(const struct db_result *r, size_t row, size_t column)
{
    const char *text = db_value(r, row, column);
    return xstrdup(text ? text : "");
}

static void take_row(const struct db_result *r, size_t i, struct history_row *row)
{
    const char *checksum = db_value(r, i, 5);
    const char *time = db_value(r, i, 9), *success = db_value(r, i, 10);
    *row = (struct history_row){
        .rank = to_int(db_value(r, i, 0)),
        .version = xstrdup(db_value(r, i, 1)),
        .description = text_of(r, i, 2),
        .type = text_of(r, i, 3),
        .script = text_of(r, i, 4),
        .has_checksum = checksum != NULL,
        .checksum = checksum ? (int32_t)to_int(checksum) : 0,
        .installed_by = text_of(r, i, 6),
        .installed_on = xstrdup(db_value(r, i, 7)),
        .installed_on_utc = xstrdup(db_value(r, i, 8)),
        .execution_time = to_int(time),
        .success = success && success[0] == '1',
    };
}

enum { RANKS_LEFT = 1000000 };

/* installed_rank is an INT: a row with an absurd rank leaves none for the next. */
static bool has_room(const struct history_table *t, const struct history *h, struct error *err)
{
    if (!h->rows.len || h->rows.ptr[h->rows.len - 1].rank < INT32_MAX - RANKS_LEFT)
        return true;
    error_set(err, ERR_DATA, "the last installed_rank of %s is %d: no number follows it",
              t->qualified, h->rows.ptr[h->rows.len - 1].rank);
    return error_hint(err, "give that row the rank after the one before it");
}

bool history_table_read(const struct history_table *t, struct db *db, struct history *ret,
                        struct error *err)
{
    bool exists = false;
    AUTO(str_free) struct str sql = STR_INIT;
    AUTO(db_result_free) struct db_result *rows = NULL;
    read_sql(t, &sql);
    if (!table_exists(t, db, &exists, err) || (exists && !db_query(db, sql.ptr, &rows, err)))
        return error_wrap(err, "cannot read the schema history %s", t->qualified);
    history_free(ret);
    ret->exists = exists;
    for (size_t i = 0; exists && i < db_rows(rows); i++)
        take_row(rows, i, vec_add(&ret->rows));
    return has_room(t, ret, err);
}

bool history_table_recorded(const struct history_table *t, struct db *db, int rank,
                            const char *script, bool *ret, struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    str_addf(&sql, "SELECT 1 FROM %s WHERE installed_rank = %d AND script = ", t->qualified, rank);
    sql_literal(&sql, engine_of(t), script);
    AUTO(db_result_free) struct db_result *found = NULL;
    if (!db_query(db, sql.ptr, &found, err))
        return error_wrap(err, "cannot read the schema history %s", t->qualified);
    *ret = db_rows(found) > 0;
    return true;
}

/* The columns are Flyway's to the byte: its tools, and people's queries, rely on them. */
static void postgres_ddl(const struct history_table *t, const struct history_row *baseline,
                         struct strlist *ret)
{
    AUTO(str_free) struct str sql = STR_INIT, space = STR_INIT;
    if (t->tablespace) {
        str_add(&space, " TABLESPACE ");
        sql_ident(&space, DB_POSTGRES, t->tablespace);
    }
    str_addf(&sql,
             "CREATE TABLE %s (\n"
             "    \"installed_rank\" INT NOT NULL,\n"
             "    \"version\" VARCHAR(50),\n"
             "    \"description\" VARCHAR(200) NOT NULL,\n"
             "    \"type\" VARCHAR(20) NOT NULL,\n"
             "    \"script\" VARCHAR(1000) NOT NULL,\n"
             "    \"checksum\" INTEGER,\n"
             "    \"installed_by\" VARCHAR(100) NOT NULL,\n"
             "    \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(),\n"
             "    \"execution_time\" INTEGER NOT NULL,\n"
             "    \"success\" BOOLEAN NOT NULL\n"
             ")%s",
             t->qualified, space.ptr);
    strlist_add(ret, sql.ptr);
    if (baseline) {
        str_clear(&sql);
        history_table_insert_sql(t, baseline, &sql);
        strlist_add(ret, sql.ptr);
    }
    AUTO(mem_free) char *key = xasprintf("%s_pk", t->name);
    str_clear(&sql);
    str_addf(&sql, "ALTER TABLE %s ADD CONSTRAINT ", t->qualified);
    sql_ident(&sql, DB_POSTGRES, key);
    str_addf(&sql, " PRIMARY KEY (\"installed_rank\")%s%s", space.len ? " USING INDEX" : "",
             space.ptr);
    strlist_add(ret, sql.ptr);
    AUTO(mem_free) char *index = xasprintf("%s_s_idx", t->name);
    str_clear(&sql);
    str_add(&sql, "CREATE INDEX ");
    sql_ident(&sql, DB_POSTGRES, index);
    str_addf(&sql, " ON %s (\"success\")%s", t->qualified, space.ptr);
    strlist_add(ret, sql.ptr);
}

static void mysql_marker(const struct history_row *baseline, struct str *sql)
{
    str_addf(sql, " AS SELECT\n    1 AS `installed_rank`,\n    ");
    sql_literal(sql, DB_MYSQL, baseline->version);
    str_add(sql, " AS `version`,\n    ");
    sql_literal(sql, DB_MYSQL, baseline->description);
    str_add(sql, " AS `description`,\n    'BASELINE' AS `type`,\n    ");
    sql_literal(sql, DB_MYSQL, baseline->script);
    str_add(sql, " AS `script`,\n    NULL AS `checksum`,\n    ");
    if (baseline->installed_by)
        sql_literal(sql, DB_MYSQL, baseline->installed_by);
    else
        str_add(sql, "SUBSTRING_INDEX(USER(),'@',1)");
    str_add(sql, " AS `installed_by`,\n    CURRENT_TIMESTAMP AS `installed_on`,\n"
                 "    0 AS `execution_time`,\n    TRUE AS `success`");
}

static void mysql_index(const struct history_table *t, struct str *sql)
{
    AUTO(mem_free) char *index = xasprintf("%s_s_idx", t->name);
    str_add(sql, "CREATE INDEX ");
    sql_ident(sql, DB_MYSQL, index);
    str_addf(sql, " ON %s (`success`)", t->qualified);
}

static void mysql_ddl(const struct history_table *t, const struct history_row *baseline,
                      bool two_steps, struct strlist *ret)
{
    AUTO(str_free) struct str sql = STR_INIT, constraint = STR_INIT;
    AUTO(mem_free) char *key = xasprintf("%s_pk", t->name);
    if (t->flavour == DB_IS_MYSQL) {
        str_add(&constraint, "CONSTRAINT ");
        sql_ident(&constraint, DB_MYSQL, key);
        str_addc(&constraint, ' ');
    }
    str_addf(&sql,
             "CREATE TABLE %s (\n"
             "    `installed_rank` INT NOT NULL,\n"
             "    `version` VARCHAR(50),\n"
             "    `description` VARCHAR(200) NOT NULL,\n"
             "    `type` VARCHAR(20) NOT NULL,\n"
             "    `script` VARCHAR(1000) NOT NULL,\n"
             "    `checksum` INT,\n"
             "    `installed_by` VARCHAR(100) NOT NULL,\n"
             "    `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,\n"
             "    `execution_time` INT NOT NULL,\n"
             "    `success` BOOL NOT NULL,\n"
             "    %sPRIMARY KEY (`installed_rank`)\n"
             ")",
             t->qualified, constraint.ptr);
    if (baseline && !two_steps)
        mysql_marker(baseline, &sql);
    strlist_add(ret, sql.ptr);
    if (baseline && two_steps) {
        str_clear(&sql);
        history_table_insert_sql(t, baseline, &sql);
        strlist_add(ret, sql.ptr);
    }
    str_clear(&sql);
    mysql_index(t, &sql);
    strlist_add(ret, sql.ptr);
}

void history_table_ddl(const struct history_table *t, const struct history_row *baseline,
                       bool two_steps, struct strlist *ret)
{
    if (t->flavour == DB_IS_POSTGRES)
        postgres_ddl(t, baseline, ret);
    else
        mysql_ddl(t, baseline, two_steps, ret);
}

/* CREATE TABLE … AS SELECT is refused by strict Galera and where GTIDs must be consistent. */
static bool marker_needs_two_steps(struct db *db, bool *ret, struct error *err)
{
    *ret = false;
    if (db_flavour(db) == DB_IS_POSTGRES)
        return true;
    AUTO(db_result_free) struct db_result *set = NULL;
    if (!db_query(db,
                  "SHOW VARIABLES WHERE Variable_name IN ('enforce_gtid_consistency',"
                  " 'pxc_strict_mode')",
                  &set, err))
        return false;
    for (size_t i = 0; i < db_rows(set); i++) {
        const char *value = db_value(set, i, 1);
        *ret |= str_equal_nocase(value, "ON") || str_equal_nocase(value, "ENFORCING") ||
                str_equal_nocase(value, "MASTER");
    }
    return true;
}

bool history_table_create(const struct history_table *t, struct db *db,
                          const struct history_row *baseline, struct error *err)
{
    bool two_steps = false;
    if (baseline && !marker_needs_two_steps(db, &two_steps, err))
        return false;
    AUTO(strlist_free) struct strlist ddl = {0};
    history_table_ddl(t, baseline, two_steps, &ddl);
    AUTO(str_free) struct str all = STR_INIT;
    if (t->flavour == DB_IS_POSTGRES) {
        str_add(&all, "BEGIN");
        for (size_t i = 0; i < ddl.len; i++)
            str_addf(&all, ";\n%s", ddl.ptr[i]);
        str_add(&all, ";\nCOMMIT");
        if (db_exec(db, all.ptr, err))
            return true;
        struct error ignored = ERROR_INIT;
        if (!db_exec(db, "ROLLBACK", &ignored))
            error_free(&ignored);
        return error_wrap(err, "cannot create the schema history %s", t->qualified);
    }
    for (size_t i = 0; i < ddl.len; i++)
        if (!db_exec(db, ddl.ptr[i], err))
            return error_wrap(err, "cannot create the schema history %s", t->qualified);
    return true;
}

void history_table_insert_sql(const struct history_table *t, const struct history_row *row,
                              struct str *out)
{
    enum db_engine engine = engine_of(t);
    static const char *const columns[] = {"installed_rank", "version",        "description",
                                          "type",           "script",         "checksum",
                                          "installed_by",   "execution_time", "success"};
    str_addf(out, "INSERT INTO %s (", t->qualified);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        str_add(out, i ? ", " : "");
        sql_ident(out, engine, columns[i]);
    }
    str_addf(out, ") VALUES (%d, ", row->rank);
    const char *const texts[] = {row->version, row->description, row->type, row->script};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        sql_literal(out, engine, texts[i]);
        str_add(out, ", ");
    }
    if (row->has_checksum)
        str_addf(out, "%d, ", (int)row->checksum);
    else
        str_add(out, "NULL, ");
    if (row->installed_by)
        sql_literal(out, engine, row->installed_by);
    else
        str_add(out, engine == DB_POSTGRES ? "current_user" : "SUBSTRING_INDEX(USER(),'@',1)");
    str_addf(out, ", %d, %s)", row->execution_time, row->success ? "true" : "false");
}

bool history_table_complete(const struct history_table *t, struct db *db, struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    AUTO(mem_free) char *index = xasprintf("%s_s_idx", t->name);
    AUTO(db_result_free) struct db_result *found = NULL;
    if (t->flavour == DB_IS_POSTGRES)
        return true;
    str_add(&sql, "SELECT 1 FROM information_schema.statistics WHERE table_schema = ");
    sql_literal(&sql, DB_MYSQL, t->schema);
    str_add(&sql, " AND table_name = ");
    sql_literal(&sql, DB_MYSQL, t->name);
    str_add(&sql, " AND index_name = ");
    sql_literal(&sql, DB_MYSQL, index);
    bool ok = db_query(db, sql.ptr, &found, err);
    str_clear(&sql);
    mysql_index(t, &sql);
    if (ok && (db_rows(found) || db_exec(db, sql.ptr, err)))
        return true;
    return error_wrap(err, "cannot complete the schema history %s", t->qualified);
}
