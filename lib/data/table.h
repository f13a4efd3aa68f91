/* Aligned tables for people (libsmartcols). */
#ifndef DBOPS_DATA_TABLE_H
#define DBOPS_DATA_TABLE_H

#include <stdio.h>

#include "lib/base/error.h"
#include "lib/data/value.h"

struct table_column {
    const char *key;   /* of the row's map */
    const char *title; /* heading */
    bool right;        /* numbers */
    bool shrink;       /* truncated with … first when the terminal is too narrow */
};

/* Prints rows (a list of maps), one line each, under a heading. width: columns of the terminal, 0
 * for plain output that is never truncated. Control characters are shown escaped. */
bool table_write(const struct value *rows, const struct table_column columns[], size_t n,
                 size_t width, FILE *out, struct error *err) MUST_CHECK;

#endif
