#include "tests/fuzz/split_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t flags = size ? data[0] : 0;
    struct split_options options = {.dialect = flags & 0x80 ? SPLIT_MARIADB : SPLIT_MYSQL,
                                    .ansi_quotes = flags & 0x40,
                                    .no_backslash_escapes = flags & 0x20,
                                    .oracle_mode = (flags & 0xC0) == 0xC0};
    fuzz_split(data, size, &options);
    return 0;
}
