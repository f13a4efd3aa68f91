/* Configuration files in a folder of their own, which is the working directory meanwhile. */
#ifndef DBOPS_TESTS_UNIT_CONFIG_FIXTURE_H
#define DBOPS_TESTS_UNIT_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/base/str.h"
#include "lib/config/config.h"

struct fixture {
    char *dir; /* and working directory */
    struct config *config;
    struct error err;
};

UNUSED static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    f->dir = file_make_temp_directory(NULL, "dbops-config", &f->err);
    assert_non_null(f->dir);
    assert_int_equal(chdir(f->dir), 0);
    *state = f;
    return 0;
}

UNUSED static int teardown(void **state)
{
    struct fixture *f = *state;
    config_free(f->config);
    error_free(&f->err);
    assert_int_equal(chdir("/"), 0);
    assert_true(file_remove_tree(f->dir, &f->err));
    free(f->dir);
    free(f);
    return 0;
}

UNUSED static void put_bytes(const char *path, const char *bytes, size_t n)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_true(file_write(path, bytes, n, 0600, &err));
}

UNUSED static void put(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

UNUSED static void assert_loads(struct fixture *f, const char *text)
{
    if (text)
        put("a.yaml", text);
    config_free(f->config);
    f->config = config_load("a.yaml", &f->err);
    if (!f->config)
        print_error("%s\n", f->err.text);
    assert_non_null(f->config);
}

/* Loads text as a.yaml and wants exactly these findings. */
UNUSED static void assert_findings(struct fixture *f, const char *text, const char *findings)
{
    if (text)
        put("a.yaml", text);
    AUTO(error_free) struct error err = ERROR_INIT;
    config_free(f->config);
    f->config = config_load("a.yaml", &err);
    assert_null(f->config);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_string_equal(err.text, findings);
}

UNUSED static const struct config_target *target(struct fixture *f, const char *name)
{
    const struct config_target *t = config_target(f->config, name, NULL, 0, &f->err);
    if (!t)
        print_error("%s\n", f->err.text);
    assert_non_null(t);
    return t;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
