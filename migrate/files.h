/* The migrations on disk. */
#ifndef DBOPS_MIGRATE_FILES_H
#define DBOPS_MIGRATE_FILES_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "migrate/text.h"

enum migration_kind { MIGRATION_VERSIONED, MIGRATION_BASELINE, MIGRATION_REPEATABLE };

/* SQL callbacks by event; the names are Flyway's. */
#define CALLBACK_EVENTS(X)                                                                         \
    X(afterConnect)                                                                                \
    X(beforeValidate)                                                                              \
    X(afterValidate)                                                                               \
    X(afterValidateError)                                                                          \
    X(createSchema)                                                                                \
    X(beforeCreateSchema)                                                                          \
    X(beforeMigrate)                                                                               \
    X(beforeEachMigrate)                                                                           \
    X(beforeEachMigrateStatement)                                                                  \
    X(afterEachMigrateStatement)                                                                   \
    X(afterEachMigrateStatementError)                                                              \
    X(afterEachMigrate)                                                                            \
    X(afterEachMigrateError)                                                                       \
    X(beforeRepeatables)                                                                           \
    X(afterVersioned)                                                                              \
    X(afterMigrateApplied)                                                                         \
    X(afterMigrate)                                                                                \
    X(afterMigrateError)                                                                           \
    X(beforeClean)                                                                                 \
    X(afterClean)                                                                                  \
    X(afterCleanError)                                                                             \
    X(beforeInfo)                                                                                  \
    X(afterInfo)                                                                                   \
    X(afterInfoError)                                                                              \
    X(beforeBaseline)                                                                              \
    X(afterBaseline)                                                                               \
    X(afterBaselineError)                                                                          \
    X(beforeRepair)                                                                                \
    X(afterRepair)                                                                                 \
    X(afterRepairError)

enum callback_event {
#define X(event) CALLBACK_##event,
    CALLBACK_EVENTS(X)
#undef X
        CALLBACK_COUNT
};
const char *callback_event_name(enum callback_event event);

/* NAME.sql.conf beside a file. */
struct script_conf {
    int execute_in_transaction;  /* -1: not said */
    int placeholder_replacement; /* -1: not said */
    char *encoding;              /* NULL: not said */
};

struct migration {
    enum migration_kind kind;
    char *version;     /* display text; NULL for repeatables */
    char *raw_version; /* as in the name, underscores kept; NULL for repeatables */
    char *description; /* blanks for underscores; cut to 200 characters as the table wants it */
    char *script;      /* path relative to its location; cut to 1000 */
    char *path;        /* to open */
    struct text_stamp stamp; /* of the file that the checksum was computed from */
    int32_t checksum;
    int32_t raw_checksum; /* repeatables: before replacement; else equal to checksum */
    struct script_conf conf;
};

struct callback {
    enum callback_event event;
    char *description; /* "" without */
    char *script, *path;
    struct script_conf conf;
};

struct migration_set {
    VEC(struct migration) migrations; /* versioned by version (V before B), then repeatables */
    VEC(struct callback) callbacks;   /* by event, then description */
    struct strlist warnings;          /* missing or overlapping locations, … */
    struct strlist invalid_names;     /* "path: reason": have a suffix, yet are not run */
};
void migration_set_free(struct migration_set *set);
AUTO_VALUE(migration_set_free, struct migration_set)

struct files_options {
    const struct strlist *locations, *callback_locations;
    const char *base_dir; /* relative locations start here; NULL: the working directory */
    const char *sql_prefix, *repeatable_prefix, *baseline_prefix, *separator;
    const struct strlist *suffixes;
    bool fail_on_missing_locations, validate_naming, skip_default_callbacks;
    const char *encoding;
    bool detect_encoding;
    const struct placeholders *placeholders; /* flyway:filename is set per file */
    const char *placeholder_separator;       /* between "flyway" and "filename"; ":" when NULL */
};

/*
 * Finds, names, sorts, checks for duplicates and computes checksums. ERR_DATA lists every duplicate
 * (migrations of one version or description, callbacks of one event and description) and, with
 * validate_naming, every bad name, with their paths; also for text that does not decode. ERR_CONFIG
 * for a missing location that must exist and for a bad script configuration. A file that may not be
 * read is passed over with a warning. Undo files (U…) are known and left alone.
 */
bool files_read(const struct files_options *options, struct migration_set *ret,
                struct error *err) MUST_CHECK;

/* How the text of this file is to be opened: encoding and placeholders, with its .conf applied. The
 * placeholders to use are written to *own (with flyway:filename), which the caller frees; *ret is
 * good as long as *own, *conf and the options' placeholders are. */
void files_text_options(const struct files_options *options, const struct script_conf *conf,
                        const char *path, struct placeholders *own, struct text_options *ret);

/* Whether the file still is what its checksum was computed from; ERR_DATA when not. */
bool migration_unchanged(const struct files_options *options, const struct migration *migration,
                         struct error *err) MUST_CHECK;

/* The type of the history row that this file gets: "SQL" or "SQL_BASELINE". */
const char *migration_type(const struct migration *migration);

#endif
