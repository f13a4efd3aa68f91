#include "lib/db/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/db/child.h"
#include "lib/db/impl.h"
#include "lib/db/inspect.h"
#include "lib/db/mysql_cnf.h"
#include "lib/db/sql.h"
#include "lib/db/tls.h"

static void every_sqlstate_has_its_kind(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        enum error_kind kind;
    } rows[] = {
        {"42P01", ERR_DATA},        {"42601", ERR_DATA},        {"23505", ERR_DATA},
        {"22P02", ERR_DATA},        {"25P02", ERR_DATA},        {"XX000", ERR_DATA},
        {"0A000", ERR_DATA},        {"40002", ERR_DATA},        {"08P01", ERR_DATA},
        {"08000", ERR_UNAVAILABLE}, {"08006", ERR_UNAVAILABLE}, {"08S01", ERR_UNAVAILABLE},
        {"57P01", ERR_UNAVAILABLE}, {"57P02", ERR_UNAVAILABLE}, {"57P03", ERR_UNAVAILABLE},
        {"57P05", ERR_UNAVAILABLE}, {"25P03", ERR_UNAVAILABLE}, {"40003", ERR_UNAVAILABLE},
        {"57P04", ERR_CONFIG},      {"3D000", ERR_CONFIG},      {"28000", ERR_DENIED},
        {"28P01", ERR_DENIED},      {"42501", ERR_DENIED},      {"25006", ERR_DENIED},
        {"0LP01", ERR_DENIED},      {"55P03", ERR_BUSY},        {"40P01", ERR_BUSY},
        {"40001", ERR_BUSY},        {"57014", ERR_BUSY},        {"55006", ERR_BUSY},
        {"53300", ERR_BUSY},        {"25P04", ERR_BUSY},        {"53100", ERR_IO},
        {"53200", ERR_IO},          {"58030", ERR_IO},          {"XX001", ERR_IO},
        {"XX002", ERR_IO},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (classify_sqlstate(rows[i].sqlstate) != rows[i].kind)
            fail_msg("%s is not of kind %s", rows[i].sqlstate, error_name(rows[i].kind));
}

static void every_mysql_number_has_its_kind(void **state)
{
    (void)state;
    static const struct {
        enum error_kind kind;
        unsigned numbers[48];
    } rows[] = {
        {ERR_DATA, {1, 1050, 1054, 1062, 1064, 1146, 1364, 1406, 1451, 2999, 65535}},
        {ERR_DENIED, {1044, 1045, 1129, 1130, 1142, 1143, 1227, 1251, 1290, 1370, 1396,
                      1410, 1419, 1698, 1792, 1820, 1836, 1862, 1873, 1874, 2026, 2054,
                      2058, 2059, 2061, 2068, 3118, 3159, 3955, 4151, 5010, 5012}},
        {ERR_IO, {1021, 1026, 1037, 1038, 1041, 1114, 2008, 3675}},
        {ERR_BUSY, {1020, 1040, 1203, 1205, 1206, 1213, 1226, 1317, 1614, 1969, 3024, 3100, 3572}},
        {ERR_UNAVAILABLE, {1042, 1043, 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1927,
                           2002, 2003, 2005, 2006, 2012, 2013, 2055, 3168, 3169, 4031, 5013, 5014}},
        {ERR_CONFIG, {1049}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (const unsigned *n = rows[i].numbers; *n; n++)
            if (classify_number(*n) != rows[i].kind)
                fail_msg("%u is not of kind %s", *n, error_name(rows[i].kind));
}

static void words_of_libpq_are_classed_without_a_sqlstate(void **state)
{
    (void)state;
    assert_int_equal(classify_connect_text("connection to server failed: Connection refused"),
                     ERR_UNAVAILABLE);
    assert_int_equal(classify_connect_text("server does not support SSL, but SSL was required"),
                     ERR_DENIED);
    assert_int_equal(classify_connect_text("SSL error: certificate verify failed"), ERR_DENIED);
    assert_int_equal(classify_connect_text("SSL SYSCALL error: EOF detected"), ERR_UNAVAILABLE);
    assert_int_equal(classify_connect_text("fe_sendauth: no password supplied"), ERR_DENIED);
    assert_int_equal(classify_connect_text("definition of service \"x\" not found"), ERR_CONFIG);
}

static void tls_is_verified_wherever_somebody_can_stand_between(void **state)
{
    (void)state;
    static const char *const local[] = {
        NULL,        "",    "/run/postgresql", "@abstract",    "localhost", "LOCALHOST",
        "127.0.0.1", "::1", "127.255.3.4",     "localhost,::1"};
    static const char *const far[] = {"db.example.com",
                                      "10.0.0.5",
                                      "128.0.0.1",
                                      "127.0.0.1.example.com",
                                      "::2",
                                      "localhost.x",
                                      "localhost,db.east",
                                      "db.east,/run/postgresql",
                                      "0.0.0.0",
                                      "127.1.x"};
    for (size_t i = 0; i < ARRAY_LEN(local); i++)
        assert_int_equal(tls_mode(DB_TLS_DEFAULT, local[i]), DB_TLS_PREFER);
    for (size_t i = 0; i < ARRAY_LEN(far); i++)
        assert_int_equal(tls_mode(DB_TLS_DEFAULT, far[i]), DB_TLS_VERIFY_FULL);
}

static void what_is_asked_for_wins_over_the_default(void **state)
{
    (void)state;
    assert_int_equal(tls_mode(DB_TLS_DISABLE, "db.example.com"), DB_TLS_DISABLE);
    assert_int_equal(tls_mode(DB_TLS_REQUIRE, "db.example.com"), DB_TLS_REQUIRE);
    assert_int_equal(tls_mode(DB_TLS_VERIFY_FULL, "localhost"), DB_TLS_VERIFY_FULL);
}

static void a_mode_of_libpq_is_never_read_as_a_weaker_one(void **state)
{
    (void)state;
    assert_int_equal(tls_mode_parse("disable"), DB_TLS_DISABLE);
    assert_int_equal(tls_mode_parse("allow"), DB_TLS_PREFER);
    assert_int_equal(tls_mode_parse("require"), DB_TLS_REQUIRE);
    assert_int_equal(tls_mode_parse("verify-ca"), DB_TLS_VERIFY_FULL);
    assert_int_equal(tls_mode_parse("verify-full"), DB_TLS_VERIFY_FULL);
    assert_int_equal(tls_mode_parse("default"), DB_TLS_DEFAULT);
    assert_int_equal(tls_mode_parse("nonsense"), DB_TLS_DEFAULT);
    assert_int_equal(tls_mode_parse(NULL), DB_TLS_DEFAULT);
}

static void verify_full_always_has_a_ca(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(tls_free) struct tls tls = {0};
    setenv("SSL_CERT_FILE", "/etc/passwd", 1);
    assert_true(tls_decide(DB_TLS_DEFAULT, "db.example.com", NULL, NULL, NULL, &tls, &err));
    assert_int_equal(tls.mode, DB_TLS_VERIFY_FULL);
    assert_string_equal(tls.ca, "/etc/passwd");
    unsetenv("SSL_CERT_FILE");
}

static void a_certificate_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(tls_free) struct tls tls = {0};
    assert_false(tls_decide(DB_TLS_REQUIRE, "x", "/no/such/ca.pem", NULL, NULL, &tls, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_string_equal(err.text,
                        "cannot read tls_ca '/no/such/ca.pem': No such file or directory");
    assert_null(tls.ca);
}

static void expect_ident(enum db_engine engine, const char *name, const char *expected)
{
    AUTO(str_free) struct str out = STR_INIT;
    sql_ident(&out, engine, name);
    assert_string_equal(out.ptr, expected);
}

static void names_are_quoted(void **state)
{
    (void)state;
    expect_ident(DB_POSTGRES, "a", "\"a\"");
    expect_ident(DB_POSTGRES, "a\"b`c", "\"a\"\"b`c\"");
    expect_ident(DB_MYSQL, "a`b\"c", "`a``b\"c`");
    AUTO(str_free) struct str out = STR_INIT;
    sql_qualified(&out, DB_POSTGRES, "s", "t");
    str_addc(&out, ' ');
    sql_qualified(&out, DB_MYSQL, NULL, "t");
    assert_string_equal(out.ptr, "\"s\".\"t\" `t`");
}

static void expect_literal(enum db_engine engine, const char *value, const char *expected)
{
    AUTO(str_free) struct str out = STR_INIT;
    sql_literal(&out, engine, value);
    assert_string_equal(out.ptr, expected);
}

static void literals_read_the_same_under_every_setting(void **state)
{
    (void)state;
    expect_literal(DB_POSTGRES, NULL, "NULL");
    expect_literal(DB_POSTGRES, "it's", "'it''s'");
    expect_literal(DB_POSTGRES, "a\\'b", "E'a\\\\''b'");
    expect_literal(DB_MYSQL, "", "''");
    expect_literal(DB_MYSQL, "it's \"x\"", "'it''s \"x\"'");
    expect_literal(DB_MYSQL, "\\'", "CONVERT(0x5C27 USING utf8mb4)");
}

static void expect_place(const char *message, const char *sql, unsigned line, size_t position)
{
    unsigned got_line = 99;
    size_t got_position = 99;
    mysql_locate(message, sql, strlen(sql), &got_line, &got_position);
    assert_int_equal(got_line, line);
    assert_int_equal(got_position, position);
}

static void a_syntax_error_is_found_in_the_statement(void **state)
{
    (void)state;
    expect_place("use near 'frm t' at line 1", "select 1 frm t", 1, 10);
    expect_place("use near 'frm t' at line 2", "select '\xC3\xA4',\n1 frm t", 2, 15);
    expect_place("use near 'x' at line 1", "x x", 1, 0);
    expect_place("use near 'x' at line 2", "x\nx", 2, 3);
    expect_place("use near '' at line 3", "a\nb\nc", 3, 0);
    expect_place("use near 'it's' at line 1' at line 1", "select it's' at line 1", 1, 8);
    expect_place("use near 'frm t, lo...' at line 1", "select 1 frm t, longer", 1, 10);
    expect_place("use near 'gone' at line 7", "select 1", 7, 0);
    expect_place("Unknown column 'near ' in 'field list'", "select x", 0, 0);
}

/* The path of a new option file, owned by the caller, who removes it. */
static char *option_file(const char *text)
{
    const char *folder = getenv("TMPDIR");
    char *path = xasprintf("%s/dbops-cnf-XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static void option_files_are_read_as_the_clients_do(void **state)
{
    (void)state;
    AUTO(mem_free)
    char *path = option_file("[mysqld]\n"
                             "user = server\n"
                             "[client]\n"
                             "# a comment\n"
                             "user=alice # who\n"
                             "password = \"p#w 'x\\\\y\"  \n"
                             "  port=3307\n"
                             "ssl_ca=/ca.pem\n"
                             "local-infile=1\n"
                             "[mysqldump]\n"
                             "user=dump\n"
                             "[client-mariadb]\n"
                             "host='db'\n");
    AUTO(my_defaults_free) struct my_defaults d = {0};
    my_defaults_file(path, 0, &d);
    assert_string_equal(d.user, "alice");
    assert_string_equal(d.password, "p#w 'x\\y");
    assert_int_equal(d.port, 3307);
    assert_string_equal(d.tls_ca, "/ca.pem");
    assert_string_equal(d.host, "db");
    assert_null(d.socket);
    unlink(path);
}

static void an_option_file_that_everybody_may_write_is_passed_over(void **state)
{
    (void)state;
    AUTO(mem_free) char *path = option_file("[client]\nuser=eve\n");
    assert_int_equal(chmod(path, 0666), 0);
    AUTO(my_defaults_free) struct my_defaults d = {0};
    my_defaults_file(path, 0, &d);
    assert_null(d.user);
    unlink(path);
}

static void an_option_file_that_includes_itself_ends(void **state)
{
    (void)state;
    AUTO(mem_free) char *path = option_file("");
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "[client]\nuser=bob\n!include %s\n", path);
    fclose(file);
    AUTO(my_defaults_free) struct my_defaults d = {0};
    my_defaults_file(path, 0, &d);
    assert_string_equal(d.user, "bob");
    unlink(path);
}

static void a_failed_connection_names_the_target_and_no_password(void **state)
{
    (void)state;
    AUTO(error_free) struct error err = ERROR_INIT;
    struct db_params params = {.engine = DB_POSTGRES,
                               .label = "shop",
                               .host = "/no/such/folder",
                               .database = "d",
                               .user = "u",
                               .password = "s3cret"};
    assert_null(db_open(&params, &err));
    assert_int_equal(err.kind, ERR_UNAVAILABLE);
    assert_true(strstr(err.text, "cannot connect to 'shop' (postgres:///d?host=/no/such/folder"));
    assert_null(strstr(err.text, "s3cret"));
    assert_non_null(err.hint);
}

enum {
    ALL = (1 << GRANT_COUNT) - 1,
    S = 1 << GRANT_SELECT,
    I = 1 << GRANT_INSERT,
    C = 1 << GRANT_CREATE
};

static void grants_are_read_as_the_server_shows_them(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int before, after;
    } rows[] = {
        {"GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION", 0, ALL},
        {"GRANT USAGE ON *.* TO `a`@`%`", 0, 0},
        {"GRANT SELECT, INSERT ON `shop`.* TO `a`@`%`", 0, S | I},
        {"GRANT SELECT ON `other`.* TO `a`@`%`", 0, 0},
        {"GRANT SELECT ON `sh%`.* TO `a`@`%`", 0, S},
        {"GRANT SELECT ON `s_op`.* TO `a`@`%`", 0, S},
        {"GRANT SELECT ON `s\\_op`.* TO `a`@`%`", 0, 0},
        {"GRANT SELECT ON `%x`.* TO `a`@`%`", 0, 0},
        {"GRANT SELECT ON `shop`.`t` TO `a`@`%`", 0, 0},
        {"GRANT SELECT (`a`, `b`), INSERT ON `shop`.* TO `a`@`%`", 0, I},
        {"GRANT CREATE TEMPORARY TABLES, CREATE VIEW ON *.* TO `a`@`%`", 0, 0},
        {"GRANT CREATE ON \"shop\".* TO \"a\"@\"%\"", 0, C},
        {"GRANT `writer`@`%` TO `a`@`%`", S, S},
        {"GRANT PROXY ON ''@'' TO 'root'@'localhost'", S, S},
        {"REVOKE SELECT ON `shop`.* FROM `a`@`%`", S | I, I},
        {"nonsense", S, S},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (grants_apply((unsigned)rows[i].before, rows[i].line, "shop") != (unsigned)rows[i].after)
            fail_msg("read wrongly: %s", rows[i].line);
}

static void a_program_tells_its_version_and_maker(void **state)
{
    (void)state;
    static const struct {
        const char *text, *version;
        unsigned major;
        bool is_mariadb;
    } rows[] = {
        {"pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", "15.20", 15, false},
        {"psql (PostgreSQL) 18beta1", "18", 18, false},
        {"mysqldump  Ver 9.7.4-2 for Linux on x86_64 ((Debian))", "9.7.4", 9, false},
        {"mysqldump  Ver 10.13 Distrib 5.7.44, for Linux (x86_64)", "5.7.44", 5, false},
        {"mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB, for debian", "10.11.19", 10, true},
        {"mariadb-dump from 11.8.3-MariaDB, client 10.19 for debian", "11.8.3", 11, true},
        {"hello", NULL, 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(db_program_free) struct db_program p = {0};
        db_program_parse(rows[i].text, &p);
        if (rows[i].version)
            assert_string_equal(p.version, rows[i].version);
        else
            assert_null(p.version);
        assert_int_equal(p.major, rows[i].major);
        assert_int_equal(p.is_mariadb, rows[i].is_mariadb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sqlstate_has_its_kind),
        cmocka_unit_test(every_mysql_number_has_its_kind),
        cmocka_unit_test(words_of_libpq_are_classed_without_a_sqlstate),
        cmocka_unit_test(tls_is_verified_wherever_somebody_can_stand_between),
        cmocka_unit_test(what_is_asked_for_wins_over_the_default),
        cmocka_unit_test(a_mode_of_libpq_is_never_read_as_a_weaker_one),
        cmocka_unit_test(verify_full_always_has_a_ca),
        cmocka_unit_test(a_certificate_that_cannot_be_read_is_named),
        cmocka_unit_test(names_are_quoted),
        cmocka_unit_test(literals_read_the_same_under_every_setting),
        cmocka_unit_test(a_syntax_error_is_found_in_the_statement),
        cmocka_unit_test(option_files_are_read_as_the_clients_do),
        cmocka_unit_test(an_option_file_that_everybody_may_write_is_passed_over),
        cmocka_unit_test(an_option_file_that_includes_itself_ends),
        cmocka_unit_test(grants_are_read_as_the_server_shows_them),
        cmocka_unit_test(a_program_tells_its_version_and_maker),
        cmocka_unit_test(a_failed_connection_names_the_target_and_no_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
