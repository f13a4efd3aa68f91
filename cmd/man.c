/* cmd/man.c: dbops __man, which fills a manual page's template from the tables */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/opt.h"

/* Text as roff reads it: a backslash, or a dot or apostrophe that begins a line, is no command, an
 * empty line begins a paragraph, and a sentence begins on its own line. */
static void put_text(const char *text)
{
    bool line_start = true;
    for (const char *p = text; *p; p++) {
        if (line_start && (*p == '.' || *p == '\''))
            fputs("\\&", stdout);
        if (*p == '\\')
            fputs("\\e", stdout);
        else if (*p == '-')
            fputs("\\-", stdout);
        else if (*p == '\n' && line_start)
            fputs(".Pp\n", stdout);
        else if (*p == ' ' && p > text && p[-1] == '.' && p[1] >= 'A' && p[1] <= 'Z')
            putchar('\n');
        else
            putchar(*p);
        line_start = *p == '\n';
    }
}

/* The same with a full stop. */
static void put_end(const char *text)
{
    put_text(text);
    puts(str_ends(text, ".") ? "" : ".");
}

static void put_sentence(const char *text)
{
    AUTO(mem_free) char *sentence = xstrdup(text);
    if (*sentence >= 'a' && *sentence <= 'z')
        *sentence = (char)(*sentence - 'a' + 'A');
    put_end(sentence);
}

static void put_options(const struct opt *o)
{
    puts(".Bl -tag -width Ds");
    for (; o && o->name; o++) {
        AUTO(str_free) struct str notes = STR_INIT, text = STR_INIT;
        fputs(".It ", stdout);
        if (o->short_name)
            printf("Fl %c , ", o->short_name);
        printf("Fl \\-%s", o->name);
        if (o->arg)
            printf(" Ns = Ns Ar %s", o->arg);
        putchar('\n');
        help_option_notes(o, &notes);
        if (notes.len)
            str_addf(&text, "%s\n(%s)", o->help, notes.ptr);
        put_end(notes.len ? text.ptr : o->help);
    }
    puts(".El");
}

/* Whether the command's group has a page of its own beside this template. */
static bool has_page(const char *template, const struct command *c)
{
    const char *slash = strrchr(template, '/');
    AUTO(mem_free)
    char *page = xasprintf("%.*sdbops-%.*s.1.in", slash ? (int)(slash - template + 1) : 0, template,
                           (int)strcspn(c->name, " "), c->name);
    return access(page, R_OK) == 0;
}

/* The commands of the group; "" has all, in short where another page tells more. */
static void put_commands(const char *template, const char *words)
{
    size_t len = strlen(words);
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; commands[i]; i++) {
        const struct command *c = commands[i];
        if (c->hidden || (len && (!str_starts(c->name, words) || c->name[len] != ' ')))
            continue;
        printf(".It Ic %s%s%s\n", c->name, c->operands ? " Ar " : "",
               c->operands ? c->operands : "");
        bool whole = len || !has_page(template, c);
        put_sentence(c->text && whole ? c->text : c->summary);
        if (c->options && c->options->name && whole)
            put_options(c->options);
    }
    puts(".El");
}

static void put_environment(const struct opt *o)
{
    for (; o && o->name; o++) {
        if (!opt_has_environment(o))
            continue;
        AUTO(str_free) struct str name = STR_INIT;
        opt_environment(o, &name);
        printf(".It Ev %s\n", name.ptr);
        printf("The same as\n.Fl \\-%s .\n", o->name);
    }
}

static void put_exit_status(void)
{
    puts(".Bl -tag -width Ds\n.It 0\nDone, or nothing to do.");
#define X(kind, exit, name, retriable, text) printf(".It %d\n", exit), put_sentence(text);
    ERROR_KINDS(X)
#undef X
    puts(".El");
}

static void put_keys(const char *prefix)
{
    AUTO(value_free) struct value *keys = config_keys();
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < value_len(keys); i++) {
        const struct value *row = value_at(keys, i);
        const char *key = value_as_string(value_get(row, "key"));
        if (!key || !str_starts(key, prefix))
            continue;
        printf(".It Cm ");
        put_text(key);
        putchar('\n');
        static const char *const fields[] = {"doc", "type", "allowed", "default"};
        static const char *const lead[] = {"", "Type: ", "Allowed: ", "Default: "};
        for (size_t k = 0; k < ARRAY_LEN(fields); k++) {
            AUTO(mem_free) char *text = value_text(value_get(row, fields[k]));
            if (!*text)
                continue;
            fputs(lead[k], stdout);
            if (*lead[k])
                put_end(text);
            else
                put_sentence(text);
        }
    }
    puts(".El");
}

/* "@OPTIONS@", "@OPTIONS migrate up@", … alone on a line. False when it names nothing. */
static bool put_marker(const char *template, const char *name, const char *rest)
{
    const struct command *command = *rest ? command_find(rest) : NULL;
    if (str_equal(name, "OPTIONS") && (command || !*rest))
        put_options(command ? command->options : global_options);
    else if (str_equal(name, "COMMANDS") && command_is_group(rest))
        put_commands(template, rest);
    else if (str_equal(name, "ENVIRONMENT"))
        put_environment(global_options);
    else if (str_equal(name, "EXIT_STATUS"))
        put_exit_status();
    else if (str_equal(name, "KEYS"))
        put_keys(rest);
    else
        return false;
    return true;
}

static bool put_line(const char *template, char *line, struct error *err)
{
    size_t len = strlen(line);
    if (len < 3 || line[0] != '@' || line[len - 1] != '@') {
        puts(line);
        return true;
    }
    line[len - 1] = '\0';
    char *rest = strchr(line, ' ');
    if (rest)
        *rest++ = '\0';
    return put_marker(template, line + 1, rest ? rest : "") ||
           error_set(err, ERR_DATA, "there is nothing for the marker '%s %s'", line,
                     rest ? rest : "");
}

static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)raw;
    AUTO(mem_free) char *line = NULL;
    size_t size = 0;
    bool ok = true;
    FILE *in = fopen(app->argv[0], "re");
    if (!in)
        return error_set(err, ERR_IO, "cannot open '%s': %s", app->argv[0], strerror(errno));
    for (ssize_t n; ok && (n = getline(&line, &size, in)) > 0;) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        ok = put_line(app->argv[0], line, err);
    }
    fclose(in);
    return ok;
}

const struct command cmd_man = {
    .name = "__man",
    .operands = "TEMPLATE",
    .summary = "print a manual page made from a template and the tables",
    .hidden = true,
    .run = run,
};
