/* SIGINT and SIGTERM as something that waiting code can ask for and poll on. */
#ifndef DBOPS_BASE_INTERRUPT_H
#define DBOPS_BASE_INTERRUPT_H

#include "lib/base/error.h"

/* Call once, first thing in main. The first signal is noted and makes interrupt_fd() readable; a
 * second one ends the process at once with 128 + its number. SIGPIPE is ignored. */
void interrupt_install(void);

/* For poll(): readable from the first signal on, and stays so. -1 before interrupt_install and
 * while deferred (poll passes over negative descriptors). */
int interrupt_fd(void);

/* The first signal's number, or 0. */
int interrupt_signal(void);

/* True while no signal has come; else false with ERR_INTERRUPTED ("interrupted by SIGTERM"). */
bool interrupt_check(struct error *err) MUST_CHECK;

/* While deferred, a noted signal neither wakes anybody nor fails a check: for the few statements
 * that clean up (roll back, record a failure). A second signal still ends the process at once. */
void interrupt_defer(bool on);

/* Sleeps; false with ERR_INTERRUPTED as soon as a signal comes. */
bool interrupt_sleep(unsigned ms, struct error *err) MUST_CHECK;

/* The exit code that err stands for; ERR_INTERRUPTED tells the signal: 130 or 143. */
int interrupt_exit_code(const struct error *err);

#endif
