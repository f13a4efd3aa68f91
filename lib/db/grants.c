#include <string.h>

#include "lib/db/inspect.h"

static const char *const names[] = {
#define X(name, text) [GRANT_##name] = (text),
    GRANTS(X)
#undef X
};

/* The quoted name at *at, unquoted; *at moves behind it. NULL when there is none. */
static char *take_name(const char **at)
{
    char quote = **at;
    if (quote != '`' && quote != '"')
        return NULL;
    AUTO(str_free) struct str name = STR_INIT;
    const char *p = *at + 1;
    for (; *p && (*p != quote || p[1] == quote); p++) {
        p += *p == quote;
        str_addc(&name, *p);
    }
    if (*p != quote)
        return NULL;
    *at = p + 1;
    return str_take(&name);
}

/* The pattern of a database-level grant: % and _ as in LIKE, \ before a literal one. */
static bool matches(const char *pattern, const char *name)
{
    for (; *pattern; pattern++, name++) {
        if (*pattern == '%') {
            for (const char *rest = name;; rest++) {
                if (matches(pattern + 1, rest))
                    return true;
                if (!*rest)
                    return false;
            }
        }
        bool any = *pattern == '_';
        if (*pattern == '\\' && pattern[1])
            pattern++;
        if (!*name || (!any && *pattern != *name))
            return false;
    }
    return !*name;
}

/* Is what stands behind ON about the whole database? */
static bool is_about(const char *object, const char *database)
{
    if (str_starts(object, "*.* "))
        return true;
    AUTO(mem_free) char *pattern = take_name(&object);
    return pattern && str_starts(object, ".* ") && matches(pattern, database);
}

static unsigned bit_of(const char *word, size_t len)
{
    static const char all[] = "ALL PRIVILEGES";
    if (len == strlen(all) && memcmp(word, all, len) == 0)
        return (1U << GRANT_COUNT) - 1;
    for (unsigned i = 0; i < GRANT_COUNT; i++)
        if (strlen(names[i]) == len && memcmp(word, names[i], len) == 0)
            return 1U << i;
    return 0;
}

unsigned grants_apply(unsigned set, const char *line, const char *database)
{
    bool revoke = str_starts(line, "REVOKE ");
    const char *on = strstr(line, " ON ");
    if ((!revoke && !str_starts(line, "GRANT ")) || !on || !is_about(on + strlen(" ON "), database))
        return set;
    unsigned named = 0;
    for (const char *at = strchr(line, ' ') + 1; at < on;) {
        size_t len = strcspn(at, ",");
        if (at + len > on)
            len = (size_t)(on - at);
        named |= bit_of(at, len);
        at += len;
        at += strspn(at, ", ");
    }
    return revoke ? set & ~named : set | named;
}
