#include "migrate/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "migrate/encoding.h"
#include "migrate/placeholder.h"

enum { CHUNK = 64 * 1024 };

/* A placeholder that was replaced: out_len bytes at out stand for in_len bytes of the file. */
struct mark {
    uint64_t out;
    size_t out_len, in_len;
    unsigned in_chars;
};

/* Bytes go from the file into raw, decoded into plain, replaced into the window. */
struct text {
    char *name, *encoding;
    int fd;
    struct stat opened; /* how the file was then */
    char *bytes;        /* instead of fd */
    size_t bytes_len, bytes_at;
    size_t chunk;
    bool ended, bad, begun; /* input is at its end; next raw byte is invalid; BOM was looked for */
    struct decoder *decoder;
    const struct placeholders *placeholders;
    struct str raw, plain, window;
    size_t plain_at, window_at;
    uint64_t raw_done; /* bytes of the file that are decoded */
    uint64_t base;     /* number of the window's first byte */
    struct text_place base_place;
    VEC(struct mark) marks;
    size_t marks_at;
    uint64_t given; /* by text_read */
};

static struct text *text_new(const char *name, int fd, const struct text_options *options)
{
    struct text *t = xcalloc(1, sizeof *t);
    t->name = xstrdup(name);
    t->encoding = xstrdup(options->encoding ? options->encoding : "UTF-8");
    t->fd = fd;
    t->chunk = options->chunk ? options->chunk : CHUNK;
    t->placeholders = options->placeholders;
    t->raw = t->plain = t->window = (struct str)STR_INIT;
    t->base_place = (struct text_place){0, 1, 1};
    return t;
}

void text_close(struct text *t)
{
    if (!t)
        return;
    if (t->fd >= 0)
        close(t->fd);
    decoder_free(t->decoder);
    str_free(&t->raw);
    str_free(&t->plain);
    str_free(&t->window);
    vec_free(&t->marks);
    free(t->name);
    free(t->encoding);
    free(t->bytes);
    free(t);
}

/* The next bytes of the input, wherever they come from. */
static bool input_read(struct text *t, char *buf, size_t cap, size_t *ret, struct error *err)
{
    if (t->fd < 0) {
        *ret = cap < t->bytes_len - t->bytes_at ? cap : t->bytes_len - t->bytes_at;
        if (*ret)
            memcpy(buf, t->bytes + t->bytes_at, *ret);
        t->bytes_at += *ret;
        return true;
    }
    ssize_t n;
    do {
        n = read(t->fd, buf, cap);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return error_set(err, ERR_IO, "cannot read '%s': %s", t->name, strerror(errno));
    *ret = (size_t)n;
    return true;
}

/* A file that is written while it is read gives a mixture that nobody ever wrote. */
static bool input_is_whole(const struct text *t, struct error *err)
{
    struct stat now;
    if (t->fd < 0 || fstat(t->fd, &now) != 0 ||
        (now.st_size == t->opened.st_size && now.st_mtim.tv_sec == t->opened.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == t->opened.st_mtim.tv_nsec))
        return true;
    return error_set(err, ERR_DATA, "'%s' changed while it was read", t->name);
}

static bool input_rewind(struct text *t, struct error *err)
{
    t->bytes_at = 0;
    if (t->fd >= 0 && lseek(t->fd, 0, SEEK_SET) < 0)
        return error_set(err, ERR_IO, "cannot read '%s' twice to find out its encoding: %s",
                         t->name, strerror(errno));
    return true;
}

static bool detect(struct text *t, struct error *err)
{
    struct encoding_guess guess = {0};
    AUTO(mem_free) char *buf = xmalloc(CHUNK);
    for (;;) {
        size_t n;
        if (!input_read(t, buf, CHUNK, &n, err))
            return false;
        if (!n)
            break;
        encoding_look(&guess, buf, n);
    }
    free(t->encoding);
    t->encoding = xstrdup(encoding_guessed(&guess));
    return input_rewind(t, err);
}

static bool start(struct text *t, const struct text_options *options, struct error *err)
{
    if (options->detect_encoding && !detect(t, err))
        return false;
    t->decoder = decoder_new(t->encoding, err);
    return t->decoder || error_wrap(err, "cannot read '%s'", t->name);
}

struct text *text_open(const char *path, const struct text_options *options, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        error_set(err, ERR_IO, "cannot open '%s': %s", path, strerror(errno));
        return NULL;
    }
    AUTO(text_close) struct text *t = text_new(path, fd, options);
    if (fstat(fd, &t->opened) != 0) {
        error_set(err, ERR_IO, "cannot read '%s': %s", path, strerror(errno));
        return NULL;
    }
    return start(t, options, err) ? TAKE(t) : NULL;
}

struct text_stamp text_stamp(const struct text *t)
{
    return (struct text_stamp){t->opened.st_size, t->opened.st_mtim};
}

struct text *text_open_bytes(const char *name, const char *bytes, size_t n,
                             const struct text_options *options, struct error *err)
{
    AUTO(text_close) struct text *t = text_new(name, -1, options);
    t->bytes = xmalloc(n);
    t->bytes_len = n;
    if (n)
        memcpy(t->bytes, bytes, n);
    return start(t, options, err) ? TAKE(t) : NULL;
}

typedef unsigned char lanes __attribute__((vector_size(16)));

static unsigned count_newlines(const char *p, size_t n)
{
    unsigned count = 0;
    size_t i = 0;
    while (i + sizeof(lanes) <= n) {
        lanes sum = {0};
        for (int k = 0; k < 255 && i + sizeof(lanes) <= n; k++, i += sizeof(lanes)) {
            lanes v;
            memcpy(&v, p + i, sizeof v);
            sum -= (lanes)(v == '\n'); /* a true lane is -1 */
        }
        for (size_t k = 0; k < sizeof(lanes); k++)
            count += sum[k];
    }
    for (; i < n; i++)
        count += p[i] == '\n';
    return count;
}

static unsigned count_chars(const char *p, size_t n)
{
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)p[i] & 0xC0) != 0x80;
    return count;
}

/* Moves place behind n bytes that stand in the file as they are. */
static void pass(struct text_place *place, const char *p, size_t n)
{
    unsigned lines = count_newlines(p, n);
    const char *line = lines ? (const char *)memrchr(p, '\n', n) + 1 : p;
    place->offset += n;
    place->line += lines;
    place->column = (lines ? 1 : place->column) + count_chars(line, n - (size_t)(line - p));
}

/* *used: the marks that lie wholly before byte n. */
static struct text_place place_of(const struct text *t, uint64_t n, size_t *used)
{
    struct text_place place = t->base_place;
    uint64_t at = t->base;
    const char *window = t->window.ptr + t->window_at;
    size_t i = t->marks_at;
    for (; i < t->marks.len && t->marks.ptr[i].out <= n; i++) {
        const struct mark *m = &t->marks.ptr[i];
        if (m->out > at)
            pass(&place, window + (at - t->base), (size_t)(m->out - at));
        at = m->out + m->out_len;
        *used = i;
        if (at > n)
            return place;
        place.offset += m->in_len;
        place.column += m->in_chars;
    }
    *used = i;
    pass(&place, window + (at - t->base), (size_t)(n - at));
    return place;
}

struct text_place text_place_of(const struct text *t, uint64_t n)
{
    size_t used;
    return place_of(t, n, &used);
}

void text_forget(struct text *t, uint64_t before)
{
    uint64_t end = t->base + t->window.len - t->window_at;
    if (before > end)
        before = end;
    if (before <= t->base)
        return;
    t->base_place = place_of(t, before, &t->marks_at);
    t->window_at += (size_t)(before - t->base);
    t->base = before;
    if (t->marks_at == t->marks.len)
        t->marks_at = t->marks.len = 0;
}

const char *text_window(const struct text *t, size_t *len)
{
    *len = t->window.len - t->window_at;
    return t->window.ptr + t->window_at;
}

static void drop_front(struct str *s, size_t *at)
{
    if (!*at)
        return;
    memmove(s->ptr, s->ptr + *at, s->len - *at + 1);
    s->len -= *at;
    *at = 0;
}

/* A mark is dropped together with the text before it, so the array is shifted as rarely as that. */
static void tidy(struct text *t)
{
    if (t->window_at < t->window.len - t->window_at)
        return;
    drop_front(&t->window, &t->window_at);
    if (!t->marks_at)
        return;
    t->marks.len -= t->marks_at;
    memmove(t->marks.ptr, t->marks.ptr + t->marks_at, t->marks.len * sizeof *t->marks.ptr);
    t->marks_at = 0;
}

static bool cannot_decode(struct text *t, struct error *err)
{
    struct text_place place = text_place_of(t, t->base + t->window.len - t->window_at);
    unsigned line =
        place.line + count_newlines(t->plain.ptr + t->plain_at, t->plain.len - t->plain_at);
    error_set(err, ERR_DATA,
              "%s:%u: cannot decode as %s: the byte 0x%02X at offset %llu is not valid", t->name,
              line, t->encoding, (unsigned char)t->raw.ptr[0], (unsigned long long)t->raw_done);
    return error_hint(err,
                      "save the file as %s, or set `encoding` (for one file: encoding=… in its "
                      ".sql.conf) or `detect_encoding: true`",
                      t->encoding);
}

static bool decode_more(struct text *t, struct error *err)
{
    drop_front(&t->plain, &t->plain_at);
    str_reserve(&t->raw, t->chunk);
    size_t n;
    if (!input_read(t, t->raw.ptr + t->raw.len, t->chunk, &n, err))
        return false;
    t->raw.len += n;
    t->ended = n == 0;
    if (t->ended && !input_is_whole(t, err))
        return false;
    size_t used = decoder_run(t->decoder, t->raw.ptr, t->raw.len, t->ended, &t->plain, &t->bad);
    t->raw_done += used;
    memmove(t->raw.ptr, t->raw.ptr + used, t->raw.len - used);
    t->raw.len -= used;
    t->raw.ptr[t->raw.len] = '\0';
    if (t->begun || (t->plain.len < 3 && !t->ended && !t->bad))
        return true;
    t->begun = true;
    if (str_starts(t->plain.ptr, "\xEF\xBB\xBF"))
        t->plain_at = 3;
    return true;
}

/* Moves decoded text into the window as far as it can be judged. */
static bool replace(struct text *t, struct error *err)
{
    size_t before = t->window.len;
    while (t->begun && t->plain_at < t->plain.len) {
        const char *from = t->plain.ptr + t->plain_at;
        struct placeholder_match m;
        enum placeholder_scan scan = placeholder_scan(
            t->placeholders, from, t->plain.len - t->plain_at, t->ended && !t->bad, &m);
        str_addn(&t->window, from, m.at);
        t->plain_at += m.at;
        if (scan == PLACEHOLDER_NONE || scan == PLACEHOLDER_MORE)
            return true;
        uint64_t out = t->base + t->window.len - t->window_at;
        if (scan == PLACEHOLDER_WRONG) {
            if (t->window.len > before) /* what stands before it is given out first */
                return true;
            struct text_place place = text_place_of(t, out);
            AUTO(mem_free) char *where = xasprintf("%s:%u:%u", t->name, place.line, place.column);
            return placeholder_error(t->placeholders, &m, where, err);
        }
        size_t len = strlen(m.value);
        *vec_add(&t->marks) = (struct mark){out, len, m.len, count_chars(from + m.at, m.len)};
        str_addn(&t->window, m.value, len);
        t->plain_at += m.len;
    }
    return true;
}

int text_fill(struct text *t, struct error *err)
{
    tidy(t);
    size_t before = t->window.len;
    for (;;) {
        if (!replace(t, err))
            return -1;
        if (t->window.len > before)
            return 1;
        if (t->bad) {
            cannot_decode(t, err);
            return -1;
        }
        if (t->ended)
            return 0;
        if (!decode_more(t, err))
            return -1;
    }
}

ssize_t text_read(struct text *t, char *buf, size_t cap, struct error *err)
{
    text_forget(t, t->given);
    if (t->window.len == t->window_at) {
        int rc = text_fill(t, err);
        if (rc <= 0)
            return rc;
    }
    size_t have;
    const char *window = text_window(t, &have);
    size_t n = have < cap ? have : cap;
    memcpy(buf, window, n);
    t->given = t->base + n;
    return (ssize_t)n;
}
