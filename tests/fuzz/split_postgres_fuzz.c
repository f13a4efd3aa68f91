#include "tests/fuzz/split_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct split_options options = {.dialect = SPLIT_POSTGRES,
                                    .standard_conforming_strings = size && data[0] & 0x80,
                                    .database = "shop"};
    fuzz_split(data, size, &options);
    return 0;
}
