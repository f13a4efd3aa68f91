#include "lib/db/pg.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/interrupt.h"
#include "lib/base/log.h"

static bool is_failure(ExecStatusType status)
{
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
           status == PGRES_NONFATAL_ERROR;
}

/* Reads the rows of a COPY … TO STDOUT away, so that the connection is usable again. */
static void drain_copy_out(struct pg *pg)
{
    log_warn("the rows of a COPY … TO STDOUT are thrown away");
    for (;;) {
        char *row = NULL;
        int n = PQgetCopyData(pg->conn, &row, 1);
        PQfreemem(row);
        if (n < 0)
            return;
        if (n == 0 &&
            (!db_wait(&pg->base, PQsocket(pg->conn), POLLIN, -1) || !PQconsumeInput(pg->conn)))
            return;
    }
}

static void take(struct db_run *run, struct db_result **last, PGresult *res)
{
    bool rows = PQresultStatus(res) == PGRES_TUPLES_OK;
    unsigned long long n = 0;
    if (run && !rows && str_to_uint(PQcmdTuples(res), &n))
        run->affected += n;
    if (!rows || (!last && !(run && run->result))) {
        PQclear(res);
        return;
    }
    AUTO(db_result_free) struct db_result *r = pg_result_new(res);
    if (run && run->result)
        run->result(run->ctx, r);
    if (last) {
        db_result_free(*last);
        *last = TAKE(r);
    }
}

/* All results of the command; the first failure is kept, the rest is read to the end. */
static bool collect(struct pg *pg, struct db_run *run, struct db_result **last, struct error *err)
{
    bool ok = true;
    PGresult *res;
    while ((res = pg_next(pg))) {
        ExecStatusType status = PQresultStatus(res);
        if (status == PGRES_COPY_IN) {
            PQclear(res);
            PQputCopyEnd(pg->conn, "no data");
            error_set(err, ERR_DATA, "COPY … FROM STDIN comes without its data here");
        } else if (status == PGRES_COPY_OUT) {
            PQclear(res);
            drain_copy_out(pg);
        } else if (is_failure(status)) {
            ok = ok && pg_failed(pg, res, err);
            PQclear(res);
        } else {
            take(run, last, res);
        }
        if (PQstatus(pg->conn) == CONNECTION_BAD)
            break;
    }
    /* the server's last words come before the end of the connection does */
    bool lost = PQstatus(pg->conn) == CONNECTION_BAD;
    if (ok && lost)
        ok = pg_failed(pg, NULL, err);
    pg->base.problem.connection_lost = lost;
    return ok;
}

/* libpq wants the statement ended by NUL. */
static char *ended(const char *sql, size_t len, struct error *err)
{
    if (memchr(sql, '\0', len)) {
        error_set(err, ERR_DATA, "the statement contains a byte 0, which PostgreSQL cannot take");
        return NULL;
    }
    char *text = xmalloc(len + 1);
    memcpy(text, sql, len);
    text[len] = '\0';
    return text;
}

static bool pg_simple(struct db *db, const char *sql, size_t len, struct db_run *run,
                      struct db_result **last, struct error *err)
{
    struct pg *pg = pg_of(db);
    AUTO(mem_free) char *text = ended(sql, len, err);
    if (!text)
        return false;
    if (!PQsendQuery(pg->conn, text))
        return pg_failed(pg, NULL, err);
    return collect(pg, run, last, err);
}

static bool pg_params(struct db *db, const char *sql, size_t n, const char *const params[],
                      struct db_result **ret, struct error *err)
{
    struct pg *pg = pg_of(db);
    if (!PQsendQueryParams(pg->conn, sql, (int)n, NULL, params, NULL, NULL, 0))
        return pg_failed(pg, NULL, err);
    return collect(pg, NULL, ret, err);
}

static bool pg_copy_begin(struct db *db, const char *sql, size_t len, struct error *err)
{
    struct pg *pg = pg_of(db);
    AUTO(mem_free) char *text = ended(sql, len, err);
    if (!text)
        return false;
    if (!PQsendQuery(pg->conn, text))
        return pg_failed(pg, NULL, err);
    PGresult *res = pg_next(pg);
    if (PQresultStatus(res) == PGRES_COPY_IN) {
        PQclear(res);
        pg->copying = true;
        return true;
    }
    if (res && is_failure(PQresultStatus(res)))
        pg_failed(pg, res, err);
    PQclear(res);
    if (!collect(pg, NULL, NULL, err))
        return false;
    return error_set(err, ERR_DATA, "the statement is not a COPY … FROM STDIN");
}

static bool pg_copy_send(struct db *db, const char *data, size_t len, struct error *err)
{
    struct pg *pg = pg_of(db);
    /* In non-blocking mode libpq's buffer grows with what is put in: flush after each piece. */
    enum { PIECE = 65536 };
    for (size_t at = 0; at < len; at += PIECE) {
        size_t n = len - at < PIECE ? len - at : PIECE;
        if (PQputCopyData(pg->conn, data + at, (int)n) != 1 || !pg_flush(pg) || db->call.stop)
            return pg_failed(pg, NULL, err);
    }
    return true;
}

static bool pg_copy_end(struct db *db, uint64_t *ret_rows, struct error *err)
{
    struct pg *pg = pg_of(db);
    struct db_run run = {0};
    pg->copying = false;
    if (PQputCopyEnd(pg->conn, NULL) != 1)
        return pg_failed(pg, NULL, err);
    if (!collect(pg, &run, NULL, err))
        return false;
    *ret_rows = run.affected;
    return true;
}

static void pg_copy_abort(struct db *db, const char *why)
{
    struct pg *pg = pg_of(db);
    AUTO(error_free) struct error ignored = ERROR_INIT;
    if (!pg->copying)
        return;
    pg->copying = false;
    bool deferred = db_shield();
    if (db_begin(db, &ignored) && PQputCopyEnd(pg->conn, why) == 1 &&
        !collect(pg, NULL, NULL, &ignored))
        log_debug("COPY given up: %s", ignored.text);
    interrupt_defer(deferred);
}

static enum db_txn pg_txn(const struct db *db)
{
    switch (PQtransactionStatus(pg_of((struct db *)(uintptr_t)db)->conn)) {
    case PQTRANS_IDLE:
        return DB_TXN_NONE;
    case PQTRANS_ACTIVE:
    case PQTRANS_INTRANS:
        return DB_TXN_OPEN;
    case PQTRANS_INERROR:
        return DB_TXN_FAILED;
    case PQTRANS_UNKNOWN:
        break;
    }
    return DB_TXN_UNKNOWN;
}

static const char *pg_parameter(const struct db *db, const char *name)
{
    return PQparameterStatus(pg_of((struct db *)(uintptr_t)db)->conn, name);
}

static const char *pg_password(const struct db *db)
{
    return PQpass(pg_of((struct db *)(uintptr_t)db)->conn);
}

static void *send_cancel(void *cancel)
{
    char why[256];
    if (!PQcancel(cancel, why, sizeof why))
        log_debug("cannot cancel the statement: %s", why);
    PQfreeCancel(cancel);
    return NULL;
}

/* PQcancel connects blockingly, and the server's host may be gone: a thread, waited for shortly. */
static void pg_cancel(struct db *db)
{
    PGcancel *cancel = PQgetCancel(pg_of(db)->conn);
    pthread_t thread;
    if (!cancel)
        return;
    if (pthread_create(&thread, NULL, send_cancel, cancel) != 0) {
        PQfreeCancel(cancel);
        return;
    }
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 1;
    if (pthread_timedjoin_np(thread, NULL, &end) != 0)
        pthread_detach(thread);
}

static void pg_free(struct db *db)
{
    struct pg *pg = pg_of(db);
    PQfinish(pg->conn);
    db_fini(db);
    free(pg);
}

static const struct db_driver pg_driver = {
    .simple = pg_simple,
    .params = pg_params,
    .copy_begin = pg_copy_begin,
    .copy_send = pg_copy_send,
    .copy_end = pg_copy_end,
    .copy_abort = pg_copy_abort,
    .txn = pg_txn,
    .parameter = pg_parameter,
    .password = pg_password,
    .cancel = pg_cancel,
    .free = pg_free,
};

struct db *pg_open(const struct db_params *params, struct error *err)
{
    struct pg *pg = xcalloc(1, sizeof *pg);
    db_init(&pg->base, &pg_driver, params);
    AUTO(db_close) struct db *db = &pg->base;
    return pg_connect(pg, err) ? TAKE(db) : NULL;
}
