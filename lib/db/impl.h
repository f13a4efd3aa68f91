/* What the two drivers share. Only lib/db includes this. */
#ifndef DBOPS_DB_IMPL_H
#define DBOPS_DB_IMPL_H

#include "lib/db/db.h"
#include "lib/db/tls.h"

/* Each driver's result begins with this. */
struct db_result {
    size_t rows, columns;
    const char *(*name)(const struct db_result *r, size_t column);
    const char *(*value)(const struct db_result *r, size_t row, size_t column);
    void (*free)(struct db_result *r);
};

/* A driver's functions. Those that talk to the server are called between db_begin and db_end. */
struct db_driver {
    /* Simple protocol; run and last may be NULL. */
    bool (*simple)(struct db *db, const char *sql, size_t len, struct db_run *run,
                   struct db_result **last, struct error *err);
    bool (*params)(struct db *db, const char *sql, size_t n, const char *const params[],
                   struct db_result **ret, struct error *err);
    bool (*copy_begin)(struct db *db, const char *sql, size_t len, struct error *err);
    bool (*copy_send)(struct db *db, const char *data, size_t len, struct error *err);
    bool (*copy_end)(struct db *db, uint64_t *ret_rows, struct error *err);
    void (*copy_abort)(struct db *db, const char *why);
    enum db_txn (*txn)(const struct db *db);
    const char *(*parameter)(const struct db *db, const char *name);
    const char *(*password)(const struct db *db); /* as used; NULL or "": none */
    void (*cancel)(struct db *db);                /* asks the server to end the running statement */
    void (*free)(struct db *db);
};

enum db_stop { DB_GOES_ON, DB_STOPPED_BY_SIGNAL, DB_STOPPED_BY_LIMIT };

/* How far the running call got; see db_wait. */
struct db_call {
    enum db_stop stop;
    bool connecting; /* there is nothing to cancel yet */
    bool cancelled;  /* the server was asked to stop */
    bool gave_up;    /* the socket was shut down */
    int64_t until;   /* end of the call's time limit (monotonic ms), 0: none */
    int64_t give_up; /* when to shut the socket down, once stopped */
};

/* Each driver's handle begins with this. */
struct db {
    const struct db_driver *driver;
    enum db_engine engine;
    enum db_flavour flavour;
    struct db_params params; /* own copy */
    struct tls tls;
    char *host, *socket; /* where it is connected to: one of both */
    unsigned port;
    char *database, *user, *version, *tls_state, *url;
    unsigned number;
    unsigned long session;
    struct db_problem problem;
    char *problem_text[4]; /* message, detail, hint, where */
    unsigned limit_ms;     /* of each call; 0: none */
    struct db_call call;
};

/* Fills the common part from params (copied) or frees it. */
void db_init(struct db *db, const struct db_driver *driver, const struct db_params *params);
void db_fini(struct db *db);

struct db *pg_open(const struct db_params *params, struct error *err);
struct db *my_open(const struct db_params *params, struct error *err);

/* A second connection like db's own, whose calls take at most limit_ms. */
struct db *db_open_like(const struct db *db, unsigned limit_ms, struct error *err);

/* Starts a call: false with ERR_INTERRUPTED when a signal has come already. Forgets the problem. */
bool db_begin(struct db *db, struct error *err) MUST_CHECK;

/* Waits until fd is ready for events (of poll), at most timeout_ms (negative: no limit of its own).
 * When a signal comes or the call's limit is over, the statement is cancelled once; when the server
 * does not answer that either, the socket is shut down so that the library sees a lost connection.
 * Returns the ready events, 0 after a timeout or when it gave up. */
short db_wait(struct db *db, int fd, short events, int timeout_ms);

int64_t db_now(void); /* monotonic milliseconds */

/* Defers signals; gives what to hand to interrupt_defer afterwards. */
bool db_shield(void);

/* Remembers one text of the problem; which: index into problem_text. */
enum { PROBLEM_MESSAGE, PROBLEM_DETAIL, PROBLEM_HINT, PROBLEM_WHERE };
void db_problem_set(struct db *db, int which, const char *text);

/* Makes the error of the failed call from the problem; kind is how the failure is classed. */
bool db_fail(struct db *db, enum error_kind kind, struct error *err);

/* "cannot connect to …: reason" with a hint where there is something to do. number and sqlstate as
 * in db_problem. */
bool db_refused(const struct db *db, enum error_kind kind, const char *words, struct error *err);

/* Kind of a failure by SQLSTATE (five characters), by MySQL's number, and of a message of libpq
 * that has no SQLSTATE. */
enum error_kind classify_sqlstate(const char *sqlstate);
enum error_kind classify_number(unsigned number);
enum error_kind classify_connect_text(const char *message);

/* Where a MySQL syntax error is: "… near 'TEXT' at line N". position is in characters, 1-based, 0
 * when TEXT is not found exactly once on that line. */
void mysql_locate(const char *message, const char *sql, size_t len, unsigned *ret_line,
                  size_t *ret_position);

#endif
