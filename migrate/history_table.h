/* The schema history table on the server: its DDL, rows and lock key, equal to Flyway's. */
#ifndef DBOPS_MIGRATE_HISTORY_TABLE_H
#define DBOPS_MIGRATE_HISTORY_TABLE_H

#include "lib/db/db.h"
#include "lib/db/lock.h"
#include "migrate/history.h"

struct history_table {
    enum db_flavour flavour;
    char *schema, *name;
    char *tablespace; /* PostgreSQL; NULL: the default */
    char *qualified;  /* "schema"."name", quoted for SQL and for messages */
    char *lock_name;  /* backs lock.name */
    struct db_lock_key lock;
};
void history_table_init(struct history_table *t, enum db_flavour flavour, const char *schema,
                        const char *name, const char *tablespace);
void history_table_free(struct history_table *t);
AUTO_VALUE(history_table_free, struct history_table)

/* The key under which Flyway locks this table: on PostgreSQL the letters of "Flyway" as a 48-bit
 * number plus Java's hashCode of the quoted name, on MySQL "Flyway-" and that hash. */
int32_t history_java_hash(const char *utf8);

/* Is it there? Then all its rows, by rank. */
bool history_table_read(const struct history_table *t, struct db *db, struct history *ret,
                        struct error *err) MUST_CHECK;

/* Only the rows of one migration that succeeded: is it recorded? Answers the question that a lost
 * connection at COMMIT leaves. */
bool history_table_recorded(const struct history_table *t, struct db *db, int rank,
                            const char *script, bool *ret, struct error *err) MUST_CHECK;

/* Appends the statements that make the table, with the baseline marker as its first row when
 * baseline is not NULL; one statement an entry. */
void history_table_ddl(const struct history_table *t, const struct history_row *baseline,
                       bool two_steps, struct strlist *ret);

/* Runs them: one transaction on PostgreSQL; on MySQL the marker comes with the table itself
 * (CREATE TABLE … AS SELECT), as DDL commits there. */
bool history_table_create(const struct history_table *t, struct db *db,
                          const struct history_row *baseline, struct error *err) MUST_CHECK;

/* On MySQL table and index are two commits: makes the index that a run killed between them left
 * out.
 */
bool history_table_complete(const struct history_table *t, struct db *db,
                            struct error *err) MUST_CHECK;

/* The INSERT of a row, its values as literals; installed_on is left to the server's default.
 * installed_by NULL: the expression for the current user. */
void history_table_insert_sql(const struct history_table *t, const struct history_row *row,
                              struct str *out);

#endif
