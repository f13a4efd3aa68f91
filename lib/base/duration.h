/* Durations ("90d", "6mo", "1h30m", "500ms") and sizes ("16MiB") as people write them. */
#ifndef DBOPS_BASE_DURATION_H
#define DBOPS_BASE_DURATION_H

#include "lib/base/error.h"

/* Months have no fixed length, so they are kept apart; years are twelve of them. */
struct duration {
    long long months;
    long long ms;
};

/* Whole numbers with a unit, largest unit first, each at most once: y mo w d h m s ms; "0" needs no
 * unit. A failure is ERR_USAGE, its text tells what is allowed: "'5x' is not a duration (…)". */
bool duration_parse(const char *text, struct duration *ret, struct error *err) MUST_CHECK;

/* The same where a fixed length is needed: years and months are refused. */
bool duration_parse_ms(const char *text, long long *ret, struct error *err) MUST_CHECK;

/* Bytes: a whole number, alone or with B, KiB, MiB, GiB, TiB (1024) or kB, MB, GB, TB (1000). */
bool size_parse(const char *text, long long *ret, struct error *err) MUST_CHECK;

/* Exact texts that the parsers above read back ("1h30m", "6mo", "16MiB"); owned by the caller.
 * Nothing is negative. */
char *duration_text(const struct duration *d);
char *duration_ms_text(long long ms);
char *size_text(long long bytes);

/* For people, rounded: "1.5 GiB", "873 B"; owned by the caller. */
char *size_human(long long bytes);

#endif
