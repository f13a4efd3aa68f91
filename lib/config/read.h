/* The files of a configuration, put together into one tree. */
#ifndef DBOPS_CONFIG_READ_H
#define DBOPS_CONFIG_READ_H

#include "lib/base/vec.h"
#include "lib/data/tree.h"

/* Reads path and the files that it includes (relative to the including one). targets, groups and
 * defaults of all files are put together; any other key stands in one file only. `version` and
 * `include` are used up. Names of the files go to `files`, which must outlive the tree and the
 * problems. NULL when there is nothing to go on with. */
struct tree *read_files(const char *path, struct strlist *files, struct tree_problems *problems);

/* The folder of a file's name: "" for the working directory, else with a slash at its end. */
char *read_folder(const char *file);

#endif
