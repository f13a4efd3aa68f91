/* Variables in the values of a configuration file: ${NAME}, ${NAME:-default} (also when NAME is
 * empty), ${NAME:?message}, and $$ for a dollar sign. A default may hold references itself. Any
 * other $ stands for itself. */
#ifndef DBOPS_CONFIG_VARS_H
#define DBOPS_CONFIG_VARS_H

#include <stdbool.h>

#include "lib/base/str.h"

/* Called for each variable that text refers to, from left to right. */
struct vars_seen {
    void (*seen)(void *ctx, const char *name, bool has_default);
    void *ctx;
};

/* Checks the syntax without looking at the environment; *ret_any tells whether there is a
 * reference. On failure why says what is wrong, without quoting from text, which may be secret.
 * seen may be NULL. */
bool vars_check(const char *text, const struct vars_seen *seen, bool *ret_any, struct str *why);

/* Appends text with the variables replaced. What they hold is not looked into again. */
bool vars_expand(const char *text, struct str *out, struct str *why);

#endif
