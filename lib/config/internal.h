/* What the parts of lib/config share. */
#ifndef DBOPS_CONFIG_INTERNAL_H
#define DBOPS_CONFIG_INTERNAL_H

#include "lib/config/config.h"
#include "lib/config/keys.h"
#include "lib/data/tree.h"

struct bound_target {
    const struct config_override *overrides; /* it was bound with these */
    size_t n;
    bool offline; /* only its migrate keys */
    struct config_target *target;
};

struct config {
    char *path;
    struct strlist files; /* names of all files; tree and problems borrow them */
    struct tree *root;
    const char *project; /* in root */
    struct strlist names, group_names;
    struct strlist *groups; /* members, for each of group_names */
    VEC(struct bound_target) bound;
};

/* config.c: turns problems, in the order of their places, into err; true when there are none. */
bool problems_to_error(const struct config *c, struct tree_problems *problems, enum error_kind kind,
                       struct error *err);

/* check.c: everything that can be said without variables. */
void check_tree(const struct config *c, struct tree_problems *problems);
bool check_name(const char *name); /* of a target, group or project */

/* One target as the file and the overrides describe it. */
struct view {
    const char *name;
    const struct tree *target, *defaults; /* maps, or NULL */
    const struct config_override *overrides;
    size_t n;
    struct tree_problems *problems;       /* of the file and the environment */
    struct tree_problems *usage_problems; /* of options */
};
struct view view_of(const struct config *c, const char *name);

/* The value of one key. */
struct resolved {
    const struct tree *node;                /* from the file; NULL: not from there */
    const struct config_override *override; /* or from here; both NULL: the default, if any */
    enum secret_form { SECRET_TEXT, SECRET_FILE, SECRET_COMMAND } form; /* of a KEY_SECRET */
    char *text;                /* as a person reads it; NULL: no value, or a list or map */
    long long number;          /* of truths, numbers and words */
    struct strlist list;       /* of a KEY_LIST, and the words of a command */
    struct config_pairs pairs; /* of a KEY_MAP */
    bool unset; /* a variable in it is not set (only with keep_unset; the text is as written) */
};
void resolved_free(struct resolved *r);
AUTO_VALUE(resolved_free, struct resolved)

/* resolve.c: finds the value of key and resolves its variables; false with the problem noted. Files
 * and commands of secrets are not touched. keep_unset: unset variables are no problem. */
bool resolve(const struct view *view, const struct key *key, bool keep_unset, struct resolved *ret);

/* Checks one value of the file, without resolving variables. name: for messages. */
void resolve_check(const struct key *key, const struct tree *node, const char *name,
                   struct tree_problems *problems);

/* The value under a dotted name, or NULL when it is not there or null. */
const struct tree *node_at(const struct tree *section, const char *dotted);

/* bind.c: frees the targets that were bound. */
void bind_free(struct config *c);

/* secret.c: what the file or the command of a secret gives. Errors never hold it. */
bool secret_read_file(const char *path, char **ret, struct error *err) MUST_CHECK;
bool secret_run(const struct strlist *argv, char **ret, struct error *err) MUST_CHECK;

#endif
