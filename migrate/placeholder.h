/* Finding placeholders in text that comes in pieces. */
#ifndef DBOPS_MIGRATE_PLACEHOLDER_H
#define DBOPS_MIGRATE_PLACEHOLDER_H

#include "migrate/text.h"

enum placeholder_scan {
    PLACEHOLDER_NONE,  /* all bytes are plain text */
    PLACEHOLDER_MORE,  /* those before `at` are; the rest cannot be judged without what follows */
    PLACEHOLDER_FOUND, /* a placeholder with a value stands at `at` */
    PLACEHOLDER_WRONG, /* one without a value, or one that never ends */
};

struct placeholder_match {
    size_t at, len;   /* len: with prefix and suffix; 0 when it never ends */
    const char *name; /* not ended by NUL */
    size_t name_len;
    const char *value;
};

/* Looks at n bytes; last: nothing follows them. p may be NULL or switched off. */
enum placeholder_scan placeholder_scan(const struct placeholders *p, const char *bytes, size_t n,
                                       bool last, struct placeholder_match *ret);

/* Sets the error for a PLACEHOLDER_WRONG, found at `where` ("V1__a.sql:3:7"); false. */
bool placeholder_error(const struct placeholders *p, const struct placeholder_match *match,
                       const char *where, struct error *err);

#endif
