/* A small client of lib/db for the bats suites: connects as DB_* in the environment say and runs
 * one verb after the other: `db_probe exec SQL query SQL …`. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/db/child.h"
#include "lib/db/db.h"
#include "lib/db/lock.h"
#include "lib/db/tls.h"

static void print_result(void *ctx, const struct db_result *r)
{
    if (ctx)
        printf("-- %zu rows\n", db_rows(r));
    for (size_t row = 0; row < db_rows(r); row++) {
        for (size_t i = 0; i < db_columns(r); i++) {
            const char *value = db_value(r, row, i);
            printf("%s%s", i ? "|" : "", value ? value : "NULL");
        }
        putchar('\n');
    }
    fflush(stdout);
}

static bool verb_exec(struct db *db, const char *arg, struct error *err)
{
    return db_exec(db, arg, err);
}

static bool verb_query(struct db *db, const char *arg, struct error *err)
{
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!db_query(db, arg, &r, err))
        return false;
    print_result(NULL, r);
    return true;
}

/* SQL with up to nine values behind it, separated by "|"; "NULL" is SQL NULL. */
static bool verb_params(struct db *db, const char *arg, struct error *err)
{
    AUTO(mem_free) char *text = xstrdup(arg);
    const char *params[9];
    size_t n = 0;
    char *rest = text, *sql = strsep(&rest, "|");
    for (char *value; n < 9 && (value = strsep(&rest, "|")); n++)
        params[n] = str_equal(value, "NULL") ? NULL : value;
    AUTO(db_result_free) struct db_result *r = NULL;
    if (!db_query_params(db, sql, n, params, &r, err))
        return false;
    if (r)
        print_result(NULL, r);
    return true;
}

static bool verb_run(struct db *db, const char *arg, struct error *err)
{
    struct db_run run = {.result = print_result, .ctx = db};
    if (!db_run(db, arg, strlen(arg), &run, err))
        return false;
    printf("affected %llu, warnings %u\n", (unsigned long long)run.affected, run.warnings);
    return true;
}

/* COPY from standard input. */
static bool verb_copy(struct db *db, const char *arg, struct error *err)
{
    static char piece[1 << 16];
    uint64_t rows = 0;
    if (!db_copy_begin(db, arg, strlen(arg), err))
        return false;
    for (size_t n; (n = fread(piece, 1, sizeof piece, stdin));)
        if (!db_copy_send(db, piece, n, err)) {
            db_copy_abort(db, "given up");
            return false;
        }
    if (!db_copy_end(db, &rows, err))
        return false;
    printf("copied %llu\n", (unsigned long long)rows);
    return true;
}

static bool verb_copy_abort(struct db *db, const char *arg, struct error *err)
{
    if (!db_copy_begin(db, arg, strlen(arg), err) || !db_copy_send(db, "1\n", 2, err))
        return false;
    db_copy_abort(db, "changed my mind");
    return true;
}

static struct db_lock_key lock_key(void)
{
    return (struct db_lock_key){.number = 77433833903597, .name = "dbops-probe"};
}

static bool verb_lock(struct db *db, const char *arg, struct error *err)
{
    struct db_lock_key key = lock_key();
    unsigned long long wait_ms = 0;
    if (!str_to_uint(arg, &wait_ms) || !db_lock_take(db, &key, (unsigned)wait_ms, err))
        return false;
    puts("locked");
    fflush(stdout);
    return true;
}

static bool verb_unlock(struct db *db, const char *arg UNUSED, struct error *err UNUSED)
{
    struct db_lock_key key = lock_key();
    db_lock_release(db, &key);
    return true;
}

static bool verb_info(struct db *db, const char *arg, struct error *err UNUSED)
{
    if (str_equal(arg, "tls"))
        puts(db_tls_state(db));
    else if (str_equal(arg, "url"))
        puts(db_url(db));
    else if (str_equal(arg, "version"))
        printf("%s %s %u\n", db_flavour_name(db), db_server_version(db), db_server_number(db));
    else if (str_equal(arg, "session"))
        printf("%lu\n", db_session_id(db));
    else if (str_equal(arg, "who"))
        printf("%s %s\n", db_user(db), db_database(db));
    else if (str_equal(arg, "txn"))
        printf("%d\n", db_txn(db));
    fflush(stdout);
    return true;
}

static bool verb_defer(struct db *db UNUSED, const char *arg, struct error *err UNUSED)
{
    interrupt_defer(str_equal(arg, "on"));
    return true;
}

static bool verb_sleep(struct db *db UNUSED, const char *arg, struct error *err)
{
    unsigned long long ms = 0;
    return str_to_uint(arg, &ms) && interrupt_sleep((unsigned)ms, err);
}

/* Prints the peak of resident memory, in kB. */
static bool verb_memory(struct db *db UNUSED, const char *arg UNUSED, struct error *err UNUSED)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak %ld\n", usage.ru_maxrss);
    return true;
}

static bool verb_child_environment(struct db *db, const char *arg UNUSED, struct error *err UNUSED)
{
    AUTO(strlist_free) struct strlist list = {0};
    db_child_environment(db, &list);
    for (size_t i = 0; i < list.len; i++)
        puts(list.ptr[i]);
    return true;
}

static bool verb_child_options(struct db *db, const char *arg, struct error *err)
{
    struct db_program program = {.is_mariadb = str_equal(arg, "mariadb")};
    AUTO(str_free) struct str text = STR_INIT;
    if (!db_child_options(db, &program, &text, err))
        return false;
    fputs(text.ptr, stdout);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(struct db *db, const char *arg, struct error *err);
} verbs[] = {
    {"exec", verb_exec},
    {"query", verb_query},
    {"params", verb_params},
    {"run", verb_run},
    {"copy", verb_copy},
    {"copy-abort", verb_copy_abort},
    {"lock", verb_lock},
    {"unlock", verb_unlock},
    {"info", verb_info},
    {"defer", verb_defer},
    {"sleep", verb_sleep},
    {"memory", verb_memory},
    {"child-environment", verb_child_environment},
    {"child-options", verb_child_options},
};

static void print_problem(const struct db_problem *p)
{
    printf("problem sqlstate=%s number=%u position=%zu line=%u lost=%d\n", p->sqlstate, p->number,
           p->position, p->line, p->connection_lost);
    if (p->detail)
        printf("detail %s\n", p->detail);
    if (p->hint)
        printf("hint %s\n", p->hint);
    if (p->where)
        printf("where %s\n", p->where);
}

/* "?" in front of a verb: its failure is printed and the next verb runs. */
static bool run_all(struct db *db, char **argv, struct error *err)
{
    for (; argv[0] && argv[1]; argv += 2) {
        bool forgiving = argv[0][0] == '?';
        AUTO(error_free) struct error own = ERROR_INIT;
        for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
            if (!str_equal(argv[0] + forgiving, verbs[i].name))
                continue;
            if (verbs[i].run(db, argv[1], forgiving ? &own : err))
                break;
            print_problem(db_problem(db));
            if (!forgiving)
                return false;
            printf("%s: %s\n", error_name(own.kind), own.text);
        }
    }
    return true;
}

static unsigned number_of(const char *name)
{
    unsigned long long n = 0;
    const char *text = getenv(name);
    return text && str_to_uint(text, &n) ? (unsigned)n : 0;
}

int main(int argc UNUSED, char **argv)
{
    interrupt_install();
    AUTO(error_free) struct error err = ERROR_INIT;
    struct log_options log = {.level = LOG_LEVEL_DEBUG};
    if (!log_setup(&log, &err))
        return 70;
    struct db_params params = {.engine = getenv("DB_MYSQL") ? DB_MYSQL : DB_POSTGRES,
                               .label = getenv("DB_LABEL"),
                               .host = getenv("DB_HOST"),
                               .port = number_of("DB_PORT"),
                               .database = getenv("DB_NAME"),
                               .user = getenv("DB_USER"),
                               .password = getenv("DB_PASSWORD"),
                               .tls = tls_mode_parse(getenv("DB_TLS")),
                               .tls_ca = getenv("DB_CA"),
                               .tls_cert = getenv("DB_CERT"),
                               .tls_key = getenv("DB_KEY"),
                               .connect_timeout_ms = number_of("DB_TIMEOUT")};
    AUTO(db_close) struct db *db = db_open(&params, &err);
    if (db && run_all(db, argv + 1, &err))
        return 0;
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", error_name(err.kind), err.text);
    if (err.hint)
        fprintf(stderr, "hint: %s\n", err.hint);
    return error_exit_code(err.kind);
}
