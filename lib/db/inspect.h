/* What `doctor` finds out about a server that answers. Nothing is changed on it. */
#ifndef DBOPS_DB_INSPECT_H
#define DBOPS_DB_INSPECT_H

#include "lib/base/vec.h"
#include "lib/db/db.h"

enum finding_level { FINDING_OK, FINDING_WARNING, FINDING_ERROR };

/* One thing that was looked at. Strings are owned. */
struct finding {
    const char *check; /* "connection", "tls", "version", …; static */
    enum finding_level level;
    char *text; /* what was found */
    char *hint; /* what to do about it; NULL when it is fine */
};
struct findings {
    struct finding *ptr;
    size_t len, cap;
};
void findings_free(struct findings *f);
AUTO_VALUE(findings_free, struct findings)

/* Adds one; hint NULL: none. Both are copied. */
void findings_add(struct findings *f, const char *check, enum finding_level level, const char *hint,
                  const char *fmt, ...) PRINTF_LIKE(5, 6);

struct inspect_options {
    const struct strlist *schemas; /* that migrate works in; empty: the current one */
    const char *default_schema;    /* NULL: the first of them */
    const char *table;             /* the schema history */
    bool create_schemas;           /* migrate makes what is missing */
    const char *client_bin;        /* folder of the client programs; NULL: found */
};

/* TLS, version, role, rights for migrate, client programs, clock. False only when the connection
 * is lost or a signal came; what the server refuses to tell is a finding. */
bool db_inspect(struct db *db, const struct inspect_options *options, struct findings *ret,
                struct error *err) MUST_CHECK;

/* MySQL's privileges as bits, and their names. */
#define GRANTS(X)                                                                                  \
    X(SELECT, "SELECT")                                                                            \
    X(INSERT, "INSERT")                                                                            \
    X(UPDATE, "UPDATE")                                                                            \
    X(DELETE, "DELETE")                                                                            \
    X(CREATE, "CREATE")                                                                            \
    X(DROP, "DROP")                                                                                \
    X(ALTER, "ALTER")                                                                              \
    X(INDEX, "INDEX")                                                                              \
    X(REFERENCES, "REFERENCES")

enum grant {
#define X(name, text) GRANT_##name,
    GRANTS(X)
#undef X
        GRANT_COUNT
};

/* Takes one line of SHOW GRANTS into the set of bits (1 << GRANT_…) that hold in this database:
 * GRANT adds, REVOKE takes away; lines about other databases, tables and roles change nothing. */
unsigned grants_apply(unsigned set, const char *line, const char *database);

#endif
