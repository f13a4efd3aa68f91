#include "lib/base/backoff.h"

#include <sys/random.h>

unsigned backoff_ms(unsigned attempt)
{
    unsigned ms = attempt < 6 ? 100u << attempt : 5000;
    unsigned chance = 0;
    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != (long)sizeof chance)
        chance = attempt;
    return ms - chance % (ms / 2);
}
