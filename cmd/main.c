/* dbops: reads the command line, runs one command, and says how it went. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/opt.h"
#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/base/terminal.h"

static void app_fill(struct app *app, const struct invocation *inv)
{
    *app = (struct app){
        .command = inv->command,
        .config_given = inv->global.config,
        .targets = inv->global.targets,
        .output = (enum output_format)inv->global.output,
        .dry_run = inv->global.dry_run,
        .yes = inv->global.yes,
        .color = terminal_color((enum color_when)inv->global.color, STDOUT_FILENO),
        .lock_wait_ms = inv->global.lock_wait_ms,
        .overrides = inv->overrides,
        .override_count = inv->override_count,
        .argc = (int)inv->operand_count,
        .argv = inv->operands,
    };
}

static bool start_log(const struct invocation *inv, struct error *err)
{
    const struct global_opts *g = &inv->global;
    struct log_options options = {
        .level = g->verbose ? LOG_LEVEL_DEBUG
                 : g->quiet ? LOG_LEVEL_WARN
                            : LOG_LEVEL_INFO,
        .format = (enum log_format)g->log_format,
        .file = g->log_file,
        .command = inv->command ? inv->command->name : NULL,
        .color = terminal_color((enum color_when)g->color, STDERR_FILENO),
    };
    return log_setup(&options, err);
}

static bool run(struct app *app, const struct invocation *inv, struct error *err)
{
    if (inv->global.version)
        return cmd_version.run(app, NULL, err);
    if (inv->global.help) {
        help_print(inv->words.ptr, terminal_width(STDOUT_FILENO), stdout);
        return true;
    }
    if (inv->command)
        return inv->command->run(app, inv->opts, err);
    help_print(inv->words.ptr, terminal_width(STDERR_FILENO), stderr);
    if (!inv->words.len)
        return error_set(err, ERR_USAGE, "no command given");
    return error_set(err, ERR_USAGE, "'%s' needs one of its commands", inv->words.ptr);
}

/* A result that did not arrive is a failure, even when all the work was done. */
static bool close_stdout(struct error *err)
{
    bool lost = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) == 0 && !lost)
        return true;
    return error_set(err, ERR_IO, "cannot write to stdout: %s",
                     errno ? strerror(errno) : "an earlier write failed");
}

/* Started with one of them closed, the next file or connection would get its number, and the log or
 * the result would be written into it. Writing to stdout must go on failing. */
static void hold_standard_files(void)
{
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
            return;
}

int main(int argc, char **argv)
{
    hold_standard_files();
    interrupt_install();
    terminal_locale();
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    struct app app;
    bool right = opt_parse(argc, argv, &inv, &err);
    app_fill(&app, &inv);
    bool done = start_log(&inv, &err) && right && run(&app, &inv, &err);
    if (!done)
        app_print_error(&app, &err);
    done = close_stdout(&err) && done;
    app_close(&app);
    if (done)
        return app.exit_code;
    log_failure(&err);
    return interrupt_exit_code(&err);
}
