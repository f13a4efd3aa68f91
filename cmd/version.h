/* The version of the program; a release changes this line and CHANGELOG.md. */
#ifndef DBOPS_CMD_VERSION_H
#define DBOPS_CMD_VERSION_H

#define DBOPS_VERSION "0.1.0"

#endif
