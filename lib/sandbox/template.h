/* Within lib/sandbox: initialised data directories, kept in the user's cache. All of it is a
 * convenience: without a home, or with a read-only one, there is just no template. */
#ifndef DBOPS_SANDBOX_TEMPLATE_H
#define DBOPS_SANDBOX_TEMPLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/error.h"

/* Copies the template to the new directory `to`, owned by uid and gid. A damaged template is
 * removed and counts as none. Fails only when `to` cannot be written. */
bool template_take(const char *key, const char *to, uid_t uid, gid_t gid, bool *ret_found,
                   struct error *err) MUST_CHECK;

/* Keeps a copy of the directory as the template; whoever comes first wins. */
void template_keep(const char *key, const char *from);

#endif
