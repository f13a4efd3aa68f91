#include "migrate/lex.h"

#include <string.h>

static bool is_word_start(int c)
{
    return lex_is_word(c) && !(c >= '0' && c <= '9');
}

static size_t word_end(struct lexer *l, size_t i)
{
    int c;
    while (c = lex_at(l, i), lex_is_word(c) || c == '$')
        i++;
    return i;
}

static size_t number_end(struct lexer *l, size_t i)
{
    int c;
    while (c = lex_at(l, i), lex_is_word(c) || c == '.')
        i++;
    return i;
}

/* The server ends such a comment also at a lone \r. */
static size_t line_comment_end(struct lexer *l, size_t i)
{
    int c;
    while (c = lex_at(l, i), c >= 0 && c != '\n' && c != '\r')
        i++;
    return i;
}

/* A literal goes on when the next one stands on another line, with blanks and line comments between
 * them, and then keeps its escapes (scan.l: quotecontinue). The place of that quote, or 0. */
static size_t continued(struct lexer *l, size_t i)
{
    bool newline = false;
    for (;;) {
        int c = lex_at(l, i);
        if (c == '\n' || c == '\r')
            newline = true;
        if (c == '-' && lex_at(l, i + 1) == '-')
            i = line_comment_end(l, i);
        else if (c == ' ' || c == '\t' || c == '\f' || c == '\n' || c == '\r')
            i++;
        else
            return c == '\'' && newline ? i : 0;
    }
}

static struct token string(struct lexer *l, size_t at, size_t quote, bool doubled, bool escapes)
{
    struct token t = {TOKEN_STRING, at, 0, 0};
    for (;;) {
        t.end = lex_quoted(l, quote, doubled, escapes);
        if (!t.end)
            return lex_unclosed(l, at, "string");
        quote = at == quote ? 0 : continued(l, t.end); /* without prefix all parts are alike */
        if (!quote)
            return t;
    }
}

static struct token quoted_name(struct lexer *l, size_t at, size_t quote)
{
    size_t end = lex_quoted(l, quote, true, false);
    return end ? (struct token){TOKEN_NAME, at, end, 0} : lex_unclosed(l, at, "quoted name");
}

static struct token word(struct lexer *l, size_t i)
{
    int first = lex_at(l, i) | 0x20, next = lex_at(l, i + 1);
    if (next == '\'' && first == 'e')
        return string(l, i, i + 1, true, true);
    if (next == '\'' && (first == 'b' || first == 'x'))
        return string(l, i, i + 1, false, false);
    if (next == '\'' && first == 'n')
        return string(l, i, i + 1, true, !l->modes.standard_strings);
    if (next == '&' && first == 'u') {
        int quote = lex_at(l, i + 2);
        if (quote == '\'')
            return string(l, i, i + 2, true, false);
        if (quote == '"')
            return quoted_name(l, i, i + 2);
    }
    return (struct token){TOKEN_WORD, i, word_end(l, i), 0};
}

/* $$…$$ and $tag$…$tag$; $1 is a parameter, and a lone $ is nothing. */
static struct token dollar(struct lexer *l, size_t i)
{
    size_t tag = i + 1;
    int c = lex_at(l, tag);
    if (c >= '0' && c <= '9') {
        while (c = lex_at(l, tag), c >= '0' && c <= '9')
            tag++;
        return (struct token){TOKEN_NUMBER, i, tag, 0};
    }
    while (lex_is_word(lex_at(l, tag)))
        tag++;
    if (lex_at(l, tag) != '$')
        return (struct token){TOKEN_SYMBOL, i, i + 1, '$'};
    AUTO(mem_free) char *mark = xstrndup(l->p + i, tag + 1 - i);
    size_t end = lex_find(l, tag + 1, mark, tag + 1 - i);
    return end ? (struct token){TOKEN_STRING, i, end, 0}
               : lex_unclosed(l, i, "dollar-quoted string");
}

/* Comments nest. */
static struct token block_comment(struct lexer *l, size_t at)
{
    size_t i = at + 2;
    for (unsigned depth = 1; depth;) {
        int c = lex_at(l, i);
        if (c < 0)
            return lex_unclosed(l, at, "comment");
        if (c == '*' && lex_at(l, i + 1) == '/') {
            depth--;
            i += 2;
        } else if (c == '/' && lex_at(l, i + 1) == '*') {
            depth++;
            i += 2;
        } else {
            i++;
        }
    }
    return (struct token){TOKEN_COMMENT, at, i, 0};
}

static struct token symbol(struct lexer *l, size_t i, int c)
{
    int next = lex_at(l, i + 1);
    if (c == '-' && next == '-')
        return (struct token){TOKEN_COMMENT, i, line_comment_end(l, i), 0};
    if (c == '/' && next == '*')
        return block_comment(l, i);
    enum token_kind kind = c == ';' ? TOKEN_DELIMITER : c == '\\' ? TOKEN_BACKSLASH : TOKEN_SYMBOL;
    return (struct token){kind, i, i + 1, (char)c};
}

static struct token token_at(struct lexer *l, size_t i)
{
    int c = lex_at(l, i);
    if (c < 0)
        return (struct token){TOKEN_END, i, i, 0};
    if (is_word_start(c))
        return word(l, i);
    if (c >= '0' && c <= '9')
        return (struct token){TOKEN_NUMBER, i, number_end(l, i), 0};
    if (c == '\'')
        return string(l, i, i, true, !l->modes.standard_strings);
    if (c == '"')
        return quoted_name(l, i, i);
    if (c == '$')
        return dollar(l, i);
    return symbol(l, i, c);
}

struct token lex_postgres(struct lexer *l)
{
    struct token t = token_at(l, lex_blanks(l, l->at));
    l->at = t.end;
    return t;
}
