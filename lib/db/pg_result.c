#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/db/pg.h"

struct pg_result {
    struct db_result base;
    PGresult *res;
};

static const char *result_name(const struct db_result *r, size_t column)
{
    return PQfname(((const struct pg_result *)r)->res, (int)column);
}

static const char *result_value(const struct db_result *r, size_t row, size_t column)
{
    const PGresult *res = ((const struct pg_result *)r)->res;
    if (PQgetisnull(res, (int)row, (int)column))
        return NULL;
    return PQgetvalue(res, (int)row, (int)column);
}

static void result_free(struct db_result *r)
{
    PQclear(((struct pg_result *)r)->res);
    free(r);
}

struct db_result *pg_result_new(PGresult *res)
{
    struct pg_result *r = xcalloc(1, sizeof *r);
    r->base = (struct db_result){.rows = (size_t)PQntuples(res),
                                 .columns = (size_t)PQnfields(res),
                                 .name = result_name,
                                 .value = result_value,
                                 .free = result_free};
    r->res = res;
    return &r->base;
}

static bool pump(struct pg *pg, short events)
{
    short got = db_wait(&pg->base, PQsocket(pg->conn), events, -1);
    if (!got)
        return false;
    return !(got & (POLLIN | POLLHUP | POLLERR)) || PQconsumeInput(pg->conn);
}

bool pg_flush(struct pg *pg)
{
    int left;
    while ((left = PQflush(pg->conn)) > 0)
        if (!pump(pg, POLLIN | POLLOUT))
            return false;
    return left == 0;
}

PGresult *pg_next(struct pg *pg)
{
    pg_flush(pg);
    while (PQisBusy(pg->conn) && pump(pg, POLLIN))
        ;
    return PQgetResult(pg->conn);
}

/* libpq's own words: the first line, without the explanations below it. */
static char *one_line(const char *text)
{
    text += strspn(text, "\t\n ");
    return xstrndup(text, strcspn(text, "\n"));
}

static void remember(struct pg *pg, const PGresult *res)
{
    struct db *db = &pg->base;
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *position = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
    unsigned long long at = 0;
    if (state && strlen(state) == 5)
        memcpy(db->problem.sqlstate, state, 6);
    if (position && str_to_uint(position, &at))
        db->problem.position = (size_t)at;
    db_problem_set(db, PROBLEM_MESSAGE, PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
    db_problem_set(db, PROBLEM_DETAIL, PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL));
    db_problem_set(db, PROBLEM_HINT, PQresultErrorField(res, PG_DIAG_MESSAGE_HINT));
    db_problem_set(db, PROBLEM_WHERE, PQresultErrorField(res, PG_DIAG_CONTEXT));
}

bool pg_failed(struct pg *pg, const PGresult *res, struct error *err)
{
    struct db *db = &pg->base;
    if (res)
        remember(pg, res);
    db->problem.connection_lost = PQstatus(pg->conn) == CONNECTION_BAD;
    if (!db->problem.message) {
        const char *words = res ? PQresultErrorMessage(res) : PQerrorMessage(pg->conn);
        AUTO(mem_free) char *line = one_line(words);
        db_problem_set(db, PROBLEM_MESSAGE, line);
    }
    enum error_kind kind = db->problem.sqlstate[0]       ? classify_sqlstate(db->problem.sqlstate)
                           : db->problem.connection_lost ? ERR_UNAVAILABLE
                                                         : ERR_DATA;
    return db_fail(db, kind, err);
}

void pg_notice(void *ctx UNUSED, const PGresult *res)
{
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
    AUTO(str_free) struct str line = STR_INIT;
    str_addf(&line, "server: %s", message ? message : PQresultErrorMessage(res));
    if (detail)
        str_addf(&line, " (%s)", detail);
    if (hint)
        str_addf(&line, " (hint: %s)", hint);
    if (str_equal(severity, "WARNING"))
        log_warn("%s", line.ptr);
    else if (str_equal(severity, "NOTICE") || str_equal(severity, "INFO"))
        log_info("%s", line.ptr);
    else
        log_debug("%s", line.ptr);
}
