#include "migrate/session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void session_free(struct session *s)
{
    for (size_t i = 0; i < s->saved.len; i++)
        free(s->saved.ptr[i].name);
    vec_free(&s->saved);
}

static bool is_text(const struct lexer *l, const struct token *t, const char *const *words)
{
    size_t quotes = t->kind == TOKEN_STRING && t->end - t->at >= 2;
    size_t len = t->end - t->at - 2 * quotes;
    for (; *words; words++)
        if (strlen(*words) == len && strncasecmp(l->p + t->at + quotes, *words, len) == 0)
            return true;
    return false;
}

/* SET [SESSION|LOCAL] standard_conforming_strings {=|TO} value */
void session_follow_postgres(struct session *s, const char *sql, size_t len)
{
    static const char *const off[] = {"off", "false", "no", "0", "f", "n", "of", NULL};
    static const char *const by_default[] = {"default", NULL};
    static const char *const name[] = {"standard_conforming_strings",
                                       "\"standard_conforming_strings\"", NULL};
    struct lexer l = {.p = sql, .n = len, .modes = s->now};
    struct token verb = lex_postgres(&l), t = lex_postgres(&l);
    bool set = lex_word_is(&l, &verb, "SET");
    while (t.kind == TOKEN_COMMENT ||
           (set && (lex_word_is(&l, &t, "SESSION") || lex_word_is(&l, &t, "LOCAL"))))
        t = lex_postgres(&l);
    if (!set) { /* RESET x, RESET ALL, DISCARD ALL */
        if (lex_word_is(&l, &t, "ALL") || is_text(&l, &t, name))
            s->now.standard_strings = s->first.standard_strings;
        return;
    }
    if (!is_text(&l, &t, name))
        return;
    do {
        t = lex_postgres(&l);
    } while (t.kind == TOKEN_COMMENT || t.kind == TOKEN_SYMBOL || lex_word_is(&l, &t, "TO"));
    if (t.kind == TOKEN_END)
        return;
    s->now.standard_strings =
        is_text(&l, &t, by_default) ? s->first.standard_strings : !is_text(&l, &t, off);
}

/* The modes that mean one of those we follow; bit: in a number. */
static const struct mode {
    const char *name;
    unsigned long long bit;
    bool ansi_quotes, no_backslash_escapes, oracle;
} modes[] = {
    {"ANSI_QUOTES", 1ULL << 2, true, false, false},
    {"NO_BACKSLASH_ESCAPES", 1ULL << 20, false, true, false},
    {"ANSI", 1ULL << 18, true, false, false},
    {"ORACLE", 1ULL << 9, true, false, true},
    {"POSTGRESQL", 1ULL << 8, true, false, false},
    {"MSSQL", 1ULL << 10, true, false, false},
    {"DB2", 1ULL << 11, true, false, false},
    {"MAXDB", 1ULL << 12, true, false, false},
};

static void switch_modes(struct lex_modes *m, const struct mode *mode, bool on)
{
    m->ansi_quotes = mode->ansi_quotes ? on : m->ansi_quotes;
    m->no_backslash_escapes = mode->no_backslash_escapes ? on : m->no_backslash_escapes;
    m->oracle = mode->oracle ? on : m->oracle;
}

/* Switches each mode that the comma-separated list names. */
static void switch_list(struct lex_modes *m, const char *list, size_t len, bool on)
{
    for (size_t at = 0; at < len;) {
        while (at < len && !lex_is_word((unsigned char)list[at]))
            at++;
        size_t end = at;
        while (end < len && lex_is_word((unsigned char)list[end]))
            end++;
        for (size_t i = 0; i < ARRAY_LEN(modes); i++)
            if (strlen(modes[i].name) == end - at &&
                strncasecmp(modes[i].name, list + at, end - at) == 0)
                switch_modes(m, &modes[i], on);
        at = end;
    }
}

static struct lex_modes *saved_mode(struct session *s, const char *name, size_t len)
{
    for (size_t i = 0; i < s->saved.len; i++)
        if (strncasecmp(s->saved.ptr[i].name, name, len) == 0 && !s->saved.ptr[i].name[len])
            return &s->saved.ptr[i].modes;
    return NULL;
}

/* The value of an expression, as far as it can be told without the server: a list, a number,
 * DEFAULT, the mode itself or a variable that holds it, or a function over those that adds the
 * modes it names (CONCAT) or takes them away (REPLACE). */
struct value {
    struct lex_modes modes;
    bool known, replace;
};

static void add_number(struct lex_modes *m, const char *digits, size_t len)
{
    AUTO(mem_free) char *text = xstrndup(digits, len);
    unsigned long long bits = 0;
    if (str_to_uint(text, &bits))
        for (size_t i = 0; i < ARRAY_LEN(modes); i++)
            if (bits & modes[i].bit)
                switch_modes(m, &modes[i], true);
}

static struct token next_token(struct lexer *l)
{
    struct token t;
    do {
        t = lex_mysql(l);
    } while (t.kind == TOKEN_COMMENT || t.kind == TOKEN_OPAQUE || t.kind == TOKEN_DELIMITER);
    return t;
}

static void add_operand(struct session *s, const struct lexer *l, const struct token *t,
                        bool variable, struct value *v)
{
    const char *text = l->p + t->at;
    size_t len = t->end - t->at;
    if (t->kind == TOKEN_STRING ||
        (t->kind == TOKEN_NAME && l->modes.ansi_quotes && *text == '"')) {
        switch_list(&v->modes, text, len, !v->replace);
        v->known = true;
    } else if (variable) {
        const struct lex_modes *saved = saved_mode(s, text, len);
        v->modes = saved ? *saved : s->first;
        v->known = true;
    } else if (t->kind == TOKEN_NUMBER && !v->known) {
        add_number(&v->modes, text, len);
        v->known = true;
    } else if (lex_word_is(l, t, "DEFAULT")) {
        v->modes = s->first;
        v->known = true;
    } else if (lex_word_is(l, t, "SQL_MODE")) {
        v->modes = s->now;
        v->known = true;
    } else if (lex_word_is(l, t, "REPLACE")) {
        v->replace = true;
    } else if (t->kind == TOKEN_WORD && !lex_word_is(l, t, "SESSION")) {
        switch_list(&v->modes, text, len, true); /* SET sql_mode = ANSI */
        v->known = true;
    }
}

/* Reads up to the comma that ends the assignment; *t is that comma or the end. */
static struct value read_value(struct session *s, struct lexer *l, struct token *t)
{
    struct value v = {0};
    unsigned depth = 0;
    char before = 0, before_that = 0;
    for (*t = next_token(l); t->kind != TOKEN_END; *t = next_token(l)) {
        if (t->kind == TOKEN_SYMBOL && t->symbol == ',' && depth == 0)
            break;
        if (t->kind == TOKEN_SYMBOL)
            depth = t->symbol == '(' ? depth + 1 : t->symbol == ')' && depth ? depth - 1 : depth;
        else
            add_operand(s, l, t, before == '@' && before_that != '@', &v);
        before_that = before;
        before = t->kind == TOKEN_SYMBOL ? t->symbol : 0;
    }
    return v;
}

static void save_mode(struct session *s, const char *name, size_t len, const struct lex_modes *m)
{
    struct lex_modes *have = saved_mode(s, name, len);
    if (!have) {
        struct saved_mode *fresh = vec_add(&s->saved);
        fresh->name = xstrndup(name, len);
        have = &fresh->modes;
    }
    *have = *m;
}

/* SET [GLOBAL|SESSION] name = value, @name = value, … The scope holds until another one is given.
 */
void session_follow_mysql(struct session *s, const char *sql, size_t len, bool mariadb)
{
    struct lexer l = {.p = sql, .n = len, .modes = s->now, .mariadb = mariadb, .delimiter = ";"};
    struct token t = next_token(&l), name = {TOKEN_END, 0, 0, 0};
    unsigned ats = 0;
    bool global = false, once = false; /* SET GLOBAL …, SET @@global.… */
    while (t.kind != TOKEN_END && !l.failed) {
        t = next_token(&l);
        if (t.kind == TOKEN_SYMBOL && t.symbol == '@') {
            ats++;
        } else if (t.kind == TOKEN_SYMBOL && t.symbol == '=') {
            struct value v = read_value(s, &l, &t);
            if (ats == 1 && v.known)
                save_mode(s, sql + name.at, name.end - name.at, &v.modes);
            else if (ats != 1 && v.known && !global && !once && lex_word_is(&l, &name, "SQL_MODE"))
                s->now = v.modes;
            ats = 0;
            once = false;
        } else if (t.kind == TOKEN_WORD || t.kind == TOKEN_NAME) {
            name = t;
            bool wide = lex_word_is(&l, &t, "GLOBAL") || lex_word_is(&l, &t, "PERSIST") ||
                        lex_word_is(&l, &t, "PERSIST_ONLY");
            if (ats)
                once = once || wide;
            else if (wide || lex_word_is(&l, &t, "SESSION") || lex_word_is(&l, &t, "LOCAL"))
                global = wide;
        }
    }
}
