/* Errors: whoever fails fills the caller's struct error; each level up adds context in front. */
#ifndef DBOPS_BASE_ERROR_H
#define DBOPS_BASE_ERROR_H

#include <stdbool.h>

#include "lib/base/mem.h"

/* kind, exit code (sysexits), name in JSON, retriable, and the text of dbops(1) EXIT STATUS */
#define ERROR_KINDS(X)                                                                             \
    X(ERR_FINDING, 1, "finding", false, "a check found something")                                 \
    X(ERR_USAGE, 64, "usage", false, "the command line is wrong")                                  \
    X(ERR_DATA, 65, "data", false,                                                                 \
      "SQL was refused, or a checksum, history or backup does not match")                          \
    X(ERR_UNAVAILABLE, 69, "unavailable", true,                                                    \
      "a server or the store cannot be reached; a retry may help")                                 \
    X(ERR_INTERNAL, 70, "internal", false, "a bug in dbops")                                       \
    X(ERR_IO, 74, "io", true, "a file, the network or a child program failed; a retry may help")   \
    X(ERR_BUSY, 75, "busy", true, "a lock is held or a limit was hit; a retry may help")           \
    X(ERR_DENIED, 77, "denied", false, "login, permission, certificate or confirmation refused")   \
    X(ERR_CONFIG, 78, "config", false, "the configuration is missing or wrong")                    \
    X(ERR_INTERRUPTED, 130, "interrupted", true,                                                   \
      "ended by a signal after clean-up: 130 for SIGINT, 143 for SIGTERM")

enum error_kind {
    ERR_NONE,
#define X(kind, exit, name, retriable, text) kind,
    ERROR_KINDS(X)
#undef X
};

/* Zero-initialised by its owner, ended by error_free. text and hint are owned. */
struct error {
    enum error_kind kind;
    char *text; /* "cannot X: cannot Y: reason": lower case, no full stop, no secret */
    char *hint; /* what to do next, or NULL */
};
#define ERROR_INIT                                                                                 \
    {                                                                                              \
        ERR_NONE, NULL, NULL                                                                       \
    }

/* Sets kind and text; always returns false, so that `return error_set(…)` reads well. An earlier
 * error in err is kept: the first failure is the one that matters. */
bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts "context: " in front of the text; always returns false. */
bool error_wrap(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Adds what to do next, unless a deeper level already did; always returns false. */
bool error_hint(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Adds a line below the text (a line of a file, what was rolled back); always returns false. */
bool error_note(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* True while nothing failed. */
bool error_ok(const struct error *err);

/* Empties err; it can be used again. */
void error_free(struct error *err);
AUTO_VALUE(error_free, struct error)

/* The exit code, the JSON name, whether a retry may help, and the manual's words, of a kind. */
int error_exit_code(enum error_kind kind);
const char *error_name(enum error_kind kind);
bool error_retriable(enum error_kind kind);
const char *error_meaning(enum error_kind kind);

#endif
