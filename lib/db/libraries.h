/* The libraries of this folder, for `dbops version`. */
#ifndef DBOPS_DB_LIBRARIES_H
#define DBOPS_DB_LIBRARIES_H

#include "lib/data/value.h"

/* Sets name: version, as loaded at run time. */
void db_libraries(struct value *map);

#endif
