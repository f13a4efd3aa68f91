/* Growing text. Always ended by NUL; `ptr` is never NULL ("" when empty). */
#ifndef DBOPS_BASE_STR_H
#define DBOPS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/mem.h"

extern char str_empty[]; /* the shared "" of a fresh str; never written */

struct str {
    char *ptr;
    size_t len, cap;
};
#define STR_INIT                                                                                   \
    {                                                                                              \
        str_empty, 0, 0                                                                            \
    }

void str_free(struct str *s); /* empty again, usable again */
AUTO_VALUE(str_free, struct str)

void str_clear(struct str *s);                 /* length 0, memory kept */
void str_reserve(struct str *s, size_t extra); /* room for `extra` more bytes */
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const char *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
void str_cut(struct str *s, size_t len); /* shorten to len bytes */
char *str_take(struct str *s);           /* hand over as a heap string; s is empty again */

/* Small questions about plain strings. NULL equals only NULL. */
bool str_equal(const char *a, const char *b);
bool str_equal_nocase(const char *a, const char *b); /* ASCII */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* Whole text as a number: no sign unless negative is allowed, no blanks, no rest. */
bool str_to_uint(const char *s, unsigned long long *ret);
bool str_to_int(const char *s, long long *ret);

/* The entry of names (ended by NULL) closest to word, or NULL when none is close enough to be
 * worth a "did you mean" (Damerau-Levenshtein distance up to a third of its length, at least 1). */
const char *str_closest(const char *word, const char *const names[]);

/* Appends text with each byte that is no part of well-formed UTF-8 replaced by U+FFFD. */
void str_add_utf8(struct str *s, const char *text);

/* True when the n bytes are well-formed UTF-8 (no surrogates, no overlong forms). */
bool str_is_utf8(const char *bytes, size_t n);

#endif
