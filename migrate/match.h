/* Which rows and files belong together: one group per version and per repeatable. Pure. */
#ifndef DBOPS_MIGRATE_MATCH_H
#define DBOPS_MIGRATE_MATCH_H

#include "migrate/files.h"
#include "migrate/history.h"

struct match_group {
    const struct migration *files[3]; /* by enum migration_kind; NULL: none */
    bool done[3];                     /* a row that counts belongs to that file */
    const struct history_row *latest; /* the row of highest rank, of whatever type */
    size_t newest;                    /* index of the newest row that is no synthetic and no undo */
    bool has_newest;
};

/* What is known about a row besides its columns. */
struct match_row {
    size_t group;
    bool hidden;       /* a DELETE row that took a version back: no line of its own */
    bool deleted;      /* a later DELETE row took it back */
    bool undone;       /* a later UNDO_… row did */
    bool out_of_order; /* applied after a version that is not lower */
};

struct match {
    const struct history *history;
    struct match_group *groups;
    size_t group_count;
    struct match_row *rows;    /* one for each row of the history */
    size_t *file_groups;       /* one for each file of the set */
    const char *last_resolved; /* highest version on disk; NULL: none */
    const char *last_applied;  /* highest version applied and not taken back */
    const char *applied_baseline, *pending_baseline;
};
void match_free(struct match *m);
AUTO_VALUE(match_free, struct match)

/* Both are borrowed. ERR_DATA for a history that deletes one version twice. O(n log n). */
bool match_build(const struct migration_set *set, const struct history *history, struct match *ret,
                 struct error *err) MUST_CHECK;

/* The file that the row came from, by version and type or by description; NULL: not on disk. */
const struct migration *match_file(const struct match *m, size_t row);

/* Is the checksum of the row the file's, replaced or raw? */
bool match_checksum(const struct migration *file, const struct history_row *row);

#endif
