#include "lib/db/sql.h"

#include <string.h>

static void add_quoted(struct str *out, char quote, const char *text)
{
    str_addc(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            str_addc(out, quote);
        str_addc(out, *text);
    }
    str_addc(out, quote);
}

void sql_ident(struct str *out, enum db_engine engine, const char *name)
{
    add_quoted(out, engine == DB_MYSQL ? '`' : '"', name);
}

void sql_qualified(struct str *out, enum db_engine engine, const char *schema, const char *name)
{
    if (schema) {
        sql_ident(out, engine, schema);
        str_addc(out, '.');
    }
    sql_ident(out, engine, name);
}

static void add_escaped(struct str *out, const char *value)
{
    str_add(out, "E'");
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            str_addc(out, *value);
        str_addc(out, *value);
    }
    str_addc(out, '\'');
}

static void add_hex(struct str *out, const char *value)
{
    str_add(out, "CONVERT(0x");
    for (; *value; value++)
        str_addf(out, "%02X", (unsigned char)*value);
    str_add(out, " USING utf8mb4)");
}

void sql_literal(struct str *out, enum db_engine engine, const char *value)
{
    if (!value)
        str_add(out, "NULL");
    else if (!strchr(value, '\\'))
        add_quoted(out, '\'', value);
    else if (engine == DB_MYSQL)
        add_hex(out, value);
    else
        add_escaped(out, value);
}
