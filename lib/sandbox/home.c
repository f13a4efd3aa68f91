#include "lib/sandbox/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/str.h"

static const char prefix[] = "dbops-sandbox";
enum { LOCKLESS_SECONDS = 60, STOP_MS = 5000, COMMAND_LINE_MAX = 65536, NOTE_MAX = 64 };

char *home_parent(struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    const char *parent = tmp && *tmp ? tmp : "/tmp";
    char *real = realpath(parent, NULL);
    if (!real)
        file_error(err, "use the temporary directory", parent, errno);
    return real;
}

/* The lock file gets its name when the lock is already held: a sweep never sees a free one. */
static bool make_lock(const char *dir, int *ret_lock, struct error *err)
{
    AUTO(mem_free) char *hidden = file_join(dir, "lock.new");
    AUTO(mem_free) char *lock = file_join(dir, "lock");
    int fd = open(hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && rename(hidden, lock) == 0) {
        *ret_lock = fd;
        return true;
    }
    file_error(err, "lock", lock, errno);
    if (fd >= 0)
        close(fd);
    return false;
}

char *home_make(const char *parent, int *ret_lock, struct error *err)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(mem_free) char *dir = file_make_temp_directory(parent, prefix, err);
    if (!dir)
        return NULL;
    bool ok = chmod(dir, 0711) == 0 || file_error(err, "set the rights of", dir, errno);
    if (ok && make_lock(dir, ret_lock, err))
        return TAKE(dir);
    if (!file_remove_tree(dir, &ignored))
        log_warn("%s", ignored.text);
    return NULL;
}

bool home_note_server(const char *dir, pid_t pid, int stop_signal, struct error *err)
{
    AUTO(mem_free) char *path = file_join(dir, "server");
    AUTO(mem_free) char *text = xasprintf("%d %d\n", (int)pid, stop_signal);
    return file_write(path, text, strlen(text), 0600, err);
}

/* Whether the process has `dir` in its command line, as the server of that sandbox has. */
static bool runs_in(pid_t pid, const char *dir)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(str_free) struct str line = STR_INIT;
    AUTO(mem_free) char *path = xasprintf("/proc/%d/cmdline", (int)pid);
    AUTO(mem_free) char *data = file_join(dir, "data");
    return file_read(path, COMMAND_LINE_MAX, &line, &ignored) &&
           memmem(line.ptr, line.len, data, strlen(data));
}

/* The server's process, 0 when there is no note of one, and the signal that ends it at once. */
static pid_t noted_server(const char *dir, int *ret_signal)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(str_free) struct str text = STR_INIT;
    AUTO(mem_free) char *path = file_join(dir, "server");
    char *blank;
    if (!file_read(path, NOTE_MAX, &text, &ignored))
        return 0;
    long pid = strtol(text.ptr, &blank, 10);
    long number = strtol(blank, NULL, 10);
    if (pid <= 1 || pid > INT_MAX || number < 1 || number >= NSIG)
        return 0;
    *ret_signal = (int)number;
    return (pid_t)pid;
}

/* Through a pidfd, opened before the look at what runs there: the number may be another's next. */
static void stop_server(const char *dir)
{
    int stop_signal = 0;
    pid_t pid = noted_server(dir, &stop_signal);
    if (!pid)
        return;
    struct pollfd ended = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    if (ended.fd < 0)
        return;
    if (runs_in(pid, dir)) {
        log_debug("stopping the server %d of '%s', whose owner is gone", (int)pid, dir);
        pidfd_send_signal(ended.fd, stop_signal, NULL, 0);
        if (poll(&ended, 1, STOP_MS) == 0)
            pidfd_send_signal(ended.fd, SIGKILL, NULL, 0);
        poll(&ended, 1, STOP_MS);
    }
    close(ended.fd);
}

static void remove_home(const char *dir)
{
    /* processes of the server that just ended may still be writing */
    for (int i = 0; i < 20; i++) {
        AUTO(error_free) struct error err = ERROR_INIT;
        if (file_remove_tree(dir, &err))
            return;
        if (i == 19)
            log_warn("%s", err.text);
        poll(NULL, 0, 50);
    }
}

/* Takes the lock of a directory whose owner is gone; -1 when he lives. */
static int take_over(const char *dir)
{
    struct stat st;
    AUTO(mem_free) char *lock = file_join(dir, "lock");
    int fd = open(lock, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    /* killed before the lock had its name, or while it removed the directory */
    bool lockless = fd < 0 && errno == ENOENT && stat(dir, &st) == 0 &&
                    st.st_mtime < time(NULL) - LOCKLESS_SECONDS;
    if (fd >= 0)
        close(fd);
    return lockless ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

static void sweep_one(const char *dir)
{
    struct stat st;
    if (lstat(dir, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        return;
    int lock = take_over(dir);
    if (lock < 0)
        return;
    stop_server(dir);
    remove_home(dir);
    close(lock);
}

void home_sweep(const char *parent)
{
    DIR *entries = opendir(parent);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        AUTO(mem_free) char *dir = file_join(parent, entry->d_name);
        if (str_starts(entry->d_name, prefix) && entry->d_name[sizeof prefix - 1] == '.')
            sweep_one(dir);
    }
    if (entries)
        closedir(entries);
}
