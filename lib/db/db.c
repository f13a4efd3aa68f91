#include "lib/db/db.h"

#include <stdlib.h>
#include <string.h>

#include "lib/db/impl.h"

static void copy_params(struct db_params *to, const struct db_params *from)
{
    *to = *from;
    to->label = xstrdup(from->label);
    to->host = xstrdup(from->host);
    to->database = xstrdup(from->database);
    to->user = xstrdup(from->user);
    to->password = xstrdup(from->password);
    to->tls_ca = xstrdup(from->tls_ca);
    to->tls_cert = xstrdup(from->tls_cert);
    to->tls_key = xstrdup(from->tls_key);
    to->application_name = xstrdup(from->application_name ? from->application_name : "dbops");
    if (!to->connect_timeout_ms)
        to->connect_timeout_ms = 10000;
}

static void free_text(const char *text)
{
    if (!text)
        return;
    char *own = (char *)(uintptr_t)text;
    explicit_bzero(own, strlen(own));
    free(own);
}

static void free_params(struct db_params *p)
{
    free_text(p->label);
    free_text(p->host);
    free_text(p->database);
    free_text(p->user);
    free_text(p->password);
    free_text(p->tls_ca);
    free_text(p->tls_cert);
    free_text(p->tls_key);
    free_text(p->application_name);
}

void db_init(struct db *db, const struct db_driver *driver, const struct db_params *params)
{
    db->driver = driver;
    db->engine = params->engine;
    copy_params(&db->params, params);
}

void db_fini(struct db *db)
{
    free_params(&db->params);
    tls_free(&db->tls);
    free(db->host);
    free(db->socket);
    free(db->database);
    free(db->user);
    free(db->version);
    free(db->tls_state);
    free(db->url);
    for (int i = PROBLEM_MESSAGE; i <= PROBLEM_WHERE; i++)
        free(db->problem_text[i]);
}

static unsigned oldest(const struct db *db)
{
    switch (db->flavour) {
    case DB_IS_POSTGRES:
        return 140000;
    case DB_IS_MYSQL:
        return 80000;
    case DB_IS_MARIADB:
        return 100600;
    }
    return 0;
}

bool db_supported(const struct db *db, struct error *err)
{
    if (db->number >= oldest(db))
        return true;
    static const char *const since[] = {
        [DB_IS_POSTGRES] = "14", [DB_IS_MYSQL] = "8.0", [DB_IS_MARIADB] = "10.6"};
    error_set(err, ERR_CONFIG, "%s is %s %s, which is too old", db->url, db_flavour_name(db),
              db->version);
    return error_hint(err, "dbops supports %s %s and later; upgrade the server",
                      db_flavour_name(db), since[db->flavour]);
}

struct db *db_open(const struct db_params *params, struct error *err)
{
    AUTO(db_close)
    struct db *db = params->engine == DB_MYSQL ? my_open(params, err) : pg_open(params, err);
    if (!db || (!params->any_version && !db_supported(db, err)))
        return NULL;
    return TAKE(db);
}

struct db *db_open_like(const struct db *db, unsigned limit_ms, struct error *err)
{
    struct db_params params = db->params;
    params.connect_timeout_ms = limit_ms;
    struct db *other = db_open(&params, err);
    if (other)
        other->limit_ms = limit_ms;
    return other;
}

void db_close(struct db *db)
{
    if (db)
        db->driver->free(db);
}

enum db_engine db_engine(const struct db *db)
{
    return db->engine;
}

enum db_flavour db_flavour(const struct db *db)
{
    return db->flavour;
}

const char *db_flavour_name(const struct db *db)
{
    static const char *const names[] = {
        [DB_IS_POSTGRES] = "PostgreSQL", [DB_IS_MYSQL] = "MySQL", [DB_IS_MARIADB] = "MariaDB"};
    return names[db->flavour];
}

const char *db_server_version(const struct db *db)
{
    return db->version;
}

unsigned db_server_number(const struct db *db)
{
    return db->number;
}

const char *db_database(const struct db *db)
{
    return db->database;
}

const char *db_user(const struct db *db)
{
    return db->user;
}

const char *db_label(const struct db *db)
{
    return db->params.label ? db->params.label : db->url;
}

const char *db_tls_state(const struct db *db)
{
    return db->tls_state;
}

const char *db_url(const struct db *db)
{
    return db->url;
}

size_t db_rows(const struct db_result *r)
{
    return r->rows;
}

size_t db_columns(const struct db_result *r)
{
    return r->columns;
}

const char *db_column_name(const struct db_result *r, size_t column)
{
    return column < r->columns ? r->name(r, column) : NULL;
}

const char *db_value(const struct db_result *r, size_t row, size_t column)
{
    return row < r->rows && column < r->columns ? r->value(r, row, column) : NULL;
}

void db_result_free(struct db_result *r)
{
    if (r)
        r->free(r);
}

bool db_exec(struct db *db, const char *sql, struct error *err)
{
    return db_begin(db, err) && db->driver->simple(db, sql, strlen(sql), NULL, NULL, err);
}

bool db_execf(struct db *db, struct error *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    AUTO(mem_free) char *sql = xvasprintf(fmt, ap);
    va_end(ap);
    return db_exec(db, sql, err);
}

bool db_query(struct db *db, const char *sql, struct db_result **ret, struct error *err)
{
    AUTO(db_result_free) struct db_result *last = NULL;
    if (!db_begin(db, err) || !db->driver->simple(db, sql, strlen(sql), NULL, &last, err))
        return false;
    if (!last)
        return error_set(err, ERR_UNAVAILABLE, "the server answers a query without rows: %s", sql);
    *ret = TAKE(last);
    return true;
}

bool db_query_params(struct db *db, const char *sql, size_t n, const char *const params[],
                     struct db_result **ret, struct error *err)
{
    AUTO(db_result_free) struct db_result *last = NULL;
    if (!db_begin(db, err) || !db->driver->params(db, sql, n, params, &last, err))
        return false;
    if (ret)
        *ret = TAKE(last);
    return true;
}

bool db_query_string(struct db *db, const char *sql, char **ret, struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, sql, &r, err))
        return false;
    *ret = xstrdup(db_value(r, 0, 0));
    return true;
}

bool db_run(struct db *db, const char *sql, size_t len, struct db_run *run, struct error *err)
{
    run->affected = 0;
    run->warnings = 0;
    return db_begin(db, err) && db->driver->simple(db, sql, len, run, NULL, err);
}

static bool can_copy(const struct db *db, struct error *err)
{
    if (db->driver->copy_begin)
        return true;
    return error_set(err, ERR_DATA, "%s has no COPY … FROM STDIN", db_flavour_name(db));
}

bool db_copy_begin(struct db *db, const char *sql, size_t len, struct error *err)
{
    return can_copy(db, err) && db_begin(db, err) && db->driver->copy_begin(db, sql, len, err);
}

bool db_copy_send(struct db *db, const char *data, size_t len, struct error *err)
{
    return can_copy(db, err) && db_begin(db, err) && db->driver->copy_send(db, data, len, err);
}

bool db_copy_end(struct db *db, uint64_t *ret_rows, struct error *err)
{
    return can_copy(db, err) && db_begin(db, err) && db->driver->copy_end(db, ret_rows, err);
}

void db_copy_abort(struct db *db, const char *why)
{
    if (db->driver->copy_abort)
        db->driver->copy_abort(db, why);
}

enum db_txn db_txn(const struct db *db)
{
    return db->driver->txn(db);
}

const char *db_parameter(const struct db *db, const char *name)
{
    return db->driver->parameter(db, name);
}

unsigned long db_session_id(const struct db *db)
{
    return db->session;
}
