#include "lib/config/internal.h"

#include <string.h>

struct check {
    const struct config *c;
    struct tree_problems *problems;
};

static void problem(struct check *k, const struct tree *at, const char *prefix, const char *name,
                    const char *what)
{
    tree_problem(k->problems, at->file, at->line, at->column, "%s%s: %s", prefix, name, what);
}

bool check_name(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t n = strlen(name);
    return n && n <= 63 && *name != '_' && *name != '-' && strspn(name, letters) == n;
}

static const char name_rule[] =
    "not a good name; allowed are up to 63 letters, digits, '_' and '-', a letter or digit first";

static void unknown_key(struct check *k, const struct key *table, const struct tree *key,
                        const char *prefix, const char *section)
{
    const char *closest = key_closest(table, section, key->text);
    AUTO(mem_free)
    char *what = closest
                     ? xasprintf("unknown key; did you mean '%s'?", closest)
                     : xasprintf("unknown key; `dbops config schema` and dbops.yaml(5) list all");
    problem(k, key, prefix, key->text, what);
}

/* A secret is given in one form: its text, its file, or its command. */
static void check_forms(struct check *k, const struct tree *section, const struct key *secret,
                        const char *prefix)
{
    AUTO(mem_free) char *file = xasprintf("%s_file", secret->name);
    AUTO(mem_free) char *command = xasprintf("%s_command", secret->name);
    unsigned given = 0;
    for (size_t i = 0; i < section->len; i++) {
        const struct tree *key = section->pairs[i].key;
        if (section->pairs[i].value->kind == TREE_NULL ||
            !(str_equal(key->text, secret->name) || str_equal(key->text, file) ||
              str_equal(key->text, command)) ||
            !given++)
            continue;
        AUTO(mem_free)
        char *what =
            xasprintf("only one of %s, %s and %s may be given", secret->name, file, command);
        problem(k, key, prefix, key->text, what);
    }
}

/* A secret's file or command, as far as it can be checked without opening or running anything. */
static void check_form(struct check *k, const struct tree *key, const struct tree *value,
                       const char *name)
{
    static const struct key file = {.name = "file", .type = KEY_STRING};
    static const struct key command = {.name = "command", .type = KEY_LIST};
    bool is_file = str_ends(key->text, "_file");
    if (!is_file && value->kind == TREE_TEXT)
        problem(k, value, "", name, "must be a list: the program and its arguments");
    else if (!is_file && value->kind == TREE_LIST && !value->len)
        problem(k, value, "", name, "is empty; it must hold the program and its arguments");
    else
        resolve_check(is_file ? &file : &command, value, name, k->problems);
}

/* A map of keys of the table: a target, defaults, or a section within; prefix is its name and a
 * dot, section its name within a target. */
static void check_section(struct check *k, const struct tree *map, const char *prefix,
                          const char *section)
{
    for (size_t i = 0; i < map->len; i++) {
        const struct tree *key = map->pairs[i].key, *value = map->pairs[i].value;
        AUTO(mem_free) char *dotted = xasprintf("%s%s%s", section, *section ? "." : "", key->text);
        AUTO(mem_free) char *name = xasprintf("%s%s", prefix, key->text);
        const struct key *row = strchr(key->text, '.') ? NULL : key_find(key_table, dotted);
        if (str_starts(key->text, "x-"))
            continue;
        if (!row && key_find_secret(dotted)) {
            check_form(k, key, value, name);
        } else if (!row) {
            unknown_key(k, key_table, key, prefix, section);
        } else if (row->type != KEY_SECTION) {
            resolve_check(row, value, name, k->problems);
        } else if (value->kind == TREE_MAP) {
            AUTO(mem_free) char *deeper = xasprintf("%s.", name);
            check_section(k, value, deeper, dotted);
        } else if (value->kind != TREE_NULL) {
            problem(k, value, "", name, "must be a map of keys and values");
        }
    }
    for (const struct key *row = key_table; row->name; row++)
        if (row->type == KEY_SECRET && !*section)
            check_forms(k, map, row, prefix);
}

/* What every target must have, by itself or from defaults. */
static void check_required(struct check *k, const struct tree *key)
{
    struct view view = view_of(k->c, key->text);
    for (const struct key *row = key_table; row->name; row++) {
        if (!(row->flags & KEY_REQUIRED) || node_at(view.target, row->name) ||
            node_at(view.defaults, row->name))
            continue;
        AUTO(str_free) struct str what = STR_INIT;
        str_addf(&what, "%s is missing; allowed is ", row->name);
        key_allowed(row, &what);
        problem(k, key, "targets.", key->text, what.ptr);
    }
}

static void check_targets(struct check *k, const struct tree *targets)
{
    for (size_t i = 0; i < targets->len; i++) {
        const struct tree *key = targets->pairs[i].key, *value = targets->pairs[i].value;
        if (str_starts(key->text, "x-"))
            continue;
        AUTO(mem_free) char *prefix = xasprintf("targets.%s.", key->text);
        if (!check_name(key->text))
            problem(k, key, "targets.", key->text, name_rule);
        else if (str_equal(key->text, "all"))
            problem(k, key, "targets.", key->text, "this name stands for all targets");
        if (value->kind == TREE_MAP)
            check_section(k, value, prefix, "");
        else if (value->kind != TREE_NULL)
            problem(k, value, "targets.", key->text, "must be a map of keys and values");
        check_required(k, key);
    }
}

static void check_member(struct check *k, const struct tree *member, const char *group)
{
    const struct strlist *names = &k->c->names;
    VEC(const char *) known = VEC_INIT;
    if (member->kind != TREE_TEXT) {
        problem(k, member, "groups.", group, "must be a list of targets");
        return;
    }
    bool found = false;
    for (size_t i = 0; i < names->len && !found; i++) {
        found = str_equal(names->ptr[i], member->text);
        *vec_add(&known) = names->ptr[i];
    }
    *vec_add(&known) = NULL;
    if (!found) {
        const char *closest = str_closest(member->text, known.ptr);
        AUTO(mem_free)
        char *what = closest
                         ? xasprintf("'%s' is no target; did you mean '%s'?", member->text, closest)
                         : xasprintf("'%s' is no target", member->text);
        problem(k, member, "groups.", group, what);
    }
    vec_free(&known);
}

static void check_groups(struct check *k, const struct tree *groups)
{
    for (size_t i = 0; i < groups->len; i++) {
        const struct tree *key = groups->pairs[i].key, *value = groups->pairs[i].value;
        if (str_starts(key->text, "x-"))
            continue;
        if (!check_name(key->text))
            problem(k, key, "groups.", key->text, name_rule);
        else if (str_equal(key->text, "all"))
            problem(k, key, "groups.", key->text, "this name stands for all targets");
        else if (tree_get(tree_get(k->c->root, "targets"), key->text))
            problem(k, key, "groups.", key->text, "is the name of a target too");
        if (value->kind != TREE_LIST || !value->len) {
            problem(k, value, "groups.", key->text, "must be a list of targets");
            continue;
        }
        for (size_t j = 0; j < value->len; j++)
            check_member(k, value->items[j], key->text);
    }
}

static void check_project(struct check *k, const struct tree *project)
{
    if (project->kind == TREE_NULL)
        return;
    if (project->kind != TREE_TEXT || !check_name(project->text))
        problem(k, project, "", "project", name_rule);
}

static void check_top_key(struct check *k, const struct tree *key, const struct tree *value)
{
    const char *name = key->text;
    if (str_equal(name, "project")) {
        check_project(k, value);
    } else if (!key_find(key_top, name)) {
        unknown_key(k, key_top, key, "", "");
    } else if (value->kind == TREE_NULL) {
        return;
    } else if (value->kind != TREE_MAP) {
        problem(k, value, "", name, "must be a map");
    } else if (str_equal(name, "targets")) {
        check_targets(k, value);
    } else if (str_equal(name, "defaults")) {
        check_section(k, value, "defaults.", "");
    } else {
        check_groups(k, value);
    }
}

void check_tree(const struct config *c, struct tree_problems *problems)
{
    struct check k = {c, problems};
    for (size_t i = 0; i < c->root->len; i++)
        if (!str_starts(c->root->pairs[i].key->text, "x-"))
            check_top_key(&k, c->root->pairs[i].key, c->root->pairs[i].value);
    if (!c->names.len)
        tree_problem(problems, c->path, 0, 0, "no target; name at least one under 'targets:'");
}
