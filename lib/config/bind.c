#include "lib/config/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/config/read.h"

/* Address of the field that a row describes. */
static void *field_of(struct config_target *t, const struct key *key)
{
    return (char *)t + key->offset;
}

static void target_free(struct config_target *t)
{
    for (const struct key *key = key_table; key->name; key++) {
        void *field = field_of(t, key);
        if (key->type == KEY_STRING || key->type == KEY_SECRET)
            free(*(char **)field);
        if (key->type == KEY_LIST)
            strlist_free(field);
        if (key->type == KEY_MAP) {
            struct resolved map = {.pairs = *(struct config_pairs *)field};
            resolved_free(&map);
        }
    }
    free(t->migrate.base_dir);
    free(t->password_file);
    free(t->name);
    free(t);
}

void bind_free(struct config *c)
{
    for (size_t i = 0; i < c->bound.len; i++)
        target_free(c->bound.ptr[i].target);
    vec_free(&c->bound);
}

/* Moves what was resolved into the field. */
static void store(struct config_target *t, const struct key *key, struct resolved *r)
{
    void *field = field_of(t, key);
    switch (key->type) {
    case KEY_STRING:
    case KEY_SECRET:
        *(char **)field = TAKE(r->text);
        break;
    case KEY_BOOL:
        *(bool *)field = r->number;
        break;
    case KEY_INT:
    case KEY_DURATION:
    case KEY_SIZE:
        *(long long *)field = r->number;
        break;
    case KEY_ENUM:
        *(unsigned *)field = (unsigned)r->number; /* what enums without negative values are */
        break;
    case KEY_LIST:
        *(struct strlist *)field = r->list;
        r->list = (struct strlist)VEC_INIT;
        break;
    case KEY_MAP:
        *(struct config_pairs *)field = r->pairs;
        r->pairs = (struct config_pairs)VEC_INIT;
        break;
    case KEY_SECTION:
        break;
    }
}

/* Replaces a secret's file or command by what it gives; *ret_file is the file, if it was one. */
static bool fetch_secret(const struct key *key, struct resolved *r, char **ret_file,
                         struct error *err)
{
    if (r->override || r->form == SECRET_TEXT)
        return true;
    char *secret = NULL;
    bool is_file = r->form == SECRET_FILE;
    if (is_file ? !secret_read_file(r->text, &secret, err) : !secret_run(&r->list, &secret, err))
        return error_wrap(err, "%s:%u:%u: %s_%s", r->node->file, r->node->line, r->node->column,
                          key->name, is_file ? "file" : "command");
    free(is_file ? *ret_file : r->text);
    if (is_file)
        *ret_file = r->text;
    r->text = secret;
    return true;
}

/* The folder that the relative paths of a list start from; NULL: the working directory. */
static char *folder_of(const struct resolved *list)
{
    AUTO(mem_free) char *folder = list->node ? read_folder(list->node->file) : NULL;
    size_t n = folder ? strlen(folder) : 0;
    return n ? xstrndup(folder, n > 1 ? n - 1 : n) : NULL;
}

/* Relative paths of a list that start elsewhere than base_dir become absolute. */
static bool detach_paths(struct strlist *paths, const char *folder, struct error *err)
{
    AUTO(mem_free) char *cwd = getcwd(NULL, 0);
    if (!cwd)
        return file_error(err, "find", "the working directory", errno);
    for (size_t i = 0; i < paths->len; i++) {
        static const char scheme[] = "filesystem:";
        const char *path = paths->ptr[i];
        path += str_starts(path, scheme) ? strlen(scheme) : 0;
        if (*path == '/')
            continue;
        AUTO(mem_free) char *relative = folder ? file_join(folder, path) : xstrdup(path);
        free(paths->ptr[i]);
        paths->ptr[i] = *relative == '/' ? TAKE(relative) : file_join(cwd, relative);
    }
    return true;
}

/* What is more than one field: the folder of the locations, and of the callbacks' if another. */
static bool bind_folders(const struct view *view, struct config_target *t, struct error *err)
{
    AUTO(resolved_free) struct resolved locations = {.node = NULL}, callbacks = {.node = NULL};
    if (!resolve(view, key_find(key_table, "migrate.locations"), true, &locations) ||
        !resolve(view, key_find(key_table, "migrate.callback_locations"), true, &callbacks))
        return false; /* cannot be: they were resolved before */
    t->migrate.base_dir = folder_of(&locations);
    AUTO(mem_free) char *other = folder_of(&callbacks);
    return str_equal(t->migrate.base_dir, other) ||
           detach_paths(&t->migrate.callback_locations, other, err);
}

/* Resolves all keys, then fetches secrets: a command runs only when nothing else is wrong. */
static bool bind_keys(const struct config *c, const struct view *view, struct config_target *t,
                      bool offline, struct error *err)
{
    VEC(struct resolved) secrets = VEC_INIT;
    VEC(const struct key *) secret_keys = VEC_INIT;
    for (const struct key *key = key_table; key->name; key++) {
        AUTO(resolved_free) struct resolved r = {.node = NULL};
        bool left_out = offline && !str_starts(key->name, "migrate.");
        if (key->type == KEY_SECTION || left_out || !resolve(view, key, false, &r))
            continue;
        if (key->type != KEY_SECRET) {
            store(t, key, &r);
            continue;
        }
        *vec_add(&secret_keys) = key;
        *vec_add(&secrets) = r;
        r = (struct resolved){.node = NULL};
    }
    bool only_usage = !view->problems->len;
    bool ok = problems_to_error(c, only_usage ? view->usage_problems : view->problems,
                                only_usage ? ERR_USAGE : ERR_CONFIG, err);
    for (size_t i = 0; i < secrets.len; i++) {
        ok = ok && fetch_secret(secret_keys.ptr[i], &secrets.ptr[i], &t->password_file, err);
        if (ok)
            store(t, secret_keys.ptr[i], &secrets.ptr[i]);
        resolved_free(&secrets.ptr[i]);
    }
    vec_free(&secrets);
    vec_free(&secret_keys);
    return ok && bind_folders(view, t, err);
}

static const struct config_target *find_bound(const struct config *c, const char *name,
                                              const struct config_override overrides[], size_t n,
                                              bool offline)
{
    for (size_t i = 0; i < c->bound.len; i++) {
        const struct bound_target *b = &c->bound.ptr[i];
        if (str_equal(b->target->name, name) && b->overrides == overrides && b->n == n &&
            b->offline == offline)
            return b->target;
    }
    return NULL;
}

static const struct config_target *bind(struct config *c, const char *name,
                                        const struct config_override overrides[], size_t n,
                                        bool offline, struct error *err)
{
    const struct config_target *bound = find_bound(c, name, overrides, n, offline);
    if (bound)
        return bound;
    AUTO(tree_problems_free) struct tree_problems problems = VEC_INIT, usage = VEC_INIT;
    struct view view = view_of(c, name);
    view.overrides = overrides;
    view.n = n;
    view.problems = &problems;
    view.usage_problems = &usage;
    if (!view.target) {
        error_set(err, ERR_USAGE, "there is no target '%s' in '%s'", name, c->path);
        return NULL;
    }
    struct config_target *t = xcalloc(1, sizeof *t);
    t->name = xstrdup(name);
    if (!bind_keys(c, &view, t, offline, err)) {
        target_free(t);
        return NULL;
    }
    *vec_add(&c->bound) = (struct bound_target){overrides, n, offline, t};
    return t;
}

const struct config_target *config_target(struct config *c, const char *name,
                                          const struct config_override overrides[], size_t n,
                                          struct error *err)
{
    return bind(c, name, overrides, n, false, err);
}

const struct config_target *config_target_offline(struct config *c, const char *name,
                                                  const struct config_override overrides[],
                                                  size_t n, struct error *err)
{
    return bind(c, name, overrides, n, true, err);
}
