/* Schemas (databases, on MySQL): which are missing, whether they are empty, making them. */
#ifndef DBOPS_MIGRATE_SCHEMAS_H
#define DBOPS_MIGRATE_SCHEMAS_H

#include "lib/base/vec.h"
#include "lib/db/db.h"

/* Appends to ret those of names that the server does not have. */
bool schemas_missing(struct db *db, const struct strlist *names, struct strlist *ret,
                     struct error *err) MUST_CHECK;

/* Appends to ret those of names that hold anything that Flyway counts: tables, views, sequences,
 * types, functions; on MySQL also triggers, routines and events. Not counted on PostgreSQL:
 * materialised views, partitioned and foreign tables, members of extensions. */
bool schemas_not_empty(struct db *db, const struct strlist *names, struct strlist *ret,
                       struct error *err) MUST_CHECK;

/* The statement that makes one. */
void schemas_create_sql(enum db_engine engine, const char *name, struct str *out);

/* "a","b": the script column of a SCHEMA row. */
char *schemas_quoted_list(enum db_engine engine, const struct strlist *names);

#endif
