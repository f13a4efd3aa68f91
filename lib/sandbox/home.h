/* Within lib/sandbox: a sandbox's directory. Its owner holds a lock in it while he lives, so that
 * the next run knows which ones are left over. */
#ifndef DBOPS_SANDBOX_HOME_H
#define DBOPS_SANDBOX_HOME_H

#include <sys/types.h>

#include "lib/base/error.h"

/* How long a directory's name gets below its parent, with the '/'. */
enum { HOME_NAME_LENGTH = sizeof "/dbops-sandbox.XXXXXX" - 1 };

/* Where sandboxes are made: $TMPDIR or /tmp, by its real path. Owned by the caller. */
char *home_parent(struct error *err) MUST_CHECK;

/* Makes a directory that others may pass but not list; NULL on failure. The lock is held until
 * *ret_lock is closed. */
char *home_make(const char *parent, int *ret_lock, struct error *err) MUST_CHECK;

/* Notes the server, for the sweep: its process, and the signal that ends it at once. */
bool home_note_server(const char *dir, pid_t pid, int stop_signal, struct error *err) MUST_CHECK;

/* Stops the servers and removes the directories whose owners are gone. What fails is logged. */
void home_sweep(const char *parent);

#endif
