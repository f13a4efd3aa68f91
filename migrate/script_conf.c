#include "migrate/script_conf.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"

enum { CONF_LIMIT = 64 * 1024 };

void script_conf_free(struct script_conf *conf)
{
    free(TAKE(conf->encoding));
}

/* Where a setting stands, for messages. */
struct place {
    const char *path;
    unsigned line;
};

static const char *const keys[] = {"executeInTransaction", "encoding", "placeholderReplacement",
                                   NULL};

static char *trimmed(const char *text, size_t n)
{
    while (n && strchr(" \t\f", *text)) {
        text++;
        n--;
    }
    while (n && strchr(" \t\f", text[n - 1]))
        n--;
    return xstrndup(text, n);
}

static bool parse_bool(const struct place *at, const char *key, const char *value, int *ret,
                       struct error *err)
{
    if (!str_equal_nocase(value, "true") && !str_equal_nocase(value, "false"))
        return error_set(err, ERR_CONFIG, "%s:%u: %s is '%s'; only true and false are allowed",
                         at->path, at->line, key, value);
    *ret = str_equal_nocase(value, "true");
    return true;
}

static bool set_key(const struct place *at, const char *key, const char *value,
                    struct script_conf *ret, struct error *err)
{
    if (str_equal(key, "executeInTransaction"))
        return parse_bool(at, key, value, &ret->execute_in_transaction, err);
    if (str_equal(key, "placeholderReplacement"))
        return parse_bool(at, key, value, &ret->placeholder_replacement, err);
    if (str_equal(key, "encoding")) {
        free(ret->encoding);
        ret->encoding = xstrdup(value);
        return true;
    }
    if (str_equal(key, "shouldExecute")) {
        error_set(err, ERR_CONFIG, "%s:%u: shouldExecute is not supported", at->path, at->line);
        return error_hint(err, "remove the key; a file that must not run may lie in a folder that "
                               "is no location of this target");
    }
    error_set(err, ERR_CONFIG, "%s:%u: unknown key '%s' in a script configuration", at->path,
              at->line, key);
    const char *closest = str_closest(key, keys);
    if (closest)
        return error_hint(err, "did you mean '%s'?", closest);
    return error_hint(err, "allowed are executeInTransaction, encoding and placeholderReplacement");
}

bool script_conf_parse(const char *text, const char *path, struct script_conf *ret,
                       struct error *err)
{
    AUTO(script_conf_free) struct script_conf conf = SCRIPT_CONF_INIT;
    struct place at = {path, 0};
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, "\r\n");
        at.line++;
        AUTO(mem_free) char *line = trimmed(p, len);
        p += len;
        p += str_starts(p, "\r\n") ? 2 : *p != '\0';
        if (!*line || *line == '#' || *line == '!')
            continue;
        size_t key_len = strcspn(line, "=:");
        if (!line[key_len])
            return error_set(err, ERR_CONFIG, "%s:%u: '%s' is no key=value", path, at.line, line);
        AUTO(mem_free) char *key = trimmed(line, key_len);
        AUTO(mem_free) char *value = trimmed(line + key_len + 1, strlen(line + key_len + 1));
        if (!set_key(&at, key, value, &conf, err))
            return false;
    }
    *ret = conf;
    conf.encoding = NULL;
    return true;
}

bool script_conf_read(const char *path, const struct text_options *options, struct script_conf *ret,
                      struct error *err)
{
    AUTO(text_close) struct text *text = text_open(path, options, err);
    if (!text)
        return false;
    AUTO(str_free) struct str all = STR_INIT;
    char piece[4096];
    ssize_t n;
    while ((n = text_read(text, piece, sizeof piece, err)) > 0) {
        str_addn(&all, piece, (size_t)n);
        if (all.len > CONF_LIMIT)
            return error_set(err, ERR_CONFIG, "%s: larger than %d bytes", path, CONF_LIMIT);
    }
    return n == 0 && script_conf_parse(all.ptr, path, ret, err);
}
