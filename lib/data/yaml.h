/* YAML in (libyaml): a tree that knows for each value where it stands. Output is yaml_out.h. */
#ifndef DBOPS_DATA_YAML_H
#define DBOPS_DATA_YAML_H

#include <stddef.h>

#include "lib/data/tree.h"

enum { TREE_DEPTH_MAX = 64, TREE_NODES_MAX = 100000 };

/* Reads text, which must hold one document. Adds whatever is wrong to problems; a tree may come
 * back all the same (duplicate keys), or NULL. *nodes counts values over several calls, up to
 * TREE_NODES_MAX. `file` is borrowed by the tree and the problems. */
struct tree *tree_read(const char *text, size_t len, const char *file, size_t *nodes,
                       struct tree_problems *problems);

#endif
