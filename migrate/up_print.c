#include <stdarg.h>
#include <string.h>

#include "lib/db/sql.h"
#include "migrate/schemas.h"
#include "migrate/script.h"
#include "migrate/up.h"
#include "migrate/up_commit.h"

/* What the printing functions share. */
struct printer {
    struct migrate *m;
    const struct up *up;
    FILE *out;
    bool mysql;
};

static void print_statement(const struct printer *p, const char *sql, size_t len)
{
    /* the mysql client would cut a stored program at its inner semicolons */
    if (p->mysql && memchr(sql, ';', len))
        fprintf(p->out, "DELIMITER $dbops$\n%.*s\n$dbops$\nDELIMITER ;\n", (int)len, sql);
    else
        fprintf(p->out, "%.*s;\n", (int)len, sql);
}

/* A file's name may hold anything, also a line end: in a comment that would become SQL. */
static void print_comment(const struct printer *p, const char *what, const char *name)
{
    fprintf(p->out, "\n-- %s", what);
    for (; *name; name++)
        fputc((unsigned char)*name < 0x20 ? '?' : *name, p->out);
    fputc('\n', p->out);
}

static void print_text(const struct printer *p, const char *sql)
{
    print_statement(p, sql, strlen(sql));
}

static bool print_copy_data(const struct printer *p, struct split *split, struct error *err)
{
    char piece[16 * 1024];
    char last = '\n';
    ssize_t n;
    while ((n = split_copy_read(split, piece, sizeof piece, err)) > 0) {
        fwrite(piece, 1, (size_t)n, p->out);
        last = piece[n - 1];
    }
    fprintf(p->out, "%s\\.\n", last == '\n' ? "" : "\n");
    return n == 0;
}

static bool print_callbacks(const struct printer *p, enum callback_event event, bool alone,
                            struct error *err);

/* The script is UTF-8, whatever a dump says of its own encoding. */
static void keep_encoding(const struct printer *p, const struct statement *s)
{
    AUTO(mem_free) char *text = xstrndup(s->sql, s->session ? s->len : 0);
    if (!p->mysql && strcasestr(text, "client_encoding"))
        print_text(p, "SET client_encoding TO 'UTF8'");
}

/* between: with the callbacks around each statement, as a migration has them. */
static bool print_script(const struct printer *p, const struct script *script, bool between,
                         struct error *err)
{
    AUTO(placeholders_free) struct placeholders own = {0};
    AUTO(split_close) struct split *split = script_open(p->m, script, &own, err);
    struct statement s;
    int more = split ? 1 : -1;
    while (more > 0 && (more = split_next(split, &s, err)) > 0) {
        if (s.kind == SPLIT_CLIENT)
            continue;
        if (between && !print_callbacks(p, CALLBACK_beforeEachMigrateStatement, false, err))
            return false;
        print_statement(p, s.sql, s.len);
        keep_encoding(p, &s);
        if (s.kind == SPLIT_COPY && !print_copy_data(p, split, err))
            return false;
        if (between && !print_callbacks(p, CALLBACK_afterEachMigrateStatement, false, err))
            return false;
    }
    return more == 0;
}

static void print_reset(const struct printer *p)
{
    AUTO(strlist_free) struct strlist reset = {0};
    migrate_session_reset(p->m, &reset);
    for (size_t i = 0; i < reset.len; i++)
        print_text(p, reset.ptr[i]);
}

/* The callback by itself: the session's first state, and a transaction if it takes one. */
static bool print_alone(const struct printer *p, const struct callback *callback,
                        const struct script *script, struct error *err)
{
    struct script_facts facts = {0};
    bool in_transaction = false;
    if (!script_read(p->m, script, &facts, err) ||
        !script_in_transaction(p->m, script, &facts, &in_transaction, err))
        return false;
    if (callbacks_start_afresh(callback->event))
        print_reset(p);
    if (in_transaction)
        print_text(p, p->mysql ? "START TRANSACTION" : "BEGIN");
    if (!print_script(p, script, false, err))
        return false;
    if (in_transaction)
        print_text(p, "COMMIT");
    return true;
}

static bool print_callbacks(const struct printer *p, enum callback_event event, bool alone,
                            struct error *err)
{
    for (size_t i = 0; i < p->m->set.callbacks.len; i++) {
        const struct callback *callback = &p->m->set.callbacks.ptr[i];
        if (callback->event != event)
            continue;
        struct script script = {callback->script, callback->path, &callback->conf};
        print_comment(p, "callback ", callback->script);
        if (!(alone ? print_alone(p, callback, &script, err)
                    : print_script(p, &script, false, err)))
            return false;
    }
    return true;
}

static void print_begin(const struct printer *p, const struct up_step *step)
{
    if (p->mysql) {
        fprintf(p->out, "SET SESSION autocommit = %d;\n", step->in_transaction ? 0 : 1);
        print_reset(p);
    } else if (step->in_transaction) {
        struct up_run run = {.m = p->m};
        AUTO(str_free) struct str sql = STR_INIT;
        up_prologue(&run, &sql);
        print_text(p, sql.ptr);
    } else {
        print_reset(p);
    }
}

static void print_row(const struct printer *p, const struct history_row *row)
{
    AUTO(str_free) struct str sql = STR_INIT;
    history_table_insert_sql(&p->m->table, row, &sql);
    print_text(p, sql.ptr);
}

/* first and last: of a group that shares one transaction. */
static bool print_migration(const struct printer *p, const struct up_step *step, bool first,
                            bool last, struct error *err)
{
    const struct migration *file = step->line->file;
    struct script script = {file->script, file->path, &file->conf};
    AUTO(mem_free)
    char *what =
        xasprintf("%s%s%s: ", *step->line->version ? "version " : "repeatable", step->line->version,
                  step->in_transaction ? "" : " (outside a transaction)");
    print_comment(p, what, file->script);
    if (first)
        print_begin(p, step);
    else
        print_reset(p);
    if (!print_callbacks(p, CALLBACK_beforeEachMigrate, false, err) ||
        (!p->m->options->skip_executing && !print_script(p, &script, true, err)) ||
        !print_callbacks(p, CALLBACK_afterEachMigrate, false, err))
        return false;
    if (step->session)
        print_text(p, migrate_session_release(p->m));
    struct history_row row = up_row(p->m, step, 0, true);
    print_row(p, &row);
    if (step->in_transaction && last)
        print_text(p, "COMMIT");
    return true;
}

static void print_create_schemas(const struct printer *p)
{
    for (size_t i = 0; i < p->up->missing.len; i++) {
        AUTO(str_free) struct str sql = STR_INIT;
        schemas_create_sql(db_engine(p->m->db), p->up->missing.ptr[i], &sql);
        print_text(p, sql.ptr);
    }
}

static void print_create_table(const struct printer *p, const struct history_row *baseline)
{
    AUTO(strlist_free) struct strlist ddl = {0};
    history_table_ddl(&p->m->table, baseline, false, &ddl);
    if (!p->mysql)
        print_text(p, "BEGIN");
    for (size_t i = 0; i < ddl.len; i++)
        print_text(p, ddl.ptr[i]);
    if (!p->mysql)
        print_text(p, "COMMIT");
}

/* With `group` the files share a transaction, and so do the callbacks between them. */
static bool has_file(const struct printer *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (p->up->steps.list.ptr[i].kind == UP_MIGRATION)
            return true;
    return false;
}

static bool print_step(const struct printer *p, size_t i, struct error *err)
{
    const struct up_step *step = &p->up->steps.list.ptr[i];
    bool group = p->m->options->group && !p->mysql;
    bool first = !group || !has_file(p, 0, i);
    bool last = !group || !has_file(p, i + 1, p->up->steps.list.len);
    switch (step->kind) {
    case UP_CALLBACK:
        return print_callbacks(p, step->event, first || last, err);
    case UP_CREATE_SCHEMAS:
        print_create_schemas(p);
        return true;
    case UP_CREATE_TABLE:
        fprintf(p->out, "\n-- the schema history\n");
        print_create_table(p, step->row);
        return true;
    case UP_RECORD:
        print_row(p, step->row);
        return true;
    case UP_MIGRATION:
        return print_migration(p, step, first, last, err);
    }
    return error_set(err, ERR_INTERNAL, "unknown step");
}

bool up_print(struct migrate *m, const struct up *up, FILE *out, struct error *err)
{
    struct printer p = {m, up, out, db_engine(m->db) == DB_MYSQL};
    m->another_session = true;
    fprintf(out, "-- dbops migrate up --dry-run: %zu migration%s for %s\n", up->plan.lines.len,
            up->plan.lines.len == 1 ? "" : "s", db_url(m->db));
    fprintf(out, "-- run it with %s; no other runner may be at work meanwhile\n",
            p.mysql ? "mysql" : "psql -v ON_ERROR_STOP=1");
    print_text(&p, p.mysql ? "SET NAMES utf8mb4" : "SET client_encoding TO 'UTF8'");
    if (!print_callbacks(&p, CALLBACK_afterConnect, true, err) ||
        (m->options->validate_on_migrate &&
         (!print_callbacks(&p, CALLBACK_beforeValidate, true, err) ||
          !print_callbacks(&p, CALLBACK_afterValidate, true, err))))
        return error_wrap(err, "cannot print the plan");
    for (size_t i = 0; i < up->steps.list.len; i++)
        if (!print_step(&p, i, err))
            return error_wrap(err, "cannot print the plan");
    if (ferror(out))
        return error_set(err, ERR_IO, "cannot write the plan");
    return true;
}
