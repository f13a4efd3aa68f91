#include "migrate/target.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"
#include "migrate/version.h"

void target_free(struct target *target)
{
    free(TAKE(target->version));
}

bool target_parse(const char *text, const char *current, struct target *ret, struct error *err)
{
    *ret = (struct target){.kind = TARGET_LATEST};
    if (!text || !*text || str_equal_nocase(text, "latest"))
        return true;
    if (str_equal_nocase(text, "next")) {
        ret->kind = TARGET_NEXT;
        return true;
    }
    if (str_equal_nocase(text, "current")) {
        ret->kind = TARGET_CURRENT;
        ret->version = xstrdup(current);
        return true;
    }
    bool optional = str_ends(text, "?");
    AUTO(mem_free) char *version = xstrndup(text, strlen(text) - optional);
    if (!version_valid(version)) {
        error_set(err, ERR_USAGE, "target '%s' is not a version", text);
        return error_hint(err, "allowed are latest, current, next, a version as 4.2, and 4.2? for "
                               "one that need not exist yet");
    }
    ret->kind = TARGET_VERSION;
    ret->version = version_display(version);
    ret->must_exist = !optional;
    return true;
}

bool target_excludes(const struct target *target, const char *version)
{
    return (target->kind == TARGET_CURRENT || target->kind == TARGET_VERSION) &&
           version_compare(version, target->version) > 0;
}

bool target_check(const struct target *target, const struct info *info, struct error *err)
{
    if (target->kind != TARGET_VERSION || !target->must_exist)
        return true;
    const char *below = NULL, *above = NULL;
    for (size_t i = 0; i < info->lines.len; i++) {
        const char *version = info->lines.ptr[i].version;
        int order = *version ? version_compare(version, target->version) : 0;
        if (*version && !order)
            return true;
        if (order < 0 && version_compare(version, below) > 0)
            below = version;
        if (order > 0 && (!above || version_compare(version, above) < 0))
            above = version;
    }
    error_set(err, ERR_USAGE, "no migration has the target version %s", target->version);
    if (!below && !above)
        return error_hint(err, "no versions are known at all: check the locations");
    return error_hint(err, "the nearest known: %s%s%s; '%s?' takes a version that need not exist",
                      below ? below : "", below && above ? " and " : "", above ? above : "",
                      target->version);
}
