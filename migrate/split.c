#include "migrate/split.h"

#include <stdlib.h>
#include <string.h>

#include "migrate/client.h"
#include "migrate/program.h"
#include "migrate/session.h"
#include "migrate/shape.h"
#include "migrate/split_copy.h"

struct split {
    struct text *text;
    char *name, *database, *delimiter;
    enum split_dialect dialect;
    struct lexer lex;
    struct session session;
    struct shape shape;
    struct program program;
    struct copy_data copy;
    size_t piece_end;    /* the current piece, with its delimiter */
    struct str copy_sql; /* a COPY's statement outlives its place in the window */
    const char *sql;     /* the current statement … */
    size_t sql_len;
    uint64_t sql_offset;         /* … its number in the replaced text … */
    struct text_place sql_start; /* … and its place in the file */
    struct str words;
    void (*trace)(void *ctx, const char *bytes, size_t n);
    void *trace_ctx;
};

static struct lex_modes modes_of(const struct split_options *options)
{
    return (struct lex_modes){options->standard_conforming_strings, options->ansi_quotes,
                              options->no_backslash_escapes, options->oracle_mode};
}

struct split *split_open(struct text *text, const char *name, const struct split_options *options)
{
    struct split *s = xcalloc(1, sizeof *s);
    s->text = text;
    s->name = xstrdup(name);
    s->database = xstrdup(options->database);
    s->delimiter = xstrdup(";");
    s->dialect = options->dialect;
    s->session.first = s->session.now = modes_of(options);
    s->words = s->copy_sql = s->shape.outer = s->shape.inner = (struct str)STR_INIT;
    s->lex = (struct lexer){.text = text,
                            .name = s->name,
                            .mariadb = options->dialect == SPLIT_MARIADB,
                            .delimiter = s->delimiter};
    s->lex.p = text_window(text, &s->lex.n);
    return s;
}

void split_close(struct split *s)
{
    if (!s)
        return;
    text_close(s->text);
    session_free(&s->session);
    shape_free(&s->shape);
    program_free(&s->program);
    str_free(&s->words);
    str_free(&s->copy_sql);
    free(s->copy.place);
    free(s->name);
    free(s->database);
    free(s->delimiter);
    free(s);
}

void split_session(struct split *s, const struct split_options *now)
{
    s->session.now = modes_of(now);
}

void split_trace(struct split *s, void (*piece)(void *ctx, const char *bytes, size_t n), void *ctx)
{
    s->trace = piece;
    s->trace_ctx = ctx;
}

/* The first n bytes of the piece are done with. */
static void pass(struct split *s, size_t n)
{
    struct lexer *l = &s->lex;
    if (!n)
        return;
    if (s->trace)
        s->trace(s->trace_ctx, l->p, n);
    l->base += n;
    text_forget(s->text, l->base);
    l->p = text_window(s->text, &l->n);
    l->at = l->at > n ? l->at - n : 0;
    l->executable_at = l->executable_at > n ? l->executable_at - n : 0;
}

static struct token next_token(struct split *s)
{
    return s->dialect == SPLIT_POSTGRES ? lex_postgres(&s->lex) : lex_mysql(&s->lex);
}

static int client_piece(struct split *s, const struct token *t, size_t end, struct statement *ret)
{
    pass(s, t->at);
    end -= t->at;
    s->piece_end = s->lex.at = end;
    s->sql = s->lex.p;
    s->sql_len = end && s->sql[end - 1] == '\r' ? end - 1 : end;
    s->sql_offset = s->lex.base;
    s->sql_start = text_place_of(s->text, s->lex.base);
    *ret = (struct statement){.kind = SPLIT_CLIENT,
                              .txn = SPLIT_TXN_NEUTRAL,
                              .sql = s->sql,
                              .len = s->sql_len,
                              .offset = s->sql_offset,
                              .start = s->sql_start,
                              .words = ""};
    return 1;
}

enum { PASSED = 2, BEGINS };

/* A token where a statement could begin: 0 and -1 as split_next, 1 for a client command. */
static int lead_in(struct split *s, struct token *t, struct statement *ret)
{
    size_t end;
    if (t->kind == TOKEN_END) {
        pass(s, t->at);
        return 0;
    }
    if (t->kind == TOKEN_COMMENT || t->kind == TOKEN_DELIMITER) {
        pass(s, t->end);
        return PASSED;
    }
    if (s->dialect == SPLIT_POSTGRES) {
        if (t->kind != TOKEN_BACKSLASH)
            return BEGINS;
        bool known = client_postgres(&s->lex, t, s->database, &end);
        return known ? client_piece(s, t, end, ret) : -1;
    }
    char *delimiter = NULL;
    int rc = t->kind == TOKEN_BACKSLASH || t->kind == TOKEN_WORD
                 ? client_mysql(&s->lex, t, &end, &delimiter)
                 : 0;
    if (rc <= 0)
        return rc ? rc : BEGINS;
    free(s->delimiter);
    s->lex.delimiter = s->delimiter = delimiter;
    return client_piece(s, t, end, ret);
}

static int incomplete(struct split *s, const struct block *open)
{
    AUTO(mem_free) char *place = lex_place(&s->lex, 0);
    struct text_place block = text_place_of(s->text, s->lex.base + open->at);
    error_set(s->lex.err, ERR_DATA,
              "%s: the statement that begins here is not complete: the block that begins in line "
              "%u, column %u has no END",
              place, block.line, block.column);
    if (s->dialect != SPLIT_POSTGRES)
        error_hint(s->lex.err,
                   "each BEGIN, IF, CASE and loop needs its END; or put DELIMITER // in "
                   "front of the program and // behind it");
    s->lex.failed = true;
    return -1;
}

static int inner_command(struct split *s, const struct token *t)
{
    AUTO(mem_free) char *place = lex_place(&s->lex, t->at);
    bool postgres = s->dialect == SPLIT_POSTGRES;
    error_set(s->lex.err, ERR_DATA, "%s: a backslash is not part of SQL", place);
    error_hint(s->lex.err, "%s",
               postgres ? "psql's commands may only stand where a statement could "
                          "begin; end the one before with ';'"
                        : "the mysql client's commands may only stand where a "
                          "statement could begin");
    s->lex.failed = true;
    return -1;
}

/* Does the delimiter only stand inside of the statement? */
static bool holds(struct split *s, const struct token *t)
{
    if (s->dialect == SPLIT_POSTGRES)
        return program_holds_postgres(&s->program);
    return strcmp(s->delimiter, ";") == 0 && s->lex.p[t->at] == ';' &&
           program_holds_mysql(&s->program);
}

static void take_token(struct split *s, const struct token *t)
{
    if (s->dialect == SPLIT_POSTGRES)
        program_postgres(&s->program, &s->lex, t);
    else
        program_mysql(&s->program, &s->lex, t);
    if (t->kind == TOKEN_SYMBOL)
        shape_symbol(&s->shape, t->symbol);
    else
        shape_add(&s->shape, &s->lex, t);
    s->lex.fresh = false;
}

static void follow_session(struct split *s, size_t len)
{
    if (s->dialect == SPLIT_POSTGRES) {
        if (shape_matches(&s->shape, "SET|RESET|DISCARD"))
            session_follow_postgres(&s->session, s->lex.p, len);
    } else if (shape_matches(&s->shape, "SET")) {
        session_follow_mysql(&s->session, s->lex.p, len, s->lex.mariadb);
    }
}

/* The statement is the first len bytes of the piece. */
static int finish(struct split *s, size_t len, struct statement *ret)
{
    struct lexer *l = &s->lex;
    const char *nul = s->dialect == SPLIT_POSTGRES ? memchr(l->p, '\0', len) : NULL;
    if (nul) {
        AUTO(mem_free) char *place = lex_place(l, (size_t)(nul - l->p));
        error_set(l->err, ERR_DATA, "%s: a byte 0x00 cannot be part of a statement", place);
        l->failed = true;
        return -1;
    }
    follow_session(s, len);
    shape_words(&s->shape, &s->words);
    s->sql_offset = l->base;
    s->sql_start = text_place_of(s->text, l->base);
    s->sql_len = len;
    struct statement found = {.kind = SPLIT_STATEMENT};
    shape_classify(&s->shape, s->dialect, &found);
    if (found.kind == SPLIT_COPY) {
        if (!copy_open(&s->copy, l, s->piece_end, &s->piece_end))
            return -1;
        str_clear(&s->copy_sql);
        str_addn(&s->copy_sql, l->p, len);
    }
    s->sql = found.kind == SPLIT_COPY ? s->copy_sql.ptr : l->p;
    *ret = found;
    ret->sql = s->sql;
    ret->len = len;
    ret->offset = s->sql_offset;
    ret->start = s->sql_start;
    ret->words = s->words.ptr;
    return 1;
}

/* Reads the statement whose first token is t; it begins the piece. */
static int statement(struct split *s, struct token t, struct statement *ret)
{
    size_t end = 0;
    bool use = s->dialect != SPLIT_POSTGRES && lex_word_is(&s->lex, &t, "USE");
    size_t line = use ? lex_line(&s->lex, t.at) : 0;
    for (; t.kind != TOKEN_END; t = next_token(s)) {
        bool inner = t.kind == TOKEN_DELIMITER && holds(s, &t);
        if (t.kind == TOKEN_COMMENT)
            continue;
        if (use && t.at > line) { /* the client's USE ends with its line */
            t.end = s->lex.at = end;
            break;
        }
        if (t.kind == TOKEN_DELIMITER && !inner)
            break;
        if (t.kind == TOKEN_BACKSLASH)
            return inner_command(s, &t);
        if (!inner)
            take_token(s, &t);
        end = t.end;
    }
    if (s->lex.failed)
        return -1;
    bool last = t.kind == TOKEN_END && strcmp(s->delimiter, ";") == 0;
    const struct block *open = last ? program_open(&s->program) : NULL;
    if (open)
        return incomplete(s, open);
    s->piece_end = t.end;
    return finish(s, end, ret);
}

/* n bytes of the COPY's data are done with. */
static void copy_pass(struct split *s, size_t n)
{
    s->copy.line_begin = n ? s->lex.p[n - 1] == '\n' : s->copy.line_begin;
    s->copy.ready -= n;
    pass(s, n);
}

/* Makes some of the data ready, or finds its end. */
static bool copy_more(struct split *s)
{
    size_t end = 0;
    if (!s->copy.ready && !copy_scan(&s->copy, &s->lex, &end))
        return false;
    pass(s, end);
    return true;
}

/* Lets the piece before go, with the data that nobody read. */
static bool leave_piece(struct split *s)
{
    pass(s, s->piece_end);
    s->piece_end = 0;
    while (s->copy.open) {
        if (!copy_more(s))
            return false;
        copy_pass(s, s->copy.ready);
    }
    return true;
}

static bool usable(const struct split *s, struct error *err)
{
    return !s->lex.failed || error_set(err, ERR_DATA, "%s: cannot go on behind an error", s->name);
}

int split_next(struct split *s, struct statement *ret, struct error *err)
{
    s->lex.err = err;
    if (!usable(s, err) || !leave_piece(s))
        return -1;
    s->lex.at = 0;
    s->lex.modes = s->session.now;
    s->lex.fresh = true;
    s->lex.executable = s->lex.after_as = false;
    shape_clear(&s->shape);
    program_clear(&s->program);
    struct token t;
    int rc;
    do {
        t = next_token(s);
        rc = s->lex.failed ? -1 : lead_in(s, &t, ret);
    } while (rc == PASSED);
    if (rc != BEGINS)
        return rc;
    size_t blanks = t.at;
    pass(s, blanks);
    t.at -= blanks;
    t.end -= blanks;
    return statement(s, t, ret);
}

ssize_t split_copy_read(struct split *s, char *buf, size_t cap, struct error *err)
{
    s->lex.err = err;
    if (!usable(s, err))
        return -1;
    if (!s->copy.open)
        return 0;
    pass(s, s->piece_end);
    s->piece_end = 0;
    if (!copy_more(s))
        return -1;
    size_t n = s->copy.ready < cap ? s->copy.ready : cap;
    memcpy(buf, s->lex.p, n);
    copy_pass(s, n);
    return (ssize_t)n;
}

/* Byte n of the statement; a COPY whose data is being read has let its text go. */
static struct text_place place_of(const struct split *s, size_t n)
{
    if (s->sql_offset < s->lex.base)
        return s->sql_start;
    return text_place_of(s->text, s->sql_offset + n);
}

struct text_place split_place(const struct split *s, size_t position)
{
    size_t n = 0;
    while (n < s->sql_len && position > 1) {
        n++;
        while (n < s->sql_len && ((unsigned char)s->sql[n] & 0xC0) == 0x80)
            n++;
        position--;
    }
    return place_of(s, n);
}

struct text_place split_place_of_line(const struct split *s, unsigned line)
{
    const char *at = s->sql, *end = s->sql + s->sql_len;
    while (line > 1) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        if (!next)
            break;
        at = next + 1;
        line--;
    }
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return place_of(s, (size_t)(at - s->sql));
}
