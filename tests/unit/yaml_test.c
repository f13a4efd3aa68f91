#include "lib/data/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/str.h"

/* Reads n bytes and wants exactly this one problem. */
static void assert_problem_in(const char *bytes, size_t n, unsigned line, unsigned column,
                              const char *text)
{
    AUTO(tree_problems_free) struct tree_problems problems = {NULL, 0, 0};
    size_t nodes = 0;
    tree_free(tree_read(bytes, n, "f", &nodes, &problems));
    assert_int_equal(problems.len, 1);
    assert_string_equal(problems.ptr[0].text, text);
    assert_string_equal(problems.ptr[0].file, "f");
    assert_int_equal(problems.ptr[0].line, line);
    assert_int_equal(problems.ptr[0].column, column);
}

static void assert_problem(const char *yaml, unsigned line, unsigned column, const char *text)
{
    assert_problem_in(yaml, strlen(yaml), line, column, text);
}

static struct tree *read_good(const char *yaml)
{
    AUTO(tree_problems_free) struct tree_problems problems = {NULL, 0, 0};
    size_t nodes = 0;
    struct tree *t = tree_read(yaml, strlen(yaml), "f", &nodes, &problems);
    assert_int_equal(problems.len, 0);
    assert_non_null(t);
    return t;
}

static void assert_text(const struct tree *t, const char *key, const char *text)
{
    const struct tree *value = tree_get(t, key);
    assert_non_null(value);
    assert_int_equal(value->kind, TREE_TEXT);
    assert_string_equal(value->text, text);
}

static void knows_places_and_kinds(void **state)
{
    (void)state;
    AUTO(tree_free)
    struct tree *t = read_good("a: é b\n"
                               "l: [x, 'y', ~]\n"
                               "é:\n"
                               "  m: |\n"
                               "    two\n"
                               "    lines\n"
                               "n:\n"
                               "s: !!str ~\n"
                               "q: \"\"\n"
                               "~: null\n");
    assert_int_equal(t->kind, TREE_MAP);
    assert_int_equal(t->len, 7);
    assert_text(t, "a", "é b");
    const struct tree *list = tree_get(t, "l");
    assert_int_equal(list->kind, TREE_LIST);
    assert_int_equal(list->items[1]->line, 2);
    assert_int_equal(list->items[1]->column, 8);
    assert_true(list->items[1]->single_quoted);
    assert_false(list->items[0]->single_quoted);
    assert_int_equal(list->items[2]->kind, TREE_NULL);
    assert_int_equal(tree_get(t, "n")->kind, TREE_NULL);
    assert_text(tree_get(t, "é"), "m", "two\nlines\n");
    assert_text(t, "s", "~");
    assert_text(t, "q", "");
    assert_int_equal(tree_get(t, "~")->kind, TREE_NULL);
    assert_null(tree_get(t, "none"));
    assert_null(tree_get(list, "a"));
}

static void merges_maps(void **state)
{
    (void)state;
    AUTO(tree_free)
    struct tree *t = read_good("x: &x {a: 1, b: 2}\n"
                               "y: &y {b: 3, c: 4}\n"
                               "m: {b: 5, <<: [*x, *y]}\n"
                               "n: {<<: &z {d: 6}, '<<': 7}\n"
                               "z: *z\n");
    const struct tree *m = tree_get(t, "m");
    assert_int_equal(m->len, 3);
    assert_text(m, "a", "1");
    assert_text(m, "b", "5");
    assert_text(m, "c", "4");
    assert_int_equal(tree_get(m, "c")->line, 2); /* where it was written */
    assert_text(tree_get(t, "n"), "d", "6");
    assert_text(tree_get(t, "n"), "<<", "7");
    assert_text(tree_get(t, "z"), "d", "6");
    AUTO(tree_free) struct tree *u = read_good("a: {&k <<: {b: c}}\nk: *k\n");
    assert_text(u, "k", "<<");
    assert_problem("x: {<<: 1}\n", 1, 9, "'<<' takes a map, or a list of maps");
    assert_problem("x: {<<: {a: 1}, <<: {b: 1}}\n", 1, 17,
                   "'<<' is here a second time; give it a list of maps");
}

static void finds_every_duplicate(void **state)
{
    (void)state;
    AUTO(tree_problems_free) struct tree_problems problems = {NULL, 0, 0};
    size_t nodes = 0;
    const char *yaml = "b: 1\na: &a {k: v}\nb: 2\na: 3\nb: 4\nc: *a\n";
    AUTO(tree_free) struct tree *t = tree_read(yaml, strlen(yaml), "f", &nodes, &problems);
    assert_int_equal(problems.len, 3);
    assert_string_equal(problems.ptr[0].text,
                        "the key 'a' is here a second time; the first is in line 2");
    assert_string_equal(problems.ptr[2].text,
                        "the key 'b' is here a second time; the first is in line 1");
    assert_int_equal(problems.ptr[2].line, 5);
    assert_int_equal(t->len, 3);
    assert_text(t, "b", "1");
    assert_text(tree_get(t, "c"), "k", "v");
}

static void explains_broken_yaml(void **state)
{
    (void)state;
    assert_problem("a:\n  b:\n\t\tc: d\n", 3, 1, "a tab; YAML is indented with blanks");
    assert_problem("a: {b: ${C}}\n", 1, 9,
                   "not valid YAML; inside [ ] and { } write \"${…}\" with quotes");
    assert_problem("a: [1,\nb: }\n", 2, 4,
                   "not valid YAML: did not find expected node content while parsing a flow node "
                   "from line 2 on");
    assert_problem("a: &a [*a]\n", 1, 8, "the alias '*a' stands inside its own anchor");
    assert_problem("a: *b\n", 1, 4, "the alias '*b' has no anchor '&b' before it");
    assert_problem("[a]: b\n", 1, 1, "a key must be plain text");
    assert_problem("? {a: b}\n: c\n", 1, 3, "a key must be plain text");
    assert_problem("a: !env b\n", 1, 4, "the tag '!env' is not known here");
    assert_problem("a: !!binary aGk=\n", 1, 4,
                   "the tag 'tag:yaml.org,2002:binary' is not known here");
    assert_problem("a: \"b\\0c\"\n", 1, 4, "a NUL byte in a value");
    assert_problem("a: 1\n--- {b: 1}\n", 2, 1, "a second document begins here; one file holds one");
    assert_problem("", 0, 0, "the file is empty");
    assert_problem("# nothing\n", 0, 0, "the file is empty");
}

static void refuses_bytes_that_are_no_text(void **state)
{
    (void)state;
    assert_problem_in("a: b\0c\n", 7, 1, 5, "a NUL byte (0x00)");
    assert_problem("a: b\nc: é\xff\n", 2, 5, "byte 0xFF is not UTF-8");
    assert_problem("a: \xed\xa0\x80\n", 1, 4, "byte 0xED is not UTF-8");
    assert_problem("a: \xc3", 1, 4, "byte 0xC3 is not UTF-8");
    assert_problem("a: \x01\n", 1, 4, "not valid YAML: control characters are not allowed");
    assert_problem_in("\xff\xfe\x61\0", 4, 1, 1, "byte 0xFF is not UTF-8");
    AUTO(tree_free)
    struct tree *t = read_good("\xef\xbb\xbf"
                               "a: b\r\n");
    assert_text(t, "a", "b");
}

static void refuses_bombs(void **state)
{
    (void)state;
    AUTO(str_free) struct str text = STR_INIT;
    str_add(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        str_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            str_addf(&text, "%s*a%d", k ? ", " : "", i - 1);
        str_add(&text, "]\n");
    }
    assert_problem(text.ptr, 5, 45,
                   "more than 100000 values, those that aliases stand for included");
    str_clear(&text);
    for (int i = 0; i < 100000; i++)
        str_addc(&text, '[');
    assert_problem(text.ptr, 1, 65, "nested deeper than 64 levels");
    str_clear(&text);
    str_add(&text, "m0: &m0 {a: 1}\n"); /* each line is one level deeper than the last */
    for (int i = 1; i < 100; i++)
        str_addf(&text, "m%d: &m%d {k: {<<: *m%d}}\n", i, i, i - 1);
    assert_problem(text.ptr, 62, 20, "nested deeper than 64 levels");
}

static void reads_a_map_of_many_keys_in_no_time(void **state)
{
    (void)state;
    AUTO(str_free) struct str text = STR_INIT;
    for (int i = 0; i < 49000; i++)
        str_addf(&text, "k%d:\n", i);
    AUTO(tree_free) struct tree *t = read_good(text.ptr);
    assert_int_equal(t->len, 49000);
}

static void problems_stay_one_line(void **state)
{
    (void)state;
    assert_problem("\"a\\n\\e[1m\": 1\n\"a\\n\\e[1m\": 2\n", 2, 1,
                   "the key 'a??[1m' is here a second time; the first is in line 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_places_and_kinds),
        cmocka_unit_test(merges_maps),
        cmocka_unit_test(finds_every_duplicate),
        cmocka_unit_test(explains_broken_yaml),
        cmocka_unit_test(refuses_bytes_that_are_no_text),
        cmocka_unit_test(refuses_bombs),
        cmocka_unit_test(reads_a_map_of_many_keys_in_no_time),
        cmocka_unit_test(problems_stay_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
