#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/data/json.h"
#include "lib/data/table.h"
#include "lib/data/yaml_out.h"

static struct value *sample(void)
{
    struct value *map = value_map(), *list = value_list();
    value_add(list, value_int(9007199254740993));
    value_add(list, value_null());
    value_set(map, "zeta", value_string("a\"b"));
    value_set(map, "alpha", list);
    value_set(map, "ok", value_bool(true));
    value_set(map, "share", value_real(0.1));
    value_set(map, "empty", value_map());
    return map;
}

/* What a writer writes into a file of its own. */
static char *written(bool (*write)(const struct value *, FILE *, struct error *),
                     const struct value *v)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_true(write(v, out, &err));
    fclose(out);
    return text;
}

static void json_keeps_the_order_and_whole_numbers(void **state)
{
    (void)state;
    AUTO(value_free) struct value *v = sample();
    AUTO(str_free) struct str line = STR_INIT;
    json_line(v, &line);
    assert_string_equal(line.ptr, "{\"zeta\":\"a\\\"b\",\"alpha\":[9007199254740993,null],"
                                  "\"ok\":true,\"share\":0.1,\"empty\":{}}");
    AUTO(mem_free) char *text = written(json_write, v);
    assert_int_equal(strncmp(text, "{\n  \"zeta\": \"a\\\"b\",\n", 19), 0);
    assert_string_equal(text + strlen(text) - 2, "}\n");
}

static void json_takes_what_json_cannot_say(void **state)
{
    (void)state;
    AUTO(value_free) struct value *list = value_list();
    value_add(list, value_real((double)NAN));
    value_add(list, value_string("a\xff"
                                 "b"));
    AUTO(str_free) struct str line = STR_INIT;
    json_line(list, &line);
    assert_string_equal(line.ptr, "[null,\"a\xEF\xBF\xBD"
                                  "b\"]");
}

static void json_is_read_back(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(value_free) struct value *v = sample();
    AUTO(value_free) struct value *again = NULL;
    AUTO(str_free) struct str first = STR_INIT, second = STR_INIT;
    json_line(v, &first);
    assert_true(json_read(first.ptr, first.len, &again, &err));
    json_line(again, &second);
    assert_string_equal(first.ptr, second.ptr);
}

static void refuses(const char *text, const char *expected)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    struct value *v = NULL;
    assert_false(json_read(text, strlen(text), &v, &err));
    assert_null(v);
    assert_int_equal(err.kind, ERR_DATA);
    assert_non_null(strstr(err.text, expected));
}

static void wrong_json_is_refused_with_its_place(void **state)
{
    (void)state;
    refuses("{\"a\":\n tru}", "line 2, column 4");
    refuses("{\"a\":1,\"a\":2}", "duplicate");
    refuses("1 2", "line 1");
    refuses("", "line 1");
    refuses("[1e999]", "overflow");
}

static void a_full_disk_is_an_io_error(void **state)
{
    (void)state;
    AUTO(value_free) struct value *list = value_list();
    for (int i = 0; i < 20000; i++)
        value_add(list, value_string("something"));
    static bool (*const writers[])(const struct value *, FILE *, struct error *) = {json_write,
                                                                                    yaml_write};
    for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
        AUTO(error_free) struct error err = ERROR_INIT;
        FILE *full = fopen("/dev/full", "w");
        assert_false(writers[i](list, full, &err));
        assert_int_equal(err.kind, ERR_IO);
        fclose(full);
    }
}

static void yaml_quotes_what_would_be_another_type(void **state)
{
    (void)state;
    static const char *const texts[] = {"plain", "true", "No",   "12", "1.5",  "2026-11-21",
                                        "",      "~",    ".inf", "-x", "0x1f", "a: b"};
    AUTO(value_free) struct value *list = value_list();
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        value_add(list, value_string(texts[i]));
    AUTO(mem_free) char *text = written(yaml_write, list);
    assert_string_equal(text, "- plain\n- 'true'\n- 'No'\n- '12'\n- '1.5'\n- '2026-11-21'\n- ''\n"
                              "- '~'\n- '.inf'\n- '-x'\n- '0x1f'\n- 'a: b'\n");
}

static void yaml_writes_maps_lists_and_lines(void **state)
{
    (void)state;
    AUTO(value_free) struct value *v = sample();
    value_set(v, "text", value_string("one\ntwo\n"));
    value_set(v, "whole", value_real(2.0));
    value_set(v, "nan", value_real((double)NAN));
    value_set(v, "down", value_real((double)-INFINITY));
    AUTO(mem_free) char *text = written(yaml_write, v);
    assert_string_equal(text, "zeta: a\"b\nalpha:\n- 9007199254740993\n- null\nok: true\n"
                              "share: 0.1\nempty: {}\ntext: |\n  one\n  two\nwhole: 2.0\n"
                              "nan: .nan\ndown: -.inf\n");
}

static char *table(const struct value *rows, size_t width)
{
    static const struct table_column columns[] = {{"name", "NAME", false, true},
                                                  {"size", "SIZE", true, false},
                                                  {"note", "NOTE", false, false}};
    AUTO(error_free) struct error err = ERROR_INIT;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_true(table_write(rows, columns, ARRAY_LEN(columns), width, out, &err));
    fclose(out);
    return text;
}

static void add_row(struct value *rows, const char *name, long long size, const char *note)
{
    struct value *row = value_map();
    value_set(row, "name", value_string(name));
    value_set(row, "size", value_int(size));
    value_set(row, "note", value_string(note));
    value_add(rows, row);
}

static void tables_are_aligned(void **state)
{
    (void)state;
    AUTO(value_free) struct value *rows = value_list();
    add_row(rows, "a", 5, "x");
    add_row(rows, "日本", 12345, NULL);
    AUTO(mem_free) char *text = table(rows, 0);
    assert_string_equal(text, "NAME  SIZE NOTE\na        5 x\n日本 12345 \n");
}

static void tables_fit_the_terminal(void **state)
{
    (void)state;
    AUTO(value_free) struct value *rows = value_list();
    add_row(rows, "a very long name indeed", 123456, "a note");
    AUTO(mem_free) char *text = table(rows, 24);
    assert_string_equal(text, "NAME         SIZE NOTE\na very lo… 123456 a note\n");
    AUTO(mem_free) char *narrow = table(rows, 1);
    assert_string_equal(narrow, "NAME   SIZE NOTE\na v… 123456 a n…\n");
}

static void a_hostile_name_cannot_drive_the_terminal(void **state)
{
    (void)state;
    AUTO(value_free) struct value *rows = value_list();
    add_row(rows, "a\033[31m\n", 1, "\xff");
    AUTO(mem_free) char *text = table(rows, 0);
    assert_string_equal(text, "NAME          SIZE NOTE\na\\x1b[31m\\x0a    1 \\xff\n");
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_keeps_the_order_and_whole_numbers),
        cmocka_unit_test(json_takes_what_json_cannot_say),
        cmocka_unit_test(json_is_read_back),
        cmocka_unit_test(wrong_json_is_refused_with_its_place),
        cmocka_unit_test(a_full_disk_is_an_io_error),
        cmocka_unit_test(yaml_quotes_what_would_be_another_type),
        cmocka_unit_test(yaml_writes_maps_lists_and_lines),
        cmocka_unit_test(tables_are_aligned),
        cmocka_unit_test(tables_fit_the_terminal),
        cmocka_unit_test(a_hostile_name_cannot_drive_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
