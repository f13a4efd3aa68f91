#include "migrate/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/mem.h"

static void valid_versions_are_digits_between_single_separators(void **state)
{
    (void)state;
    static const char *const good[] = {"1",
                                       "0",
                                       "002",
                                       "1.2",
                                       "1_2",
                                       "1.02_3",
                                       "20240131235959",
                                       "123456789012345678901234567890"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(version_valid(good[i]));
    static const char *const bad[] = {"",    ".",  "_1", "1.", "1_",  "1..2",    "1._2",
                                      "abc", "1a", "-1", "+1", "1 2", "7_nosep", "1.2-rc"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(version_valid(bad[i]));
}

static void display_keeps_zeros_and_turns_underscores(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"1_01", "1.01"}, {"002", "002"}, {"2.0", "2.0"}, {"1_2.3_0", "1.2.3.0"}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        AUTO(mem_free) char *text = version_display(pairs[i][0]);
        assert_string_equal(text, pairs[i][1]);
    }
}

static void expect_order(const char *a, const char *b, int sign)
{
    int forth = version_compare(a, b), back = version_compare(b, a);
    assert_int_equal((forth > 0) - (forth < 0), sign);
    assert_int_equal((back > 0) - (back < 0), -sign);
}

static void versions_compare_as_numbers_without_limit(void **state)
{
    (void)state;
    expect_order("3", "3.0", 0);
    expect_order("3", "3.0.0", 0);
    expect_order("3", "003", 0);
    expect_order("1_2", "1.2", 0);
    expect_order("0", "0.0", 0);
    expect_order("1.01", "1.1", 0);
    expect_order("2", "10", -1);
    expect_order("1.9", "1.10", -1);
    expect_order("1", "1.0.1", -1);
    expect_order("1.2", "1.2.0.0.1", -1);
    expect_order("18446744073709551616", "18446744073709551617", -1);
    expect_order("99999999999999999999", "100000000000000000000", -1);
    expect_order(NULL, "0", -1);
    expect_order(NULL, NULL, 0);
    expect_order("abc", "abd", -1);
}

static void order_is_total_over_random_versions(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    char text[COUNT][32];
    unsigned seed = 20240607;
    for (size_t i = 0; i < COUNT; i++)
        snprintf(text[i], sizeof text[i], "%d%s%d%s%d", rand_r(&seed) % 3, i % 2 ? "." : "_",
                 rand_r(&seed) % 12, i % 3 ? "." : "_", rand_r(&seed) % 3);
    for (size_t a = 0; a < COUNT; a++)
        for (size_t b = 0; b < COUNT; b++)
            for (size_t c = 0; c < COUNT; c++)
                if (version_compare(text[a], text[b]) <= 0 &&
                    version_compare(text[b], text[c]) <= 0)
                    assert_true(version_compare(text[a], text[c]) <= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_versions_are_digits_between_single_separators),
        cmocka_unit_test(display_keeps_zeros_and_turns_underscores),
        cmocka_unit_test(versions_compare_as_numbers_without_limit),
        cmocka_unit_test(order_is_total_over_random_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
