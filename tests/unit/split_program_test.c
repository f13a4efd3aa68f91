/* Stored programs of MySQL and MariaDB, with and without DELIMITER. */
#include "tests/unit/split_check.h"

static const struct split_options mysql = {.dialect = SPLIT_MYSQL};
static const struct split_options mariadb = {.dialect = SPLIT_MARIADB};
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

static void programs_need_no_delimiter(void **state)
{
    (void)state;
    WHOLE("CREATE PROCEDURE p() BEGIN select 1; select 2; END");
    WHOLE("create function f(a int, b varchar(10)) returns int deterministic begin return 1; end");
    WHOLE("create trigger t before insert on x for each row begin set new.a = 1; set b = 2; end");
    WHOLE("create event e on schedule every 1 day do begin select 1; end");
    WHOLE("alter event e on schedule every 1 day do begin select 1; end");
    WHOLE("create procedure p() begin end");
    WHOLE("create procedure p() begin begin select 1; end; begin end; end");
    WHOLE("create procedure p()\nbegin\n  -- it's; begin\n  select ';', `end`; /* end; */\nend");
    FAILS("a;\ncreate procedure p()\nbegin\n if x then\n select 1;\nend", 1,
          "V1.sql:2:1: the statement that begins here is not complete: the block that begins in "
          "line 3, column 1 has no END");
}

static void programs_of_one_statement(void **state)
{
    (void)state;
    WHOLE("create procedure p() select 1");
    WHOLE("create procedure p() select if(a, 1, 2), case when a then 1 else 2 end from t");
    WHOLE("create procedure p() drop table if exists t");
    WHOLE("create function f() returns int return if(1, 2, 3)");
    WHOLE("create function f() returns varchar(9) character set utf8 return repeat('x', 3)");
    WHOLE("create function f() returns char charset utf8mb4 collate utf8_bin no sql sql security "
          "invoker comment 'begin' language sql return 1");
    WHOLE("create trigger t after insert on x for each row set new.a = 1");
    WHOLE("create trigger t after insert on begin for each row insert into end values (1)");
    WHOLE("create event e on schedule at now() comment 'do begin' do delete from t");
    WHOLE("create procedure p() if a then select 1; else select 2; end if");
    WHOLE("create procedure p() case a when 1 then select 1; end case");
    WHOLE("create procedure p() lbl: loop leave lbl; end loop lbl");
    WHOLE("create procedure p() while a do set a = 0; end while");
    WHOLE("create procedure p() `x y`: repeat set a = 0; until a end repeat");
    WHOLE("create function f returns string soname 'x.so'");
    WHOLE("create aggregate function f returns string soname 'x.so'");
}

static void heads_in_any_spelling(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "create definer=`u`@`h` trigger t before insert on x for each row",
        "create definer = 'u' @ 'h' procedure p()",
        "create definer=root@localhost procedure p()",
        "create definer=trigger@event procedure p()",
        "create definer=current_user procedure p()",
        "create definer=current_user() procedure p()",
        "create definer = current_role function f() returns int",
        "create definer=\"u\"@\"%\" event e on schedule every 1 hour do",
        "create or replace procedure p()",
        "create or replace definer=current_user function if not exists f() returns int",
        "create or replace aggregate function f(x int) returns int",
        "create procedure if not exists db.p(in begin int, out `end` int)",
        "create trigger if not exists t before update on x for each row follows begin",
        "create trigger t before update on x for each row precedes `other one`",
        "create event if not exists e on schedule at now() on completion preserve comment 'x' do",
        "alter definer=a@b event e do",
        "/*!50003 create*/ /*!50020 definer=`a`@`b`*/ /*!50003 procedure p()",
        "create function f(a enum('(',')')) returns enum('a;','b') reads sql data",
        "create function f() returns decimal(10,2) unsigned zerofill contains sql",
        "create function f() returns double precision modifies sql data",
        "create function f() returns national varchar(10) binary",
        "create function f() returns long varchar ascii",
    };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        AUTO(mem_free)
        char *program = xasprintf("%s begin if a then select 1; end if; end%s", heads[i],
                                  *heads[i] == '/' ? " */" : "");
        AUTO(mem_free) char *sql = xasprintf("%s;next", program);
        expect_pieces(&mysql, sql, program, "next", (char *)NULL);
        expect_pieces(&mariadb, sql, program, "next", (char *)NULL);
    }
}

static void bodies_with_everything(void **state)
{
    (void)state;
#define BODY(text) WHOLE("create procedure p() begin " text " end")
    BODY("if a then select 1; elseif b then select 2; else select 3; end if;");
    BODY("if if(a, 1, 0) = 1 then select if(b, 2, 3); end if; drop table if exists t;");
    BODY("case a when 1 then select 1; select 2; else select 3; end case;");
    BODY("case when a then begin select 1; end; end case; select 1;");
    BODY("select case a when 1 then 2 else 3 end, case when b then 1 end from t; select 1;");
    BODY("set x = case when case a when 1 then 2 end then 3 end; select 1;");
    BODY("if case when a then 1 else 0 end then select 1; end if;");
    BODY("l1: loop l2: loop leave l1; end loop l2; end loop l1; select 1;");
    BODY("while a < 3 do set a = a + 1; end while; select 1;");
    BODY("repeat set a = 1; until a > case when b then 1 else 2 end end repeat; select repeat('x', "
         "3);");
    BODY("repeat select 1; until end > 1 end repeat;");
    BODY("declare x int default 1; declare c cursor for select 1; open c; close c;");
    BODY("declare continue handler for not found set done = 1; select 1;");
    BODY("declare exit handler for sqlexception begin rollback; resignal; end; select 1;");
    BODY(
        "declare exit handler for sqlstate value '23000', 1062, sqlwarning, not found, c if a then "
        "select 1; end if; select 1;");
    BODY("declare handler int; for_x: begin end; select 1;");
    BODY("select end, t.end, begin.case from begin as end where a = end; select 1;");
    BODY("select case when end > 1 then end else t.end end from t; select 1;");
    BODY("select 1 as end; set @end = 1, @begin = 2; select a - end from t;");
    BODY("select replace(a, 'x', 'y'); replace into t values (1); insert into t values "
         "(if(1,2,3));");
    BODY("lbl: begin declare y int; end lbl; `l 2`: while 1 do leave `l 2`; end while `l 2`;");
    BODY("do sleep(1); while 1 do do sleep(2); end while; start transaction; commit;");
    BODY("if exists(select 1) then create table if not exists t (a int); end if;");
    BODY("if a then if b then select 1; else select 2; end if; else case b when 1 then select 3; "
         "else begin end; end case; end if;");
    BODY("select (select 1; select 2;"); /* parentheses do not hold here either */
    BODY("select case 1; select 2;");
    WHOLE_IN(mariadb, "create procedure p() begin for i in 1..10 do select i; end for; for r in "
                      "(select 1) do select r.a; end for; end");
}

static void blocks_without_a_program(void **state)
{
    (void)state;
    WHOLE_IN(mariadb, "begin not atomic declare x int; select 1; end");
    WHOLE_IN(mariadb, "begin not atomic if 1 then select 1; end if; end");
    WHOLE_IN(mariadb, "if 1 then select 1; else select 2; end if");
    WHOLE_IN(mariadb, "case 1 when 1 then select 1; end case");
    WHOLE_IN(mariadb, "for i in 1..3 do select i; end for");
    WHOLE_IN(mariadb, "l: while 1 do leave l; end while");
    WHOLE_IN(mariadb, "`l l`: loop leave `l l`; end loop `l l`");
    EXPECT("begin; select 1; end; begin work; start transaction; commit; xa begin 'x'; xa end 'x'",
           "begin", "select 1", "end", "begin work", "start transaction", "commit", "xa begin 'x'",
           "xa end 'x'");
    EXPECT("select case when 1 then 2; b", "select case when 1 then 2", "b");
    EXPECT("lock tables t write; unlock tables; set autocommit=0; x: y; z", "lock tables t write",
           "unlock tables", "set autocommit=0", "x: y", "z");
}

static void other_creates_hold_nothing(void **state)
{
    (void)state;
    EXPECT(
        "create table begin (a int); create algorithm=merge definer=a@b sql security definer view "
        "v as select begin from t; create user procedure; alter procedure p comment 'x'; b",
        "create table begin (a int)",
        "create algorithm=merge definer=a@b sql security definer view v as select begin from t",
        "create user procedure", "alter procedure p comment 'x'", "b");
    EXPECT("create or replace table begin (a int); create definer=a@b view v as select 1; b",
           "create or replace table begin (a int)", "create definer=a@b view v as select 1", "b");
    EXPECT("(select 1); b", "(select 1)", "b");
}

static void delimiters_switch_blocks_off(void **state)
{
    (void)state;
    EXPECT("delimiter //\ncreate procedure p() begin select 1; //\nb//", "delimiter //",
           "create procedure p() begin select 1;", "b");
    EXPECT("delimiter //\ncreate procedure p() begin if a then", "delimiter //",
           "create procedure p() begin if a then");
    EXPECT("delimiter ;;\n/*!50003 create trigger t before insert on x for each row begin set @a = "
           "1; end */;;\ndelimiter ;\nb;",
           "delimiter ;;",
           "/*!50003 create trigger t before insert on x for each row begin set @a = 1; end */",
           "delimiter ;", "b");
}

static void oracle_mode(void **state)
{
    (void)state;
    WHOLE_IN(oracle, "CREATE PROCEDURE p AS x INT; BEGIN x := 1; IF x = 1 THEN NULL; ELSIF y THEN "
                     "NULL; END IF; END");
    WHOLE_IN(oracle, "CREATE OR REPLACE FUNCTION f(a INT) RETURN INT IS BEGIN RETURN a; END");
    WHOLE_IN(oracle, "CREATE FUNCTION f RETURN INT DETERMINISTIC AS BEGIN RETURN 1; EXCEPTION WHEN "
                     "NO_DATA_FOUND THEN RETURN 2; WHEN OTHERS THEN BEGIN NULL; END; END");
    WHOLE_IN(oracle,
             "BEGIN FOR i IN 1..3 LOOP SELECT i; END LOOP; WHILE 1 LOOP NULL; END LOOP; END");
    WHOLE_IN(oracle, "DECLARE x INT; BEGIN DECLARE y INT; BEGIN NULL; END; END");
    WHOLE_IN(oracle, "<<l>> BEGIN <<m>> LOOP EXIT m; END LOOP m; SELECT 1 > 2; END");
    WHOLE_IN(oracle, "CREATE PACKAGE p AS PROCEDURE a; FUNCTION f(x INT) RETURN INT; v INT; END");
    WHOLE_IN(oracle, "CREATE OR REPLACE DEFINER=CURRENT_USER PACKAGE BODY p AS v INT; PROCEDURE a "
                     "AS c INT; BEGIN SELECT 1; END; FUNCTION f(x INT) RETURN INT IS BEGIN IF x "
                     "THEN RETURN 1; END IF; END; BEGIN v := 1; END");
    EXPECT_IN(mariadb, "set sql_mode=oracle;create procedure p as begin null; end;b",
              "set sql_mode=oracle", "create procedure p as begin null; end", "b");
    EXPECT_IN(oracle, "DELIMITER //\nCREATE PACKAGE p AS PROCEDURE a; END//\nselect 1;//",
              "DELIMITER //", "CREATE PACKAGE p AS PROCEDURE a; END", "select 1;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_need_no_delimiter),
        cmocka_unit_test(programs_of_one_statement),
        cmocka_unit_test(heads_in_any_spelling),
        cmocka_unit_test(bodies_with_everything),
        cmocka_unit_test(blocks_without_a_program),
        cmocka_unit_test(other_creates_hold_nothing),
        cmocka_unit_test(delimiters_switch_blocks_off),
        cmocka_unit_test(oracle_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
