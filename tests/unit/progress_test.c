#include "lib/base/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void reads(enum progress_unit unit, uint64_t done, uint64_t total, uint64_t elapsed_ms,
                  const char *expected)
{
    AUTO(str_free) struct str text = STR_INIT;
    progress_text(&text, "x", unit, done, total, elapsed_ms);
    assert_string_equal(text.ptr, expected);
}

static void a_line_tells_share_rate_and_rest(void **state)
{
    (void)state;
    reads(PROGRESS_BYTES, 12ULL << 20, 48ULL << 20, 3000,
          "x: 12.0 MiB of 48.0 MiB (25%), 4.0 MiB/s, 9s left");
    reads(PROGRESS_COUNT, 30, 7230, 1000, "x: 30 of 7230 (0%), 30/s, 4m left");
    reads(PROGRESS_COUNT, 10, 10, 1000, "x: 10 of 10 (100%), 10/s");
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    reads(PROGRESS_COUNT, 0, 0, 0, "x: 0");
    reads(PROGRESS_COUNT, 5, 0, 0, "x: 5");
    reads(PROGRESS_COUNT, 5, 0, 500, "x: 5, 10/s");
    reads(PROGRESS_COUNT, 0, 10, 500, "x: 0 of 10 (0%)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_tells_share_rate_and_rest),
        cmocka_unit_test(what_is_not_known_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
