#include <string.h>
#include <strings.h>

#include "migrate/client.h"

static bool refuse(struct lexer *l, const struct token *t, const char *command, const char *why,
                   const char *hint)
{
    AUTO(mem_free) char *place = lex_place(l, t->at);
    error_set(l->err, ERR_DATA, "%s: psql's \\%s %s", place, command, why);
    error_hint(l->err, "%s", hint);
    l->failed = true;
    return false;
}

/* The next blank-separated word of s, quotes taken off; NULL at the end. */
static char *next_argument(const char **s)
{
    const char *at = *s + strspn(*s, " \t");
    if (!*at)
        return NULL;
    struct str word = STR_INIT;
    for (char quote = 0; *at && (quote || !strchr(" \t", *at)); at++) {
        if (quote ? *at == quote : *at == '"' || *at == '\'')
            quote = quote ? 0 : *at;
        else
            str_addc(&word, *at);
    }
    *s = at;
    return str_take(&word);
}

/* \connect name, \connect "name", \connect -reuse-previous=on "dbname='name'" as pg_dump -C writes
 * them; "-" and nothing stand for the current one. */
static bool connects_to(const char *args, const char *database)
{
    AUTO(mem_free) char *name = next_argument(&args);
    if (name && str_starts(name, "-reuse-previous=")) {
        mem_free(name);
        name = next_argument(&args);
    }
    bool same = !name || str_equal(name, "-");
    if (!same && database && str_starts(name, "dbname=")) {
        const char *inner = name + strlen("dbname=");
        AUTO(mem_free) char *plain = next_argument(&inner);
        AUTO(mem_free) char *more = next_argument(&inner);
        same = str_equal(plain, database) && !more;
    } else if (!same) {
        same = database && str_equal(name, database);
    }
    for (AUTO(mem_free) char *more = next_argument(&args); more && same;) {
        same = str_equal(more, "-"); /* user, host, port */
        mem_free(more);
        more = next_argument(&args);
    }
    return same;
}

static bool sets_error_stop(const char *args)
{
    AUTO(mem_free) char *name = next_argument(&args);
    AUTO(mem_free) char *value = next_argument(&args);
    static const char *const on[] = {"on", "true", "yes", "1", "t", "y", ""};
    if (!str_equal(name, "ON_ERROR_STOP"))
        return false;
    for (size_t i = 0; value && i < ARRAY_LEN(on); i++)
        if (str_equal_nocase(value, on[i]))
            return true;
    return !value;
}

bool client_postgres(struct lexer *l, const struct token *t, const char *database, size_t *end)
{
    *end = lex_line(l, t->at);
    if (l->failed)
        return false;
    size_t len = *end - t->end;
    if (len && l->p[*end - 1] == '\r')
        len--;
    AUTO(mem_free) char *line = xstrndup(l->p + t->end, len);
    size_t name = strcspn(line, " \t");
    AUTO(mem_free) char *command = xstrndup(line, name);
    const char *args = line + name;

    static const char *const harmless[] = {"restrict", "unrestrict", "echo", "."};
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (str_equal(command, harmless[i]))
            return true;
    if (str_equal(command, "connect") || str_equal(command, "c"))
        return connects_to(args, database) ||
               refuse(l, t, command, "leads to another database",
                      "a migration stays in its database; give the other one its own target");
    if (str_equal(command, "set"))
        return sets_error_stop(args) ||
               refuse(l, t, command, "is not supported, but for ON_ERROR_STOP on",
                      "use placeholders (${name}) instead of psql's variables");
    if (str_equal(command, "i") || str_equal(command, "ir") || str_equal(command, "include"))
        return refuse(l, t, command, "is not supported",
                      "put the statements into this file, or make the other one a migration");
    return refuse(l, t, command, "is not supported",
                  "only SQL is sent to the server; \\restrict, \\unrestrict, \\connect to the same "
                  "database, \\set ON_ERROR_STOP and \\echo are passed over");
}
