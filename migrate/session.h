/* Settings of the session that change how quotes are read, followed through SET statements.
 * Internal to the splitter. */
#ifndef DBOPS_MIGRATE_SESSION_H
#define DBOPS_MIGRATE_SESSION_H

#include "migrate/lex.h"

struct saved_mode {
    char *name; /* of a user variable */
    struct lex_modes modes;
};

struct session {
    struct lex_modes first, now;  /* DEFAULT means the first ones */
    VEC(struct saved_mode) saved; /* SET @old = @@sql_mode */
};
void session_free(struct session *s);

/* sql is a whole statement that begins with SET, RESET or DISCARD. */
void session_follow_postgres(struct session *s, const char *sql, size_t len);
void session_follow_mysql(struct session *s, const char *sql, size_t len, bool mariadb);

#endif
