#include "migrate/history_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Keys seen in the log of a PostgreSQL server under Flyway 11.20.3. */
static void postgres_keys_are_flyways(void **state)
{
    (void)state;
    static const struct {
        const char *schema;
        int64_t key;
    } seen[] = {
        {"public", INT64_C(77433833903597)},
        {"app", INT64_C(77431436970681)},
        {"my\"s", INT64_C(77433148140563)},
    };
    for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
        AUTO(history_table_free) struct history_table t = {0};
        history_table_init(&t, DB_IS_POSTGRES, seen[i].schema, "flyway_schema_history", NULL);
        assert_int_equal(t.lock.number, seen[i].key);
    }
}

static void mysql_names_are_flyways(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *name;
    } seen[] = {
        {"m1", "Flyway-1571677717"},
        {"app", "Flyway--320650056"},
        {"test", "Flyway--562162009"},
    };
    for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
        AUTO(history_table_free) struct history_table t = {0};
        history_table_init(&t, DB_IS_MARIADB, seen[i].schema, "flyway_schema_history", NULL);
        assert_string_equal(t.lock.name, seen[i].name);
    }
}

/* "é" is one unit, U+1F600 a pair of surrogates: "\uD83D\uDE00".hashCode() is 1772899. */
static void hash_counts_utf16_units(void **state)
{
    (void)state;
    assert_int_equal(history_java_hash(""), 0);
    assert_int_equal(history_java_hash("a"), 97);
    assert_int_equal(history_java_hash("\xC3\xA9"), 0xE9);
    assert_int_equal(history_java_hash("\xF0\x9F\x98\x80"), 31 * 0xD83D + 0xDE00);
}

static struct history_row sample(void)
{
    static char version[] = "1.1", description[] = "it's \\ here", type[] = "SQL";
    static char script[] = "V1_1__x.sql";
    return (struct history_row){
        .rank = 3,
        .version = version,
        .description = description,
        .type = type,
        .script = script,
        .has_checksum = true,
        .checksum = -5,
        .execution_time = 7,
        .success = false,
    };
}

static void rows_are_quoted(void **state)
{
    (void)state;
    AUTO(history_table_free) struct history_table t = {0};
    AUTO(str_free) struct str sql = STR_INIT;
    history_table_init(&t, DB_IS_POSTGRES, "public", "h", NULL);
    struct history_row row = sample();
    history_table_insert_sql(&t, &row, &sql);
    assert_non_null(strstr(sql.ptr, "INSERT INTO \"public\".\"h\" (\"installed_rank\","));
    assert_non_null(strstr(sql.ptr, "VALUES (3, "));
    assert_non_null(strstr(sql.ptr, "it''s \\\\ here"));
    assert_non_null(strstr(sql.ptr, ", -5, current_user, 7, false)"));
}

static void baseline_comes_with_the_table_on_mysql(void **state)
{
    (void)state;
    AUTO(history_table_free) struct history_table t = {0};
    AUTO(strlist_free) struct strlist one = {0}, two = {0};
    history_table_init(&t, DB_IS_MYSQL, "app", "h", NULL);
    struct history_row row = sample();
    history_table_ddl(&t, &row, false, &one);
    assert_int_equal(one.len, 2);
    assert_non_null(strstr(one.ptr[0], ") AS SELECT\n    1 AS `installed_rank`"));
    assert_non_null(strstr(one.ptr[0], "CONSTRAINT `h_pk` PRIMARY KEY (`installed_rank`)"));
    assert_string_equal(one.ptr[1], "CREATE INDEX `h_s_idx` ON `app`.`h` (`success`)");
    history_table_ddl(&t, &row, true, &two);
    assert_int_equal(two.len, 3);
    assert_null(strstr(two.ptr[0], "SELECT"));
}

static void ranks_go_on(void **state)
{
    (void)state;
    AUTO(history_free) struct history h = {0};
    assert_int_equal(history_next_rank(&h), 1);
    vec_add(&h.rows)->rank = 0;
    assert_int_equal(history_next_rank(&h), 1);
    vec_add(&h.rows)->rank = 7;
    assert_int_equal(history_next_rank(&h), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(postgres_keys_are_flyways),
        cmocka_unit_test(mysql_names_are_flyways),
        cmocka_unit_test(hash_counts_utf16_units),
        cmocka_unit_test(rows_are_quoted),
        cmocka_unit_test(baseline_comes_with_the_table_on_mysql),
        cmocka_unit_test(ranks_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
