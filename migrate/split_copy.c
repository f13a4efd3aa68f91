#include "migrate/split_copy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct copy_data *c, struct lexer *l)
{
    if (!l->failed) {
        error_set(l->err, ERR_DATA,
                  "%s: no line \"\\.\" ends the data of the COPY that begins here", c->place);
        error_hint(l->err, "put \"\\.\" on a line of its own behind the last row");
    }
    l->failed = true;
    return false;
}

bool copy_open(struct copy_data *c, struct lexer *l, size_t i, size_t *data)
{
    free(c->place);
    c->place = lex_place(l, 0);
    c->open = c->line_begin = true;
    c->ready = 0;
    size_t end = lex_line(l, i);
    for (l->at = i; l->at < end && !l->failed;) {
        struct token t = lex_postgres(l);
        bool harmless = t.kind == TOKEN_COMMENT || t.kind == TOKEN_DELIMITER || t.at >= end;
        if (!l->failed && (!harmless || (t.at < end && t.end > end))) {
            AUTO(mem_free) char *place = lex_place(l, t.at);
            l->failed = true;
            return error_set(l->err, ERR_DATA,
                             "%s: nothing but a comment may follow COPY … FROM STDIN on its line",
                             place);
        }
    }
    *data = end + 1;
    return (!l->failed && lex_at(l, end) == '\n') || fail(c, l);
}

typedef char lanes __attribute__((vector_size(16)));

static lanes load(const char *p)
{
    lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The first \n\. in n bytes, or n. */
static size_t find_end(const char *p, size_t n)
{
    size_t i = 0;
    for (; i + sizeof(lanes) + 2 <= n; i += sizeof(lanes)) {
        lanes hit = (load(p + i) == '\n') & (load(p + i + 1) == '\\') & (load(p + i + 2) == '.');
        uint64_t halves[2];
        memcpy(halves, &hit, sizeof halves);
        if (halves[0] | halves[1])
            break;
    }
    for (; i + 2 < n; i++)
        if (p[i] == '\n' && p[i + 1] == '\\' && p[i + 2] == '.')
            return i;
    return n;
}

/* Behind a line "\." that begins at i, or 0. The last line needs no end. */
static size_t end_line(struct lexer *l, size_t i)
{
    if (lex_at(l, i) != '\\' || lex_at(l, i + 1) != '.')
        return 0;
    i += 2;
    i += lex_at(l, i) == '\r';
    int c = lex_at(l, i);
    return c == '\n' ? i + 1 : c < 0 ? i : 0;
}

bool copy_scan(struct copy_data *c, struct lexer *l, size_t *end)
{
    *end = 0;
    if (lex_at(l, 0) < 0)
        return fail(c, l);
    size_t marker = c->line_begin ? end_line(l, 0) : 0;
    if (l->failed)
        return false;
    if (marker) {
        c->open = false;
        *end = marker;
        return true;
    }
    for (size_t i = 0;;) {
        i += find_end(l->p + i, l->n - i);
        if (i == l->n) {
            bool half = i >= 2 && l->p[i - 2] == '\n' && l->p[i - 1] == '\\';
            c->ready = half ? i - 1 : i;
            return true;
        }
        marker = end_line(l, i + 1);
        if (l->failed)
            return false;
        i++;
        if (marker) {
            c->ready = i;
            return true;
        }
    }
}
