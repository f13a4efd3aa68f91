/* Texts, lists and maps that know where in a file they stand: what a YAML file is read into. */
#ifndef DBOPS_DATA_TREE_H
#define DBOPS_DATA_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/mem.h"

enum tree_kind { TREE_NULL, TREE_TEXT, TREE_LIST, TREE_MAP };

struct tree;

struct tree_pair {
    struct tree *key; /* always TREE_TEXT */
    struct tree *value;
};

/* Aliases are copies, `<<` is merged in (a map's own keys win), so a tree is only ever a tree. */
struct tree {
    enum tree_kind kind;
    const char *file;      /* as handed to tree_read */
    unsigned line, column; /* from 1, in characters */
    bool single_quoted;
    char *text;          /* TREE_TEXT: no NUL inside */
    struct tree **items; /* TREE_LIST */
    struct tree_pair *pairs;
    size_t len, cap; /* of items or pairs */
};

/* Something wrong at a place; line 0: with the whole file. */
struct tree_problem {
    const char *file;
    unsigned line, column;
    char *text;
    bool whole; /* the tree lacks nothing because of it: reading and checking can go on */
};
struct tree_problems {
    struct tree_problem *ptr;
    size_t len, cap;
};

void tree_free(struct tree *t);
AUTO_POINTER(tree_free, struct tree)

/* The value under key, or NULL when it is absent or t is not a map. */
struct tree *tree_get(const struct tree *t, const char *key);

/* Puts a pair at the end of a map, an item at the end of a list, which then own it. */
void tree_put(struct tree *map, struct tree *key, struct tree *value);
void tree_add(struct tree *list, struct tree *item);

void tree_problem(struct tree_problems *problems, const char *file, unsigned line, unsigned column,
                  const char *fmt, ...) PRINTF_LIKE(5, 6);
void tree_problems_free(struct tree_problems *problems);
AUTO_VALUE(tree_problems_free, struct tree_problems)

#endif
