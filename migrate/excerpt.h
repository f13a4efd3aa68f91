/* The line of a file that an error is about, for people. */
#ifndef DBOPS_MIGRATE_EXCERPT_H
#define DBOPS_MIGRATE_EXCERPT_H

#include "migrate/text.h"

/* "    select * form t\n             ^": the line as it stands in the file (placeholders not
 * replaced), cut to a readable length around the place, and a caret under it. NULL when the file
 * cannot be read. Owned by the caller. */
char *excerpt(const char *path, const char *encoding, bool detect_encoding,
              struct text_place place);

#endif
