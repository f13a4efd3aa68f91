#include "migrate/new.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/str.h"
#include "migrate/names.h"
#include "migrate/version.h"

enum {
    STAMP_LENGTH = sizeof "20240607080910" - 1,
    NAME_LIMIT = 255, /* of a file's name, in bytes */
};

/* The highest version as it stands in its file's name, or NULL. */
static const char *highest_version(const struct migration_set *set)
{
    const struct migration *highest = NULL;
    for (size_t i = 0; i < set->migrations.len; i++) {
        const struct migration *m = &set->migrations.ptr[i];
        if (m->version && (!highest || version_compare(m->version, highest->version) > 0))
            highest = m;
    }
    if (!highest)
        return NULL;
    return highest->raw_version ? highest->raw_version : highest->version;
}

/* Adds one to the digits at the end, which keep their width unless they overflow it. */
static char *increment(const char *version)
{
    size_t first = strlen(version);
    while (first && isdigit((unsigned char)version[first - 1]))
        first--;
    AUTO(str_free) struct str next = STR_INIT;
    str_add(&next, version);
    for (size_t i = next.len; i > first; i--) {
        if (next.ptr[i - 1] != '9') {
            next.ptr[i - 1]++;
            return str_take(&next);
        }
        next.ptr[i - 1] = '0';
    }
    return xasprintf("%.*s1%s", (int)first, version, next.ptr + first);
}

/* The first digits of the time: 14 are seconds, 12 minutes, 8 days. */
static char *stamp(time_t now, size_t digits)
{
    struct tm tm;
    gmtime_r(&now, &tm);
    char text[STAMP_LENGTH + 1];
    if (strftime(text, sizeof text, "%Y%m%d%H%M%S", &tm) != STAMP_LENGTH)
        return xstrdup("");
    return xstrndup(text, digits);
}

/* How many digits of a time a version has: it must read as a day of 1970 to 2199. */
static size_t stamp_digits(const char *version)
{
    size_t len = strspn(version, "0123456789");
    if (version[len] || (len != 8 && len != 12 && len != STAMP_LENGTH))
        return 0;
    int month = (version[4] - '0') * 10 + version[5] - '0';
    int day = (version[6] - '0') * 10 + version[7] - '0';
    bool year = strncmp(version, "1970", 4) >= 0 && strncmp(version, "2199", 4) <= 0;
    return year && month >= 1 && month <= 12 && day >= 1 && day <= 31 ? len : 0;
}

char *new_version(const struct migration_set *set, enum new_kind kind, time_t now)
{
    const char *highest = highest_version(set);
    size_t digits = kind == NEW_TIMESTAMP ? STAMP_LENGTH : highest ? stamp_digits(highest) : 0;
    if (digits) {
        AUTO(mem_free) char *text = stamp(now, digits);
        if (*text && version_compare(text, highest) > 0)
            return TAKE(text);
    }
    return highest ? increment(highest) : xstrdup("1");
}

static bool is_kept(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* The description as it stands in a name: runs of other characters become one '_'. */
static char *name_part(const char *description, const char *suffix)
{
    size_t len = strlen(description), tail = strlen(suffix);
    if (len > tail && strcasecmp(description + len - tail, suffix) == 0)
        len -= tail;
    AUTO(str_free) struct str out = STR_INIT;
    bool gap = false;
    for (size_t i = 0; i < len; i++) {
        if (is_kept(description[i])) {
            if (gap && out.len)
                str_addc(&out, '_');
            str_addc(&out, description[i]);
        }
        gap = !is_kept(description[i]);
    }
    return str_take(&out);
}

static bool has_letter(const char *text)
{
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80)
            return true;
    return false;
}

static void to_blanks(char *text)
{
    for (; *text; text++)
        if (*text == '_')
            *text = ' ';
}

static bool check_part(const struct migration_set *set, const struct new_options *options,
                       const char *part, struct error *err)
{
    if (!has_letter(part) || !str_is_utf8(part, strlen(part))) {
        error_set(err, ERR_USAGE, "'%s' cannot be a description", options->description);
        return error_hint(err, "say in a few words what the migration does, as 'add users'");
    }
    AUTO(mem_free) char *description = xstrdup(part);
    to_blanks(description);
    AUTO(mem_free) char *cut = name_cut_description(description);
    if (!str_equal(cut, description))
        return error_set(err, ERR_USAGE,
                         "the description is longer than the 200 characters that "
                         "the schema history keeps");
    for (size_t i = 0; i < set->migrations.len && options->kind == NEW_REPEATABLE; i++) {
        const struct migration *m = &set->migrations.ptr[i];
        if (m->kind == MIGRATION_REPEATABLE && str_equal(m->description, description))
            return error_set(err, ERR_USAGE, "repeatable migration '%s' is there already: %s",
                             description, m->path);
    }
    return true;
}

char *new_name(const struct migration_set *set, const struct new_options *options,
               struct error *err)
{
    AUTO(mem_free) char *part = name_part(options->description, options->suffix);
    if (!check_part(set, options, part, err))
        return NULL;
    AUTO(mem_free)
    char *version = options->kind == NEW_REPEATABLE ? xstrdup("")
                                                    : new_version(set, options->kind, options->now);
    AUTO(mem_free)
    char *name = xasprintf("%s%s%s%s%s", options->prefix, version, options->separator, part,
                           options->suffix);
    if (strlen(version) > VERSION_MAX_LENGTH) {
        error_set(err, ERR_DATA, "the next version, %s, has more than %d characters", version,
                  VERSION_MAX_LENGTH);
        return NULL;
    }
    if (strlen(name) > NAME_LIMIT) {
        error_set(err, ERR_USAGE, "the name '%s' is longer than %d bytes", name, NAME_LIMIT);
        return NULL;
    }
    return TAKE(name);
}

static bool write_new(const char *path, const char *text, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST)
        return error_set(err, ERR_USAGE, "'%s' is there already", path);
    if (fd < 0)
        return file_error(err, "create", path, errno);
    ssize_t written = write(fd, text, strlen(text));
    int number = written < 0 ? errno : ENOSPC;
    if (close(fd) != 0 || written != (ssize_t)strlen(text)) {
        unlink(path);
        return file_error(err, "write", path, number);
    }
    return true;
}

bool new_migration(const struct migration_set *set, const struct new_options *options,
                   char **ret_path, struct error *err)
{
    AUTO(mem_free) char *name = new_name(set, options, err);
    if (!name)
        return false;
    if (strpbrk(options->dir, "*?")) {
        error_set(err, ERR_USAGE, "location '%s' is a pattern, no folder to put a file in",
                  options->dir);
        return error_hint(err, "name a folder as the first location");
    }
    if (!file_make_directory(options->dir, 0755, err))
        return false;
    AUTO(mem_free) char *path = file_join(options->dir, name);
    AUTO(mem_free) char *words = name_part(options->description, options->suffix);
    to_blanks(words);
    AUTO(mem_free)
    char *text = xasprintf(
        "-- %s%s\n\n", words,
        options->kind == NEW_REPEATABLE ? "\n-- Runs again whenever this file changes." : "");
    if (!write_new(path, text, err))
        return false;
    *ret_path = TAKE(path);
    return true;
}
