/* NAME.sql.conf: settings for one file, as key=value lines. */
#ifndef DBOPS_MIGRATE_SCRIPT_CONF_H
#define DBOPS_MIGRATE_SCRIPT_CONF_H

#include "migrate/files.h"

/* Neither key said. */
#define SCRIPT_CONF_INIT                                                                           \
    {                                                                                              \
        -1, -1, NULL                                                                               \
    }
void script_conf_free(struct script_conf *conf);
AUTO_VALUE(script_conf_free, struct script_conf)

/* Keys are executeInTransaction, encoding and placeholderReplacement; any other is ERR_CONFIG with
 * path:line. Lines that begin with # or ! are comments. Placeholders must be replaced already. */
bool script_conf_parse(const char *text, const char *path, struct script_conf *ret,
                       struct error *err) MUST_CHECK;

/* Opens, replaces placeholders, parses. */
bool script_conf_read(const char *path, const struct text_options *options, struct script_conf *ret,
                      struct error *err) MUST_CHECK;

#endif
