#include "lib/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/interrupt.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif

/* What the child could not do before it became the program. */
enum stage { STAGE_STREAMS, STAGE_DIRECTORY, STAGE_USER, STAGE_RUN };
struct failure {
    enum stage stage;
    int number;
};

struct plan {
    const struct process_options *options;
    const char *path;
    char *const *argv;
    char *const *env;
    int fds[3]; /* what becomes stdin, stdout, stderr; -1: stays */
    int report; /* write end, close-on-exec */
    pid_t parent;
};

/* ---- in the child: async-signal-safe calls only ---- */

static _Noreturn void child_fail(const struct plan *plan, enum stage stage)
{
    struct failure failure = {stage, errno};
    ssize_t written UNUSED = write(plan->report, &failure, sizeof failure);
    _exit(127);
}

static void child_reset_signals(void)
{
    struct sigaction now, plain = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        /* an ignored SIGHUP is nohup's doing and meant for the program */
        bool nohup =
            number == SIGHUP && sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
        if (!nohup)
            sigaction(number, &plain, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_close_on_exec(void)
{
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    int end = limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int fd = 3; fd < end; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void child_streams(const struct plan *plan)
{
    int moved[3];
    for (int i = 0; i < 3; i++) {
        /* first out of the way of 0, 1 and 2, so that no dup2 overwrites one still needed */
        moved[i] = plan->fds[i] < 0 ? -1 : fcntl(plan->fds[i], F_DUPFD_CLOEXEC, 3);
        if (plan->fds[i] >= 0 && moved[i] < 0)
            child_fail(plan, STAGE_STREAMS);
    }
    for (int i = 0; i < 3; i++)
        if (moved[i] >= 0 && dup2(moved[i], i) < 0)
            child_fail(plan, STAGE_STREAMS);
    if (!plan->options->keep_fds)
        child_close_on_exec();
}

static _Noreturn void child(const struct plan *plan)
{
    const struct process_options *o = plan->options;
    if (o->own_group)
        setpgid(0, 0);
    child_streams(plan);
    if (o->change_user && (setgroups(0, NULL) != 0 || setresgid(o->gid, o->gid, o->gid) != 0 ||
                           setresuid(o->uid, o->uid, o->uid) != 0))
        child_fail(plan, STAGE_USER);
    if (o->dir && chdir(o->dir) != 0)
        child_fail(plan, STAGE_DIRECTORY);
    /* after the change of user, which clears it; and the parent may be gone already */
    prctl(PR_SET_PDEATHSIG, o->death_signal ? o->death_signal : SIGKILL);
    if (getppid() != plan->parent)
        _exit(127);
    child_reset_signals();
    execve(plan->path, plan->argv, plan->env);
    child_fail(plan, STAGE_RUN);
}

/* ---- in the parent ---- */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static size_t name_length(const char *variable)
{
    return strcspn(variable, "=");
}

static bool has_variable(const char *const *list, const char *variable)
{
    size_t len = name_length(variable);
    for (; list && *list; list++)
        if (name_length(*list) == len && strncmp(*list, variable, len) == 0)
            return true;
    return false;
}

static char **merge_environment(const struct process_options *options)
{
    struct strlist merged = {0};
    const char *const *base = options->env ? options->env : (const char *const *)environ;
    for (; base && *base; base++)
        if (!has_variable(options->add_env, *base))
            strlist_add(&merged, *base);
    for (const char *const *add = options->add_env; add && *add; add++)
        if (strchr(*add, '='))
            strlist_add(&merged, *add);
    *vec_add(&merged) = NULL;
    return merged.ptr;
}

static void free_environment(char **env)
{
    for (char **variable = env; variable && *variable; variable++)
        free(*variable);
    free(env);
}

/* The child's end of one stream; with PROCESS_PIPE the parent's end goes to *ret_ours. */
static bool open_stream(enum process_io io, int given, bool input, int *ret_theirs, int *ret_ours)
{
    int pipe_fds[2];
    switch (io) {
    case PROCESS_INHERIT:
        return true;
    case PROCESS_FD:
        *ret_theirs = fcntl(given, F_DUPFD_CLOEXEC, 3);
        return *ret_theirs >= 0;
    case PROCESS_NULL:
        *ret_theirs = open("/dev/null", (input ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
        return *ret_theirs >= 0;
    case PROCESS_PIPE:
        if (pipe2(pipe_fds, O_CLOEXEC) != 0)
            return false;
        *ret_theirs = pipe_fds[input ? 0 : 1];
        *ret_ours = pipe_fds[input ? 1 : 0];
        return true;
    }
    return false;
}

static bool open_streams(const struct process_options *o, struct plan *plan, struct process *p)
{
    return open_stream(o->in, o->in_fd, true, &plan->fds[0], &p->in) &&
           open_stream(o->out, o->out_fd, false, &plan->fds[1], &p->out) &&
           open_stream(o->err, o->err_fd, false, &plan->fds[2], &p->err);
}

static bool report_failure(const struct process_options *o, const struct failure *failure,
                           struct error *err)
{
    const char *what = "";
    switch (failure->stage) {
    case STAGE_STREAMS:
        what = "its input and output cannot be set up: ";
        break;
    case STAGE_DIRECTORY:
        what = "its working directory cannot be entered: ";
        break;
    case STAGE_USER:
        what = "the user cannot be changed: ";
        break;
    case STAGE_RUN:
        break;
    }
    bool denied = failure->number == EACCES || failure->number == EPERM;
    return error_set(err, denied ? ERR_DENIED : ERR_IO, "cannot run '%s': %s%s", o->argv[0], what,
                     strerror(failure->number));
}

/* Waits until the child has become the program or has said why not. */
static bool await_exec(const struct process_options *o, int report, struct error *err)
{
    struct failure failure;
    ssize_t n;
    do
        n = read(report, &failure, sizeof failure);
    while (n < 0 && errno == EINTR);
    return n != (ssize_t)sizeof failure || report_failure(o, &failure, err);
}

static bool spawn(struct plan *plan, struct process *p, struct error *err)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0)
        return error_set(err, ERR_IO, "cannot run '%s': %s", plan->options->argv[0],
                         strerror(errno));
    /* with SIGCHLD ignored (inherited from whoever started us) no status could be waited for */
    signal(SIGCHLD, SIG_DFL);
    plan->report = report[1];
    plan->parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        child(plan);
    close(report[1]);
    bool ok = pid > 0;
    if (!ok) {
        error_set(err, ERR_IO, "cannot run '%s': %s", plan->options->argv[0], strerror(errno));
    } else {
        /* here too, so that the group is there whoever comes first */
        if (plan->options->own_group)
            setpgid(pid, pid);
        p->pid = pid;
        p->pidfd = pidfd_open(pid, 0);
        ok = p->pidfd >= 0 || error_set(err, ERR_IO, "cannot watch '%s': %s",
                                        plan->options->argv[0], strerror(errno));
        ok = ok && await_exec(plan->options, report[0], err);
    }
    close(report[0]);
    return ok;
}

static bool start(const struct process_options *options, struct plan *plan, struct process *p,
                  struct error *err)
{
    if (open_streams(options, plan, p))
        return spawn(plan, p, err);
    return error_set(err, ERR_IO, "cannot run '%s': its input and output cannot be set up: %s",
                     options->argv[0], strerror(errno));
}

bool process_start(const struct process_options *options, struct process *ret, struct error *err)
{
    AUTO(mem_free) char *path = file_find_program(options->argv[0]);
    if (!path)
        return error_set(err, ERR_CONFIG, "cannot run '%s': there is no such program%s",
                         options->argv[0], strchr(options->argv[0], '/') ? "" : " in PATH");
    char **env = merge_environment(options);
    struct plan plan = {.options = options,
                        .path = path,
                        .argv = (char *const *)(uintptr_t)options->argv,
                        .env = env,
                        .fds = {-1, -1, -1}};
    struct process p = PROCESS_INIT;
    p.own_group = options->own_group;
    bool ok = start(options, &plan, &p, err);
    for (int i = 0; i < 3; i++)
        close_fd(&plan.fds[i]);
    free_environment(env);
    if (ok)
        *ret = p;
    else
        process_close(&p);
    return ok;
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* What is left of a timeout that began at `start`; -1 stays -1. */
static int remaining(long long start, int timeout_ms)
{
    if (timeout_ms < 0)
        return -1;
    long long left = start + timeout_ms - now_ms();
    return left > 0 ? (int)left : 0;
}

bool process_wait(struct process *p, int timeout_ms, int *ret_status)
{
    if (!p->pid)
        return true;
    long long begun = now_ms();
    struct pollfd ended = {.fd = p->pidfd, .events = POLLIN};
    for (int n = 0; n <= 0;) {
        int left = remaining(begun, timeout_ms);
        n = poll(&ended, 1, left);
        if (n == 0 && left == 0)
            return false;
    }
    int status = 0;
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        ;
    p->pid = 0;
    if (ret_status)
        *ret_status = status;
    return true;
}

void process_kill(const struct process *p, int signal_number)
{
    if (p->pid)
        kill(p->own_group ? -p->pid : p->pid, signal_number);
}

void process_close(struct process *p)
{
    if (p->pid) {
        process_kill(p, SIGKILL);
        process_wait(p, -1, NULL);
    }
    close_fd(&p->pidfd);
    close_fd(&p->in);
    close_fd(&p->out);
    close_fd(&p->err);
}

int process_exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

char *process_status_text(int status)
{
    if (WIFSIGNALED(status))
        return xasprintf("was ended by signal %d (%s)", WTERMSIG(status),
                         strsignal(WTERMSIG(status)));
    return xasprintf("exited with %d", WEXITSTATUS(status));
}

/* ---- capture ---- */

enum { STDERR_KEPT = 4096 };

struct capture {
    const char *name;
    struct process *process;
    struct str *out;
    size_t start, max_bytes; /* out's length before, and how much may be added */
    struct str errors;
};

/* Reads what is there, but not for ever when more comes than can be read; closes the pipe at its
 * end. What exceeds max is dropped. */
static void drain(int *fd, struct str *into, size_t max)
{
    char block[8192];
    for (int i = 0; i < 128 && *fd >= 0; i++) {
        ssize_t n = read(*fd, block, sizeof block);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (n <= 0) {
            close_fd(fd);
            return;
        }
        size_t room = max > into->len ? max - into->len : 0;
        str_addn(into, block, (size_t)n < room ? (size_t)n : room);
    }
}

static bool drain_both(struct capture *c, struct error *err)
{
    drain(&c->process->out, c->out, c->start + c->max_bytes + 1);
    drain(&c->process->err, &c->errors, STDERR_KEPT);
    if (c->out->len - c->start <= c->max_bytes)
        return true;
    str_cut(c->out, c->start + c->max_bytes);
    return error_set(err, ERR_DATA, "'%s' printed more than %zu bytes", c->name, c->max_bytes);
}

static bool collect(struct capture *c, int timeout_ms, struct error *err)
{
    long long begun = now_ms();
    struct process *p = c->process;
    for (int i = 0; i < 2; i++)
        if ((i ? p->err : p->out) >= 0)
            fcntl(i ? p->err : p->out, F_SETFL, O_NONBLOCK);
    for (bool ended = false; !ended;) {
        struct pollfd fds[] = {{.fd = p->pidfd, .events = POLLIN},
                               {.fd = interrupt_fd(), .events = POLLIN},
                               {.fd = p->out, .events = POLLIN},
                               {.fd = p->err, .events = POLLIN}};
        int left = remaining(begun, timeout_ms);
        int n = poll(fds, ARRAY_LEN(fds), left);
        if (!interrupt_check(err))
            return false;
        if (n == 0 && left == 0)
            return error_set(err, ERR_IO, "'%s' did not end within %d ms", c->name, timeout_ms);
        /* the program's own end counts: what it left in the background may keep the pipes open */
        ended = n > 0 && fds[0].revents;
        if (!drain_both(c, err))
            return false;
    }
    return true;
}

static bool judge(struct capture *c, int status, struct error *err)
{
    if (status == 0)
        return true;
    AUTO(mem_free) char *how = process_status_text(status);
    size_t len = strcspn(c->errors.ptr, "\r\n");
    return error_set(err, ERR_IO, "'%s' %s%s%.*s", c->name, how, len ? ": " : "", (int)len,
                     c->errors.ptr);
}

bool process_run(const struct process_options *options, int timeout_ms, size_t max_bytes,
                 struct str *out, int *ret_status, struct error *err)
{
    AUTO(process_close) struct process p = PROCESS_INIT;
    if (!process_start(options, &p, err))
        return false;
    struct capture c = {options->argv[0], &p, out, out->len, max_bytes, STR_INIT};
    int status = 0;
    bool ok = collect(&c, timeout_ms, err);
    if (ok) {
        process_wait(&p, -1, &status);
        if (ret_status)
            *ret_status = status;
        else
            ok = judge(&c, status, err);
    }
    str_free(&c.errors);
    return ok;
}

bool process_capture(const char *const argv[], const char *const env[], int timeout_ms,
                     size_t max_bytes, struct str *out, int *ret_status, struct error *err)
{
    const struct process_options options = {.argv = argv,
                                            .env = env,
                                            .in = PROCESS_NULL,
                                            .out = PROCESS_PIPE,
                                            .err = PROCESS_PIPE,
                                            .own_group = true};
    return process_run(&options, timeout_ms, max_bytes, out, ret_status, err);
}
