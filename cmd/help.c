#include "cmd/help.h"

#include <string.h>
#include <unistd.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "cmd/opt.h"
#include "lib/base/terminal.h"

enum { COLUMN = 28 }; /* where descriptions begin */

/* Writes text in words, each line at most width wide; the first begins where the caller stands. */
static void wrap(const char *text, size_t indent, size_t width, FILE *out)
{
    size_t at = indent;
    for (const char *word = text; *word;) {
        size_t len = strcspn(word, " \n");
        if (at > indent && at + 1 + len > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', out);
            at++;
        }
        fwrite(word, 1, len, out);
        at += len;
        word += len;
        if (word[0] == '\n' && word[1] == '\n') {
            fprintf(out, "\n\n%*s", (int)indent, "");
            at = indent;
        }
        word += strspn(word, " \n");
    }
    fputc('\n', out);
}

static void row(const char *left, const char *right, size_t width, FILE *out)
{
    size_t len = strlen(left);
    fputs(left, out);
    if (len + 2 > COLUMN)
        fprintf(out, "\n%*s", COLUMN, "");
    else
        fprintf(out, "%*s", (int)(COLUMN - len), "");
    wrap(right, COLUMN, width, out);
}

void help_option_notes(const struct opt *o, struct str *out)
{
    for (int i = 0; o->choices && o->choices[i]; i++)
        str_addf(out, "%s%s", i ? ", " : "one of ", o->choices[i]);
    if (o->def)
        str_addf(out, "%sdefault: %s", out->len ? "; " : "", o->def);
}

static void print_options(const struct opt *o, size_t width, FILE *out)
{
    for (; o && o->name; o++) {
        AUTO(str_free) struct str left = STR_INIT, right = STR_INIT, notes = STR_INIT;
        if (o->short_name)
            str_addf(&left, "  -%c, ", o->short_name);
        str_addf(&left, "%s--%s%s%s", o->short_name ? "" : "      ", o->name, o->arg ? "=" : "",
                 o->arg ? o->arg : "");
        help_option_notes(o, &notes);
        str_addf(&right, notes.len ? "%s (%s)" : "%s%s", o->help, notes.ptr);
        row(left.ptr, right.ptr, width, out);
    }
}

static void print_commands(const char *words, size_t width, FILE *out)
{
    size_t len = strlen(words);
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name;
        if (commands[i]->hidden || (len && (!str_starts(name, words) || name[len] != ' ')))
            continue;
        AUTO(mem_free) char *left = xasprintf("  %s", name);
        row(left, commands[i]->summary, width, out);
    }
}

static void print_command(const struct command *command, size_t width, FILE *out)
{
    fprintf(out, "Usage: dbops %s [OPTION...]%s%s\n\n", command->name, command->operands ? " " : "",
            command->operands ? command->operands : "");
    wrap(command->text ? command->text : command->summary, 0, width, out);
    if (command->options && command->options->name) {
        fputs("\nOptions:\n", out);
        print_options(command->options, width, out);
    }
    fputs("\nGlobal options:\n", out);
    print_options(global_options, width, out);
    fputc('\n', out);
    wrap("Each option can also be given in the environment: DBOPS_LOG_FILE for --log-file. "
         "--no-NAME turns a flag off that the environment or the configuration turns on.",
         0, width, out);
}

static void print_group(const char *words, size_t width, FILE *out)
{
    fprintf(out, "Usage: dbops %s%sCOMMAND [OPTION...]\n", words, *words ? " " : "");
    if (!*words) {
        fputc('\n', out);
        wrap("Keeps the databases of a data platform healthy. What to work on stands in "
             "dbops.yaml; results go to stdout, everything else to stderr.",
             0, width, out);
    }
    fputs("\nCommands:\n", out);
    print_commands(words, width, out);
    fputs("\nGlobal options:\n", out);
    print_options(global_options, width, out);
    fprintf(out, "\n'dbops help COMMAND' tells more about a command.\n");
}

void help_print(const char *words, size_t width, FILE *out)
{
    const struct command *command = command_find(words);
    if (command)
        print_command(command, width, out);
    else
        print_group(words, width, out);
}

static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)raw;
    AUTO(str_free) struct str words = STR_INIT;
    for (int i = 0; i < app->argc; i++)
        str_addf(&words, "%s%s", i ? " " : "", app->argv[i]);
    if (!command_find(words.ptr) && !command_is_group(words.ptr)) {
        error_set(err, ERR_USAGE, "'%s' is not a command", words.ptr);
        return error_hint(err, "'dbops help' lists them");
    }
    help_print(words.ptr, terminal_width(STDOUT_FILENO), stdout);
    return true;
}

const struct command cmd_help = {
    .name = "help",
    .operands = "[COMMAND...]",
    .summary = "show what a command does and its options",
    .run = run,
};
