/* dbops.yaml, read through the table of keys (keys.def) into plain structs. */
#ifndef DBOPS_CONFIG_CONFIG_H
#define DBOPS_CONFIG_CONFIG_H

#include <stdbool.h>

#include "lib/base/error.h"
#include "lib/base/vec.h"
#include "lib/data/value.h"

enum config_engine { CONFIG_POSTGRES, CONFIG_MYSQL };
enum config_tls {
    CONFIG_TLS_DEFAULT,
    CONFIG_TLS_DISABLE,
    CONFIG_TLS_PREFER,
    CONFIG_TLS_REQUIRE,
    CONFIG_TLS_VERIFY_FULL
};
enum config_clean { CONFIG_CLEAN_REFUSED, CONFIG_CLEAN_ALLOWED };

struct config_pair {
    char *name, *value;
};
struct config_pairs { /* a map of strings, in the file's order */
    struct config_pair *ptr;
    size_t len, cap;
};

/* targets.<name>.migrate; names follow Flyway's options in snake case. Strings are NULL when not
 * given and without a default. */
struct config_migrate {
    struct strlist locations;          /* folders as written; relative ones start at base_dir */
    struct strlist callback_locations; /* SQL callbacks come from here alone when not empty */
    char *base_dir; /* folder of the file that names the locations; NULL: the working directory */
    struct strlist schemas;
    char *default_schema;
    bool create_schemas; /* true */
    char *table;         /* flyway_schema_history */
    char *tablespace;
    char *target; /* latest | current | next | VERSION | VERSION? ; latest */
    bool out_of_order;
    bool group;
    bool mixed;
    struct strlist ignore_patterns; /* *:future */
    bool validate_on_migrate;       /* true */
    bool validate_naming;
    bool baseline_on_migrate;
    char *baseline_version;     /* 1 */
    char *baseline_description; /* << Flyway Baseline >> */
    bool skip_executing;
    enum config_clean clean; /* refused */
    char *installed_by;
    char *init_sql;
    char *encoding; /* UTF-8 */
    bool detect_encoding;
    bool execute_in_transaction; /* true */
    bool output_results;         /* print the result sets of migrations; false */
    bool fail_on_missing_locations;
    struct config_pairs placeholders;
    bool placeholder_replacement;                                          /* true */
    char *placeholder_prefix, *placeholder_suffix, *placeholder_separator; /* ${ } : */
    char *sql_prefix, *repeatable_prefix, *baseline_prefix;                /* V R B */
    char *separator;                                                       /* __ */
    struct strlist suffixes;                                               /* .sql */
    bool skip_default_callbacks;
    long long lock_wait_ms;    /* for the run lock; 50 s */
    long long lock_timeout_ms; /* of each DDL attempt, 0: the server's own; the target's */
    long long lock_retries;    /* attempts after a lock timeout; 10 */
    char *environment;         /* value of ${flyway:environment}; "default" */
};

struct config_target {
    char *name;
    enum config_engine engine;
    char *host;
    long long port; /* 0: the engine's */
    char *database, *user, *password;
    char *password_file; /* where the password was read from; NULL: elsewhere */
    enum config_tls tls;
    char *tls_ca, *tls_cert, *tls_key;
    long long connect_timeout_ms; /* 10 s */
    long long lock_timeout_ms;    /* of each DDL attempt, 0: the server's own; 5 s */
    char *timezone;               /* of sessions; NULL: the machine's own, as JDBC does */
    bool protected_;              /* key "protected" */
    char *client_bin;             /* folder of pg_dump, mysqldump, …; NULL: found by version */
    struct config_migrate migrate;
};

/* A value from the command line or the environment that wins over the file. */
struct config_override {
    const char *key;    /* dotted, within a target: "migrate.out_of_order", "host" */
    const char *value;  /* as it would stand in the file; lists: comma-separated */
    const char *source; /* "option --out-of-order", "environment DBOPS_OUT_OF_ORDER" */
};

struct config;

/* The file that dbops would read: given (option or DBOPS_CONFIG), ./dbops.yaml,
 * $XDG_CONFIG_HOME/dbops/dbops.yaml (~/.config), /etc/dbops/dbops.yaml; NULL when there is none.
 * The caller frees it. */
char *config_find(const char *given);

/* Parses the file with its includes and checks everything that can be checked without resolving
 * variables. err holds every finding, one "file:line:col: key: what" a line (ERR_CONFIG). */
struct config *config_load(const char *path, struct error *err) MUST_CHECK;
void config_free(struct config *c);
AUTO_POINTER(config_free, struct config)

const char *config_path(const struct config *c);
const char *config_project(const struct config *c); /* NULL when not given */

/* Names of the targets in the file's order; members of a group, or NULL when there is none. */
const struct strlist *config_target_names(const struct config *c);
const struct strlist *config_group(const struct config *c, const char *name);
const struct strlist *config_group_names(const struct config *c);

/* Resolves variables, secret files and commands of this target alone, applies the overrides, and
 * binds it. The result belongs to c. */
const struct config_target *config_target(struct config *c, const char *name,
                                          const struct config_override overrides[], size_t n,
                                          struct error *err) MUST_CHECK;

/* The same for work without a server: only the keys under `migrate` are resolved and set, so that
 * no variable or secret of the connection is needed. */
const struct config_target *config_target_offline(struct config *c, const char *name,
                                                  const struct config_override overrides[],
                                                  size_t n, struct error *err) MUST_CHECK;

/* Every key of the targets (NULL: of all), as a list of maps {key, value, source}: source is
 * "default", "FILE:LINE" with the variables in it, or that of an override. Secrets are "***" and
 * not looked for; a value whose variable is not set stays as written. */
struct value *config_show(struct config *c, const struct strlist *targets,
                          const struct config_override overrides[], size_t n,
                          struct error *err) MUST_CHECK;

/* What config_load found: {file, files, project, targets, groups, variables: [{name, place, set,
 * default}]}. With resolve_all it also resolves every variable of the targets and reads their
 * secret files (no command is run), and all that is wrong there comes back in err. */
struct value *config_check(struct config *c, const struct strlist *targets, bool resolve_all,
                           struct error *err) MUST_CHECK;

/* JSON Schema 2020-12 of the file. */
struct value *config_schema(void);

/* Rows {key, type, default, allowed, doc} of the table of keys, for dbops.yaml(5); the keys of a
 * target begin with "targets.NAME.". */
struct value *config_keys(void);

#endif
