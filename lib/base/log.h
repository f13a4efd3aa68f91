/* The log: lines on stderr and, when asked, in a file. Results never go here. */
#ifndef DBOPS_BASE_LOG_H
#define DBOPS_BASE_LOG_H

#include "lib/base/error.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_options {
    enum log_level level; /* what is more detailed is left out */
    enum log_format format;
    const char *file;    /* appended to, reopened on SIGHUP; NULL: none */
    const char *command; /* field "command" in JSON lines; may be NULL */
    bool color;          /* levels in colour on stderr */
};

/* Sets the log up; the strings must outlive it. Before the first call: warnings, text, stderr. */
bool log_setup(const struct log_options *options, struct error *err) MUST_CHECK;

/* The target that the following lines are about (borrowed; NULL: none). */
void log_target(const char *target);

enum log_level log_current_level(void);

/* Names this run in the lines of a log that many runs share: 16 hexadecimal digits. */
const char *log_run_id(void);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* A line at the foot of the terminal that is rewritten in place and that log lines pass above; NULL
 * takes it away. Only where log_has_status: stderr is a terminal and shows lines for people. */
bool log_has_status(void);
void log_status(const char *text);

/* Writes an error (and its hint) as the last word of a run. Lines after the first stand as they
 * are, so that a caret stays under what it points at. */
void log_failure(const struct error *err);

#endif
