/* A SQL file as UTF-8 text, read in pieces, with its placeholders replaced on the way. */
#ifndef DBOPS_MIGRATE_TEXT_H
#define DBOPS_MIGRATE_TEXT_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct placeholder {
    char *name, *value;
};

/* ${name}: names compare without case, one left-to-right pass, values are not scanned again. */
struct placeholders {
    bool enabled;
    char *prefix, *suffix; /* NULL: those of base, else "${" and "}" */
    VEC(struct placeholder) list;
    const struct placeholders *base; /* has what is not in list; borrowed, may be NULL */
};
void placeholders_set(struct placeholders *p, const char *name, const char *value); /* copies */
const char *placeholders_get(const struct placeholders *p, const char *name);
void placeholders_free(struct placeholders *p);
AUTO_VALUE(placeholders_free, struct placeholders)

struct text_options {
    const char *encoding; /* "UTF-8" when NULL; any name that iconv knows; strict */
    bool detect_encoding; /* UTF-16 BOM, else the first of UTF-8, ISO-8859-1, UTF-16 that decodes */
    const struct placeholders *placeholders; /* NULL: raw text; must outlive the text */
    size_t chunk;                            /* bytes read at once; 0: a good size */
};

/* Where in the file a byte of the replaced text came from; line and column count from 1, columns in
 * characters. */
struct text_place {
    uint64_t offset; /* of the decoded text, behind a byte order mark */
    unsigned line, column;
};

struct text;
struct text *text_open(const char *path, const struct text_options *options,
                       struct error *err) MUST_CHECK;
/* The same over a copy of n bytes; name is for messages. */
struct text *text_open_bytes(const char *name, const char *bytes, size_t n,
                             const struct text_options *options, struct error *err) MUST_CHECK;
/* Which state of a file was opened; zeros for bytes. */
struct text_stamp {
    off_t size;
    struct timespec modified;
};
struct text_stamp text_stamp(const struct text *t);
void text_close(struct text *t);
AUTO_POINTER(text_close, struct text)

/* Up to cap bytes of decoded, replaced text; 0 at the end; -1 with ERR_DATA ("cannot decode",
 * "no value for placeholder ${x}" with file:line:col and near names) or ERR_IO. A U+FEFF at the
 * very beginning is dropped. Constant memory: what an earlier call gave out is forgotten. */
ssize_t text_read(struct text *t, char *buf, size_t cap, struct error *err) MUST_CHECK;

/* The other way to read, without copying: the bytes since text_forget, and more of them (1; 0 at
 * the end; -1 as above). The window is valid until the next text_fill, text_read or text_forget. */
const char *text_window(const struct text *t, size_t *len);
int text_fill(struct text *t, struct error *err) MUST_CHECK;

/* The place of the n-th byte (from 0) of the replaced text; n is in the window or its end. A byte
 * of a placeholder's value has the place where the placeholder begins. */
struct text_place text_place_of(const struct text *t, uint64_t n);
/* What lies before this byte is let go; at most all of the window. */
void text_forget(struct text *t, uint64_t before);

/* The whole of a replaced string (script configuration, init_sql). */
bool placeholders_replace(const struct placeholders *p, const char *in, const char *what,
                          struct str *ret, struct error *err) MUST_CHECK;

#endif
