/* migrate baseline: declares what is there as a version, without running anything. */
#ifndef DBOPS_MIGRATE_BASELINE_H
#define DBOPS_MIGRATE_BASELINE_H

#include <stdio.h>

#include "migrate/context.h"

struct baseline_plan {
    struct strlist missing; /* schemas to create */
    bool already;           /* the same marker is there: nothing to do */
};
void baseline_plan_free(struct baseline_plan *plan);
AUTO_VALUE(baseline_plan_free, struct baseline_plan)

/* ERR_DATA when the history holds another marker, migrations, or is empty. */
bool baseline_prepare(struct migrate *m, struct baseline_plan *plan, struct error *err) MUST_CHECK;
bool baseline_apply(struct migrate *m, const struct baseline_plan *plan,
                    struct error *err) MUST_CHECK;
void baseline_print(const struct migrate *m, const struct baseline_plan *plan, FILE *out);

#endif
