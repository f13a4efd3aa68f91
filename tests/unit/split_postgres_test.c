#include "tests/unit/split_check.h"

static const struct split_options postgres = {
    .dialect = SPLIT_POSTGRES, .standard_conforming_strings = true, .database = "shop"};
static const struct split_options old_strings = {.dialect = SPLIT_POSTGRES};

#define EXPECT(sql, ...)           expect_pieces(&postgres, sql, __VA_ARGS__, (char *)NULL)
#define EXPECT_NOTHING(sql)        expect_pieces(&postgres, sql, (char *)NULL)
#define FAILS(sql, count, message) expect_failure(&postgres, sql, count, message)

static void cuts_at_semicolons(void **state)
{
    (void)state;
    EXPECT_NOTHING("");
    EXPECT_NOTHING(" \n\t;;\n; -- x\n/* y; */");
    EXPECT("select 1", "select 1");
    EXPECT("select 1;", "select 1");
    EXPECT(" select 1 ;\n\nselect 2 -- end", "select 1", "select 2");
    EXPECT("a;b;;c", "a", "b", "c");
    EXPECT("-- head; \n/* ; */ select 1 -- t;\n , 2 /* ; */ ; x", "select 1 -- t;\n , 2", "x");
}

static void comments_nest(void **state)
{
    (void)state;
    EXPECT("/* a /* b; */ c; */ select 1; /*/*/**/*/*/x", "select 1", "x");
    EXPECT("select 1 /* /* ; */ ; */ + 1; b", "select 1 /* /* ; */ ; */ + 1", "b");
    FAILS("a;\n /* b /* c */ ;", 1, "V1.sql:2:2: the comment that begins here is not closed");
    EXPECT("select 1--;\r; b", "select 1", "b"); /* a lone \r ends it */
}

static void comments_begin_inside_of_operators(void **state)
{
    (void)state;
    EXPECT("select a @>--;\n b; c <-> d; e ? f; g*/*;*/h", "select a @>--;\n b", "c <-> d", "e ? f",
           "g*/*;*/h");
    EXPECT("select 5--1;\n;x", "select 5", "x");
}

static void strings_hide_semicolons(void **state)
{
    (void)state;
    EXPECT("select 'a;''b;';c", "select 'a;''b;'", "c");
    EXPECT("select 'a\\';b", "select 'a\\'", "b");
    EXPECT("select \"a;\"\";b\";c", "select \"a;\"\";b\"", "c");
    EXPECT("select 'x\n;\n';c", "select 'x\n;\n'", "c");
    FAILS("select 1;\n  select 'a;", 1, "V1.sql:2:10: the string that begins here is not closed");
    FAILS("select \"a;", 0, "V1.sql:1:8: the quoted name that begins here is not closed");
}

static void prefixed_strings(void **state)
{
    (void)state;
    EXPECT("select E'it\\'s;';b", "select E'it\\'s;'", "b");
    EXPECT("select e'it\\'s;\\\\';b", "select e'it\\'s;\\\\'", "b");
    EXPECT("select e'a'';\\'';b", "select e'a'';\\''", "b");
    EXPECT("select N'a\\';n'b''\\';c", "select N'a\\'", "n'b''\\'", "c");
    EXPECT("select U&'a\\';u&\"d;\\0061t\";c", "select U&'a\\'", "u&\"d;\\0061t\"", "c");
    EXPECT("select B'01;', X'1F;', b'\\', x'\\';c", "select B'01;', X'1F;', b'\\', x'\\'", "c");
    EXPECT("select name'a\\';typee'b\\';c", "select name'a\\'", "typee'b\\'", "c");
    EXPECT("select u & 'a;';u&b;e", "select u & 'a;'", "u&b", "e");
    FAILS("select e'a\\';", 0, "V1.sql:1:8: the string that begins here is not closed");
    FAILS("select e'a\\", 0, "V1.sql:1:8: the string that begins here is not closed");
    FAILS("select U&\"a", 0, "V1.sql:1:8: the quoted name that begins here is not closed");
}

static void literals_go_on_in_the_next_line(void **state)
{
    (void)state;
    EXPECT("select 'a'\n'b;';c", "select 'a'\n'b;'", "c");
    EXPECT("select E'a'\n  'b\\';';c", "select E'a'\n  'b\\';'", "c");
    EXPECT("select E'a' -- x;'\n-- y\n 'b\\';';c", "select E'a' -- x;'\n-- y\n 'b\\';'", "c");
    EXPECT("select E'a'\r'b\\';';c", "select E'a'\r'b\\';'", "c");
    EXPECT("select E'a' 'b\\';c", "select E'a' 'b\\'", "c"); /* not on the same line */
    EXPECT("select E'a'\n-1;c", "select E'a'\n-1", "c");
    EXPECT("select B'0'\n'1';c", "select B'0'\n'1'", "c");
    EXPECT("select E'a'\n", "select E'a'");
}

static void follows_standard_conforming_strings(void **state)
{
    (void)state;
    EXPECT("set standard_conforming_strings=off;select 'a\\';';N'\\';';b",
           "set standard_conforming_strings=off", "select 'a\\';'", "N'\\';'", "b");
    EXPECT("SET SESSION standard_conforming_strings TO 'off';select 'a\\';'",
           "SET SESSION standard_conforming_strings TO 'off'", "select 'a\\';'");
    EXPECT("set local /*x*/ standard_conforming_strings = false;'\\';'",
           "set local /*x*/ standard_conforming_strings = false", "'\\';'");
    EXPECT("set standard_conforming_strings=0;'\\';';set standard_conforming_strings=on;'\\';a",
           "set standard_conforming_strings=0", "'\\';'", "set standard_conforming_strings=on",
           "'\\'", "a");
    EXPECT("set standard_conforming_strings=0;reset standard_conforming_strings;'\\';a",
           "set standard_conforming_strings=0", "reset standard_conforming_strings", "'\\'", "a");
    EXPECT("set standard_conforming_strings=0;reset all;'\\';a",
           "set standard_conforming_strings=0", "reset all", "'\\'", "a");
    EXPECT("set standard_conforming_strings=0;set standard_conforming_strings to default;'\\';a",
           "set standard_conforming_strings=0", "set standard_conforming_strings to default",
           "'\\'", "a");
    EXPECT("set standard_conforming_strings;set search_path=x;reset work_mem;'\\';a",
           "set standard_conforming_strings", "set search_path=x", "reset work_mem", "'\\'", "a");
    expect_pieces(&old_strings, "'\\';';set standard_conforming_strings=on;'\\';discard all;'\\';'",
                  "'\\';'", "set standard_conforming_strings=on", "'\\'", "discard all", "'\\';'",
                  (char *)NULL);
}

static void takes_the_servers_word_for_its_settings(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct text_options raw = {0};
    const char *sql = "select f();'\\';'";
    struct text *text = text_open_bytes("a", sql, strlen(sql), &raw, &err);
    AUTO(split_close) struct split *s = split_open(text, "a", &postgres);
    struct statement st;
    assert_int_equal(split_next(s, &st, &err), 1);
    split_session(s, &old_strings);
    assert_int_equal(split_next(s, &st, &err), 1);
    assert_memory_equal(st.sql, "'\\';'", 5);
    assert_int_equal(split_next(s, &st, &err), 0);
    assert_int_equal(split_next(s, &st, &err), 0);
}

static void dollar_quotes_as_the_server_reads_them(void **state)
{
    (void)state;
    EXPECT("do $$ begin; end $$;b", "do $$ begin; end $$", "b");
    EXPECT("do $a$ $$;$b$; $a$;b", "do $a$ $$;$b$; $a$", "b");
    EXPECT("do $_1\xC3\xA4$;$_1\xC3\xA4$;b", "do $_1\xC3\xA4$;$_1\xC3\xA4$", "b");
    EXPECT("select a$b$c; d$; e$$;f", "select a$b$c", "d$", "e$$", "f"); /* inside of a name */
    EXPECT("prepare p as select $1;execute p($1);select $12$$;$$", "prepare p as select $1",
           "execute p($1)", "select $12$$;$$");
    EXPECT("select 1$$;$$;b", "select 1$$;$$", "b");
    EXPECT("select $ ; $a ;b", "select $", "$a", "b");
    EXPECT("do $a$ $a ; $A$ ; $a$;b", "do $a$ $a ; $A$ ; $a$", "b");
    FAILS("do $a$ ; $b$", 0, "V1.sql:1:4: the dollar-quoted string that begins here is not closed");
    FAILS("do $$", 0, "V1.sql:1:4: the dollar-quoted string that begins here is not closed");
}

static void parentheses_hold(void **state)
{
    (void)state;
    EXPECT("create rule r as on insert to t do also (a;b);c",
           "create rule r as on insert to t do also (a;b)", "c");
    EXPECT("create rule r as on insert to t do instead (a;(b;c););c",
           "create rule r as on insert to t do instead (a;(b;c);)", "c");
    EXPECT("select 1);select 2", "select 1)", "select 2");
    EXPECT("select (1;2", "select (1;2"); /* the server says what is wrong */
}

static void functions_with_quoted_bodies(void **state)
{
    (void)state;
    EXPECT("create function f() returns int as 'select 1;' language sql;b",
           "create function f() returns int as 'select 1;' language sql", "b");
    EXPECT("create function f() returns text as $f$begin return 'a;'; end;$f$ language plpgsql;b",
           "create function f() returns text as $f$begin return 'a;'; end;$f$ language plpgsql",
           "b");
}

static void begin_atomic_holds(void **state)
{
    (void)state;
#define WHOLE(body) EXPECT(body ";b", body, "b")
    WHOLE("create function f() returns int begin atomic; select 1; select 2; end");
    WHOLE("CREATE OR REPLACE PROCEDURE p(begin int, \"end\" int) BEGIN ATOMIC select 1; END");
    WHOLE("create function f() returns int begin atomic select case when true then 1 else 2 end; "
          "select 3; end");
    WHOLE("create function f() returns int begin atomic select case when a then case b when 1 then "
          "2 end else 3 end; select 3; end");
    WHOLE("create function f() returns int begin atomic select (case when a then (case b when 1 "
          "then 2 end) else 3 end), 1; select max(case when x then 1 end); end");
    WHOLE(
        "create function f() returns int begin atomic select 1 as end; select t.end, t.case; end");
    WHOLE("create function f() returns int begin atomic select 'begin'; select \"end\"; end");
    WHOLE("create function f() returns int begin /* x */ atomic select 1; end");
    EXPECT("create function f(x begin) returns int return x;b",
           "create function f(x begin) returns int return x", "b");
    EXPECT("create table begin(atomic int);select 'begin atomic';begin;end;b",
           "create table begin(atomic int)", "select 'begin atomic'", "begin", "end", "b");
    EXPECT("create view v as select begin atomic from t;b",
           "create view v as select begin atomic from t", "b");
    FAILS("select 1;\n create function f() returns int\n begin atomic select 1;", 1,
          "V1.sql:2:2: the statement that begins here is not complete: the block that begins in "
          "line 3, column 8 has no END");
}

static void nothing_comes_behind_an_error(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct text_options raw = {0};
    struct text *text = text_open_bytes("a", "\\i x\n", 5, &raw, &err);
    AUTO(split_close) struct split *s = split_open(text, "a", &postgres);
    struct statement st;
    char buf[9];
    assert_int_equal(split_next(s, &st, &err), -1);
    error_free(&err);
    assert_int_equal(split_next(s, &st, &err), -1);
    assert_int_equal(err.kind, ERR_DATA);
    error_free(&err);
    assert_int_equal(split_copy_read(s, buf, sizeof buf, &err), -1);
    error_free(&err);
}

static void a_zero_byte_is_an_error(void **state)
{
    (void)state;
    static const char sql[] = "a;\nselect 'x\0y';\0";
    AUTO(pieces_free) struct pieces p;
    cut_all(sql, sizeof sql - 1, &postgres, &p);
    assert_string_equal(p.err.text, "V1.sql:2:10: a byte 0x00 cannot be part of a statement");
}

static void unreadable_text_is_an_error(void **state)
{
    (void)state;
    FAILS("a;b\xFF", 1, "V1.sql:1: cannot decode as UTF-8: the byte 0xFF at offset 3 is not valid");
    FAILS("copy t from stdin;\nab\xFF", 1,
          "V1.sql:2: cannot decode as UTF-8: the byte 0xFF at offset 21 is not valid");
    FAILS("copy t from stdin;\nab\n\\.\xFF", 1,
          "V1.sql:3: cannot decode as UTF-8: the byte 0xFF at offset 24 is not valid");
    FAILS("copy t from stdin;\n\\.\xFF", 1,
          "V1.sql:2: cannot decode as UTF-8: the byte 0xFF at offset 21 is not valid");
    FAILS("\\echo \xFF", 0,
          "V1.sql:1: cannot decode as UTF-8: the byte 0xFF at offset 6 is not valid");
    FAILS("copy t from stdin; -- \xFF", 0,
          "V1.sql:1: cannot decode as UTF-8: the byte 0xFF at offset 22 is not valid");
}

static void maps_places_of_the_server_to_the_file(void **state)
{
    (void)state;
    struct placeholders p = {.enabled = true};
    placeholders_set(&p, "t", "a_long_table_name");
    placeholders_set(&p, "b", "");
    struct text_options options = {.placeholders = &p, .chunk = 5};
    const char *sql = "-- \xC3\xA4 ${t}\n\n  select '\xC3\xA4\xC3\xB6', ${t}x\n\t from ${b}y;\nz";
    struct error err = ERROR_INIT;
    struct text *text = text_open_bytes("a", sql, strlen(sql), &options, &err);
    AUTO(split_close) struct split *s = split_open(text, "a", &postgres);
    struct statement st;
    assert_int_equal(split_next(s, &st, &err), 1);
    assert_int_equal(st.start.line, 3);
    assert_int_equal(st.start.column, 3);
    assert_int_equal(st.offset, 27);
    static const struct {
        unsigned position, line, column;
    } want[] = {{0, 3, 3},   {1, 3, 3},   {8, 3, 10},  {9, 3, 11},  {10, 3, 12}, {14, 3, 16},
                {30, 3, 16}, {31, 3, 20}, {32, 3, 21}, {40, 4, 12}, {41, 4, 13}, {99, 4, 13}};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        struct text_place place = split_place(s, want[i].position);
        if (place.line != want[i].line || place.column != want[i].column)
            fail_msg("%u: %u:%u", want[i].position, place.line, place.column);
    }
    assert_int_equal(split_place_of_line(s, 1).column, 3);
    assert_int_equal(split_place_of_line(s, 2).line, 4);
    assert_int_equal(split_place_of_line(s, 2).column, 3);
    assert_int_equal(split_place_of_line(s, 7).line, 4);
    assert_int_equal(split_next(s, &st, &err), 1);
    assert_int_equal(st.start.line, 5);
    placeholders_free(&p);
}

/* The list of what works in psql although Flyway cuts it wrongly, and what works in both. */
static void acceptance_list(void **state)
{
    (void)state;
    EXPECT("select 'BEGIN ATOMIC;';b", "select 'BEGIN ATOMIC;'", "b");
    EXPECT("create table a$b$c(d$ int);b", "create table a$b$c(d$ int)", "b");
    EXPECT("select 1 as U&\"d;\\0061t\";b", "select 1 as U&\"d;\\0061t\"", "b");
    EXPECT("create rule r as on update to t do also (insert into a values(1);delete from c);b",
           "create rule r as on update to t do also (insert into a values(1);delete from c)", "b");
    EXPECT("select 1 \"a\"\";b\";c", "select 1 \"a\"\";b\"", "c");
    EXPECT("do $$ begin execute 'x;'; end $$;b", "do $$ begin execute 'x;'; end $$", "b");
    EXPECT("VACUUM (ANALYZE);BEGIN;insert into t values(1);COMMIT;", "VACUUM (ANALYZE)", "BEGIN",
           "insert into t values(1)", "COMMIT");
}

/* Random rows of things that mean something to the lexer: whatever comes out, nothing is lost. */
static void pieces_joined_are_the_text(void **state)
{
    (void)state;
    static const char *const parts[] = {"select ",
                                        "'",
                                        "''",
                                        "\"",
                                        "$$",
                                        "$a$",
                                        "$1",
                                        ";",
                                        ";\n",
                                        "\n",
                                        "--",
                                        "/*",
                                        "*/",
                                        "(",
                                        ")",
                                        "E'",
                                        "\\",
                                        "\\.",
                                        "\\.\n",
                                        "copy t from stdin",
                                        "begin",
                                        " atomic ",
                                        "case ",
                                        " end",
                                        "create function f() ",
                                        "U&'",
                                        "B'",
                                        "\r\n",
                                        "\xC3\xA4",
                                        "x",
                                        " ",
                                        "1",
                                        "set standard_conforming_strings=off;",
                                        "as ",
                                        ".",
                                        "\\echo a\n",
                                        "COPY t FROM STDIN;\n"};
    random_start(20240611);
    for (int round = 0; round < 3000; round++) {
        AUTO(str_free) struct str sql = STR_INIT;
        for (unsigned n = random_below(30); n; n--) {
            if (random_below(40) == 0)
                str_addc(&sql, (char)random_below(256));
            else
                str_add(&sql, parts[random_below(ARRAY_LEN(parts))]);
        }
        AUTO(pieces_free) struct pieces p;
        cut_all(sql.ptr, sql.len, random_below(2) ? &postgres : &old_strings, &p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_at_semicolons),
        cmocka_unit_test(comments_nest),
        cmocka_unit_test(comments_begin_inside_of_operators),
        cmocka_unit_test(strings_hide_semicolons),
        cmocka_unit_test(prefixed_strings),
        cmocka_unit_test(literals_go_on_in_the_next_line),
        cmocka_unit_test(follows_standard_conforming_strings),
        cmocka_unit_test(takes_the_servers_word_for_its_settings),
        cmocka_unit_test(dollar_quotes_as_the_server_reads_them),
        cmocka_unit_test(parentheses_hold),
        cmocka_unit_test(functions_with_quoted_bodies),
        cmocka_unit_test(begin_atomic_holds),
        cmocka_unit_test(nothing_comes_behind_an_error),
        cmocka_unit_test(a_zero_byte_is_an_error),
        cmocka_unit_test(unreadable_text_is_an_error),
        cmocka_unit_test(maps_places_of_the_server_to_the_file),
        cmocka_unit_test(acceptance_list),
        cmocka_unit_test(pieces_joined_are_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
