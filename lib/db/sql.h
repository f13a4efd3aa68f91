/* Names and values in SQL text. Everything that is not a parameter goes through here. */
#ifndef DBOPS_DB_SQL_H
#define DBOPS_DB_SQL_H

#include "lib/base/str.h"
#include "lib/db/db.h"

/* Appends name as a quoted identifier: "a""b" or `a``b`. */
void sql_ident(struct str *out, enum db_engine engine, const char *name);

/* Appends schema.name, both quoted; without a schema only the name. */
void sql_qualified(struct str *out, enum db_engine engine, const char *schema, const char *name);

/* Appends value as a string literal that reads the same whatever standard_conforming_strings and
 * sql_mode say (E'…' with doubled backslashes; on MySQL quotes doubled and, where the text has a
 * backslash, a hexadecimal literal converted to utf8mb4). NULL gives NULL. */
void sql_literal(struct str *out, enum db_engine engine, const char *value);

#endif
