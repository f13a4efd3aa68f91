#include "lib/config/config.h"

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

#include "lib/base/file.h"
#include "lib/base/str.h"

struct fixture {
    char *dir; /* and working directory */
    struct config *config;
    struct error err;
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    f->dir = file_make_temp_directory(NULL, "dbops-config", &f->err);
    assert_non_null(f->dir);
    assert_int_equal(chdir(f->dir), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    config_free(f->config);
    error_free(&f->err);
    assert_int_equal(chdir("/"), 0);
    assert_true(file_remove_tree(f->dir, &f->err));
    free(f->dir);
    free(f);
    return 0;
}

static void put_bytes(const char *path, const char *bytes, size_t n)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    assert_true(file_write(path, bytes, n, 0600, &err));
}

static void put(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

static void assert_loads(struct fixture *f, const char *text)
{
    if (text)
        put("a.yaml", text);
    config_free(f->config);
    f->config = config_load("a.yaml", &f->err);
    if (!f->config)
        print_error("%s\n", f->err.text);
    assert_non_null(f->config);
}

/* Loads text as a.yaml and wants exactly these findings. */
static void assert_findings(struct fixture *f, const char *text, const char *findings)
{
    if (text)
        put("a.yaml", text);
    AUTO(error_free) struct error err = ERROR_INIT;
    config_free(f->config);
    f->config = config_load("a.yaml", &err);
    assert_null(f->config);
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_string_equal(err.text, findings);
}

static const struct config_target *target(struct fixture *f, const char *name)
{
    const struct config_target *t = config_target(f->config, name, NULL, 0, &f->err);
    if (!t)
        print_error("%s\n", f->err.text);
    assert_non_null(t);
    return t;
}

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
    assert_true(m->output_results && m->placeholder_replacement);
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

static void lists_every_finding_in_order(void **state)
{
    assert_findings(
        *state,
        "version: 1\n"
        "projct: shop\n"
        "defaults: {port: abc}\n"
        "targets:\n"
        "  app:\n"
        "    engine: postgress\n"
        "    hots: db1\n"
        "    port: 99999\n"
        "    protected: maybe\n"
        "    connect_timeout: 5 minutes\n"
        "    locations: [a]\n"
        "    migrate: {locations: {a: b}, grup: true, table: [x]}\n"
        "    tls: verify\n"
        "    storage: s3\n"
        "  -bad: {engine: mysql}\n"
        "  none:\n"
        "groups: {app: [app], all: [app], x: [ap, [y]], y: app}\n",
        "a.yaml:2:1: projct: unknown key; did you mean 'project'?\n"
        "a.yaml:3:18: defaults.port: 'abc' is not a whole number; allowed is 1 to 65535\n"
        "a.yaml:6:13: targets.app.engine: 'postgress' is not known; allowed is postgres or mysql; "
        "did you mean 'postgres'?\n"
        "a.yaml:7:5: targets.app.hots: unknown key; did you mean 'host'?\n"
        "a.yaml:8:11: targets.app.port: '99999' is out of range; allowed is 1 to 65535\n"
        "a.yaml:9:16: targets.app.protected: 'maybe' is not a truth value; allowed is true or "
        "false\n"
        "a.yaml:10:22: targets.app.connect_timeout: '5 minutes' is not a duration (such as 500ms, "
        "30s or 1h30m); allowed is 100ms to 1h\n"
        "a.yaml:11:5: targets.app.locations: unknown key; did you mean 'migrate.locations'?\n"
        "a.yaml:12:26: targets.app.migrate.locations: must be a text or a list of texts\n"
        "a.yaml:12:34: targets.app.migrate.grup: unknown key; did you mean 'group'?\n"
        "a.yaml:12:53: targets.app.migrate.table: must be a single value\n"
        "a.yaml:13:10: targets.app.tls: 'verify' is not known; allowed is disable, prefer, require "
        "or verify-full\n"
        "a.yaml:14:5: targets.app.storage: unknown key; `dbops config schema` and dbops.yaml(5) "
        "list all\n"
        "a.yaml:15:3: targets.-bad: not a good name; allowed are up to 63 letters, digits, '_' and "
        "'-', a letter or digit first\n"
        "a.yaml:16:3: targets.none: engine is missing; allowed is postgres or mysql\n"
        "a.yaml:17:10: groups.app: is the name of a target too\n"
        "a.yaml:17:22: groups.all: this name stands for all targets\n"
        "a.yaml:17:38: groups.x: 'ap' is no target; did you mean 'app'?\n"
        "a.yaml:17:42: groups.x: must be a list of targets\n"
        "a.yaml:17:51: groups.y: must be a list of targets");
}

static void refuses_what_is_no_configuration(void **state)
{
    assert_findings(*state, "", "a.yaml: the file is empty");
    assert_findings(*state, "# nothing\n", "a.yaml: the file is empty");
    assert_findings(*state, "~\n", "a.yaml: the file is empty");
    assert_findings(*state, "- a\n- b\n",
                    "a.yaml:1:1: the file holds a list; it must hold keys and values");
    assert_findings(*state, "hello\n",
                    "a.yaml:1:1: the file holds a single value; it must hold keys and values");
    assert_findings(*state, "targets:\n", "a.yaml: no target; name at least one under 'targets:'");
    assert_findings(*state, "targets: {a: {engine: mysql}}\n---\nb: 1\n",
                    "a.yaml:2:1: a second document begins here; one file holds one");
    assert_findings(*state, "version: 2\ntargets: {a: {engine: mysql}}\nnew: 1\n",
                    "a.yaml:1:10: version: format 2 is newer than this dbops knows (1); upgrade "
                    "dbops");
    assert_findings(*state, "version: one\n",
                    "a.yaml:1:10: version: not a format of this file; allowed is 1");
}

static void refuses_broken_yaml(void **state)
{
    assert_findings(*state, "targets:\n  a:\n\t\tengine: mysql\n",
                    "a.yaml:3:1: a tab; YAML is indented with blanks");
    assert_findings(*state, "targets: {a: {engine: mysql, port: ${PORT}}}\n",
                    "a.yaml:1:37: not valid YAML; inside [ ] and { } write \"${…}\" with quotes");
    assert_findings(*state, "targets: [1,\nb: }\n",
                    "a.yaml:2:4: not valid YAML: did not find expected node content while parsing "
                    "a flow node from line 2 on");
    assert_findings(*state, "targets:\n  a: {engine: mysql}\n  b: {engine: mysql}\n  a: {}\n",
                    "a.yaml:4:3: the key 'a' is here a second time; the first is in line 2");
    assert_findings(*state, "a: &a [*a]\n",
                    "a.yaml:1:8: the alias '*a' stands inside its own anchor");
    assert_findings(*state, "a: *b\n", "a.yaml:1:4: the alias '*b' has no anchor '&b' before it");
    assert_findings(*state, "[a]: b\n", "a.yaml:1:1: a key must be plain text");
    assert_findings(*state, "a: !env b\n", "a.yaml:1:4: the tag '!env' is not known here");
    assert_findings(*state, "a: \"b\\0c\"\n", "a.yaml:1:4: a NUL byte in a value");
}

static void refuses_bytes_that_are_no_text(void **state)
{
    put_bytes("a.yaml", "a: b\0c\n", 7);
    assert_findings(*state, NULL, "a.yaml:1:5: a NUL byte (0x00)");
    assert_findings(*state, "a: b\nc: é\xff\n", "a.yaml:2:5: byte 0xFF is not UTF-8");
    assert_findings(*state, "a: \x01\n",
                    "a.yaml:1:4: not valid YAML: control characters are not "
                    "allowed");
    put_bytes("a.yaml", "\xff\xfe\x61\0", 4);
    assert_findings(*state, NULL, "a.yaml:1:1: byte 0xFF is not UTF-8");
}

static void refuses_bombs(void **state)
{
    AUTO(str_free) struct str text = STR_INIT;
    str_add(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        str_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            str_addf(&text, "%s*a%d", k ? ", " : "", i - 1);
        str_add(&text, "]\n");
    }
    assert_findings(*state, text.ptr,
                    "a.yaml:5:45: more than 100000 values, those that aliases stand for included");
    str_clear(&text);
    str_add(&text, "a: ");
    for (int i = 0; i < 100; i++)
        str_addc(&text, '[');
    assert_findings(*state, text.ptr, "a.yaml:1:67: nested deeper than 64 levels");
    str_clear(&text);
    while (text.len <= 1024 * 1024)
        str_add(&text, "# comment\n");
    assert_findings(*state, text.ptr, "cannot read 'a.yaml': it is larger than 1048576 bytes");
}

static void refuses_what_cannot_be_read(void **state)
{
    assert_findings(*state, NULL, "cannot read 'a.yaml': No such file or directory");
    assert_int_equal(mkdir("a.yaml", 0700), 0);
    assert_findings(*state, NULL, "cannot read 'a.yaml': Is a directory");
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
    assert_findings(f, "x: &x 1\ntargets: {a: {<<: *x}}\n",
                    "a.yaml:1:4: '<<' takes a map, or a list of maps");
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

static void includes_files(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mkdir("conf", 0700), 0);
    put("conf/b.yaml", "version: 1\ninclude: [c.yaml]\n"
                       "targets: {b: {engine: mysql, migrate: {locations: sql}}}\n");
    put("conf/c.yaml", "targets: {c: {}}\ndefaults: {engine: postgres,\n"
                       "  migrate: {callback_locations: [filesystem:calls]}}\n");
    assert_loads(f, "include: [conf/b.yaml, conf/c.yaml]\n"
                    "targets: {a: {migrate: {locations: [x]}}}\ngroups: {g: [a, b, c]}\n");
    assert_string_equal(target(f, "a")->name, "a");
    assert_int_equal(target(f, "c")->engine, CONFIG_POSTGRES);
    const struct config_migrate *m = &target(f, "b")->migrate;
    assert_string_equal(m->base_dir, "conf");
    assert_string_equal(m->locations.ptr[0], "sql");
    assert_string_equal(m->callback_locations.ptr[0], "filesystem:calls");
    m = &target(f, "a")->migrate;
    assert_null(m->base_dir);
    AUTO(mem_free) char *cwd = getcwd(NULL, 0);
    AUTO(mem_free) char *calls = xasprintf("%s/conf/calls", cwd);
    assert_string_equal(m->callback_locations.ptr[0], calls);
}

static void tells_what_is_wrong_with_includes(void **state)
{
    struct fixture *f = *state;
    put("b.yaml", "targets: {a: {engine: mysql}, b: {engine: mysql, prt: 1}}\nproject: x\n"
                  "include: a.yaml\n");
    put("c.yaml", "- 1\n");
    assert_findings(f,
                    "include:\n- b.yaml\n- none.yaml\n- c.yaml\n- {a: b}\n- ${X}.yaml\n"
                    "targets: {a: {engine: mysql}}\nproject: y\n",
                    "a.yaml:3:3: include: cannot read 'none.yaml': No such file or directory\n"
                    "a.yaml:5:3: include: not a file's name; allowed is a name, or a list of "
                    "names\n"
                    "a.yaml:6:3: include: variables are not possible here\n"
                    "b.yaml:1:11: targets.a: is also in a.yaml:7:11; one of the two must go\n"
                    "b.yaml:2:1: project: is also in a.yaml:8:1; one of the two must go\n"
                    "b.yaml:3:10: include: 'a.yaml' includes itself, maybe by way of others\n"
                    "c.yaml:1:1: the file holds a list; it must hold keys and values");
    for (int i = 0; i < 10; i++) {
        AUTO(mem_free) char *name = i ? xasprintf("i%d.yaml", i) : xstrdup("a.yaml");
        AUTO(mem_free) char *text = xasprintf("include: i%d.yaml\n", i + 1);
        put(name, text);
    }
    put("i10.yaml", "targets: {a: {engine: mysql}}\n");
    assert_findings(f, NULL, "i8.yaml:1:10: include: files include files more than 8 levels deep");
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

static void finds_the_file(void **state)
{
    struct fixture *f = *state;
    AUTO(mem_free) char *given = config_find("x.yaml");
    assert_string_equal(given, "x.yaml");
    assert_int_equal(mkdir("dbops", 0700), 0);
    setenv("XDG_CONFIG_HOME", f->dir, 1);
    put("dbops/dbops.yaml", "a: b\n");
    AUTO(mem_free) char *expected = xasprintf("%s/dbops/dbops.yaml", f->dir);
    AUTO(mem_free) char *xdg = config_find(NULL);
    assert_string_equal(xdg, expected);
    put("dbops.yaml", "a: b\n");
    AUTO(mem_free) char *here = config_find("");
    assert_string_equal(here, "dbops.yaml");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(binds_defaults),
        TEST(binds_what_the_file_says),
        TEST(lists_every_finding_in_order),
        TEST(refuses_what_is_no_configuration),
        TEST(refuses_broken_yaml),
        TEST(refuses_bytes_that_are_no_text),
        TEST(refuses_bombs),
        TEST(refuses_what_cannot_be_read),
        TEST(merges_anchors),
        TEST(resolves_variables),
        TEST(tells_what_is_wrong_with_variables),
        TEST(reads_secrets),
        TEST(tells_what_is_wrong_with_secrets),
        TEST(includes_files),
        TEST(tells_what_is_wrong_with_includes),
        TEST(options_and_environment_win),
        TEST(finds_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
