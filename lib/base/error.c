#include "lib/base/error.h"

#include <stdlib.h>

struct kind_info {
    int exit_code;
    const char *name;
    bool retriable;
    const char *meaning;
};

static const struct kind_info kinds[] = {[ERR_NONE] = {0, "none", false, "done, or nothing to do"},
#define X(kind, exit, name, retriable, text) [kind] = {exit, name, retriable, text},
                                         ERROR_KINDS(X)
#undef X
};

bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
    if (err->kind != ERR_NONE)
        return false;
    va_list ap;
    va_start(ap, fmt);
    err->kind = kind;
    err->text = xvasprintf(fmt, ap);
    va_end(ap);
    return false;
}

bool error_wrap(struct error *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    AUTO(mem_free) char *context = xvasprintf(fmt, ap);
    va_end(ap);
    char *text = xasprintf("%s: %s", context, err->text ? err->text : "no reason given");
    free(err->text);
    err->text = text;
    if (err->kind == ERR_NONE)
        err->kind = ERR_INTERNAL;
    return false;
}

bool error_hint(struct error *err, const char *fmt, ...)
{
    if (err->hint)
        return false;
    va_list ap;
    va_start(ap, fmt);
    err->hint = xvasprintf(fmt, ap);
    va_end(ap);
    return false;
}

bool error_note(struct error *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    AUTO(mem_free) char *note = xvasprintf(fmt, ap);
    va_end(ap);
    char *text = xasprintf("%s\n%s", err->text ? err->text : "", note);
    free(err->text);
    err->text = text;
    return false;
}

bool error_ok(const struct error *err)
{
    return err->kind == ERR_NONE;
}

void error_free(struct error *err)
{
    free(err->text);
    free(err->hint);
    *err = (struct error)ERROR_INIT;
}

int error_exit_code(enum error_kind kind)
{
    return kinds[kind].exit_code;
}

const char *error_name(enum error_kind kind)
{
    return kinds[kind].name;
}

bool error_retriable(enum error_kind kind)
{
    return kinds[kind].retriable;
}

const char *error_meaning(enum error_kind kind)
{
    return kinds[kind].meaning;
}
