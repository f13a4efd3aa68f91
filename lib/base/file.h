/* Files and directories. Errors name the path and the reason: ERR_DENIED where a right is missing,
 * else ERR_IO unless said otherwise. */
#ifndef DBOPS_BASE_FILE_H
#define DBOPS_BASE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/error.h"
#include "lib/base/str.h"

/* Appends the whole file (or pipe) to ret. More than limit bytes is ERR_DATA. A directory is an
 * error of its own. */
bool file_read(const char *path, size_t limit, struct str *ret, struct error *err) MUST_CHECK;

/* Writes all of it or nothing: a temporary file beside path, synced, renamed over it. */
bool file_write(const char *path, const char *bytes, size_t n, mode_t mode,
                struct error *err) MUST_CHECK;

/* Follow symbolic links; false also for what cannot be looked at. */
bool file_exists(const char *path);
bool file_is_directory(const char *path);

/* Makes the directory and the parents that are missing; one that is there is fine. */
bool file_make_directory(const char *path, mode_t mode, struct error *err) MUST_CHECK;

/* Makes a new directory of mode 0700 `parent/prefix.XXXXXX`; parent NULL: $TMPDIR or /tmp. The path
 * is owned by the caller, NULL on failure. */
char *file_make_temp_directory(const char *parent, const char *prefix,
                               struct error *err) MUST_CHECK;

/* Removes a file or a directory with all that is in it. Links are removed, never followed, and what
 * is not there is fine. Goes on after a failure and reports the first. */
bool file_remove_tree(const char *path, struct error *err) MUST_CHECK;

/* The path of an executable program: name itself when it holds a '/', else the first in $PATH.
 * NULL when there is none. Owned by the caller. */
char *file_find_program(const char *name);

/* "a/b" of "a" and "b". Owned by the caller. */
char *file_join(const char *directory, const char *name);

/* Sets "cannot <verb> '<path>': <reason>" from an errno; false. */
bool file_error(struct error *err, const char *verb, const char *path, int number);

#endif
