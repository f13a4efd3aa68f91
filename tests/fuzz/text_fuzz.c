/* Any bytes in any encoding, with placeholders: what comes out is UTF-8 and does not depend on the
 * size of the chunks; places never go backwards. */
#include <stdlib.h>
#include <string.h>

#include "migrate/text.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void read_all(const char *bytes, size_t n, const struct text_options *options,
                     struct str *ret)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(text_close) struct text *t = text_open_bytes("f", bytes, n, options, &err);
    check(t != NULL);
    char buf[17];
    ssize_t got;
    while ((got = text_read(t, buf, sizeof buf, &err)) > 0)
        str_addn(ret, buf, (size_t)got);
    check(str_is_utf8(ret->ptr, ret->len));
    check((got < 0) == !error_ok(&err));
    if (got < 0)
        str_add(ret, err.text);
}

static void check_places(const char *bytes, size_t n, const struct text_options *options)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    AUTO(text_close) struct text *t = text_open_bytes("f", bytes, n, options, &err);
    uint64_t at = 0;
    struct text_place before = {0, 1, 1};
    while (text_fill(t, &err) > 0) {
        size_t len;
        text_window(t, &len);
        for (uint64_t i = at; i <= at + len; i++) {
            struct text_place place = text_place_of(t, i);
            check(place.offset >= before.offset && place.line >= before.line);
            check(place.line > before.line || place.column >= before.column);
            before = place;
        }
        at += len;
        text_forget(t, at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const encodings[] = {"UTF-8",    "UTF-16",    "UTF-16LE",    "ISO-8859-1",
                                            "US-ASCII", "SHIFT_JIS", "ISO-2022-JP", "GB18030"};
    uint8_t flags = size ? data[0] : 0;
    const char *bytes = (const char *)data + (size ? 1 : 0);
    size_t n = size ? size - 1 : 0;
    struct placeholders p = {.enabled = !(flags & 0x80)};
    placeholders_set(&p, "a", "");
    placeholders_set(&p, "b", "${a}\n\xC3\xA4");
    struct text_options options = {
        .encoding = encodings[flags & 7], .detect_encoding = flags & 0x40, .placeholders = &p};
    AUTO(str_free) struct str whole = STR_INIT, pieces = STR_INIT;
    read_all(bytes, n, &options, &whole);
    check_places(bytes, n, &options);
    options.chunk = 1 + (flags >> 3 & 7);
    read_all(bytes, n, &options, &pieces);
    check(whole.len == pieces.len && memcmp(whole.ptr, pieces.ptr, whole.len) == 0);
    check_places(bytes, n, &options);
    placeholders_free(&p);
    return 0;
}
