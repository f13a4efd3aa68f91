#include "migrate/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/str.h"
#include "migrate/version.h"

/* Events of Flyway that have no counterpart here (paid, or for scripts only); their files are no
 * mistake. */
static const char *const foreign_events[] = {
    "beforeConnect",
    "beforeUndo",
    "afterUndo",
    "afterUndoError",
    "beforeEachUndo",
    "afterEachUndo",
    "afterEachUndoError",
    "beforeEachUndoStatement",
    "afterEachUndoStatement",
    "afterEachUndoStatementError",
    "beforeDeploy",
    "afterDeploy",
    "afterDeployError",
};

static const char *const event_names[] = {
#define X(event) #event,
    CALLBACK_EVENTS(X)
#undef X
};

const char *callback_event_name(enum callback_event event)
{
    return event_names[event];
}

void file_name_free(struct file_name *name)
{
    free(name->version);
    free(name->raw_version);
    free(name->description);
    free(name->reason);
    *name = (struct file_name){.kind = NAME_OTHER};
}

/* The suffix that name ends in, or NULL. */
static const char *find_suffix(const char *name, const struct strlist *suffixes)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < suffixes->len; i++) {
        size_t n = strlen(suffixes->ptr[i]);
        if (len >= n && strcasecmp(name + len - n, suffixes->ptr[i]) == 0)
            return name + len - n;
    }
    return NULL;
}

bool file_name_has_suffix(const char *name, const struct strlist *suffixes)
{
    return find_suffix(name, suffixes) != NULL;
}

struct prefix {
    const char *text;
    size_t len;
    enum name_kind kind;
    enum callback_event event;
};

/* The longest matching prefix wins; among equal ones the first that is offered. */
static void offer(struct prefix *best, const char *name, const char *text, enum name_kind kind,
                  enum callback_event event)
{
    size_t len = strlen(text);
    if ((!best->text || len > best->len) && strncmp(name, text, len) == 0)
        *best = (struct prefix){text, len, kind, event};
}

static struct prefix find_prefix(const char *name, const struct files_options *options)
{
    struct prefix best = {.text = NULL};
    offer(&best, name, options->sql_prefix, NAME_VERSIONED, 0);
    offer(&best, name, options->repeatable_prefix, NAME_REPEATABLE, 0);
    offer(&best, name, options->baseline_prefix, NAME_BASELINE, 0);
    offer(&best, name, "U", NAME_UNDO, 0);
    if (*name != 'a' && *name != 'b' && *name != 'c')
        return best;
    for (size_t i = 0; i < CALLBACK_COUNT; i++)
        offer(&best, name, event_names[i], NAME_CALLBACK, (enum callback_event)i);
    for (size_t i = 0; i < ARRAY_LEN(foreign_events); i++)
        offer(&best, name, foreign_events[i], NAME_UNDO, 0);
    return best;
}

static void invalid(struct file_name *ret, char *reason)
{
    file_name_free(ret);
    ret->kind = NAME_INVALID;
    ret->reason = reason;
}

static void check_version(struct file_name *ret, const struct prefix *prefix,
                          const struct files_options *options)
{
    if (!*ret->raw_version)
        invalid(ret, xasprintf("a version is missing between '%s' and '%s'", prefix->text,
                               options->separator));
    else if (!version_valid(ret->raw_version))
        invalid(ret, xasprintf("'%s' is no version: only digits, with '.' or '_' between them",
                               ret->raw_version));
    else if (strlen(ret->raw_version) > VERSION_MAX_LENGTH)
        invalid(ret, xasprintf("the version has more than %d characters", VERSION_MAX_LENGTH));
    else
        ret->version = version_display(ret->raw_version);
}

static void parse_rest(struct file_name *ret, const char *rest, const struct prefix *prefix,
                       const struct files_options *options)
{
    const char *separator = strstr(rest, options->separator);
    size_t version_len = separator ? (size_t)(separator - rest) : strlen(rest);
    ret->raw_version = xstrndup(rest, version_len);
    ret->description = xstrdup(separator ? separator + strlen(options->separator) : "");
    for (char *p = ret->description; *p; p++)
        if (*p == '_')
            *p = ' ';
    if (prefix->kind == NAME_VERSIONED || prefix->kind == NAME_BASELINE ||
        (prefix->kind == NAME_UNDO && prefix->len == 1)) {
        check_version(ret, prefix, options);
    } else if (version_len) {
        invalid(ret, xasprintf("'%s' may be followed by '%s' and a description, not by '%s'",
                               prefix->text, options->separator, ret->raw_version));
    } else {
        free(TAKE(ret->raw_version));
    }
}

struct file_name file_name_parse(const char *name, const struct files_options *options)
{
    struct file_name ret = {.kind = NAME_OTHER};
    const char *suffix = find_suffix(name, options->suffixes);
    if (!suffix || *name == '.')
        return ret;
    struct prefix prefix = find_prefix(name, options);
    if (!prefix.text) {
        invalid(&ret, xasprintf("begins with none of '%s', '%s', '%s' and is no callback",
                                options->sql_prefix, options->repeatable_prefix,
                                options->baseline_prefix));
        return ret;
    }
    if (!str_is_utf8(name, strlen(name))) {
        invalid(&ret, xstrdup("is not UTF-8"));
        return ret;
    }
    ret.kind = prefix.kind;
    ret.event = prefix.event;
    AUTO(mem_free) char *stem = xstrndup(name, (size_t)(suffix - name));
    parse_rest(&ret, strlen(stem) < prefix.len ? "" : stem + prefix.len, &prefix, options);
    return ret;
}

/* Byte offset of the UTF-16 unit with number `units`; inside a pair: before it. */
static size_t unit_offset(const char *s, size_t units)
{
    size_t at = 0;
    for (size_t seen = 0; s[at];) {
        seen += (unsigned char)s[at] >= 0xF0 ? 2 : 1;
        if (seen > units)
            break;
        at++;
        while (((unsigned char)s[at] & 0xC0) == 0x80)
            at++;
    }
    return at;
}

char *name_cut_description(const char *description)
{
    if (!description[unit_offset(description, 200)])
        return xstrdup(description);
    return xasprintf("%.*s...", (int)unit_offset(description, 197), description);
}

char *name_cut_script(const char *script)
{
    size_t limit = unit_offset(script, 1000);
    if (!script[limit])
        return xstrdup(script);
    size_t from = unit_offset(script, 3);
    return xasprintf("...%.*s", (int)(limit - from), script + from);
}

/* UTF-8 sorts by code point. UTF-16 differs in one thing: characters beyond U+FFFF (lead bytes from
 * 0xF0) are surrogates and stand before U+E000 … U+FFFF (lead bytes 0xEE and 0xEF). */
int name_compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    unsigned char x = (unsigned char)*a, y = (unsigned char)*b;
    if (x >= 0xF0 && (y == 0xEE || y == 0xEF))
        return -1;
    if (y >= 0xF0 && (x == 0xEE || x == 0xEF))
        return 1;
    return x - y;
}
