#include "migrate/patterns.h"

#include <string.h>

#include "lib/base/str.h"

void ignore_patterns_free(struct ignore_patterns *patterns)
{
    vec_free(&patterns->list);
}

static char *trimmed(const char *text, size_t n)
{
    while (n && *text == ' ') {
        text++;
        n--;
    }
    while (n && text[n - 1] == ' ')
        n--;
    return xstrndup(text, n);
}

static bool parse_state(const char *text, struct ignore_pattern *pattern)
{
    static const enum migration_state states[] = {STATE_MISSING_SUCCESS, STATE_PENDING,
                                                  STATE_IGNORED, STATE_FUTURE_SUCCESS};
    pattern->any_state = str_equal(text, "*");
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        if (str_equal_nocase(text, state_text(states[i]))) {
            pattern->state = states[i];
            return true;
        }
    }
    return pattern->any_state;
}

bool ignore_patterns_add(struct ignore_patterns *patterns, const char *text, struct error *err)
{
    const char *colon = strchr(text, ':');
    if (!colon || strchr(colon + 1, ':')) {
        error_set(err, ERR_CONFIG, "ignore pattern '%s' is not of the form type:state", text);
        return error_hint(err, "as in '*:future' or 'repeatable:missing'");
    }
    AUTO(mem_free) char *type = trimmed(text, (size_t)(colon - text));
    AUTO(mem_free) char *state = trimmed(colon + 1, strlen(colon + 1));
    struct ignore_pattern pattern = {
        .versioned = str_equal(type, "*") || str_equal_nocase(type, "versioned"),
        .repeatable = str_equal(type, "*") || str_equal_nocase(type, "repeatable"),
    };
    if (!pattern.versioned && !pattern.repeatable)
        return error_set(err, ERR_CONFIG,
                         "ignore pattern '%s' has the type '%s'; allowed are *, versioned and "
                         "repeatable",
                         text, type);
    if (!parse_state(state, &pattern))
        return error_set(err, ERR_CONFIG,
                         "ignore pattern '%s' has the state '%s'; allowed are *, missing, "
                         "pending, ignored and future",
                         text, state);
    *vec_add(&patterns->list) = pattern;
    return true;
}

bool ignore_patterns_parse(const struct strlist *texts, struct ignore_patterns *ret,
                           struct error *err)
{
    for (size_t i = 0; texts && i < texts->len; i++)
        if (!ignore_patterns_add(ret, texts->ptr[i], err))
            return false;
    return true;
}

bool ignore_patterns_match(const struct ignore_patterns *patterns, bool versioned,
                           enum migration_state state)
{
    for (size_t i = 0; i < patterns->list.len; i++) {
        const struct ignore_pattern *p = &patterns->list.ptr[i];
        if ((p->any_state || p->state == state) && (versioned ? p->versioned : p->repeatable))
            return true;
    }
    return false;
}

bool ignore_patterns_cover(const struct ignore_patterns *patterns, enum migration_state state)
{
    return ignore_patterns_match(patterns, true, state) &&
           ignore_patterns_match(patterns, false, state);
}
