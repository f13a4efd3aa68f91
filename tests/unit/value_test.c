#include "lib/data/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_map_keeps_its_order_and_replaces_a_key(void **state)
{
    (void)state;
    AUTO(value_free) struct value *map = value_map();
    value_set(map, "zeta", value_int(1));
    value_set(map, "alpha", value_string("a"));
    value_set(map, "zeta", value_int(2));
    assert_int_equal(value_len(map), 2);
    assert_string_equal(value_key_at(map, 0), "zeta");
    assert_int_equal(value_as_int(value_get(map, "zeta")), 2);
    assert_string_equal(value_as_string(value_at(map, 1)), "a");
    assert_null(value_get(map, "omega"));
    assert_null(value_key_at(map, 2));
    assert_null(value_at(map, 2));
}

static void a_list_owns_its_items(void **state)
{
    (void)state;
    AUTO(value_free) struct value *list = value_list();
    for (long long i = 0; i < 100; i++)
        value_add(list, value_int(i));
    assert_int_equal(value_len(list), 100);
    assert_int_equal(value_as_int(value_at(list, 99)), 99);
    assert_null(value_key_at(list, 0));
}

static void asking_for_another_kind_gives_its_zero(void **state)
{
    (void)state;
    AUTO(value_free) struct value *text = value_string("true");
    AUTO(value_free) struct value *number = value_int(7);
    assert_false(value_as_bool(text));
    assert_int_equal(value_as_int(text), 0);
    assert_null(value_as_string(number));
    assert_true(value_as_real(number) == 7.0);
    assert_int_equal(value_len(number), 0);
    assert_null(value_get(number, "x"));
    assert_int_equal(value_kind(NULL), VALUE_NULL);
    assert_null(value_get(NULL, "x"));
}

static void text_is(struct value *v, const char *expected)
{
    AUTO(mem_free) char *text = value_text(v);
    assert_string_equal(text, expected);
    value_free(v);
}

static void scalars_have_a_text(void **state)
{
    (void)state;
    text_is(value_null(), "");
    text_is(value_string(NULL), "");
    text_is(value_bool(true), "true");
    text_is(value_bool(false), "false");
    text_is(value_int(-42), "-42");
    text_is(value_real(0.25), "0.25");
    text_is(value_string("x\ny"), "x\ny");
    text_is(value_list(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_keeps_its_order_and_replaces_a_key),
        cmocka_unit_test(a_list_owns_its_items),
        cmocka_unit_test(asking_for_another_kind_gives_its_zero),
        cmocka_unit_test(scalars_have_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
