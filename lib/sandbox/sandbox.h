/* Private throw-away servers: a temp directory, a Unix socket, gone on exit. */
#ifndef DBOPS_SANDBOX_SANDBOX_H
#define DBOPS_SANDBOX_SANDBOX_H

#include <stdbool.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"

enum sandbox_engine { SANDBOX_POSTGRES, SANDBOX_MYSQL, SANDBOX_MARIADB };

struct sandbox_options {
    enum sandbox_engine engine;
    const char *bin_dir;         /* where initdb, mysqld, … are; NULL: found on this machine */
    const char *database;        /* made at start; NULL: "sandbox" */
    bool tcp;                    /* also a free port on 127.0.0.1, with a password */
    const char *const *settings; /* "name=value" server settings, ended by NULL; may be NULL */
};

struct sandbox;

/* Starts a server and waits until it answers; NULL on failure. First sweeps what killed runs left
 * behind. The server's directory is in $TMPDIR or /tmp. Started by root it runs as 'nobody'. It
 * ends with the thread that called this, whatever becomes of us. ERR_CONFIG: the server's programs
 * are missing, or the directory does not suit; ERR_USAGE: a wrong setting or database name. */
struct sandbox *sandbox_start(const struct sandbox_options *options, struct error *err) MUST_CHECK;

/* Stops it at once and removes its directory. */
void sandbox_stop(struct sandbox *s);
AUTO_POINTER(sandbox_stop, struct sandbox)

/* How to reach it; valid until sandbox_stop. */
const char *sandbox_socket(const struct sandbox *s); /* PostgreSQL: directory; MySQL: socket file */
unsigned sandbox_port(const struct sandbox *s);      /* PostgreSQL: also part of the socket's name;
                                                        MySQL without tcp: 0 */
const char *sandbox_user(const struct sandbox *s);
const char *sandbox_password(const struct sandbox *s); /* for 127.0.0.1; NULL without tcp */
const char *sandbox_database(const struct sandbox *s);
const char *sandbox_directory(const struct sandbox *s);
const char *sandbox_version(const struct sandbox *s); /* "15.14" */

/* Appends what a child needs in its environment: PGHOST …, MYSQL_UNIX_PORT …, and DBOPS_SANDBOX_*,
 * as "NAME=value" to set or "NAME" to take away (process_options.add_env). */
void sandbox_environment(const struct sandbox *s, struct strlist *ret);

#endif
