/* `migrate new`: the name of the next migration, and its file. */
#ifndef DBOPS_MIGRATE_NEW_H
#define DBOPS_MIGRATE_NEW_H

#include <time.h>

#include "migrate/files.h"

enum new_kind { NEW_VERSIONED, NEW_TIMESTAMP, NEW_REPEATABLE };

struct new_options {
    const char *dir; /* made when it is not there */
    const char *description;
    const char *prefix; /* of versioned or of repeatable migrations, as kind says */
    const char *separator, *suffix;
    enum new_kind kind;
    time_t now;
};

/* The version after the highest of the set, in its style: 005 → 006, 1_2 → 1_3, 1.9 → 1.10,
 * 20240607080910 → the time now (UTC); 1 in an empty set. Always higher than all that are there.
 * Owned by the caller. Pure. */
char *new_version(const struct migration_set *set, enum new_kind kind, time_t now);

/* The name of the file: letters, digits, '-', '.' and everything beyond ASCII stay, what is between
 * becomes '_'. NULL with ERR_USAGE for a description without any letter or digit, one that is too
 * long, or a repeatable that is there already. Owned by the caller. Pure. */
char *new_name(const struct migration_set *set, const struct new_options *options,
               struct error *err) MUST_CHECK;

/* Writes the file with a comment in it; one that is there is never touched. *ret_path is owned by
 * the caller. */
bool new_migration(const struct migration_set *set, const struct new_options *options,
                   char **ret_path, struct error *err) MUST_CHECK;

#endif
