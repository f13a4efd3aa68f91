#include "lib/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char str_empty[] = "";

void str_free(struct str *s)
{
    if (s->cap)
        free(s->ptr);
    *s = (struct str)STR_INIT;
}

void str_clear(struct str *s)
{
    str_cut(s, 0);
}

void str_cut(struct str *s, size_t len)
{
    if (len >= s->len)
        return;
    s->len = len;
    s->ptr[len] = '\0';
}

void str_reserve(struct str *s, size_t extra)
{
    size_t need = s->len + extra + 1;
    if (need <= s->cap)
        return;
    size_t cap = s->cap ? s->cap : 32;
    while (cap < need)
        cap *= 2;
    s->ptr = xrealloc(s->cap ? s->ptr : NULL, cap, 1);
    if (!s->cap)
        s->ptr[0] = '\0';
    s->cap = cap;
}

void str_addn(struct str *s, const char *bytes, size_t n)
{
    if (!n)
        return;
    str_reserve(s, n);
    memcpy(s->ptr + s->len, bytes, n);
    s->len += n;
    s->ptr[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
    str_addn(s, &c, 1);
}

void str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    size_t room = s->cap ? s->cap - s->len : 0;
    int n = vsnprintf(room ? s->ptr + s->len : NULL, room, fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n >= room) {
        str_reserve(s, (size_t)n);
        vsnprintf(s->ptr + s->len, (size_t)n + 1, fmt, again);
    }
    if (n > 0)
        s->len += (size_t)n;
    va_end(again);
}

char *str_take(struct str *s)
{
    char *text = s->cap ? s->ptr : xstrdup("");
    *s = (struct str)STR_INIT;
    return text;
}

bool str_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_equal_nocase(const char *a, const char *b)
{
    return a == b || (a && b && strcasecmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
    size_t len = strlen(s), tail = strlen(suffix);
    return len >= tail && strcmp(s + len - tail, suffix) == 0;
}

bool str_to_uint(const char *s, unsigned long long *ret)
{
    if (*s < '0' || *s > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long long n = strtoull(s, &end, 10);
    if (errno || *end)
        return false;
    *ret = n;
    return true;
}

bool str_to_int(const char *s, long long *ret)
{
    const char *digits = *s == '-' ? s + 1 : s;
    if (*digits < '0' || *digits > '9')
        return false;
    char *end;
    errno = 0;
    long long n = strtoll(s, &end, 10);
    if (errno || *end)
        return false;
    *ret = n;
    return true;
}

enum { WORD_MAX_ = 48 };

/* Damerau-Levenshtein: typos are mostly one wrong, missing, extra or swapped letter. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la > WORD_MAX_ || lb > WORD_MAX_)
        return WORD_MAX_;
    size_t d[WORD_MAX_ + 1][WORD_MAX_ + 1];
    for (size_t i = 0; i <= la; i++) {
        for (size_t j = 0; j <= lb; j++) {
            if (!i || !j) {
                d[i][j] = i + j;
                continue;
            }
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[la][lb];
}

const char *str_closest(const char *word, const char *const names[])
{
    const char *best = NULL;
    size_t limit = strlen(word) / 3 > 1 ? strlen(word) / 3 : 1;
    size_t best_distance = limit + 1;
    for (size_t i = 0; names[i]; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}

/* Length of the well-formed sequence at p (0 when malformed); table 3-7 of the Unicode standard. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
                 : p[0] >= 0xE0 && p[0] <= 0xEF ? 3
                 : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                                : 0;
    if (!len || len > n)
        return 0;
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (p[i] < 0x80 || p[i] > 0xBF)
            return 0;
    return len;
}

bool str_is_utf8(const char *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    while (n) {
        size_t len = utf8_sequence(p, n);
        if (!len)
            return false;
        p += len;
        n -= len;
    }
    return true;
}

void str_add_utf8(struct str *s, const char *text)
{
    size_t left = strlen(text);
    while (left) {
        size_t len = utf8_sequence((const unsigned char *)text, left);
        if (len)
            str_addn(s, text, len);
        else
            str_add(s, "\xEF\xBF\xBD");
        text += len ? len : 1;
        left -= len ? len : 1;
    }
}
