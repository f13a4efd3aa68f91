#include "lib/data/json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

enum { DIGITS = 15 }; /* of reals: what a double always holds exactly */

static json_t *to_json(const struct value *v);

static json_t *string_to_json(const char *text)
{
    AUTO(str_free) struct str clean = STR_INIT;
    str_add_utf8(&clean, text);
    return json_stringn(clean.ptr, clean.len);
}

static json_t *entries_to_json(const struct value *v, json_t *into)
{
    for (size_t i = 0; i < value_len(v); i++) {
        json_t *item = to_json(value_at(v, i));
        const char *key = value_key_at(v, i);
        if (key)
            json_object_set_new_nocheck(into, key, item);
        else
            json_array_append_new(into, item);
    }
    return into;
}

static json_t *to_json(const struct value *v)
{
    switch (value_kind(v)) {
    case VALUE_BOOL:
        return json_boolean(value_as_bool(v));
    case VALUE_INT:
        return json_integer(value_as_int(v));
    case VALUE_REAL:
        return isfinite(value_as_real(v)) ? json_real(value_as_real(v)) : json_null();
    case VALUE_STRING:
        return string_to_json(value_as_string(v));
    case VALUE_LIST:
        return entries_to_json(v, json_array());
    case VALUE_MAP:
        return entries_to_json(v, json_object());
    case VALUE_NULL:
        break;
    }
    return json_null();
}

static int to_file(const char *bytes, size_t n, void *out)
{
    return fwrite(bytes, 1, n, out) == n ? 0 : -1;
}

bool json_write(const struct value *v, FILE *out, struct error *err)
{
    json_t *tree = to_json(v);
    size_t flags = JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS);
    bool written = json_dump_callback(tree, to_file, out, flags) == 0 && fputc('\n', out) != EOF;
    json_decref(tree);
    return written || error_set(err, ERR_IO, "cannot write JSON: %s", strerror(errno));
}

static int to_str(const char *bytes, size_t n, void *out)
{
    str_addn(out, bytes, n);
    return 0;
}

void json_line(const struct value *v, struct str *out)
{
    json_t *tree = to_json(v);
    json_dump_callback(tree, to_str, out,
                       JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS));
    json_decref(tree);
}

static struct value *from_json(json_t *json)
{
    struct value *v;
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        v = value_map();
        for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at))
            value_set(v, json_object_iter_key(at), from_json(json_object_iter_value(at)));
        return v;
    case JSON_ARRAY:
        v = value_list();
        for (size_t i = 0; i < json_array_size(json); i++)
            value_add(v, from_json(json_array_get(json, i)));
        return v;
    case JSON_STRING:
        return value_string(json_string_value(json));
    case JSON_INTEGER:
        return value_int(json_integer_value(json));
    case JSON_REAL:
        return value_real(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_bool(json_is_true(json));
    case JSON_NULL:
        break;
    }
    return value_null();
}

bool json_read(const char *text, size_t len, struct value **ret, struct error *err)
{
    json_error_t problem;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!json)
        return error_set(err, ERR_DATA, "line %d, column %d: %s", problem.line, problem.column,
                         problem.text);
    *ret = from_json(json);
    json_decref(json);
    return true;
}
