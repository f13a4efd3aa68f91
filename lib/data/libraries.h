/* The libraries of this folder, for `dbops version`. */
#ifndef DBOPS_DATA_LIBRARIES_H
#define DBOPS_DATA_LIBRARIES_H

#include "lib/data/value.h"

/* Sets name: version, as loaded at run time. */
void data_libraries(struct value *map);

#endif
