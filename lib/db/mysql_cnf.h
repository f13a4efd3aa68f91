/* The option files of the MySQL and MariaDB clients (/etc/my.cnf, /etc/mysql/my.cnf, ~/.my.cnf).
 * Read by ourselves: the library would let them overrule the options that we must set
 * (local-infile, ssl-verify-server-cert). */
#ifndef DBOPS_DB_MYSQL_CNF_H
#define DBOPS_DB_MYSQL_CNF_H

#include <stddef.h>

#include "lib/base/mem.h"

struct my_defaults {
    char *host, *user, *password, *socket, *database, *tls_ca, *tls_cert, *tls_key;
    unsigned port;
};
void my_defaults_free(struct my_defaults *d);
AUTO_VALUE(my_defaults_free, struct my_defaults)

/* The standard files in the clients' order, then MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_UNIX_PORT and
 * MYSQL_PWD. What cannot be read is passed over, as the clients do. */
void my_defaults_read(struct my_defaults *ret);

/* One file; group [client] and MariaDB's [client-server], [client-mariadb]. depth bounds !include.
 */
void my_defaults_file(const char *path, unsigned depth, struct my_defaults *ret);

#endif
