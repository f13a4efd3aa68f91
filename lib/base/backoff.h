/* How long to wait before trying again. */
#ifndef DBOPS_BASE_BACKOFF_H
#define DBOPS_BASE_BACKOFF_H

/* Milliseconds before retry number `attempt` (from 0): 100, 200, 400 … at most 5,000, each less up
 * to half of it by chance, so that runners who collided once do not collide again. */
unsigned backoff_ms(unsigned attempt);

#endif
