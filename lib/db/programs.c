#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/process.h"
#include "lib/db/child.h"
#include "lib/db/impl.h"

#define PG_HOME "/usr/lib/postgresql"

enum { ASK_MS = 5000, ANSWER_MAX = 4096 };

void db_program_free(struct db_program *p)
{
    free(p->path);
    free(p->version);
    *p = (struct db_program){0};
}

/* The version behind the first of the words that occurs: MariaDB's programs name their own number
 * ("Ver 10.19") beside the server's ("Distrib 10.11.19-MariaDB"). */
void db_program_parse(const char *text, struct db_program *ret)
{
    static const char *const words[] = {"(PostgreSQL) ", "Distrib ", " from ", "Ver "};
    ret->is_mariadb = strstr(text, "MariaDB") != NULL;
    for (size_t i = 0; i < ARRAY_LEN(words) && !ret->version; i++) {
        const char *at = strstr(text, words[i]);
        size_t len = at ? strspn(at + strlen(words[i]), "0123456789.") : 0;
        if (len)
            ret->version = xstrndup(at + strlen(words[i]), len);
    }
    if (ret->version)
        ret->major = (unsigned)strtoul(ret->version, NULL, 10);
}

/* The folder under PG_HOME to take: the oldest that is not older than the server, else the newest.
 * 0: none. */
static unsigned best_postgres(unsigned server_major)
{
    unsigned best = 0;
    DIR *dir = opendir(PG_HOME);
    if (!dir)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        unsigned long long n;
        if (!str_to_uint(entry->d_name, &n) || n > 1000)
            continue;
        unsigned have = (unsigned)n;
        bool fits = have >= server_major;
        if (!best || (best < server_major ? have > best : fits && have < best))
            best = have;
    }
    closedir(dir);
    return best;
}

static char *look(const struct db *db, const char *folder, const char *name)
{
    AUTO(mem_free) char *there = NULL;
    if (folder && *folder) {
        there = file_join(folder, name);
        return file_find_program(there);
    }
    unsigned best = db->engine == DB_POSTGRES ? best_postgres(db->number / 10000) : 0;
    if (best)
        there = xasprintf(PG_HOME "/%u/bin/%s", best, name);
    char *path = there ? file_find_program(there) : NULL;
    return path ? path : file_find_program(name);
}

bool db_program_find(const struct db *db, const char *folder, const char *name,
                     struct db_program *ret, struct error *err)
{
    AUTO(db_program_free) struct db_program p = {.path = look(db, folder, name)};
    if (p.path) {
        const char *const argv[] = {p.path, "--version", NULL};
        AUTO(str_free) struct str text = STR_INIT;
        AUTO(error_free) struct error own = ERROR_INIT;
        int status = 0;
        if (process_capture(argv, NULL, ASK_MS, ANSWER_MAX, &text, &status, &own))
            db_program_parse(text.ptr, &p);
        else if (own.kind == ERR_INTERRUPTED)
            return error_set(err, own.kind, "%s", own.text);
    }
    *ret = p;
    p = (struct db_program){0};
    return true;
}

const char *db_program_misfit(const struct db *db, const struct db_program *p)
{
    unsigned server = db->number / 10000; /* the major version, for all three */
    if (!p->version)
        return "does not tell its version";
    if (db->engine == DB_MYSQL && p->is_mariadb != (db->flavour == DB_IS_MARIADB))
        return p->is_mariadb ? "is MariaDB's, and the server is MySQL"
                             : "is MySQL's, and the server is MariaDB";
    return p->major < server ? "is older than the server" : NULL;
}
