/* The parser over a table of its own; it is included whole, since `commands` belongs to cmd. */
// NOLINTNEXTLINE(bugprone-suspicious-include): cmd/ is no library that a test could link
#include "cmd/opt.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void complete_targets(struct app *app, const char *prefix)
{
    (void)app;
    (void)prefix;
}

struct opts {
    bool force;
    const char *to;
    unsigned keep;
    long long wait;
    struct strlist names;
    int color;
};

static const char *const colors[] = {"red", "green", NULL};
static const struct opt options[] = {
    OPT_FLAG('f', "force", struct opts, force, "f"),
    OPT_STRING(0, "to", struct opts, to, "VERSION", "latest", "t"),
    OPT_UINT('k', "keep", struct opts, keep, "N", "12", "k"),
    OPT_DURATION(0, "wait", struct opts, wait, "DURATION", NULL, "w"),
    OPT_LIST('N', "names", struct opts, names, "NAME", "n"),
    OPT_CHOICE(0, "paint", struct opts, color, "COLOR", "green", colors, "p"),
    OPT_CONFIG(0, "group", "migrate.group", NULL, "g"),
    OPT_CONFIG(0, "table", "migrate.table", "NAME", "t"),
    OPT_END,
};

static const struct command up = {
    .name = "migrate up", .options = options, .opts_size = sizeof(struct opts)};
static const struct command new_ = {.name = "migrate new", .operands = "NAME [MORE]"};
static const struct command run = {.name = "sandbox run", .operands = "-- COMMAND..."};
static const struct command secret = {.name = "__secret", .hidden = true};
const struct command *const commands[] = {&up, &new_, &run, &secret, NULL};

/* The words of every line so far; what is parsed borrows them. */
static struct strlist said;

static bool parse(const char *line, struct invocation *inv, struct error *err)
{
    size_t first = said.len;
    strlist_add(&said, "dbops");
    for (const char *word = line; *word; word += strspn(word, " ")) {
        size_t len = strcspn(word, " ");
        AUTO(mem_free) char *copy = xstrndup(word, len);
        strlist_add(&said, copy);
        word += len;
    }
    return opt_parse((int)(said.len - first), said.ptr + first, inv, err);
}

static void refuses(const char *line, const char *text, const char *hinted)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_false(parse(line, &inv, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.text, text);
    if (hinted)
        assert_string_equal(err.hint, hinted);
}

static void options_stand_anywhere_before_the_dashes(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_true(parse("-ojson migrate -n up --to=3 -fk 7 -ta -q", &inv, &err));
    const struct opts *o = inv.opts;
    assert_ptr_equal(inv.command, &up);
    assert_int_equal(inv.global.output, 1);
    assert_true(inv.global.dry_run && inv.global.quiet && o->force);
    assert_string_equal(o->to, "3");
    assert_int_equal(o->keep, 7);
    assert_string_equal(inv.global.targets.ptr[0], "a");
    assert_int_equal(inv.global.lock_wait_ms, -1);
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_true(parse("migrate up", &inv, &err));
    const struct opts *o = inv.opts;
    assert_string_equal(o->to, "latest");
    assert_int_equal(o->keep, 12);
    assert_int_equal(o->wait, 0);
    assert_int_equal(o->color, 1);
    assert_int_equal(o->names.len, 0);
    assert_int_equal(inv.override_count, 0);
}

static void a_list_repeats_and_a_last_value_wins(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_true(
        parse("migrate up -N a,b --names=c, --wait 1s --wait=2m --force --no-force", &inv, &err));
    const struct opts *o = inv.opts;
    assert_int_equal(o->names.len, 3);
    assert_string_equal(o->names.ptr[2], "c");
    assert_int_equal(o->wait, 120000);
    assert_false(o->force);
}

static void the_environment_stands_behind_the_command_line(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    setenv("DBOPS_TO", "5", 1);
    setenv("DBOPS_KEEP", "3", 1);
    setenv("DBOPS_FORCE", "yes", 1);
    setenv("DBOPS_NAMES", "x,y", 1);
    setenv("DBOPS_PAINT", "", 1);
    setenv("DBOPS_GROUP", "1", 1);
    setenv("DBOPS_HELP", "true", 1);
    assert_true(parse("migrate up --to 6 -N z --no-force", &inv, &err));
    static const char *const names[] = {"TO", "KEEP", "FORCE", "NAMES", "PAINT", "GROUP", "HELP"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(mem_free) char *name = xasprintf("DBOPS_%s", names[i]);
        unsetenv(name);
    }
    const struct opts *o = inv.opts;
    assert_string_equal(o->to, "6");
    assert_int_equal(o->keep, 3);
    assert_false(o->force || inv.global.help);
    assert_int_equal(o->names.len, 1);
    assert_int_equal(o->color, 1);
    assert_int_equal(inv.override_count, 1);
    assert_string_equal(inv.overrides[0].value, "true");
    assert_string_equal(inv.overrides[0].source, "environment DBOPS_GROUP");
}

static void configuration_options_become_overrides(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_true(parse("migrate up --table t --no-group", &inv, &err));
    assert_int_equal(inv.override_count, 2);
    assert_string_equal(inv.overrides[0].key, "migrate.group");
    assert_string_equal(inv.overrides[0].value, "false");
    assert_string_equal(inv.overrides[0].source, "option --group");
    assert_string_equal(inv.overrides[1].key, "migrate.table");
    assert_string_equal(inv.overrides[1].value, "t");
}

static void operands_are_counted(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_true(parse("sandbox run -q -- psql -c select", &inv, &err));
    assert_int_equal(inv.operand_count, 3);
    assert_string_equal(inv.operands[1], "-c");
    assert_null(inv.operands[3]);
    refuses("migrate new", "'migrate new' needs NAME [MORE]", "see 'dbops migrate new --help'");
    refuses("migrate new a b c", "unexpected operand 'c'", NULL);
    refuses("migrate up a", "unexpected operand 'a'", NULL);
    refuses("sandbox run psql", "'psql' must stand after '--'", NULL);
    refuses("sandbox run", "'sandbox run' needs -- COMMAND...", NULL);
}

static void wrong_words_are_refused_with_what_was_meant(void **state)
{
    (void)state;
    refuses("migrat", "'migrat' is not a command", "did you mean 'migrate'?");
    refuses("migrate upp", "'migrate upp' is not a command", "did you mean 'migrate up'?");
    refuses("up", "'up' is not a command", "did you mean 'migrate up'?");
    refuses("__secre", "'__secre' is not a command", "see 'dbops --help'");
    refuses("migrate up --keeep", "unknown option '--keeep'", "did you mean '--keep'?");
    refuses("migrate up --outptu", "unknown option '--outptu'", "did you mean '--output'?");
    refuses("migrate up --out", "unknown option '--out'", "see 'dbops migrate up --help'");
    refuses("migrate up -qZ", "unknown option '-Z'", NULL);
    refuses("migrate up --no-to", "unknown option '--no-to'", NULL);
    refuses("--to 3 migrate up", "unknown option '--to'",
            "options of a command stand after it, as in 'dbops migrate up --to'");
}

static void wrong_values_are_refused(void **state)
{
    (void)state;
    refuses("migrate up --to", "option '--to' needs a value (VERSION)", NULL);
    refuses("migrate up -fk", "option '--keep' needs a value (N)", NULL);
    refuses("migrate up --force=1", "option '--force' takes no value", NULL);
    refuses("migrate up -k-1", "option --keep: '-1' is not a whole number from 0 to 4294967295",
            NULL);
    refuses("migrate up --keep=4294967296",
            "option --keep: '4294967296' is not a whole number from 0 to 4294967295", NULL);
    refuses("migrate up --paint=gren", "option --paint: 'gren' is not one of red, green",
            "did you mean 'green'?");
    refuses("migrate up --wait=1mo",
            "option --wait: '1mo' has no fixed length: give weeks, days, hours, minutes or seconds "
            "instead of years and months",
            NULL);
    setenv("DBOPS_YES", "maybe", 1);
    refuses("migrate up", "environment DBOPS_YES: 'maybe' is not one of true, false", NULL);
    refuses("migrate up --x", "unknown option '--x'", NULL);
    unsetenv("DBOPS_YES");
}

static void a_wrong_command_line_still_says_how_to_print(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_false(parse("nonsense --what -o yaml", &inv, &err));
    assert_string_equal(err.text, "'nonsense' is not a command");
    assert_int_equal(inv.global.output, 2);
}

static void help_needs_nothing_else_to_be_right(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(opt_free) struct invocation inv = {.words = STR_INIT};
    assert_true(parse("migrate new --help", &inv, &err));
    assert_true(inv.global.help);
    AUTO(opt_free) struct invocation group = {.words = STR_INIT};
    assert_true(parse("migrate -h", &group, &err));
    assert_null(group.command);
    assert_string_equal(group.words.ptr, "migrate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere_before_the_dashes),
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(a_list_repeats_and_a_last_value_wins),
        cmocka_unit_test(the_environment_stands_behind_the_command_line),
        cmocka_unit_test(configuration_options_become_overrides),
        cmocka_unit_test(operands_are_counted),
        cmocka_unit_test(wrong_words_are_refused_with_what_was_meant),
        cmocka_unit_test(wrong_values_are_refused),
        cmocka_unit_test(a_wrong_command_line_still_says_how_to_print),
        cmocka_unit_test(help_needs_nothing_else_to_be_right),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    strlist_free(&said);
    return failed;
}
