/* The table of keys: what may stand in dbops.yaml. Checking, binding, `config show`, the JSON
 * Schema and dbops.yaml(5) all read it. */
#ifndef DBOPS_CONFIG_KEYS_H
#define DBOPS_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/str.h"

enum key_type {
    KEY_STRING,
    KEY_SECRET, /* also as NAME_file and NAME_command */
    KEY_BOOL,
    KEY_INT,
    KEY_DURATION, /* milliseconds */
    KEY_SIZE,     /* bytes */
    KEY_ENUM,
    KEY_LIST,    /* of strings; one alone needs no brackets */
    KEY_MAP,     /* of strings */
    KEY_SECTION, /* a map of further keys of the table */
};

enum {
    KEY_REQUIRED = 1, /* every target needs it */
    KEY_PATH = 2,     /* a relative one starts in the folder of the file that names it */
    KEY_PLAIN = 4,    /* is needed before variables are: ${…} is refused */
};

struct key {
    const char *name; /* dotted, within a target; or at the top of the file */
    enum key_type type;
    size_t offset;        /* of the field in struct config_target */
    const char *def;      /* the default as it would stand in the file; lists: comma-separated */
    const char *absent;   /* without a default: what then happens, for people */
    const char *fallback; /* the key whose value is taken when this one has none */
    long long min, max;   /* numbers; both 0: no limits */
    const char *const *words; /* enumerations, ended by NULL */
    int first_word;           /* value of words[0] */
    unsigned flags;
    const char *doc; /* one line */
};

/* Keys of targets.<name> (and of defaults), and those at the top; both ended by a NULL name. */
extern const struct key key_table[];
extern const struct key key_top[];

/* "string", "bool", … */
const char *key_type_name(enum key_type type);

/* The row of that name, or NULL. */
const struct key *key_find(const struct key *table, const char *name);

/* The row of a secret when name is its NAME_file or NAME_command, else NULL. */
const struct key *key_find_secret(const char *name);

/* The key directly under section ("" or "migrate") that name most likely should have been; NULL
 * when none is near. Borrowed from the table. */
const char *key_closest(const struct key *table, const char *section, const char *name);

/* What is allowed, in words: "1 to 65535", "true or false", "postgres or mysql"; empty when any
 * text is. */
void key_allowed(const struct key *key, struct str *out);

/* Reads text as the key's type: a truth, number or word's value goes to *ret, texts leave it alone.
 * When it does not fit, `why` gets "is not …" without the text itself, which may be secret. */
bool key_parse(const struct key *key, const char *text, long long *ret, struct str *why);

#endif
