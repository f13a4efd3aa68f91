#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_error(struct error *err, const char *verb, const char *path, int number)
{
    enum error_kind kind = number == EACCES || number == EPERM ? ERR_DENIED : ERR_IO;
    return error_set(err, kind, "cannot %s '%s': %s", verb, path, strerror(number));
}

/* close() that keeps errno, so that a failure before it can still be reported. */
static void close_quietly(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
}

static bool read_all(int fd, const char *path, size_t limit, struct str *ret, struct error *err)
{
    size_t start = ret->len;
    for (;;) {
        str_reserve(ret, 8192);
        ssize_t n = read(fd, ret->ptr + ret->len, 8192);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            ret->ptr[ret->len] = '\0';
            return n == 0 || file_error(err, "read", path, errno);
        }
        ret->len += (size_t)n;
        ret->ptr[ret->len] = '\0';
        if (ret->len - start > limit)
            return error_set(err, ERR_DATA, "cannot read '%s': it is larger than %zu bytes", path,
                             limit);
    }
}

bool file_read(const char *path, size_t limit, struct str *ret, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_error(err, "read", path, errno);
    size_t start = ret->len;
    bool ok = read_all(fd, path, limit, ret, err);
    close(fd);
    if (!ok)
        str_cut(ret, start);
    return ok;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
    return fsync(fd) == 0;
}

bool file_write(const char *path, const char *bytes, size_t n, mode_t mode, struct error *err)
{
    AUTO(mem_free) char *temp = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return file_error(err, "write", path, errno);
    bool ok = fchmod(fd, mode) == 0 && write_all(fd, bytes, n);
    close_quietly(fd);
    if (ok && rename(temp, path) == 0)
        return true;
    file_error(err, "write", path, errno);
    unlink(temp);
    return false;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_make_directory(const char *path, mode_t mode, struct error *err)
{
    AUTO(mem_free) char *part = xstrdup(path);
    for (char *slash = part; slash; *slash = '/') {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        int failed = mkdir(part, mode) == 0 ? 0 : errno;
        if (failed && !file_is_directory(part))
            return file_error(err, "make the directory", part, failed);
        if (!slash)
            break;
    }
    return true;
}

char *file_make_temp_directory(const char *parent, const char *prefix, struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    if (!parent)
        parent = tmp && *tmp ? tmp : "/tmp";
    AUTO(mem_free) char *path = xasprintf("%s/%s.XXXXXX", parent, prefix);
    if (!mkdtemp(path)) {
        file_error(err, "make a temporary directory in", parent, errno);
        return NULL;
    }
    return TAKE(path);
}

static bool remove_entry(int dir, const char *name, const char *path, struct error *err);

static bool remove_entries(DIR *dir, const char *path, struct error *err)
{
    bool ok = true;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
            continue;
        AUTO(mem_free) char *below = file_join(path, entry->d_name);
        ok = remove_entry(dirfd(dir), entry->d_name, below, err) && ok;
    }
    return ok;
}

/* By directory handle and name: a link put in the place of a directory meanwhile is not followed,
 * which matters when root cleans up after an unprivileged server. */
static bool remove_entry(int dir, const char *name, const char *path, struct error *err)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return true;
    int failed = errno;
    int fd = failed == EISDIR || failed == EPERM
                 ? openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                 : -1;
    if (fd < 0)
        return file_error(err, "remove", path, errno == ENOTDIR ? failed : errno);
    DIR *entries = fdopendir(fd);
    if (!entries) {
        close_quietly(fd);
        return file_error(err, "remove", path, errno);
    }
    bool ok = remove_entries(entries, path, err);
    closedir(entries);
    if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return ok;
    return file_error(err, "remove", path, errno);
}

bool file_remove_tree(const char *path, struct error *err)
{
    return remove_entry(AT_FDCWD, path, path, err);
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *file_find_program(const char *name)
{
    if (strchr(name, '/'))
        return is_program(name) ? xstrdup(name) : NULL;
    const char *path = getenv("PATH");
    if (!path || !*path)
        path = "/usr/local/bin:/usr/bin:/bin";
    while (*name) {
        size_t len = strcspn(path, ":");
        AUTO(mem_free) char *candidate = xasprintf("%.*s/%s", (int)len, path, name);
        /* an empty entry would mean the working directory: never run what happens to lie there */
        if (len && is_program(candidate))
            return TAKE(candidate);
        if (!path[len])
            break;
        path += len + 1;
    }
    return NULL;
}

char *file_join(const char *directory, const char *name)
{
    const char *slash = str_ends(directory, "/") ? "" : "/";
    return xasprintf("%s%s%s", directory, slash, name);
}
