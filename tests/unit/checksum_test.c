#include "migrate/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/file.h"
#include "migrate/files.h"

struct vector {
    const char *text;
    size_t len;
    int32_t checksum;
};
#define VECTOR(text, checksum)                                                                     \
    {                                                                                              \
        text, sizeof(text) - 1, checksum                                                           \
    }
#define MARK "\xEF\xBB\xBF"

/* What Flyway 11.20.3 wrote into its history table for these files. */
static const struct vector vectors[] = {
    VECTOR("", 0),
    VECTOR("\n", 0),
    VECTOR("SELECT 1;", 78787420),
    VECTOR("SELECT 1;\n", 78787420),
    VECTOR("SELECT 1;\r\n", 78787420),
    VECTOR(MARK "SELECT 1;\n", 78787420),
    VECTOR("-- abc\n-- def efg\nSELECT 1;", -1407101726),
    VECTOR("-- abc\r\n-- def efg\nSELECT 1;\r\n", -1407101726),
    VECTOR("-- abc\r-- def efg\rSELECT 1;\r", -1407101726),
    VECTOR("-- abc-- def efgSELECT 1;", -1407101726),
    VECTOR("\n\n-- abc\n\n-- def efg\n\r\nSELECT 1;\n\n", -1407101726),
    VECTOR("SELECT 1; \n", -1951047511),
    VECTOR("SELECT 'h\xC3\xA9llo \xF0\x9F\x98\x80';\n", -1597478616),
    VECTOR("SELECT 'a\xE2\x80\xA8"
           "b\v\f\xC2\x85"
           "c';\n",
           -206095903),
    VECTOR("SELECT '${flyway:user}';\n", 1663097856),
    VECTOR("SELECT 1;\n" MARK "SELECT 2;\n", -737986772),
    VECTOR(MARK MARK "SELECT 1;\n", -1606921097),
    VECTOR("\tSELECT\t1;", -893904607),
    VECTOR("SELECT 'h\xC3\xA9';\n", 613356599),
};

static void vectors_hold_however_the_text_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        for (size_t piece = 1; piece <= vectors[i].len + 1; piece++) {
            struct checksum sum = CHECKSUM_INIT;
            for (size_t at = 0; at < vectors[i].len; at += piece) {
                size_t rest = vectors[i].len - at;
                checksum_add(&sum, vectors[i].text + at, rest < piece ? rest : piece);
            }
            assert_int_equal(checksum_value(&sum), vectors[i].checksum);
        }
    }
}

static void lines_of_every_length_count_in_one_piece(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 16383, 1, 16384, 0, 16385, 100, 50000, 16283, 2};
    AUTO(str_free) struct str text = STR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        for (size_t k = 0; k < lengths[i]; k++)
            str_addc(&text, (char)('a' + (k + i) % 26));
        str_add(&text, i % 3 ? "\n" : "\r\n");
    }
    struct checksum whole = CHECKSUM_INIT, bytewise = CHECKSUM_INIT;
    checksum_add(&whole, text.ptr, text.len);
    for (size_t i = 0; i < text.len; i++)
        checksum_add(&bytewise, text.ptr + i, 1);
    assert_int_equal(checksum_value(&whole), checksum_value(&bytewise));
}

static void a_broken_mark_at_the_start_counts(void **state)
{
    (void)state;
    struct checksum whole = CHECKSUM_INIT, cut = CHECKSUM_INIT, begun = CHECKSUM_INIT;
    checksum_add(&whole, "\xEF\xBBx", 3);
    checksum_add(&cut, "\xEF", 1);
    checksum_add(&cut, "\xBB", 1);
    checksum_add(&begun, "\xEF\xBB", 2);
    assert_int_equal(checksum_value(&cut), checksum_value(&begun));
    checksum_add(&cut, "x", 1);
    assert_int_equal(checksum_value(&cut), checksum_value(&whole));
    assert_int_not_equal(checksum_value(&whole), checksum_value(&begun));
}

static char *write_file(const char *bytes, size_t n)
{
    char *path = xstrdup("/tmp/dbops-checksum-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    return path;
}

static int32_t of_file(const char *bytes, size_t n, const struct text_options *options)
{
    AUTO(mem_free) char *path = write_file(bytes, n);
    AUTO(error_free) struct error err = ERROR_INIT;
    int32_t sum = 0;
    assert_true(checksum_file(path, options, &sum, &err));
    unlink(path);
    return sum;
}

static void files_give_the_same_numbers(void **state)
{
    (void)state;
    struct text_options options = {.encoding = "UTF-8"};
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        assert_int_equal(of_file(vectors[i].text, vectors[i].len, &options), vectors[i].checksum);
}

static void encodings_do_not_matter(void **state)
{
    (void)state;
    static const char latin[] = "SELECT 'h\xE9';\n";
    static const char big[] = "\xFE\xFF\0S\0E\0L\0E\0C\0T\0 \0'\0h\0\xE9\0'\0;\0\n";
    static const char little[] = "\xFF\xFES\0E\0L\0E\0C\0T\0 \0'\0h\0\xE9\0'\0;\0\n";
    struct text_options options = {.encoding = "ISO-8859-1"};
    assert_int_equal(of_file(latin, sizeof latin - 1, &options), 613356599);
    options.encoding = "UTF-16";
    assert_int_equal(of_file(big, sizeof big - 1, &options), 613356599);
    options.encoding = "UTF-16LE";
    assert_int_equal(of_file(little, sizeof little, &options), 613356599);
    options = (struct text_options){.detect_encoding = true};
    assert_int_equal(of_file(big, sizeof big - 1, &options), 613356599);
    assert_int_equal(of_file(latin, sizeof latin - 1, &options), 613356599);
}

static void bytes_that_do_not_decode_have_no_checksum(void **state)
{
    (void)state;
    AUTO(mem_free) char *path = write_file("SELECT '\xE9';\n", 12);
    AUTO(error_free) struct error err = ERROR_INIT;
    struct text_options options = {.encoding = "UTF-8"};
    int32_t sum = 7;
    assert_false(checksum_file(path, &options, &sum, &err));
    assert_int_equal(err.kind, ERR_DATA);
    assert_int_equal(sum, 7);
    unlink(path);
    error_free(&err);
    assert_false(checksum_file(path, &options, &sum, &err));
}

static void repeatables_are_summed_after_replacement(void **state)
{
    (void)state;
    static const char rep[] =
        "-- ${Name} ${flyway:table} ${flyway:defaultSchema} ${flyway:filename} "
        "${flyway:database} ${flyway:user}\nSELECT 1;\n";
    AUTO(placeholders_free) struct placeholders values = {.enabled = true};
    placeholders_set(&values, "name", "bob");
    placeholders_set(&values, "flyway:table", "flyway_schema_history");
    placeholders_set(&values, "flyway:defaultSchema", "public");
    placeholders_set(&values, "flyway:filename", "R__rep.sql");
    placeholders_set(&values, "flyway:database", "t3");
    placeholders_set(&values, "flyway:user", "postgres");
    struct text_options replaced = {.placeholders = &values}, raw = {.encoding = NULL};
    assert_int_equal(of_file(rep, sizeof rep - 1, &replaced), -821571936);
    assert_int_equal(of_file(rep, sizeof rep - 1, &raw), -1583996239);
    assert_int_equal(of_file("-- ${Name}\nSELECT 1;\n", 21, &raw), 2138766881);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold_however_the_text_is_cut),
        cmocka_unit_test(lines_of_every_length_count_in_one_piece),
        cmocka_unit_test(a_broken_mark_at_the_start_counts),
        cmocka_unit_test(files_give_the_same_numbers),
        cmocka_unit_test(encodings_do_not_matter),
        cmocka_unit_test(bytes_that_do_not_decode_have_no_checksum),
        cmocka_unit_test(repeatables_are_summed_after_replacement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
