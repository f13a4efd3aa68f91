#include "lib/base/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/duration.h"
#include "lib/base/log.h"

enum { REWRITE_MS = 200, LOG_MS = 30000 };

struct progress {
    const char *what;
    enum progress_unit unit;
    uint64_t done, total;
    uint64_t start_ms, shown_ms;
    bool line; /* rewritten on the terminal */
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now); /* called for every block of data */
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void add_amount(struct str *out, enum progress_unit unit, uint64_t n)
{
    if (unit == PROGRESS_COUNT) {
        str_addf(out, "%" PRIu64, n);
        return;
    }
    AUTO(mem_free) char *text = size_human((long long)n);
    str_add(out, text);
}

void progress_text(struct str *out, const char *what, enum progress_unit unit, uint64_t done,
                   uint64_t total, uint64_t elapsed_ms)
{
    str_addf(out, "%s: ", what);
    add_amount(out, unit, done);
    if (total) {
        str_add(out, " of ");
        add_amount(out, unit, total);
        str_addf(out, " (%d%%)", (int)(100.0 * (double)done / (double)total));
    }
    if (!elapsed_ms || !done)
        return;
    double per_ms = (double)done / (double)elapsed_ms;
    str_add(out, ", ");
    add_amount(out, unit, (uint64_t)(per_ms * 1000.0));
    str_add(out, "/s");
    if (total > done) {
        long long left_s = (long long)((double)(total - done) / per_ms / 1000.0 + 0.5);
        AUTO(mem_free) char *left = duration_ms_text(left_s * 1000);
        str_addf(out, ", %s left", left);
    }
}

struct progress *progress_start(const char *what, enum progress_unit unit, uint64_t total)
{
    struct progress *p = xcalloc(1, sizeof *p);
    *p = (struct progress){.what = what, .unit = unit, .total = total, .line = log_has_status()};
    p->start_ms = p->shown_ms = now_ms();
    return p;
}

void progress_add(struct progress *p, uint64_t n)
{
    p->done += n;
    uint64_t now = now_ms();
    if (now - p->shown_ms < (p->line ? REWRITE_MS : LOG_MS))
        return;
    AUTO(str_free) struct str text = STR_INIT;
    p->shown_ms = now;
    progress_text(&text, p->what, p->unit, p->done, p->total, now - p->start_ms);
    if (p->line)
        log_status(text.ptr);
    else
        log_info("%s", text.ptr);
}

void progress_end(struct progress *p)
{
    if (p && p->line)
        log_status(NULL);
    free(p);
}
