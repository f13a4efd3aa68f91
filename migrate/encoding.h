/* Bytes of any encoding become UTF-8, piece by piece and strictly. */
#ifndef DBOPS_MIGRATE_ENCODING_H
#define DBOPS_MIGRATE_ENCODING_H

#include "lib/base/error.h"
#include "lib/base/str.h"

struct decoder;

/* encoding: NULL for UTF-8. ERR_CONFIG for a name that is not known. */
struct decoder *decoder_new(const char *encoding, struct error *err) MUST_CHECK;
void decoder_free(struct decoder *d);
AUTO_POINTER(decoder_free, struct decoder)

/* Decodes as much of the n bytes as can be, adds it to out and returns how many were used up; the
 * rest comes again with what follows. last: nothing follows. *bad: the first byte that was not used
 * up is invalid. */
size_t decoder_run(struct decoder *d, const char *in, size_t n, bool last, struct str *out,
                   bool *bad);

/* What the bytes of a whole file tell about its encoding. */
struct encoding_guess {
    unsigned long long bytes, zero_even, zero_odd;
    unsigned char head[2];
    unsigned char tail[4]; /* an unfinished UTF-8 sequence */
    size_t tail_len;
    bool not_utf8;
};
void encoding_look(struct encoding_guess *g, const char *bytes, size_t n);
const char *encoding_guessed(const struct encoding_guess *g); /* a name for decoder_new */

#endif
