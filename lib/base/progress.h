/* Progress of long work: one line rewritten on a terminal, one log line every 30 s elsewhere. */
#ifndef DBOPS_BASE_PROGRESS_H
#define DBOPS_BASE_PROGRESS_H

#include <stdint.h>

#include "lib/base/str.h"

enum progress_unit { PROGRESS_COUNT, PROGRESS_BYTES };

struct progress;

/* what: "V3__users.sql" (borrowed); total 0: unknown, then there is neither share nor rest. */
struct progress *progress_start(const char *what, enum progress_unit unit, uint64_t total);

/* n more are done. Cheap: most calls only add. */
void progress_add(struct progress *p, uint64_t n);

/* Takes the line away. */
void progress_end(struct progress *p);
AUTO_POINTER(progress_end, struct progress)

/* The line itself: "V3__users.sql: 12.0 MiB of 48.0 MiB (25%), 4.0 MiB/s, 9s left". */
void progress_text(struct str *out, const char *what, enum progress_unit unit, uint64_t done,
                   uint64_t total, uint64_t elapsed_ms);

#endif
