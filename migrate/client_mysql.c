#include <string.h>
#include <strings.h>

#include "migrate/client.h"

static int refuse(struct lexer *l, size_t at, const char *what, const char *hint)
{
    AUTO(mem_free) char *place = lex_place(l, at);
    error_set(l->err, ERR_DATA, "%s: %s", place, what);
    error_hint(l->err, "%s", hint);
    l->failed = true;
    return -1;
}

/* DELIMITER x: up to the first blank, or what stands in quotes. */
static int set_delimiter(struct lexer *l, const struct token *t, size_t from, size_t end,
                         char **delimiter)
{
    AUTO(mem_free) char *line = xstrndup(l->p + from, end - from);
    const char *at = line + strspn(line, " \t\r");
    bool quoted = *at == '\'' || *at == '"' || *at == '`';
    char quote[] = {quoted ? *at : ' ', '\0'};
    at += quoted;
    size_t len = strcspn(at, quoted ? quote : " \t\r");
    if (!len)
        return refuse(l, t->at, "DELIMITER must be followed by a delimiter", "as in: DELIMITER //");
    if (memchr(at, '\\', len))
        return refuse(l, t->at, "DELIMITER cannot contain a backslash", "as in: DELIMITER //");
    *delimiter = xstrndup(at, len);
    return 1;
}

static bool is_command(const struct lexer *l, const struct token *t)
{
    static const char *const commands[] = {
        "CHARSET", "CLEAR",           "CONNECT",   "EDIT",   "EGO",    "EXIT",   "GO",
        "NOPAGER", "NOTEE",           "NOWARNING", "PAGER",  "PRINT",  "PROMPT", "QUIT",
        "REHASH",  "RESETCONNECTION", "SOURCE",    "STATUS", "SYSTEM", "TEE",    "WARNINGS"};
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (lex_word_is(l, t, commands[i]))
            return true;
    return false;
}

static int unsupported(struct lexer *l, const struct token *t, size_t len)
{
    AUTO(mem_free) char *command = xstrndup(l->p + t->at, len);
    bool source = strcasecmp(command, "source") == 0 || str_equal(command, "\\.");
    AUTO(mem_free)
    char *what = xasprintf("'%s' is a command of the mysql client and is not supported", command);
    return refuse(l, t->at, what,
                  source ? "put the statements into this file, or make the other one a migration"
                         : "only SQL is sent to the server; DELIMITER, \\d, \\g and \\G are known");
}

int client_mysql(struct lexer *l, const struct token *t, size_t *end, char **delimiter)
{
    *delimiter = NULL;
    bool backslash = t->kind == TOKEN_BACKSLASH;
    int letter = backslash ? lex_at(l, t->end) : -1;
    int behind = lex_at(l, backslash ? t->end + 1 : t->end);
    if (letter == 'd' || (lex_word_is(l, t, "DELIMITER") && (behind <= ' '))) {
        *end = lex_line(l, t->at);
        return l->failed ? -1 : set_delimiter(l, t, t->end + backslash, *end, delimiter);
    }
    if (backslash)
        return unsupported(l, t, letter <= ' ' || letter > '~' ? 1 : 2);
    return is_command(l, t) && (behind <= ' ' || behind == ';') ? unsupported(l, t, t->end - t->at)
                                                                : 0;
}
