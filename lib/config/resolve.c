#include "lib/config/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/config/read.h"
#include "lib/config/vars.h"

/* How one text of the file is to be read. */
struct reading {
    const struct key *key;
    const char *name; /* for messages: "targets.app.port" */
    bool check_only;  /* do not look at the environment */
    bool keep_unset;
    bool unset; /* out */
    struct tree_problems *problems;
};

void resolved_free(struct resolved *r)
{
    free(r->text);
    strlist_free(&r->list);
    for (size_t i = 0; i < r->pairs.len; i++) {
        free(r->pairs.ptr[i].name);
        free(r->pairs.ptr[i].value);
    }
    vec_free(&r->pairs);
    *r = (struct resolved){.node = NULL};
}

const struct tree *node_at(const struct tree *section, const char *dotted)
{
    const char *dot = strchr(dotted, '.');
    AUTO(mem_free) char *first = dot ? xstrndup(dotted, (size_t)(dot - dotted)) : xstrdup(dotted);
    const struct tree *node = tree_get(section, first);
    if (!node || node->kind == TREE_NULL)
        return NULL;
    return dot ? node_at(node, dot + 1) : node;
}

struct view view_of(const struct config *c, const char *name)
{
    const struct tree *targets = tree_get(c->root, "targets");
    const struct tree *defaults = tree_get(c->root, "defaults");
    return (struct view){.name = name,
                         .target = tree_get(targets, name),
                         .defaults = defaults && defaults->kind == TREE_MAP ? defaults : NULL};
}

static bool node_problem(struct reading *r, const struct tree *node, const char *what)
{
    tree_problem(r->problems, node->file, node->line, node->column, "%s: %s", r->name, what);
    return false;
}

/* Says why the text does not fit. What variables stand for, and secrets, are not shown. */
static bool misfit(struct reading *r, const struct tree *node, bool has_variables, const char *why)
{
    AUTO(str_free) struct str what = STR_INIT;
    if (r->key->type == KEY_SECRET)
        str_addf(&what, "the value %s", why);
    else if (has_variables)
        str_addf(&what, "what '%.200s' stands for %s", node->text, why);
    else
        str_addf(&what, "'%.200s' %s", node->text, why);
    const char *word =
        r->key->words && !has_variables ? str_closest(node->text, r->key->words) : NULL;
    if (word)
        str_addf(&what, "; did you mean '%s'?", word);
    return node_problem(r, node, what.ptr);
}

/* One text of the file: its variables resolved, a path made relative to the working directory, its
 * type checked. *ret (to be freed) stays NULL when only the check was possible. */
static bool read_text(struct reading *r, const struct tree *node, char **ret, long long *number)
{
    AUTO(str_free) struct str text = STR_INIT, why = STR_INIT;
    bool has_variables = false;
    if (node->single_quoted || (r->key->flags & KEY_PLAIN)) {
        str_add(&text, node->text);
    } else if (!vars_check(node->text, NULL, &has_variables, &why)) {
        return node_problem(r, node, why.ptr);
    } else if (has_variables && r->check_only) {
        return true;
    } else if (!vars_expand(node->text, &text, &why)) {
        r->unset = r->keep_unset;
        *ret = r->keep_unset ? xstrdup(node->text) : NULL;
        return r->keep_unset || node_problem(r, node, why.ptr);
    }
    if (!key_parse(r->key, text.ptr, number, &why))
        return misfit(r, node, has_variables, why.ptr);
    if ((r->key->flags & KEY_PATH) && text.len && *text.ptr != '/') {
        AUTO(mem_free) char *folder = read_folder(node->file);
        *ret = xasprintf("%s%s", folder, text.ptr);
    } else {
        *ret = str_take(&text);
    }
    return true;
}

static const char *wants(const struct key *key)
{
    return key->type == KEY_LIST  ? "must be a text or a list of texts"
           : key->type == KEY_MAP ? "must be a map of name: text"
                                  : "must be a single value";
}

static bool read_list(struct reading *r, const struct tree *node, struct strlist *ret)
{
    bool ok = true;
    bool list = node->kind == TREE_LIST;
    for (size_t i = 0; i < (list ? node->len : 1); i++) {
        const struct tree *item = list ? node->items[i] : node;
        AUTO(mem_free) char *text = NULL;
        long long unused;
        if (item->kind != TREE_TEXT)
            ok = node_problem(r, item, wants(r->key));
        else if (!read_text(r, item, &text, &unused))
            ok = false;
        else if (text)
            strlist_add(ret, text);
    }
    return ok;
}

static bool has_pair(const struct config_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->len; i++)
        if (str_equal(pairs->ptr[i].name, name))
            return true;
    return false;
}

static bool read_map(struct reading *r, const struct tree *node, struct config_pairs *ret)
{
    if (node->kind != TREE_MAP)
        return node_problem(r, node, wants(r->key));
    bool ok = true;
    for (size_t i = 0; i < node->len; i++) {
        const struct tree *value = node->pairs[i].value;
        const char *name = node->pairs[i].key->text;
        AUTO(mem_free) char *text = value->kind == TREE_NULL ? xstrdup("") : NULL;
        long long unused;
        if (value->kind != TREE_TEXT && value->kind != TREE_NULL)
            ok = node_problem(r, value, wants(r->key));
        else if (value->kind == TREE_TEXT && !read_text(r, value, &text, &unused))
            ok = false;
        else if (text && !has_pair(ret, name))
            *vec_add(ret) = (struct config_pair){xstrdup(name), TAKE(text)};
    }
    return ok;
}

static bool read_value(struct reading *r, const struct tree *node, struct resolved *ret)
{
    if (r->key->type == KEY_LIST)
        return read_list(r, node, &ret->list);
    if (r->key->type == KEY_MAP)
        return read_map(r, node, &ret->pairs);
    if (node->kind != TREE_TEXT)
        return node_problem(r, node, wants(r->key));
    return read_text(r, node, &ret->text, &ret->number);
}

void resolve_check(const struct key *key, const struct tree *node, const char *name,
                   struct tree_problems *problems)
{
    struct reading r = {.key = key, .name = name, .check_only = true, .problems = problems};
    AUTO(resolved_free) struct resolved ignored = {.node = NULL};
    if (node->kind != TREE_NULL)
        (void)read_value(&r, node, &ignored);
}

static void add_parts(struct strlist *list, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, ",");
        AUTO(mem_free) char *part = xstrndup(text, n);
        if (n)
            strlist_add(list, part);
        text += n + (text[n] == ',');
    }
}

static bool read_override(const struct view *v, const struct key *key,
                          const struct config_override *o, struct resolved *ret)
{
    bool option = str_starts(o->source, "option");
    struct tree_problems *problems = option ? v->usage_problems : v->problems;
    const char *equals = strchr(o->value, '=');
    AUTO(str_free) struct str why = STR_INIT;
    ret->override = o;
    if (key->type == KEY_LIST) {
        add_parts(&ret->list, o->value);
    } else if (key->type == KEY_MAP && equals) {
        AUTO(mem_free) char *name = xstrndup(o->value, (size_t)(equals - o->value));
        if (!has_pair(&ret->pairs, name))
            *vec_add(&ret->pairs) = (struct config_pair){xstrdup(name), xstrdup(equals + 1)};
    } else if (key->type == KEY_MAP) {
        tree_problem(problems, o->source, 0, 0, "%s: not in the form NAME=VALUE", key->name);
        return false;
    } else if (!key_parse(key, o->value, &ret->number, &why)) {
        /* what an option holds is on the command line anyway; the environment is not shown */
        tree_problem(problems, o->source, 0, 0, option ? "%s: '%.200s' %s" : "%s: %.0sits value %s",
                     key->name, o->value, why.ptr);
        return false;
    } else {
        free(ret->text);
        ret->text = xstrdup(o->value);
    }
    return true;
}

/* Options win over the environment; of several for a list or map all count. */
static bool read_overrides(const struct view *v, const struct key *key, struct resolved *ret)
{
    bool ok = true;
    for (int options = 1; options >= 0 && !ret->override; options--)
        for (size_t i = 0; i < v->n; i++)
            if (str_equal(v->overrides[i].key, key->name) &&
                str_starts(v->overrides[i].source, "option") == options)
                ok = read_override(v, key, &v->overrides[i], ret) && ok;
    return ok;
}

static const char *const secret_suffixes[] = {
    [SECRET_TEXT] = "", [SECRET_FILE] = "_file", [SECRET_COMMAND] = "_command"};

/* The form in which section holds the secret: its node, or NULL. */
static const struct tree *secret_node(const struct tree *section, const struct key *key,
                                      enum secret_form *ret)
{
    for (enum secret_form form = SECRET_TEXT; form <= SECRET_COMMAND; form++) {
        AUTO(mem_free) char *name = xasprintf("%s%s", key->name, secret_suffixes[form]);
        const struct tree *node = node_at(section, name);
        if (node) {
            *ret = form;
            return node;
        }
    }
    return NULL;
}

/* The rows of the forms of a secret that are not the secret itself. */
static const struct key *row_of_form(const struct key *key, enum secret_form form)
{
    static const struct key file = {.name = "file", .type = KEY_STRING, .flags = KEY_PATH};
    static const struct key command = {.name = "command", .type = KEY_LIST};
    return form == SECRET_FILE ? &file : form == SECRET_COMMAND ? &command : key;
}

static bool read_node(const struct view *v, const struct key *key, const char *section,
                      const struct tree *node, bool keep_unset, struct resolved *ret)
{
    AUTO(mem_free)
    char *name = xasprintf("%s.%s%s", section, key->name, secret_suffixes[ret->form]);
    struct reading r = {.key = row_of_form(key, ret->form),
                        .name = name,
                        .keep_unset = keep_unset,
                        .problems = v->problems};
    if (!ret->node)
        ret->node = node;
    bool ok = read_value(&r, node, ret);
    ret->unset = ret->unset || r.unset;
    return ok;
}

static bool read_default(const struct key *key, struct resolved *ret)
{
    AUTO(str_free) struct str why = STR_INIT;
    if (!key->def)
        return true;
    if (key->type == KEY_LIST) {
        add_parts(&ret->list, key->def);
        return true;
    }
    ret->text = xstrdup(key->def);
    return key_parse(key, key->def, &ret->number, &why);
}

bool resolve(const struct view *view, const struct key *key, bool keep_unset, struct resolved *ret)
{
    bool ok = read_overrides(view, key, ret);
    if (!ok || (ret->override && key->type != KEY_MAP))
        return ok;
    const struct tree *sections[] = {view->target, view->defaults};
    AUTO(mem_free) char *own = xasprintf("targets.%s", view->name);
    const char *const names[] = {own, "defaults"};
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const struct tree *node = key->type == KEY_SECRET
                                      ? secret_node(sections[i], key, &ret->form)
                                      : node_at(sections[i], key->name);
        if (node)
            ok = read_node(view, key, names[i], node, keep_unset, ret) && ok;
        if (node && key->type != KEY_MAP) /* of maps, the entries of both count */
            return ok;
    }
    if (ret->node || ret->override)
        return ok;
    if (key->fallback)
        return resolve(view, key_find(key_table, key->fallback), keep_unset, ret);
    return read_default(key, ret);
}
