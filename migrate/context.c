#include "migrate/context.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/backoff.h"
#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/db/sql.h"

enum { RECONNECTS = 6 }; /* further attempts, about four seconds in all */

static void start_free(struct session_start *s)
{
    free(s->schema);
    free(s->user);
    free(s->login);
    free(s->timezone);
    free(s->role);
    free(s->release);
    free(s->search_path);
    free(s->sql_mode);
    free(s->variables);
    *s = (struct session_start){0};
}

/* installed_on has no time zone: it is written in the zone of the session, which JDBC takes from
 * the client. The name of the client's zone, from TZ or /etc/localtime. */
static char *client_zone(void)
{
    const char *tz = getenv("TZ");
    if (tz && *tz)
        return xstrdup(tz[0] == ':' ? tz + 1 : tz);
    char target[256];
    ssize_t n = readlink("/etc/localtime", target, sizeof target - 1);
    if (n > 0) {
        target[n] = '\0';
        const char *name = strstr(target, "/zoneinfo/");
        if (name)
            return xstrdup(name + strlen("/zoneinfo/"));
    }
    return xstrdup("UTC");
}

/* MySQL knows zones by name only when its tables were filled; an offset always works. */
static char *client_offset(void)
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    long minutes = local.tm_gmtoff / 60;
    return xasprintf("%c%02ld:%02ld", minutes < 0 ? '-' : '+', labs(minutes) / 60,
                     labs(minutes) % 60);
}

static bool refused_timezone(const char *zone, struct error *err)
{
    error_wrap(err, "cannot set the session's time zone to '%s'", zone);
    return error_hint(err, "'timezone' must be a zone that the server knows; MySQL without its"
                           " time zone tables knows offsets only, such as +08:00");
}

/* The zone of the client may be one that only the client knows: then the server's own stays. */
static bool may_do_without(struct migrate *m, struct error *err)
{
    if (m->options->timezone || db_problem(m->db)->connection_lost)
        return false;
    error_free(err);
    return true;
}

/* Sets the time zone and asks how the session stands, in one round trip. */
static bool query_postgres_start(struct migrate *m, struct db_result **ret, struct error *err)
{
    static const char query[] = "SELECT pg_catalog.current_schema(), current_user, session_user,"
                                " pg_catalog.current_setting('search_path'),"
                                " pg_catalog.current_setting('TimeZone')";
    const char *given = m->options->timezone;
    AUTO(mem_free) char *zone = given ? xstrdup(given) : client_zone();
    AUTO(str_free) struct str sql = STR_INIT;
    str_add(&sql, "SET TimeZone TO ");
    sql_literal(&sql, DB_POSTGRES, zone);
    str_addf(&sql, "; %s", query);
    if (db_query(m->db, sql.ptr, ret, err))
        return true;
    return may_do_without(m, err) ? db_query(m->db, query, ret, err) : refused_timezone(zone, err);
}

static void add_login(const struct migrate *m, struct str *sql)
{
    str_add(sql, "SET SESSION AUTHORIZATION ");
    sql_ident(sql, DB_POSTGRES, m->start.login);
}

static void add_timezone(const struct migrate *m, struct str *sql)
{
    str_add(sql, "SET TimeZone TO ");
    sql_literal(sql, DB_POSTGRES, m->start.timezone);
}

static bool read_postgres_start(struct migrate *m, struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!query_postgres_start(m, &r, err))
        return false;
    const char *user = db_value(r, 0, 1), *login = db_value(r, 0, 2);
    m->start = (struct session_start){
        .schema = xstrdup(db_value(r, 0, 0)),
        .user = xstrdup(user),
        .search_path = xstrdup(db_value(r, 0, 3)),
        .login = xstrdup(login),
        .timezone = xstrdup(db_value(r, 0, 4)),
    };
    AUTO(str_free) struct str role = STR_INIT, release = STR_INIT;
    str_add(&role, "SET ROLE ");
    if (str_equal(user, login))
        str_add(&role, "NONE");
    else
        sql_ident(&role, DB_POSTGRES, user);
    add_login(m, &release);
    str_addf(&release, "; %s; ", role.ptr);
    add_timezone(m, &release);
    m->start.role = str_take(&role);
    m->start.release = str_take(&release);
    return true;
}

static bool set_mysql_timezone(struct migrate *m, struct error *err)
{
    const char *given = m->options->timezone;
    AUTO(mem_free) char *zone = given ? xstrdup(given) : client_offset();
    AUTO(str_free) struct str sql = STR_INIT;
    str_add(&sql, "SET SESSION time_zone = ");
    sql_literal(&sql, DB_MYSQL, zone);
    return db_exec(m->db, sql.ptr, err) || may_do_without(m, err) || refused_timezone(zone, err);
}

static bool read_mysql_start(struct migrate *m, struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!set_mysql_timezone(m, err) ||
        !db_query(m->db,
                  "SELECT DATABASE(), SUBSTRING_INDEX(USER(),'@',1), @@SESSION.sql_mode,"
                  " CONCAT('SESSION foreign_key_checks = ', @@SESSION.foreign_key_checks,"
                  " ', SESSION unique_checks = ', @@SESSION.unique_checks,"
                  " ', SESSION sql_safe_updates = ', @@SESSION.sql_safe_updates,"
                  " ', SESSION time_zone = ', QUOTE(@@SESSION.time_zone),"
                  " ', NAMES utf8mb4 COLLATE ', @@SESSION.collation_connection)",
                  &r, err))
        return false;
    m->start = (struct session_start){
        .schema = xstrdup(db_value(r, 0, 0)),
        .user = xstrdup(db_value(r, 0, 1)),
        .sql_mode = xstrdup(db_value(r, 0, 2)),
        .variables = xstrdup(db_value(r, 0, 3)),
    };
    return true;
}

static bool run_init_sql(struct migrate *m, struct error *err)
{
    if (!m->options->init_sql)
        return true;
    struct db_run run = {0};
    if (db_run(m->db, m->options->init_sql, strlen(m->options->init_sql), &run, err))
        return true;
    return error_wrap(err, "cannot run init_sql");
}

/* The session as every file finds it. Also after a reconnect: then start is read again. */
static bool prepare_session(struct migrate *m, struct error *err)
{
    if (!run_init_sql(m, err))
        return false;
    start_free(&m->start);
    return db_engine(m->db) == DB_POSTGRES ? read_postgres_start(m, err) : read_mysql_start(m, err);
}

/* default_schema, else the first of schemas, else the session's own; it leads the list. */
static bool find_schemas(struct migrate *m, struct error *err)
{
    const struct migrate_options *o = m->options;
    const char *first = o->default_schema     ? o->default_schema
                        : o->schemas->len > 0 ? o->schemas->ptr[0]
                                              : m->start.schema;
    if (!first) {
        error_set(err, ERR_CONFIG, "no schema to migrate: the session has no current %s",
                  db_engine(m->db) == DB_POSTGRES ? "schema" : "database");
        return error_hint(err, "set 'database' or 'migrate.default_schema' of target '%s'",
                          db_label(m->db));
    }
    strlist_add(&m->schemas, first);
    for (size_t i = 0; i < o->schemas->len; i++)
        if (!str_equal(o->schemas->ptr[i], first))
            strlist_add(&m->schemas, o->schemas->ptr[i]);
    return true;
}

static void set_default(struct migrate *m, const char *name, const char *value)
{
    AUTO(mem_free) char *full = xasprintf("flyway%s%s", m->options->placeholder_separator, name);
    placeholders_set(&m->placeholders, full, value);
}

/* The user's placeholders and Flyway's own; flyway:filename is set for each file. */
static void set_placeholders(struct migrate *m)
{
    const struct placeholders *given = m->options->placeholders;
    m->placeholders.enabled = given->enabled;
    m->placeholders.base = given;

    char stamp[32] = "";
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
    AUTO(mem_free) char *cwd = getcwd(NULL, 0);
    set_default(m, "defaultSchema", m->schemas.ptr[0]);
    set_default(m, "user", m->start.user);
    set_default(m, "database", db_database(m->db));
    set_default(m, "timestamp", stamp);
    set_default(m, "workingDirectory", cwd ? cwd : "");
    set_default(m, "table", m->options->table);
    set_default(m, "environment", m->options->environment);
}

bool migrate_open(struct migrate *m, const struct migrate_options *options,
                  const struct migrate_events *events, struct error *err)
{
    *m = (struct migrate){.options = options, .events = events};
    m->db = options->connect(options->connect_ctx, err);
    if (!m->db || !prepare_session(m, err) || !find_schemas(m, err))
        return false;
    history_table_init(&m->table, db_flavour(m->db), m->schemas.ptr[0], options->table,
                       options->tablespace);
    set_placeholders(m);
    m->files = options->files;
    m->files.placeholders = &m->placeholders;
    return files_read(&m->files, &m->set, err);
}

void migrate_close(struct migrate *m)
{
    if (m->locked)
        db_lock_release(m->db, &m->table.lock);
    m->locked = false;
    db_close(m->db);
    m->db = NULL;
    start_free(&m->start);
    strlist_free(&m->schemas);
    history_table_free(&m->table);
    placeholders_free(&m->placeholders);
    migration_set_free(&m->set);
    history_free(&m->history);
    strlist_free(&m->user_variables);
}

bool migrate_lock(struct migrate *m, struct error *err)
{
    if (m->locked)
        return true;
    if (!db_lock_take(m->db, &m->table.lock, m->options->lock_wait_ms, err))
        return error_wrap(err, "cannot lock the schema history %s", m->table.qualified);
    m->locked = true;
    return true;
}

/* A server that restarts, or whose address moves to a standby, is away for a moment. */
static struct db *connect_patiently(const struct migrate *m, struct error *err)
{
    for (unsigned attempt = 0;; attempt++) {
        struct db *db = m->options->connect(m->options->connect_ctx, err);
        if (db || err->kind != ERR_UNAVAILABLE || attempt >= RECONNECTS || interrupt_signal())
            return db;
        log_debug("%s; trying again", err->text);
        error_free(err);
        if (!interrupt_sleep(backoff_ms(attempt), err))
            return NULL;
    }
}

bool migrate_reconnect(struct migrate *m, struct error *err)
{
    struct db *lost = m->db;
    m->locked = false;
    m->db = connect_patiently(m, err);
    if (m->db && prepare_session(m, err) && migrate_lock(m, err)) {
        db_close(lost);
        return true;
    }
    db_close(m->db);
    m->db = lost;
    return false;
}

bool migrate_read_history(struct migrate *m, struct error *err)
{
    return history_table_read(&m->table, m->db, &m->history, err);
}

/* PostgreSQL reports a few settings whenever they change. */
static bool changed(const struct migrate *m, const char *parameter, const char *start)
{
    return m->another_session || !str_equal(db_parameter(m->db, parameter), start);
}

/* The schema comes first unless it already does; what the path held stays behind it. */
static void postgres_reset(const struct migrate *m, struct strlist *ret)
{
    AUTO(str_free) struct str sql = STR_INIT;
    if (changed(m, "session_authorization", m->start.login)) {
        add_login(m, &sql);
        str_add(&sql, "; ");
    }
    if (changed(m, "TimeZone", m->start.timezone)) {
        add_timezone(m, &sql);
        str_add(&sql, "; ");
    }
    str_addf(&sql, "%s; SET search_path TO ", m->start.role);
    const char *path = m->start.search_path, *schema = m->schemas.ptr[0];
    if (str_equal(schema, m->start.schema)) {
        str_add(&sql, *path ? path : "''");
    } else {
        sql_ident(&sql, DB_POSTGRES, schema);
        if (*path)
            str_addf(&sql, ", %s", path);
    }
    strlist_add(ret, sql.ptr);
}

static void mysql_reset(const struct migrate *m, struct strlist *ret)
{
    AUTO(str_free) struct str sql = STR_INIT;
    str_add(&sql, "SET SESSION sql_mode = ");
    sql_literal(&sql, DB_MYSQL, m->start.sql_mode);
    str_addf(&sql, ", %s", m->start.variables);
    for (size_t i = 0; i < m->user_variables.len; i++)
        str_addf(&sql, ", @%s = NULL", m->user_variables.ptr[i]);
    strlist_add(ret, sql.ptr);
    str_clear(&sql);
    str_add(&sql, "USE ");
    sql_ident(&sql, DB_MYSQL, m->schemas.ptr[0]);
    strlist_add(ret, sql.ptr);
}

const char *migrate_session_release(const struct migrate *m)
{
    return db_engine(m->db) == DB_POSTGRES ? m->start.release : "UNLOCK TABLES";
}

void migrate_session_reset(const struct migrate *m, struct strlist *ret)
{
    if (db_engine(m->db) == DB_POSTGRES)
        postgres_reset(m, ret);
    else
        mysql_reset(m, ret);
}
