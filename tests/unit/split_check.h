/* What the tests of the splitter share: text in, pieces out, the same for every chunk size. */
#ifndef DBOPS_TESTS_UNIT_SPLIT_CHECK_H
#define DBOPS_TESTS_UNIT_SPLIT_CHECK_H

#include "migrate/split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct piece {
    enum split_kind kind;
    enum split_txn txn;
    bool concurrently, session;
    char *sql, *words, *data; /* data: of a COPY */
    uint64_t offset;
    struct text_place start;
};

struct pieces {
    VEC(struct piece) list;
    struct str joined; /* what split_trace saw */
    struct error err;
    bool failed;
};

static void pieces_free(struct pieces *p)
{
    for (size_t i = 0; i < p->list.len; i++) {
        free(p->list.ptr[i].sql);
        free(p->list.ptr[i].words);
        free(p->list.ptr[i].data);
    }
    vec_free(&p->list);
    str_free(&p->joined);
    error_free(&p->err);
}
AUTO_VALUE(pieces_free, struct pieces)

static void join(void *ctx, const char *bytes, size_t n)
{
    str_addn(ctx, bytes, n);
}

static char *read_data(struct split *s, struct pieces *ret)
{
    struct str data = STR_INIT;
    char buf[13];
    ssize_t n;
    while ((n = split_copy_read(s, buf, sizeof buf, &ret->err)) > 0)
        str_addn(&data, buf, (size_t)n);
    ret->failed = n < 0;
    return str_take(&data);
}

static void cut(const char *sql, size_t n, const struct split_options *options, size_t chunk,
                struct pieces *ret)
{
    *ret = (struct pieces){.joined = STR_INIT};
    struct text_options text_options = {.chunk = chunk};
    struct text *text = text_open_bytes("V1.sql", sql, n, &text_options, &ret->err);
    AUTO(split_close) struct split *s = split_open(text, "V1.sql", options);
    split_trace(s, join, &ret->joined);
    struct statement st;
    int rc = 1;
    while (!ret->failed && (rc = split_next(s, &st, &ret->err)) > 0) {
        struct piece *p = vec_add(&ret->list);
        *p = (struct piece){
            st.kind,           st.txn, st.concurrently, st.session, xstrndup(st.sql, st.len),
            xstrdup(st.words), NULL,   st.offset,       st.start};
        if (st.kind == SPLIT_COPY)
            p->data = read_data(s, ret);
    }
    ret->failed = ret->failed || rc < 0;
}

/* What holds for any input whatever: nothing is lost, everything stands where it is said to be. */
static void check_pieces(const char *sql, size_t n, const struct pieces *p)
{
    assert_true(p->failed == !error_ok(&p->err));
    assert_true(p->joined.len <= n);
    assert_memory_equal(p->joined.ptr, sql, p->joined.len);
    if (!p->failed)
        assert_int_equal(p->joined.len, n);
    uint64_t end = 0;
    for (size_t i = 0; i < p->list.len; i++) {
        const struct piece *piece = &p->list.ptr[i];
        assert_true(piece->offset >= end);
        end = piece->offset + strlen(piece->sql);
        assert_true(end <= n);
        assert_memory_equal(sql + piece->offset, piece->sql, strlen(piece->sql));
        assert_int_equal(piece->offset, piece->start.offset);
    }
}

static void assert_same(const struct pieces *a, const struct pieces *b)
{
    assert_int_equal(a->list.len, b->list.len);
    assert_int_equal(a->failed, b->failed);
    for (size_t i = 0; i < a->list.len; i++) {
        assert_string_equal(a->list.ptr[i].sql, b->list.ptr[i].sql);
        assert_int_equal(a->list.ptr[i].offset, b->list.ptr[i].offset);
        assert_int_equal(a->list.ptr[i].start.line, b->list.ptr[i].start.line);
        assert_int_equal(a->list.ptr[i].start.column, b->list.ptr[i].start.column);
        if (!a->failed) /* how much comes out before an error is open */
            assert_true(str_equal(a->list.ptr[i].data, b->list.ptr[i].data));
    }
    if (a->failed)
        assert_string_equal(a->err.text, b->err.text);
}

/* Cuts it with several chunk sizes, compares them, and gives the pieces. */
static UNUSED void cut_all(const char *sql, size_t n, const struct split_options *options,
                           struct pieces *ret)
{
    cut(sql, n, options, 0, ret);
    check_pieces(sql, n, ret);
    for (size_t chunk = 1; chunk < 9; chunk++) {
        AUTO(pieces_free) struct pieces other;
        cut(sql, n, options, chunk, &other);
        check_pieces(sql, n, &other);
        assert_same(ret, &other);
    }
}

/* The statements must be these, up to NULL. */
static UNUSED void expect_pieces(const struct split_options *options, const char *sql, ...)
{
    AUTO(pieces_free) struct pieces p;
    cut_all(sql, strlen(sql), options, &p);
    if (p.failed)
        fail_msg("%s\n%s", p.err.text, sql);
    va_list ap;
    va_start(ap, sql);
    size_t i = 0;
    for (const char *want = va_arg(ap, const char *); want; want = va_arg(ap, const char *), i++) {
        if (i == p.list.len)
            fail_msg("no statement where there should be: %s", want);
        assert_string_equal(p.list.ptr[i].sql, want);
    }
    va_end(ap);
    if (i < p.list.len)
        fail_msg("one statement too many: %s", p.list.ptr[i].sql);
}

/* It must fail, after `count` pieces, with this message. */
static UNUSED void expect_failure(const struct split_options *options, const char *sql,
                                  size_t count, const char *message)
{
    AUTO(pieces_free) struct pieces p;
    cut_all(sql, strlen(sql), options, &p);
    if (!p.failed)
        fail_msg("no error: %s", sql);
    assert_int_equal(p.err.kind, ERR_DATA);
    assert_string_equal(p.err.text, message);
    assert_int_equal(p.list.len, count);
}

/* SEED of the environment makes a run come again. */
static unsigned long random_state;

static UNUSED void random_start(unsigned long seed)
{
    const char *wanted = getenv("SEED");
    random_state = wanted ? strtoul(wanted, NULL, 10) : seed;
    print_message("seed %lu\n", random_state);
}

static UNUSED unsigned random_below(unsigned n)
{
    random_state = random_state * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(random_state >> 33) % n;
}

#endif
