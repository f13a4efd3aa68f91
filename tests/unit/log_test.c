#include "lib/base/log.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/str.h"

/* stderr goes to a file while a test writes; taken() gives what was written. */
static int real_stderr, captured;

static void capture(void)
{
    char path[] = "/tmp/dbops-log-test-XXXXXX";
    fflush(stderr);
    captured = mkstemp(path);
    assert_true(captured >= 0);
    unlink(path);
    real_stderr = dup(STDERR_FILENO);
    dup2(captured, STDERR_FILENO);
}

static char *taken(void)
{
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    struct stat st;
    fstat(captured, &st);
    char *text = xcalloc((size_t)st.st_size + 1, 1);
    assert_int_equal(pread(captured, text, (size_t)st.st_size, 0), st.st_size);
    close(captured);
    return text;
}

static void set_up(struct log_options options)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_true(log_setup(&options, &err));
}

static void text_lines_carry_level_and_target(void **state)
{
    (void)state;
    set_up((struct log_options){.level = LOG_LEVEL_INFO});
    capture();
    log_info("applied %d", 3);
    log_debug("not shown");
    log_target("shop");
    log_warn("slow");
    log_target(NULL);
    AUTO(mem_free) char *text = taken();
    assert_string_equal(text, "dbops: applied 3\ndbops: warning: shop: slow\n");
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
    (void)state;
    set_up((struct log_options){.level = LOG_LEVEL_INFO});
    capture();
    log_info("a\033[31mb\x7f");
    AUTO(mem_free) char *text = taken();
    assert_string_equal(text, "dbops: a\\x1b[31mb\\x7f\n");
}

static void a_failure_keeps_its_lines_and_ends_with_the_hint(void **state)
{
    (void)state;
    set_up((struct log_options){.level = LOG_LEVEL_ERROR});
    AUTO(error_free) struct error err = ERROR_INIT;
    error_set(&err, ERR_DATA, "V1.sql:1:8: bad\n    selec 1\n    ^");
    error_hint(&err, "correct the file");
    capture();
    log_failure(&err);
    AUTO(mem_free) char *text = taken();
    assert_string_equal(
        text, "dbops: V1.sql:1:8: bad\n    selec 1\n    ^\ndbops: hint: correct the file\n");
}

static void json_lines_escape_their_text(void **state)
{
    (void)state;
    set_up(
        (struct log_options){.level = LOG_LEVEL_INFO, .format = LOG_JSON, .command = "migrate up"});
    AUTO(error_free) struct error err = ERROR_INIT;
    error_set(&err, ERR_BUSY, "say \"hi\"\n\\ \x01 \xff");
    capture();
    log_failure(&err);
    AUTO(mem_free) char *text = taken();
    assert_int_equal(strncmp(text, "{\"time\":\"20", 11), 0);
    assert_non_null(strstr(text, "\"level\":\"error\",\"run\":\""));
    assert_non_null(strstr(text, "\"command\":\"migrate up\",\"message\":"
                                 "\"say \\\"hi\\\"\\n\\\\ \\u0001 \xEF\xBF\xBD\""));
    assert_non_null(strstr(text, "\"kind\":\"busy\",\"exit\":75,\"retriable\":true}\n"));
}

static void the_journal_gets_a_priority_on_each_line(void **state)
{
    (void)state;
    capture();
    struct stat st;
    fstat(STDERR_FILENO, &st);
    AUTO(mem_free)
    char *stream = xasprintf("%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    set_up((struct log_options){.level = LOG_LEVEL_INFO});
    log_warn("one\ntwo");
    unsetenv("JOURNAL_STREAM");
    set_up((struct log_options){.level = LOG_LEVEL_INFO});
    AUTO(mem_free) char *text = taken();
    assert_string_equal(text, "<4>dbops: warning: one\n<4>two\n");
}

static char *contents(const char *path)
{
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    AUTO(str_free) struct str text = STR_INIT;
    for (int c; (c = fgetc(in)) != EOF;)
        str_addc(&text, (char)c);
    fclose(in);
    return str_take(&text);
}

static void the_file_is_appended_to_and_reopened_on_sighup(void **state)
{
    (void)state;
    char dir[] = "/tmp/dbops-log-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    AUTO(mem_free) char *path = xasprintf("%s/log", dir);
    AUTO(mem_free) char *old = xasprintf("%s/log.1", dir);
    capture();
    set_up((struct log_options){.level = LOG_LEVEL_INFO, .file = path});
    log_info("first");
    rename(path, old);
    log_info("second");
    raise(SIGHUP);
    log_info("third");
    AUTO(mem_free) char *screen = taken();
    assert_string_equal(screen, "dbops: first\ndbops: second\ndbops: third\n");
    AUTO(mem_free) char *before = contents(old);
    AUTO(mem_free) char *after = contents(path);
    assert_non_null(strstr(before, " info first\n"));
    assert_non_null(strstr(before, " info second\n"));
    assert_non_null(strstr(after, " info third\n"));
    assert_null(strstr(after, "second"));
    unlink(path);
    unlink(old);
    rmdir(dir);
}

static void a_log_file_that_cannot_be_opened_is_an_error(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    struct log_options options = {.file = "/nowhere/at/all"};
    assert_false(log_setup(&options, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_string_equal(err.text,
                        "cannot open the log file '/nowhere/at/all': No such file or directory");
}

static void log_lines_pass_above_the_status_line(void **state)
{
    (void)state;
    int terminal, ended;
    AUTO(str_free) struct str seen = STR_INIT;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        setenv("TERM", "xterm", 1);
        setenv("COLUMNS", "8", 1);
        set_up((struct log_options){.level = LOG_LEVEL_INFO});
        if (!log_has_status())
            _exit(1);
        log_status("working hard");
        log_info("line");
        log_status(NULL);
        log_info("end");
        _exit(0);
    }
    for (char c; read(terminal, &c, 1) == 1;)
        str_addc(&seen, c);
    close(terminal);
    assert_int_equal(waitpid(pid, &ended, 0), pid);
    assert_int_equal(ended, 0);
    assert_string_equal(seen.ptr, "\r\033[Kworking\r\033[Kdbops: line\r\nworking"
                                  "\r\033[Kdbops: end\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_lines_carry_level_and_target),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(a_failure_keeps_its_lines_and_ends_with_the_hint),
        cmocka_unit_test(json_lines_escape_their_text),
        cmocka_unit_test(the_journal_gets_a_priority_on_each_line),
        cmocka_unit_test(the_file_is_appended_to_and_reopened_on_sighup),
        cmocka_unit_test(a_log_file_that_cannot_be_opened_is_an_error),
        cmocka_unit_test(log_lines_pass_above_the_status_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
