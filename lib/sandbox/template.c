#include "lib/sandbox/template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"

enum { BLOCK = 65536, SUM_MAX = 64, STALE_SECONDS = 3600 };

/* One copy of a tree: the sum does not depend on the order of files or on where holes are. */
struct copy {
    uid_t uid;
    gid_t gid;
    uint64_t sum;
    bool bad_source; /* what failed was reading, or a file that does not belong there */
    const char *to;  /* for messages */
    struct error *err;
    uint64_t block[BLOCK / sizeof(uint64_t)];
};

/* The finaliser of splitmix64. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t sum_text(uint64_t sum, const char *text)
{
    for (; *text; text++)
        sum = mix(sum ^ (uint64_t)(unsigned char)*text) + UINT64_C(0x9e3779b97f4a7c15);
    return sum;
}

/* Adds the words that are not zero, each mixed with its place. */
static uint64_t sum_block(const uint64_t *words, size_t n, uint64_t place)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        if (words[i])
            sum += mix(words[i] ^ mix(place + i + 1));
    return sum;
}

static bool source_failed(struct copy *c)
{
    c->bad_source = true;
    return false;
}

static bool target_failed(struct copy *c, const char *name)
{
    AUTO(mem_free) char *path = file_join(c->to, name);
    return file_error(c->err, "write", path, errno);
}

/* Copies the block at `offset`; one of zeros is left out, so that the copy is sparse. */
static bool copy_block(struct copy *c, int from, int to, off_t offset, uint64_t *sum, size_t *ret_n)
{
    ssize_t n = pread(from, c->block, BLOCK, offset);
    if (n <= 0)
        return source_failed(c);
    size_t words = ((size_t)n + 7) / 8;
    memset((char *)c->block + n, 0, words * 8 - (size_t)n);
    uint64_t added = sum_block(c->block, words, (uint64_t)offset / 8);
    *sum += added;
    *ret_n = (size_t)n;
    return !added || pwrite(to, c->block, (size_t)n, offset) == n;
}

static bool copy_content(struct copy *c, int from, int to, uint64_t *sum)
{
    struct stat st;
    if (fstat(from, &st) != 0)
        return source_failed(c);
    *sum = mix((uint64_t)st.st_size + 1);
    for (off_t at = 0; at < st.st_size;) {
        off_t data = lseek(from, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            break;
        /* blocks stay aligned, since the place of a word counts in words */
        at = data < 0 ? at : data - data % BLOCK;
        size_t n = 0;
        if (!copy_block(c, from, to, at, sum, &n))
            return false;
        at += (off_t)n;
    }
    return ftruncate(to, st.st_size) == 0;
}

static bool copy_file(struct copy *c, int from_dir, int to_dir, const char *name, uint64_t path_sum)
{
    int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0)
        return source_failed(c);
    int to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    uint64_t sum = 0;
    bool ok = to >= 0 && copy_content(c, from, to, &sum) && fchown(to, c->uid, c->gid) == 0;
    if (!ok && !c->bad_source)
        target_failed(c, name);
    if (to >= 0)
        close(to);
    close(from);
    c->sum += mix(sum ^ path_sum);
    return ok;
}

static bool copy_directory(struct copy *c, int from, int to, uint64_t path_sum);

static bool copy_entry(struct copy *c, int from, int to, const char *name, uint64_t path_sum)
{
    struct stat st;
    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return source_failed(c);
    if (S_ISREG(st.st_mode))
        return copy_file(c, from, to, name, path_sum);
    if (!S_ISDIR(st.st_mode))
        return source_failed(c);
    if (mkdirat(to, name, 0700) != 0)
        return target_failed(c, name);
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    return copy_directory(c, openat(from, name, flags), openat(to, name, flags),
                          sum_text(path_sum, "/"));
}

/* Takes over both descriptors. The owner changes last: until then nobody else can look in. */
static bool copy_directory(struct copy *c, int from, int to, uint64_t path_sum)
{
    DIR *entries = from >= 0 ? fdopendir(from) : NULL;
    bool ok = entries || source_failed(c);
    if (ok && to < 0)
        ok = target_failed(c, "");
    for (struct dirent *entry; ok && (entry = readdir(entries));)
        if (!str_equal(entry->d_name, ".") && !str_equal(entry->d_name, ".."))
            ok =
                copy_entry(c, dirfd(entries), to, entry->d_name, sum_text(path_sum, entry->d_name));
    if (ok && fchown(to, c->uid, c->gid) != 0)
        ok = target_failed(c, "");
    c->sum += mix(path_sum);
    if (entries)
        closedir(entries);
    else if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return ok;
}

/* Copies a tree to the new directory c->to. */
static bool copy_tree(struct copy *c, const char *from)
{
    if (mkdir(c->to, 0700) != 0)
        return target_failed(c, "");
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    return copy_directory(c, open(from, flags), open(c->to, flags), 1);
}

/* The cache's folder, made if need be; NULL when there is none that is ours alone. With sudo $HOME
 * may still be the user's: what root put there would be in the user's way, and what the user put
 * there is not for root to run. */
static char *cache_folder(void)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    AUTO(mem_free) char *folder = NULL;
    if (cache && cache[0] == '/')
        folder = file_join(cache, "dbops/sandbox");
    else if (home && home[0] == '/')
        folder = file_join(home, ".cache/dbops/sandbox");
    if (!folder)
        return NULL;
    struct stat st;
    if (!(cache && cache[0] == '/') && (stat(home, &st) != 0 || st.st_uid != geteuid()))
        return NULL;
    AUTO(error_free) struct error ignored = ERROR_INIT;
    if (!file_make_directory(folder, 0700, &ignored))
        return NULL;
    bool ours = stat(folder, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022);
    return ours ? TAKE(folder) : NULL;
}

/* Moves it out of the way first, so that nobody takes half of it. */
static void drop(const char *folder, const char *template)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *old = file_make_temp_directory(folder, "old-template", &err);
    if (old && rename(template, old) == 0)
        log_debug("the template '%s' is damaged and will be made anew", template);
    if (old && !file_remove_tree(old, &err))
        log_debug("%s", err.text);
}

static bool read_sum(const char *template, struct str *ret)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(mem_free) char *path = file_join(template, "sum");
    return file_read(path, SUM_MAX, ret, &ignored);
}

bool template_take(const char *key, const char *to, uid_t uid, gid_t gid, bool *ret_found,
                   struct error *err)
{
    *ret_found = false;
    AUTO(mem_free) char *folder = cache_folder();
    AUTO(mem_free) char *template = folder ? file_join(folder, key) : NULL;
    if (!template || !file_exists(template))
        return true;
    AUTO(mem_free) char *data = file_join(template, "data");
    AUTO(mem_free) struct copy *c = xcalloc(1, sizeof *c);
    c->uid = uid;
    c->gid = gid;
    c->to = to;
    c->err = err;
    AUTO(str_free) struct str sum = STR_INIT;
    bool ok = read_sum(template, &sum) && copy_tree(c, data);
    AUTO(mem_free) char *found = xasprintf("%016" PRIx64 "\n", c->sum);
    if (!error_ok(err))
        return false;
    *ret_found = ok && str_equal(sum.ptr, found);
    if (*ret_found)
        return true;
    drop(folder, template);
    return file_remove_tree(to, err);
}

/* Removes what killed runs left half made. */
static void sweep(const char *folder)
{
    DIR *entries = opendir(folder);
    time_t limit = time(NULL) - STALE_SECONDS;
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        struct stat st;
        AUTO(error_free) struct error ignored = ERROR_INIT;
        AUTO(mem_free) char *path = file_join(folder, entry->d_name);
        bool left = str_starts(entry->d_name, "new-template.") ||
                    str_starts(entry->d_name, "old-template.");
        if (left && lstat(path, &st) == 0 && st.st_mtime < limit)
            log_debug("removing '%s': %s", path,
                      file_remove_tree(path, &ignored) ? "done" : ignored.text);
    }
    if (entries)
        closedir(entries);
}

static bool keep(const char *folder, const char *key, const char *from, const char *made,
                 struct error *err)
{
    AUTO(mem_free) char *template = file_join(folder, key);
    AUTO(mem_free) char *data = file_join(made, "data");
    AUTO(mem_free) char *sum_path = file_join(made, "sum");
    AUTO(mem_free) struct copy *c = xcalloc(1, sizeof *c);
    c->uid = geteuid();
    c->gid = getegid();
    c->to = data;
    c->err = err;
    if (!copy_tree(c, from))
        return error_set(err, ERR_IO, "cannot read '%s'", from);
    AUTO(mem_free) char *sum = xasprintf("%016" PRIx64 "\n", c->sum);
    if (!file_write(sum_path, sum, strlen(sum), 0600, err))
        return false;
    return rename(made, template) == 0 || file_error(err, "make", template, errno);
}

void template_keep(const char *key, const char *from)
{
    AUTO(error_free) struct error err = ERROR_INIT, ignored = ERROR_INIT;
    AUTO(mem_free) char *folder = cache_folder();
    if (!folder)
        return;
    sweep(folder);
    AUTO(mem_free) char *made = file_make_temp_directory(folder, "new-template", &err);
    if (made && keep(folder, key, from, made, &err))
        return;
    log_debug("no template is kept: %s", err.text);
    if (made && !file_remove_tree(made, &ignored))
        log_debug("%s", ignored.text);
}
