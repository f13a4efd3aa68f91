/* A SQL file cut into statements as the server's own client cuts it. */
#ifndef DBOPS_MIGRATE_SPLIT_H
#define DBOPS_MIGRATE_SPLIT_H

#include "migrate/text.h"

enum split_dialect { SPLIT_POSTGRES, SPLIT_MYSQL, SPLIT_MARIADB };

struct split_options {
    enum split_dialect dialect;
    bool standard_conforming_strings; /* PostgreSQL; the session's value at the start */
    bool ansi_quotes, no_backslash_escapes, oracle_mode; /* MySQL: from @@sql_mode */
    const char *database; /* PostgreSQL: \connect to this one is accepted */
};

enum split_kind {
    SPLIT_STATEMENT, /* to be sent */
    SPLIT_COPY,      /* COPY … FROM STDIN: send it, then the data from split_copy_read */
    SPLIT_CLIENT,    /* a client command (\restrict, \echo, DELIMITER …): nothing is sent */
};

/* How a statement stands to transactions. */
enum split_txn {
    SPLIT_TXN_ORDINARY,
    SPLIT_TXN_NEUTRAL, /* SET, RESET, SHOW, SELECT set_config(…): fits either */
    SPLIT_TXN_REFUSES, /* cannot run inside a transaction block: CREATE INDEX CONCURRENTLY, … */
    SPLIT_TXN_CONTROL, /* BEGIN, START TRANSACTION, COMMIT, ROLLBACK, END, ABORT, PREPARE … */
};

struct statement {
    enum split_kind kind;
    enum split_txn txn;
    bool concurrently; /* waits for other transactions: no lock_timeout for it */
    bool session;      /* may leave something behind in the session: SET, USE, LOCK TABLES, … */
    const char *sql;   /* as it is sent, without delimiter; valid until the next split_next */
    size_t len;
    uint64_t offset;         /* first byte of sql in the replaced text */
    struct text_place start; /* of its first real token (behind comments) in the file */
    const char *words; /* its first words outside of parentheses, at most ten, in upper case, e.g.
                        * "CREATE INDEX CONCURRENTLY"; valid until the next split_next */
};

struct split;
/* Takes ownership of text. name: for messages ("V1__a.sql"). */
struct split *split_open(struct text *text, const char *name, const struct split_options *options);
void split_close(struct split *s);
AUTO_POINTER(split_close, struct split)

/* The session's settings as the server has them now (standard_conforming_strings, sql_mode). The
 * splitter follows SET statements by itself; this is for changes that it cannot see in the text. */
void split_session(struct split *s, const struct split_options *now);

/* The next statement: 1, the end of the file: 0, or -1 with ERR_DATA: unterminated stored program,
 * COPY without "\.", unknown client command, …; each with name:line:col. Comment-only and empty
 * pieces are passed over. Unread COPY data is skipped. */
int split_next(struct split *s, struct statement *ret, struct error *err) MUST_CHECK;

/* Data lines of the current SPLIT_COPY, without the closing "\."; 0 at its end, -1 on error. */
ssize_t split_copy_read(struct split *s, char *buf, size_t cap, struct error *err) MUST_CHECK;

/* Where in the file character `position` (from 1) of the current statement's sql stands. */
struct text_place split_place(const struct split *s, size_t position);
/* The same for line `line` (from 1) of the current statement's sql: its first character. */
struct text_place split_place_of_line(const struct split *s, unsigned line);

/* For property tests: every byte of the file, statement or not, in order. Called for each piece as
 * it is passed: joined they are the replaced text. */
void split_trace(struct split *s, void (*piece)(void *ctx, const char *bytes, size_t n), void *ctx);

#endif
