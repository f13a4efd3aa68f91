#include "lib/base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t noted;
static int wake[2] = {-1, -1};
static bool deferred;

static void on_signal(int number)
{
    if (noted)
        _exit(128 + number);
    noted = number;
    int saved = errno;
    ssize_t written UNUSED = write(wake[1], "!", 1);
    errno = saved;
}

void interrupt_install(void)
{
    if (wake[0] >= 0 || pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
        return;
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}

int interrupt_fd(void)
{
    return deferred ? -1 : wake[0];
}

void interrupt_defer(bool on)
{
    deferred = on;
}

int interrupt_signal(void)
{
    return noted;
}

bool interrupt_check(struct error *err)
{
    if (!noted || deferred)
        return true;
    return error_set(err, ERR_INTERRUPTED, "interrupted by %s",
                     noted == SIGINT ? "SIGINT" : "SIGTERM");
}

bool interrupt_sleep(unsigned ms, struct error *err)
{
    struct pollfd waiting = {.fd = interrupt_fd(), .events = POLLIN};
    if (!noted || deferred)
        poll(&waiting, 1, (int)ms);
    return interrupt_check(err);
}

int interrupt_exit_code(const struct error *err)
{
    return err->kind == ERR_INTERRUPTED && noted ? 128 + noted : error_exit_code(err->kind);
}
