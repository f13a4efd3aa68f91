#include "lib/db/impl.h"

#include <poll.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/base/interrupt.h"

/* A run ends within five seconds of the signal: three for what defers it, one more for
 * the server to answer the cancel, the last for the program to clean up. */
enum { SHIELD_MS = 3000, GIVE_UP_MS = 4000, LOOK_MS = 500 };

/* When a wait first noticed the signal; 0: not yet. Of the process, as the signal is. */
static int64_t signal_seen_at;

int64_t db_now(void)
{
    return (int64_t)clock_ms();
}

static bool is_deferred(void)
{
    return interrupt_fd() < 0;
}

bool db_shield(void)
{
    bool before = is_deferred();
    interrupt_defer(true);
    return before;
}

bool db_begin(struct db *db, struct error *err)
{
    if (!interrupt_check(err))
        return false;
    db->call = (struct db_call){.until = db->limit_ms ? db_now() + db->limit_ms : 0};
    db->problem = (struct db_problem){0};
    for (int i = PROBLEM_MESSAGE; i <= PROBLEM_WHERE; i++)
        db_problem_set(db, i, NULL);
    return true;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return !a || (b && b < a) ? b : a;
}

static void stop(struct db *db, enum db_stop why, int64_t give_up)
{
    db->call.stop = why;
    db->call.give_up = give_up;
}

/* Decides whether the call must end; returns when to look again (0: only when something comes). */
static int64_t watch(struct db *db, int64_t now)
{
    struct db_call *call = &db->call;
    if (interrupt_signal() && !signal_seen_at)
        signal_seen_at = now;
    int64_t last = is_deferred() ? signal_seen_at + SHIELD_MS : signal_seen_at;
    if (!call->stop) {
        if (signal_seen_at && now >= last)
            stop(db, DB_STOPPED_BY_SIGNAL, signal_seen_at + GIVE_UP_MS);
        else if (call->until && now >= call->until)
            stop(db, DB_STOPPED_BY_LIMIT, now + 1000);
    }
    if (call->stop)
        return call->give_up;
    /* while deferred nothing wakes us at the signal */
    return is_deferred() ? earlier(call->until, now + LOOK_MS) : call->until;
}

static bool give_up(struct db *db, int fd)
{
    shutdown(fd, SHUT_RDWR);
    db->call.gave_up = true;
    return false;
}

/* False when the call is to be left. */
static bool react(struct db *db, int fd, int64_t now)
{
    struct db_call *call = &db->call;
    if (call->gave_up)
        return false;
    if (!call->stop)
        return true;
    if (call->connecting || now >= call->give_up)
        return give_up(db, fd);
    if (!call->cancelled) {
        call->cancelled = true;
        db->driver->cancel(db);
    }
    return true;
}

short db_wait(struct db *db, int fd, short events, int timeout_ms)
{
    int64_t now = db_now();
    int64_t end = timeout_ms < 0 ? 0 : now + timeout_ms;
    for (;; now = db_now()) {
        int64_t look = watch(db, now);
        if (fd < 0 || !react(db, fd, now))
            return 0;
        int64_t next = earlier(look, end);
        now = db_now(); /* the cancel may have taken a second */
        struct pollfd fds[] = {{.fd = fd, .events = events},
                               {.fd = interrupt_fd(), .events = POLLIN}};
        int wait_ms = next ? (int)(next > now ? next - now : 0) : -1;
        int n = poll(fds, signal_seen_at ? 1 : 2, wait_ms);
        if (n > 0 && fds[0].revents)
            return fds[0].revents;
        if (end && db_now() >= end)
            return 0;
    }
}
