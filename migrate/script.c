#include "migrate/script.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/backoff.h"
#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/base/progress.h"
#include "migrate/excerpt.h"

enum { USER_VARIABLES_MAX = 1000 };

static struct split_options split_options_of(const struct migrate *m)
{
    const char *scs = db_parameter(m->db, "standard_conforming_strings");
    const char *mode = m->start.sql_mode ? m->start.sql_mode : "";
    static const enum split_dialect dialects[] = {
        [DB_IS_POSTGRES] = SPLIT_POSTGRES,
        [DB_IS_MYSQL] = SPLIT_MYSQL,
        [DB_IS_MARIADB] = SPLIT_MARIADB,
    };
    return (struct split_options){
        .dialect = dialects[db_flavour(m->db)],
        .standard_conforming_strings = !str_equal(scs, "off"),
        .ansi_quotes = strstr(mode, "ANSI_QUOTES") != NULL,
        .no_backslash_escapes = strstr(mode, "NO_BACKSLASH_ESCAPES") != NULL,
        .oracle_mode = strstr(mode, "ORACLE") != NULL,
        .database = db_database(m->db),
    };
}

struct split *script_open(struct migrate *m, const struct script *script, struct placeholders *own,
                          struct error *err)
{
    struct text_options text;
    files_text_options(&m->files, script->conf, script->path, own, &text);
    struct text *opened = text_open(script->path, &text, err);
    if (!opened)
        return NULL;
    struct split_options options = split_options_of(m);
    return split_open(opened, script->name, &options);
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Where the name of a variable that begins here ends: name or `name`; p itself when there is none.
 */
static const char *end_of_variable(const char *p, const char *end)
{
    enum { NAME_BYTES_MAX = 64 * 4 };
    if (p < end && *p == '`') {
        const char *close = memchr(p + 1, '`', (size_t)(end - p - 1));
        return close && close - p > 1 && close - p <= NAME_BYTES_MAX ? close + 1 : p;
    }
    while (p < end && is_name(*p))
        p++;
    return p;
}

/* @name, as far as the text shows: one too many does no harm, it is only set to NULL later. */
static void note_user_variables(struct migrate *m, const struct statement *s)
{
    const char *p = s->sql, *end = s->sql + s->len;
    while ((p = memchr(p, '@', (size_t)(end - p)))) {
        bool first = p == s->sql || (p[-1] != '@' && !is_name(p[-1]));
        const char *name = ++p;
        p = end_of_variable(p, end);
        if (first && p > name && m->user_variables.len < USER_VARIABLES_MAX) {
            AUTO(mem_free) char *text = xstrndup(name, (size_t)(p - name));
            bool known = false;
            for (size_t i = 0; i < m->user_variables.len && !known; i++)
                known = str_equal_nocase(m->user_variables.ptr[i], text);
            if (!known)
                strlist_add(&m->user_variables, text);
        }
    }
}

static void note_facts(const struct statement *s, struct script_facts *facts)
{
    facts->statements++;
    facts->session |= s->session;
    if (s->txn == SPLIT_TXN_ORDINARY && !facts->ordinary) {
        facts->ordinary = true;
        facts->ordinary_at = s->start;
    } else if (s->txn == SPLIT_TXN_REFUSES && !facts->refuses) {
        facts->refuses = true;
        facts->refuses_at = s->start;
    } else if (s->txn == SPLIT_TXN_CONTROL && !facts->control) {
        facts->control = true;
        facts->control_at = s->start;
    }
}

bool script_read(struct migrate *m, const struct script *script, struct script_facts *ret,
                 struct error *err)
{
    AUTO(placeholders_free) struct placeholders own = {0};
    AUTO(split_close) struct split *split = script_open(m, script, &own, err);
    struct script_facts facts = {0};
    struct statement s;
    int more = split ? 1 : -1;
    while (more > 0 && (more = split_next(split, &s, err)) > 0)
        if (s.kind != SPLIT_CLIENT) {
            note_facts(&s, &facts);
            if (db_engine(m->db) == DB_MYSQL)
                note_user_variables(m, &s);
        }
    if (more < 0)
        return false;
    *ret = facts;
    return true;
}

bool script_in_transaction(const struct migrate *m, const struct script *script,
                           const struct script_facts *facts, bool *ret, struct error *err)
{
    const struct migrate_options *o = m->options;
    if (script->conf->execute_in_transaction >= 0) {
        *ret = script->conf->execute_in_transaction;
        return true;
    }
    if (facts->refuses && facts->ordinary && !o->mixed) {
        error_set(err, ERR_DATA,
                  "%s: line %u cannot run in a transaction and line %u belongs into one",
                  script->name, facts->refuses_at.line, facts->ordinary_at.line);
        return error_hint(err, "split the file in two, or set 'mixed: true' to run all of it"
                               " outside a transaction");
    }
    *ret = o->execute_in_transaction && !facts->refuses && !facts->control;
    return true;
}

/* Nearly all of a file with COPY is its data: good enough for a share and the time left. */
static uint64_t size_of_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* COPY … FROM STDIN: the data goes from the file to the server in pieces. */
static bool send_copy(struct migrate *m, const struct script *script, struct split *split,
                      const struct statement *s, struct error *err)
{
    enum { PIECE = 64 * 1024 };
    if (!db_copy_begin(m->db, s->sql, s->len, err))
        return false;
    AUTO(mem_free) char *piece = xmalloc(PIECE);
    AUTO(progress_end)
    struct progress *progress =
        progress_start(script->name, PROGRESS_BYTES, size_of_file(script->path));
    ssize_t n;
    while ((n = split_copy_read(split, piece, PIECE, err)) > 0) {
        if (!db_copy_send(m->db, piece, (size_t)n, err))
            return false;
        progress_add(progress, (uint64_t)n);
    }
    if (n < 0) {
        db_copy_abort(m->db, err->text);
        return false;
    }
    uint64_t rows = 0;
    return db_copy_end(m->db, &rows, err);
}

struct result_sink {
    const struct migrate_events *events;
    const char *script;
};

static void pass_result(void *ctx, const struct db_result *result)
{
    const struct result_sink *sink = ctx;
    if (sink->events && sink->events->result)
        sink->events->result(sink->events->ctx, sink->script, result);
}

static bool send_once(struct migrate *m, const struct script *script, struct split *split,
                      const struct statement *s, struct error *err)
{
    if (s->kind == SPLIT_COPY)
        return send_copy(m, script, split, s, err);
    struct result_sink sink = {m->events, script->name};
    struct db_run run = {.result = pass_result, .ctx = &sink};
    return db_run(m->db, s->sql, s->len, &run, err);
}

enum { MYSQL_LOCK_WAIT_TIMEOUT = 1205 };

/* On MySQL a statement that gave up waiting for a lock has done nothing: it can be sent again. On
 * PostgreSQL the transaction is lost with it, so there the whole file is (see apply). */
static bool send_statement(struct migrate *m, const struct script *script, struct split *split,
                           const struct statement *s, const struct script_run *run,
                           struct error *err)
{
    for (unsigned attempt = 0;; attempt++) {
        if (send_once(m, script, split, s, err))
            return true;
        if (!run->lock_timeout || db_problem(m->db)->number != MYSQL_LOCK_WAIT_TIMEOUT ||
            attempt >= m->options->lock_retries)
            return false;
        log_warn("%s:%u: %s; trying again (%u of %u)", script->name, s->start.line, err->text,
                 attempt + 1, m->options->lock_retries);
        error_free(err);
        if (!interrupt_sleep(backoff_ms(attempt), err))
            return false;
    }
}

/* The context of a COPY failure counts the lines of data: "COPY t, line 3, column n". */
static struct text_place place_in_data(const struct statement *s, const struct db_problem *problem)
{
    struct text_place place = s->start;
    const char *line = problem->where ? strstr(problem->where, ", line ") : NULL;
    unsigned long n = line ? strtoul(line + strlen(", line "), NULL, 10) : 0;
    if (!n)
        return place;
    for (size_t i = 0; i < s->len; i++)
        n += s->sql[i] == '\n';
    place.line += (unsigned)n;
    place.column = 1;
    return place;
}

/* Where the server says the fault lies, else where the statement begins. */
static struct text_place place_of_problem(const struct split *split, const struct statement *s,
                                          const struct db_problem *problem)
{
    if (s->kind == SPLIT_STATEMENT && problem->position)
        return split_place(split, problem->position);
    if (s->kind == SPLIT_STATEMENT && problem->line > 1)
        return split_place_of_line(split, problem->line);
    if (s->kind == SPLIT_COPY)
        return place_in_data(s, problem);
    return s->start;
}

static bool explain(struct migrate *m, const struct script *script, const struct split *split,
                    const struct statement *s, struct script_run *run, struct error *err)
{
    const struct db_problem *problem = db_problem(m->db);
    struct text_place place = place_of_problem(split, s, problem);
    run->line = place.line;
    if (db_txn(m->db) != DB_TXN_FAILED) /* an index that stays INVALID, for one */
        run->kept |= s->txn == SPLIT_TXN_REFUSES;
    error_wrap(err, "%s:%u:%u", script->name, place.line, place.column);
    AUTO(placeholders_free) struct placeholders own = {0};
    struct text_options text;
    files_text_options(&m->files, script->conf, script->path, &own, &text);
    AUTO(mem_free) char *shown = excerpt(script->path, text.encoding, text.detect_encoding, place);
    if (shown)
        error_note(err, "%s", shown);
    if (problem->detail)
        error_note(err, "  detail: %s", problem->detail);
    if (problem->where)
        error_note(err, "  where: %s", problem->where);
    if (problem->hint)
        error_hint(err, "%s", problem->hint);
    return false;
}

/* With autocommit off, a session that is in no transaction after a statement has committed it. */
static bool took_effect_for_good(const struct migrate *m, const struct statement *s)
{
    return s->txn != SPLIT_TXN_NEUTRAL && db_txn(m->db) == DB_TXN_NONE;
}

/* What is sent is UTF-8, whatever the file was: a dump's SET client_encoding is not for us. */
static bool keep_encoding(struct migrate *m, const struct script *script, struct error *err)
{
    bool postgres = db_engine(m->db) == DB_POSTGRES;
    const char *ours = postgres ? "UTF8" : "utf8mb4";
    const char *now = db_parameter(m->db, "client_encoding");
    if (!now || str_equal(now, ours))
        return true;
    log_debug("%s: the client's encoding stays %s instead of %s", script->name, ours, now);
    return db_exec(m->db,
                   postgres ? "SET client_encoding TO 'UTF8'"
                            : "SET SESSION character_set_client = utf8mb4,"
                              " SESSION character_set_results = utf8mb4",
                   err);
}

/* Some statements give up every lock of the session, the run's as well. */
static bool gives_up_locks(const struct statement *s)
{
    static const char *const words[] = {"DISCARD", "ADVISORY_UNLOCK", "RELEASE_LOCK",
                                        "RELEASE_ALL_LOCKS"};
    enum { LONGEST = 4096 };
    if (s->len > LONGEST)
        return false;
    AUTO(mem_free) char *text = xstrndup(s->sql, s->len);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasestr(text, words[i]))
            return true;
    return false;
}

/* Taken twice by one session it does no harm: it ends with the connection. */
static bool keep_lock(struct migrate *m, const struct statement *s, struct error *err)
{
    if (!m->locked || !gives_up_locks(s))
        return true;
    m->locked = false;
    return migrate_lock(m, err);
}

bool script_execute(struct migrate *m, const struct script *script, struct script_run *run,
                    struct error *err)
{
    AUTO(placeholders_free) struct placeholders own = {0};
    AUTO(split_close) struct split *split = script_open(m, script, &own, err);
    struct statement s;
    int more = split ? 1 : -1;
    while (more > 0 && (more = split_next(split, &s, err)) > 0) {
        if (s.kind == SPLIT_CLIENT)
            continue;
        if (run->before_statement && !run->before_statement(run->ctx, err))
            return false;
        if (!send_statement(m, script, split, &s, run, err))
            return explain(m, script, split, &s, run, err);
        run->done++;
        run->kept |= took_effect_for_good(m, &s);
        if (db_txn(m->db) != DB_TXN_FAILED &&
            (!keep_encoding(m, script, err) || !keep_lock(m, &s, err)))
            return false;
        if (run->after_statement && !run->after_statement(run->ctx, err))
            return false;
    }
    run->open = db_txn(m->db) == DB_TXN_OPEN;
    return more == 0;
}
