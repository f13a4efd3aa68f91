/* Commands that the servers' own clients carry out themselves. Internal to the splitter. */
#ifndef DBOPS_MIGRATE_CLIENT_H
#define DBOPS_MIGRATE_CLIENT_H

#include "migrate/lex.h"

/* The backslash t stands where a statement could begin. True with *end (of its line) when the
 * command may be passed over; false with *l->err when dbops cannot do what it asks for. database:
 * the current one; NULL: not known. */
bool client_postgres(struct lexer *l, const struct token *t, const char *database, size_t *end);

/* The same for mysql: t is a backslash or a word. 1: a command, *end is behind it and *delimiter is
 * the new one (owned) or NULL; 0: not a command; -1: *l->err. */
int client_mysql(struct lexer *l, const struct token *t, size_t *end, char **delimiter);

#endif
