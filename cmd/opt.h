/* The command line and the environment, read through the table of commands and options. */
#ifndef DBOPS_CMD_OPT_H
#define DBOPS_CMD_OPT_H

#include "cmd/command.h"
#include "lib/base/str.h"
#include "lib/config/config.h"

/* Options that every command has. */
struct global_opts {
    const char *config;
    struct strlist targets;
    int output; /* enum output_format */
    bool dry_run, yes, quiet, verbose;
    int log_format; /* enum log_format */
    const char *log_file;
    int color; /* enum color_when */
    long long lock_wait_ms;
    bool help, version;
};
extern const struct opt global_options[];

/* What was asked for. Texts are borrowed from argv and the environment. */
struct invocation {
    const struct command *command; /* NULL: `words` name none, but perhaps a group */
    struct str words;              /* "", "migrate", "migrate up" */
    struct global_opts global;
    void *opts; /* of the command: command->opts_size bytes */
    struct config_override *overrides;
    size_t override_count;
    char **operands; /* ended by NULL */
    size_t operand_count;
};

/* Reads argv[1] … and DBOPS_*. Options stand anywhere before "--". Wrong input is ERR_USAGE; the
 * global options are then filled as far as they are right, so that the error can be shown as asked.
 * With --help or --version, and without a command, the rest is not checked. */
bool opt_parse(int argc, char **argv, struct invocation *ret, struct error *err) MUST_CHECK;
void opt_free(struct invocation *inv);
AUTO_VALUE(opt_free, struct invocation)

/* The command of exactly these words, or NULL. */
const struct command *command_find(const char *words);

/* True when a listed command begins with these words and has more ("" has all). */
bool command_is_group(const char *words);

/* The option of command (may be NULL) or of all commands with this long name, or NULL. */
const struct opt *opt_by_name(const struct command *command, const char *name, size_t len);
const struct opt *opt_by_letter(const struct command *command, char letter);

bool opt_takes_value(const struct opt *o);

/* False for --help and --version, which only make sense on the command line. */
bool opt_has_environment(const struct opt *o);

/* Appends the option's variable: "DBOPS_LOCK_WAIT". */
void opt_environment(const struct opt *o, struct str *out);

#endif
