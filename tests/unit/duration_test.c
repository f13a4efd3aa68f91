#include "lib/base/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void reads_ms(const char *text, long long expected)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    long long ms = -1;
    assert_true(duration_parse_ms(text, &ms, &err));
    assert_int_equal(ms, expected);
}

static void refuses_ms(const char *text)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    long long ms = -1;
    assert_false(duration_parse_ms(text, &ms, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(ms, -1);
}

static void a_duration_is_numbers_with_units(void **state)
{
    (void)state;
    reads_ms("0", 0);
    reads_ms("0s", 0);
    reads_ms("500ms", 500);
    reads_ms("3s", 3000);
    reads_ms("10m", 600000);
    reads_ms("1h30m", 5400000);
    reads_ms("90d", 90LL * 86400000);
    reads_ms("12w", 84LL * 86400000);
    reads_ms("1w2d3h4m5s6ms", 788645006);
}

static void what_is_not_a_duration_is_refused(void **state)
{
    (void)state;
    refuses_ms("");
    refuses_ms("5");
    refuses_ms("s");
    refuses_ms("-5s");
    refuses_ms("+5s");
    refuses_ms(" 5s");
    refuses_ms("5s ");
    refuses_ms("5 s");
    refuses_ms("1.5h");
    refuses_ms("5x");
    refuses_ms("5S");
    refuses_ms("1h5");
    refuses_ms("30m1h");
    refuses_ms("1h1h");
    refuses_ms("9223372036854775808ms");
    refuses_ms("9223372036854775807s");
    refuses_ms("106751991167d99999999h");
}

static void months_have_no_fixed_length(void **state)
{
    (void)state;
    refuses_ms("6mo");
    refuses_ms("1y");
    AUTO(error_free) struct error err = ERROR_INIT;
    struct duration d;
    assert_true(duration_parse("1y6mo2d", &d, &err));
    assert_int_equal(d.months, 18);
    assert_int_equal(d.ms, 2LL * 86400000);
    assert_true(duration_parse("0mo", &d, &err));
    assert_int_equal(d.months, 0);
    assert_false(duration_parse("9223372036854775807y", &d, &err));
}

static void a_duration_is_written_as_it_is_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"0", "500ms", "50s", "1h30m", "90d", "6mo", "1y6mo2d5ms"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(error_free) struct error err = ERROR_INIT;
        struct duration d;
        assert_true(duration_parse(texts[i], &d, &err));
        AUTO(mem_free) char *text = duration_text(&d);
        assert_string_equal(text, texts[i]);
    }
    AUTO(mem_free) char *weeks = duration_ms_text(14LL * 86400000);
    assert_string_equal(weeks, "14d");
}

static void reads_size(const char *text, long long expected)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    long long bytes = -1;
    assert_true(size_parse(text, &bytes, &err));
    assert_int_equal(bytes, expected);
}

static void refuses_size(const char *text)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    long long bytes = -1;
    assert_false(size_parse(text, &bytes, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(bytes, -1);
}

static void a_size_is_a_number_with_a_unit(void **state)
{
    (void)state;
    reads_size("0", 0);
    reads_size("17", 17);
    reads_size("17B", 17);
    reads_size("16MiB", 16LL << 20);
    reads_size("3kB", 3000);
    reads_size("2TB", 2000000000000);
    reads_size("8388607TiB", 8388607LL << 40);
    refuses_size("");
    refuses_size("MiB");
    refuses_size("16M");
    refuses_size("16mib");
    refuses_size("-1");
    refuses_size("1.5GiB");
    refuses_size("16 MiB");
    refuses_size("8388608TiB");
    refuses_size("99999999999999999999");
}

static void writes(char *(*text_of)(long long), long long bytes, const char *expected)
{
    AUTO(mem_free) char *text = text_of(bytes);
    assert_string_equal(text, expected);
}

static void sizes_are_written_exactly_or_rounded(void **state)
{
    (void)state;
    writes(size_text, 0, "0");
    writes(size_text, 1000, "1000");
    writes(size_text, 1024, "1KiB");
    writes(size_text, 16LL << 20, "16MiB");
    writes(size_text, 1536LL << 20, "1536MiB");
    writes(size_human, 873, "873 B");
    writes(size_human, 1536LL << 20, "1.5 GiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_is_numbers_with_units),
        cmocka_unit_test(what_is_not_a_duration_is_refused),
        cmocka_unit_test(months_have_no_fixed_length),
        cmocka_unit_test(a_duration_is_written_as_it_is_read),
        cmocka_unit_test(a_size_is_a_number_with_a_unit),
        cmocka_unit_test(sizes_are_written_exactly_or_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
