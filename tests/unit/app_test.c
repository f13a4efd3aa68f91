/* Which targets a run is about, and what is asked before something is destroyed. */
// NOLINTNEXTLINE(bugprone-suspicious-include): cmd/ is no library that a test could link
#include "cmd/app.c"

#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

static const char file[] = "version: 1\n"
                           "targets:\n"
                           "  shop: {engine: postgres, database: shop}\n"
                           "  orders: {engine: mysql, database: orders}\n"
                           "  stock: {engine: mysql, database: stock}\n"
                           "groups: {nightly: [stock, shop], small: [stock]}\n";

static char path[] = "/tmp/dbops-app-test-XXXXXX";

static int write_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    ssize_t n = fd < 0 ? -1 : write(fd, file, sizeof file - 1);
    close(fd);
    return n == (ssize_t)sizeof file - 1 ? 0 : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* The targets of these -t names (NULL: none), joined by blanks; "" after a failure. */
static char *chosen(const char *const given[], bool changes, struct error *err)
{
    const struct command command = {.name = "test", .changes = changes};
    struct app app = {.command = &command, .config_given = path};
    AUTO(strlist_free) struct strlist names = {NULL, 0, 0};
    AUTO(str_free) struct str joined = STR_INIT;
    for (size_t i = 0; given && given[i]; i++)
        strlist_add(&app.targets, given[i]);
    if (app_targets(&app, &names, err))
        add_joined(&joined, &names);
    strlist_free(&app.targets);
    app_close(&app);
    return str_take(&joined);
}

static void chooses(const char *const given[], bool changes, const char *expected)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *names = chosen(given, changes, &err);
    assert_true(error_ok(&err));
    assert_string_equal(names, expected);
}

static void names_and_groups_are_taken_once_each(void **state)
{
    (void)state;
    chooses((const char *const[]){"orders", NULL}, true, "orders");
    chooses((const char *const[]){"nightly", NULL}, true, "stock, shop");
    chooses((const char *const[]){"orders", "small", "nightly", "orders", NULL}, true,
            "orders, stock, shop");
    chooses((const char *const[]){"all", NULL}, true, "shop, orders, stock");
}

static void without_a_name_reading_takes_all_and_changing_asks(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    chooses(NULL, false, "shop, orders, stock");
    AUTO(mem_free) char *names = chosen(NULL, true, &err);
    assert_string_equal(names, "");
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.text, "has several targets: shop, orders, stock"));
}

static void an_unknown_name_chooses_nothing(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *names = chosen((const char *const[]){"shop", "odrers", NULL}, true, &err);
    assert_string_equal(names, "");
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.hint, "did you mean 'orders'?");
}

static char name[] = "shop", host[] = "db.example.com", database[] = "shop_db";
static const struct config_target plain = {.name = name, .host = host, .database = database};
static const struct config_target protected = {
    .name = name, .host = host, .database = database, .protected_ = true};

/* Waits until the question was asked, so that what is sent is its answer. */
static void wait_for_question(int terminal)
{
    AUTO(str_free) struct str seen = STR_INIT;
    while (!strstr(seen.ptr, "to go on: ")) {
        char c;
        assert_int_equal(read(terminal, &c, 1), 1);
        str_addc(&seen, c);
    }
}

/* What app_confirm says in a process with a terminal, when this is typed, or a signal sent. */
static enum error_kind asked(const struct config_target *target, bool yes, const char *typed,
                             int signal_number)
{
    int terminal, status;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        struct app app = {.yes = yes};
        struct error err = ERROR_INIT;
        interrupt_install();
        bool confirmed = app_confirm(&app, target, "drop it all", &err);
        _exit(confirmed ? 0 : (int)err.kind);
    }
    if (typed || signal_number)
        wait_for_question(terminal);
    if (typed)
        assert_int_equal(write(terminal, typed, strlen(typed)), strlen(typed));
    if (signal_number)
        kill(pid, signal_number);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(terminal);
    assert_true(WIFEXITED(status));
    return (enum error_kind)WEXITSTATUS(status);
}

static void on_a_terminal_the_database_is_typed(void **state)
{
    (void)state;
    assert_int_equal(asked(&plain, false, "shop_db\n", 0), ERR_NONE);
    assert_int_equal(asked(&plain, false, "shop\n", 0), ERR_DENIED);
    assert_int_equal(asked(&plain, false, "\n", 0), ERR_DENIED);
    assert_int_equal(asked(&plain, false, "\004", 0), ERR_DENIED);
    assert_int_equal(asked(&plain, true, NULL, 0), ERR_NONE);
}

static void a_protected_target_wants_host_and_database(void **state)
{
    (void)state;
    assert_int_equal(asked(&protected, true, "db.example.com/shop_db\n", 0), ERR_NONE);
    assert_int_equal(asked(&protected, true, "shop_db\n", 0), ERR_DENIED);
    assert_int_equal(asked(&protected, false, "yes\n", 0), ERR_DENIED);
}

static void a_signal_ends_the_question(void **state)
{
    (void)state;
    assert_int_equal(asked(&plain, false, NULL, SIGINT), ERR_INTERRUPTED);
    assert_int_equal(asked(&plain, false, NULL, SIGTERM), ERR_INTERRUPTED);
}

/* The same in a process whose stdin is no terminal. */
static void refused(const struct config_target *target, bool yes, const char *hint)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    struct app app = {.yes = yes};
    int saved = dup(STDIN_FILENO);
    assert_non_null(freopen("/dev/null", "r", stdin));
    bool confirmed = app_confirm(&app, target, "drop it all", &err);
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_false(confirmed);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err.hint, hint);
}

static void without_a_terminal_only_yes_helps(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    refused(&plain, false, "run it on a terminal, or give --yes");
    refused(&protected, true, "run it on a terminal; --yes is not enough here");
    assert_true(app_confirm(&(struct app){.yes = true}, &plain, "drop it all", &err));
    assert_true(app_confirm(&(struct app){.dry_run = true}, &protected, "drop it all", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_groups_are_taken_once_each),
        cmocka_unit_test(without_a_name_reading_takes_all_and_changing_asks),
        cmocka_unit_test(an_unknown_name_chooses_nothing),
        cmocka_unit_test(on_a_terminal_the_database_is_typed),
        cmocka_unit_test(a_protected_target_wants_host_and_database),
        cmocka_unit_test(a_signal_ends_the_question),
        cmocka_unit_test(without_a_terminal_only_yes_helps),
    };
    return cmocka_run_group_tests(tests, write_file, remove_file);
}
