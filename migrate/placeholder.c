#include "migrate/placeholder.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A name is looked for no further than this, so that memory stays bounded. */
enum { NAME_MAX_BYTES = 4096 };

static const char *prefix_of(const struct placeholders *p)
{
    for (; p; p = p->base)
        if (p->prefix)
            return p->prefix;
    return "${";
}

static const char *suffix_of(const struct placeholders *p)
{
    for (; p; p = p->base)
        if (p->suffix)
            return p->suffix;
    return "}";
}

static struct placeholder *find_own(const struct placeholders *p, const char *name, size_t len)
{
    for (size_t i = 0; i < p->list.len; i++) {
        struct placeholder *have = &p->list.ptr[i];
        if (strncasecmp(have->name, name, len) == 0 && strlen(have->name) == len)
            return have;
    }
    return NULL;
}

static const struct placeholder *find(const struct placeholders *p, const char *name, size_t len)
{
    const struct placeholder *have = NULL;
    for (; p && !have; p = p->base)
        have = find_own(p, name, len);
    return have;
}

void placeholders_set(struct placeholders *p, const char *name, const char *value)
{
    struct placeholder *have = find_own(p, name, strlen(name));
    if (!have) {
        have = vec_add(&p->list);
        have->name = xstrdup(name);
    }
    free(have->value);
    have->value = xstrdup(value ? value : "");
}

const char *placeholders_get(const struct placeholders *p, const char *name)
{
    const struct placeholder *have = find(p, name, strlen(name));
    return have ? have->value : NULL;
}

void placeholders_free(struct placeholders *p)
{
    for (size_t i = 0; i < p->list.len; i++) {
        free(p->list.ptr[i].name);
        free(p->list.ptr[i].value);
    }
    vec_free(&p->list);
    free(p->prefix);
    free(p->suffix);
    p->prefix = p->suffix = NULL;
    p->base = NULL;
}

/* Where prefix, or as much of it as is there, begins. */
static size_t find_prefix(const char *bytes, size_t n, const char *prefix, size_t len)
{
    for (size_t at = 0; at < n;) {
        const char *hit = memchr(bytes + at, prefix[0], n - at);
        if (!hit)
            break;
        at = (size_t)(hit - bytes);
        if (memcmp(hit, prefix, len < n - at ? len : n - at) == 0)
            return at;
        at++;
    }
    return n;
}

enum placeholder_scan placeholder_scan(const struct placeholders *p, const char *bytes, size_t n,
                                       bool last, struct placeholder_match *ret)
{
    *ret = (struct placeholder_match){.at = n};
    size_t prefix = p ? strlen(prefix_of(p)) : 0, suffix = p ? strlen(suffix_of(p)) : 0;
    if (!p || !p->enabled || !prefix || !suffix)
        return PLACEHOLDER_NONE;
    size_t at = find_prefix(bytes, n, prefix_of(p), prefix);
    if (n - at < prefix && last)
        return PLACEHOLDER_NONE;
    ret->at = at;
    if (n - at < prefix)
        return at == n ? PLACEHOLDER_NONE : PLACEHOLDER_MORE;

    size_t room = n - at - prefix;
    ret->name = bytes + at + prefix;
    const char *end =
        memmem(ret->name, room < NAME_MAX_BYTES ? room : NAME_MAX_BYTES, suffix_of(p), suffix);
    if (!end)
        return last || room >= NAME_MAX_BYTES ? PLACEHOLDER_WRONG : PLACEHOLDER_MORE;
    ret->name_len = (size_t)(end - ret->name);
    ret->len = prefix + ret->name_len + suffix;
    const struct placeholder *have = find(p, ret->name, ret->name_len);
    ret->value = have ? have->value : NULL;
    return have ? PLACEHOLDER_FOUND : PLACEHOLDER_WRONG;
}

static bool hint_for(const struct placeholders *p, const char *name, struct error *err)
{
    VEC(const char *) names = VEC_INIT;
    for (const struct placeholders *layer = p; layer; layer = layer->base)
        for (size_t i = 0; i < layer->list.len; i++)
            *vec_add(&names) = layer->list.ptr[i].name;
    *vec_add(&names) = NULL;
    const char *near = str_closest(name, names.ptr);
    vec_free(&names);
    if (near)
        return error_hint(err, "did you mean %s%s%s?", prefix_of(p), near, suffix_of(p));
    return error_hint(err, "give it a value under `placeholders`, or switch replacement off with "
                           "`placeholder_replacement: false` (for one file: "
                           "placeholderReplacement=false in its .sql.conf)");
}

bool placeholder_error(const struct placeholders *p, const struct placeholder_match *match,
                       const char *where, struct error *err)
{
    if (!match->len) {
        error_set(err, ERR_DATA, "%s: the placeholder that begins here with '%s' has no '%s'",
                  where, prefix_of(p), suffix_of(p));
        return hint_for(p, "", err);
    }
    AUTO(mem_free) char *name = xstrndup(match->name, match->name_len);
    error_set(err, ERR_DATA, "%s: no value for placeholder %s%s%s", where, prefix_of(p), name,
              suffix_of(p));
    return hint_for(p, name, err);
}

static void add_position(struct str *where, const char *what, const char *in, size_t at)
{
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < at; i++) {
        if (in[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)in[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    str_addf(where, "%s:%u:%u", what, line, column);
}

bool placeholders_replace(const struct placeholders *p, const char *in, const char *what,
                          struct str *ret, struct error *err)
{
    AUTO(str_free) struct str out = STR_INIT;
    size_t n = strlen(in), at = 0;
    while (at < n) {
        struct placeholder_match match;
        enum placeholder_scan scan = placeholder_scan(p, in + at, n - at, true, &match);
        str_addn(&out, in + at, match.at);
        at += match.at;
        if (scan == PLACEHOLDER_WRONG) {
            AUTO(str_free) struct str where = STR_INIT;
            add_position(&where, what, in, at);
            return placeholder_error(p, &match, where.ptr, err);
        }
        if (scan == PLACEHOLDER_FOUND)
            str_add(&out, match.value);
        at += match.len;
    }
    str_clear(ret);
    str_addn(ret, out.ptr, out.len);
    return true;
}
