/* How far `up` goes: latest, current, next, VERSION, VERSION? Pure. */
#ifndef DBOPS_MIGRATE_TARGET_H
#define DBOPS_MIGRATE_TARGET_H

#include "migrate/info.h"

enum target_kind {
    TARGET_LATEST,
    TARGET_NEXT,    /* one migration */
    TARGET_CURRENT, /* the version that is there: only repeatables run */
    TARGET_VERSION,
};

struct target {
    enum target_kind kind;
    char *version;   /* TARGET_VERSION and TARGET_CURRENT: the highest allowed; NULL: none */
    bool must_exist; /* TARGET_VERSION without '?' */
};
void target_free(struct target *target);
AUTO_VALUE(target_free, struct target)

/* NULL and "" mean latest; current: the highest version applied, or NULL. ERR_USAGE for text that
 * is none of these. */
bool target_parse(const char *text, const char *current, struct target *ret,
                  struct error *err) MUST_CHECK;

/* Is the version above what the target allows? */
bool target_excludes(const struct target *target, const char *version);

/* ERR_USAGE when the version must exist and no line has it; the hint names its neighbours. */
bool target_check(const struct target *target, const struct info *info,
                  struct error *err) MUST_CHECK;

#endif
