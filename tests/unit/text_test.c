#include "migrate/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct placeholders placeholders;
    struct text_options options;
    struct error err;
    struct str out;
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    f->out = (struct str)STR_INIT;
    f->placeholders.enabled = true;
    placeholders_set(&f->placeholders, "table", "users");
    placeholders_set(&f->placeholders, "Empty", "");
    placeholders_set(&f->placeholders, "two", "a\nb");
    placeholders_set(&f->placeholders, "again", "${table}");
    f->options.placeholders = &f->placeholders;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    placeholders_free(&f->placeholders);
    error_free(&f->err);
    str_free(&f->out);
    free(f);
    return 0;
}

/* Reads everything; false when the text ends in an error. */
static bool read_bytes(struct fixture *f, const char *in, size_t n)
{
    str_clear(&f->out);
    error_free(&f->err);
    AUTO(text_close) struct text *t = text_open_bytes("V1__a.sql", in, n, &f->options, &f->err);
    char buf[7];
    ssize_t got = -1;
    while (t && (got = text_read(t, buf, sizeof buf, &f->err)) > 0)
        str_addn(&f->out, buf, (size_t)got);
    return got == 0;
}

/* The same whatever the chunk size. */
static void expect(struct fixture *f, const char *in, size_t n, const char *out, size_t out_len)
{
    for (f->options.chunk = 0; f->options.chunk < 12; f->options.chunk++) {
        assert_true(read_bytes(f, in, n));
        assert_int_equal(f->out.len, out_len);
        assert_memory_equal(f->out.ptr, out, out_len);
    }
}

static void expect_text(struct fixture *f, const char *in, const char *out)
{
    expect(f, in, strlen(in), out, strlen(out));
}

static void expect_error(struct fixture *f, const char *in, size_t n, const char *before,
                         const char *message)
{
    for (f->options.chunk = 0; f->options.chunk < 12; f->options.chunk++) {
        assert_false(read_bytes(f, in, n));
        assert_int_equal(f->err.kind, ERR_DATA);
        assert_string_equal(f->err.text, message);
        assert_string_equal(f->out.ptr, before);
    }
}

static void replaces_in_one_pass_without_case(void **state)
{
    struct fixture *f = *state;
    expect_text(f, "", "");
    expect_text(f, "a ${table} b ${TABLE}${Table}", "a users b usersusers");
    expect_text(f, "x${empty}y", "xy");
    expect_text(f, "${again}", "${table}");
    expect_text(f, "$${table}$ $ $$ {} $", "$users$ $ $$ {} $");
    expect_text(f, "-- ${table}\n'${table}' $$${table}$$", "-- users\n'users' $$users$$");
    f->placeholders.enabled = false;
    expect_text(f, "a ${table} ${nope}", "a ${table} ${nope}");
    f->options.placeholders = NULL;
    expect_text(f, "a ${table}", "a ${table}");
}

static void takes_other_prefixes(void **state)
{
    struct fixture *f = *state;
    f->placeholders.prefix = xstrdup("@@[");
    f->placeholders.suffix = xstrdup("]@");
    expect_text(f, "${table} @@[table]@ @@@@[table]@ @@", "${table} users @@users @@");
    free(f->placeholders.prefix);
    f->placeholders.prefix = xstrdup("");
    expect_text(f, "@@[table]@", "@@[table]@");
}

static void an_unknown_name_is_an_error_with_its_place(void **state)
{
    struct fixture *f = *state;
    const char *in = "select 1;\n-- \xC3\xA4\xC3\xB6${two} ${tabel}";
    expect_error(f, in, strlen(in),
                 "select 1;\n-- \xC3\xA4\xC3\xB6"
                 "a\nb ",
                 "V1__a.sql:2:13: no value for placeholder ${tabel}");
    assert_string_equal(f->err.hint, "did you mean ${table}?");
    in = "${something_else}";
    expect_error(f, in, strlen(in), "",
                 "V1__a.sql:1:1: no value for placeholder ${something_else}");
    assert_non_null(strstr(f->err.hint, "placeholder_replacement: false"));
}

static void a_placeholder_without_end_is_an_error(void **state)
{
    struct fixture *f = *state;
    expect_error(f, "a ${table", 9, "a ",
                 "V1__a.sql:1:3: the placeholder that begins here with '${' has no '}'");
    AUTO(str_free) struct str in = STR_INIT;
    str_add(&in, "${");
    for (int i = 0; i < 5000; i++)
        str_addc(&in, 'x');
    str_add(&in, "}");
    assert_false(read_bytes(f, in.ptr, in.len));
    assert_non_null(strstr(f->err.text, "has no '}'"));
}

static void invalid_bytes_are_errors_with_line_and_offset(void **state)
{
    struct fixture *f = *state;
    expect_error(f, "a\nb\xE9 c", 6, "a\nb",
                 "V1__a.sql:2: cannot decode as UTF-8: the byte 0xE9 at offset 3 is not valid");
    assert_non_null(strstr(f->err.hint, "detect_encoding"));
    expect_error(f, "ab\xC3", 3, "ab",
                 "V1__a.sql:1: cannot decode as UTF-8: the byte 0xC3 at offset 2 is not valid");
    static const char *const wrong[] = {
        "\xC0\x80",         "\xC1\xBF",         "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80",         "\xE2\x82"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(read_bytes(f, wrong[i], strlen(wrong[i])));
    f->options.encoding = "US-ASCII";
    expect_error(f, "a\n\nb\x80", 5, "a\n\nb",
                 "V1__a.sql:3: cannot decode as US-ASCII: the byte 0x80 at offset 4 is not valid");
    f->options.encoding = "UTF-16LE";
    expect_error(f, "a\0b", 3, "a",
                 "V1__a.sql:1: cannot decode as UTF-16LE: the byte 0x62 at offset 2 is not valid");
    f->options.encoding = "UTF-16";
    assert_false(read_bytes(f, "a", 1));
}

static void decodes_other_encodings(void **state)
{
    struct fixture *f = *state;
    expect_text(f, "\xF0\x9F\x98\x80 \xE2\x82\xAC \xED\x9F\xBF \xC2\x80",
                "\xF0\x9F\x98\x80 \xE2\x82\xAC \xED\x9F\xBF \xC2\x80");
    f->options.encoding = "iso-8859-1";
    expect_text(f, "\xE4 ${table}", "\xC3\xA4 users");
    f->options.encoding = "GB18030";
    expect_text(f, "\xD6\xD0", "\xE4\xB8\xAD");
    f->options.encoding = "UTF-16";
    expect(f,
           "\xFF\xFE"
           "a\0\xE4\0",
           6, "a\xC3\xA4", 3);
    expect(f, "\xFE\xFF\0a\0\xE4", 6, "a\xC3\xA4", 3);
    expect(f, "\0a\0b", 4, "ab", 2);
    expect(f, "", 0, "", 0);
    f->options.encoding = "no-such";
    assert_false(read_bytes(f, "a", 1));
    assert_int_equal(f->err.kind, ERR_CONFIG);
}

static void drops_a_byte_order_mark_at_the_start_only(void **state)
{
    struct fixture *f = *state;
    expect_text(f,
                "\xEF\xBB\xBF"
                "a\xEF\xBB\xBF",
                "a\xEF\xBB\xBF");
    expect_text(f, "\xEF\xBB\xBF", "");
    expect_text(f, "ab", "ab");
}

static void detects_the_encoding(void **state)
{
    struct fixture *f = *state;
    f->options.detect_encoding = true;
    expect_text(f, "plain", "plain");
    expect_text(f, "\xC3\xA4 ${table}", "\xC3\xA4 users");
    expect_text(f, "\xE4 x", "\xC3\xA4 x");
    expect_text(f, "x \xC3", "x \xC3\x83");
    expect(f,
           "\xFF\xFE"
           "a\0\xE4\0",
           6, "a\xC3\xA4", 3);
    expect(f, "\xFE\xFF\0a\0\xE4", 6, "a\xC3\xA4", 3);
    expect(f, "a\0b\0\xE4\0", 6, "ab\xC3\xA4", 4);
    expect(f, "\0a\0b\0\xE4", 6, "ab\xC3\xA4", 4);
    expect(f, "", 0, "", 0);
    AUTO(str_free) struct str in = STR_INIT; /* a sequence across the buffer of the detection */
    while (in.len < 64 * 1024 - 1)
        str_addc(&in, 'x');
    str_add(&in, "\xE2\x82\xAC");
    f->options.chunk = 0;
    assert_true(read_bytes(f, in.ptr, in.len));
    assert_string_equal(f->out.ptr, in.ptr);
}

static void maps_places_through_placeholders(void **state)
{
    struct fixture *f = *state;
    const char *in = "\xC3\xA4${two}x${empty}y\n${table}z";
    const char *out = "\xC3\xA4"
                      "a\nbxy\nusersz";
    static const struct {
        unsigned n, offset, line, column;
    } want[] = {{0, 0, 1, 1},   {2, 2, 1, 2},  {4, 2, 1, 2},   {5, 8, 1, 8},   {6, 17, 1, 17},
                {7, 18, 1, 18}, {8, 19, 2, 1}, {12, 19, 2, 1}, {13, 27, 2, 9}, {14, 28, 2, 10}};
    for (unsigned forget = 0; forget <= 14; forget++) {
        AUTO(text_close)
        struct text *t = text_open_bytes("a", in, strlen(in), &f->options, &f->err);
        int rc;
        while ((rc = text_fill(t, &f->err)) > 0)
            ;
        assert_int_equal(rc, 0);
        size_t len;
        assert_memory_equal(text_window(t, &len), out, 14);
        assert_int_equal(len, 14);
        text_forget(t, forget);
        text_window(t, &len);
        assert_int_equal(len, 14 - forget);
        for (size_t i = 0; i < ARRAY_LEN(want); i++) {
            if (want[i].n < forget)
                continue;
            struct text_place place = text_place_of(t, want[i].n);
            assert_int_equal(place.offset, want[i].offset);
            assert_int_equal(place.line, want[i].line);
            assert_int_equal(place.column, want[i].column);
        }
    }
}

static void counts_lines_over_long_stretches(void **state)
{
    struct fixture *f = *state;
    AUTO(str_free) struct str in = STR_INIT;
    for (int i = 0; i < 20000; i++)
        str_add(&in, i % 3 ? "\n" : "row ${table}\n");
    str_add(&in, "end");
    AUTO(text_close) struct text *t = text_open_bytes("a", in.ptr, in.len, &f->options, &f->err);
    uint64_t n = 0;
    size_t len;
    while (text_fill(t, &f->err) > 0) {
        text_window(t, &len);
        n += len - 1; /* not at the border of what was read */
        text_forget(t, n);
    }
    struct text_place place = text_place_of(t, n + 1);
    text_forget(t, UINT64_MAX);
    text_window(t, &len);
    assert_int_equal(len, 0);
    assert_int_equal(text_place_of(t, n + 1).line, place.line);
    assert_int_equal(place.offset, in.len);
    assert_int_equal(place.line, 20001);
    assert_int_equal(place.column, 4);
}

static void reads_files(void **state)
{
    struct fixture *f = *state;
    char path[] = "/tmp/text_test.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "a\xE4${table}", 10), 10);
    close(fd);
    f->options.detect_encoding = true;
    AUTO(text_close) struct text *t = text_open(path, &f->options, &f->err);
    unlink(path);
    AUTO(str_free) struct str out = STR_INIT;
    char buf[100];
    ssize_t n;
    while ((n = text_read(t, buf, sizeof buf, &f->err)) > 0)
        str_addn(&out, buf, (size_t)n);
    assert_string_equal(out.ptr, "a\xC3\xA4users");
}

static void says_why_a_file_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    char buf[100];
    assert_null(text_open("/nonexistent/x.sql", &f->options, &f->err));
    assert_int_equal(f->err.kind, ERR_IO);
    error_free(&f->err);

    AUTO(text_close) struct text *dir = text_open("/", &f->options, &f->err);
    assert_int_equal(text_read(dir, buf, sizeof buf, &f->err), -1);
    assert_int_equal(f->err.kind, ERR_IO);
    error_free(&f->err);

    int ends[2];
    assert_int_equal(pipe(ends), 0);
    AUTO(mem_free) char *path = xasprintf("/proc/self/fd/%d", ends[0]);
    f->options.detect_encoding = true;
    close(ends[1]);
    assert_null(text_open(path, &f->options, &f->err));
    close(ends[0]);
    assert_non_null(strstr(f->err.text, "cannot read"));
}

static void sets_and_gets_placeholders(void **state)
{
    struct fixture *f = *state;
    placeholders_set(&f->placeholders, "TABLE", "items");
    placeholders_set(&f->placeholders, "none", NULL);
    assert_string_equal(placeholders_get(&f->placeholders, "table"), "items");
    assert_string_equal(placeholders_get(&f->placeholders, "none"), "");
    assert_null(placeholders_get(&f->placeholders, "tabl"));
    assert_null(placeholders_get(&f->placeholders, "tables"));
}

static void placeholders_stand_on_others(void **state)
{
    struct fixture *f = *state;
    AUTO(placeholders_free) struct placeholders own = {.enabled = true, .base = &f->placeholders};
    AUTO(str_free) struct str out = STR_INIT;
    placeholders_set(&own, "Two", "mine");
    placeholders_set(&own, "filename", "V1.sql");
    assert_string_equal(placeholders_get(&f->placeholders, "two"), "a\nb");
    f->placeholders.prefix = xstrdup("<");
    f->placeholders.suffix = xstrdup(">");
    assert_true(placeholders_replace(&own, "<table> <two> <filename>", "x", &out, &f->err));
    assert_string_equal(out.ptr, "users mine V1.sql");
    assert_false(placeholders_replace(&own, "<agin>", "x", &out, &f->err));
    assert_string_equal(f->err.hint, "did you mean <again>?");
}

static void replaces_whole_strings(void **state)
{
    struct fixture *f = *state;
    AUTO(str_free) struct str out = STR_INIT;
    assert_true(placeholders_replace(&f->placeholders, "a ${table}${empty} $", "x", &out, &f->err));
    assert_string_equal(out.ptr, "a users $");
    assert_false(
        placeholders_replace(&f->placeholders, "\xC3\xA4\n\xC3\xA4${x1}", "conf", &out, &f->err));
    assert_string_equal(f->err.text, "conf:2:2: no value for placeholder ${x1}");
    assert_string_equal(out.ptr, "a users $");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(replaces_in_one_pass_without_case),
        TEST(takes_other_prefixes),
        TEST(an_unknown_name_is_an_error_with_its_place),
        TEST(a_placeholder_without_end_is_an_error),
        TEST(invalid_bytes_are_errors_with_line_and_offset),
        TEST(decodes_other_encodings),
        TEST(drops_a_byte_order_mark_at_the_start_only),
        TEST(detects_the_encoding),
        TEST(maps_places_through_placeholders),
        TEST(counts_lines_over_long_stretches),
        TEST(reads_files),
        TEST(says_why_a_file_cannot_be_read),
        TEST(sets_and_gets_placeholders),
        TEST(placeholders_stand_on_others),
        TEST(replaces_whole_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
