#include "lib/config/keys.h"

#include <string.h>

#include "lib/base/duration.h"
#include "lib/base/vec.h"
#include "lib/config/config.h"

static const char *const words_engine[] = {"postgres", "mysql", NULL};
static const char *const words_tls[] = {"disable", "prefer", "require", "verify-full", NULL};
static const char *const words_clean[] = {"refused", "allowed", NULL};

const struct key key_table[] = {
#define KEY(name_, type_, field_, doc_, ...)                                                       \
    {.name = name_,                                                                                \
     .type = type_,                                                                                \
     .offset = offsetof(struct config_target, field_),                                             \
     .doc = doc_,                                                                                  \
     __VA_ARGS__},
#include "lib/config/keys.def"
#undef KEY
    {.name = NULL},
};

const struct key key_top[] = {
    {.name = "version",
     .type = KEY_INT,
     .def = "1",
     .min = 1,
     .max = 1,
     .flags = KEY_PLAIN,
     .doc = "format of this file"},
    {.name = "project",
     .type = KEY_STRING,
     .flags = KEY_PLAIN,
     .absent = "none",
     .doc = "name of what the targets belong to"},
    {.name = "include",
     .type = KEY_LIST,
     .flags = KEY_PLAIN,
     .absent = "none",
     .doc = "further files; each may add targets, groups and defaults"},
    {.name = "defaults",
     .type = KEY_SECTION,
     .doc = "keys of a target; they hold for each target that does not say otherwise"},
    {.name = "targets", .type = KEY_SECTION, .doc = "the databases, by name"},
    {.name = "groups",
     .type = KEY_MAP,
     .flags = KEY_PLAIN,
     .absent = "none",
     .doc = "names for several targets: each a list of them"},
    {.name = NULL},
};

const char *key_type_name(enum key_type type)
{
    static const char *const names[] = {
        [KEY_STRING] = "string",   [KEY_SECRET] = "secret",     [KEY_BOOL] = "bool",
        [KEY_INT] = "int",         [KEY_DURATION] = "duration", [KEY_SIZE] = "size",
        [KEY_ENUM] = "enum",       [KEY_LIST] = "list",         [KEY_MAP] = "map",
        [KEY_SECTION] = "section",
    };
    return names[type];
}

const struct key *key_find(const struct key *table, const char *name)
{
    for (const struct key *key = table; key->name; key++)
        if (str_equal(key->name, name))
            return key;
    return NULL;
}

const struct key *key_find_secret(const char *name)
{
    for (const struct key *key = key_table; key->name; key++) {
        size_t n = strlen(key->name);
        if (key->type == KEY_SECRET && strncmp(key->name, name, n) == 0 &&
            (str_equal(name + n, "_file") || str_equal(name + n, "_command")))
            return key;
    }
    return NULL;
}

/* The part after "section." when the key is directly in the section, else NULL. */
static const char *name_within(const struct key *key, const char *section)
{
    const char *name = key->name;
    size_t n = strlen(section);
    if (n) {
        if (strncmp(name, section, n) != 0 || name[n] != '.')
            return NULL;
        name += n + 1;
    }
    return strchr(name, '.') ? NULL : name;
}

const char *key_closest(const struct key *table, const char *section, const char *name)
{
    VEC(const char *) names = VEC_INIT;
    const char *elsewhere = NULL;
    for (const struct key *key = table; key->name; key++) {
        const char *within = name_within(key, section);
        const char *last = strrchr(key->name, '.');
        if (within)
            *vec_add(&names) = within;
        if (str_equal(last ? last + 1 : key->name, name))
            elsewhere = key->name;
    }
    *vec_add(&names) = NULL;
    const char *closest = elsewhere ? elsewhere : str_closest(name, names.ptr);
    vec_free(&names);
    return closest;
}

static void add_number(struct str *out, const struct key *key, long long n)
{
    AUTO(mem_free)
    char *text = key->type == KEY_DURATION ? duration_ms_text(n)
                 : key->type == KEY_SIZE   ? size_text(n)
                                           : xasprintf("%lld", n);
    str_add(out, text);
}

void key_allowed(const struct key *key, struct str *out)
{
    if (key->type == KEY_BOOL)
        str_add(out, "true or false");
    for (size_t i = 0; key->words && key->words[i]; i++)
        str_addf(out, "%s%s", !i ? "" : key->words[i + 1] ? ", " : " or ", key->words[i]);
    if (key->min || key->max) {
        add_number(out, key, key->min);
        if (key->max != key->min) {
            str_add(out, " to ");
            add_number(out, key, key->max);
        }
    }
}

static bool parse_bool(const char *text, long long *ret)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON"};
    static const char *const no[] = {"false", "False", "FALSE", "no", "No",
                                     "NO",    "off",   "Off",   "OFF"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        if (str_equal(text, yes[i]) || str_equal(text, no[i])) {
            *ret = str_equal(text, yes[i]);
            return true;
        }
    }
    return false;
}

static bool parse_word(const struct key *key, const char *text, long long *ret)
{
    for (int i = 0; key->words[i]; i++) {
        if (str_equal(key->words[i], text)) {
            *ret = key->first_word + i;
            return true;
        }
    }
    return false;
}

/* The number as such, without the key's limits. */
static bool parse_number(const struct key *key, const char *text, long long *ret)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    if (key->type == KEY_DURATION)
        return duration_parse_ms(text, ret, &ignored);
    if (key->type == KEY_SIZE)
        return size_parse(text, ret, &ignored);
    return str_to_int(text, ret);
}

bool key_parse(const struct key *key, const char *text, long long *ret, struct str *why)
{
    static const char *const kinds[] = {
        [KEY_BOOL] = "a truth value",
        [KEY_INT] = "a whole number",
        [KEY_DURATION] = "a duration (such as 500ms, 30s or 1h30m)",
        [KEY_SIZE] = "a size (such as 512KiB or 16MiB)",
        [KEY_ENUM] = "known",
    };
    if (key->type != KEY_BOOL && key->type != KEY_ENUM && key->type != KEY_INT &&
        key->type != KEY_DURATION && key->type != KEY_SIZE)
        return true;
    long long n;
    bool known = key->type == KEY_BOOL   ? parse_bool(text, &n)
                 : key->type == KEY_ENUM ? parse_word(key, text, &n)
                                         : parse_number(key, text, &n);
    bool limited = key->min || key->max;
    if (known && (!limited || (n >= key->min && n <= key->max))) {
        *ret = n;
        return true;
    }
    if (known)
        str_add(why, "is out of range");
    else
        str_addf(why, "is not %s", kinds[key->type]);
    AUTO(str_free) struct str allowed = STR_INIT;
    key_allowed(key, &allowed);
    if (allowed.len)
        str_addf(why, "; allowed is %s", allowed.ptr);
    return false;
}
