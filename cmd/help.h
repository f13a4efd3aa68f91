/* Usage and help texts, made from the table of commands. */
#ifndef DBOPS_CMD_HELP_H
#define DBOPS_CMD_HELP_H

#include <stdio.h>

#include "cmd/command.h"
#include "lib/base/str.h"

/* Help for these words: "" (everything), a group, or a command; wrapped to width columns. */
void help_print(const char *words, size_t width, FILE *out);

/* Appends what the manual and the help say about an option after its help text: choices, default.
 * "" when there is nothing. */
void help_option_notes(const struct opt *o, struct str *out);

#endif
