/* The terminal: is there one, how wide is it, may output be coloured. */
#ifndef DBOPS_BASE_TERMINAL_H
#define DBOPS_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Character set from the environment; C.UTF-8 when it names none (cron, containers). */
void terminal_locale(void);

bool terminal_is(int fd);

/* Columns: COLUMNS, then the terminal's own answer, then 80. */
size_t terminal_width(int fd);

/* COLOR_AUTO: on a terminal that is not "dumb", unless NO_COLOR is set and not empty. */
bool terminal_color(enum color_when when, int fd);

#endif
