/* The parts of the PostgreSQL driver. Only lib/db/pg*.c include this. */
#ifndef DBOPS_DB_PG_H
#define DBOPS_DB_PG_H

#include <libpq-fe.h>

#include "lib/db/impl.h"

struct pg {
    struct db base;
    PGconn *conn;
    bool copying; /* between db_copy_begin and db_copy_end */
};

static inline struct pg *pg_of(struct db *db)
{
    return (struct pg *)db;
}

/* pg_connect.c: connects pg->conn as base.params say. */
bool pg_connect(struct pg *pg, struct error *err) MUST_CHECK;

/* pg_result.c: the result takes res over. */
struct db_result *pg_result_new(PGresult *res);

/* Sends what is queued, reading meanwhile. False when the connection is lost. */
bool pg_flush(struct pg *pg);

/* The next result of the running command; NULL at its end. */
PGresult *pg_next(struct pg *pg);

/* Remembers the problem of a failed result, or of the connection when res is NULL, and makes the
 * error of the call. */
bool pg_failed(struct pg *pg, const PGresult *res, struct error *err);

/* For PQsetNoticeReceiver: notices go to the log. */
void pg_notice(void *ctx, const PGresult *res);

#endif
