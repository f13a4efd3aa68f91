#include "lib/config/internal.h"

#include <stdlib.h>
#include <string.h>

#include "lib/config/vars.h"

static const char masked[] = "***";

/* Placeholders may hold what nobody should see; their names tell. */
static bool sounds_secret(const char *name)
{
    static const char *const words[] = {"password",   "passwd",  "secret",     "token",
                                        "credential", "api_key", "private_key"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasestr(name, words[i]))
            return true;
    return false;
}

static struct value *list_value(const struct strlist *list)
{
    struct value *v = value_list();
    for (size_t i = 0; i < list->len; i++)
        value_add(v, value_string(list->ptr[i]));
    return v;
}

static struct value *map_value(const struct config_pairs *pairs)
{
    struct value *v = value_map();
    for (size_t i = 0; i < pairs->len; i++) {
        const struct config_pair *pair = &pairs->ptr[i];
        value_set(v, pair->name, value_string(sounds_secret(pair->name) ? masked : pair->value));
    }
    return v;
}

static struct value *shown(const struct key *key, const struct resolved *r)
{
    bool given = r->node || r->override;
    if (key->type == KEY_SECRET)
        return value_string(given ? masked : NULL);
    if (key->type == KEY_LIST)
        return list_value(&r->list);
    if (key->type == KEY_MAP)
        return map_value(&r->pairs);
    if (!r->text || r->unset)
        return value_string(r->text);
    if (key->type == KEY_BOOL)
        return value_bool(r->number);
    if (key->type == KEY_INT)
        return value_int(r->number);
    return value_string(r->text);
}

/* Calls back for each variable in the texts below node. */
static void each_variable(const struct tree *node, const struct vars_seen *seen)
{
    AUTO(str_free) struct str ignored = STR_INIT;
    bool any;
    if (node->kind == TREE_TEXT && !node->single_quoted)
        (void)vars_check(node->text, seen, &any, &ignored);
    for (size_t i = 0; i < node->len; i++)
        each_variable(node->kind == TREE_LIST ? node->items[i] : node->pairs[i].value, seen);
}

static void name_variable(void *ctx, const char *name, bool has_default)
{
    struct str *out = ctx;
    const char *value = getenv(name);
    (void)has_default;
    str_addf(out, "%s%s %s", out->len ? ", " : "", name,
             !value   ? "is not set"
             : *value ? "is set"
                      : "is empty");
}

static struct value *source(const struct key *key, const struct resolved *r)
{
    if (r->override)
        return value_string(r->override->source);
    if (!r->node)
        return value_string("default");
    AUTO(str_free) struct str text = STR_INIT, variables = STR_INIT;
    const struct vars_seen seen = {name_variable, &variables};
    str_addf(&text, "%s:%u", r->node->file, r->node->line);
    if (r->form != SECRET_TEXT)
        str_addf(&text, ", %s_%s", key->name, r->form == SECRET_FILE ? "file" : "command");
    each_variable(r->node, &seen);
    if (variables.len)
        str_addf(&text, " (%s)", variables.ptr);
    return value_string(text.ptr);
}

static void add_row(struct value *rows, const char *prefix, const char *name, struct value *v,
                    struct value *from)
{
    AUTO(mem_free) char *key = xasprintf("%s%s", prefix, name);
    struct value *row = value_map();
    value_set(row, "key", value_string(key));
    value_set(row, "value", v);
    value_set(row, "source", from);
    value_add(rows, row);
}

static void show_target(const struct view *view, struct value *rows)
{
    AUTO(mem_free) char *prefix = xasprintf("targets.%s.", view->name);
    for (const struct key *key = key_table; key->name; key++) {
        AUTO(resolved_free) struct resolved r = {.node = NULL};
        if (key->type != KEY_SECTION && resolve(view, key, true, &r))
            add_row(rows, prefix, key->name, shown(key, &r), source(key, &r));
    }
}

static struct value *place_of(const struct tree *node)
{
    AUTO(mem_free) char *text = xasprintf("%s:%u", node->file, node->line);
    return value_string(text);
}

static void show_top(const struct config *c, struct value *rows)
{
    const struct tree *project = tree_get(c->root, "project");
    const struct tree *groups = tree_get(c->root, "groups");
    add_row(rows, "", "project", value_string(c->project),
            c->project ? place_of(project) : value_string("default"));
    for (size_t i = 0; i < c->group_names.len; i++) {
        const char *name = c->group_names.ptr[i];
        add_row(rows, "groups.", name, list_value(&c->groups[i]), place_of(tree_get(groups, name)));
    }
}

struct value *config_show(struct config *c, const struct strlist *targets,
                          const struct config_override overrides[], size_t n, struct error *err)
{
    AUTO(tree_problems_free) struct tree_problems problems = VEC_INIT, usage = VEC_INIT;
    AUTO(value_free) struct value *rows = value_list();
    const struct strlist *names = targets ? targets : &c->names;
    show_top(c, rows);
    for (size_t i = 0; i < names->len; i++) {
        struct view view = view_of(c, names->ptr[i]);
        view.overrides = overrides;
        view.n = n;
        view.problems = &problems;
        view.usage_problems = &usage;
        show_target(&view, rows);
    }
    if (!problems_to_error(c, &problems, ERR_CONFIG, err) ||
        !problems_to_error(c, &usage, ERR_USAGE, err))
        return NULL;
    return TAKE(rows);
}

struct variables {
    struct value *list;
    const struct tree *node; /* that is being looked at */
};

static void add_variable(void *ctx, const char *name, bool has_default)
{
    struct variables *v = ctx;
    AUTO(mem_free)
    char *place = xasprintf("%s:%u:%u", v->node->file, v->node->line, v->node->column);
    struct value *row = value_map();
    value_set(row, "name", value_string(name));
    value_set(row, "place", value_string(place));
    value_set(row, "set", value_bool(getenv(name)));
    value_set(row, "default", value_bool(has_default));
    value_add(v->list, row);
}

static void list_variables(const struct tree *node, struct variables *v)
{
    if (node->kind == TREE_TEXT) {
        v->node = node;
        each_variable(node, &(struct vars_seen){add_variable, v});
    }
    for (size_t i = 0; i < node->len; i++) {
        if (node->kind == TREE_LIST)
            list_variables(node->items[i], v);
        else if (!str_starts(node->pairs[i].key->text, "x-"))
            list_variables(node->pairs[i].value, v);
    }
}

/* Resolves all keys of a target, and reads the files of its secrets. */
static void resolve_all_keys(const struct view *view)
{
    for (const struct key *key = key_table; key->name; key++) {
        AUTO(resolved_free) struct resolved r = {.node = NULL};
        AUTO(error_free) struct error err = ERROR_INIT;
        AUTO(mem_free) char *secret = NULL;
        if (key->type == KEY_SECTION || !resolve(view, key, false, &r))
            continue;
        if (key->type == KEY_SECRET && r.form == SECRET_FILE &&
            !secret_read_file(r.text, &secret, &err))
            tree_problem(view->problems, r.node->file, r.node->line, r.node->column,
                         "targets.%s.%s_file: %s", view->name, key->name, err.text);
    }
}

struct value *config_check(struct config *c, const struct strlist *targets, bool resolve_all,
                           struct error *err)
{
    AUTO(tree_problems_free) struct tree_problems problems = VEC_INIT;
    const struct strlist *names = targets ? targets : &c->names;
    for (size_t i = 0; resolve_all && i < names->len; i++) {
        struct view view = view_of(c, names->ptr[i]);
        view.problems = view.usage_problems = &problems;
        resolve_all_keys(&view);
    }
    if (!problems_to_error(c, &problems, ERR_CONFIG, err))
        return NULL;
    struct variables variables = {value_list(), NULL};
    list_variables(c->root, &variables);
    struct value *result = value_map();
    value_set(result, "file", value_string(c->path));
    value_set(result, "files", list_value(&c->files));
    value_set(result, "project", value_string(c->project));
    value_set(result, "targets", list_value(&c->names));
    value_set(result, "groups", list_value(&c->group_names));
    value_set(result, "variables", variables.list);
    return result;
}
