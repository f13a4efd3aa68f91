/* The schema history: the rows of flyway_schema_history as plain data. */
#ifndef DBOPS_MIGRATE_HISTORY_H
#define DBOPS_MIGRATE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/vec.h"

struct history_row {
    int rank;
    char *version; /* NULL: none */
    char *description;
    char *type; /* SQL, BASELINE, SCHEMA, DELETE, SQL_BASELINE, UNDO_SQL, JDBC, … as stored */
    char *script;
    bool has_checksum;
    int32_t checksum;
    char *installed_by;
    char *installed_on;     /* as the server shows it */
    char *installed_on_utc; /* RFC 3339, Z */
    int execution_time;     /* ms */
    bool success;
};

struct history {
    bool exists;                  /* the table is there */
    VEC(struct history_row) rows; /* by rank */
};
void history_free(struct history *h);
AUTO_VALUE(history_free, struct history)

/* A row that is only written, not kept, borrows its texts: it must not go to history_free. */
static inline char *history_borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* The rank that follows the last row: 1 on an empty table. */
int history_next_rank(const struct history *h);

/* Today's name of a type: case and the names of old versions do not matter (INIT → BASELINE,
 * SPRING_JDBC → JDBC, SQL_STATE_SCRIPT → SQL_BASELINE, …). An unknown type is given back as it is.
 */
const char *history_type_name(const char *type);

/* Is the row's type one of the given family? Ignores case; legacy names are known. */
bool history_is_baseline(const struct history_row *row);  /* BASELINE, SQL_BASELINE, …_BASELINE */
bool history_is_synthetic(const struct history_row *row); /* SCHEMA, BASELINE, DELETE */
bool history_is_undo(const struct history_row *row);
bool history_is_type(const struct history_row *row, const char *type);

#endif
