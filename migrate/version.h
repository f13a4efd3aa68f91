/* Versions of migrations: numbers without limit, separated by dots. */
#ifndef DBOPS_MIGRATE_VERSION_H
#define DBOPS_MIGRATE_VERSION_H

#include <stdbool.h>

/* The history table holds versions of this many characters. */
enum { VERSION_MAX_LENGTH = 50 };

/* True for digits separated by single dots or underscores. */
bool version_valid(const char *text);

/* The display text: underscores become dots, zeros stay ("1_01" → "1.01"). Owned by the caller. */
char *version_display(const char *text);

/* <0, 0, >0. Missing and trailing zero parts are equal: 3 = 3.0. NULL sorts before everything. */
int version_compare(const char *a, const char *b);

#endif
