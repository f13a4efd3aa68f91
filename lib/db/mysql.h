/* The parts of the MySQL and MariaDB driver. Only lib/db/mysql*.c include this. */
#ifndef DBOPS_DB_MYSQL_H
#define DBOPS_DB_MYSQL_H

#include <mysql.h>

#include "lib/db/impl.h"
#include "lib/db/mysql_cnf.h"

struct my {
    struct db base;
    struct my_defaults defaults; /* of the clients' option files */
    bool plain;                  /* tls: prefer, and the server has none */
    MYSQL *conn;
};

static inline struct my *my_of(struct db *db)
{
    return (struct my *)db;
}

/* mysql_connect.c: connects my->conn as base.params say. */
bool my_connect(struct my *my, struct error *err) MUST_CHECK;

/* A handle with all options set, not yet connected; limit_s bounds connecting and reading, 0: only
 * connecting, as configured. */
MYSQL *my_handle(const struct my *my, unsigned limit_s);

/* What mysql_real_connect takes, in its order. */
struct my_login {
    const char *host, *user, *password, *database, *socket;
    unsigned port;
    unsigned long flags;
};
struct my_login my_login(const struct my *my);

/* Waits as the library's status asks and returns what came, for the …_cont functions. */
int my_wait(struct my *my, MYSQL *conn, int status);

/* Remembers the connection's (or the statement's) error as the problem and makes the error of the
 * call; sql, when known, lets a syntax error be located. */
bool my_failed(struct my *my, MYSQL_STMT *stmt, const char *sql, size_t len, struct error *err);

/* mysql_result.c: the result takes res over. */
struct db_result *my_result_new(MYSQL_RES *res);

/* All rows of an executed statement, as text; NULL when it gives none. */
bool my_result_of_stmt(struct my *my, MYSQL_STMT *stmt, struct db_result **ret,
                       struct error *err) MUST_CHECK;

#endif
