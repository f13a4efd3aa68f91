#include "lib/sandbox/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/file.h"

enum { RUN_MS = 120000, ANSWER_MS = 20000, ANSWER_MAX = 4096 };

void programs_free(struct programs *p)
{
    free(p->server);
    free(p->init);
    free(p->version);
    *p = (struct programs){0};
}

/* A descriptor to read the text from; -1 and an error when the kernel has no room. */
static int text_input(const char *text, struct error *err)
{
    size_t len = strlen(text);
    int fd = memfd_create("dbops-input", MFD_CLOEXEC);
    if (fd >= 0 && write(fd, text, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    error_set(err, ERR_IO, "cannot keep the input of a program: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

bool engine_run(struct sandbox *s, const struct strlist *argv, const char *input, struct error *err)
{
    int fd = input ? text_input(input, err) : -1;
    if (input && fd < 0)
        return false;
    AUTO(strlist_free) struct strlist words = {0}, env = {0};
    for (size_t i = 0; i < argv->len; i++)
        strlist_add(&words, argv->ptr[i]);
    *vec_add(&words) = NULL;
    engine_environment(s, &env);
    *vec_add(&env) = NULL;
    const struct process_options options = {
        .argv = (const char *const *)words.ptr,
        .env = (const char *const *)env.ptr,
        .dir = "/",
        .in = input ? PROCESS_FD : PROCESS_NULL,
        .in_fd = fd,
        .out = PROCESS_FD,
        .out_fd = s->log_fd,
        .err = PROCESS_FD,
        .err_fd = s->log_fd,
        .own_group = true,
        .change_user = s->change_user,
        .uid = s->uid,
        .gid = s->gid,
    };
    AUTO(str_free) struct str none = STR_INIT;
    bool ok = process_run(&options, RUN_MS, 0, &none, NULL, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

void engine_environment(const struct sandbox *s, struct strlist *ret)
{
    static const char *const passed_on[] = {"PATH",
                                            "LD_LIBRARY_PATH",
                                            "LD_PRELOAD",
                                            "FAKETIME",
                                            "FAKETIME_NO_CACHE",
                                            "FAKETIME_TIMESTAMP_FILE",
                                            "FAKETIME_DONT_FAKE_MONOTONIC"};
    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++) {
        const char *value = getenv(passed_on[i]);
        AUTO(mem_free) char *variable = value ? xasprintf("%s=%s", passed_on[i], value) : NULL;
        if (variable)
            strlist_add(ret, variable);
    }
    AUTO(mem_free) char *home = xasprintf("HOME=%s", s->sockets);
    strlist_add(ret, home);
    strlist_add(ret, "LC_ALL=C.UTF-8");
    strlist_add(ret, "TZ=UTC");
}

bool engine_write(struct sandbox *s, const char *name, const char *text, struct error *err)
{
    AUTO(mem_free) char *path = file_join(s->dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    size_t len = strlen(text);
    bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len &&
              (!s->change_user || fchown(fd, s->uid, s->gid) == 0);
    if (!ok)
        file_error(err, "write", path, errno);
    if (fd >= 0)
        close(fd);
    return ok;
}

char *engine_version_answer(const char *program, struct error *err)
{
    AUTO(str_free) struct str answer = STR_INIT;
    const char *const argv[] = {program, "--version", NULL};
    if (!process_capture(argv, NULL, ANSWER_MS, ANSWER_MAX, &answer, NULL, err))
        return NULL;
    return str_take(&answer);
}

char *engine_version_number(const char *answer)
{
    for (const char *word = answer; *word; word += strspn(word, " \n")) {
        size_t len = strcspn(word, " \n");
        if (*word >= '0' && *word <= '9')
            return xstrndup(word, strspn(word, "0123456789."));
        word += len;
    }
    return xstrdup("unknown");
}
