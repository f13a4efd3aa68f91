/* The splitter against PostgreSQL's own grammar (libpg_query, which is linked here only: it brings
 * the server's symbols with it). */
#include "tests/unit/split_check.h"

#include <pg_query.h>

static const struct split_options postgres = {.dialect = SPLIT_POSTGRES,
                                              .standard_conforming_strings = true};

static void read_file(const char *path, struct str *ret)
{
    struct error err = ERROR_INIT;
    struct text_options raw = {0};
    AUTO(text_close) struct text *t = text_open(path, &raw, &err);
    if (!t)
        fail_msg("%s", err.text);
    char buf[4096];
    ssize_t n;
    while ((n = text_read(t, buf, sizeof buf, &err)) > 0)
        str_addn(ret, buf, (size_t)n);
    assert_int_equal(n, 0);
}

/* Blanks and comments only? */
static bool is_empty(const char *from, const char *to)
{
    AUTO(mem_free) char *text = xstrndup(from, (size_t)(to - from));
    PgQuerySplitResult result = pg_query_split_with_parser(text);
    bool empty = !result.error && result.n_stmts == 0;
    pg_query_free_split_result(result);
    return empty;
}

/* The parser counts the blanks and comments around a statement to it. */
static void compare_statement(const char *sql, const PgQuerySplitStmt *want,
                              const struct piece *have)
{
    const char *from = sql + want->stmt_location, *to = from + want->stmt_len;
    const char *begin = sql + have->offset, *end = begin + strlen(have->sql);
    if (begin < from || end > to || !is_empty(from, begin) || !is_empty(end, to))
        fail_msg("%s\nshould be: %.*s", have->sql, want->stmt_len, from);
    assert_null(strchr(" \t\n\r", have->sql[0]));
    assert_false(str_starts(have->sql, "--") || str_starts(have->sql, "/*"));
}

static void compare(const char *sql)
{
    PgQuerySplitResult want = pg_query_split_with_parser(sql);
    if (want.error)
        fail_msg("the parser does not take it: %s: %.80s", want.error->message,
                 sql + want.error->cursorpos - 1);
    AUTO(pieces_free) struct pieces have;
    cut_all(sql, strlen(sql), &postgres, &have);
    if (have.failed)
        fail_msg("%s", have.err.text);
    for (int i = 0; i < want.n_stmts && (size_t)i < have.list.len; i++)
        compare_statement(sql, want.stmts[i], &have.list.ptr[i]);
    assert_int_equal(have.list.len, want.n_stmts);
    pg_query_free_split_result(want);
}

static void cuts_the_corpus_as_the_parser_does(void **state)
{
    (void)state;
    AUTO(str_free) struct str sql = STR_INIT;
    read_file("tests/data/split_postgres.sql", &sql);
    compare(sql.ptr);
}

/* Generated statements: expressions of any depth, in bodies and outside. */
static void expression(struct str *out, int depth)
{
    static const char *const leaves[] = {
        "1",           "'a;b'",     "E'x\\';'",      "$$;$$", "$q$ $$; $q$",
        "t.end",       "\"e;nd\"",  "U&'\\0061;'",   "x'1F'", "a /* ; /* end */ */",
        "b -- end;\n", "-1",        "'it''s'",       "null",  "$1",
        "c$d",         "'a'\n ';'", "E'a'\n '\\';'", "N';'",  "B'1'"};
    unsigned kind = depth > 4 ? 0 : random_below(8);
    if (kind < 3) {
        str_add(out, leaves[random_below(ARRAY_LEN(leaves))]);
    } else if (kind < 5) {
        str_add(out, random_below(2) ? "case when " : "CASE ");
        bool when = str_ends(out->ptr, "when ");
        expression(out, depth + 1);
        str_add(out, when ? " then " : " when ");
        expression(out, depth + 1);
        if (!when) {
            str_add(out, " then ");
            expression(out, depth + 1);
        }
        if (random_below(2)) {
            str_add(out, " else ");
            expression(out, depth + 1);
        }
        str_add(out, " end ");
    } else if (kind == 5) {
        str_add(out, "(");
        expression(out, depth + 1);
        str_add(out, ")");
    } else if (kind == 6) {
        str_add(out, "f(");
        expression(out, depth + 1);
        str_add(out, ", (select ");
        expression(out, depth + 1);
        str_add(out, "))");
    } else {
        expression(out, depth + 1);
        str_add(out, random_below(2) ? " || " : " + ");
        expression(out, depth + 1);
    }
}

static void plain_statement(struct str *out)
{
    static const char *const heads[] = {"select ", "insert into t select ", "update t set a = ",
                                        "delete from t where a = ", "values (1), ("};
    unsigned head = random_below(ARRAY_LEN(heads));
    str_add(out, heads[head]);
    expression(out, 0);
    str_add(out, head == 4 ? ")" : "");
    if (head == 0 && random_below(3) == 0)
        str_add(out, random_below(2) ? " as end" : " as \"a;\"");
}

static void generated_statement(struct str *out)
{
    static const char *const atomic[] = {"create function f() returns int begin atomic ",
                                         "CREATE OR REPLACE PROCEDURE p(begin int) BEGIN ATOMIC ",
                                         ("create or replace function f() returns int language sql "
                                          "/* ; */ begin -- x\n atomic ")};
    unsigned kind = random_below(8);
    if (kind == 0) {
        str_add(out, atomic[random_below(ARRAY_LEN(atomic))]);
        for (unsigned n = random_below(4); n; n--) {
            plain_statement(out);
            str_add(out, "; ");
        }
        str_add(out, "end");
    } else if (kind == 1) {
        str_add(out, "create rule r as on insert to t do also (");
        for (unsigned n = 1 + random_below(3); n; n--) {
            plain_statement(out);
            str_add(out, "; ");
        }
        str_add(out, ")");
    } else if (kind == 2) {
        str_add(out, "begin");
    } else if (kind == 3) {
        str_add(out, "do $do$ begin perform 1; end; $do$");
    } else {
        plain_statement(out);
    }
}

static void cuts_generated_statements_as_the_parser_does(void **state)
{
    (void)state;
    static const char *const between[] = {";", ";\n", " ;;\n", ";-- it's; \n",
                                          "; /* ; /* $$ */ */ "};
    random_start(20240613);
    for (int round = 0; round < 150; round++) {
        AUTO(str_free) struct str sql = STR_INIT;
        for (unsigned n = 1 + random_below(12); n; n--) {
            generated_statement(&sql);
            str_add(&sql,
                    n == 1 && random_below(2) ? "" : between[random_below(ARRAY_LEN(between))]);
        }
        compare(sql.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_the_corpus_as_the_parser_does),
        cmocka_unit_test(cuts_generated_statements_as_the_parser_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
