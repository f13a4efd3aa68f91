/* Whatever the bytes are: the pieces joined are the text, each stands where it is said to stand,
 * and the size of the chunks that are read changes nothing. */
#ifndef DBOPS_TESTS_FUZZ_SPLIT_FUZZ_H
#define DBOPS_TESTS_FUZZ_SPLIT_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "migrate/split.h"

struct run {
    struct str trace, log; /* log: what came out, one line each */
    bool failed;
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void trace(void *ctx, const char *bytes, size_t n)
{
    str_addn(ctx, bytes, n);
}

static bool read_copy(struct split *s, struct run *run, size_t cap, struct error *err)
{
    char buf[64];
    ssize_t n;
    uint64_t sum = 0;
    while ((n = split_copy_read(s, buf, cap, err)) > 0)
        for (ssize_t i = 0; i < n; i++)
            sum = sum * 31 + (unsigned char)buf[i];
    if (n == 0)
        str_addf(&run->log, "data %llu\n", (unsigned long long)sum);
    return n == 0;
}

static void run_once(const char *bytes, size_t n, const struct split_options *options, size_t chunk,
                     struct run *run)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    struct text_options raw = {.chunk = chunk};
    AUTO(split_close)
    struct split *s = split_open(text_open_bytes("f", bytes, n, &raw, &err), "f", options);
    split_trace(s, trace, &run->trace);
    struct statement st;
    int rc;
    uint64_t end = 0;
    while ((rc = split_next(s, &st, &err)) > 0) {
        check(st.offset >= end && st.offset + st.len <= n && st.len);
        end = st.offset + st.len;
        check(strlen(st.words) < 700);
        str_addf(&run->log, "%d %d %d %llu %zu %u:%u %s\n", (int)st.kind, (int)st.txn, st.session,
                 (unsigned long long)st.offset, st.len, st.start.line, st.start.column, st.words);
        str_addf(&run->log, "%u %u\n", split_place(s, st.len).column,
                 split_place_of_line(s, 2).line);
        if (st.kind == SPLIT_COPY && !read_copy(s, run, chunk ? chunk : 64, &err)) {
            rc = -1;
            break;
        }
    }
    run->failed = rc < 0;
    check(run->failed == !error_ok(&err));
    if (run->failed)
        str_addf(&run->log, "%s\n", err.text);
}

/* The text's own byte order mark is not part of it. */
static UNUSED void fuzz_split(const uint8_t *data, size_t size, const struct split_options *options)
{
    size_t chunk = size ? data[0] % 16 + 1U : 1;
    const char *bytes = (const char *)data + (size ? 1 : 0);
    size_t n = size ? size - 1 : 0;
    struct run a = {.trace = STR_INIT, .log = STR_INIT}, b = a;
    run_once(bytes, n, options, 0, &a);
    run_once(bytes, n, options, chunk, &b);
    check(strcmp(a.log.ptr, b.log.ptr) == 0);
    size_t mark = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    check(a.trace.len <= n - mark && memcmp(a.trace.ptr, bytes + mark, a.trace.len) == 0);
    check(a.failed || a.trace.len == n - mark);
    str_free(&a.trace);
    str_free(&a.log);
    str_free(&b.trace);
    str_free(&b.log);
}

#endif
