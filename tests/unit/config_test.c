#include "lib/config/config.h"

#include "tests/unit/config_fixture.h"

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

static void refuses_what_cannot_be_read(void **state)
{
    assert_findings(*state, NULL, "cannot read 'a.yaml': No such file or directory");
    assert_int_equal(mkdir("a.yaml", 0700), 0);
    assert_findings(*state, NULL, "cannot read 'a.yaml': Is a directory");
}

static void refuses_a_huge_file(void **state)
{
    AUTO(str_free) struct str text = STR_INIT;
    while (text.len <= 1024 * 1024)
        str_add(&text, "# comment\n");
    assert_findings(*state, text.ptr, "cannot read 'a.yaml': it is larger than 1048576 bytes");
}

static void hands_on_what_is_no_yaml(void **state)
{
    assert_findings(*state, "targets:\n  a: {engine: mysql}\n  b: {engine: mysql}\n  a: {}\n",
                    "a.yaml:4:3: the key 'a' is here a second time; the first is in line 2");
    put_bytes("a.yaml", "a: b\0c\n", 7);
    assert_findings(*state, NULL, "a.yaml:1:5: a NUL byte (0x00)");
}

/* A key given twice takes nothing from the tree: what else is wrong comes with it. */
static void tells_the_rest_beside_a_second_key(void **state)
{
    assert_findings(*state,
                    "targets:\n  a: {engine: mysql, prot: 1}\n  b: {engine: mysql}\n  b: {}\n",
                    "a.yaml:2:22: targets.a.prot: unknown key; did you mean 'port'?\n"
                    "a.yaml:4:3: the key 'b' is here a second time; the first is in line 3");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_every_finding_in_order),
        TEST(refuses_what_is_no_configuration),
        TEST(refuses_what_cannot_be_read),
        TEST(refuses_a_huge_file),
        TEST(hands_on_what_is_no_yaml),
        TEST(tells_the_rest_beside_a_second_key),
        TEST(includes_files),
        TEST(tells_what_is_wrong_with_includes),
        TEST(finds_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
