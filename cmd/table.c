#include "cmd/commands.h"

#include <stdio.h>

#include "cmd/app.h"
#include "cmd/opt.h"

/* clang-format off: one command a line */
const struct command *const commands[] = {
    &cmd_migrate_up,
    &cmd_migrate_info,
    &cmd_migrate_validate,
    &cmd_migrate_baseline,
    &cmd_migrate_repair,
    &cmd_migrate_clean,
    &cmd_migrate_new,
    &cmd_sandbox_run,
    &cmd_config_check,
    &cmd_config_show,
    &cmd_config_schema,
    &cmd_doctor,
    &cmd_version,
    &cmd_help,
    &cmd_completion,
    &cmd_complete,
    &cmd_man,
    &cmd_commands,
    NULL,
};
/* clang-format on */

/* One line each: name, then its long options, separated by tabs. */
static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)app;
    (void)raw;
    (void)err;
    for (size_t i = 0; commands[i]; i++) {
        if (commands[i]->hidden)
            continue;
        fputs(commands[i]->name, stdout);
        for (const struct opt *o = commands[i]->options; o && o->name; o++)
            printf("\t--%s", o->name);
        putchar('\n');
    }
    return true;
}

const struct command cmd_commands = {
    .name = "__commands",
    .summary = "list every command with its own options",
    .hidden = true,
    .run = run,
};
