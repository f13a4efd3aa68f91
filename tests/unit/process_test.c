#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/process.h"

#define SH(script)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        "sh", "-c", script, NULL                                                                   \
    }

static void captures_stdout(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    str_add(&out, ">");
    assert_true(process_capture(SH("echo a; cat; echo b"), NULL, 5000, 100, &out, NULL, &err));
    assert_string_equal(out.ptr, ">a\nb\n");
}

static void gives_the_status_or_the_first_line_of_stderr(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    int status = 0;
    assert_true(process_capture(SH("exit 3"), NULL, 5000, 100, &out, &status, &err));
    assert_int_equal(process_exit_code(status), 3);
    assert_true(process_capture(SH("kill -9 $$"), NULL, 5000, 100, &out, &status, &err));
    assert_int_equal(process_exit_code(status), 137);
    assert_false(
        process_capture(SH("echo no >&2; echo more >&2; exit 4"), NULL, 5000, 9, &out, NULL, &err));
    assert_string_equal(err.text, "'sh' exited with 4: no");
    assert_int_equal(err.kind, ERR_IO);
}

static void stops_at_the_limit_of_bytes(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    assert_true(process_capture(SH("printf 12345"), NULL, 5000, 5, &out, NULL, &err));
    assert_string_equal(out.ptr, "12345");
    str_clear(&out);
    assert_false(process_capture(SH("yes"), NULL, 5000, 70000, &out, NULL, &err));
    assert_int_equal(err.kind, ERR_DATA);
    assert_int_equal(out.len, 70000);
}

static void much_output_on_both_pipes_does_not_block(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    assert_true(process_capture(SH("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"), NULL,
                                20000, 1 << 20, &out, NULL, &err));
    assert_int_equal(out.len, 300000);
}

static void kills_the_whole_group_after_the_timeout(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    assert_false(process_capture(SH("sleep 31 & echo $!; wait"), NULL, 300, 100, &out, NULL, &err));
    assert_non_null(strstr(err.text, "did not end within 300 ms"));
    pid_t background = (pid_t)strtol(out.ptr, NULL, 10);
    assert_true(background > 0);
    /* init reaps it in its own time */
    AUTO(mem_free) char *path = xasprintf("/proc/%d/cmdline", (int)background);
    char cmdline[8] = "";
    for (int i = 0; i < 100; i++) {
        int fd = open(path, O_RDONLY);
        ssize_t n = fd < 0 ? 0 : read(fd, cmdline, sizeof cmdline - 1);
        if (fd >= 0)
            close(fd);
        if (n == 0)
            return;
        usleep(20000);
    }
    fail_msg("the background process still runs");
}

static void does_not_wait_for_what_the_program_left_behind(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    assert_true(process_capture(SH("sleep 3 & printf %s $!"), NULL, 2000, 100, &out, NULL, &err));
    kill((pid_t)strtol(out.ptr, NULL, 10), SIGKILL);
}

static void takes_only_the_environment_given(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    const char *const env[] = {"A=1", NULL};
    const char *const argv[] = {"env", NULL};
    assert_true(process_capture(argv, env, 5000, 1000, &out, NULL, &err));
    assert_string_equal(out.ptr, "A=1\n");
}

static void adds_to_the_environment(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    const char *const env[] = {"A=1", "AB=2", NULL};
    const char *const add[] = {"A=3", "C=4", NULL};
    AUTO(process_close) struct process p = PROCESS_INIT;
    struct process_options options = {.argv = (const char *const[]){"env", NULL},
                                      .env = env,
                                      .add_env = add,
                                      .in = PROCESS_NULL,
                                      .out = PROCESS_PIPE};
    assert_true(process_start(&options, &p, &err));
    int status = -1;
    assert_true(process_wait(&p, 5000, &status));
    assert_int_equal(status, 0);
    char text[64] = "";
    assert_true(read(p.out, text, sizeof text - 1) > 0);
    assert_string_equal(text, "AB=2\nA=3\nC=4\n");
}

static void an_unknown_program_is_named(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT, second = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    const char *const argv[] = {"no-such-program-here", NULL};
    assert_false(process_capture(argv, NULL, 5000, 100, &out, NULL, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_string_equal(err.text,
                        "cannot run 'no-such-program-here': there is no such program in PATH");
    AUTO(process_close) struct process p = PROCESS_INIT;
    struct process_options options = {.argv = SH("true"), .dir = "/nowhere"};
    assert_false(process_start(&options, &p, &second));
    assert_string_equal(second.text, "cannot run 'sh': its working directory cannot be entered: No "
                                     "such file or directory");
}

static void streams_go_where_they_are_sent(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    AUTO(process_close) struct process p = PROCESS_INIT;
    struct process_options options = {.argv = SH("cat; echo e >&2"),
                                      .in = PROCESS_PIPE,
                                      .out = PROCESS_FD,
                                      .out_fd = pipe_fds[1],
                                      .err = PROCESS_FD,
                                      .err_fd = pipe_fds[1]};
    assert_true(process_start(&options, &p, &err));
    assert_int_equal(write(p.in, "in", 2), 2);
    close(p.in);
    p.in = -1;
    int status = -1;
    assert_true(process_wait(&p, 5000, &status));
    assert_int_equal(status, 0);
    char text[16] = "";
    assert_int_equal(read(pipe_fds[0], text, sizeof text - 1), 4);
    assert_string_equal(text, "ine\n");
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void descriptors_and_ignored_signals_stay_here(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(str_free) struct str out = STR_INIT;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_IGN);
    int leaky = open("/dev/null", O_RDONLY);
    /* signals 5 to 16: SIGHUP may be ignored in whoever runs the tests, and posix_spawn of glibc
     * ignores its own two */
    assert_true(process_capture(SH("ls /proc/self/fd | wc -l; sed -nE "
                                   "'s/^Sig(Blk|Ign):.*(...).$/\\2/p' /proc/self/status"),
                                NULL, 5000, 100, &out, NULL, &err));
    close(leaky);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    assert_string_equal(out.ptr, "4\n000\n000\n"); /* 0, 1, 2 and ls's own */
}

static void a_wait_can_time_out_and_a_close_kills(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    struct process p = PROCESS_INIT;
    struct process_options options = {.argv = SH("sleep 31"), .own_group = true};
    assert_true(process_start(&options, &p, &err));
    pid_t pid = p.pid;
    assert_false(process_wait(&p, 50, NULL));
    assert_int_equal(kill(pid, 0), 0);
    process_close(&p);
    assert_int_equal(kill(pid, 0), -1);
    process_close(&p);
}

static void a_child_dies_with_its_parent(void **state)
{
    (void)state;
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct error err = ERROR_INIT;
        struct process p = PROCESS_INIT;
        struct process_options options = {.argv = SH("sleep 31"), .in = PROCESS_NULL};
        bool ok = process_start(&options, &p, &err);
        ssize_t written UNUSED = write(pipe_fds[1], &p.pid, sizeof p.pid);
        _exit(ok ? 0 : 1);
    }
    pid_t child = 0;
    assert_int_equal(read(pipe_fds[0], &child, sizeof child), (int)sizeof child);
    int status = -1;
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_int_equal(status, 0);
    bool gone = false;
    for (int i = 0; i < 100 && !gone; i++) {
        AUTO(mem_free) char *path = xasprintf("/proc/%d/stat", (int)child);
        FILE *file = fopen(path, "re");
        char line[256] = "";
        gone = !file || !fgets(line, sizeof line, file) || strstr(line, ") Z ");
        if (file)
            fclose(file);
        if (!gone)
            usleep(20000);
    }
    assert_true(gone);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void root_can_start_it_as_another_user(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(process_close) struct process p = PROCESS_INIT;
    struct process_options options = {.argv = SH("echo $(id -u) $(id -g) $(id -G)"),
                                      .dir = "/",
                                      .out = PROCESS_PIPE,
                                      .change_user = true,
                                      .uid = 65534,
                                      .gid = 65534};
    bool started = process_start(&options, &p, &err);
    if (geteuid() != 0) {
        assert_false(started);
        assert_int_equal(err.kind, ERR_DENIED);
        return;
    }
    assert_true(started);
    assert_true(process_wait(&p, 5000, NULL));
    char text[64] = "";
    assert_true(read(p.out, text, sizeof text - 1) > 0);
    assert_string_equal(text, "65534 65534 65534\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_stdout),
        cmocka_unit_test(gives_the_status_or_the_first_line_of_stderr),
        cmocka_unit_test(stops_at_the_limit_of_bytes),
        cmocka_unit_test(much_output_on_both_pipes_does_not_block),
        cmocka_unit_test(kills_the_whole_group_after_the_timeout),
        cmocka_unit_test(does_not_wait_for_what_the_program_left_behind),
        cmocka_unit_test(takes_only_the_environment_given),
        cmocka_unit_test(adds_to_the_environment),
        cmocka_unit_test(an_unknown_program_is_named),
        cmocka_unit_test(streams_go_where_they_are_sent),
        cmocka_unit_test(descriptors_and_ignored_signals_stay_here),
        cmocka_unit_test(a_wait_can_time_out_and_a_close_kills),
        cmocka_unit_test(a_child_dies_with_its_parent),
        cmocka_unit_test(root_can_start_it_as_another_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
