#include "migrate/files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/str.h"
#include "migrate/checksum.h"
#include "migrate/locations.h"
#include "migrate/names.h"
#include "migrate/script_conf.h"
#include "migrate/version.h"

static void migration_free(struct migration *m)
{
    free(m->version);
    free(m->raw_version);
    free(m->description);
    free(m->script);
    free(m->path);
    script_conf_free(&m->conf);
}

static void callback_free(struct callback *c)
{
    free(c->description);
    free(c->script);
    free(c->path);
    script_conf_free(&c->conf);
}

void migration_set_free(struct migration_set *set)
{
    for (size_t i = 0; i < set->migrations.len; i++)
        migration_free(&set->migrations.ptr[i]);
    for (size_t i = 0; i < set->callbacks.len; i++)
        callback_free(&set->callbacks.ptr[i]);
    vec_free(&set->migrations);
    vec_free(&set->callbacks);
    strlist_free(&set->warnings);
    strlist_free(&set->invalid_names);
}

const char *migration_type(const struct migration *migration)
{
    return migration->kind == MIGRATION_BASELINE ? "SQL_BASELINE" : "SQL";
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void files_text_options(const struct files_options *options, const struct script_conf *conf,
                        const char *path, struct placeholders *own, struct text_options *ret)
{
    *ret = (struct text_options){
        .encoding = conf->encoding ? conf->encoding : options->encoding,
        .detect_encoding = options->detect_encoding && !conf->encoding,
    };
    bool enabled = conf->placeholder_replacement < 0
                       ? options->placeholders && options->placeholders->enabled
                       : conf->placeholder_replacement;
    if (!enabled || !options->placeholders)
        return;
    const char *separator = options->placeholder_separator ? options->placeholder_separator : ":";
    AUTO(mem_free) char *name = xasprintf("flyway%sfilename", separator);
    own->base = options->placeholders;
    own->enabled = true;
    placeholders_set(own, name, base_name(path));
    ret->placeholders = own;
}

static bool read_conf(const struct files_options *options, const struct found_file *file,
                      struct script_conf *ret, struct error *err)
{
    struct script_conf none = SCRIPT_CONF_INIT;
    *ret = none;
    if (!file->has_conf)
        return true;
    AUTO(mem_free) char *path = xasprintf("%s.conf", file->path);
    AUTO(placeholders_free) struct placeholders own = {0};
    struct text_options text;
    files_text_options(options, &none, file->path, &own, &text);
    return script_conf_read(path, &text, ret, err);
}

static bool add_migration(const struct files_options *options, const struct found_file *file,
                          struct file_name *name, struct migration_set *set, struct error *err)
{
    struct script_conf conf;
    if (!read_conf(options, file, &conf, err))
        return false;
    *vec_add(&set->migrations) = (struct migration){
        .kind = name->kind == NAME_VERSIONED  ? MIGRATION_VERSIONED
                : name->kind == NAME_BASELINE ? MIGRATION_BASELINE
                                              : MIGRATION_REPEATABLE,
        .version = TAKE(name->version),
        .raw_version = TAKE(name->raw_version),
        .description = name_cut_description(name->description),
        .script = name_cut_script(file->script),
        .path = xstrdup(file->path),
        .conf = conf,
    };
    return true;
}

static bool add_callback(const struct files_options *options, const struct found_file *file,
                         struct file_name *name, struct migration_set *set, struct error *err)
{
    struct script_conf conf;
    if (!read_conf(options, file, &conf, err))
        return false;
    *vec_add(&set->callbacks) = (struct callback){
        .event = name->event,
        .description = TAKE(name->description),
        .script = xstrdup(file->script),
        .path = xstrdup(file->path),
        .conf = conf,
    };
    return true;
}

/* What a location may contribute. */
struct role {
    bool migrations, callbacks;
};

static bool add_files(const struct files_options *options, const struct strlist *locations,
                      struct role role, struct migration_set *set, struct error *err)
{
    AUTO(found_files_free) struct found_files found = {VEC_INIT};
    if (!locations_scan(locations, options->base_dir, options->fail_on_missing_locations,
                        options->suffixes, &found, &set->warnings, err))
        return false;
    for (size_t i = 0; i < found.list.len; i++) {
        const struct found_file *file = &found.list.ptr[i];
        AUTO(file_name_free) struct file_name name = file_name_parse(file->name, options);
        if (name.kind == NAME_INVALID && role.migrations)
            *vec_add(&set->invalid_names) = xasprintf("%s: %s", file->path, name.reason);
        if (name.kind == NAME_CALLBACK && role.callbacks &&
            !add_callback(options, file, &name, set, err))
            return false;
        if ((name.kind == NAME_VERSIONED || name.kind == NAME_BASELINE ||
             name.kind == NAME_REPEATABLE) &&
            role.migrations && !add_migration(options, file, &name, set, err))
            return false;
    }
    return true;
}

/* Versioned before repeatable; by version (V before B) or description; then by path. */
static int by_version(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    bool repeatable = x->kind == MIGRATION_REPEATABLE;
    if (repeatable != (y->kind == MIGRATION_REPEATABLE))
        return repeatable ? 1 : -1;
    int order = repeatable ? name_compare(x->description, y->description)
                           : version_compare(x->version, y->version);
    if (!order)
        order = (int)x->kind - (int)y->kind;
    return order ? order : strcmp(x->path, y->path);
}

static int by_event(const void *a, const void *b)
{
    const struct callback *x = a, *y = b;
    if (x->event != y->event)
        return x->event < y->event ? -1 : 1;
    int order = name_compare(x->description, y->description);
    return order ? order : strcmp(x->path, y->path);
}

static bool same_migration(const struct migration *x, const struct migration *y)
{
    return x->kind == y->kind &&
           (x->kind == MIGRATION_REPEATABLE ? str_equal(x->description, y->description)
                                            : version_compare(x->version, y->version) == 0);
}

/* "migrations of version 1", "repeatable migrations 'x'": what must be there only once. */
static char *describe(const struct migration *m)
{
    if (m->kind == MIGRATION_REPEATABLE)
        return xasprintf("repeatable migration '%s'", m->description);
    return xasprintf("%s version %s",
                     m->kind == MIGRATION_BASELINE ? "baseline migration" : "migration",
                     m->version);
}

static size_t note_duplicate_migrations(const struct migration_set *set, struct str *list)
{
    size_t count = 0;
    for (size_t i = 1; i < set->migrations.len; i++) {
        const struct migration *here = &set->migrations.ptr[i];
        if (!same_migration(&here[-1], here))
            continue;
        AUTO(mem_free) char *what = describe(here);
        str_addf(list, "\n  %s: '%s' and '%s'", what, here[-1].path, here->path);
        count++;
    }
    return count;
}

static size_t note_duplicate_callbacks(const struct migration_set *set, struct str *list)
{
    size_t count = 0;
    for (size_t i = 1; i < set->callbacks.len; i++) {
        const struct callback *here = &set->callbacks.ptr[i];
        if (here[-1].event != here->event || !str_equal(here[-1].description, here->description))
            continue;
        str_addf(list, "\n  callback %s: '%s' and '%s'", callback_event_name(here->event),
                 here[-1].path, here->path);
        count++;
    }
    return count;
}

static bool check_duplicates(const struct migration_set *set, struct error *err)
{
    AUTO(str_free) struct str list = STR_INIT;
    size_t count = note_duplicate_migrations(set, &list);
    count += note_duplicate_callbacks(set, &list);
    if (!count)
        return true;
    error_set(err, ERR_DATA, "%zu duplicate%s among the migrations:%s", count,
              count == 1 ? "" : "s", list.ptr);
    return error_hint(err, "rename or remove one of each pair; a file that has run already keeps "
                           "its name");
}

static bool check_names(const struct migration_set *set, struct error *err)
{
    AUTO(str_free) struct str list = STR_INIT;
    for (size_t i = 0; i < set->invalid_names.len; i++)
        str_addf(&list, "\n  %s", set->invalid_names.ptr[i]);
    if (!set->invalid_names.len)
        return true;
    error_set(err, ERR_DATA, "%zu file name%s not valid:%s", set->invalid_names.len,
              set->invalid_names.len == 1 ? " is" : "s are", list.ptr);
    return error_hint(err, "names look like V1__description.sql, R__description.sql or "
                           "beforeMigrate__description.sql");
}

static bool raw_checksum(const struct files_options *options, const struct migration *m,
                         int32_t *ret, struct text_stamp *ret_stamp, struct error *err)
{
    struct text_options raw = {
        .encoding = m->conf.encoding ? m->conf.encoding : options->encoding,
        .detect_encoding = options->detect_encoding && !m->conf.encoding,
    };
    AUTO(text_close) struct text *text = text_open(m->path, &raw, err);
    if (!text)
        return false;
    *ret_stamp = text_stamp(text);
    return checksum_text(text, ret, err);
}

/* A repeatable migration has two sums: over the replaced text, and over the text as it is. */
static bool compute_checksum(const struct files_options *options, struct migration *m,
                             struct error *err)
{
    if (!raw_checksum(options, m, &m->raw_checksum, &m->stamp, err))
        return false;
    m->checksum = m->raw_checksum;
    if (m->kind != MIGRATION_REPEATABLE)
        return true;
    AUTO(placeholders_free) struct placeholders own = {0};
    struct text_options text;
    files_text_options(options, &m->conf, m->path, &own, &text);
    return !text.placeholders || checksum_file(m->path, &text, &m->checksum, err);
}

bool migration_unchanged(const struct files_options *options, const struct migration *m,
                         struct error *err)
{
    struct stat st;
    struct text_stamp stamp;
    int32_t now;
    if (stat(m->path, &st) == 0 && st.st_size == m->stamp.size &&
        st.st_mtim.tv_sec == m->stamp.modified.tv_sec &&
        st.st_mtim.tv_nsec == m->stamp.modified.tv_nsec)
        return true;
    if (!raw_checksum(options, m, &now, &stamp, err))
        return false;
    return now == m->raw_checksum ||
           error_set(err, ERR_DATA, "'%s' has changed since this run read it first", m->path);
}

/* What may not be read is passed over with a warning, as Flyway does without one. */
static bool compute_checksums(const struct files_options *options, struct migration_set *set,
                              struct error *err)
{
    size_t kept = 0;
    bool ok = true;
    for (size_t i = 0; i < set->migrations.len; i++) {
        struct migration m = set->migrations.ptr[i];
        AUTO(error_free) struct error why = ERROR_INIT;
        bool readable = !ok || compute_checksum(options, &m, &why);
        if (!readable && access(m.path, R_OK) != 0) {
            *vec_add(&set->warnings) = xasprintf("%s; passed over", why.text);
            migration_free(&m);
            continue;
        }
        if (!readable) {
            ok = error_set(err, why.kind, "cannot compute the checksum of '%s': %s", m.script,
                           why.text);
            if (why.hint)
                error_hint(err, "%s", why.hint);
        }
        set->migrations.ptr[kept++] = m;
    }
    set->migrations.len = kept;
    return ok;
}

static bool read_all(const struct files_options *options, struct migration_set *set,
                     struct error *err)
{
    bool own_folders = options->callback_locations && options->callback_locations->len;
    struct role both = {true, !own_folders && !options->skip_default_callbacks};
    if (!add_files(options, options->locations, both, set, err))
        return false;
    if (own_folders && !options->skip_default_callbacks &&
        !add_files(options, options->callback_locations, (struct role){false, true}, set, err))
        return false;
    if (set->migrations.len)
        qsort(set->migrations.ptr, set->migrations.len, sizeof set->migrations.ptr[0], by_version);
    if (set->callbacks.len)
        qsort(set->callbacks.ptr, set->callbacks.len, sizeof set->callbacks.ptr[0], by_event);
    return (!options->validate_naming || check_names(set, err)) && check_duplicates(set, err) &&
           compute_checksums(options, set, err);
}

bool files_read(const struct files_options *options, struct migration_set *ret, struct error *err)
{
    AUTO(migration_set_free) struct migration_set set = {0};
    if (!read_all(options, &set, err))
        return false;
    *ret = set;
    set = (struct migration_set){0};
    return true;
}
