#include "lib/config/read.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/data/yaml.h"

enum { FILE_BYTES_MAX = 1024 * 1024, INCLUDE_DEPTH_MAX = 8, FORMAT_VERSION = 1 };

struct seen_file {
    dev_t device;
    ino_t inode;
    bool open; /* its includes are being read: to meet it again is a loop */
};

struct files {
    struct strlist *names;
    struct tree_problems *problems;
    VEC(struct seen_file) seen;
    size_t nodes;
};

/* `named` is where a file names the file in question; NULL: the command line does. */
static void file_problem(struct files *f, const struct tree *named, const char *what)
{
    if (named)
        tree_problem(f->problems, named->file, named->line, named->column, "include: %s", what);
    else
        tree_problem(f->problems, NULL, 0, 0, "%s", what);
}

char *read_folder(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup("");
}

/* Takes the pair of that key out of the map; NULL when it is not there. */
static struct tree *take(struct tree *map, const char *key)
{
    for (size_t i = 0; i < map->len; i++) {
        if (!str_equal(map->pairs[i].key->text, key))
            continue;
        struct tree *value = map->pairs[i].value;
        tree_free(map->pairs[i].key);
        map->len--;
        memmove(&map->pairs[i], &map->pairs[i + 1], (map->len - i) * sizeof map->pairs[0]);
        return value;
    }
    return NULL;
}

/* Each file may say its format; without that it is the first. */
static bool version_known(struct files *f, struct tree *root)
{
    AUTO(tree_free) struct tree *version = take(root, "version");
    if (!version || version->kind == TREE_NULL)
        return true;
    long long n;
    bool number = version->kind == TREE_TEXT && str_to_int(version->text, &n);
    if (number && n == FORMAT_VERSION)
        return true;
    if (number && n > FORMAT_VERSION)
        tree_problem(f->problems, version->file, version->line, version->column,
                     "version: format %lld is newer than this dbops knows (%d); upgrade dbops", n,
                     FORMAT_VERSION);
    else
        tree_problem(f->problems, version->file, version->line, version->column,
                     "version: not a format of this file; allowed is %d", FORMAT_VERSION);
    return false;
}

static void given_twice(struct files *f, const char *prefix, const struct tree *again,
                        const struct tree *first)
{
    tree_problem(f->problems, again->file, again->line, again->column,
                 "%s%s: is also in %s:%u:%u; one of the two must go", prefix, again->text,
                 first->file, first->line, first->column);
}

static const struct tree_pair *find_pair(const struct tree *map, const char *key)
{
    for (size_t i = 0; i < map->len; i++)
        if (str_equal(map->pairs[i].key->text, key))
            return &map->pairs[i];
    return NULL;
}

/* Moves what `from` holds into `map`: deep in the sections that several files may share. */
static void put_together(struct files *f, struct tree *map, struct tree *from, const char *prefix)
{
    bool top = !*prefix;
    for (size_t i = 0; i < from->len; i++) {
        struct tree_pair *pair = &from->pairs[i];
        const char *key = pair->key->text;
        const struct tree_pair *there = find_pair(map, key);
        bool shared = top && (str_equal(key, "targets") || str_equal(key, "groups") ||
                              str_equal(key, "defaults"));
        if (!there) {
            tree_put(map, TAKE(pair->key), TAKE(pair->value));
        } else if (shared && there->value->kind == TREE_MAP && pair->value->kind == TREE_MAP) {
            AUTO(mem_free) char *deeper = xasprintf("%s.", key);
            put_together(f, there->value, pair->value, deeper);
        } else if (!str_starts(key, "x-")) {
            given_twice(f, prefix, pair->key, there->key);
        }
    }
}

static struct tree *read_one(struct files *f, const char *path, const struct tree *named,
                             size_t depth);

static void include_one(struct files *f, struct tree *root, const struct tree *name, size_t depth)
{
    if (name->kind != TREE_TEXT || !*name->text) {
        tree_problem(f->problems, name->file, name->line, name->column,
                     "include: not a file's name; allowed is a name, or a list of names");
        return;
    }
    if (!name->single_quoted && strstr(name->text, "${")) {
        tree_problem(f->problems, name->file, name->line, name->column,
                     "include: variables are not possible here");
        return;
    }
    AUTO(mem_free) char *folder = read_folder(name->file);
    AUTO(mem_free) char *path = xasprintf("%s%s", *name->text == '/' ? "" : folder, name->text);
    AUTO(tree_free) struct tree *other = read_one(f, path, name, depth + 1);
    if (other)
        put_together(f, root, other, "");
}

/* Notes the file; false when there is nothing to read: it was read before, or includes itself. */
static bool first_time(struct files *f, const char *path, const struct tree *named)
{
    struct stat st;
    if (stat(path, &st))
        return true; /* reading it will tell */
    for (size_t i = 0; i < f->seen.len; i++) {
        const struct seen_file *seen = &f->seen.ptr[i];
        if (seen->device != st.st_dev || seen->inode != st.st_ino)
            continue;
        AUTO(mem_free) char *what = xasprintf("'%s' includes itself, maybe by way of others", path);
        if (seen->open)
            file_problem(f, named, what);
        return false;
    }
    *vec_add(&f->seen) = (struct seen_file){st.st_dev, st.st_ino, true};
    return true;
}

static struct tree *parse_file(struct files *f, const char *path, const struct str *text)
{
    strlist_add(f->names, path);
    const char *name = f->names->ptr[f->names->len - 1];
    AUTO(tree_free)
    struct tree *root = tree_read(text->ptr, text->len, name, &f->nodes, f->problems);
    if (!root)
        return NULL;
    if (root->kind == TREE_NULL) {
        tree_problem(f->problems, name, 0, 0, "the file is empty");
        return NULL;
    }
    if (root->kind != TREE_MAP) {
        tree_problem(f->problems, name, root->line, root->column,
                     "the file holds %s; it must hold keys and values",
                     root->kind == TREE_LIST ? "a list" : "a single value");
        return NULL;
    }
    return version_known(f, root) ? TAKE(root) : NULL;
}

static struct tree *read_one(struct files *f, const char *path, const struct tree *named,
                             size_t depth)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str text = STR_INIT;
    if (depth > INCLUDE_DEPTH_MAX) {
        file_problem(f, named, "files include files more than 8 levels deep");
        return NULL;
    }
    size_t self = f->seen.len;
    if (!first_time(f, path, named))
        return NULL;
    if (!file_read(path, FILE_BYTES_MAX, &text, &err)) {
        file_problem(f, named, err.text);
        return NULL;
    }
    AUTO(tree_free) struct tree *root = parse_file(f, path, &text);
    AUTO(tree_free) struct tree *include = root ? take(root, "include") : NULL;
    if (include && include->kind == TREE_LIST) {
        for (size_t i = 0; i < include->len; i++)
            include_one(f, root, include->items[i], depth);
    } else if (include && include->kind != TREE_NULL) {
        include_one(f, root, include, depth);
    }
    f->seen.ptr[self].open = false;
    return TAKE(root);
}

struct tree *read_files(const char *path, struct strlist *files, struct tree_problems *problems)
{
    struct files f = {.names = files, .problems = problems};
    struct tree *root = read_one(&f, path, NULL, 0);
    vec_free(&f.seen);
    return root;
}
