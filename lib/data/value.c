#include "lib/data/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/vec.h"

struct entry {
    char *key; /* NULL in a list */
    struct value *item;
};

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        long long integer;
        double real;
        char *string;
        VEC(struct entry) entries;
    };
};

static struct value *value_new(enum value_kind kind)
{
    struct value *v = xcalloc(1, sizeof *v);
    v->kind = kind;
    return v;
}

struct value *value_null(void)
{
    return value_new(VALUE_NULL);
}

struct value *value_bool(bool b)
{
    struct value *v = value_new(VALUE_BOOL);
    v->boolean = b;
    return v;
}

struct value *value_int(long long n)
{
    struct value *v = value_new(VALUE_INT);
    v->integer = n;
    return v;
}

struct value *value_real(double d)
{
    struct value *v = value_new(VALUE_REAL);
    v->real = d;
    return v;
}

struct value *value_string(const char *s)
{
    if (!s)
        return value_null();
    struct value *v = value_new(VALUE_STRING);
    v->string = xstrdup(s);
    return v;
}

struct value *value_list(void)
{
    return value_new(VALUE_LIST);
}

struct value *value_map(void)
{
    return value_new(VALUE_MAP);
}

static bool has_entries(const struct value *v)
{
    return v && (v->kind == VALUE_LIST || v->kind == VALUE_MAP);
}

void value_free(struct value *v)
{
    if (!v)
        return;
    if (v->kind == VALUE_STRING)
        free(v->string);
    if (has_entries(v)) {
        for (size_t i = 0; i < v->entries.len; i++) {
            free(v->entries.ptr[i].key);
            value_free(v->entries.ptr[i].item);
        }
        vec_free(&v->entries);
    }
    free(v);
}

static struct entry *find(const struct value *map, const char *key)
{
    if (!map || map->kind != VALUE_MAP)
        return NULL;
    for (size_t i = 0; i < map->entries.len; i++)
        if (strcmp(map->entries.ptr[i].key, key) == 0)
            return &map->entries.ptr[i];
    return NULL;
}

void value_add(struct value *list, struct value *item)
{
    *vec_add(&list->entries) = (struct entry){NULL, item};
}

void value_set(struct value *map, const char *key, struct value *item)
{
    struct entry *old = find(map, key);
    if (old) {
        value_free(old->item);
        old->item = item;
        return;
    }
    *vec_add(&map->entries) = (struct entry){xstrdup(key), item};
}

enum value_kind value_kind(const struct value *v)
{
    return v ? v->kind : VALUE_NULL;
}

bool value_as_bool(const struct value *v)
{
    return value_kind(v) == VALUE_BOOL && v->boolean;
}

long long value_as_int(const struct value *v)
{
    return value_kind(v) == VALUE_INT ? v->integer : 0;
}

double value_as_real(const struct value *v)
{
    return value_kind(v) == VALUE_REAL ? v->real : (double)value_as_int(v);
}

const char *value_as_string(const struct value *v)
{
    return value_kind(v) == VALUE_STRING ? v->string : NULL;
}

size_t value_len(const struct value *v)
{
    return has_entries(v) ? v->entries.len : 0;
}

const struct value *value_at(const struct value *v, size_t i)
{
    return i < value_len(v) ? v->entries.ptr[i].item : NULL;
}

const char *value_key_at(const struct value *map, size_t i)
{
    return i < value_len(map) ? map->entries.ptr[i].key : NULL;
}

const struct value *value_get(const struct value *map, const char *key)
{
    const struct entry *e = find(map, key);
    return e ? e->item : NULL;
}

char *value_text(const struct value *v)
{
    switch (value_kind(v)) {
    case VALUE_BOOL:
        return xstrdup(v->boolean ? "true" : "false");
    case VALUE_INT:
        return xasprintf("%lld", v->integer);
    case VALUE_REAL:
        return xasprintf("%.15g", v->real);
    case VALUE_STRING:
        return xstrdup(v->string);
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
        break;
    }
    return xstrdup("");
}
