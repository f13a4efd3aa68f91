#include "cmd/opt.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/complete.h"
#include "lib/base/duration.h"

static const char *const output_formats[] = {"table", "json", "yaml", NULL};
static const char *const log_formats[] = {"text", "json", NULL};
static const char *const color_whens[] = {"auto", "always", "never", NULL};

const struct opt global_options[] = {
    OPT_STRING('c', "config", struct global_opts, config, "FILE", NULL,
               "read this configuration file"),
    {'t', "target", OPT_KIND_LIST, OPT_FIELD(struct global_opts, targets, struct strlist), "NAME",
     NULL, NULL, NULL, "work on this target or group, or on 'all'; may be repeated",
     complete_targets},
    OPT_CHOICE('o', "output", struct global_opts, output, "FORMAT", "table", output_formats,
               "how to print the result"),
    OPT_FLAG('n', "dry-run", struct global_opts, dry_run,
             "print what would be done, change nothing"),
    OPT_FLAG('y', "yes", struct global_opts, yes, "answer yes to every question"),
    OPT_FLAG('q', "quiet", struct global_opts, quiet, "only log warnings and errors"),
    OPT_FLAG('v', "verbose", struct global_opts, verbose, "log what is done in detail"),
    OPT_CHOICE(0, "log-format", struct global_opts, log_format, "FORMAT", "text", log_formats,
               "how to write the log"),
    OPT_STRING(0, "log-file", struct global_opts, log_file, "FILE", NULL,
               "append the log to this file as well; reopened on SIGHUP"),
    OPT_CHOICE(0, "color", struct global_opts, color, "WHEN", "auto", color_whens,
               "colour on a terminal"),
    OPT_DURATION(
        0, "lock-wait", struct global_opts, lock_wait_ms, "DURATION", NULL,
        "wait this long for a lock that another run holds (default: 50s, or as configured)"),
    OPT_FLAG('h', "help", struct global_opts, help, "show help and exit"),
    OPT_FLAG(0, "version", struct global_opts, version, "show the version and exit"),
    OPT_END,
};

/* An option as it was given, before it is checked. */
struct given {
    const struct opt *opt;
    const char *value; /* "true" or "false" for flags */
};

struct parse {
    int argc, next;
    char **argv;
    struct invocation *inv;
    VEC(struct given) given;
    VEC(char *) operands;
    VEC(struct config_override) overrides;
    size_t before_dashes; /* operands that stood before "--" */
    struct error *err;    /* keeps the first problem; reading goes on to find -o */
};

bool opt_takes_value(const struct opt *o)
{
    return o->kind != OPT_KIND_FLAG && !(o->kind == OPT_KIND_CONFIG && !o->arg);
}

bool opt_has_environment(const struct opt *o)
{
    return !str_equal(o->name, "help") && !str_equal(o->name, "version");
}

void opt_environment(const struct opt *o, struct str *out)
{
    str_add(out, "DBOPS_");
    for (const char *p = o->name; *p; p++)
        str_addc(out, *p == '-' ? '_' : (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
}

static const struct opt *name_in(const struct opt *o, const char *name, size_t len)
{
    for (; o && o->name; o++)
        if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

const struct opt *opt_by_name(const struct command *command, const char *name, size_t len)
{
    const struct opt *own = command ? name_in(command->options, name, len) : NULL;
    return own ? own : name_in(global_options, name, len);
}

static const struct opt *letter_in(const struct opt *o, char letter)
{
    for (; o && o->name; o++)
        if (o->short_name && o->short_name == letter)
            return o;
    return NULL;
}

const struct opt *opt_by_letter(const struct command *command, char letter)
{
    const struct opt *own = command ? letter_in(command->options, letter) : NULL;
    return own ? own : letter_in(global_options, letter);
}

const struct command *command_find(const char *words)
{
    for (size_t i = 0; commands[i]; i++)
        if (str_equal(commands[i]->name, words))
            return commands[i];
    return NULL;
}

bool command_is_group(const char *words)
{
    size_t len = strlen(words);
    for (size_t i = 0; commands[i]; i++)
        if (!commands[i]->hidden &&
            (!len || (str_starts(commands[i]->name, words) && commands[i]->name[len] == ' ')))
            return true;
    return false;
}

/* "see 'dbops migrate up --help'" unless something closer is known. */
static void hint(struct parse *p, const char *closest)
{
    const char *words = p->inv->words.ptr;
    if (closest)
        error_hint(p->err, "did you mean '%s'?", closest);
    else
        error_hint(p->err, "see 'dbops%s%s --help'", *words ? " " : "", words);
}

static void add_names(struct strlist *names, const struct opt *o)
{
    for (; o && o->name; o++) {
        AUTO(mem_free) char *name = xasprintf("--%s", o->name);
        strlist_add(names, name);
    }
}

static void unknown_option(struct parse *p, const char *word, size_t len)
{
    if (!error_ok(p->err))
        return;
    const struct command *command = p->inv->command;
    AUTO(mem_free) char *name = xstrndup(word, len);
    AUTO(strlist_free) struct strlist names = {NULL, 0, 0};
    add_names(&names, command ? command->options : NULL);
    add_names(&names, global_options);
    *vec_add(&names) = NULL;
    error_set(p->err, ERR_USAGE, "unknown option '%s'", name);
    for (size_t i = 0; !command && str_starts(name, "--") && commands[i]; i++)
        if (name_in(commands[i]->options, name + 2, len - 2))
            error_hint(p->err, "options of a command stand after it, as in 'dbops %s %s'",
                       commands[i]->name, name);
    hint(p, str_closest(name, (const char *const *)names.ptr));
}

static void add_given(struct parse *p, const struct opt *o, const char *value)
{
    *vec_add(&p->given) = (struct given){o, value};
}

/* The value that stands in the next word. */
static void add_with_next(struct parse *p, const struct opt *o)
{
    if (p->next < p->argc)
        add_given(p, o, p->argv[p->next++]);
    else if (error_ok(p->err)) {
        error_set(p->err, ERR_USAGE, "option '--%s' needs a value (%s)", o->name, o->arg);
        hint(p, NULL);
    }
}

static void long_option(struct parse *p, const char *word)
{
    const char *name = word + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] ? name + len + 1 : NULL;
    const struct opt *o = opt_by_name(p->inv->command, name, len);
    if (!o && !value && str_starts(name, "no-")) {
        o = opt_by_name(p->inv->command, name + 3, len - 3);
        if (o && !opt_takes_value(o)) {
            add_given(p, o, "false");
            return;
        }
        o = NULL;
    }
    if (!o)
        unknown_option(p, word, len + 2);
    else if (!opt_takes_value(o) && value)
        error_set(p->err, ERR_USAGE, "option '--%s' takes no value", o->name);
    else if (!opt_takes_value(o))
        add_given(p, o, "true");
    else if (value)
        add_given(p, o, value);
    else
        add_with_next(p, o);
}

static void letters(struct parse *p, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct opt *o = opt_by_letter(p->inv->command, *letter);
        if (!o) {
            const char unknown[] = {'-', *letter, '\0'};
            unknown_option(p, unknown, 2);
            return;
        }
        if (!opt_takes_value(o)) {
            add_given(p, o, "true");
        } else {
            if (letter[1])
                add_given(p, o, letter + 1);
            else
                add_with_next(p, o);
            return;
        }
    }
}

/* Candidates after `words`, and whole commands that end with the word ("info": "migrate info"). */
static void unknown_command(struct parse *p, const char *word)
{
    if (!error_ok(p->err))
        return;
    const char *words = p->inv->words.ptr;
    size_t skip = *words ? strlen(words) + 1 : 0;
    const char *whole = NULL;
    AUTO(strlist_free) struct strlist names = {NULL, 0, 0};
    for (size_t i = 0; commands[i]; i++) {
        const char *name = commands[i]->name, *last = strrchr(name, ' ');
        if (commands[i]->hidden)
            continue;
        if (last && str_equal(last + 1, word))
            whole = name;
        if (skip && (!str_starts(name, words) || name[skip - 1] != ' '))
            continue;
        AUTO(mem_free) char *next = xstrndup(name + skip, strcspn(name + skip, " "));
        strlist_add(&names, next);
    }
    *vec_add(&names) = NULL;
    error_set(p->err, ERR_USAGE, "'%s%s%s' is not a command", words, *words ? " " : "", word);
    AUTO(mem_free) char *given = xstrdup(word);
    const char *closest = str_closest(given, (const char *const *)names.ptr);
    if (closest && *words)
        error_hint(p->err, "did you mean '%s %s'?", words, closest);
    hint(p, closest ? closest : whole);
}

static void plain_word(struct parse *p, char *word)
{
    struct invocation *inv = p->inv;
    if (inv->command) {
        *vec_add(&p->operands) = word;
        return;
    }
    size_t before = inv->words.len;
    str_addf(&inv->words, "%s%s", before ? " " : "", word);
    inv->command = command_find(inv->words.ptr);
    if (inv->command || command_is_group(inv->words.ptr))
        return;
    str_cut(&inv->words, before);
    unknown_command(p, word);
}

static void scan(struct parse *p)
{
    while (p->next < p->argc) {
        char *word = p->argv[p->next++];
        if (str_equal(word, "--"))
            break;
        if (str_starts(word, "--"))
            long_option(p, word);
        else if (word[0] == '-' && word[1])
            letters(p, word);
        else
            plain_word(p, word);
    }
    p->before_dashes = p->operands.len;
    while (p->next < p->argc)
        *vec_add(&p->operands) = p->argv[p->next++];
}

static bool read_bool(const char *value, bool *ret)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_equal_nocase(value, words[i])) {
            *ret = i % 2;
            return true;
        }
    }
    return false;
}

static bool set_choice(const struct opt *o, const char *value, int *field, struct error *err)
{
    AUTO(str_free) struct str all = STR_INIT;
    for (int i = 0; o->choices[i]; i++) {
        if (str_equal(o->choices[i], value)) {
            *field = i;
            return true;
        }
        str_addf(&all, "%s%s", i ? ", " : "", o->choices[i]);
    }
    error_set(err, ERR_USAGE, "'%s' is not one of %s", value, all.ptr);
    const char *closest = str_closest(value, o->choices);
    return closest ? error_hint(err, "did you mean '%s'?", closest) : false;
}

static void set_list(struct strlist *list, const char *value)
{
    while (*value) {
        size_t len = strcspn(value, ",");
        AUTO(mem_free) char *item = xstrndup(value, len);
        if (len)
            strlist_add(list, item);
        value += len + (value[len] == ',');
    }
}

static bool set_uint(const char *value, unsigned *field, struct error *err)
{
    unsigned long long n;
    if (!str_to_uint(value, &n) || n > UINT_MAX)
        return error_set(err, ERR_USAGE, "'%s' is not a whole number from 0 to %u", value,
                         UINT_MAX);
    *field = (unsigned)n;
    return true;
}

/* Puts one value into its field. */
static bool set_field(const struct opt *o, void *base, const char *value, struct error *err)
{
    void *field = (char *)base + o->offset;
    switch (o->kind) {
    case OPT_KIND_FLAG:
        return read_bool(value, field) ||
               error_set(err, ERR_USAGE, "'%s' is not one of true, false", value);
    case OPT_KIND_STRING:
        *(const char **)field = value;
        return true;
    case OPT_KIND_UINT:
        return set_uint(value, field, err);
    case OPT_KIND_DURATION:
        return duration_parse_ms(value, field, err);
    case OPT_KIND_LIST:
        set_list(field, value);
        return true;
    case OPT_KIND_CHOICE:
        return set_choice(o, value, field, err);
    case OPT_KIND_CONFIG:
        return true;
    }
    return true;
}

static bool add_override(struct parse *p, const struct opt *o, const char *value,
                         const char *source, struct error *err)
{
    bool on = false;
    if (!opt_takes_value(o) && !read_bool(value, &on))
        return error_set(err, ERR_USAGE, "'%s' is not one of true, false", value);
    if (!opt_takes_value(o))
        value = on ? "true" : "false";
    *vec_add(&p->overrides) = (struct config_override){o->key, value, xstrdup(source)};
    return true;
}

static bool apply_value(struct parse *p, const struct opt *o, void *base, const char *value,
                        const char *source)
{
    struct error own = ERROR_INIT; /* an earlier problem must not get this one's context */
    if (o->kind == OPT_KIND_CONFIG ? add_override(p, o, value, source, &own)
                                   : set_field(o, base, value, &own))
        return true;
    error_wrap(&own, "%s", source);
    if (error_ok(p->err))
        *p->err = own;
    else
        error_free(&own);
    return false;
}

/* Option, else environment, else default. */
static bool apply_option(struct parse *p, const struct opt *o, void *base)
{
    bool found = false;
    AUTO(str_free) struct str source = STR_INIT;
    str_addf(&source, "option --%s", o->name);
    for (size_t i = 0; i < p->given.len; i++) {
        if (p->given.ptr[i].opt != o)
            continue;
        found = true;
        if (!apply_value(p, o, base, p->given.ptr[i].value, source.ptr))
            return false;
    }
    AUTO(str_free) struct str variable = STR_INIT;
    opt_environment(o, &variable);
    const char *value = opt_has_environment(o) ? getenv(variable.ptr) : NULL;
    if (found)
        return true;
    if (value && *value) {
        str_clear(&source);
        str_addf(&source, "environment %s", variable.ptr);
        return apply_value(p, o, base, value, source.ptr);
    }
    return !o->def || set_field(o, base, o->def, p->err);
}

static bool apply_all(struct parse *p, const struct opt *o, void *base)
{
    for (; o && o->name; o++)
        if (!apply_option(p, o, base))
            return false;
    return true;
}

/* How many operands the text allows: words in brackets may be absent, "..." repeats. */
static bool check_operands(struct parse *p)
{
    const char *text = p->inv->command->operands;
    bool only_after_dashes = text && str_starts(text, "--");
    size_t least = 0, most = 0, n = p->operands.len;
    for (const char *word = text ? text : ""; *word; word += strspn(word, " ")) {
        size_t len = strcspn(word, " ");
        bool counts = strncmp(word, "--", len) != 0;
        least += counts && *word != '[';
        most += counts;
        if (memmem(word, len, "...", 3))
            most = SIZE_MAX;
        word += len;
    }
    if (only_after_dashes && p->before_dashes)
        error_set(p->err, ERR_USAGE, "'%s' must stand after '--'", p->operands.ptr[0]);
    else if (n < least)
        error_set(p->err, ERR_USAGE, "'%s' needs %s", p->inv->command->name, text);
    else if (n > most)
        error_set(p->err, ERR_USAGE, "unexpected operand '%s'", p->operands.ptr[most]);
    else
        return true;
    hint(p, NULL);
    return false;
}

static bool finish(struct parse *p)
{
    struct invocation *inv = p->inv;
    bool right = error_ok(p->err);
    for (const struct opt *o = global_options; o->name; o++)
        right = apply_option(p, o, &inv->global) && right;
    if (!right || inv->global.help || inv->global.version || !inv->command)
        return right;
    inv->opts = xcalloc(1, inv->command->opts_size);
    return apply_all(p, inv->command->options, inv->opts) && check_operands(p);
}

bool opt_parse(int argc, char **argv, struct invocation *ret, struct error *err)
{
    struct parse p = {.argc = argc, .next = 1, .argv = argv, .inv = ret, .err = err};
    *ret = (struct invocation){.words = STR_INIT, .global.lock_wait_ms = -1};
    scan(&p);
    bool right = finish(&p);
    ret->operand_count = p.operands.len;
    *vec_add(&p.operands) = NULL;
    ret->operands = p.operands.ptr;
    ret->overrides = p.overrides.ptr;
    ret->override_count = p.overrides.len;
    vec_free(&p.given);
    return right;
}

void opt_free(struct invocation *inv)
{
    const struct opt *o = inv->command && inv->opts ? inv->command->options : NULL;
    for (; o && o->name; o++)
        if (o->kind == OPT_KIND_LIST)
            strlist_free((struct strlist *)((char *)inv->opts + o->offset));
    for (size_t i = 0; i < inv->override_count; i++)
        mem_free((char *)(uintptr_t)inv->overrides[i].source);
    strlist_free(&inv->global.targets);
    mem_free(inv->opts);
    mem_free(inv->overrides);
    mem_free(inv->operands);
    str_free(&inv->words);
    *inv = (struct invocation){.words = STR_INIT};
}
