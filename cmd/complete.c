#include "cmd/complete.h"

#include <stdio.h>
#include <string.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "cmd/opt.h"

static void candidate(const char *text, const char *prefix, const char *about)
{
    if (str_starts(text, prefix))
        printf("%s\t%s\n", text, about);
}

/* After "a,b," only the part behind the last comma is being typed. */
static void candidate_after(const char *given, size_t done, const char *text, const char *about)
{
    AUTO(mem_free) char *whole = xasprintf("%.*s%s", (int)done, given, text);
    candidate(whole, given, about);
}

void complete_targets(struct app *app, const char *prefix)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    const struct config *config = app_config(app, &ignored);
    if (!config)
        return;
    const char *comma = strrchr(prefix, ',');
    size_t done = comma ? (size_t)(comma - prefix) + 1 : 0;
    const struct strlist *targets = config_target_names(config);
    const struct strlist *groups = config_group_names(config);
    for (size_t i = 0; i < targets->len; i++)
        candidate_after(prefix, done, targets->ptr[i], "target");
    for (size_t i = 0; i < groups->len; i++)
        candidate_after(prefix, done, groups->ptr[i], "group");
    candidate_after(prefix, done, "all", "every target");
}

/* The value of o; lead ("--output=") stands in front of it in the same word. */
static void complete_value(struct app *app, const struct opt *o, const char *lead,
                           const char *prefix)
{
    for (int i = 0; o->choices && o->choices[i]; i++) {
        AUTO(mem_free) char *word = xasprintf("%s%s", lead, o->choices[i]);
        if (str_starts(o->choices[i], prefix))
            printf("%s\t%s\n", word, o->help);
    }
    if (o->complete && !*lead)
        o->complete(app, prefix);
}

static void complete_options(const struct opt *o, const char *prefix)
{
    for (; o && o->name; o++) {
        AUTO(mem_free) char *name = xasprintf("--%s", o->name);
        candidate(name, prefix, o->help);
    }
}

/* The next words of commands that begin with `words`, each once. */
static void complete_commands(const char *words, const char *prefix)
{
    size_t skip = *words ? strlen(words) + 1 : 0;
    AUTO(str_free) struct str last = STR_INIT;
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name;
        if (commands[i]->hidden || (skip && (!str_starts(name, words) || name[skip - 1] != ' ')))
            continue;
        size_t len = strcspn(name + skip, " ");
        if (len == last.len && strncmp(last.ptr, name + skip, len) == 0)
            continue;
        str_clear(&last);
        str_addn(&last, name + skip, len);
        bool group = name[skip + len] == ' ';
        candidate(last.ptr, prefix, group ? "group of commands" : commands[i]->summary);
    }
}

/* The option whose value the word after `word` would be, or NULL. */
static const struct opt *waiting_option(const struct command *command, const char *word)
{
    const struct opt *o = NULL;
    if (str_starts(word, "--"))
        o = opt_by_name(command, word + 2, strlen(word + 2));
    else if (word[0] == '-' && word[1])
        o = opt_by_letter(command, word[strlen(word) - 1]);
    return o && opt_takes_value(o) ? o : NULL;
}

/* Operands that are a choice: "bash|zsh|fish". */
static void complete_operand(const struct invocation *inv, const char *word)
{
    const char *choices = inv->command->operands;
    if (inv->operand_count || !choices || !strchr(choices, '|'))
        return;
    for (size_t len; *choices; choices += len + (choices[len] == '|')) {
        len = strcspn(choices, "|");
        AUTO(mem_free) char *choice = xstrndup(choices, len);
        candidate(choice, word, inv->command->summary);
    }
}

static void complete_word(struct app *app, const struct invocation *inv, const char *previous,
                          const char *word)
{
    const struct opt *waiting = waiting_option(inv->command, previous);
    size_t name = strcspn(word, "=");
    if (waiting && *word == '=') { /* bash makes a word of its own of the "=" */
        complete_value(app, waiting, "", "");
    } else if (waiting) {
        complete_value(app, waiting, "", word);
    } else if (str_starts(word, "--") && word[name]) {
        const struct opt *o = opt_by_name(inv->command, word + 2, name - 2);
        AUTO(mem_free) char *lead = xstrndup(word, name + 1);
        if (o)
            complete_value(app, o, lead, word + name + 1);
    } else if (*word == '-') {
        complete_options(inv->command ? inv->command->options : NULL, word);
        complete_options(global_options, word);
    } else if (!inv->command) {
        complete_commands(inv->words.ptr, word);
    } else if (inv->command == &cmd_help) {
        AUTO(str_free) struct str words = STR_INIT;
        for (size_t i = 0; i < inv->operand_count; i++)
            str_addf(&words, "%s%s", i ? " " : "", inv->operands[i]);
        complete_commands(words.ptr, word);
    } else {
        complete_operand(inv, word);
    }
}

static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)raw;
    (void)err;
    AUTO(error_free) struct error ignored = ERROR_INIT; /* the line is not finished yet */
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    static char program[] = "dbops";
    VEC(char *) words = VEC_INIT;
    *vec_add(&words) = program;
    for (int i = 0; i + 1 < app->argc; i++)
        *vec_add(&words) = app->argv[i];
    bool complete UNUSED = opt_parse((int)words.len, words.ptr, &inv, &ignored);
    if (inv.global.config)
        app->config_given = inv.global.config;
    char *previous = words.ptr[words.len - 1];
    if (str_equal(previous, "=") && words.len > 1)
        previous = words.ptr[words.len - 2];
    complete_word(app, &inv, previous, app->argc ? app->argv[app->argc - 1] : "");
    vec_free(&words);
    return true;
}

const struct command cmd_complete = {
    .name = "__complete",
    .operands = "[-- WORD...]",
    .summary = "print what may stand next on a command line",
    .hidden = true,
    .run = run,
};
