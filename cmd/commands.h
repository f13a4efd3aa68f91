/* The commands, one file each; cmd/table.c lists them in the order of --help. */
#ifndef DBOPS_CMD_COMMANDS_H
#define DBOPS_CMD_COMMANDS_H

#include "cmd/command.h"

extern const struct command cmd_migrate_up;
extern const struct command cmd_migrate_info;
extern const struct command cmd_migrate_validate;
extern const struct command cmd_migrate_baseline;
extern const struct command cmd_migrate_repair;
extern const struct command cmd_migrate_clean;
extern const struct command cmd_migrate_new;
extern const struct command cmd_sandbox_run;
extern const struct command cmd_config_check;
extern const struct command cmd_config_show;
extern const struct command cmd_config_schema;
extern const struct command cmd_doctor;
extern const struct command cmd_version;
extern const struct command cmd_help;
extern const struct command cmd_completion;

/* Not listed: they serve shells, the manual and the tests. */
extern const struct command cmd_complete;
extern const struct command cmd_man;
extern const struct command cmd_commands;

#endif
