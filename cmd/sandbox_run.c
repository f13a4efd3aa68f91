/* cmd/sandbox_run.c: dbops sandbox run */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "lib/base/interrupt.h"
#include "lib/base/process.h"
#include "lib/sandbox/sandbox.h"

struct opts {
    int engine; /* enum sandbox_engine */
    const char *bin, *database;
    bool tcp;
    struct strlist settings;
};

static const char *const engines[] = {"postgres", "mysql", "mariadb", NULL};

static const struct opt options[] = {
    OPT_CHOICE(0, "engine", struct opts, engine, "NAME", "postgres", engines, "which server"),
    OPT_STRING(0, "bin", struct opts, bin, "DIR", NULL,
               "folder of the server's programs (default: found on this machine)"),
    OPT_STRING(0, "database", struct opts, database, "NAME", "sandbox", "database to make"),
    OPT_FLAG(0, "tcp", struct opts, tcp, "also listen on a free port of 127.0.0.1"),
    OPT_LIST(0, "set", struct opts, settings, "NAME=VALUE", "a setting of the server"),
    OPT_END,
};

enum { GRACE_MS = 4000 };

/* Options are split at commas, but values of settings may have some: an item without '=' belongs to
 * the one before. */
static void join_settings(const struct strlist *items, struct strlist *ret)
{
    for (size_t i = 0; i < items->len; i++) {
        if (!ret->len || strchr(items->ptr[i], '=')) {
            strlist_add(ret, items->ptr[i]);
            continue;
        }
        char **last = &ret->ptr[ret->len - 1];
        char *joined = xasprintf("%s,%s", *last, items->ptr[i]);
        mem_free(*last);
        *last = joined;
    }
}

/* Signals come in by a descriptor while the command runs; what came before is told by interrupt. */
static int open_signals(struct error *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGQUIT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd < 0)
        error_set(err, ERR_IO, "cannot wait for signals: %s", strerror(errno));
    return fd;
}

/* Gives a signal to the command, unless it came from the terminal, which gave it to both of us.
 * True when the command is to end soon. */
static bool pass_on(int signals, struct process *command, bool ending)
{
    struct signalfd_siginfo info;
    if (read(signals, &info, sizeof info) != (ssize_t)sizeof info)
        return ending;
    int number = (int)info.ssi_signo;
    if (ending && number == SIGTERM)
        number = SIGKILL;
    if (info.ssi_code != SI_KERNEL)
        process_kill(command, number);
    return ending || number == SIGTERM || number == SIGHUP;
}

/* Waits for the command's end; one that was told to end by SIGTERM has a few seconds. */
static int await_end(struct process *command, int signals)
{
    int status = 0;
    for (bool ending = false; !process_wait(command, 0, &status);) {
        struct pollfd fds[] = {{.fd = command->pidfd, .events = POLLIN},
                               {.fd = signals, .events = POLLIN}};
        int n = poll(fds, ARRAY_LEN(fds), ending ? GRACE_MS : -1);
        if (n == 0)
            process_kill(command, SIGKILL);
        else if (n > 0 && fds[1].revents)
            ending = pass_on(signals, command, ending);
    }
    return status;
}

static bool run_command(struct app *app, const struct sandbox *s, int signals, struct error *err)
{
    AUTO(strlist_free) struct strlist env = {0};
    sandbox_environment(s, &env);
    *vec_add(&env) = NULL;
    AUTO(process_close) struct process command = PROCESS_INIT;
    const struct process_options how = {
        .argv = (const char *const *)app->argv,
        .add_env = (const char *const *)env.ptr,
        .keep_fds = true,
        .death_signal = SIGTERM,
    };
    if (!interrupt_check(err) || !process_start(&how, &command, err))
        return false;
    app->exit_code = process_exit_code(await_end(&command, signals));
    return true;
}

static bool run(struct app *app, const void *raw, struct error *err)
{
    const struct opts *opts = raw;
    if (app->dry_run)
        return error_set(err, ERR_USAGE, "'sandbox run' has nothing to show with --dry-run");
    AUTO(strlist_free) struct strlist settings = {0};
    join_settings(&opts->settings, &settings);
    *vec_add(&settings) = NULL;
    const struct sandbox_options how = {
        .engine = (enum sandbox_engine)opts->engine,
        .bin_dir = opts->bin,
        .database = opts->database,
        .tcp = opts->tcp,
        .settings = (const char *const *)settings.ptr,
    };
    AUTO(sandbox_stop) struct sandbox *s = sandbox_start(&how, err);
    int signals = s ? open_signals(err) : -1;
    bool ok = signals >= 0 && run_command(app, s, signals, err);
    if (signals >= 0)
        close(signals);
    return ok;
}

const struct command cmd_sandbox_run = {
    .name = "sandbox run",
    .operands = "-- COMMAND...",
    .summary = "run a command with a private throw-away database server",
    .text =
        "Starts a server from the programs on this machine, in a temporary directory ($TMPDIR or "
        "/tmp), with a Unix socket and with durability off; runs the command; stops the server and "
        "removes everything. Started by root, the server runs as 'nobody'. What a killed run left "
        "behind, the next one removes.\n\n"
        "The command finds the server by the environment of the server's own clients: PGHOST, "
        "PGPORT, PGUSER, PGDATABASE (PostgreSQL), or MYSQL_HOST, MYSQL_UNIX_PORT, MYSQL_TCP_PORT "
        "and MYSQL_HOME with a my.cnf (MySQL and MariaDB; the user is root). DBOPS_SANDBOX_ENGINE, "
        "VERSION, HOST, SOCKET, PORT, "
        "USER, PASSWORD, DATABASE and DIR, each with that prefix, say the same for every server. "
        "There is a password only with --tcp (PGPASSWORD, MYSQL_PWD).\n\n"
        "The exit code is the command's: 128 and the signal's number when a signal ended it. "
        "Signals go to the command. After SIGTERM it has 4 seconds, a second SIGTERM ends it at "
        "once.",
    .options = options,
    .opts_size = sizeof(struct opts),
    .run = run,
};
