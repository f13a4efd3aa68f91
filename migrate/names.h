/* What the name of a file says about it: PREFIX VERSION SEPARATOR DESCRIPTION SUFFIX. Pure. */
#ifndef DBOPS_MIGRATE_NAMES_H
#define DBOPS_MIGRATE_NAMES_H

#include "migrate/files.h"

enum name_kind {
    NAME_OTHER, /* none of the suffixes: not our business */
    NAME_VERSIONED,
    NAME_BASELINE,
    NAME_REPEATABLE,
    NAME_CALLBACK,
    NAME_UNDO,   /* U1__x.sql, and callbacks of events that never happen here */
    NAME_INVALID /* looks like a migration and is none */
};

struct file_name {
    enum name_kind kind;
    enum callback_event event; /* NAME_CALLBACK */
    char *version;             /* display text; NULL for repeatables and callbacks */
    char *raw_version;
    char *description; /* blanks for underscores, whole */
    char *reason;      /* NAME_INVALID: what is wrong with it */
};
void file_name_free(struct file_name *name);
AUTO_VALUE(file_name_free, struct file_name)

/* name: without directories. Nothing in it is borrowed from the options. */
struct file_name file_name_parse(const char *name, const struct files_options *options);

/* True when the name ends in one of the suffixes, whatever its case. */
bool file_name_has_suffix(const char *name, const struct strlist *suffixes);

/* As the history table stores it, counted in UTF-16 units as Flyway counts: a description of more
 * than 200 keeps its first 197 before "...", a script of more than 1000 becomes "..." and its
 * characters 3 to 999. Owned by the caller. */
char *name_cut_description(const char *description);
char *name_cut_script(const char *script);

/* Order of Java's String.compareTo: by UTF-16 code units. */
int name_compare(const char *a, const char *b);

#endif
