/* The whole of `migrate up` as a list of steps: what --dry-run prints and what is applied. Pure. */
#ifndef DBOPS_MIGRATE_UP_STEPS_H
#define DBOPS_MIGRATE_UP_STEPS_H

#include "migrate/info.h"

enum up_step_kind {
    UP_CALLBACK,       /* run the callbacks of an event */
    UP_CREATE_SCHEMAS, /* create the missing schemas */
    UP_CREATE_TABLE,   /* create the history table, with the baseline marker when there is one */
    UP_RECORD,         /* insert a row that stands for no file (SCHEMA) */
    UP_MIGRATION,      /* run a file and record it */
};

struct up_step {
    enum up_step_kind kind;
    enum callback_event event;     /* UP_CALLBACK */
    const struct info_line *line;  /* UP_MIGRATION */
    const struct history_row *row; /* UP_CREATE_TABLE: baseline or NULL; UP_RECORD: the row */
    int rank;                      /* UP_MIGRATION */
    bool in_transaction;           /* UP_MIGRATION: filled in when the file was read */
    bool session;                  /* the same: it may leave something behind in the session */
};

struct up_steps {
    VEC(struct up_step) list;
};
void up_steps_free(struct up_steps *steps);
AUTO_VALUE(up_steps_free, struct up_steps)

/* What the steps are made of. Everything is borrowed. */
struct up_state {
    const struct up_plan *plan;
    const struct migration_set *set;    /* its callbacks */
    const struct strlist *missing;      /* schemas to create, maybe none */
    const struct history_row *schema;   /* SCHEMA row to record, or NULL */
    const struct history_row *baseline; /* marker, or NULL */
    bool table_exists;
    int first_rank; /* of the first migration */
};
void up_steps_build(const struct up_state *state, struct up_steps *ret);

#endif
