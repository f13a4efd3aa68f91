#include "lib/config/vars.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16 }; /* of defaults within defaults */

struct walk {
    struct str *out; /* NULL: check only */
    const struct vars_seen *seen;
    bool any;
    struct str *why;
};

/* The inside of ${…}: NAME, or NAME:-rest, or NAME:?rest. */
struct reference {
    char *name;
    char op; /* '-', '?' or 0 */
    const char *rest;
    size_t rest_len;
};

static bool walk_text(struct walk *w, const char *p, size_t n, int depth);

/* The length up to the } that closes what p is inside of; n when there is none. */
static size_t inside_length(const char *p, size_t n)
{
    size_t open = 1;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '$' && i + 1 < n && p[i + 1] == '{')
            open++;
        else if (p[i] == '}' && !--open)
            return i;
    }
    return n;
}

static bool parse_reference(const char *p, size_t n, struct reference *ret, struct str *why)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    size_t name = 0;
    while (name < n && (strchr(letters, p[name]) || (name && p[name] >= '0' && p[name] <= '9')))
        name++;
    bool op = name + 1 < n && p[name] == ':' && (p[name + 1] == '-' || p[name + 1] == '?');
    if (!name || (name < n && !op)) {
        str_add(why, "a '${' that is not ${NAME}, ${NAME:-default} or ${NAME:?message}; write $$ "
                     "for a dollar sign, or put the text in single quotes");
        return false;
    }
    ret->name = xstrndup(p, name);
    ret->op = op ? p[name + 1] : '\0';
    ret->rest = op ? p + name + 2 : "";
    ret->rest_len = op ? n - name - 2 : 0;
    return true;
}

static bool is_unset(const struct reference *ref, struct str *why)
{
    if (ref->op)
        str_addf(why, "environment variable %s is not set: %.*s", ref->name, (int)ref->rest_len,
                 ref->rest);
    else
        str_addf(why, "environment variable %s is not set; ${%s:-...} would give a default",
                 ref->name, ref->name);
    return false;
}

static bool walk_reference(struct walk *w, const struct reference *ref, int depth)
{
    w->any = true;
    if (w->seen)
        w->seen->seen(w->seen->ctx, ref->name, ref->op == '-');
    if (!w->out)
        return ref->op != '-' || walk_text(w, ref->rest, ref->rest_len, depth + 1);
    const char *value = getenv(ref->name);
    if (value && (*value || !ref->op)) {
        str_add(w->out, value);
        return true;
    }
    if (ref->op == '-')
        return walk_text(w, ref->rest, ref->rest_len, depth + 1);
    return is_unset(ref, w->why);
}

static bool walk_text(struct walk *w, const char *p, size_t n, int depth)
{
    if (depth > DEPTH_MAX) {
        str_add(w->why, "too many '${' inside each other");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        bool dollar = p[i] == '$' && i + 1 < n;
        if (!dollar || (p[i + 1] != '$' && p[i + 1] != '{')) {
            if (w->out)
                str_addc(w->out, p[i]);
        } else if (p[++i] == '$') {
            if (w->out)
                str_addc(w->out, '$');
        } else {
            const char *inside = p + i + 1;
            size_t len = inside_length(inside, n - i - 1);
            if (len == n - i - 1) {
                str_add(w->why, "a '${' without its '}'; write $$ for a dollar sign, or put the "
                                "text in single quotes");
                return false;
            }
            struct reference ref = {NULL, '\0', NULL, 0};
            bool ok = parse_reference(inside, len, &ref, w->why) && walk_reference(w, &ref, depth);
            free(ref.name);
            if (!ok)
                return false;
            i += len + 1;
        }
    }
    return true;
}

bool vars_check(const char *text, const struct vars_seen *seen, bool *ret_any, struct str *why)
{
    struct walk w = {.seen = seen, .why = why};
    bool ok = walk_text(&w, text, strlen(text), 0);
    *ret_any = w.any;
    return ok;
}

bool vars_expand(const char *text, struct str *out, struct str *why)
{
    struct walk w = {.out = out, .why = why};
    return walk_text(&w, text, strlen(text), 0);
}
