/* migrate clean: drops everything in the managed schemas. The caller has asked twice. */
#ifndef DBOPS_MIGRATE_CLEAN_H
#define DBOPS_MIGRATE_CLEAN_H

#include "migrate/context.h"

/* Appends the statements that empty the schemas, in an order that works, and those that drop the
 * schemas which an earlier run created (SCHEMA rows). The history must have been read. */
bool clean_statements(struct migrate *m, struct strlist *ret, struct error *err) MUST_CHECK;

/* Runs them: one transaction on PostgreSQL; on MySQL, where DDL commits, foreign keys are not
 * checked meanwhile. */
bool clean_apply(struct migrate *m, const struct strlist *statements, struct error *err) MUST_CHECK;

#endif
