#include <stdlib.h>
#include <string.h>

#include "lib/base/interrupt.h"
#include "lib/db/impl.h"

const struct db_problem *db_problem(const struct db *db)
{
    return &db->problem;
}

/* Before the encoding is agreed on, and from libraries, words may come in any. */
static char *readable(const char *text)
{
    char *copy = xstrdup(text);
    bool utf8 = str_is_utf8(text, strlen(text));
    for (char *at = copy; *at; at++)
        if (!utf8 && (*at & 0x80))
            *at = '?';
    return copy;
}

void db_problem_set(struct db *db, int which, const char *text)
{
    const char **fields[] = {&db->problem.message, &db->problem.detail, &db->problem.hint,
                             &db->problem.where};
    free(db->problem_text[which]);
    db->problem_text[which] = text && *text ? readable(text) : NULL;
    *fields[which] = db->problem_text[which];
}

static void describe(const struct db_problem *p, struct str *text)
{
    str_add(text, p->message ? p->message : "the server gave no reason");
    if (p->number && p->sqlstate[0])
        str_addf(text, " (%u, %s)", p->number, p->sqlstate);
    else if (p->number)
        str_addf(text, " (%u)", p->number);
    else if (p->sqlstate[0])
        str_addf(text, " (%s)", p->sqlstate);
    if (p->detail)
        str_addf(text, ": %s", p->detail);
}

bool db_fail(struct db *db, enum error_kind kind, struct error *err)
{
    if (db->call.stop == DB_STOPPED_BY_SIGNAL) {
        const char *name = interrupt_signal() == 2 ? "SIGINT" : "SIGTERM";
        return error_set(err, ERR_INTERRUPTED,
                         db->call.gave_up
                             ? "interrupted by %s; the server did not react and the "
                               "connection was cut"
                             : "interrupted by %s; the running statement was cancelled",
                         name);
    }
    if (db->call.stop == DB_STOPPED_BY_LIMIT)
        return error_set(err, ERR_BUSY, "no answer within %u ms", db->limit_ms);
    AUTO(str_free) struct str text = STR_INIT;
    describe(&db->problem, &text);
    return error_set(err, kind, "%s", text.ptr);
}

static void advise(const struct db *db, enum error_kind kind, const char *reason, struct error *err)
{
    const char *sqlstate = db->problem.sqlstate;
    unsigned number = db->problem.number;
    bool tls = strstr(reason, "SSL") || strstr(reason, "TLS") || strstr(reason, "certificate");
    if (kind == ERR_DENIED && tls && !sqlstate[0])
        error_hint(err,
                   "tls is '%s' here: name the CA of the server's certificate with tls_ca and "
                   "the certificate's own name as host, let the server offer TLS, or set tls "
                   "to what this network is trusted with",
                   tls_mode_name(db->tls.mode));
    else if (str_starts(sqlstate, "28") || number == 1045 || number == 1044 || number == 1698)
        error_hint(err, "check user and password of the target; without a password there, %s",
                   db->engine == DB_MYSQL ? "~/.my.cnf is read" : "~/.pgpass is read");
    else if (str_equal(sqlstate, "3D000") || number == 1049)
        error_hint(err, "create the database, or correct the name in the configuration");
    else if (kind == ERR_UNAVAILABLE)
        error_hint(err, "check host and port, and that the server is running");
}

bool db_refused(const struct db *db, enum error_kind kind, const char *words, struct error *err)
{
    AUTO(mem_free) char *reason = readable(words);
    if (db->params.label)
        error_set(err, kind, "cannot connect to '%s' (%s): %s", db->params.label, db->url, reason);
    else
        error_set(err, kind, "cannot connect to %s: %s", db->url, reason);
    advise(db, kind, reason, err);
    return false;
}
