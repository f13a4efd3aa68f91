#include "tests/unit/split_check.h"

static const struct split_options mysql = {.dialect = SPLIT_MYSQL};
static const struct split_options mariadb = {.dialect = SPLIT_MARIADB};
static const struct split_options ansi = {.dialect = SPLIT_MYSQL, .ansi_quotes = true};
static const struct split_options plain_backslash = {.dialect = SPLIT_MYSQL,
                                                     .no_backslash_escapes = true};
static const struct split_options oracle = {
    .dialect = SPLIT_MARIADB, .ansi_quotes = true, .oracle_mode = true};

#define EXPECT_IN(options, sql, ...) expect_pieces(&options, sql, __VA_ARGS__, (char *)NULL)
#define EXPECT(sql, ...)                                                                           \
    do {                                                                                           \
        EXPECT_IN(mysql, sql, __VA_ARGS__);                                                        \
        EXPECT_IN(mariadb, sql, __VA_ARGS__);                                                      \
    } while (0)
#define FAILS(sql, count, message) expect_failure(&mysql, sql, count, message)
/* The whole is one statement, and the one behind it is found. */
#define WHOLE(sql)             EXPECT(sql ";\nnext", sql, "next")
#define WHOLE_IN(options, sql) EXPECT_IN(options, sql ";\nnext", sql, "next")

static void cuts_at_semicolons(void **state)
{
    (void)state;
    expect_pieces(&mysql, "", (char *)NULL);
    expect_pieces(&mysql, ";; \n# a;\n-- b;\n/* c; */;", (char *)NULL);
    EXPECT("a; b ;c # x", "a", "b", "c");
    EXPECT("select 1 -- ;\n, 2 # ;\n, 3 /* ; */;b", "select 1 -- ;\n, 2 # ;\n, 3", "b");
    EXPECT("select (1;select 2)", "select (1", "select 2)"); /* parentheses do not hold */
}

static void delimiter_sets_the_delimiter(void **state)
{
    (void)state;
    EXPECT("DELIMITER //\na;b//\nc//delimiter ;\nd;e", "DELIMITER //", "a;b", "c", "delimiter ;",
           "d", "e");
    EXPECT("delimiter $$\r\nbegin x; end$$\r\nb$$\r\nDelimiter ;\r\nc;", "delimiter $$",
           "begin x; end", "b", "Delimiter ;", "c");
    EXPECT("delimiter ;;\na;b;;c;;;;", "delimiter ;;", "a;b", "c");
    EXPECT("DELIMITER $$ -- note\na$$b", "DELIMITER $$ -- note", "a", "b");
    EXPECT("DELIMITER '//x'\na//b//xc", "DELIMITER '//x'", "a//b", "c");
    EXPECT("DELIMITER go\nselect category\ngo\nb;c\ngo\n", "DELIMITER go", "select category",
           "b;c");
    EXPECT("\\d |\na;b|\\d ;\nc;d", "\\d |", "a;b", "\\d ;", "c", "d");
    EXPECT("delimiter @@\nselect @a;@@b", "delimiter @@", "select @a;", "b");
    EXPECT("delimiter $$\ncreate procedure p() begin select 'a$$'; select `$$`; end$$x",
           "delimiter $$", "create procedure p() begin select 'a$$'; select `$$`; end", "x");
    EXPECT("delimiterx;b", "delimiterx", "b");
    FAILS("a;\n DELIMITER \n", 1, "V1.sql:2:2: DELIMITER must be followed by a delimiter");
    FAILS("DELIMITER", 0, "V1.sql:1:1: DELIMITER must be followed by a delimiter");
    FAILS("DELIMITER ''", 0, "V1.sql:1:1: DELIMITER must be followed by a delimiter");
    FAILS("\\d \\x", 0, "V1.sql:1:1: DELIMITER cannot contain a backslash");
}

static void hash_may_be_the_delimiter(void **state)
{
    (void)state;
    EXPECT("delimiter #\na;b#c # d\n", "delimiter #", "a;b", "c", "d");
    EXPECT("a # ;\n;b", "a", "b");
}

static void dashes_want_a_blank(void **state)
{
    (void)state;
    EXPECT("select 5--1;b", "select 5--1", "b");
    EXPECT("select 5\n--x;b", "select 5\n--x", "b"); /* an expression */
    EXPECT("select 5 --\t;\n;b", "select 5", "b");
    EXPECT("select 5 --", "select 5");
    EXPECT("select 5 --\x01;\n;b", "select 5", "b");
    EXPECT("--word; 'x\nselect 1;--y;\n ---- z;'\nselect 2", "select 1", "select 2");
}

static void comments_do_not_nest(void **state)
{
    (void)state;
    EXPECT("/* outer /* inner */ select 1; select 2", "select 1", "select 2");
    EXPECT("a /* ; */ b; c", "a /* ; */ b", "c");
    EXPECT("/**/a;/*/ b; */c", "a", "c");
    FAILS("a;\n/* b", 1, "V1.sql:2:1: the comment that begins here is not closed");
}

static void executable_comments_are_text(void **state)
{
    (void)state;
    EXPECT("/*!40101 SET a=1 */;/*!080000 b */;/*! c */ ;d", "/*!40101 SET a=1 */",
           "/*!080000 b */", "/*! c */", "d");
    EXPECT("select /*!50000 ';', ; */ 1;b", "select /*!50000 ';', ; */ 1", "b");
    EXPECT("/*!50003 a /* ; */ ' */' */ b;c", "/*!50003 a /* ; */ ' */' */ b", "c");
    EXPECT("-- x\n/*!50003 CREATE*/ /*!50017 DEFINER=`r;`@`h`*/ /*!50003 VIEW v AS SELECT 1 */;b",
           "/*!50003 CREATE*/ /*!50017 DEFINER=`r;`@`h`*/ /*!50003 VIEW v AS SELECT 1 */", "b");
    FAILS("a;\n/*!50003 b; 'x' ", 1,
          "V1.sql:2:1: the executable comment that begins here is not closed");
}

static void mariadbs_executable_comments(void **state)
{
    (void)state;
    EXPECT_IN(mariadb, "/*M! a; */;/*M!100100 'b; */' */c;d", "/*M! a; */",
              "/*M!100100 'b; */' */c", "d");
    EXPECT_IN(mysql, "/*M! 'a; */;/*M!100100 b; */c;d", "c", "d");
    EXPECT("/*M!999999\\- enable the sandbox mode */ \n-- dump\nselect 1;", "select 1");
    EXPECT("/*!999999\\- enable the sandbox mode */ \nselect 1;", "select 1");
}

static void hints_are_text(void **state)
{
    (void)state;
    EXPECT("select /*+ a(b) ; ' */ 1;b", "select /*+ a(b) ; ' */ 1", "b");
    EXPECT("/*+ x */ select 1;b", "/*+ x */ select 1", "b");
}

static void strings_escape_with_backslashes(void **state)
{
    (void)state;
    EXPECT("select 'a\\';', \"b\\\";\";c", "select 'a\\';', \"b\\\";\"", "c");
    EXPECT("select 'a'';', \"b\"\";\", 'c\\\\';d", "select 'a'';', \"b\"\";\", 'c\\\\'", "d");
    EXPECT("select N'\\';', _utf8'\\';', x'1F';b", "select N'\\';', _utf8'\\';', x'1F'", "b");
    EXPECT("select `a;``b;\\`;c", "select `a;``b;\\`", "c");
    EXPECT("select @`a;`, @'b;', t.`c;`;d", "select @`a;`, @'b;', t.`c;`", "d");
    FAILS("a;'b;", 1, "V1.sql:1:3: the string that begins here is not closed");
    FAILS("a;\"b;", 1, "V1.sql:1:3: the string that begins here is not closed");
    FAILS("a;`b;", 1, "V1.sql:1:3: the quoted name that begins here is not closed");
}

static void modes_of_the_session_count(void **state)
{
    (void)state;
    EXPECT_IN(plain_backslash, "select 'a\\';b;\"c\\\";d", "select 'a\\'", "b", "\"c\\\"", "d");
    EXPECT_IN(ansi, "select \"a\\\";b;'\\';';c", "select \"a\\\"", "b", "'\\';'", "c");
}

/* After the statement, does a backslash escape in '…' and in "…"? */
static void check_modes(const struct split_options *options, const char *set, bool single,
                        bool quoted)
{
    AUTO(str_free) struct str sql = STR_INIT;
    str_addf(&sql, "%s;\n'\\%s';\n\"\\%s\";", set, single ? "'" : "", quoted ? "\"" : "");
    AUTO(pieces_free) struct pieces p;
    cut_all(sql.ptr, sql.len, options, &p);
    size_t n = p.list.len;
    if (p.failed || n < 3 || strlen(p.list.ptr[n - 2].sql) != (single ? 4 : 3) ||
        strlen(p.list.ptr[n - 1].sql) != (quoted ? 4 : 3))
        fail_msg("%s", sql.ptr);
}

static void follows_sql_mode(void **state)
{
    (void)state;
    check_modes(&mysql, "set names utf8", true, true);
    check_modes(&mysql, "set sql_mode='ANSI_QUOTES'", true, false);
    check_modes(&mysql, "SET SESSION sql_mode = 'strict_all_tables,no_backslash_escapes'", false,
                false);
    check_modes(&mysql, "set @@sql_mode := \"ANSI\"", true, false);
    check_modes(&mysql, "set @@session.sql_mode=ANSI", true, false);
    check_modes(&mysql, "set @@local.sql_mode=4", true, false);
    check_modes(&mysql, "set sql_mode=1048576", false, false);
    check_modes(&mysql, "set local sql_mode=0", true, true);
    check_modes(&mysql, "set global sql_mode='ANSI'", true, true);
    check_modes(&mysql, "set persist a=1, sql_mode='ANSI'", true, true);
    check_modes(&mysql, "set global a=1, session sql_mode='ANSI'", true, false);
    check_modes(&mysql, "set @@global.a=1, sql_mode='ANSI'", true, false);
    check_modes(&mysql, "set @@global.sql_mode='ANSI'", true, true);
    check_modes(&mysql, "set @sql_mode='ANSI'", true, true);
    check_modes(&mysql, "set a=f(1, 'x'), sql_mode='ANSI', b=2", true, false);
    check_modes(&mysql, "set sql_mode=concat(@@sql_mode, ',ANSI_QUOTES')", true, false);
    check_modes(&ansi, "set sql_mode=concat(@@sql_mode, ',STRICT_ALL_TABLES')", true, false);
    check_modes(&ansi, "set sql_mode=replace(@@session.sql_mode, 'ANSI_QUOTES', '')", true, true);
    check_modes(&ansi, "set sql_mode=(select replace(@@sql_mode, 'STRICT', ''))", true, false);
    check_modes(&ansi, "set sql_mode=''", true, true);
    check_modes(&ansi, "set sql_mode=''; set sql_mode=default", true, false);
    check_modes(&ansi, "set sql_mode=''; set sql_mode=@unknown", true, false);
    check_modes(&ansi, "/*!40101 set @old=@@sql_mode, sql_mode='' */", true, true);
    check_modes(&mysql, "/* x */ set /* y */ sql_mode /*!50000 = 'ANSI' */", true, false);
    check_modes(&mariadb, "set sql_mode=oracle", true, false);
    check_modes(&mariadb, "set sql_mode", true, true);
    check_modes(&mysql, "set sql_mode=99999999999999999999", true, true);
}

static void a_dump_puts_its_modes_back(void **state)
{
    (void)state;
    EXPECT_IN(ansi,
              "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
              "\"\\\";\";\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n\"\\\";b;"
              "set @old_sql_mode='';set sql_mode=@OLD_sql_mode;\"\\\";\"",
              "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
              "\"\\\";\"", "/*!40101 SET SQL_MODE=@OLD_SQL_MODE */", "\"\\\"", "b",
              "set @old_sql_mode=''", "set sql_mode=@OLD_sql_mode", "\"\\\";\"");
}

static void routines_in_other_languages(void **state)
{
    (void)state;
    WHOLE_IN(mysql, "create function f() returns int language javascript as $$ return 1; $$");
    WHOLE_IN(mysql, "create function f() returns int language javascript as $js$ $$; $js$");
    EXPECT_IN(mysql, "select $$;b $x$;c", "select $$", "b $x$", "c");
    EXPECT_IN(mysql, "select a as $x;b", "select a as $x", "b");
    EXPECT_IN(mariadb, "select a as $$;b", "select a as $$", "b");
    expect_failure(&mysql, "create function f() returns int as $$ a; ", 0,
                   "V1.sql:1:36: the dollar-quoted string that begins here is not closed");
}

static void g_ends_a_statement(void **state)
{
    (void)state;
    EXPECT("select 1\\G\nselect 2\\g select \\N;b", "select 1", "select 2", "select \\N", "b");
    EXPECT("delimiter //\nselect 1;\\Gb//", "delimiter //", "select 1;", "b");
}

static void use_ends_with_its_line(void **state)
{
    (void)state;
    EXPECT("use a\nselect 1;use `b`;select 2;USE c -- x\nselect 3; use d", "use a", "select 1",
           "use `b`", "select 2", "USE c", "select 3", "use d");
    EXPECT("use a\n;b", "use a", "b");
}

static void client_commands_are_errors(void **state)
{
    (void)state;
    FAILS("a;\n source x.sql\n", 1,
          "V1.sql:2:2: 'source' is a command of the mysql client and is not supported");
    FAILS("\\. x.sql", 0,
          "V1.sql:1:1: '\\.' is a command of the mysql client and is not supported");
    FAILS("\\C utf8", 0, "V1.sql:1:1: '\\C' is a command of the mysql client and is not supported");
    FAILS("\\\n", 0, "V1.sql:1:1: '\\' is a command of the mysql client and is not supported");
    static const char *const commands[] = {
        "pager",   "nopager", "tee",    "notee",    "system",    "prompt",         "edit",
        "connect", "status",  "rehash", "warnings", "nowarning", "print",          "ego",
        "go",      "clear",   "quit",   "exit",     "charset",   "resetconnection"};
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        AUTO(mem_free) char *sql = xasprintf("%s less;", commands[i]);
        AUTO(mem_free)
        char *message = xasprintf(
            "V1.sql:1:1: '%s' is a command of the mysql client and is not supported", commands[i]);
        FAILS(sql, 0, message);
    }
    FAILS("select 1 \\c;", 0, "V1.sql:1:10: a backslash is not part of SQL");
    EXPECT("select source from status; help x", "select source from status", "help x");
}

static void unreadable_text_is_an_error(void **state)
{
    (void)state;
    FAILS("a;use \xFF", 1,
          "V1.sql:1: cannot decode as UTF-8: the byte 0xFF at offset 6 is not valid");
    FAILS("delimiter \xFF", 0,
          "V1.sql:1: cannot decode as UTF-8: the byte 0xFF at offset 10 is not valid");
    FAILS("/*!50000 \xFF */", 0,
          "V1.sql:1: cannot decode as UTF-8: the byte 0xFF at offset 9 is not valid");
    static const char zero[] = "select 'a\0b';c"; /* the server takes it */
    AUTO(pieces_free) struct pieces p;
    cut(zero, sizeof zero - 1, &mysql, 0, &p);
    assert_false(p.failed);
    assert_int_equal(p.list.len, 2);
}

/* As mysqldump and mariadb-dump write them. */
static void dumps(void **state)
{
    (void)state;
    const char *dump = "/*M!999999\\- enable the sandbox mode */ \n"
                       "-- MariaDB dump 10.19\n--\n-- Host: localhost\n\n"
                       "/*!40101 SET NAMES utf8mb4 */;\n"
                       "DROP TABLE IF EXISTS `t`;\n"
                       "CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL COMMENT 'it''s; \\' x'\n);\n"
                       "LOCK TABLES `t` WRITE;\n"
                       "/*!40000 ALTER TABLE `t` DISABLE KEYS */;\n"
                       "INSERT INTO `t` VALUES (1,'a;\\'b\\\\'),(2,'\\n--\\n');\n"
                       "UNLOCK TABLES;\n"
                       "/*!50003 SET @saved_sql_mode = @@sql_mode */ ;\n"
                       "DELIMITER ;;\n"
                       "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER x BEFORE "
                       "INSERT ON t FOR EACH ROW BEGIN\n  SET NEW.a = 1; END */;;\n"
                       "DELIMITER ;\n"
                       "/*!50003 SET sql_mode = @saved_sql_mode */ ;\n"
                       "-- Dump completed\n";
    AUTO(pieces_free) struct pieces p;
    cut_all(dump, strlen(dump), &mariadb, &p);
    if (p.failed)
        fail_msg("%s", p.err.text);
    assert_int_equal(p.list.len, 12);
    assert_string_equal(p.list.ptr[0].sql, "/*!40101 SET NAMES utf8mb4 */");
    assert_int_equal(p.list.ptr[0].start.line, 6);
    assert_string_equal(p.list.ptr[9].words,
                        "CREATE DEFINER TRIGGER X BEFORE INSERT ON T FOR EACH");
    assert_int_equal(p.list.ptr[10].kind, SPLIT_CLIENT);
}

/* Random rows of things that mean something to the lexer: whatever comes out, nothing is lost. */
static void pieces_joined_are_the_text(void **state)
{
    (void)state;
    static const char *const parts[] = {"select ",
                                        "'",
                                        "''",
                                        "\"",
                                        "`",
                                        "\\",
                                        "\\g",
                                        "\\G",
                                        ";",
                                        ";\n",
                                        "\n",
                                        "--",
                                        "-- ",
                                        "#",
                                        "/*",
                                        "/*!",
                                        "/*!50003 ",
                                        "/*M!",
                                        "/*+ ",
                                        "*/",
                                        "(",
                                        ")",
                                        "//",
                                        "$$",
                                        "\ndelimiter //\n",
                                        "delimiter ;\n",
                                        "begin ",
                                        " end ",
                                        "if ",
                                        " then ",
                                        "case ",
                                        "loop ",
                                        "while ",
                                        " do ",
                                        "repeat ",
                                        " until ",
                                        "create procedure p() ",
                                        "create trigger t before insert on x for each row ",
                                        "declare ",
                                        "handler for ",
                                        ":",
                                        "set sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES';",
                                        "set sql_mode=oracle;",
                                        "package ",
                                        " as ",
                                        "x",
                                        " ",
                                        "1",
                                        "\xC3\xA4",
                                        "\r\n",
                                        "use x\n",
                                        "create ",
                                        "definer=",
                                        "@",
                                        "."};
    static const struct split_options *const options[] = {&mysql, &mariadb, &ansi, &plain_backslash,
                                                          &oracle};
    random_start(20240612);
    for (int round = 0; round < 4000; round++) {
        AUTO(str_free) struct str sql = STR_INIT;
        for (unsigned n = random_below(40); n; n--) {
            if (random_below(40) == 0)
                str_addc(&sql, (char)random_below(256));
            else
                str_add(&sql, parts[random_below(ARRAY_LEN(parts))]);
        }
        AUTO(pieces_free) struct pieces p;
        cut_all(sql.ptr, sql.len, options[random_below(ARRAY_LEN(options))], &p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_at_semicolons),
        cmocka_unit_test(delimiter_sets_the_delimiter),
        cmocka_unit_test(hash_may_be_the_delimiter),
        cmocka_unit_test(dashes_want_a_blank),
        cmocka_unit_test(comments_do_not_nest),
        cmocka_unit_test(executable_comments_are_text),
        cmocka_unit_test(mariadbs_executable_comments),
        cmocka_unit_test(hints_are_text),
        cmocka_unit_test(strings_escape_with_backslashes),
        cmocka_unit_test(modes_of_the_session_count),
        cmocka_unit_test(follows_sql_mode),
        cmocka_unit_test(a_dump_puts_its_modes_back),
        cmocka_unit_test(routines_in_other_languages),
        cmocka_unit_test(g_ends_a_statement),
        cmocka_unit_test(use_ends_with_its_line),
        cmocka_unit_test(client_commands_are_errors),
        cmocka_unit_test(unreadable_text_is_an_error),
        cmocka_unit_test(dumps),
        cmocka_unit_test(pieces_joined_are_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
