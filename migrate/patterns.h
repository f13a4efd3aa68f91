/* ignore_patterns: which migrations validate, up and repair do not complain about. Pure. */
#ifndef DBOPS_MIGRATE_PATTERNS_H
#define DBOPS_MIGRATE_PATTERNS_H

#include "migrate/info.h"

struct ignore_pattern {
    bool versioned, repeatable;
    bool any_state;
    enum migration_state state;
};

struct ignore_patterns {
    VEC(struct ignore_pattern) list;
};
void ignore_patterns_free(struct ignore_patterns *patterns);
AUTO_VALUE(ignore_patterns_free, struct ignore_patterns)

/* Adds `type:state` to the list; type: *, versioned, repeatable; state: *, missing, pending,
 * ignored, future. ERR_CONFIG lists what is allowed. */
bool ignore_patterns_add(struct ignore_patterns *patterns, const char *text,
                         struct error *err) MUST_CHECK;
bool ignore_patterns_parse(const struct strlist *texts, struct ignore_patterns *ret,
                           struct error *err) MUST_CHECK;

bool ignore_patterns_match(const struct ignore_patterns *patterns, bool versioned,
                           enum migration_state state);

/* Is the state ignored whether versioned or repeatable? */
bool ignore_patterns_cover(const struct ignore_patterns *patterns, enum migration_state state);

#endif
