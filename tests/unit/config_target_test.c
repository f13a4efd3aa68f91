#include "lib/config/config.h"

#include "lib/config/keys.h"
#include "tests/unit/config_fixture.h"

static void assert_no_target(struct fixture *f, const struct config_override *overrides, size_t n,
                             enum error_kind kind, const char *text)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_null(config_target(f->config, "app", overrides, n, &err));
    assert_string_equal(err.text, text);
    assert_int_equal(err.kind, kind);
}

static void binds_defaults(void **state)
{
    struct fixture *f = *state;
    assert_loads(f, "targets:\n  app: {engine: postgres}\n");
    const struct config_target *t = target(f, "app");
    assert_string_equal(t->name, "app");
    assert_int_equal(t->engine, CONFIG_POSTGRES);
    assert_int_equal(t->tls, CONFIG_TLS_DEFAULT);
    assert_null(t->host);
    assert_null(t->timezone);
    assert_int_equal(t->port, 0);
    assert_int_equal(t->connect_timeout_ms, 10000);
    assert_int_equal(t->lock_timeout_ms, 5000);
    assert_false(t->protected_);
    const struct config_migrate *m = &t->migrate;
    assert_int_equal(m->locations.len, 0);
    assert_null(m->base_dir);
    assert_true(m->create_schemas && m->validate_on_migrate && m->execute_in_transaction);
    assert_true(!m->output_results && m->placeholder_replacement);
    assert_string_equal(m->table, "flyway_schema_history");
    assert_string_equal(m->target, "latest");
    assert_int_equal(m->ignore_patterns.len, 1);
    assert_string_equal(m->ignore_patterns.ptr[0], "*:future");
    assert_string_equal(m->baseline_version, "1");
    assert_string_equal(m->baseline_description, "<< Flyway Baseline >>");
    assert_int_equal(m->clean, CONFIG_CLEAN_REFUSED);
    assert_string_equal(m->placeholder_prefix, "${");
    assert_string_equal(m->suffixes.ptr[0], ".sql");
    assert_int_equal(m->lock_wait_ms, 50000);
    assert_int_equal(m->lock_timeout_ms, 5000);
    assert_int_equal(m->lock_retries, 10);
    assert_string_equal(m->environment, "default");
}

static void binds_what_the_file_says(void **state)
{
    struct fixture *f = *state;
    assert_loads(f, "version: 1\n"
                    "project: shop\n"
                    "x-anything: {a: [1, 2]}\n"
                    "defaults: {timezone: Asia/Shanghai, lock_timeout: 3s,\n"
                    "  migrate: {placeholders: {owner: root, app: shop}, group: yes}}\n"
                    "groups: {nightly: [two, one]}\n"
                    "targets:\n"
                    "  one:\n"
                    "    engine: mysql\n"
                    "    host: db1\n"
                    "    port: 3307\n"
                    "    database: 2024\n"
                    "    password: 'a$b${c}'\n"
                    "    tls: require\n"
                    "    protected: true\n"
                    "    connect_timeout: 1m30s\n"
                    "    migrate:\n"
                    "      locations: [sql/a, /srv/b]\n"
                    "      placeholders: {owner: app, empty: }\n"
                    "      clean: allowed\n"
                    "      lock_timeout: 0\n"
                    "  two: {engine: postgres, port: , migrate: {locations: sql}}\n");
    assert_string_equal(config_project(f->config), "shop");
    assert_int_equal(config_target_names(f->config)->len, 2);
    assert_string_equal(config_target_names(f->config)->ptr[1], "two");
    assert_string_equal(config_group(f->config, "nightly")->ptr[0], "two");
    assert_null(config_group(f->config, "daily"));
    const struct config_target *t = target(f, "one");
    assert_int_equal(t->engine, CONFIG_MYSQL);
    assert_int_equal(t->port, 3307);
    assert_string_equal(t->database, "2024");
    assert_string_equal(t->password, "a$b${c}");
    assert_int_equal(t->tls, CONFIG_TLS_REQUIRE);
    assert_true(t->protected_);
    assert_int_equal(t->connect_timeout_ms, 90000);
    assert_string_equal(t->timezone, "Asia/Shanghai");
    assert_int_equal(t->lock_timeout_ms, 3000);
    assert_int_equal(t->migrate.lock_timeout_ms, 0);
    assert_true(t->migrate.group);
    assert_int_equal(t->migrate.clean, CONFIG_CLEAN_ALLOWED);
    assert_int_equal(t->migrate.locations.len, 2);
    assert_string_equal(t->migrate.locations.ptr[0], "sql/a");
    assert_null(t->migrate.base_dir);
    assert_int_equal(t->migrate.placeholders.len, 3);
    assert_string_equal(t->migrate.placeholders.ptr[0].value, "app");
    assert_string_equal(t->migrate.placeholders.ptr[1].value, "");
    assert_string_equal(t->migrate.placeholders.ptr[2].name, "app");
    t = target(f, "two");
    assert_int_equal(t->port, 0);
    assert_int_equal(t->migrate.lock_timeout_ms, 3000);
    assert_string_equal(t->migrate.locations.ptr[0], "sql");
    assert_ptr_equal(t, target(f, "two"));
}

static void merges_anchors(void **state)
{
    struct fixture *f = *state;
    assert_loads(f, "x-base: &base {engine: mysql, host: db, port: 3306}\n"
                    "x-more: &more {host: other, user: u}\n"
                    "targets:\n"
                    "  a: {<<: *base, port: 3307}\n"
                    "  b: {host: mine, <<: [*base, *more]}\n"
                    "  c: &c {<<: &x {engine: mysql, user: v}}\n"
                    "  d: *c\n"
                    "  e: *x\n");
    assert_int_equal(target(f, "a")->port, 3307);
    assert_string_equal(target(f, "a")->host, "db");
    assert_string_equal(target(f, "b")->host, "mine");
    assert_string_equal(target(f, "b")->user, "u");
    assert_string_equal(target(f, "d")->user, "v");
    assert_string_equal(target(f, "e")->user, "v");
}

static void resolves_variables(void **state)
{
    struct fixture *f = *state;
    setenv("DBOPS_T_HOST", "db: [1]", 1);
    setenv("DBOPS_T_PORT", "5433", 1);
    setenv("DBOPS_T_EMPTY", "", 1);
    unsetenv("DBOPS_T_NONE");
    assert_loads(f, "targets:\n"
                    "  app:\n"
                    "    engine: ${DBOPS_T_NONE:-mysql}\n"
                    "    host: ${DBOPS_T_HOST}\n"
                    "    port: ${DBOPS_T_PORT:-1}\n"
                    "    user: a${DBOPS_T_EMPTY:-${DBOPS_T_NONE:-b}}c$$d$e\n"
                    "    database: x${DBOPS_T_EMPTY}\n"
                    "    timezone: '${DBOPS_T_HOST}'\n"
                    "    migrate: {locations: [\"${DBOPS_T_PORT}/sql\"]}\n"
                    "  other: {engine: mysql, host: \"${DBOPS_T_NONE}\"}\n");
    const struct config_target *t = target(f, "app");
    assert_int_equal(t->engine, CONFIG_MYSQL);
    assert_string_equal(t->host, "db: [1]");
    assert_int_equal(t->port, 5433);
    assert_string_equal(t->user, "abc$d$e");
    assert_string_equal(t->database, "x");
    assert_string_equal(t->timezone, "${DBOPS_T_HOST}");
    assert_string_equal(t->migrate.locations.ptr[0], "5433/sql");
}

static void tells_what_is_wrong_with_variables(void **state)
{
    struct fixture *f = *state;
    setenv("DBOPS_T_HOST", "s3cret", 1);
    unsetenv("DBOPS_T_NONE");
    assert_findings(
        f,
        "targets:\n"
        "  app:\n"
        "    engine: mysql\n"
        "    host: a${B\n"
        "    user: ${}\n"
        "    password: hunter2${A-b}\n"
        "    timezone: ${A:-${1}}\n",
        "a.yaml:4:11: targets.app.host: a '${' without its '}'; write $$ for a dollar "
        "sign, or put the text in single quotes\n"
        "a.yaml:5:11: targets.app.user: a '${' that is not ${NAME}, ${NAME:-default} or "
        "${NAME:?message}; write $$ for a dollar sign, or put the text in single "
        "quotes\n"
        "a.yaml:6:15: targets.app.password: a '${' that is not ${NAME}, "
        "${NAME:-default} or ${NAME:?message}; write $$ for a dollar sign, or put the "
        "text in single quotes\n"
        "a.yaml:7:15: targets.app.timezone: a '${' that is not ${NAME}, "
        "${NAME:-default} or ${NAME:?message}; write $$ for a dollar sign, or put the "
        "text in single quotes");
    assert_loads(f, "targets:\n"
                    "  app:\n"
                    "    engine: ${DBOPS_T_HOST}\n"
                    "    host: ${DBOPS_T_NONE}\n"
                    "    user: ${DBOPS_T_NONE:?set it in the pod}\n"
                    "    port: ${DBOPS_T_HOST}\n");
    assert_no_target(f, NULL, 0, ERR_CONFIG,
                     "a.yaml:3:13: targets.app.engine: what '${DBOPS_T_HOST}' stands for is not "
                     "known; allowed is postgres or mysql\n"
                     "a.yaml:4:11: targets.app.host: environment variable DBOPS_T_NONE is not set; "
                     "${DBOPS_T_NONE:-...} would give a default\n"
                     "a.yaml:5:11: targets.app.user: environment variable DBOPS_T_NONE is not set: "
                     "set it in the pod\n"
                     "a.yaml:6:11: targets.app.port: what '${DBOPS_T_HOST}' stands for is not a "
                     "whole number; allowed is 1 to 65535");
}

static void reads_secrets(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir("conf", 0700), 0);
    put("conf/pw", "hunter2\r\n");
    put("conf/b.yaml", "targets:\n"
                       "  app: {engine: mysql, password_file: pw, tls_ca: ca.pem, tls_key: /k}\n"
                       "  run: {engine: mysql, password_command: [printf, '%s\\n', 'a b']}\n");
    assert_loads(f, "include: conf/b.yaml\n"
                    "defaults: {password: fallback}\n"
                    "targets: {plain: {engine: mysql}}\n");
    assert_string_equal(target(f, "app")->password, "hunter2");
    assert_string_equal(target(f, "app")->tls_ca, "conf/ca.pem");
    assert_string_equal(target(f, "app")->tls_key, "/k");
    assert_string_equal(target(f, "run")->password, "a b");
    assert_string_equal(target(f, "plain")->password, "fallback");
}

static void tells_what_is_wrong_with_secrets(void **state)
{
    struct fixture *f = *state;
    assert_findings(f,
                    "targets:\n"
                    "  a: {engine: mysql, password: [x], password_file: y}\n"
                    "  b: {engine: mysql, password_command: echo x}\n"
                    "  c: {engine: mysql, password_command: []}\n"
                    "  d: {engine: mysql, user_file: x}\n",
                    "a.yaml:2:32: targets.a.password: must be a single value\n"
                    "a.yaml:2:37: targets.a.password_file: only one of password, password_file and "
                    "password_command may be given\n"
                    "a.yaml:3:40: targets.b.password_command: must be a list: the program and its "
                    "arguments\n"
                    "a.yaml:4:40: targets.c.password_command: is empty; it must hold the program "
                    "and its arguments\n"
                    "a.yaml:5:22: targets.d.user_file: unknown key; `dbops config schema` and "
                    "dbops.yaml(5) list all");
    put_bytes("nul", "a\0b", 3);
    assert_loads(f, "targets: {app: {engine: mysql, password_file: none}}\n");
    assert_no_target(f, NULL, 0, ERR_IO,
                     "a.yaml:1:47: password_file: cannot read 'none': No such file or directory");
    assert_loads(f, "targets: {app: {engine: mysql, password_file: nul}}\n");
    assert_no_target(f, NULL, 0, ERR_CONFIG,
                     "a.yaml:1:47: password_file: cannot use 'nul': there is a NUL byte in it");
    assert_loads(f, "targets:\n  app:\n    engine: mysql\n"
                    "    password_command: [sh, -c, 'echo hunter2; echo no token >&2; exit 3']\n");
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_null(config_target(f->config, "app", NULL, 0, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "a.yaml:4:23: password_command: "));
    assert_non_null(strstr(err.text, "no token"));
    assert_null(strstr(err.text, "hunter2"));
}

static void options_and_environment_win(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir("conf", 0700), 0);
    put("conf/b.yaml", "targets: {app: {engine: mysql, port: 1, migrate: {group: false,\n"
                       "  locations: sql, placeholders: {a: 1, b: 2}}}}\n");
    assert_loads(f, "include: conf/b.yaml\n");
    const struct config_override overrides[] = {
        {"migrate.group", "true", "option --group"},
        {"migrate.group", "false", "environment DBOPS_GROUP"},
        {"port", "2", "environment DBOPS_PORT"},
        {"migrate.locations", "a,b", "option --location"},
        {"migrate.locations", "c", "option --location"},
        {"migrate.placeholders", "a=x=y", "option --placeholder"},
        {"password", "p", "environment DBOPS_PASSWORD"},
    };
    const struct config_target *t =
        config_target(f->config, "app", overrides, ARRAY_LEN(overrides), &f->err);
    assert_non_null(t);
    assert_true(t->migrate.group);
    assert_int_equal(t->port, 2);
    assert_string_equal(t->password, "p");
    assert_int_equal(t->migrate.locations.len, 3);
    assert_string_equal(t->migrate.locations.ptr[2], "c");
    assert_null(t->migrate.base_dir);
    assert_int_equal(t->migrate.placeholders.len, 2);
    assert_string_equal(t->migrate.placeholders.ptr[0].value, "x=y");
    assert_string_equal(t->migrate.placeholders.ptr[1].value, "2");
    assert_no_target(f,
                     (const struct config_override[]){{"port", "x", "option --port"},
                                                      {"migrate.placeholders", "x", "option -P"}},
                     2, ERR_USAGE,
                     "option --port: port: 'x' is not a whole number; allowed is 1 to 65535\n"
                     "option -P: migrate.placeholders: not in the form NAME=VALUE");
    assert_no_target(f, (const struct config_override[]){{"port", "s3cret", "environment DBOPS_P"}},
                     1, ERR_CONFIG,
                     "environment DBOPS_P: port: its value is not a whole number; allowed is 1 to "
                     "65535");
}

static const char *shown(const struct value *rows, const char *key, const char *field)
{
    for (size_t i = 0; i < value_len(rows); i++)
        if (str_equal(value_as_string(value_get(value_at(rows, i), "key")), key))
            return value_as_string(value_get(value_at(rows, i), field));
    return NULL;
}

static void shows_where_values_come_from(void **state)
{
    struct fixture *f = *state;
    setenv("DBOPS_T_HOST", "db", 1);
    unsetenv("DBOPS_T_NONE");
    assert_loads(f, "project: shop\n"
                    "defaults: {lock_timeout: 1s}\n"
                    "targets:\n"
                    "  app: {engine: mysql, host: \"${DBOPS_T_HOST}\", user: \"${DBOPS_T_NONE}\",\n"
                    "    password_command: [\"${DBOPS_T_NONE}\"]}\n");
    const struct config_override overrides[] = {{"migrate.table", "t", "option --table"}};
    AUTO(value_free) struct value *rows = config_show(f->config, NULL, overrides, 1, &f->err);
    assert_non_null(rows);
    assert_string_equal(shown(rows, "project", "source"), "a.yaml:1");
    assert_string_equal(shown(rows, "targets.app.host", "value"), "db");
    assert_string_equal(shown(rows, "targets.app.host", "source"),
                        "a.yaml:4 (DBOPS_T_HOST is set)");
    assert_string_equal(shown(rows, "targets.app.user", "value"), "${DBOPS_T_NONE}");
    assert_string_equal(shown(rows, "targets.app.user", "source"),
                        "a.yaml:4 (DBOPS_T_NONE is not set)");
    assert_string_equal(shown(rows, "targets.app.password", "value"), "***");
    assert_string_equal(shown(rows, "targets.app.password", "source"),
                        "a.yaml:5, password_command (DBOPS_T_NONE is not set)");
    assert_string_equal(shown(rows, "targets.app.migrate.lock_timeout", "value"), "1s");
    assert_string_equal(shown(rows, "targets.app.migrate.lock_timeout", "source"), "a.yaml:2");
    assert_string_equal(shown(rows, "targets.app.migrate.table", "source"), "option --table");
    assert_string_equal(shown(rows, "targets.app.connect_timeout", "source"), "default");
    assert_null(shown(rows, "targets.app.database", "value"));
}

static void reads_every_type(void **state)
{
    (void)state;
    const struct key size = {.name = "memory", .type = KEY_SIZE, .min = 1024, .max = 1 << 20};
    AUTO(str_free) struct str why = STR_INIT;
    long long n = 0;
    assert_true(key_parse(&size, "16KiB", &n, &why));
    assert_int_equal(n, 16384);
    assert_false(key_parse(&size, "2MiB", &n, &why));
    assert_string_equal(why.ptr, "is out of range; allowed is 1KiB to 1MiB");
    str_clear(&why);
    assert_false(key_parse(&size, "much", &n, &why));
    assert_string_equal(why.ptr,
                        "is not a size (such as 512KiB or 16MiB); allowed is 1KiB to 1MiB");
    for (const struct key *key = key_table; key->name; key++) { /* each default is allowed */
        str_clear(&why);
        assert_true(!key->def || key->type == KEY_LIST || key_parse(key, key->def, &n, &why));
        assert_true(key->def || key->absent || key->type == KEY_SECTION ||
                    (key->flags & KEY_REQUIRED));
        assert_non_null(key->doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(binds_defaults),
        TEST(binds_what_the_file_says),
        TEST(merges_anchors),
        TEST(resolves_variables),
        TEST(tells_what_is_wrong_with_variables),
        TEST(reads_secrets),
        TEST(tells_what_is_wrong_with_secrets),
        TEST(options_and_environment_win),
        TEST(shows_where_values_come_from),
        TEST(reads_every_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
