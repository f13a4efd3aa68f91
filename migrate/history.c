#include "migrate/history.h"

#include <stdlib.h>

#include "lib/base/str.h"

static void row_free(struct history_row *row)
{
    free(row->version);
    free(row->description);
    free(row->type);
    free(row->script);
    free(row->installed_by);
    free(row->installed_on);
    free(row->installed_on_utc);
}

void history_free(struct history *h)
{
    for (size_t i = 0; i < h->rows.len; i++)
        row_free(&h->rows.ptr[i]);
    vec_free(&h->rows);
    h->exists = false;
}

/* Every type that Flyway has written into the table, and what it is called today. */
static const struct {
    const char *stored, *name;
} types[] = {
    {"SQL", "SQL"},
    {"SCHEMA", "SCHEMA"},
    {"BASELINE", "BASELINE"},
    {"INIT", "BASELINE"},
    {"DELETE", "DELETE"},
    {"SQL_BASELINE", "SQL_BASELINE"},
    {"SQL_STATE_SCRIPT", "SQL_BASELINE"},
    {"JDBC", "JDBC"},
    {"SPRING_JDBC", "JDBC"},
    {"JDBC_BASELINE", "JDBC_BASELINE"},
    {"JDBC_STATE_SCRIPT", "JDBC_BASELINE"},
    {"SCRIPT", "SCRIPT"},
    {"SCRIPT_BASELINE", "SCRIPT_BASELINE"},
    {"CUSTOM", "CUSTOM"},
    {"UNDO_SQL", "UNDO_SQL"},
    {"UNDO_JDBC", "UNDO_JDBC"},
    {"UNDO_SPRING_JDBC", "UNDO_JDBC"},
    {"UNDO_SCRIPT", "UNDO_SCRIPT"},
    {"UNDO_CUSTOM", "UNDO_CUSTOM"},
};

int history_next_rank(const struct history *h)
{
    return h->rows.len ? h->rows.ptr[h->rows.len - 1].rank + 1 : 1;
}

const char *history_type_name(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_equal_nocase(type, types[i].stored))
            return types[i].name;
    return type;
}

bool history_is_type(const struct history_row *row, const char *type)
{
    return str_equal_nocase(history_type_name(row->type), type);
}

bool history_is_baseline(const struct history_row *row)
{
    const char *name = history_type_name(row->type);
    return str_equal(name, "BASELINE") || str_ends(name, "_BASELINE");
}

bool history_is_synthetic(const struct history_row *row)
{
    return history_is_type(row, "SCHEMA") || history_is_type(row, "BASELINE") ||
           history_is_type(row, "DELETE");
}

bool history_is_undo(const struct history_row *row)
{
    return str_starts(history_type_name(row->type), "UNDO_");
}
