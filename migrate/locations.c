#include "migrate/locations.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/str.h"
#include "migrate/names.h"

struct entry {
    char *name;
    bool is_dir;
};

struct entries {
    VEC(struct entry) list; /* by name */
};

static void entries_free(struct entries *entries)
{
    for (size_t i = 0; i < entries->list.len; i++)
        free(entries->list.ptr[i].name);
    vec_free(&entries->list);
}
AUTO_VALUE(entries_free, struct entries)

struct directory {
    dev_t device;
    ino_t inode;
};

/* One walk from one location. */
struct walk {
    const struct strlist *suffixes;
    struct found_files *found;
    struct strlist *warnings;
    VEC(struct directory) visited; /* directories whose files are taken: links make loops */
    size_t matches;                /* what a pattern has named */
};

void found_files_free(struct found_files *files)
{
    for (size_t i = 0; i < files->list.len; i++) {
        free(files->list.ptr[i].path);
        free(files->list.ptr[i].script);
    }
    vec_free(&files->list);
}

static void warn(struct strlist *warnings, char *text)
{
    *vec_add(warnings) = text;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static const struct entry *find_entry(const struct entries *entries, char *name)
{
    struct entry key = {.name = name};
    if (!entries->list.len)
        return NULL;
    return bsearch(&key, entries->list.ptr, entries->list.len, sizeof key, by_name);
}

enum entry_kind { ENTRY_FILE, ENTRY_DIRECTORY, ENTRY_SPECIAL };

/* The file system says in readdir what an entry is; only for links and on a few file systems it has
 * to be asked again. A link to nowhere counts as a file, which then cannot be read. */
static enum entry_kind entry_kind(int dir, const struct dirent *entry)
{
    if (entry->d_type == DT_DIR || entry->d_type == DT_REG)
        return entry->d_type == DT_DIR ? ENTRY_DIRECTORY : ENTRY_FILE;
    struct stat st;
    if (fstatat(dir, entry->d_name, &st, 0) != 0 || S_ISREG(st.st_mode))
        return ENTRY_FILE;
    return S_ISDIR(st.st_mode) ? ENTRY_DIRECTORY : ENTRY_SPECIAL;
}

static void close_directory(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* What a directory holds, without what is hidden. False with a warning when it cannot be read. */
static bool read_directory(struct walk *w, const char *path, struct entries *ret,
                           struct directory *ret_id)
{
    __attribute__((cleanup(close_directory))) DIR *dir = opendir(path);
    struct stat st;
    if (!dir || fstat(dirfd(dir), &st) != 0) {
        warn(w->warnings,
             xasprintf("cannot read the folder '%s': %s; passed over", path, strerror(errno)));
        return false;
    }
    *ret_id = (struct directory){st.st_dev, st.st_ino};
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        enum entry_kind kind = entry_kind(dirfd(dir), entry);
        if (kind != ENTRY_SPECIAL)
            *vec_add(&ret->list) = (struct entry){xstrdup(entry->d_name), kind == ENTRY_DIRECTORY};
    }
    if (ret->list.len)
        qsort(ret->list.ptr, ret->list.len, sizeof ret->list.ptr[0], by_name);
    return true;
}

static bool visit(struct walk *w, struct directory id)
{
    for (size_t i = 0; i < w->visited.len; i++)
        if (w->visited.ptr[i].device == id.device && w->visited.ptr[i].inode == id.inode)
            return false;
    *vec_add(&w->visited) = id;
    return true;
}

static void add_file(struct walk *w, const char *dir, const char *script_dir,
                     const struct entries *entries, const char *name)
{
    AUTO(mem_free) char *conf = xasprintf("%s.conf", name);
    struct found_file *file = vec_add(&w->found->list);
    file->path = file_join(dir, name);
    file->script = *script_dir ? file_join(script_dir, name) : xstrdup(name);
    file->name = strrchr(file->path, '/') ? strrchr(file->path, '/') + 1 : file->path;
    file->has_conf = find_entry(entries, conf) != NULL;
}

/* Takes all files below path; script_dir is the folder's path relative to its location. */
static void take_tree(struct walk *w, const char *path, const char *script_dir)
{
    AUTO(entries_free) struct entries entries = {VEC_INIT};
    struct directory id;
    if (!read_directory(w, path, &entries, &id) || !visit(w, id))
        return;
    for (size_t i = 0; i < entries.list.len; i++) {
        const struct entry *entry = &entries.list.ptr[i];
        if (entry->is_dir) {
            AUTO(mem_free) char *below = file_join(path, entry->name);
            AUTO(mem_free)
            char *script = *script_dir ? file_join(script_dir, entry->name) : xstrdup(entry->name);
            take_tree(w, below, script);
        } else if (file_name_has_suffix(entry->name, w->suffixes)) {
            add_file(w, path, script_dir, &entries, entry->name);
        }
    }
}

bool location_glob(const char *pattern, const char *name)
{
    if (!*pattern)
        return !*name;
    if (*pattern == '*') {
        for (const char *rest = name; *rest; rest++)
            if (location_glob(pattern + 1, rest + 1))
                return true;
        return false;
    }
    return *name && (*pattern == '?' || *pattern == *name) && location_glob(pattern + 1, name + 1);
}

static bool has_wildcard(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

static void expand(struct walk *w, const char *path, const char *script_dir, const char *pattern);

/* `**` stands for no directory at all, or for each one and those below it. */
static void expand_any_depth(struct walk *w, const char *path, const char *script_dir,
                             const char *pattern, const char *rest, struct walk *loops)
{
    AUTO(entries_free) struct entries entries = {VEC_INIT};
    struct directory id;
    if (!read_directory(w, path, &entries, &id) || !visit(loops, id))
        return;
    expand(w, path, script_dir, rest);
    for (size_t i = 0; i < entries.list.len; i++) {
        if (!entries.list.ptr[i].is_dir)
            continue;
        AUTO(mem_free) char *below = file_join(path, entries.list.ptr[i].name);
        AUTO(mem_free)
        char *script = *script_dir ? file_join(script_dir, entries.list.ptr[i].name)
                                   : xstrdup(entries.list.ptr[i].name);
        expand_any_depth(w, below, script, pattern, rest, loops);
    }
}

/* Matches the first part of the pattern in path and goes on with the rest. A folder that the whole
 * pattern names is a location of its own: scripts below it are relative to it. */
static void expand_part(struct walk *w, const char *path, const char *script_dir, const char *part,
                        const char *rest)
{
    AUTO(entries_free) struct entries entries = {VEC_INIT};
    struct directory id;
    if (!read_directory(w, path, &entries, &id))
        return;
    for (size_t i = 0; i < entries.list.len; i++) {
        const struct entry *entry = &entries.list.ptr[i];
        if (!location_glob(part, entry->name))
            continue;
        if (entry->is_dir) {
            AUTO(mem_free) char *below = file_join(path, entry->name);
            AUTO(mem_free)
            char *script = *script_dir ? file_join(script_dir, entry->name) : xstrdup(entry->name);
            expand(w, below, script, rest);
        } else if (!*rest && file_name_has_suffix(entry->name, w->suffixes)) {
            w->matches++;
            add_file(w, path, script_dir, &entries, entry->name);
        }
    }
}

static void expand(struct walk *w, const char *path, const char *script_dir, const char *pattern)
{
    while (*pattern == '/')
        pattern++;
    if (!*pattern) {
        w->matches++;
        take_tree(w, path, "");
        return;
    }
    size_t len = strcspn(pattern, "/");
    AUTO(mem_free) char *part = xstrndup(pattern, len);
    const char *rest = pattern + len;
    while (*rest == '/')
        rest++;
    if (str_equal(part, "**")) {
        struct walk loops = {.warnings = w->warnings};
        expand_any_depth(w, path, script_dir, pattern, rest, &loops);
        vec_free(&loops.visited);
    } else if (has_wildcard(part)) {
        expand_part(w, path, script_dir, part, rest);
    } else {
        AUTO(mem_free) char *below = file_join(path, part);
        AUTO(mem_free)
        char *script = *script_dir ? file_join(script_dir, part) : xstrdup(part);
        if (file_is_directory(below))
            expand(w, below, script, rest);
        else if (!*rest && file_name_has_suffix(part, w->suffixes) && file_exists(below))
            expand_part(w, path, script_dir, part, rest);
    }
}

/* Without "//", "/./" and a slash at the end; ".." stays, links give it a meaning. */
static char *tidy(const char *path)
{
    AUTO(str_free) struct str out = STR_INIT;
    if (*path == '/')
        str_addc(&out, '/');
    for (const char *p = path; *p;) {
        size_t len = strcspn(p, "/");
        if (len && !(len == 1 && *p == '.')) {
            if (out.len && out.ptr[out.len - 1] != '/')
                str_addc(&out, '/');
            str_addn(&out, p, len);
        }
        p += len + (p[len] == '/');
    }
    if (!out.len)
        str_addc(&out, '.');
    return str_take(&out);
}

char *location_path(const char *location, const char *base_dir, struct error *err)
{
    const char *path = location;
    if (str_starts(path, "filesystem:")) {
        path += strlen("filesystem:");
    } else if (str_starts(path, "classpath:") || str_starts(path, "s3:") ||
               str_starts(path, "gcs:")) {
        error_set(err, ERR_CONFIG, "location '%s' is not on the file system", location);
        error_hint(err, "name a folder, as 'db/migration' or 'filesystem:db/migration'");
        return NULL;
    }
    if (!*path) {
        error_set(err, ERR_CONFIG, "location '%s' names no folder", location);
        return NULL;
    }
    if (*path == '/' || !base_dir || !*base_dir)
        return tidy(path);
    AUTO(mem_free) char *joined = file_join(base_dir, path);
    return tidy(joined);
}

static bool is_within(const char *path, const char *parent)
{
    size_t len = strlen(parent);
    if (str_equal(parent, "/"))
        return *path == '/';
    if (str_equal(parent, "."))
        return *path != '/' && !str_starts(path, "..");
    return strncmp(path, parent, len) == 0 && (path[len] == '/' || !path[len]);
}

/* The tidy paths of all locations; *keep says which are neither equal to nor within another. */
static bool resolve(const struct strlist *locations, const char *base_dir, struct strlist *ret,
                    bool *keep, struct strlist *warnings, struct error *err)
{
    for (size_t i = 0; i < locations->len; i++) {
        char *path = location_path(locations->ptr[i], base_dir, err);
        if (!path)
            return false;
        *vec_add(ret) = path;
    }
    for (size_t i = 0; i < ret->len; i++) {
        keep[i] = true;
        for (size_t j = 0; j < ret->len && keep[i]; j++) {
            bool same = str_equal(ret->ptr[i], ret->ptr[j]);
            if (i == j || (same && i < j) || !is_within(ret->ptr[i], ret->ptr[j]))
                continue;
            keep[i] = false;
            warn(warnings, same ? xasprintf("location '%s' is listed twice", locations->ptr[i])
                                : xasprintf("location '%s' is left out: it lies within '%s'",
                                            locations->ptr[i], locations->ptr[j]));
        }
    }
    return true;
}

static bool missing(const char *path, const char *why, bool must_exist, struct strlist *warnings,
                    struct error *err)
{
    if (must_exist)
        return error_set(err, ERR_CONFIG, "location '%s' %s", path, why);
    warn(warnings, xasprintf("location '%s' %s; passed over", path, why));
    return true;
}

static bool scan_one(struct walk *w, const char *path, bool must_exist, struct error *err)
{
    if (!has_wildcard(path)) {
        struct stat st;
        if (stat(path, &st) != 0)
            return missing(path, errno == ENOENT ? "does not exist" : strerror(errno), must_exist,
                           w->warnings, err);
        if (!S_ISDIR(st.st_mode))
            return missing(path, "is not a folder", must_exist, w->warnings, err);
        if (must_exist && access(path, R_OK | X_OK) != 0)
            return missing(path, strerror(errno), must_exist, w->warnings, err);
        take_tree(w, path, "");
        return true;
    }
    size_t root = 0;
    for (size_t i = 0; path[i] != '*' && path[i] != '?'; i++)
        if (path[i] == '/')
            root = i + 1;
    AUTO(mem_free) char *from = root > 1 ? xstrndup(path, root - 1) : xstrdup(root ? "/" : ".");
    if (file_is_directory(from))
        expand(w, from, "", path + root);
    return w->matches || missing(path, "matches nothing", must_exist, w->warnings, err);
}

static int by_path(const void *a, const void *b)
{
    const struct found_file *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    if (order)
        return order;
    size_t len_x = strlen(x->script), len_y = strlen(y->script);
    return len_x < len_y ? 1 : len_x > len_y ? -1 : 0;
}

/* A file that two patterns name is taken once, with the script of the folder further up. */
static void sort_and_merge(struct found_files *files)
{
    if (!files->list.len)
        return;
    qsort(files->list.ptr, files->list.len, sizeof files->list.ptr[0], by_path);
    size_t kept = 1;
    for (size_t i = 1; i < files->list.len; i++) {
        struct found_file *file = &files->list.ptr[i];
        if (str_equal(file->path, files->list.ptr[kept - 1].path)) {
            free(file->path);
            free(file->script);
        } else {
            files->list.ptr[kept++] = *file;
        }
    }
    files->list.len = kept;
}

bool locations_scan(const struct strlist *locations, const char *base_dir, bool must_exist,
                    const struct strlist *suffixes, struct found_files *ret,
                    struct strlist *warnings, struct error *err)
{
    AUTO(strlist_free) struct strlist paths = VEC_INIT;
    AUTO(mem_free) bool *keep = xcalloc(locations->len, sizeof *keep);
    if (!resolve(locations, base_dir, &paths, keep, warnings, err))
        return false;
    for (size_t i = 0; i < paths.len; i++) {
        struct walk w = {.suffixes = suffixes, .found = ret, .warnings = warnings};
        bool ok = !keep[i] || scan_one(&w, paths.ptr[i], must_exist, err);
        vec_free(&w.visited);
        if (!ok)
            return false;
    }
    sort_and_merge(ret);
    return true;
}
