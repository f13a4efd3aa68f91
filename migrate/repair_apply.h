/* migrate repair: brings the history in line with the files, in one transaction. */
#ifndef DBOPS_MIGRATE_REPAIR_APPLY_H
#define DBOPS_MIGRATE_REPAIR_APPLY_H

#include "migrate/context.h"

/* The statements of the plan, in order. */
void repair_statements(const struct migrate *m, const struct repair_plan *plan,
                       struct strlist *ret);

bool repair_apply(struct migrate *m, const struct repair_plan *plan, struct error *err) MUST_CHECK;

#endif
