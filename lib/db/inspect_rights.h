/* The part of db_inspect that differs by engine: role, rights, history table. */
#ifndef DBOPS_DB_INSPECT_RIGHTS_H
#define DBOPS_DB_INSPECT_RIGHTS_H

#include "lib/db/inspect.h"

bool inspect_postgres(struct db *db, const struct inspect_options *options, struct findings *ret,
                      struct error *err) MUST_CHECK;
bool inspect_mysql(struct db *db, const struct inspect_options *options, struct findings *ret,
                   struct error *err) MUST_CHECK;

/* The schemas that migrate works in: the configured ones, default schema first; else `current`. */
void inspect_schemas(const struct inspect_options *options, const char *current,
                     struct strlist *ret);

/* The finding about the history table: which of its four rights are missing ("" for none). */
void inspect_history(struct findings *ret, const char *schema, const char *table, bool exists,
                     const char *missing);

#endif
