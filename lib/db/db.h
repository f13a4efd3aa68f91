/* One interface over libpq (PostgreSQL 14+) and libmysqlclient (MySQL 8/9, MariaDB 10.6+). */
#ifndef DBOPS_DB_DB_H
#define DBOPS_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/base/str.h"

enum db_engine { DB_POSTGRES, DB_MYSQL };
enum db_flavour { DB_IS_POSTGRES, DB_IS_MYSQL, DB_IS_MARIADB };

enum db_tls {
    DB_TLS_DEFAULT, /* verify-full, but prefer for a socket or a loopback address */
    DB_TLS_DISABLE,
    DB_TLS_PREFER,
    DB_TLS_REQUIRE,
    DB_TLS_VERIFY_FULL,
};

/* Where and how to connect. NULL, "" and 0 mean: as the server's own client would choose (PG*
 * variables, ~/.pgpass, the service file; MYSQL_* variables, my.cnf). On MySQL the host "localhost"
 * means the socket only when no port is given. On PostgreSQL a PGSSLMODE in the environment decides
 * where tls is DB_TLS_DEFAULT. Everything is borrowed for the length of db_open. */
struct db_params {
    enum db_engine engine;
    const char *label; /* the target's name, for messages */
    const char *host;  /* a name, an address, or a directory/socket path that begins with '/' */
    unsigned port;
    const char *database;
    const char *user;
    const char *password;
    enum db_tls tls;
    const char *tls_ca, *tls_cert, *tls_key;
    unsigned connect_timeout_ms;  /* 0: 10 s */
    const char *application_name; /* "dbops" when NULL */
    bool any_version;             /* also a server that is too old to be supported */
};

struct db;

/* Connects; checks TLS and the server's version. Kinds: ERR_UNAVAILABLE, ERR_DENIED (login,
 * certificate, TLS refused), ERR_CONFIG (no such database, unsupported server), ERR_INTERRUPTED. */
struct db *db_open(const struct db_params *params, struct error *err) MUST_CHECK;
void db_close(struct db *db);
AUTO_POINTER(db_close, struct db)

/* Is the server new enough? ERR_CONFIG when not; db_open asks it unless any_version is set. */
bool db_supported(const struct db *db, struct error *err) MUST_CHECK;

enum db_engine db_engine(const struct db *db);
enum db_flavour db_flavour(const struct db *db);
const char *db_flavour_name(const struct db *db);   /* "PostgreSQL", "MySQL", "MariaDB" */
const char *db_server_version(const struct db *db); /* "15.18", "9.7.4-2", "10.11.14" */
unsigned db_server_number(const struct db *db);     /* 150018, 90704, 101114 */
const char *db_database(const struct db *db);       /* as connected */
const char *db_user(const struct db *db);
const char *db_label(const struct db *db);
const char *db_tls_state(const struct db *db); /* "TLSv1.3 …, verified", "none", … */
/* "postgres://host:5432/name" or "mysql://…", without user and password. */
const char *db_url(const struct db *db);

/* What the server said about the last failed call. Texts are borrowed, valid until the next call on
 * db, NULL when absent. */
struct db_problem {
    char sqlstate[6];    /* "" when the failure has none (connection lost) */
    unsigned number;     /* MySQL's error number, 0 for PostgreSQL */
    const char *message; /* the server's words, first line */
    const char *detail, *hint, *where;
    size_t position;      /* 1-based, in characters of the statement's text; 0: unknown */
    unsigned line;        /* MySQL: line within the statement ("at line N"); 0: unknown */
    bool connection_lost; /* nothing is known about whether the statement took effect */
};
const struct db_problem *db_problem(const struct db *db);

/* Rows in memory, values as text. */
struct db_result;
size_t db_rows(const struct db_result *r);
size_t db_columns(const struct db_result *r);
const char *db_column_name(const struct db_result *r, size_t column);
const char *db_value(const struct db_result *r, size_t row, size_t column); /* NULL for SQL NULL */
void db_result_free(struct db_result *r);
AUTO_POINTER(db_result_free, struct db_result)

/*
 * Every call below waits interruptibly: on SIGINT/SIGTERM the running statement is cancelled on the
 * server (PQcancel; KILL QUERY) and the call fails with ERR_INTERRUPTED; four seconds after the
 * signal the connection is cut. A call made after the signal sends nothing and fails at once,
 * unless db_shield is on. A statement that ended well in spite of the signal is a success. Failures
 * are classed: ERR_DATA (SQL refused), ERR_BUSY (lock or statement timeout, deadlock,
 * serialization), ERR_DENIED (no right, read-only server), ERR_UNAVAILABLE (connection lost, server
 * ending), ERR_IO (disk full). The error text holds the server's message and SQLSTATE or number.
 */

/* Our own SQL: PostgreSQL's simple protocol (several statements allowed there, none holds a
 * snapshot afterwards), one statement on MySQL. Results are thrown away. */
bool db_exec(struct db *db, const char *sql, struct error *err) MUST_CHECK;
bool db_execf(struct db *db, struct error *err, const char *fmt, ...) PRINTF_LIKE(3, 4) MUST_CHECK;

/* One statement; the last result set. Simple protocol. */
bool db_query(struct db *db, const char *sql, struct db_result **ret, struct error *err) MUST_CHECK;

/* One statement with values: $1 … on PostgreSQL, ? on MySQL. params[i] NULL is SQL NULL; ret may be
 * NULL. On PostgreSQL an open transaction whose last statement this was keeps a snapshot, which
 * CREATE INDEX CONCURRENTLY of any other session waits for. */
bool db_query_params(struct db *db, const char *sql, size_t n, const char *const params[],
                     struct db_result **ret, struct error *err) MUST_CHECK;

/* First column of the first row as a heap string; *ret is NULL for NULL or no row. */
bool db_query_string(struct db *db, const char *sql, char **ret, struct error *err) MUST_CHECK;

/* A statement of the user, exactly len bytes, alone. Each result set goes to `result` (may be NULL)
 * before the next is fetched. */
struct db_run {
    void (*result)(void *ctx, const struct db_result *result);
    void *ctx;
    uint64_t affected; /* out: rows affected, of all results together */
    unsigned warnings; /* out: MySQL's warning count; they are logged at level warn */
};
bool db_run(struct db *db, const char *sql, size_t len, struct db_run *run,
            struct error *err) MUST_CHECK;

/* PostgreSQL's COPY … FROM STDIN: begin with the statement, send data, end. After db_copy_abort the
 * statement has failed on the server and the connection is usable again. */
bool db_copy_begin(struct db *db, const char *sql, size_t len, struct error *err) MUST_CHECK;
bool db_copy_send(struct db *db, const char *data, size_t len, struct error *err) MUST_CHECK;
bool db_copy_end(struct db *db, uint64_t *ret_rows, struct error *err) MUST_CHECK;
void db_copy_abort(struct db *db, const char *why);

/* The session's transaction as the protocol tells it, without a round trip. */
enum db_txn { DB_TXN_NONE, DB_TXN_OPEN, DB_TXN_FAILED, DB_TXN_UNKNOWN /* connection lost */ };
enum db_txn db_txn(const struct db *db);

/* A parameter that the server reports by itself (PostgreSQL: standard_conforming_strings, …; MySQL:
 * client_encoding alone), or NULL. Borrowed. */
const char *db_parameter(const struct db *db, const char *name);

/* The session's id on the server: backend pid or connection id. */
unsigned long db_session_id(const struct db *db);

#endif
