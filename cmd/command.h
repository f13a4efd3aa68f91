/* A command is a table row: name, options, and the function that runs it. */
#ifndef DBOPS_CMD_COMMAND_H
#define DBOPS_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"

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
    void (*complete)(const char *prefix); /* prints candidates, one a line; may be NULL */
};

#define OPT_FLAG(c, name, s, f, help)                                                              \
    {                                                                                              \
        c, name, OPT_KIND_FLAG, offsetof(s, f), NULL, NULL, NULL, NULL, help, NULL                 \
    }
#define OPT_STRING(c, name, s, f, arg, def, help)                                                  \
    {                                                                                              \
        c, name, OPT_KIND_STRING, offsetof(s, f), arg, def, NULL, NULL, help, NULL                 \
    }
#define OPT_UINT(c, name, s, f, arg, def, help)                                                    \
    {                                                                                              \
        c, name, OPT_KIND_UINT, offsetof(s, f), arg, def, NULL, NULL, help, NULL                   \
    }
#define OPT_DURATION(c, name, s, f, arg, def, help)                                                \
    {                                                                                              \
        c, name, OPT_KIND_DURATION, offsetof(s, f), arg, def, NULL, NULL, help, NULL               \
    }
#define OPT_LIST(c, name, s, f, arg, help)                                                         \
    {                                                                                              \
        c, name, OPT_KIND_LIST, offsetof(s, f), arg, NULL, NULL, NULL, help, NULL                  \
    }
#define OPT_CHOICE(c, name, s, f, arg, def, choices, help)                                         \
    {                                                                                              \
        c, name, OPT_KIND_CHOICE, offsetof(s, f), arg, def, choices, NULL, help, NULL              \
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

struct app;

struct command {
    const char *name;     /* "migrate up": words separated by one blank */
    const char *operands; /* "NAME", "-- COMMAND...", or NULL: none allowed */
    const char *summary;  /* one line, lower case, no full stop */
    const char *text;     /* more for --help; paragraphs separated by an empty line; may be NULL */
    const struct opt *options; /* ended by OPT_END; may be NULL */
    size_t opts_size;
    bool changes; /* with several targets and no -t it stops with 64 */
    bool hidden;  /* not listed */
    bool (*run)(struct app *app, const void *opts, struct error *err);
};

/* All commands, ended by NULL (cmd/table.c). */
extern const struct command *const commands[];

#endif
