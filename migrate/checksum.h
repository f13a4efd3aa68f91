/* The checksum of the history table: CRC-32 over lines, as Flyway 4.0 to 13.0 computes it. */
#ifndef DBOPS_MIGRATE_CHECKSUM_H
#define DBOPS_MIGRATE_CHECKSUM_H

#include <stdint.h>

#include "migrate/text.h"

/* Fed with text piece by piece: lines end at \n, \r or \r\n; terminators do not count; U+FEFF at
 * the start of the first line does not count. */
struct checksum {
    uint32_t crc;
    bool started;   /* past the place where a U+FEFF would be dropped */
    unsigned marks; /* bytes of U+FEFF seen so far */
};
#define CHECKSUM_INIT                                                                              \
    {                                                                                              \
        0, false, 0                                                                                \
    }
void checksum_add(struct checksum *c, const char *bytes, size_t n);
int32_t checksum_value(const struct checksum *c);

/* Of a text from where it stands to its end. */
bool checksum_text(struct text *text, int32_t *ret, struct error *err) MUST_CHECK;

/* Of a whole file, raw or replaced as the options say. */
bool checksum_file(const char *path, const struct text_options *options, int32_t *ret,
                   struct error *err) MUST_CHECK;

#endif
