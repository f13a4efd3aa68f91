/* Stored programs without DELIMITER: the words of a body matter where a statement begins, for END,
 * IF, REPEAT and the like are also names and functions. */
#include "migrate/program.h"

#define KEYWORDS(X)                                                                                \
    X(AGGREGATE)                                                                                   \
    X(ALTER)                                                                                       \
    X(AND)                                                                                         \
    X(AS)                                                                                          \
    X(ASCII)                                                                                       \
    X(ATOMIC)                                                                                      \
    X(BEGIN)                                                                                       \
    X(BETWEEN)                                                                                     \
    X(BINARY)                                                                                      \
    X(BODY)                                                                                        \
    X(BYTE)                                                                                        \
    X(CASE)                                                                                        \
    X(CHAR)                                                                                        \
    X(CHARACTER)                                                                                   \
    X(CHARSET)                                                                                     \
    X(COLLATE)                                                                                     \
    X(COMMENT)                                                                                     \
    X(CONTAINS)                                                                                    \
    X(CREATE)                                                                                      \
    X(DATA)                                                                                        \
    X(DECLARE)                                                                                     \
    X(DEFINER)                                                                                     \
    X(DETERMINISTIC)                                                                               \
    X(DIV)                                                                                         \
    X(DO)                                                                                          \
    X(EACH)                                                                                        \
    X(ELSE)                                                                                        \
    X(END)                                                                                         \
    X(EVENT)                                                                                       \
    X(EXISTS)                                                                                      \
    X(FOLLOWS)                                                                                     \
    X(FOR)                                                                                         \
    X(FUNCTION)                                                                                    \
    X(HANDLER)                                                                                     \
    X(IF)                                                                                          \
    X(IS)                                                                                          \
    X(LANGUAGE)                                                                                    \
    X(LIKE)                                                                                        \
    X(LOOP)                                                                                        \
    X(MOD)                                                                                         \
    X(MODIFIES)                                                                                    \
    X(NATIONAL)                                                                                    \
    X(NO)                                                                                          \
    X(NOT)                                                                                         \
    X(OR)                                                                                          \
    X(PACKAGE)                                                                                     \
    X(PRECEDES)                                                                                    \
    X(PRECISION)                                                                                   \
    X(PROCEDURE)                                                                                   \
    X(READS)                                                                                       \
    X(REPEAT)                                                                                      \
    X(REPLACE)                                                                                     \
    X(RETURN)                                                                                      \
    X(RETURNS)                                                                                     \
    X(ROW)                                                                                         \
    X(SECURITY)                                                                                    \
    X(SET)                                                                                         \
    X(SIGNED)                                                                                      \
    X(SQL)                                                                                         \
    X(SQLSTATE)                                                                                    \
    X(THEN)                                                                                        \
    X(TRIGGER)                                                                                     \
    X(UNICODE)                                                                                     \
    X(UNSIGNED)                                                                                    \
    X(UNTIL)                                                                                       \
    X(VALUE)                                                                                       \
    X(VARBINARY)                                                                                   \
    X(VARCHAR)                                                                                     \
    X(VARYING)                                                                                     \
    X(WHEN)                                                                                        \
    X(WHILE)                                                                                       \
    X(XOR)                                                                                         \
    X(ZEROFILL)

enum keyword {
    KEY_NONE,
#define X(word) KEY_##word,
    KEYWORDS(X)
#undef X
};

static enum keyword keyword_of(const struct lexer *l, const struct token *t)
{
    static const char *const words[] = {
        [KEY_NONE] = "",
#define X(word) [KEY_##word] = #word,
        KEYWORDS(X)
#undef X
    };
    for (size_t i = 1; t->kind == TOKEN_WORD && i < ARRAY_LEN(words); i++)
        if (lex_word_is(l, t, words[i]))
            return (enum keyword)i;
    return KEY_NONE;
}

static bool in(enum keyword k, const enum keyword *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == k)
            return true;
    return false;
}
#define IN(k, ...)                                                                                 \
    in(k, (const enum keyword[]){__VA_ARGS__}, ARRAY_LEN(((const enum keyword[]){__VA_ARGS__})))

static void push(struct program *g, enum block_kind kind, const struct token *t)
{
    *vec_add(&g->stack) = (struct block){kind, t->at};
}

static bool top_is(const struct program *g, enum block_kind kind)
{
    return g->stack.len && g->stack.ptr[g->stack.len - 1].kind == kind;
}

static bool declares(const struct program *g)
{
    return top_is(g, BLOCK_DECLARE) || top_is(g, BLOCK_PACKAGE);
}

/* Behind these, and behind an operator, an expression still wants its operand: END is a column. */
static bool wants_operand(const struct program *g)
{
    return (g->symbol && g->symbol != ')') ||
           IN(g->last, KEY_CASE, KEY_WHEN, KEY_THEN, KEY_ELSE, KEY_AND, KEY_OR, KEY_NOT, KEY_XOR,
              KEY_BETWEEN, KEY_LIKE, KEY_DIV, KEY_MOD, KEY_AS);
}

static void body_end(struct program *g, bool start)
{
    if (top_is(g, BLOCK_EXPRESSION)) {
        if (!wants_operand(g))
            g->stack.len--;
    } else if (start || (g->until && !wants_operand(g))) {
        g->stack.len -= g->stack.len > 0;
        g->until = false;
        g->ended = true;
    }
}

static void body_begin(struct program *g, const struct token *t)
{
    if (declares(g))
        g->stack.ptr[g->stack.len - 1].kind = BLOCK_BEGIN;
    else
        push(g, BLOCK_BEGIN, t);
    g->start = true;
}

static void body_declare(struct program *g, const struct lexer *l, const struct token *t)
{
    if (l->modes.oracle)
        push(g, BLOCK_DECLARE, t);
    else
        g->declaring = true;
    g->start = l->modes.oracle;
}

/* A word where a statement begins. */
static void body_start(struct program *g, const struct lexer *l, enum keyword k,
                       const struct token *t)
{
    bool order = g->order;
    g->order = false;
    if (k == KEY_BEGIN) {
        body_begin(g, t);
    } else if (k == KEY_IF || k == KEY_CASE) {
        push(g, k == KEY_IF ? BLOCK_IF : BLOCK_CASE, t);
    } else if (IN(k, KEY_LOOP, KEY_REPEAT, KEY_WHILE, KEY_FOR)) {
        push(g, BLOCK_LOOP, t);
        g->start = k == KEY_LOOP || k == KEY_REPEAT;
    } else if (k == KEY_ELSE) {
        g->start = true;
    } else if (k == KEY_END) {
        body_end(g, true);
    } else if (k == KEY_UNTIL) {
        g->until = true;
    } else if (k == KEY_DECLARE) {
        body_declare(g, l, t);
    } else if ((k == KEY_PROCEDURE || k == KEY_FUNCTION) && declares(g)) {
        g->routine = true;
    } else if (order && (k == KEY_FOLLOWS || k == KEY_PRECEDES)) {
        g->skip = 1;
        g->start = true;
    } else {
        g->label = true;
    }
}

/* A word in the middle of a statement. */
static void body_middle(struct program *g, enum keyword k, const struct token *t)
{
    if (k == KEY_CASE) {
        push(g, BLOCK_EXPRESSION, t);
    } else if (k == KEY_END) {
        body_end(g, false);
    } else if (k == KEY_THEN || k == KEY_ELSE) {
        g->start = !top_is(g, BLOCK_EXPRESSION);
    } else if (k == KEY_DO || k == KEY_LOOP) {
        g->start = top_is(g, BLOCK_LOOP);
    } else if (k == KEY_FOR && g->declaring && g->last == KEY_HANDLER) {
        g->condition = true;
    } else if ((k == KEY_AS || k == KEY_IS) && g->routine) {
        push(g, BLOCK_DECLARE, t);
        g->routine = false;
        g->start = true;
    }
}

/* HANDLER FOR condition, condition … statement: true while the token belongs to the conditions. */
static bool handler_condition(struct program *g, enum keyword k, const struct token *t)
{
    if (!g->condition && !g->condition_ok)
        return false;
    if (g->condition) {
        g->condition_ok = !IN(k, KEY_SQLSTATE, KEY_VALUE, KEY_NOT);
        g->condition = !g->condition_ok;
        return true;
    }
    g->condition_ok = false;
    g->condition = t->kind == TOKEN_SYMBOL && t->symbol == ',';
    g->start = !g->condition;
    g->declaring = g->condition;
    return g->condition;
}

static void body_symbol(struct program *g, const struct lexer *l, char symbol)
{
    bool start = g->start, label = g->label;
    g->start = g->label = false;
    if (symbol == ':' && label) {
        g->start = true;
    } else if ((symbol == '<' || symbol == '>') && (start || g->angle) && l->modes.oracle) {
        g->angle = symbol == '<' || g->symbol != '>'; /* <<name>> */
        g->start = !g->angle;
    }
}

static void body(struct program *g, const struct lexer *l, enum keyword k, const struct token *t)
{
    if (handler_condition(g, k, t))
        return;
    if (t->kind == TOKEN_SYMBOL) {
        body_symbol(g, l, t->symbol);
        return;
    }
    bool start = g->start;
    g->start = g->label = false;
    if (g->angle)
        return;
    if (g->skip) {
        g->start = --g->skip == 0;
    } else if (g->ended) { /* END IF, END name */
        g->ended = false;
    } else if (g->last == KEY_BEGIN && k == KEY_NOT) {
        g->skip = 1; /* ATOMIC */
    } else if (t->kind == TOKEN_NAME) {
        g->label = start;
    } else if (t->kind == TOKEN_WORD && g->symbol != '.' && g->symbol != '@') {
        if (start)
            body_start(g, l, k, t);
        else
            body_middle(g, k, t);
    }
}

static void enter_body(struct program *g, const struct lexer *l, enum keyword k,
                       const struct token *t)
{
    g->phase = PROGRAM_BODY;
    g->start = true;
    body(g, l, k, t);
}

/* The head of a routine ends with the first word that cannot be one of its characteristics. */
static void routine_head(struct program *g, const struct lexer *l, enum keyword k,
                         const struct token *t)
{
    if (l->modes.oracle && (k == KEY_AS || k == KEY_IS)) {
        push(g, g->package ? BLOCK_PACKAGE : BLOCK_DECLARE, t);
        g->phase = PROGRAM_BODY;
        g->start = true;
    } else if (g->skip) {
        g->skip--;
    } else if (!g->params || (t->kind != TOKEN_WORD && t->kind != TOKEN_NAME)) {
        return;
    } else if (IN(k, KEY_RETURNS, KEY_CHARSET, KEY_COLLATE, KEY_LANGUAGE, KEY_SECURITY) ||
               (k == KEY_RETURN && l->modes.oracle) ||
               (k == KEY_SET && (g->last == KEY_CHARACTER || g->last == KEY_CHAR))) {
        g->skip = 1;
    } else if (!IN(k, KEY_COMMENT, KEY_SQL, KEY_NOT, KEY_DETERMINISTIC, KEY_CONTAINS, KEY_NO,
                   KEY_READS, KEY_MODIFIES, KEY_DATA, KEY_UNSIGNED, KEY_SIGNED, KEY_ZEROFILL,
                   KEY_BINARY, KEY_ASCII, KEY_UNICODE, KEY_BYTE, KEY_CHARACTER, KEY_CHAR,
                   KEY_NATIONAL, KEY_VARCHAR, KEY_VARBINARY, KEY_VARYING, KEY_PRECISION)) {
        enter_body(g, l, k, t);
    }
}

static enum program_phase phase_of(enum keyword k)
{
    return k == KEY_TRIGGER                                              ? PROGRAM_TRIGGER
           : k == KEY_EVENT                                              ? PROGRAM_EVENT
           : k == KEY_PROCEDURE || k == KEY_FUNCTION || k == KEY_PACKAGE ? PROGRAM_ROUTINE
                                                                         : PROGRAM_OFF;
}

/* Between CREATE and the kind of object: OR REPLACE, AGGREGATE, DEFINER = user@host. */
static void create_head(struct program *g, enum keyword k, const struct token *t)
{
    if (t->kind == TOKEN_SYMBOL) {
        g->skip = t->symbol == '=' || t->symbol == '@';
    } else if (g->skip) {
        g->skip = 0;
    } else if (!IN(k, KEY_OR, KEY_REPLACE, KEY_AGGREGATE, KEY_DEFINER)) {
        bool alter = g->phase == PROGRAM_ALTER;
        g->package = k == KEY_PACKAGE;
        g->params = false; /* not those of CURRENT_USER() */
        g->phase = phase_of(k);
        if (alter && g->phase != PROGRAM_EVENT)
            g->phase = PROGRAM_OFF;
    }
}

static bool begins_body(const struct lexer *l, enum keyword k, const struct token *t)
{
    bool angle = t->kind == TOKEN_SYMBOL && t->symbol == '<';
    return IN(k, KEY_IF, KEY_CASE, KEY_LOOP, KEY_REPEAT, KEY_WHILE, KEY_FOR) ||
           (l->modes.oracle && (k == KEY_BEGIN || k == KEY_DECLARE || angle));
}

static void first_token(struct program *g, const struct lexer *l, enum keyword k,
                        const struct token *t)
{
    bool name = t->kind == TOKEN_WORD || t->kind == TOKEN_NAME;
    if (begins_body(l, k, t))
        enter_body(g, l, k, t);
    else
        g->phase = k == KEY_CREATE  ? PROGRAM_CREATE
                   : k == KEY_ALTER ? PROGRAM_ALTER
                   : k == KEY_BEGIN ? PROGRAM_BEGIN
                   : name           ? PROGRAM_LABEL
                                    : PROGRAM_OFF;
}

static void second_token(struct program *g, const struct lexer *l, enum keyword k,
                         const struct token *t)
{
    if (g->phase == PROGRAM_LABEL) {
        bool label = t->kind == TOKEN_SYMBOL && t->symbol == ':';
        g->phase = label ? PROGRAM_BODY : PROGRAM_OFF;
        g->start = label;
    } else {
        g->phase = k == KEY_NOT ? PROGRAM_BODY : PROGRAM_OFF;
        if (k == KEY_NOT) {
            push(g, BLOCK_BEGIN, t);
            body(g, l, k, t);
        }
    }
}

static void outside(struct program *g, const struct lexer *l, enum keyword k, const struct token *t)
{
    if (g->phase == PROGRAM_START) {
        first_token(g, l, k, t);
    } else if (g->phase == PROGRAM_LABEL || g->phase == PROGRAM_BEGIN) {
        second_token(g, l, k, t);
    } else if (g->phase == PROGRAM_CREATE || g->phase == PROGRAM_ALTER) {
        create_head(g, k, t);
    } else if (g->phase == PROGRAM_ROUTINE) {
        routine_head(g, l, k, t);
    } else if ((g->phase == PROGRAM_TRIGGER && k == KEY_ROW && g->last == KEY_EACH) ||
               (g->phase == PROGRAM_EVENT && k == KEY_DO)) {
        g->order = g->phase == PROGRAM_TRIGGER;
        g->phase = PROGRAM_BODY;
        g->start = true;
    }
}

void program_mysql(struct program *g, const struct lexer *l, const struct token *t)
{
    if (g->phase == PROGRAM_OFF || t->kind == TOKEN_OPAQUE)
        return;
    if (t->kind == TOKEN_SYMBOL && t->symbol == ';') { /* inside of an executable comment */
        program_holds_mysql(g);
        return;
    }
    bool open = t->kind == TOKEN_SYMBOL && t->symbol == '(';
    bool close = t->kind == TOKEN_SYMBOL && t->symbol == ')';
    enum keyword k = g->depth || open ? KEY_NONE : keyword_of(l, t);
    if (!g->depth && !open && !close) {
        if (g->phase == PROGRAM_BODY)
            body(g, l, k, t);
        else
            outside(g, l, k, t);
    } else if (open) {
        g->depth++;
        g->start = g->label = g->ended = false;
    } else if (close && g->depth) {
        g->depth--;
        g->params = g->params || g->depth == 0;
    }
    g->last = k;
    g->symbol = t->kind == TOKEN_SYMBOL ? t->symbol : 0;
}

bool program_holds_mysql(struct program *g)
{
    if (g->phase != PROGRAM_BODY)
        return false;
    while (top_is(g, BLOCK_EXPRESSION))
        g->stack.len--;
    g->depth = 0;
    g->last = KEY_NONE;
    g->symbol = 0;
    g->skip = 0;
    g->label = g->angle = g->routine = g->ended = g->until = false;
    g->declaring = g->condition = g->condition_ok = false;
    g->start = true;
    return g->stack.len > 0;
}
