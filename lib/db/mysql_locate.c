#include <stdlib.h>
#include <string.h>

#include "lib/db/impl.h"

/* "… at line 12" at the very end. */
static unsigned line_of(const char *message)
{
    static const char words[] = " at line ";
    const char *last = NULL;
    for (const char *at = message; (at = strstr(at, words)); at++)
        last = at;
    unsigned long long line = 0;
    return last && str_to_uint(last + strlen(words), &line) && line < 1U << 31 ? (unsigned)line : 0;
}

static size_t characters(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* The only place on that line where text begins, as an offset; len when there is none or more. */
static size_t find_on_line(const char *sql, size_t len, unsigned line, const char *text, size_t n)
{
    size_t at = 0, found = len;
    for (; line > 1 && at < len; at++)
        line -= sql[at] == '\n';
    for (; at < len && sql[at] != '\n'; at++) {
        if (len - at < n || memcmp(sql + at, text, n) != 0)
            continue;
        if (found != len)
            return len;
        found = at;
    }
    return found;
}

void mysql_locate(const char *message, const char *sql, size_t len, unsigned *ret_line,
                  size_t *ret_position)
{
    static const char near_words[] = " near '";
    *ret_line = line_of(message);
    *ret_position = 0;
    const char *near = strstr(message, near_words);
    const char *end = NULL;
    if (!near || !*ret_line)
        return;
    near += strlen(near_words);
    for (const char *at = near; (at = strstr(at, "' at line ")); at++)
        end = at;
    if (!end || end == near)
        return;
    size_t n = (size_t)(end - near);
    size_t at = find_on_line(sql, len, *ret_line, near, n);
    if (at == len && n > 3 && memcmp(end - 3, "...", 3) == 0) /* MariaDB cuts a long text so */
        at = find_on_line(sql, len, *ret_line, near, n - 3);
    if (at < len)
        *ret_position = characters(sql, at) + 1;
}
