/* A command is a table row: name, options, and the function that runs it. */
#ifndef DBOPS_CMD_COMMAND_H
#define DBOPS_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"

struct app;

enum opt_kind {
    OPT_KIND_FLAG,     /* bool */
    OPT_KIND_STRING,   /* const char * */
    OPT_KIND_UINT,     /* unsigned */
    OPT_KIND_DURATION, /* long long, milliseconds */
    OPT_KIND_LIST,     /* struct strlist; repeatable, and comma-separated */
    OPT_KIND_CHOICE,   /* int: index into choices */
    OPT_KIND_CONFIG,   /* no field: overrides the configuration key `key` */
};

struct opt {
    char short_name;  /* 0: none */
    const char *name; /* long; also DBOPS_NAME in the environment */
    enum opt_kind kind;
    size_t offset;   /* of the field in the command's struct of options */
    const char *arg; /* "NAME" in usage; NULL for flags */
    const char *def; /* default as text; NULL: zero */
    const char *const *choices;
    const char *key; /* OPT_KIND_CONFIG: dotted key within a target */
    const char *help;
    /* Prints candidates for the value on stdout, one a line; may be NULL. */
    void (*complete)(struct app *app, const char *prefix);
};

/* offsetof, and a compile-time check that the field has the type that the kind of option fills. */
#define OPT_FIELD(s, f, type)                                                                      \
    (offsetof(s, f) +                                                                              \
     0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((s *)0)->f), type) ? 1 : -1]))

#define OPT_FLAG(c, name, s, f, help)                                                              \
    {                                                                                              \
        c, name, OPT_KIND_FLAG, OPT_FIELD(s, f, bool), NULL, NULL, NULL, NULL, help, NULL          \
    }
#define OPT_STRING(c, name, s, f, arg, def, help)                                                  \
    {                                                                                              \
        c, name, OPT_KIND_STRING, OPT_FIELD(s, f, const char *), arg, def, NULL, NULL, help, NULL  \
    }
#define OPT_UINT(c, name, s, f, arg, def, help)                                                    \
    {                                                                                              \
        c, name, OPT_KIND_UINT, OPT_FIELD(s, f, unsigned), arg, def, NULL, NULL, help, NULL        \
    }
#define OPT_DURATION(c, name, s, f, arg, def, help)                                                \
    {                                                                                              \
        c, name, OPT_KIND_DURATION, OPT_FIELD(s, f, long long), arg, def, NULL, NULL, help, NULL   \
    }
#define OPT_LIST(c, name, s, f, arg, help)                                                         \
    {                                                                                              \
        c, name, OPT_KIND_LIST, OPT_FIELD(s, f, struct strlist), arg, NULL, NULL, NULL, help, NULL \
    }
#define OPT_CHOICE(c, name, s, f, arg, def, choices, help)                                         \
    {                                                                                              \
        c, name, OPT_KIND_CHOICE, OPT_FIELD(s, f, int), arg, def, choices, NULL, help, NULL        \
    }
/* Overrides a key of the configuration; arg NULL: a flag that sets it to true. */
#define OPT_CONFIG(c, name, key, arg, help)                                                        \
    {                                                                                              \
        c, name, OPT_KIND_CONFIG, 0, arg, NULL, NULL, key, help, NULL                              \
    }
#define OPT_END                                                                                    \
    {                                                                                              \
        0, NULL, OPT_KIND_FLAG, 0, NULL, NULL, NULL, NULL, NULL, NULL                              \
    }

struct command {
    const char *name; /* "migrate up": words separated by one blank */
    /* "NAME", "[NAME]", "NAME...", "-- COMMAND..." (only after --), or NULL: none allowed. Their
     * number is checked before run. */
    const char *operands;
    const char *summary; /* one line, lower case, no full stop */
    const char *text;    /* more for --help; paragraphs separated by an empty line; may be NULL */
    const struct opt *options; /* ended by OPT_END; may be NULL */
    size_t opts_size;
    bool changes; /* with several targets and no -t it stops with 64 */
    bool hidden;  /* not listed */
    bool (*run)(struct app *app, const void *opts, struct error *err);
};

/* All commands, ended by NULL (cmd/table.c). */
extern const struct command *const commands[];

#endif
