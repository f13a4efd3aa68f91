#include "lib/config/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/config/internal.h"
#include "lib/config/read.h"

char *config_find(const char *given)
{
    if (given && *given)
        return xstrdup(given);
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *paths[] = {
        xstrdup("dbops.yaml"),
        xdg && *xdg ? xasprintf("%s/dbops/dbops.yaml", xdg)
                    : xasprintf("%s/.config/dbops/dbops.yaml", home ? home : ""),
        xstrdup("/etc/dbops/dbops.yaml"),
    };
    char *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        if (!found && access(paths[i], F_OK) == 0)
            found = TAKE(paths[i]);
        free(paths[i]);
    }
    return found;
}

struct ordered { /* a problem with the number of its file */
    size_t file, at;
    const struct tree_problem *problem;
};

static int by_place(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->problem->line != y->problem->line)
        return x->problem->line < y->problem->line ? -1 : 1;
    if (x->problem->column != y->problem->column)
        return x->problem->column < y->problem->column ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static size_t file_number(const struct config *c, const char *file)
{
    for (size_t i = 0; i < c->files.len; i++)
        if (str_equal(c->files.ptr[i], file))
            return i;
    return c->files.len;
}

enum { PROBLEMS_SHOWN = 100 };

/* What defaults say wrong is found again for each target. */
static bool same_problem(const struct tree_problem *a, const struct tree_problem *b)
{
    return a->line == b->line && a->column == b->column && str_equal(a->file, b->file) &&
           str_equal(a->text, b->text);
}

static void add_problem(struct str *out, const struct tree_problem *p)
{
    str_add(out, out->len ? "\n" : "");
    if (p->file && p->line)
        str_addf(out, "%s:%u:%u: ", p->file, p->line, p->column);
    else if (p->file)
        str_addf(out, "%s: ", p->file);
    str_add(out, p->text);
}

bool problems_to_error(const struct config *c, struct tree_problems *problems, enum error_kind kind,
                       struct error *err)
{
    if (!problems->len)
        return true;
    AUTO(mem_free) struct ordered *list = xcalloc(problems->len, sizeof *list);
    for (size_t i = 0; i < problems->len; i++)
        list[i] = (struct ordered){file_number(c, problems->ptr[i].file), i, &problems->ptr[i]};
    qsort(list, problems->len, sizeof *list, by_place);
    AUTO(str_free) struct str text = STR_INIT;
    size_t shown = 0;
    for (size_t i = 0; i < problems->len; i++) {
        if (i && same_problem(list[i].problem, list[i - 1].problem))
            continue;
        if (++shown <= PROBLEMS_SHOWN)
            add_problem(&text, list[i].problem);
    }
    if (shown > PROBLEMS_SHOWN)
        str_addf(&text, "\n... and %zu more", shown - PROBLEMS_SHOWN);
    return error_set(err, kind, "%s", text.ptr);
}

/* Names of targets and groups, in their order. */
static void take_names(struct config *c)
{
    const struct tree *targets = tree_get(c->root, "targets");
    const struct tree *groups = tree_get(c->root, "groups");
    const struct tree *project = tree_get(c->root, "project");
    bool is_map = targets && targets->kind == TREE_MAP;
    for (size_t i = 0; is_map && i < targets->len; i++)
        if (!str_starts(targets->pairs[i].key->text, "x-"))
            strlist_add(&c->names, targets->pairs[i].key->text);
    c->project = project ? project->text : NULL;
    is_map = groups && groups->kind == TREE_MAP;
    if (!is_map)
        return;
    c->groups = xcalloc(groups->len, sizeof *c->groups);
    for (size_t i = 0; i < groups->len; i++) {
        const struct tree *members = groups->pairs[i].value;
        if (str_starts(groups->pairs[i].key->text, "x-") || members->kind != TREE_LIST)
            continue;
        struct strlist *list = &c->groups[c->group_names.len];
        strlist_add(&c->group_names, groups->pairs[i].key->text);
        for (size_t j = 0; j < members->len; j++)
            if (members->items[j]->kind == TREE_TEXT)
                strlist_add(list, members->items[j]->text);
    }
}

static bool is_whole(const struct tree_problems *problems)
{
    for (size_t i = 0; i < problems->len; i++)
        if (!problems->ptr[i].whole)
            return false;
    return true;
}

struct config *config_load(const char *path, struct error *err)
{
    AUTO(config_free) struct config *c = xcalloc(1, sizeof *c);
    AUTO(tree_problems_free) struct tree_problems problems = VEC_INIT;
    c->path = xstrdup(path);
    c->root = read_files(c->path, &c->files, &problems);
    /* a file that is no YAML, or of a newer format, hides what the others refer to */
    if (c->root && is_whole(&problems)) {
        take_names(c);
        check_tree(c, &problems);
    }
    return problems_to_error(c, &problems, ERR_CONFIG, err) ? TAKE(c) : NULL;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    bind_free(c);
    for (size_t i = 0; i < c->group_names.len; i++)
        strlist_free(&c->groups[i]);
    free(c->groups);
    strlist_free(&c->names);
    strlist_free(&c->group_names);
    tree_free(c->root);
    strlist_free(&c->files);
    free(c->path);
    free(c);
}

const char *config_path(const struct config *c)
{
    return c->path;
}

const char *config_project(const struct config *c)
{
    return c->project;
}

const struct strlist *config_target_names(const struct config *c)
{
    return &c->names;
}

const struct strlist *config_group_names(const struct config *c)
{
    return &c->group_names;
}

const struct strlist *config_group(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->group_names.len; i++)
        if (str_equal(c->group_names.ptr[i], name))
            return &c->groups[i];
    return NULL;
}
