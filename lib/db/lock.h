/* Session locks: one runner at a time, taken by polling on the session that does the work, gone
 * with the connection. */
#ifndef DBOPS_DB_LOCK_H
#define DBOPS_DB_LOCK_H

#include <stdint.h>

#include "lib/db/db.h"

struct db_lock_key {
    int64_t number;   /* PostgreSQL: advisory lock key */
    const char *name; /* MySQL: GET_LOCK name, at most 64 characters */
};

/* Polls until the lock is held or wait_ms is over (0: one try). A transaction pooler between us and
 * PostgreSQL is found out first and refused (ERR_CONFIG). ERR_BUSY names the holder: session, user,
 * host, application, since when, what it runs. No statement waits on the server. */
bool db_lock_take(struct db *db, const struct db_lock_key *key, unsigned wait_ms,
                  struct error *err) MUST_CHECK;

/* Gives the lock back; a lost connection has already done so. */
void db_lock_release(struct db *db, const struct db_lock_key *key);

#endif
