#include "lib/db/mysql.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"

enum { WARNINGS_SHOWN = 20 };

static bool is_loss(unsigned number)
{
    switch (number) {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case 2055: /* CR_SERVER_LOST_EXTENDED */
    case CR_COMMANDS_OUT_OF_SYNC:
    case CR_MALFORMED_PACKET: /* what comes next cannot be understood any more */
    case ER_NET_PACKETS_OUT_OF_ORDER:
    case ER_SERVER_SHUTDOWN:
    case 1927: /* ER_CONNECTION_KILLED, MariaDB */
    case 3169: /* ER_SESSION_WAS_KILLED, MySQL */
    case 4031: /* ER_CLIENT_INTERACTION_TIMEOUT, MySQL */
    case CR_ERR_NET_READ:
    case CR_ERR_NET_WRITE:
        return true;
    default:
        return false;
    }
}

/* Told by the library, not by the server. */
static bool is_client_error(unsigned number)
{
    return (number >= CR_MIN_ERROR && number < 3000) || (number >= 5000 && number < 6000);
}

bool my_failed(struct my *my, MYSQL_STMT *stmt, const char *sql, size_t len, struct error *err)
{
    struct db *db = &my->base;
    struct db_problem *p = &db->problem;
    const char *words = stmt ? mysql_stmt_error(stmt) : mysql_error(my->conn);
    const char *state = stmt ? mysql_stmt_sqlstate(stmt) : mysql_sqlstate(my->conn);
    p->number = stmt ? mysql_stmt_errno(stmt) : mysql_errno(my->conn);
    p->connection_lost = is_loss(p->number) || db->call.gave_up;
    if (strlen(state) == 5 && !is_client_error(p->number))
        memcpy(p->sqlstate, state, 6);
    db_problem_set(db, PROBLEM_MESSAGE, words);
    if (sql)
        mysql_locate(words, sql, len, &p->line, &p->position);
    enum error_kind kind = classify_number(p->number);
    if (kind == ERR_DATA && p->sqlstate[0])
        kind = classify_sqlstate(p->sqlstate);
    return db_fail(db, kind, err);
}

static bool send_query(struct my *my, const char *sql, size_t len, struct error *err)
{
    int failed = 0;
    int status = mysql_real_query_start(&failed, my->conn, sql, len);
    while (status)
        status = mysql_real_query_cont(&failed, my->conn, my_wait(my, my->conn, status));
    return failed ? my_failed(my, NULL, sql, len, err) : true;
}

static bool next_result(struct my *my, bool *ret_more, const char *sql, size_t len,
                        struct error *err)
{
    *ret_more = false;
    if (!mysql_more_results(my->conn))
        return true;
    int got = 0;
    int status = mysql_next_result_start(&got, my->conn);
    while (status)
        status = mysql_next_result_cont(&got, my->conn, my_wait(my, my->conn, status));
    if (got > 0)
        return my_failed(my, NULL, sql, len, err);
    *ret_more = got == 0;
    return true;
}

/* Takes the current result of the statement, rows or a count. */
static bool take(struct my *my, struct db_run *run, struct db_result **last, struct error *err)
{
    if (mysql_field_count(my->conn) == 0) {
        if (run)
            run->affected += mysql_affected_rows(my->conn);
        return true;
    }
    MYSQL_RES *res = NULL;
    int status = mysql_store_result_start(&res, my->conn);
    while (status)
        status = mysql_store_result_cont(&res, my->conn, my_wait(my, my->conn, status));
    if (!res)
        return my_failed(my, NULL, NULL, 0, err);
    AUTO(db_result_free) struct db_result *r = my_result_new(res);
    if (run && run->result)
        run->result(run->ctx, r);
    if (last) {
        db_result_free(*last);
        *last = TAKE(r);
    }
    return true;
}

static bool collect(struct my *my, const char *sql, size_t len, struct db_run *run,
                    struct db_result **last, struct error *err)
{
    if (!send_query(my, sql, len, err))
        return false;
    for (bool more = true; more;)
        if (!take(my, run, last, err) || !next_result(my, &more, sql, len, err))
            return false;
    return true;
}

static void log_warnings(const struct db_result *r, unsigned count)
{
    for (size_t i = 0; i < r->rows && i < WARNINGS_SHOWN; i++) {
        const char *level = db_value(r, i, 0), *number = db_value(r, i, 1);
        const char *words = db_value(r, i, 2);
        if (str_equal(level, "Note"))
            log_info("server: %s (%s)", words, number);
        else
            log_warn("server: %s (%s)", words, number);
    }
    if (count > WARNINGS_SHOWN)
        log_warn("server: and %u more warnings of this statement", count - WARNINGS_SHOWN);
}

/* The statement has succeeded; that its warnings cannot be read must not change this. */
static void fetch_warnings(struct my *my, unsigned count)
{
    static const char show[] = "SHOW WARNINGS";
    AUTO(db_result_free) struct db_result *r = NULL;
    AUTO(error_free) struct error ignored = ERROR_INIT;
    if (collect(my, show, strlen(show), NULL, &r, &ignored) && r)
        log_warnings(r, count);
}

static bool my_simple(struct db *db, const char *sql, size_t len, struct db_run *run,
                      struct db_result **last, struct error *err)
{
    struct my *my = my_of(db);
    if (!collect(my, sql, len, run, last, err))
        return false;
    unsigned warnings = run ? mysql_warning_count(my->conn) : 0;
    if (warnings) {
        run->warnings = warnings;
        fetch_warnings(my, warnings);
    }
    return true;
}

static bool prepare(struct my *my, MYSQL_STMT *stmt, const char *sql, struct error *err)
{
    int failed = 0;
    int status = mysql_stmt_prepare_start(&failed, stmt, sql, strlen(sql));
    while (status)
        status = mysql_stmt_prepare_cont(&failed, stmt, my_wait(my, my->conn, status));
    return failed ? my_failed(my, stmt, sql, strlen(sql), err) : true;
}

static bool bind(struct my *my, MYSQL_STMT *stmt, size_t n, const char *const params[],
                 MYSQL_BIND *binds, struct error *err)
{
    static my_bool is_null = 1;
    if (mysql_stmt_param_count(stmt) != n)
        return error_set(err, ERR_INTERNAL, "the statement takes %lu values, not %zu",
                         mysql_stmt_param_count(stmt), n);
    for (size_t i = 0; i < n; i++) {
        binds[i].buffer_type = MYSQL_TYPE_STRING;
        if (!params[i]) {
            binds[i].is_null = &is_null;
            continue;
        }
        binds[i].buffer = (void *)(uintptr_t)params[i];
        binds[i].buffer_length = strlen(params[i]);
    }
    return n && mysql_stmt_bind_param(stmt, binds) ? my_failed(my, stmt, NULL, 0, err) : true;
}

static bool execute(struct my *my, MYSQL_STMT *stmt, const char *sql, struct error *err)
{
    int failed = 0;
    int status = mysql_stmt_execute_start(&failed, stmt);
    while (status)
        status = mysql_stmt_execute_cont(&failed, stmt, my_wait(my, my->conn, status));
    return failed ? my_failed(my, stmt, sql, strlen(sql), err) : true;
}

static bool my_params(struct db *db, const char *sql, size_t n, const char *const params[],
                      struct db_result **ret, struct error *err)
{
    struct my *my = my_of(db);
    MYSQL_STMT *stmt = mysql_stmt_init(my->conn);
    if (!stmt)
        return my_failed(my, NULL, NULL, 0, err);
    AUTO(mem_free) MYSQL_BIND *binds = xcalloc(n ? n : 1, sizeof *binds);
    bool ok = prepare(my, stmt, sql, err) && bind(my, stmt, n, params, binds, err) &&
              execute(my, stmt, sql, err) && my_result_of_stmt(my, stmt, ret, err);
    mysql_stmt_close(stmt);
    return ok;
}

static enum db_txn my_txn(const struct db *db)
{
    const struct my *my = (const struct my *)db;
    unsigned status = 0;
    if (mysql_get_socket(my->conn) == MARIADB_INVALID_SOCKET || is_loss(mysql_errno(my->conn)) ||
        mariadb_get_infov(my->conn, MARIADB_CONNECTION_SERVER_STATUS, &status) != 0)
        return DB_TXN_UNKNOWN;
    return status & SERVER_STATUS_IN_TRANS ? DB_TXN_OPEN : DB_TXN_NONE;
}

/* The library follows what the server reports of the session's character set. */
static const char *my_parameter(const struct db *db, const char *name)
{
    const struct my *my = (const struct my *)db;
    return str_equal(name, "client_encoding") ? mysql_character_set_name(my->conn) : NULL;
}

static const char *my_password(const struct db *db)
{
    return my_login((const struct my *)db).password;
}

/* KILL QUERY by a second connection; connecting and waiting take at most a second each. */
static void my_cancel(struct db *db)
{
    const struct my *my = my_of(db);
    struct my_login l = my_login(my);
    MYSQL *other = my_handle(my, 1);
    if (!other)
        return;
    AUTO(mem_free) char *sql = xasprintf("KILL QUERY %lu", db->session);
    if (!mysql_real_connect(other, l.host, l.user, l.password, NULL, l.port, l.socket, 0) ||
        mysql_query(other, sql) != 0)
        log_debug("cannot cancel the statement: %s", mysql_error(other));
    mysql_close(other);
}

static void my_free(struct db *db)
{
    struct my *my = my_of(db);
    mysql_close(my->conn);
    my_defaults_free(&my->defaults);
    db_fini(db);
    free(my);
}

static const struct db_driver my_driver = {
    .simple = my_simple,
    .params = my_params,
    .txn = my_txn,
    .parameter = my_parameter,
    .password = my_password,
    .cancel = my_cancel,
    .free = my_free,
};

struct db *my_open(const struct db_params *params, struct error *err)
{
    struct my *my = xcalloc(1, sizeof *my);
    db_init(&my->base, &my_driver, params);
    AUTO(db_close) struct db *db = &my->base;
    return my_connect(my, err) ? TAKE(db) : NULL;
}
