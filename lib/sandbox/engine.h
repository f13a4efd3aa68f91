/* Within lib/sandbox: what a sandbox holds, and what differs between the servers. */
#ifndef DBOPS_SANDBOX_ENGINE_H
#define DBOPS_SANDBOX_ENGINE_H

#include <sys/types.h>

#include "lib/base/process.h"
#include "lib/sandbox/sandbox.h"

/* The server's programs, by their real paths. Some of them may be NULL. */
struct programs {
    char *server; /* postgres, mysqld, mariadbd */
    char *init;   /* initdb, mariadb-install-db */
    char *version;
};
void programs_free(struct programs *p);

struct sandbox {
    const struct engine *engine;
    struct programs programs;
    char *dir;     /* ours; lock, log, data and s are in it */
    char *data;    /* the server's */
    char *sockets; /* folder of the Unix socket, the server's */
    char *socket;  /* path of the Unix socket */
    char *database;
    char *password; /* for TCP only; NULL: no TCP */
    unsigned port;
    struct strlist settings;
    bool change_user; /* we are root: the server runs as uid and gid */
    uid_t uid;
    gid_t gid;
    int lock_fd, port_fd, log_fd;
    struct process server;
};

struct engine {
    const char *name;
    const char *user;    /* its superuser */
    const char *message; /* its name in messages */
    int stop_signal;     /* ends it at once and leaves nothing in the kernel */
    bool (*find)(const char *bin_dir, struct programs *ret, struct error *err);
    /* Whether a "name=value" counts when the data directory is made. */
    bool (*at_init)(const char *setting);
    void (*paths)(struct sandbox *s); /* socket and port */
    bool (*init)(struct sandbox *s, struct error *err);
    bool (*prepare)(struct sandbox *s,
                    struct error *err); /* the data directory, before each start */
    void (*arguments)(const struct sandbox *s, struct strlist *argv);
    bool (*ready)(const struct sandbox *s);
    void (*environment)(const struct sandbox *s, struct strlist *ret);
};
extern const struct engine engine_postgres, engine_mysql, engine_mariadb;

/* Runs a program of the server to its end, as the server's user, in its folder; its output goes to
 * the log, input (may be NULL) to its stdin. */
bool engine_run(struct sandbox *s, const struct strlist *argv, const char *input,
                struct error *err) MUST_CHECK;

/* The environment of the server's programs: nothing of ours but what they need to run, in UTC. */
void engine_environment(const struct sandbox *s, struct strlist *ret);

/* Makes a file in the sandbox that only the server can read. */
bool engine_write(struct sandbox *s, const char *name, const char *text,
                  struct error *err) MUST_CHECK;

/* What a program answers to --version, NULL when it does not run; and the number in an answer: the
 * first word that begins with a digit. Both owned by the caller. */
char *engine_version_answer(const char *program, struct error *err) MUST_CHECK;
char *engine_version_number(const char *answer);

#endif
