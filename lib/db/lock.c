#include "lib/db/lock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/db/impl.h"
#include "lib/db/sql.h"

enum { POLL_MIN_MS = 100, POLL_MAX_MS = 500, SAY_EVERY_MS = 30000 };

/* What one try found. */
enum answer { LOCK_HELD, LOCK_TAKEN_BY_OTHER, LOCK_POOLED, LOCK_FAILED };

/* One statement that takes the lock only on the very backend that libpq was told of at the start:
 * with another one a pooler stands between, which may give our lock to somebody else. */
static enum answer try_postgres(struct db *db, int64_t key, struct error *err)
{
    AUTO(mem_free)
    char *sql = xasprintf("SELECT CASE WHEN pg_catalog.pg_backend_pid() = %lu "
                          "THEN pg_catalog.pg_try_advisory_lock(%" PRId64 ") END",
                          db->session, key);
    AUTO(mem_free) char *got = NULL;
    if (!db_query_string(db, sql, &got, err))
        return LOCK_FAILED;
    return !got ? LOCK_POOLED : str_equal(got, "t") ? LOCK_HELD : LOCK_TAKEN_BY_OTHER;
}

static enum answer try_mysql(struct db *db, const char *name, struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    AUTO(mem_free) char *got = NULL;
    str_add(&sql, "SELECT GET_LOCK(");
    sql_literal(&sql, DB_MYSQL, name);
    str_add(&sql, ", 0)");
    if (!db_query_string(db, sql.ptr, &got, err))
        return LOCK_FAILED;
    if (str_equal(got, "1"))
        return LOCK_HELD;
    if (got)
        return LOCK_TAKEN_BY_OTHER;
    error_set(err, ERR_BUSY, "the server gave no answer to GET_LOCK");
    return LOCK_FAILED;
}

static bool backend_pid(struct db *db, char **ret, struct error *err)
{
    return db_query_string(db, "SELECT pg_catalog.pg_backend_pid()", ret, err);
}

enum backend { BACKEND_OURS, BACKEND_SHARED, BACKEND_SCARCE };

/* One round of is_shared: does `other` get our backend, or we another one while it holds one? */
static enum backend compare_backends(struct db *db, struct db *other, const char *first,
                                     struct error *err)
{
    AUTO(error_free) struct error busy = ERROR_INIT, ignored = ERROR_INIT;
    AUTO(mem_free) char *theirs = NULL, *ours = NULL;
    bool began = db_exec(other, "BEGIN", &busy) && backend_pid(other, &theirs, &busy);
    bool shared = began && str_equal(theirs, first);
    if (!shared && backend_pid(db, &ours, err))
        shared = !str_equal(ours, first);
    if (began && !db_exec(other, "ROLLBACK", &ignored))
        log_debug("cannot end the probe's transaction: %s", ignored.text);
    return shared ? BACKEND_SHARED : began ? BACKEND_OURS : BACKEND_SCARCE;
}

/*
 * A pooler tells every client a made-up backend pid, in session mode as in transaction mode, so
 * that alone decides nothing. What differs: in session mode our backend is ours. A second session
 * therefore never gets it, and while that one holds a backend in a transaction we still get the
 * same. In transaction mode the second session takes the backend we have just given back (the last
 * one used, in PgBouncer's default), or we move to another. That the second session must wait for a
 * backend (a pool of one, taken by us) proves a session too. Three rounds, because others may be
 * moving about.
 */
static bool is_shared(struct db *db, bool *ret, struct error *err)
{
    enum { ROUNDS = 3, LIMIT_MS = 1500 };
    AUTO(mem_free) char *first = NULL, *second = NULL;
    if (!backend_pid(db, &first, err) || !backend_pid(db, &second, err))
        return false;
    enum backend found = str_equal(first, second) ? BACKEND_OURS : BACKEND_SHARED;
    AUTO(db_close) struct db *other = NULL;
    if (found == BACKEND_OURS && !(other = db_open_like(db, LIMIT_MS, err)))
        return error_wrap(err, "cannot find out whether the pooler gives each session a "
                               "connection of its own");
    for (int i = 0; i < ROUNDS && found == BACKEND_OURS && error_ok(err); i++)
        found = compare_backends(db, other, first, err);
    *ret = found == BACKEND_SHARED;
    return error_ok(err);
}

static bool refuse_pooler(const struct db *db, struct error *err)
{
    error_set(
        err, ERR_CONFIG,
        "%s is a connection pooler in transaction mode: a session lock taken through it would "
        "stay behind on a shared server connection and block everybody",
        db_url(db));
    return error_hint(err, "let the target's host and port name the PostgreSQL server itself, or a "
                           "pool with pool_mode = session");
}

/* Behind a pooler in session mode: from here on the real backend's pid is the one to compare. */
static bool accept_pooler(struct db *db, struct error *err)
{
    bool shared = false;
    if (!is_shared(db, &shared, err))
        return false;
    if (shared)
        return refuse_pooler(db, err);
    AUTO(mem_free) char *pid = NULL;
    unsigned long long number;
    if (!backend_pid(db, &pid, err))
        return false;
    if (!str_to_uint(pid, &number))
        return error_set(err, ERR_INTERNAL, "'%s' is no backend pid", pid);
    log_debug("a pooler in session mode: backend %s instead of %lu", pid, db->session);
    db->session = (unsigned long)number;
    return true;
}

static enum answer try_once(struct db *db, const struct db_lock_key *key, struct error *err)
{
    if (db_engine(db) == DB_MYSQL)
        return try_mysql(db, key->name, err);
    enum answer answer = try_postgres(db, key->number, err);
    if (answer != LOCK_POOLED)
        return answer;
    return accept_pooler(db, err) ? try_postgres(db, key->number, err) : LOCK_FAILED;
}

/* Columns: session, user, from, application, since, what it does. */
static char *holder_query(const struct db *db, const struct db_lock_key *key)
{
    if (db_engine(db) == DB_POSTGRES)
        return xasprintf(
            "SELECT a.pid, a.usename, coalesce(pg_catalog.host(a.client_addr), 'the local socket'),"
            " nullif(a.application_name, ''), pg_catalog.to_char(a.backend_start, 'YYYY-MM-DD "
            "HH24:MI:SSOF'),"
            " a.state || ': ' || pg_catalog.regexp_replace(pg_catalog.left(a.query, 120), '\\s+', "
            "' ', 'g')"
            " FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
            " AND l.database = (SELECT oid FROM pg_catalog.pg_database"
            " WHERE datname = pg_catalog.current_database())"
            " AND l.classid = %" PRIu32 " AND l.objid = %" PRIu32 " LIMIT 1",
            (uint32_t)((uint64_t)key->number >> 32), (uint32_t)key->number);
    AUTO(str_free) struct str name = STR_INIT;
    sql_literal(&name, DB_MYSQL, key->name);
    return xasprintf("SELECT l.id, p.user, p.host, NULL,"
                     " DATE_FORMAT(NOW() - INTERVAL p.time SECOND, '%%Y-%%m-%%d %%H:%%i:%%s'),"
                     " CONCAT(p.command, COALESCE(CONCAT(': ', LEFT(p.info, 120)), ''))"
                     " FROM (SELECT IS_USED_LOCK(%s) AS id) l"
                     " LEFT JOIN information_schema.processlist p ON p.id = l.id"
                     " WHERE l.id IS NOT NULL",
                     name.ptr);
}

/* "session 12, user app from 10.0.0.5, psql, since …, idle: select 1", as far as it may be seen. */
static void describe_holder(struct db *db, const struct db_lock_key *key, struct str *out)
{
    static const char *const words[] = {"session ", ", user ", " from ", ", ", ", since ", ", "};
    AUTO(mem_free) char *sql = holder_query(db, key);
    AUTO(db_result_free) struct db_result *r = NULL;
    AUTO(error_free) struct error ignored = ERROR_INIT;
    if (!db_query(db, sql, &r, &ignored) || !db_rows(r)) {
        str_add(out, "a session that cannot be seen");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (db_value(r, 0, i))
            str_addf(out, "%s%s", words[i], db_value(r, 0, i));
}

static bool busy(struct db *db, const struct db_lock_key *key, unsigned waited_ms,
                 struct error *err)
{
    AUTO(str_free) struct str holder = STR_INIT;
    describe_holder(db, key, &holder);
    error_set(err, ERR_BUSY, "the lock is held by %s; waited %.1f s", holder.ptr,
              waited_ms / 1000.0);
    return error_hint(err, "wait until that run is over, or give more time with --lock-wait");
}

static unsigned pause_ms(unsigned tries, unsigned left_ms)
{
    unsigned most = POLL_MIN_MS + 50 * tries;
    most = most > POLL_MAX_MS ? POLL_MAX_MS : most;
    unsigned pause = most / 2 + (unsigned)random() % (most / 2);
    return pause < left_ms ? pause : left_ms;
}

static void say_waiting(struct db *db, const struct db_lock_key *key)
{
    AUTO(str_free) struct str holder = STR_INIT;
    describe_holder(db, key, &holder);
    log_info("waiting for the lock held by %s", holder.ptr);
}

bool db_lock_take(struct db *db, const struct db_lock_key *key, unsigned wait_ms, struct error *err)
{
    int64_t start = db_now(), said = 0;
    srandom((unsigned)(start ^ (int64_t)db->session));
    for (unsigned tries = 0;; tries++) {
        enum answer answer = try_once(db, key, err);
        if (answer == LOCK_HELD)
            return true;
        if (answer != LOCK_TAKEN_BY_OTHER)
            return error_wrap(err, "cannot take the lock");
        if (db->call.stop) /* a signal came while it is deferred: this far it waits, no further */
            return db_fail(db, ERR_INTERRUPTED, err);
        unsigned waited = (unsigned)(db_now() - start);
        if (waited >= wait_ms)
            return busy(db, key, waited, err);
        if (!said || db_now() - said > SAY_EVERY_MS) {
            say_waiting(db, key);
            said = db_now();
        }
        if (!interrupt_sleep(pause_ms(tries, wait_ms - waited), err))
            return false;
    }
}

void db_lock_release(struct db *db, const struct db_lock_key *key)
{
    AUTO(str_free) struct str sql = STR_INIT;
    AUTO(error_free) struct error ignored = ERROR_INIT;
    if (db_txn(db) == DB_TXN_UNKNOWN)
        return;
    if (db_engine(db) == DB_POSTGRES) {
        str_addf(&sql, "SELECT pg_catalog.pg_advisory_unlock(%" PRId64 ")", key->number);
    } else {
        str_add(&sql, "DO RELEASE_LOCK(");
        sql_literal(&sql, DB_MYSQL, key->name);
        str_addc(&sql, ')');
    }
    bool deferred = db_shield();
    if (!db_exec(db, sql.ptr, &ignored))
        log_debug("cannot release the lock; it ends with the connection: %s", ignored.text);
    interrupt_defer(deferred);
}
