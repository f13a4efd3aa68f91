#include "migrate/lex.h"

#include <string.h>
#include <strings.h>

const bool lex_word_bytes[256] = {
    ['a' ... 'z'] = true, ['A' ... 'Z'] = true,   ['0' ... '9'] = true,
    ['_'] = true,         [0x80 ... 0xFF] = true,
};

int lex_more(struct lexer *l, size_t i)
{
    while (i >= l->n && l->text && !l->failed) {
        int rc = text_fill(l->text, l->err);
        l->p = text_window(l->text, &l->n);
        l->failed = rc < 0;
        if (rc <= 0)
            break;
    }
    return i < l->n && !l->failed ? (unsigned char)l->p[i] : -1;
}

size_t lex_line(struct lexer *l, size_t i)
{
    while (lex_at(l, i) >= 0) {
        const char *hit = memchr(l->p + i, '\n', l->n - i);
        if (hit)
            return (size_t)(hit - l->p);
        i = l->n;
    }
    return i;
}

size_t lex_blanks(struct lexer *l, size_t i)
{
    for (;; i++) {
        int c = lex_at(l, i);
        if (c != ' ' && (c < '\t' || c > '\r'))
            return i;
    }
}

size_t lex_quoted(struct lexer *l, size_t i, bool doubled, bool escapes)
{
    char quote = l->p[i++];
    while (lex_at(l, i) >= 0) {
        const char *p = l->p + i, *end = l->p + l->n;
        if (escapes)
            while (p < end && *p != quote && *p != '\\')
                p++;
        else if (!(p = memchr(p, quote, (size_t)(end - p))))
            p = end;
        i = (size_t)(p - l->p);
        if (p == end)
            continue;
        bool escape = escapes && *p == '\\';
        if (!escape && !(doubled && lex_at(l, i + 1) == (unsigned char)quote))
            return i + 1;
        i += 2;
    }
    return 0;
}

size_t lex_find(struct lexer *l, size_t i, const char *what, size_t len)
{
    while (lex_at(l, i + len - 1) >= 0) {
        const char *hit = memmem(l->p + i, l->n - i, what, len);
        if (hit)
            return (size_t)(hit - l->p) + len;
        i = l->n - len + 1;
    }
    return 0;
}

char *lex_place(const struct lexer *l, size_t i)
{
    struct text_place place = {0, 1, 1};
    if (l->text)
        place = text_place_of(l->text, l->base + i);
    return xasprintf("%s:%u:%u", l->name, place.line, place.column);
}

struct token lex_unclosed(struct lexer *l, size_t i, const char *what)
{
    if (!l->failed && l->err) {
        AUTO(mem_free) char *place = lex_place(l, i);
        error_set(l->err, ERR_DATA, "%s: the %s that begins here is not closed", place, what);
    }
    l->failed = true;
    return (struct token){TOKEN_END, l->n, l->n, 0};
}

bool lex_word_rest(const struct lexer *l, const struct token *t, const char *word)
{
    size_t len = t->end - t->at;
    return strncasecmp(l->p + t->at, word, len) == 0 && !word[len];
}
