#include "migrate/excerpt.h"

#include <string.h>

enum { BEFORE = 70, AFTER = 50 }; /* characters shown on each side of the caret */

/* Bytes of line `wanted` (from 1), without its terminator. */
static bool read_line(struct text *text, unsigned wanted, struct str *line)
{
    char piece[4096];
    unsigned current = 1;
    struct error ignored = ERROR_INIT;
    ssize_t n;
    while ((n = text_read(text, piece, sizeof piece, &ignored)) > 0) {
        const char *p = piece, *end = piece + n;
        while (p < end) {
            const char *stop = memchr(p, '\n', (size_t)(end - p));
            size_t len = (size_t)((stop ? stop : end) - p);
            if (current == wanted)
                str_addn(line, p, len);
            if (!stop)
                break;
            if (current++ == wanted)
                return true;
            p = stop + 1;
        }
    }
    error_free(&ignored);
    return current == wanted;
}

/* The byte at which character `n` (from 0) begins. */
static size_t byte_of_character(const char *text, size_t n)
{
    size_t at = 0;
    while (text[at] && n) {
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
        n--;
    }
    return at;
}

static void show(const struct str *line, unsigned column, struct str *out)
{
    size_t before = column ? column - 1 : 0;
    size_t skip = before > BEFORE ? before - BEFORE : 0;
    size_t first = byte_of_character(line->ptr, skip);
    size_t last = byte_of_character(line->ptr, before + AFTER);
    size_t caret = byte_of_character(line->ptr, before);
    str_addf(out, "    %s%.*s%s\n    %s", skip ? "…" : "", (int)(last - first), line->ptr + first,
             last < line->len ? "…" : "", skip ? " " : "");
    for (size_t i = first; i < caret; i++) {
        unsigned char c = (unsigned char)line->ptr[i];
        if ((c & 0xC0) != 0x80)
            str_addc(out, c == '\t' ? '\t' : ' ');
    }
    str_addc(out, '^');
}

char *excerpt(const char *path, const char *encoding, bool detect_encoding, struct text_place place)
{
    struct text_options options = {.encoding = encoding, .detect_encoding = detect_encoding};
    struct error ignored = ERROR_INIT;
    AUTO(text_close) struct text *text = text_open(path, &options, &ignored);
    AUTO(str_free) struct str line = STR_INIT;
    error_free(&ignored);
    if (!text || !place.line || !read_line(text, place.line, &line))
        return NULL;
    while (line.len && line.ptr[line.len - 1] == '\r')
        str_cut(&line, line.len - 1);
    struct str out = STR_INIT;
    show(&line, place.column, &out);
    return str_take(&out);
}
