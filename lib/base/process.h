/* Child programs: no shell, nothing inherited by accident, gone when we are. Start them from the
 * main thread only: the kernel ends them with the thread that started them. */
#ifndef DBOPS_BASE_PROCESS_H
#define DBOPS_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/error.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

enum process_io { PROCESS_INHERIT, PROCESS_NULL, PROCESS_PIPE, PROCESS_FD };

struct process_options {
    const char *const *argv; /* ended by NULL; argv[0] is looked up in $PATH unless it has a '/' */
    const char *const *env;  /* "NAME=value", ended by NULL: all of it; NULL: ours */
    const char *const
        *add_env;    /* "NAME=value", ended by NULL: added to env or replacing; or NULL */
    const char *dir; /* working directory; NULL: ours */
    enum process_io in, out, err;
    int in_fd, out_fd, err_fd; /* for PROCESS_FD; stay open here */
    bool own_group;   /* a process group of its own, that process_kill reaches as a whole */
    bool keep_fds;    /* descriptors that are not close-on-exec stay open in it */
    int death_signal; /* what it gets when we die; 0: SIGKILL */
    bool change_user; /* become uid and gid, without other groups */
    uid_t uid;
    gid_t gid;
};

struct process {
    pid_t pid;        /* 0: none, or already waited for */
    int pidfd;        /* readable when it has ended; -1: none */
    int in, out, err; /* our ends of PROCESS_PIPE, close-on-exec; -1: none */
    bool own_group;
};
#define PROCESS_INIT                                                                               \
    {                                                                                              \
        0, -1, -1, -1, -1, false                                                                   \
    }

/* Starts the program. ERR_CONFIG: there is no such program. */
bool process_start(const struct process_options *options, struct process *ret,
                   struct error *err) MUST_CHECK;

/* Waits up to timeout_ms (-1: for ever) for its end; false when it still runs. *ret_status is as
 * waitpid gives it; it may be NULL. */
bool process_wait(struct process *p, int timeout_ms, int *ret_status);

/* Sends a signal to it, or to its group when it has its own. Nothing when it has been waited for.
 */
void process_kill(const struct process *p, int signal_number);

/* Kills what still runs, waits for it, closes the pipes. */
void process_close(struct process *p);
AUTO_VALUE(process_close, struct process)

/* The exit code as a shell gives it: 128 + N after signal N. */
int process_exit_code(int status);

/* "exited with 3", "was ended by signal 9 (Killed)". Owned by the caller. */
char *process_status_text(int status);

/* Runs a program to its end and appends what it writes to a stdout of PROCESS_PIPE to out, at most
 * max_bytes. The program and its group are killed after timeout_ms (-1: never) and on
 * SIGINT/SIGTERM. With ret_status the caller judges the exit; without, anything but 0 is ERR_IO
 * with the first line of a stderr of PROCESS_PIPE. */
bool process_run(const struct process_options *options, int timeout_ms, size_t max_bytes,
                 struct str *out, int *ret_status, struct error *err) MUST_CHECK;

/* process_run with /dev/null as stdin, a group of its own, and both outputs collected. */
bool process_capture(const char *const argv[], const char *const env[], int timeout_ms,
                     size_t max_bytes, struct str *out, int *ret_status,
                     struct error *err) MUST_CHECK;

#endif
