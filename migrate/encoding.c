#include "migrate/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct decoder {
    bool utf8;
    bool utf16_unknown; /* "UTF-16": the order is known with the first two bytes */
    iconv_t iconv;
};

static const iconv_t no_iconv = (iconv_t)-1;

struct decoder *decoder_new(const char *encoding, struct error *err)
{
    AUTO(decoder_free) struct decoder *d = xcalloc(1, sizeof *d);
    d->iconv = no_iconv;
    if (!encoding || strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "UTF8") == 0) {
        d->utf8 = true;
        return TAKE(d);
    }
    if (strcasecmp(encoding, "UTF-16") == 0) {
        d->utf16_unknown = true;
        return TAKE(d);
    }
    d->iconv = iconv_open("UTF-8", encoding);
    if (d->iconv == no_iconv) {
        error_set(err, ERR_CONFIG, "unknown encoding '%s'", encoding);
        error_hint(err, "`iconv -l` lists the names that are known");
        return NULL;
    }
    return TAKE(d);
}

void decoder_free(struct decoder *d)
{
    if (!d)
        return;
    if (d->iconv != no_iconv)
        iconv_close(d->iconv);
    free(d);
}

/* Length of the sequence that begins with byte c, 0 when none does; *low and *high bound its second
 * byte (table 3-7 of the Unicode standard). */
static size_t sequence_length(unsigned char c, unsigned char *low, unsigned char *high)
{
    *low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    *high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    return c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
}

static size_t ascii_run(const unsigned char *p, size_t n)
{
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, p + i, sizeof w);
        if ((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

/* How many of the n bytes are whole, well-formed sequences. *bad: what follows them is malformed,
 * not merely cut off. */
static size_t utf8_prefix(const unsigned char *p, size_t n, bool *bad)
{
    *bad = false;
    for (size_t i = 0;;) {
        i += ascii_run(p + i, n - i);
        if (i == n)
            return n;
        unsigned char low, high;
        size_t len = sequence_length(p[i], &low, &high);
        for (size_t k = 1; k < len && i + k < n; k++)
            if (p[i + k] < (k == 1 ? low : 0x80) || p[i + k] > (k == 1 ? high : 0xBF))
                len = 0;
        *bad = len == 0;
        if (*bad || i + len > n)
            return i;
        i += len;
    }
}

static size_t run_iconv(struct decoder *d, const char *in, size_t n, bool last, struct str *out,
                        bool *bad)
{
    size_t left = n;
    char *from;
    memcpy(&from, &in, sizeof from); /* iconv's argument lacks a const that it keeps */
    while (left) {
        str_reserve(out, left * 2 + 16);
        char *to = out->ptr + out->len;
        size_t room = out->cap - out->len - 1;
        size_t rc = iconv(d->iconv, &from, &left, &to, &room);
        out->len = (size_t)(to - out->ptr);
        out->ptr[out->len] = '\0';
        if (rc == (size_t)-1 && errno != E2BIG) {
            *bad = errno == EILSEQ || last;
            break;
        }
    }
    return n - left;
}

/* As Java's UTF-16: big-endian unless a byte order mark says else. */
static bool choose_utf16(struct decoder *d, const char *in)
{
    bool little = (unsigned char)in[0] == 0xFF && (unsigned char)in[1] == 0xFE;
    d->iconv = iconv_open("UTF-8", little ? "UTF-16LE" : "UTF-16BE");
    d->utf16_unknown = false;
    return d->iconv != no_iconv;
}

size_t decoder_run(struct decoder *d, const char *in, size_t n, bool last, struct str *out,
                   bool *bad)
{
    *bad = false;
    if (d->utf8) {
        size_t good = utf8_prefix((const unsigned char *)in, n, bad);
        str_addn(out, in, good);
        *bad = *bad || (last && good < n);
        return good;
    }
    if (d->utf16_unknown) {
        *bad = n == 1 && last;
        if (n < 2)
            return 0;
        *bad = !choose_utf16(d, in);
        if (*bad)
            return 0;
    }
    return run_iconv(d, in, n, last, out, bad);
}

void encoding_look(struct encoding_guess *g, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++, g->bytes++) {
        if (g->bytes < 2)
            g->head[g->bytes] = (unsigned char)bytes[i];
        if (!bytes[i]) {
            g->zero_even += g->bytes % 2 == 0;
            g->zero_odd += g->bytes % 2;
        }
    }
    size_t at = 0;
    while (g->tail_len && at < n && !g->not_utf8) { /* finish the sequence that was cut off */
        g->tail[g->tail_len++] = (unsigned char)bytes[at++];
        if (utf8_prefix(g->tail, g->tail_len, &g->not_utf8))
            g->tail_len = 0;
    }
    if (g->not_utf8 || at == n)
        return;
    at += utf8_prefix((const unsigned char *)bytes + at, n - at, &g->not_utf8);
    if (!g->not_utf8 && at < n) {
        g->tail_len = n - at;
        memcpy(g->tail, bytes + at, n - at);
    }
}

const char *encoding_guessed(const struct encoding_guess *g)
{
    if (g->bytes >= 2 && g->head[0] == 0xFE && g->head[1] == 0xFF)
        return "UTF-16BE";
    if (g->bytes >= 2 && g->head[0] == 0xFF && g->head[1] == 0xFE)
        return "UTF-16LE";
    unsigned long long pairs = g->bytes / 2;
    if (pairs && g->zero_odd * 2 > pairs) /* Latin text: the high halves are zero */
        return "UTF-16LE";
    if (pairs && g->zero_even * 2 > pairs)
        return "UTF-16BE";
    return g->not_utf8 || g->tail_len ? "ISO-8859-1" : "UTF-8";
}
