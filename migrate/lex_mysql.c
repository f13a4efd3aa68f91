#include "migrate/lex.h"

#include <string.h>

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* The client looks for the delimiter in front of everything else. One that is a word ("go") must
 * stand as a word. */
static size_t delimiter_at(struct lexer *l, size_t i)
{
    const char *d = l->delimiter;
    if (lex_at(l, i) != (unsigned char)d[0])
        return 0;
    size_t len = strlen(d);
    for (size_t k = 0; k < len; k++)
        if (lex_at(l, i + k) != (unsigned char)d[k])
            return 0;
    bool named = lex_is_word((unsigned char)d[0]) && lex_is_word((unsigned char)d[len - 1]);
    bool inside = named && i && lex_is_word((unsigned char)l->p[i - 1]);
    bool goes_on = named && lex_is_word(lex_at(l, i + len));
    return inside || goes_on ? 0 : i + len;
}

static struct token word(struct lexer *l, size_t at)
{
    size_t i = at;
    int c, first = (unsigned char)l->delimiter[0];
    while (c = lex_at(l, i), lex_is_word(c) || c == '$') {
        if (c == first && i > at && !l->executable && delimiter_at(l, i))
            break;
        i++;
    }
    return (struct token){is_digit(lex_at(l, at)) ? TOKEN_NUMBER : TOKEN_WORD, at, i, 0};
}

static struct token quoted(struct lexer *l, size_t at, int quote)
{
    bool name = quote == '`' || (quote == '"' && l->modes.ansi_quotes);
    size_t end = lex_quoted(l, at, true, !name && !l->modes.no_backslash_escapes);
    return end ? (struct token){name ? TOKEN_NAME : TOKEN_STRING, at, end, 0}
               : lex_unclosed(l, at, name ? "quoted name" : "string");
}

/* MySQL 8.0.32 and later: the body of a routine in another language, AS $tag$…$tag$. */
static bool dollar_quoted(struct lexer *l, size_t at, struct token *ret)
{
    size_t tag = at + 1;
    while (lex_is_word(lex_at(l, tag)))
        tag++;
    if (l->mariadb || !l->after_as || lex_at(l, tag) != '$')
        return false;
    AUTO(mem_free) char *mark = xstrndup(l->p + at, tag + 1 - at);
    size_t end = lex_find(l, tag + 1, mark, tag + 1 - at);
    *ret = end ? (struct token){TOKEN_STRING, at, end, 0}
               : lex_unclosed(l, at, "dollar-quoted string");
    return true;
}

/* Behind the mark of an executable comment that begins at i, or 0. mariadb-dump's first line,
 * "M!999999\- enable the sandbox mode", speaks to its client only. */
static size_t executable_mark(struct lexer *l, size_t i)
{
    size_t mark = i + 2;
    if (lex_at(l, mark) == 'M' && l->mariadb)
        mark++;
    if (lex_at(l, mark) != '!')
        return 0;
    mark++;
    for (unsigned digits = 0; digits < 6 && is_digit(lex_at(l, mark)); digits++)
        mark++;
    return lex_at(l, mark) == '\\' && lex_at(l, mark + 1) == '-' ? 0 : mark;
}

/* Comments do not nest here, but a plain one may stand in an executable one. */
static struct token block_comment(struct lexer *l, size_t at)
{
    size_t mark = l->executable ? 0 : executable_mark(l, at);
    if (mark) {
        l->executable = true;
        l->executable_at = at;
        return (struct token){TOKEN_OPAQUE, at, mark, 0};
    }
    size_t end = lex_find(l, at + 2, "*/", 2);
    if (!end)
        return lex_unclosed(l, at, "comment");
    return (struct token){lex_at(l, at + 2) == '+' ? TOKEN_OPAQUE : TOKEN_COMMENT, at, end, 0};
}

/* Two dashes want a blank, a control character or the end behind them; in front of a statement the
 * client takes any. */
static bool dash_comment(struct lexer *l, size_t i)
{
    int c = lex_at(l, i + 2);
    return lex_at(l, i + 1) == '-' && (c <= ' ' || c == 0x7F || l->fresh);
}

static struct token backslash(struct lexer *l, size_t i)
{
    int c = lex_at(l, i + 1);
    if (c == 'N') /* NULL */
        return (struct token){TOKEN_STRING, i, i + 2, 0};
    if ((c == 'g' || c == 'G') && !l->executable)
        return (struct token){TOKEN_DELIMITER, i, i + 2, 0};
    return (struct token){TOKEN_BACKSLASH, i, i + 1, 0};
}

static struct token symbol(struct lexer *l, size_t i, int c)
{
    int next = lex_at(l, i + 1);
    if (c == '#' || (c == '-' && dash_comment(l, i)))
        return (struct token){TOKEN_COMMENT, i, lex_line(l, i), 0};
    if (c == '/' && next == '*')
        return block_comment(l, i);
    if (c == '*' && next == '/' && l->executable) {
        l->executable = false;
        return (struct token){TOKEN_OPAQUE, i, i + 2, 0};
    }
    if (c == ':' && next == '=')
        return (struct token){TOKEN_SYMBOL, i, i + 2, '='};
    return (struct token){TOKEN_SYMBOL, i, i + 1, (char)c};
}

static struct token token_at(struct lexer *l, size_t i)
{
    int c = lex_at(l, i);
    if (c < 0)
        return l->executable ? lex_unclosed(l, l->executable_at, "executable comment")
                             : (struct token){TOKEN_END, i, i, 0};
    size_t end = l->executable ? 0 : delimiter_at(l, i);
    struct token t;
    if (end)
        return (struct token){TOKEN_DELIMITER, i, end, 0};
    if (c == '$' && dollar_quoted(l, i, &t))
        return t;
    if (lex_is_word(c) || c == '$')
        return word(l, i);
    if (c == '\'' || c == '"' || c == '`')
        return quoted(l, i, c);
    return c == '\\' ? backslash(l, i) : symbol(l, i, c);
}

struct token lex_mysql(struct lexer *l)
{
    struct token t = token_at(l, lex_blanks(l, l->at));
    if (t.kind != TOKEN_COMMENT)
        l->after_as = lex_word_is(l, &t, "AS");
    l->at = t.end;
    return t;
}
