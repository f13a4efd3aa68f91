/* migrate up: brings the schema to the state of the files. */
#ifndef DBOPS_MIGRATE_UP_H
#define DBOPS_MIGRATE_UP_H

#include <stdio.h>

#include "migrate/context.h"
#include "migrate/up_steps.h"

struct up_applied {
    const struct info_line *line;
    int execution_ms;
};

/* A planned run and, after up_apply, what came of it. Borrows from its struct migrate. */
struct up {
    struct validation validation; /* findings that stopped the run */
    struct info info;
    struct up_plan plan;
    struct up_steps steps;
    struct strlist missing; /* schemas to create */
    struct history_row baseline, schema;
    bool has_baseline, has_schema;
    char *initial_version; /* NULL: empty */
    VEC(struct up_applied) applied;
};
void up_free(struct up *up);
AUTO_VALUE(up_free, struct up)

/* Reads history and schemas, validates, plans, and reads every pending file through once: whatever
 * can be found wrong is found before anything is changed. */
bool up_prepare(struct migrate *m, struct up *up, struct error *err) MUST_CHECK;

/* Applies the plan. Kill it anywhere: on PostgreSQL a transactional file and its row are one
 * commit; elsewhere the row comes after the change. A connection lost at COMMIT is opened again,
 * locked again, and the row looked for. */
bool up_apply(struct migrate *m, struct up *up, struct error *err) MUST_CHECK;

/* A file below the version that the run began with. */
bool up_is_out_of_order(const struct up *up, const struct info_line *line);

/* Prints the plan as a script that psql or mysql can run with the same effect. */
bool up_print(struct migrate *m, const struct up *up, FILE *out, struct error *err) MUST_CHECK;

/* Run the callbacks of an event, each file in its own transaction. */
bool callbacks_run(struct migrate *m, enum callback_event event, struct error *err) MUST_CHECK;
/* The same inside the transaction of a migration. */
bool callbacks_run_inside(struct migrate *m, enum callback_event event,
                          struct error *err) MUST_CHECK;
/* After a failure: their own failures are logged and never hide the first. */
void callbacks_run_after_error(struct migrate *m, enum callback_event event);
/* Whether its callbacks find the session as a file does, whatever the last one left behind. Those
 * before the first file cannot: the schema may not be there yet. */
bool callbacks_start_afresh(enum callback_event event);
bool callbacks_has(const struct migrate *m, enum callback_event event);

#endif
