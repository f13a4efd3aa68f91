#include "lib/base/duration.h"

#include <string.h>

#include "lib/base/str.h"

struct unit {
    const char *name;
    long long months; /* one of the two is 0 */
    long long ms;
};

/* Largest first: the order in which a text may use them. */
static const struct unit units[] = {
    {"y", 12, 0},      {"mo", 1, 0},    {"w", 0, 604800000}, {"d", 0, 86400000},
    {"h", 0, 3600000}, {"m", 0, 60000}, {"s", 0, 1000},      {"ms", 0, 1},
};

static bool not_a_duration(const char *text, struct error *err)
{
    return error_set(err, ERR_USAGE,
                     "'%s' is not a duration (whole numbers with y, mo, w, d, h, m, s or ms, "
                     "such as 90d, 6mo or 1h30m)",
                     text);
}

/* Reads digits at *p; false without any or when they do not fit. */
static bool read_number(const char **p, long long *ret)
{
    const char *start = *p;
    long long n = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, **p - '0', &n))
            return false;
    *ret = n;
    return *p > start;
}

/* The unit at *p, as many letters as there are, at or after units[from]; -1 when there is none. */
static int read_unit(const char **p, size_t from)
{
    size_t letters = strcspn(*p, "0123456789");
    for (size_t i = from; i < ARRAY_LEN(units); i++) {
        if (strlen(units[i].name) == letters && strncmp(units[i].name, *p, letters) == 0) {
            *p += letters;
            return (int)i;
        }
    }
    return -1;
}

static bool add_times(long long *sum, long long n, long long factor)
{
    long long product;
    return !__builtin_mul_overflow(n, factor, &product) &&
           !__builtin_add_overflow(*sum, product, sum);
}

bool duration_parse(const char *text, struct duration *ret, struct error *err)
{
    struct duration sum = {0, 0};
    size_t from = 0;
    const char *p = text;
    bool zero = str_equal(text, "0");
    while (!zero) {
        long long n;
        if (!read_number(&p, &n))
            return not_a_duration(text, err);
        int unit = read_unit(&p, from);
        if (unit < 0)
            return not_a_duration(text, err);
        if (!add_times(&sum.months, n, units[unit].months) ||
            !add_times(&sum.ms, n, units[unit].ms))
            return error_set(err, ERR_USAGE, "the duration '%s' is too long", text);
        from = (size_t)unit + 1;
        if (!*p)
            break;
    }
    *ret = sum;
    return true;
}

bool duration_parse_ms(const char *text, long long *ret, struct error *err)
{
    struct duration d;
    if (!duration_parse(text, &d, err))
        return false;
    if (d.months)
        return error_set(err, ERR_USAGE,
                         "'%s' has no fixed length: give weeks, days, hours, minutes or seconds "
                         "instead of years and months",
                         text);
    *ret = d.ms;
    return true;
}

static const struct {
    const char *name;
    long long bytes;
} sizes[] = {
    {"TiB", 1LL << 40},
    {"GiB", 1LL << 30},
    {"MiB", 1LL << 20},
    {"KiB", 1LL << 10},
    {"TB", 1000000000000LL},
    {"GB", 1000000000},
    {"MB", 1000000},
    {"kB", 1000},
    {"B", 1},
};
enum { SIZES_BINARY = 4 }; /* the first of them are powers of 1024 */

bool size_parse(const char *text, long long *ret, struct error *err)
{
    const char *p = text;
    long long n, factor = 0;
    if (read_number(&p, &n)) {
        factor = *p ? 0 : 1;
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
            if (str_equal(p, sizes[i].name))
                factor = sizes[i].bytes;
    }
    if (!factor)
        return error_set(err, ERR_USAGE,
                         "'%s' is not a size (a whole number, alone or with KiB, MiB, GiB, TiB, "
                         "kB, MB, GB or TB)",
                         text);
    if (__builtin_mul_overflow(n, factor, &n))
        return error_set(err, ERR_USAGE, "the size '%s' is too large", text);
    *ret = n;
    return true;
}

char *duration_text(const struct duration *d)
{
    AUTO(str_free) struct str out = STR_INIT;
    struct duration rest = *d;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        const struct unit *u = &units[i];
        if (str_equal(u->name, "w"))
            continue; /* 90d reads better than 12w6d */
        long long n = u->months ? rest.months / u->months : rest.ms / u->ms;
        if (!n)
            continue;
        str_addf(&out, "%lld%s", n, u->name);
        rest.months -= n * u->months;
        rest.ms -= n * u->ms;
    }
    if (!out.len)
        str_add(&out, "0");
    return str_take(&out);
}

char *duration_ms_text(long long ms)
{
    return duration_text(&(struct duration){0, ms});
}

char *size_text(long long bytes)
{
    for (size_t i = 0; i < SIZES_BINARY; i++)
        if (bytes && bytes % sizes[i].bytes == 0)
            return xasprintf("%lld%s", bytes / sizes[i].bytes, sizes[i].name);
    return xasprintf("%lld", bytes);
}

char *size_human(long long bytes)
{
    for (size_t i = 0; i < SIZES_BINARY; i++)
        if (bytes >= sizes[i].bytes)
            return xasprintf("%.1f %s", (double)bytes / (double)sizes[i].bytes, sizes[i].name);
    return xasprintf("%lld B", bytes);
}
