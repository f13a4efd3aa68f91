#include "migrate/files.h"

#include <fcntl.h>
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
#include "migrate/locations.h"
#include "migrate/script_conf.h"

struct fixture {
    char *dir;
    struct strlist locations, callback_locations, suffixes;
    struct placeholders placeholders;
    struct files_options options;
    struct migration_set set;
    struct error err;
};

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    f->dir = file_make_temp_directory(NULL, "dbops-files", &f->err);
    assert_non_null(f->dir);
    strlist_add(&f->suffixes, ".sql");
    f->placeholders.enabled = true;
    placeholders_set(&f->placeholders, "owner", "app");
    f->options = (struct files_options){
        .locations = &f->locations,
        .callback_locations = &f->callback_locations,
        .base_dir = f->dir,
        .sql_prefix = "V",
        .repeatable_prefix = "R",
        .baseline_prefix = "B",
        .separator = "__",
        .suffixes = &f->suffixes,
        .encoding = "UTF-8",
        .placeholders = &f->placeholders,
    };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    error_free(&f->err);
    assert_true(file_remove_tree(f->dir, &f->err));
    migration_set_free(&f->set);
    strlist_free(&f->locations);
    strlist_free(&f->callback_locations);
    strlist_free(&f->suffixes);
    placeholders_free(&f->placeholders);
    error_free(&f->err);
    free(f->dir);
    free(f);
    return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
    AUTO(mem_free) char *full = file_join(f->dir, path);
    AUTO(mem_free) char *parent = xstrndup(full, (size_t)(strrchr(full, '/') - full));
    assert_true(file_make_directory(parent, 0755, &f->err));
    assert_true(file_write(full, text, strlen(text), 0644, &f->err));
}

static void link_to(struct fixture *f, const char *path, const char *target)
{
    AUTO(mem_free) char *full = file_join(f->dir, path);
    AUTO(mem_free) char *parent = xstrndup(full, (size_t)(strrchr(full, '/') - full));
    assert_true(file_make_directory(parent, 0755, &f->err));
    assert_int_equal(symlink(target, full), 0);
}

static bool read_set(struct fixture *f)
{
    migration_set_free(&f->set);
    error_free(&f->err);
    return files_read(&f->options, &f->set, &f->err);
}

/* "V1 a=x/V1__a.sql" for each migration, in order. */
static void expect_set(struct fixture *f, const char *expected)
{
    if (!read_set(f))
        fail_msg("%s", f->err.text);
    AUTO(str_free) struct str got = STR_INIT;
    for (size_t i = 0; i < f->set.migrations.len; i++) {
        const struct migration *m = &f->set.migrations.ptr[i];
        str_addf(&got, "%s%c%s %s=%s", i ? "|" : "", "VBR"[m->kind],
                 m -> version ? m -> version : "", m->description, m->script);
    }
    assert_string_equal(got.ptr, expected);
}

static void expect_failure(struct fixture *f, enum error_kind kind, const char *part)
{
    assert_false(read_set(f));
    assert_int_equal(f->err.kind, kind);
    if (!strstr(f->err.text, part))
        fail_msg("'%s' is not in: %s", part, f->err.text);
}

static void expect_warning(struct fixture *f, const char *part)
{
    for (size_t i = 0; i < f->set.warnings.len; i++)
        if (strstr(f->set.warnings.ptr[i], part))
            return;
    fail_msg("no warning with '%s'", part);
}

static void files_come_sorted_with_scripts_relative_to_their_location(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/V10__ten.sql", "SELECT 1;");
    put(f, "sql/V9__nine.SQL", "SELECT 1;");
    put(f, "sql/x/y/V2__two.sql", "SELECT 1;\n");
    put(f, "sql/V3__three.sql", "");
    put(f, "sql/B3__base.sql", "");
    put(f, "sql/R__b.sql", "-- ${OWNER}");
    put(f, "sql/R__a.sql", "-- ${flyway:filename}");
    put(f, "sql/U2__undo.sql", "");
    put(f, "sql/notes.txt", "");
    strlist_add(&f->locations, "filesystem:sql/");
    expect_set(f, "V2 two=x/y/V2__two.sql|V3 three=V3__three.sql|B3 base=B3__base.sql|"
                  "V9 nine=V9__nine.SQL|V10 ten=V10__ten.sql|R a=R__a.sql|R b=R__b.sql");
    assert_int_equal(f->set.warnings.len, 0);
    assert_int_equal(f->set.invalid_names.len, 0);
    assert_int_equal(f->set.migrations.ptr[0].checksum, 78787420);
    const struct migration *b = &f->set.migrations.ptr[6];
    assert_int_not_equal(b->checksum, b->raw_checksum);
    assert_string_equal(migration_type(b), "SQL");
    assert_string_equal(migration_type(&f->set.migrations.ptr[2]), "SQL_BASELINE");
}

static void config_map_mounts_are_read_once(void **state)
{
    struct fixture *f = *state;
    put(f, "map/..2024_06_07/V1__a.sql", "SELECT 1;");
    link_to(f, "map/..data", "..2024_06_07");
    link_to(f, "map/V1__a.sql", "..data/V1__a.sql");
    strlist_add(&f->locations, "map");
    expect_set(f, "V1 a=V1__a.sql");
    assert_int_equal(f->set.warnings.len, 0);
}

static void loops_of_links_end(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/a/V1__a.sql", "");
    link_to(f, "sql/a/up", "..");
    link_to(f, "sql/self", ".");
    link_to(f, "sql/twin", "a");
    strlist_add(&f->locations, "sql");
    expect_set(f, "V1 a=a/V1__a.sql");
    strlist_free(&f->locations);
    strlist_add(&f->locations, "**/a");
    expect_set(f, "V1 a=V1__a.sql");
}

static void overlapping_locations_are_dropped_with_a_warning(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/a/V1__a.sql", "");
    put(f, "sqlite/V2__b.sql", "");
    strlist_add(&f->locations, "sql/a");
    strlist_add(&f->locations, "./sql//");
    strlist_add(&f->locations, "filesystem:sql");
    strlist_add(&f->locations, "sqlite");
    expect_set(f, "V1 a=a/V1__a.sql|V2 b=V2__b.sql");
    expect_warning(f, "location 'sql/a' is left out: it lies within");
    expect_warning(f, "location 'filesystem:sql' is listed twice");
    assert_int_equal(f->set.warnings.len, 2);
}

static void missing_locations_warn_or_fail(void **state)
{
    struct fixture *f = *state;
    put(f, "file.sql", "");
    strlist_add(&f->locations, "nowhere");
    strlist_add(&f->locations, "file.sql");
    strlist_add(&f->locations, "no*");
    strlist_add(&f->locations, "absent/*");
    expect_set(f, "");
    expect_warning(f, "nowhere' does not exist");
    expect_warning(f, "file.sql' is not a folder");
    expect_warning(f, "no*' matches nothing");
    expect_warning(f, "absent/*' matches nothing");
    f->options.fail_on_missing_locations = true;
    expect_failure(f, ERR_CONFIG, "nowhere' does not exist");
    strlist_free(&f->locations);
    strlist_add(&f->locations, "classpath:db/migration");
    expect_failure(f, ERR_CONFIG, "not on the file system");
    strlist_free(&f->locations);
    strlist_add(&f->locations, "filesystem:");
    expect_failure(f, ERR_CONFIG, "names no folder");
}

static void wildcards_stand_in_any_part(void **state)
{
    struct fixture *f = *state;
    put(f, "one/sql/V1__a.sql", "");
    put(f, "two/deep/sql/sub/V2__b.sql", "");
    put(f, "two/.hidden/sql/V9__no.sql", "");
    put(f, "two/other/V3__c.sql", "");
    put(f, "two/other/V13__d.sql", "");
    static const char *const cases[][2] = {
        {"*/sql", "V1 a=V1__a.sql"},
        {"**/sql", "V1 a=V1__a.sql|V2 b=sub/V2__b.sql"},
        {"**", "V1 a=one/sql/V1__a.sql|V2 b=two/deep/sql/sub/V2__b.sql|V3 c=two/other/V3__c.sql|"
               "V13 d=two/other/V13__d.sql"},
        {"t?o/**/sub", "V2 b=V2__b.sql"},
        {"two/*", "V2 b=sql/sub/V2__b.sql|V3 c=V3__c.sql|V13 d=V13__d.sql"},
        {"two/**/V?__*.sql", "V2 b=deep/sql/sub/V2__b.sql|V3 c=other/V3__c.sql"},
        {"*/other/V3__c.sql", "V3 c=two/other/V3__c.sql"},
        {"*/other/V4__c.sql", ""},
        {"**/**/sub", "V2 b=V2__b.sql"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        strlist_free(&f->locations);
        strlist_add(&f->locations, cases[i][0]);
        expect_set(f, cases[i][1]);
    }
    AUTO(mem_free) char *absolute = file_join(f->dir, "t*/other");
    strlist_free(&f->locations);
    strlist_add(&f->locations, absolute);
    strlist_add(&f->locations, "two/o*");
    expect_set(f, "V3 c=V3__c.sql|V13 d=V13__d.sql");
    assert_true(location_glob("a*c", "abbc") && location_glob("?", "x"));
    assert_false(location_glob("a*", "a") || location_glob("?", "") || location_glob("a", "ab"));
}

static void unreadable_files_are_passed_over_with_a_warning(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/V2__b.sql", "");
    link_to(f, "sql/V1__gone.sql", "nowhere.sql");
    AUTO(mem_free) char *fifo = file_join(f->dir, "sql/V3__fifo.sql");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    strlist_add(&f->locations, "sql");
    expect_set(f, "V2 b=V2__b.sql");
    expect_warning(f, "V1__gone.sql");
}

static void bad_names_are_listed_and_may_be_fatal(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/V__x.sql", "");
    put(f, "sql/Vabc__y.sql", "");
    put(f, "sql/R1__z.sql", "");
    put(f, "sql/V7_nosep.sql", "");
    put(f, "sql/v8__lower.sql", "");
    put(f, "sql/V9__good.sql", "");
    strlist_add(&f->locations, "sql");
    expect_set(f, "V9 good=V9__good.sql");
    assert_int_equal(f->set.invalid_names.len, 5);
    f->options.validate_naming = true;
    expect_failure(f, ERR_DATA, "5 file names are not valid");
    assert_non_null(strstr(f->err.text, "sql/R1__z.sql: 'R' may be followed by '__'"));
    assert_non_null(strstr(f->err.text, "sql/V__x.sql: a version is missing"));
    assert_non_null(strstr(f->err.text, "sql/V7_nosep.sql: '7_nosep' is no version"));
}

static void duplicates_are_refused_with_their_paths(void **state)
{
    struct fixture *f = *state;
    put(f, "a/V1__x.sql", "");
    put(f, "b/V1.0__y.sql", "");
    put(f, "a/R__v.sql", "");
    put(f, "b/R__v.sql", "");
    put(f, "a/V3__x.sql", "");
    put(f, "a/B3__x.sql", "");
    put(f, "a/beforeMigrate.sql", "");
    put(f, "b/beforeMigrate.sql", "");
    strlist_add(&f->locations, "a");
    strlist_add(&f->locations, "b");
    expect_failure(f, ERR_DATA, "3 duplicates among the migrations");
    assert_non_null(strstr(f->err.text, "a/V1__x.sql' and '"));
    assert_non_null(strstr(f->err.text, "b/R__v.sql'"));
    assert_non_null(strstr(f->err.text, "callback beforeMigrate"));
    assert_null(strstr(f->err.text, "B3__x"));
}

static void callbacks_come_by_event_and_description(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/beforeMigrate__b.sql", "");
    put(f, "sql/beforeMigrate.sql", "");
    put(f, "sql/afterConnect.sql", "");
    put(f, "hooks/beforeMigrate__hook.sql", "");
    put(f, "hooks/V1__not_here.sql", "");
    put(f, "hooks/bad_name.sql", "");
    strlist_add(&f->locations, "sql");
    expect_set(f, "");
    assert_int_equal(f->set.callbacks.len, 3);
    assert_int_equal(f->set.callbacks.ptr[0].event, CALLBACK_afterConnect);
    assert_string_equal(f->set.callbacks.ptr[1].description, "");
    assert_string_equal(f->set.callbacks.ptr[2].description, "b");
    strlist_add(&f->callback_locations, "hooks");
    expect_set(f, "");
    assert_int_equal(f->set.callbacks.len, 1);
    assert_int_equal(f->set.invalid_names.len, 0);
    assert_string_equal(f->set.callbacks.ptr[0].script, "beforeMigrate__hook.sql");
    f->options.skip_default_callbacks = true;
    expect_set(f, "");
    assert_int_equal(f->set.callbacks.len, 0);
}

static void script_configurations_are_read(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/V1__a.sql", "SELECT 'h\xE9';\n");
    put(f, "sql/V1__a.sql.conf", "# note\n encoding = ISO-8859-1\r\nexecuteInTransaction=${off}\n");
    put(f, "sql/R__r.sql", "-- ${Name}\nSELECT 1;\n");
    put(f, "sql/R__r.sql.conf", "!x\n\nplaceholderReplacement: FALSE");
    put(f, "sql/afterMigrate.sql", "");
    put(f, "sql/afterMigrate.sql.conf", "executeInTransaction=true");
    placeholders_set(&f->placeholders, "off", "false");
    strlist_add(&f->locations, "sql");
    expect_set(f, "V1 a=V1__a.sql|R r=R__r.sql");
    const struct migration *v = &f->set.migrations.ptr[0], *r = &f->set.migrations.ptr[1];
    assert_int_equal(v->checksum, 613356599);
    assert_int_equal(v->conf.execute_in_transaction, 0);
    assert_int_equal(v->conf.placeholder_replacement, -1);
    assert_string_equal(v->conf.encoding, "ISO-8859-1");
    assert_int_equal(r->checksum, 2138766881);
    assert_int_equal(r->conf.placeholder_replacement, 0);
    assert_int_equal(f->set.callbacks.ptr[0].conf.execute_in_transaction, 1);
}

static void wrong_script_configurations_are_errors(void **state)
{
    struct fixture *f = *state;
    static const char *const cases[][2] = {
        {"\nencodin=UTF-8", "conf:2: unknown key 'encodin' in a script configuration"},
        {"flyway.executeInTransaction=true", "unknown key 'flyway.executeInTransaction'"},
        {"shouldExecute=true", "shouldExecute is not supported"},
        {"executeInTransaction=yes", "is 'yes'; only true and false"},
        {"just words", "'just words' is no key=value"},
        {"encoding=${gone}", "gone"},
    };
    strlist_add(&f->locations, "sql");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        put(f, "sql/V1__a.sql", "");
        put(f, "sql/V1__a.sql.conf", cases[i][0]);
        assert_false(read_set(f));
        if (!strstr(f->err.text, cases[i][1]))
            fail_msg("'%s' is not in: %s", cases[i][1], f->err.text);
    }
    AUTO(str_free) struct str large = STR_INIT;
    for (int i = 0; i < 70000; i++)
        str_addc(&large, '#');
    put(f, "sql/V1__a.sql.conf", large.ptr);
    expect_failure(f, ERR_CONFIG, "larger than");
}

static void text_that_does_not_decode_stops_everything(void **state)
{
    struct fixture *f = *state;
    put(f, "sql/V1__a.sql", "SELECT '\xE9';");
    put(f, "sql/R__b.sql", "${gone}");
    strlist_add(&f->locations, "sql");
    expect_failure(f, ERR_DATA, "cannot compute the checksum of 'V1__a.sql'");
    f->options.detect_encoding = true;
    expect_failure(f, ERR_DATA, "cannot compute the checksum of 'R__b.sql'");
    f->placeholders.enabled = false;
    expect_set(f, "V1 a=V1__a.sql|R b=R__b.sql");
}

static void text_options_follow_configuration_and_file(void **state)
{
    struct fixture *f = *state;
    struct script_conf conf = SCRIPT_CONF_INIT;
    struct text_options text;
    AUTO(placeholders_free) struct placeholders own = {0};
    f->options.detect_encoding = true;
    files_text_options(&f->options, &conf, "x/y/R__a.sql", &own, &text);
    assert_true(text.detect_encoding && text.placeholders == &own && own.enabled);
    assert_string_equal(placeholders_get(&own, "flyway:filename"), "R__a.sql");
    assert_string_equal(placeholders_get(&own, "OWNER"), "app");
    placeholders_free(&own);
    conf.placeholder_replacement = 0;
    files_text_options(&f->options, &conf, "R__a.sql", &own, &text);
    assert_null(text.placeholders);
    conf.placeholder_replacement = 1;
    f->placeholders.enabled = false;
    f->options.placeholder_separator = "/";
    files_text_options(&f->options, &conf, "R__a.sql", &own, &text);
    assert_string_equal(placeholders_get(text.placeholders, "flyway/filename"), "R__a.sql");
}

static void a_file_that_was_changed_after_its_checksum_is_noticed(void **state)
{
    struct fixture *f = *state;
    put(f, "V1__a.sql", "select 1;\n");
    strlist_add(&f->locations, ".");
    assert_true(read_set(f));
    const struct migration *m = &f->set.migrations.ptr[0];
    assert_int_equal(m->stamp.size, strlen("select 1;\n"));
    assert_true(migration_unchanged(&f->options, m, &f->err));

    struct timespec long_ago[] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_int_equal(utimensat(AT_FDCWD, m->path, long_ago, 0), 0);
    assert_true(migration_unchanged(&f->options, m, &f->err)); /* the same text, written again */

    put(f, "V1__a.sql", "select 2;\n");
    assert_false(migration_unchanged(&f->options, m, &f->err));
    assert_int_equal(f->err.kind, ERR_DATA);
    assert_non_null(strstr(f->err.text, "has changed since this run read it"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_come_sorted_with_scripts_relative_to_their_location),
        TEST(config_map_mounts_are_read_once),
        TEST(loops_of_links_end),
        TEST(overlapping_locations_are_dropped_with_a_warning),
        TEST(missing_locations_warn_or_fail),
        TEST(wildcards_stand_in_any_part),
        TEST(unreadable_files_are_passed_over_with_a_warning),
        TEST(bad_names_are_listed_and_may_be_fatal),
        TEST(duplicates_are_refused_with_their_paths),
        TEST(callbacks_come_by_event_and_description),
        TEST(script_configurations_are_read),
        TEST(wrong_script_configurations_are_errors),
        TEST(text_that_does_not_decode_stops_everything),
        TEST(text_options_follow_configuration_and_file),
        TEST(a_file_that_was_changed_after_its_checksum_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
