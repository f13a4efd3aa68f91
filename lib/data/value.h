/* A tree of values: what commands print and what configuration files hold. */
#ifndef DBOPS_DATA_VALUE_H
#define DBOPS_DATA_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/mem.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_REAL,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_MAP, /* keeps the order of insertion */
};

struct value;

/* Each gives a new value owned by the caller until it is put into a list or map. */
struct value *value_null(void);
struct value *value_bool(bool b);
struct value *value_int(long long n);
struct value *value_real(double d);
struct value *value_string(const char *s); /* copies; NULL gives a null value */
struct value *value_list(void);
struct value *value_map(void);
void value_free(struct value *v);
AUTO_POINTER(value_free, struct value)

/* Puts item into the list or map, which owns it from here. A key set again is replaced. */
void value_add(struct value *list, struct value *item);
void value_set(struct value *map, const char *key, struct value *item);

enum value_kind value_kind(const struct value *v);
bool value_as_bool(const struct value *v);          /* false unless VALUE_BOOL true */
long long value_as_int(const struct value *v);      /* 0 unless VALUE_INT */
double value_as_real(const struct value *v);        /* 0 unless VALUE_REAL or VALUE_INT */
const char *value_as_string(const struct value *v); /* NULL unless VALUE_STRING */
size_t value_len(const struct value *v);            /* entries of a list or map, else 0 */
const struct value *value_at(const struct value *v, size_t i); /* i-th entry, NULL outside */
const char *value_key_at(const struct value *map, size_t i);   /* NULL outside */
const struct value *value_get(const struct value *map, const char *key); /* NULL if absent */

/* Text of a scalar as a person reads it ("", "true", "42", …); owned by the caller. */
char *value_text(const struct value *v);

#endif
