#include "migrate/checksum.h"

#include <string.h>
#include <zlib.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";
enum { MARK_LENGTH = sizeof byte_order_mark - 1 };

static void add_bytes(struct checksum *c, const char *bytes, size_t n)
{
    c->crc = (uint32_t)crc32_z(c->crc, (const unsigned char *)bytes, n);
}

/* Passes over a U+FEFF at the very beginning, which may come in several pieces. */
static size_t skip_mark(struct checksum *c, const char *bytes, size_t n)
{
    size_t used = 0;
    while (used < n && c->marks < MARK_LENGTH && bytes[used] == byte_order_mark[c->marks]) {
        used++;
        c->marks++;
    }
    if (c->marks == MARK_LENGTH) {
        c->started = true;
        c->marks = 0;
    } else if (used < n) {
        add_bytes(c, byte_order_mark, c->marks);
        c->started = true;
        c->marks = 0;
    }
    return used;
}

/* Lines without what ends them, put together: zlib is many times slower on short pieces. */
struct joined {
    struct checksum *sum;
    size_t len;
    char bytes[16 * 1024];
};

static void join_flush(struct joined *j)
{
    add_bytes(j->sum, j->bytes, j->len);
    j->len = 0;
}

static void join(struct joined *j, const char *bytes, size_t n)
{
    if (n > sizeof j->bytes - j->len)
        join_flush(j);
    if (n > sizeof j->bytes) {
        add_bytes(j->sum, bytes, n);
        return;
    }
    memcpy(j->bytes + j->len, bytes, n);
    j->len += n;
}

/* Nothing stands between lines, so the sum runs over all bytes that are no terminator. Most lines
 * end in \n: what lies between two of them is looked through for \r in one go. */
void checksum_add(struct checksum *c, const char *bytes, size_t n)
{
    const char *p = bytes, *end = bytes + n;
    if (!c->started)
        p += skip_mark(c, bytes, n);
    struct joined lines;
    lines.sum = c;
    lines.len = 0;
    while (p < end) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        if (!line_end)
            line_end = end;
        while (p < line_end) {
            const char *stop = memchr(p, '\r', (size_t)(line_end - p));
            if (!stop)
                stop = line_end;
            join(&lines, p, (size_t)(stop - p));
            p = stop + (stop < line_end);
        }
        p = line_end + (line_end < end);
    }
    join_flush(&lines);
}

int32_t checksum_value(const struct checksum *c)
{
    return (int32_t)crc32_z(c->crc, (const unsigned char *)byte_order_mark, c->marks);
}

bool checksum_text(struct text *text, int32_t *ret, struct error *err)
{
    struct checksum sum = {.started = true}; /* the text has dropped the mark already */
    uint64_t done = 0;
    int more;
    while ((more = text_fill(text, err)) > 0) {
        size_t len;
        const char *window = text_window(text, &len);
        checksum_add(&sum, window, len);
        done += len;
        text_forget(text, done);
    }
    if (more < 0)
        return false;
    *ret = checksum_value(&sum);
    return true;
}

bool checksum_file(const char *path, const struct text_options *options, int32_t *ret,
                   struct error *err)
{
    AUTO(text_close) struct text *text = text_open(path, options, err);
    return text && checksum_text(text, ret, err);
}
