#include "migrate/version.h"

#include <string.h>

#include "lib/base/mem.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
    return c == '.' || c == '_';
}

bool version_valid(const char *text)
{
    if (!is_digit(*text))
        return false;
    for (const char *p = text; *p; p++)
        if (!is_digit(*p) && !(is_separator(*p) && is_digit(p[1])))
            return false;
    return true;
}

char *version_display(const char *text)
{
    char *display = xstrdup(text);
    for (char *p = display; *p; p++)
        if (*p == '_')
            *p = '.';
    return display;
}

/* The digits of the part at *at without leading zeros; *at moves behind its separator. */
static const char *next_part(const char **at, size_t *ret_len)
{
    const char *start = *at;
    while (*start == '0')
        start++;
    const char *end = start;
    while (*end && !is_separator(*end))
        end++;
    *ret_len = (size_t)(end - start);
    *at = *end ? end + 1 : end;
    return start;
}

/* Compares digit strings, so that no number is too large. Text that is no version (a damaged
 * history) still gets a place in a total order. */
int version_compare(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    while (*a || *b) {
        size_t len_a, len_b;
        const char *part_a = next_part(&a, &len_a), *part_b = next_part(&b, &len_b);
        if (len_a != len_b)
            return len_a < len_b ? -1 : 1;
        int order = memcmp(part_a, part_b, len_a);
        if (order)
            return order;
    }
    return 0;
}
