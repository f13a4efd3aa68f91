/* The server's own programs (pg_dump, mysqldump, …): where they are, whether they fit the server,
 * and how they get to it with the same TLS rules and without a password in argv. */
#ifndef DBOPS_DB_CHILD_H
#define DBOPS_DB_CHILD_H

#include "lib/base/vec.h"
#include "lib/db/db.h"

/* A program on this machine. */
struct db_program {
    char *path;    /* NULL: not found */
    char *version; /* "15.20"; NULL: it does not tell */
    unsigned major;
    bool is_mariadb;
};
void db_program_free(struct db_program *p);
AUTO_VALUE(db_program_free, struct db_program)

/* Looks for the program in folder; without one in $PATH, and for PostgreSQL first in
 * /usr/lib/postgresql/N/bin with the smallest N that is not older than the server. Asks it for its
 * version. Not to be found is no error; ERR_INTERRUPTED is. */
bool db_program_find(const struct db *db, const char *folder, const char *name,
                     struct db_program *ret, struct error *err) MUST_CHECK;

/* Reads what `--version` prints. */
void db_program_parse(const char *text, struct db_program *ret);

/* NULL, or why the program does not suit the server, as a sentence without its subject. */
const char *db_program_misfit(const struct db *db, const struct db_program *p);

/* Appends "NAME=value" for a child program that shall connect as db did: PGHOST, PGPASSWORD,
 * PGSSLMODE, … For MySQL the connection itself is in the option file. */
void db_child_environment(const struct db *db, struct strlist *ret);

/* Appends the text of an option file for --defaults-file (which, unlike --defaults-extra-file,
 * keeps
 * ~/.my.cnf from overruling it). It holds the password: a private pipe or a file of mode 0600.
 * ERR_CONFIG: MariaDB's programs cannot do tls: require without verification, they would go on in
 * clear text. */
bool db_child_options(const struct db *db, const struct db_program *program, struct str *ret,
                      struct error *err) MUST_CHECK;

#endif
