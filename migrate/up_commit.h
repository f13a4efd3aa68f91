/* The end of one migration: its row and its COMMIT, or what a failure leaves. */
#ifndef DBOPS_MIGRATE_UP_COMMIT_H
#define DBOPS_MIGRATE_UP_COMMIT_H

#include "migrate/script.h"
#include "migrate/up.h"

struct up_run {
    struct migrate *m;
    struct up *up;
    bool open;     /* PostgreSQL: a transaction is begun and prepared for the next file */
    bool in_doubt; /* whether the last commit held could not be found out */
};

/* Appends what opens a file's transaction on PostgreSQL: BEGIN, the session's first state, the lock
 * timeout. */
void up_prologue(const struct up_run *run, struct str *sql);

/* Records the file and commits. With `next` its prologue shares the round trip. A failure is
 * settled by looking for the row: true when it is there after all. */
bool up_commit(struct up_run *run, const struct up_step *step, const struct up_step *next, int ms,
               struct error *err) MUST_CHECK;

/* Rolls back, records a failed row where something may have stayed, runs the error callbacks, and
 * adds to err what was undone and what to do; false. executed: the file itself ran to its end; when
 * only its row was missing that is written now, and the answer is true. */
bool up_fail(struct up_run *run, const struct up_step *step, const struct script_run *sr,
             bool executed, int ms, struct error *err);

void up_roll_back(struct up_run *run);

/* The history row of a step. Borrows. */
struct history_row up_row(const struct migrate *m, const struct up_step *step, int ms,
                          bool success);

#endif
