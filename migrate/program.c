#include "migrate/program.h"

void program_clear(struct program *g)
{
    g->stack.len = 0;
    struct program empty = {.stack = {g->stack.ptr, 0, g->stack.cap}};
    *g = empty;
}

void program_free(struct program *g)
{
    vec_free(&g->stack);
}

const struct block *program_open(const struct program *g)
{
    for (size_t i = g->stack.len; i-- > 0;)
        if (g->stack.ptr[i].kind != BLOCK_EXPRESSION)
            return &g->stack.ptr[i];
    return NULL;
}

enum { LAST_OTHER, LAST_BEGIN, LAST_AS };

static void postgres_word(struct program *g, const struct lexer *l, const struct token *t)
{
    unsigned last = g->last;
    g->last = lex_word_is(l, t, "BEGIN") ? LAST_BEGIN
              : lex_word_is(l, t, "AS")  ? LAST_AS
                                         : LAST_OTHER;
    if (last == LAST_BEGIN && lex_word_is(l, t, "ATOMIC") && !g->stack.len) {
        *vec_add(&g->stack) = (struct block){BLOCK_BEGIN, t->at};
        return;
    }
    if (!g->stack.len || last == LAST_AS || g->symbol == '.') /* x AS end, x.end: names */
        return;
    if (lex_word_is(l, t, "CASE"))
        *vec_add(&g->stack) = (struct block){BLOCK_EXPRESSION, t->at};
    else if (lex_word_is(l, t, "END"))
        g->stack.len--;
}

static void postgres_start(struct program *g, const struct lexer *l, const struct token *t)
{
    if (g->phase == PROGRAM_START)
        g->phase = lex_word_is(l, t, "CREATE") ? PROGRAM_CREATE : PROGRAM_OFF;
    else if (lex_word_is(l, t, "FUNCTION") || lex_word_is(l, t, "PROCEDURE"))
        g->phase = PROGRAM_BODY;
    else if (!lex_word_is(l, t, "OR") && !lex_word_is(l, t, "REPLACE"))
        g->phase = PROGRAM_OFF;
}

/* As psql does it, and a little better: only BEGIN ATOMIC opens a body, and `end` may be a name
 * where the grammar lets it. What stands in parentheses is balanced in itself. */
void program_postgres(struct program *g, const struct lexer *l, const struct token *t)
{
    if (t->kind == TOKEN_SYMBOL && t->symbol == '(')
        g->depth++;
    else if (t->kind == TOKEN_SYMBOL && t->symbol == ')')
        g->depth -= g->depth > 0;
    if (g->phase == PROGRAM_OFF)
        return;
    if (g->phase != PROGRAM_BODY)
        postgres_start(g, l, t);
    else if (g->depth == 0 && t->kind == TOKEN_WORD)
        postgres_word(g, l, t);
    else
        g->last = LAST_OTHER;
    g->symbol = t->kind == TOKEN_SYMBOL ? t->symbol : 0;
}

bool program_holds_postgres(const struct program *g)
{
    return g->depth > 0 || g->stack.len > 0;
}
