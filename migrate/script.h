/* Running one SQL file: what it will do is read first, then it is sent statement by statement. */
#ifndef DBOPS_MIGRATE_SCRIPT_H
#define DBOPS_MIGRATE_SCRIPT_H

#include "migrate/context.h"
#include "migrate/split.h"

/* A file to run: a migration or a callback. Borrowed. */
struct script {
    const char *name; /* as in the history table; leads every message */
    const char *path;
    const struct script_conf *conf;
};

/* What reading the file tells before anything is sent. */
struct script_facts {
    size_t statements;
    bool ordinary; /* holds statements that belong into a transaction */
    bool refuses;  /* holds one that cannot run in a transaction block */
    bool control;  /* holds BEGIN, COMMIT, … of its own */
    bool session;  /* may leave something behind in the session: a role, table locks */
    struct text_place refuses_at, ordinary_at, control_at; /* the first of each */
};

/* Opens the file as statements; text and placeholders as its .conf says. */
struct split *script_open(struct migrate *m, const struct script *script, struct placeholders *own,
                          struct error *err) MUST_CHECK;

/* Reads the whole file. ERR_DATA where it cannot be cut into statements. */
bool script_read(struct migrate *m, const struct script *script, struct script_facts *ret,
                 struct error *err) MUST_CHECK;

/* Does it run in a transaction of ours? The .conf beats the option, which beats what was read.
 * ERR_DATA for a file with both kinds of statements unless `mixed` allows it. */
bool script_in_transaction(const struct migrate *m, const struct script *script,
                           const struct script_facts *facts, bool *ret,
                           struct error *err) MUST_CHECK;

/* One run of a file. */
struct script_run {
    bool (*before_statement)(void *ctx, struct error *err); /* may be NULL */
    bool (*after_statement)(void *ctx, struct error *err);
    void *ctx;
    bool lock_timeout; /* a statement that times out on a lock is tried again (MySQL) */
    size_t done;       /* out: statements that took effect on the server */
    bool kept;         /* out: something of it is committed already */
    bool open;         /* out: at its end something is not committed yet */
    unsigned line;     /* out: of the statement that failed */
};

/* Sends every statement. On failure err says name:line:col, shows the line with a caret, and holds
 * the server's words; `run` tells how far it came. */
bool script_execute(struct migrate *m, const struct script *script, struct script_run *run,
                    struct error *err) MUST_CHECK;

#endif
