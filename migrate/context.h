/* One target under migration: the session, the schemas it manages, its files and its history. */
#ifndef DBOPS_MIGRATE_CONTEXT_H
#define DBOPS_MIGRATE_CONTEXT_H

#include "lib/db/db.h"
#include "migrate/files.h"
#include "migrate/history_table.h"
#include "migrate/info.h"

/* Plain values; everything is borrowed and outlives the context. The meaning of each is that of
 * Flyway's option of the same name. */
struct migrate_options {
    struct files_options files; /* .placeholders is filled in by the context */
    struct info_options info;
    const struct strlist *schemas;
    const char *default_schema;
    const char *table, *tablespace;
    const char *baseline_version, *baseline_description;
    const char *installed_by; /* NULL: the current user */
    const char *init_sql;     /* NULL: none */
    const char *timezone;     /* of the session; NULL: the client's own */
    const char *environment;  /* ${flyway:environment} */
    const struct placeholders *placeholders;
    const char *placeholder_separator; /* ":" */
    bool create_schemas, group, mixed, validate_on_migrate, baseline_on_migrate, skip_executing;
    bool execute_in_transaction;
    unsigned lock_wait_ms;    /* for the run lock */
    unsigned lock_timeout_ms; /* of each attempt at DDL; 0: the server's own */
    unsigned lock_retries;    /* further attempts after a lock timeout */
    /* Opens a session like the first one; needed again after a lost connection. */
    struct db *(*connect)(void *ctx, struct error *err);
    void *connect_ctx;
};

/* What happens, as it happens; any may be NULL. */
struct migrate_events {
    void (*migrating)(void *ctx, const struct info_line *line, const char *how);
    void (*result)(void *ctx, const char *script, const struct db_result *result);
    void *ctx;
};

/* How the session stood before the first file: each file starts from there. */
struct session_start {
    char *schema;           /* current schema or database; NULL: none */
    char *user;             /* PostgreSQL: current_user; MySQL: the login's name */
    char *login, *timezone; /* PostgreSQL: session_user, TimeZone */
    char *role;             /* PostgreSQL: SQL that gives the role back */
    char *release;          /* SQL, see migrate_session_release */
    char *search_path;      /* PostgreSQL: as set at the start */
    char *sql_mode;         /* MySQL */
    char *variables;        /* MySQL: "SESSION x = 1, …, NAMES y" for what else is given back */
};

struct migrate {
    struct db *db;
    const struct migrate_options *options;
    const struct migrate_events *events;
    struct session_start start;
    struct strlist schemas; /* managed ones; the default, which holds the history, first */
    struct history_table table;
    struct placeholders placeholders;
    struct files_options files;
    struct migration_set set;
    struct history history;
    struct strlist user_variables; /* MySQL: @names that the files read so far use */
    bool locked;
    bool another_session; /* a plan is printed: the session that runs it is not this one */
};

/* Connects, prepares the session, finds the schemas, reads the files. */
bool migrate_open(struct migrate *m, const struct migrate_options *options,
                  const struct migrate_events *events, struct error *err) MUST_CHECK;
void migrate_close(struct migrate *m); /* releases the lock */
AUTO_VALUE(migrate_close, struct migrate)

/* The run lock. Held until migrate_close. */
bool migrate_lock(struct migrate *m, struct error *err) MUST_CHECK;

/* After a lost connection: a new session and the lock again. When that fails the lost session stays
 * in place (db_txn: DB_TXN_UNKNOWN), so that nothing is done without the lock. */
bool migrate_reconnect(struct migrate *m, struct error *err) MUST_CHECK;

/* Reads the history table again. */
bool migrate_read_history(struct migrate *m, struct error *err) MUST_CHECK;

/* Appends the statements that give the session back its first state before a file: role and search
 * path, or database and variables. PostgreSQL: one text; MySQL: one statement a line. */
void migrate_session_reset(const struct migrate *m, struct strlist *ret);

/* One text that clears out of the way of our own statements what a file left behind: another role
 * or time zone, on MySQL table locks. It ends no transaction that holds no such locks. */
const char *migrate_session_release(const struct migrate *m);

#endif
