/* Time that only moves forward, for measuring. */
#ifndef DBOPS_BASE_CLOCK_H
#define DBOPS_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment before the program began. */
uint64_t clock_ms(void);

#endif
