#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/file.h"

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    dir = file_make_temp_directory(NULL, "file_test", &err);
    return dir ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    bool ok = file_remove_tree(dir, &err);
    free(dir);
    return ok ? 0 : -1;
}

static char *in_dir(const char *name)
{
    return file_join(dir, name);
}

static void writes_and_reads_a_file(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *path = in_dir("a");
    assert_true(file_write(path, "one\0two", 7, 0640, &err));
    assert_true(file_write(path, "three\0four", 10, 0600, &err));
    AUTO(str_free) struct str text = STR_INIT;
    str_add(&text, "<");
    assert_true(file_read(path, 10, &text, &err));
    assert_int_equal(text.len, 11);
    assert_memory_equal(text.ptr, "<three\0four", 12);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void refuses_a_file_over_the_limit(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *path = in_dir("big");
    assert_true(file_write(path, "12345", 5, 0600, &err));
    AUTO(str_free) struct str text = STR_INIT;
    str_add(&text, "kept");
    assert_false(file_read(path, 4, &text, &err));
    assert_int_equal(err.kind, ERR_DATA);
    assert_string_equal(text.ptr, "kept");
}

static void names_path_and_reason(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT, second = ERROR_INIT, third = ERROR_INIT;
    AUTO(str_free) struct str text = STR_INIT;
    assert_false(file_read("/nowhere/x", 10, &text, &err));
    assert_string_equal(err.text, "cannot read '/nowhere/x': No such file or directory");
    assert_int_equal(err.kind, ERR_IO);
    assert_false(file_read(dir, 10, &text, &second));
    assert_non_null(strstr(second.text, "Is a directory"));
    assert_false(file_write("/nowhere/x", "", 0, 0600, &third));
    assert_non_null(strstr(third.text, "cannot write '/nowhere/x'"));
}

static void a_failed_write_leaves_nothing(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *path = in_dir("taken");
    AUTO(mem_free) char *below = in_dir("taken/below");
    assert_true(file_make_directory(below, 0700, &err));
    assert_false(file_write(path, "x", 1, 0600, &err));
    assert_true(file_is_directory(path));
    assert_true(file_is_directory(below));
}

static void makes_parents_and_removes_trees_without_following_links(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *kept = in_dir("kept");
    AUTO(mem_free) char *file = in_dir("kept/file");
    AUTO(mem_free) char *deep = in_dir("tree/x/y/z");
    AUTO(mem_free) char *tree = in_dir("tree");
    AUTO(mem_free) char *link = in_dir("tree/x/link");
    AUTO(mem_free) char *leaf = in_dir("tree/x/y/leaf");
    assert_true(file_make_directory(kept, 0700, &err));
    assert_true(file_write(file, "x", 1, 0600, &err));
    assert_true(file_make_directory(deep, 0700, &err));
    assert_true(file_make_directory(deep, 0700, &err));
    assert_true(file_write(leaf, "x", 1, 0600, &err));
    assert_int_equal(symlink(kept, link), 0);
    assert_true(file_remove_tree(tree, &err));
    assert_false(file_exists(tree));
    assert_true(file_exists(file));
    assert_true(file_remove_tree(tree, &err));
}

static void a_file_in_the_way_is_an_error(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *file = in_dir("file");
    AUTO(mem_free) char *below = in_dir("file/below");
    assert_true(file_write(file, "x", 1, 0600, &err));
    assert_false(file_make_directory(below, 0700, &err));
    assert_non_null(strstr(err.text, file));
}

static void finds_programs(void **state)
{
    (void)state;
    AUTO(mem_free) char *sh = file_find_program("sh");
    assert_non_null(sh);
    assert_true(str_ends(sh, "/sh"));
    assert_null(file_find_program("no-such-program-here"));
    assert_null(file_find_program("/etc/passwd"));
    assert_null(file_find_program(""));
    AUTO(mem_free) char *given = file_find_program("/bin/sh");
    assert_string_equal(given, "/bin/sh");
}

static void never_runs_what_lies_in_the_working_directory(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(mem_free) char *path = in_dir("planted-program");
    AUTO(mem_free) char *before = xstrdup(getenv("PATH"));
    AUTO(mem_free) char *cwd = getcwd(NULL, 0);
    assert_true(file_write(path, "#!/bin/sh\n", 10, 0700, &err));
    assert_int_equal(chdir(dir), 0);
    setenv("PATH", "::/usr/bin:", 1);
    char *found = file_find_program("planted-program");
    setenv("PATH", before, 1);
    assert_int_equal(chdir(cwd), 0);
    assert_null(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_a_file),
        cmocka_unit_test(refuses_a_file_over_the_limit),
        cmocka_unit_test(names_path_and_reason),
        cmocka_unit_test(a_failed_write_leaves_nothing),
        cmocka_unit_test(makes_parents_and_removes_trees_without_following_links),
        cmocka_unit_test(a_file_in_the_way_is_an_error),
        cmocka_unit_test(finds_programs),
        cmocka_unit_test(never_runs_what_lies_in_the_working_directory),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
