#include <stdlib.h>
#include <string.h>

#include "lib/db/mysql.h"

struct my_result {
    struct db_result base;
    MYSQL_RES *res; /* owns names and cells; NULL: they are our own */
    char **names;
    char **cells; /* rows * columns */
};

static const char *result_name(const struct db_result *r, size_t column)
{
    return ((const struct my_result *)r)->names[column];
}

static const char *result_value(const struct db_result *r, size_t row, size_t column)
{
    return ((const struct my_result *)r)->cells[row * r->columns + column];
}

static void result_free(struct db_result *r)
{
    struct my_result *my = (struct my_result *)r;
    if (my->res) {
        mysql_free_result(my->res);
    } else {
        for (size_t i = 0; i < r->columns; i++)
            free(my->names[i]);
        for (size_t i = 0; i < r->rows * r->columns; i++)
            free(my->cells[i]);
    }
    free(my->names);
    free(my->cells);
    free(my);
}

static struct my_result *result_new(size_t rows, size_t columns)
{
    struct my_result *r = xcalloc(1, sizeof *r);
    r->base = (struct db_result){.rows = rows,
                                 .columns = columns,
                                 .name = result_name,
                                 .value = result_value,
                                 .free = result_free};
    r->names = xcalloc(columns, sizeof *r->names);
    r->cells = xcalloc(rows * columns, sizeof *r->cells);
    return r;
}

struct db_result *my_result_new(MYSQL_RES *res)
{
    size_t columns = mysql_num_fields(res), at = 0;
    struct my_result *r = result_new((size_t)mysql_num_rows(res), columns);
    r->res = res;
    const MYSQL_FIELD *fields = mysql_fetch_fields(res);
    for (size_t i = 0; i < columns; i++)
        r->names[i] = fields[i].name;
    for (MYSQL_ROW row; (row = mysql_fetch_row(res)); at += columns)
        memcpy(r->cells + at, row, columns * sizeof *row);
    return &r->base;
}

/* Room for any number; Connector/C writes those that do not fit as nothing. */
enum { CELL = 320 };

static char *fetch_cell(MYSQL_STMT *stmt, unsigned column, unsigned long len)
{
    unsigned long room = len > CELL ? len : CELL;
    char *text = xmalloc(room + 1);
    my_bool is_null = 0;
    MYSQL_BIND bind = {.buffer_type = MYSQL_TYPE_STRING,
                       .buffer = text,
                       .buffer_length = room,
                       .is_null = &is_null,
                       .length = &len};
    if (mysql_stmt_fetch_column(stmt, &bind, column, 0) != 0 || is_null) {
        free(text);
        return NULL;
    }
    text[len < room ? len : room] = '\0';
    return text;
}

static bool store(struct my *my, MYSQL_STMT *stmt, struct error *err)
{
    int failed = 0;
    int status = mysql_stmt_store_result_start(&failed, stmt);
    while (status)
        status = mysql_stmt_store_result_cont(&failed, stmt, my_wait(my, my->conn, status));
    return failed ? my_failed(my, stmt, NULL, 0, err) : true;
}

/* Each row is fetched with empty buffers first, which tells the lengths. */
static bool fetch_rows(struct my *my, MYSQL_STMT *stmt, struct my_result *r, struct error *err)
{
    size_t columns = r->base.columns;
    AUTO(mem_free) MYSQL_BIND *binds = xcalloc(columns, sizeof *binds);
    AUTO(mem_free) unsigned long *lengths = xcalloc(columns, sizeof *lengths);
    AUTO(mem_free) my_bool *nulls = xcalloc(columns, sizeof *nulls);
    for (size_t i = 0; i < columns; i++) {
        binds[i].buffer_type = MYSQL_TYPE_STRING;
        binds[i].length = &lengths[i];
        binds[i].is_null = &nulls[i];
    }
    if (mysql_stmt_bind_result(stmt, binds))
        return my_failed(my, stmt, NULL, 0, err);
    for (size_t row = 0; row < r->base.rows; row++) {
        if (mysql_stmt_fetch(stmt) == 1)
            return my_failed(my, stmt, NULL, 0, err);
        for (size_t i = 0; i < columns; i++)
            if (!nulls[i])
                r->cells[row * columns + i] = fetch_cell(stmt, (unsigned)i, lengths[i]);
    }
    return true;
}

bool my_result_of_stmt(struct my *my, MYSQL_STMT *stmt, struct db_result **ret, struct error *err)
{
    MYSQL_RES *meta = mysql_stmt_result_metadata(stmt);
    if (!meta)
        return true;
    if (!store(my, stmt, err)) {
        mysql_free_result(meta);
        return false;
    }
    struct my_result *r = result_new((size_t)mysql_stmt_num_rows(stmt), mysql_num_fields(meta));
    const MYSQL_FIELD *fields = mysql_fetch_fields(meta);
    for (size_t i = 0; i < r->base.columns; i++)
        r->names[i] = xstrdup(fields[i].name);
    mysql_free_result(meta);
    AUTO(db_result_free) struct db_result *result = &r->base;
    if (!fetch_rows(my, stmt, r, err))
        return false;
    *ret = TAKE(result);
    return true;
}
