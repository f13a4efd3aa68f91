/* JSON out and in (jansson). */
#ifndef DBOPS_DATA_JSON_H
#define DBOPS_DATA_JSON_H

#include <stdio.h>

#include "lib/base/error.h"
#include "lib/base/str.h"
#include "lib/data/value.h"

/* Writes v, indented by two blanks, keys in their order, and a newline. ERR_IO when out is full. */
bool json_write(const struct value *v, FILE *out, struct error *err) MUST_CHECK;

/* Appends v on one line, no newline. */
void json_line(const struct value *v, struct str *out);

/* Parses the whole of text; duplicates and trailing text are errors (ERR_DATA with the line). */
bool json_read(const char *text, size_t len, struct value **ret, struct error *err) MUST_CHECK;

#endif
