/* Where migrations lie: the folders of the configuration, with wildcards, walked. */
#ifndef DBOPS_MIGRATE_LOCATIONS_H
#define DBOPS_MIGRATE_LOCATIONS_H

#include "lib/base/error.h"
#include "lib/base/vec.h"

struct found_file {
    char *path;
    char *script;     /* relative to its location */
    const char *name; /* last part of path */
    bool has_conf;    /* path.conf is there */
};

struct found_files {
    VEC(struct found_file) list; /* by path, each once */
};
void found_files_free(struct found_files *files);
AUTO_VALUE(found_files_free, struct found_files)

/*
 * `filesystem:DIR` or DIR, relative to base_dir (NULL: the working directory), with `**` (any
 * number of directories), `*` (one or more characters) and `?` (one) in any part. A pattern may
 * name directories or files. Exact duplicates and folders within another are left out with a
 * warning. Below a folder everything is walked but hidden directories (so that mounted Kubernetes
 * ConfigMaps work); links are followed, each directory is read once. Only files with one of the
 * suffixes are given. A folder that is not there is a warning, or ERR_CONFIG when must_exist.
 */
bool locations_scan(const struct strlist *locations, const char *base_dir, bool must_exist,
                    const struct strlist *suffixes, struct found_files *ret,
                    struct strlist *warnings, struct error *err) MUST_CHECK;

/* The folder that a location without wildcards names, owned by the caller; NULL with ERR_CONFIG for
 * one that is not on the file system. */
char *location_path(const char *location, const char *base_dir, struct error *err) MUST_CHECK;

/* `*`: one or more characters, `?`: one character, all others: themselves. */
bool location_glob(const char *pattern, const char *name);

#endif
