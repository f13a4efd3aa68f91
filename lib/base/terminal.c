#include "lib/base/terminal.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/str.h"

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

void terminal_locale(void)
{
    bool named = is_set("LC_ALL") || is_set("LC_CTYPE") || is_set("LANG");
    if (!named || !setlocale(LC_CTYPE, ""))
        setlocale(LC_CTYPE, "C.UTF-8");
}

bool terminal_is(int fd)
{
    return isatty(fd) == 1;
}

size_t terminal_width(int fd)
{
    unsigned long long columns;
    const char *given = getenv("COLUMNS");
    if (given && str_to_uint(given, &columns) && columns > 0 && columns < 10000)
        return (size_t)columns;
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

bool terminal_color(enum color_when when, int fd)
{
    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    return terminal_is(fd) && !is_set("NO_COLOR") && is_set("TERM") &&
           !str_equal(getenv("TERM"), "dumb");
}
