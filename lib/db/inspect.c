#include "lib/db/inspect.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/db/child.h"
#include "lib/db/impl.h"
#include "lib/db/inspect_rights.h"

enum { CLOCK_LIMIT_S = 5 };

void findings_free(struct findings *f)
{
    for (size_t i = 0; i < f->len; i++) {
        free(f->ptr[i].text);
        free(f->ptr[i].hint);
    }
    vec_free(f);
}

void findings_add(struct findings *f, const char *check, enum finding_level level, const char *hint,
                  const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    *vec_add(f) = (struct finding){check, level, xvasprintf(fmt, ap), xstrdup(hint)};
    va_end(ap);
}

static void look_at_tls(const struct db *db, struct findings *ret)
{
    bool weak = db->host && !tls_is_local(db->host) && !strstr(db->tls_state, ", verified");
    findings_add(ret, "tls", weak ? FINDING_WARNING : FINDING_OK,
                 weak ? "set tls: verify-full, and tls_ca to the CA of the server's certificate; "
                        "without it the password and the data can be read or changed on the way"
                      : NULL,
                 "%s%s", db->tls_state, db->socket ? " (local socket)" : "");
}

static void look_at_version(const struct db *db, struct findings *ret)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    if (db_supported(db, &err))
        findings_add(ret, "version", FINDING_OK, NULL, "%s %s", db_flavour_name(db), db->version);
    else
        findings_add(ret, "version", FINDING_ERROR, err.hint, "%s %s is too old",
                     db_flavour_name(db), db->version);
}

static bool look_at_clock(struct db *db, struct findings *ret, struct error *err)
{
    const char *sql = db->engine == DB_POSTGRES ? "SELECT extract(epoch FROM clock_timestamp())"
                                                : "SELECT UNIX_TIMESTAMP(SYSDATE(6))";
    struct timespec before, after;
    AUTO(mem_free) char *text = NULL;
    clock_gettime(CLOCK_REALTIME, &before);
    if (!db_query_string(db, sql, &text, err))
        return false;
    clock_gettime(CLOCK_REALTIME, &after);
    double ours = ((double)before.tv_sec + (double)after.tv_sec) / 2 +
                  ((double)before.tv_nsec + (double)after.tv_nsec) / 2e9;
    double ahead = (text ? strtod(text, NULL) : ours) - ours;
    bool far = fabs(ahead) > CLOCK_LIMIT_S;
    findings_add(
        ret, "clock", far ? FINDING_WARNING : FINDING_OK,
        far ? "let NTP set both clocks; times in the schema history are the server's" : NULL,
        "the server's clock is %.1f s %s ours", fabs(ahead), ahead >= 0 ? "ahead of" : "behind");
    return true;
}

static bool look_at_program(const struct db *db, const char *folder, const char *const choices[],
                            struct findings *ret, struct error *err)
{
    AUTO(db_program_free) struct db_program found = {0};
    const char *name = choices[0];
    for (size_t i = 0; choices[i] && !found.path; i++) {
        name = choices[i];
        if (!db_program_find(db, folder, name, &found, err))
            return false;
    }
    if (!found.path) {
        findings_add(ret, "program", FINDING_WARNING,
                     "install the server's client programs, or name their folder with client_bin",
                     "%s is not found%s%s", choices[0], folder ? " in " : "", folder ? folder : "");
        return true;
    }
    const char *misfit = db_program_misfit(db, &found);
    if (misfit)
        findings_add(ret, "program", FINDING_WARNING,
                     "install client programs of the server's version, or name their folder with "
                     "client_bin",
                     "%s %s (%s) %s", name, found.version ? found.version : "", found.path, misfit);
    else
        findings_add(ret, "program", FINDING_OK, NULL, "%s %s (%s)", name, found.version,
                     found.path);
    return true;
}

static bool look_at_programs(const struct db *db, const char *folder, struct findings *ret,
                             struct error *err)
{
    static const char *const programs[][3][3] = {
        [DB_IS_POSTGRES] = {{"pg_dump"}, {"pg_restore"}, {"psql"}},
        [DB_IS_MYSQL] = {{"mysqldump"}, {"mysql"}},
        [DB_IS_MARIADB] = {{"mariadb-dump", "mysqldump"}, {"mariadb", "mysql"}},
    };
    for (size_t i = 0; i < 3 && programs[db->flavour][i][0]; i++)
        if (!look_at_program(db, folder, programs[db->flavour][i], ret, err))
            return false;
    return true;
}

bool db_inspect(struct db *db, const struct inspect_options *options, struct findings *ret,
                struct error *err)
{
    look_at_tls(db, ret);
    look_at_version(db, ret);
    bool ok = db->engine == DB_POSTGRES ? inspect_postgres(db, options, ret, err)
                                        : inspect_mysql(db, options, ret, err);
    return ok && look_at_clock(db, ret, err) && look_at_programs(db, options->client_bin, ret, err);
}
