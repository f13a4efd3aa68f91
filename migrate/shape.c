#include "migrate/shape.h"

#include <ctype.h>
#include <string.h>

enum {
    TOKENS_MAX = 16,   /* ALTER TABLE IF EXISTS ONLY a.b.c DETACH PARTITION d.e.f CONCURRENTLY */
    TOKEN_LENGTH = 64, /* no keyword is longer */
    WORDS_MAX = 10
};

void shape_clear(struct shape *shape)
{
    str_clear(&shape->outer);
    str_clear(&shape->inner);
    shape->outer_count = shape->inner_count = shape->total = 0;
    shape->depth = 0;
}

void shape_free(struct shape *shape)
{
    str_free(&shape->outer);
    str_free(&shape->inner);
}

void shape_symbol(struct shape *shape, char symbol)
{
    if (symbol == '(')
        shape->depth++;
    else if (symbol == ')' && shape->depth)
        shape->depth--;
}

void shape_add(struct shape *shape, const struct lexer *l, const struct token *t)
{
    if (shape->depth > 1 || t->kind == TOKEN_OPAQUE)
        return;
    size_t *count = shape->depth ? &shape->inner_count : &shape->outer_count;
    struct str *list = shape->depth ? &shape->inner : &shape->outer;
    shape->total += shape->depth == 0;
    if (*count == TOKENS_MAX)
        return;
    ++*count;
    size_t len = t->end - t->at, from = list->len;
    if (t->kind == TOKEN_NAME)
        str_addc(list, '"');
    else
        str_addn(list, l->p + t->at, len < TOKEN_LENGTH ? len : TOKEN_LENGTH);
    for (size_t i = from; i < list->len; i++)
        list->ptr[i] = (char)toupper((unsigned char)list->ptr[i]);
    str_addc(list, '\0');
}

/* Is the token one of the words that are parted by | and end with a blank or NUL? */
static bool is_one_of(const char *token, const char *words)
{
    for (;;) {
        const char *t = token;
        while (*t && *t == *words) {
            t++;
            words++;
        }
        bool whole = *words == '|' || *words == ' ' || !*words;
        if (!*t && whole)
            return true;
        while (*words != '|') {
            if (*words == ' ' || !*words)
                return false;
            words++;
        }
        words++;
    }
}

/* token: of the shape, `left` of them are there. */
static bool matches_from(const char *token, size_t left, bool cut, const char *pattern)
{
    while (*pattern) {
        const char *next = pattern;
        while (*next && *next != ' ')
            next++;
        next += *next == ' ';
        if (*pattern == '$')
            return left == 0 && !cut;
        if (strncmp(pattern, "...", 3) == 0) {
            for (; left; left--, token += strlen(token) + 1)
                if (matches_from(token, left, cut, next))
                    return true;
            return false;
        }
        bool optional = *pattern == '?';
        if (left && (*pattern == '*' || is_one_of(token, pattern + optional))) {
            token += strlen(token) + 1;
            left--;
        } else if (!optional) {
            return false;
        }
        pattern = next;
    }
    return true;
}

bool shape_matches(const struct shape *shape, const char *pattern)
{
    return matches_from(shape->outer.ptr, shape->outer_count, shape->total > shape->outer_count,
                        pattern);
}

void shape_words(const struct shape *shape, struct str *ret)
{
    str_clear(ret);
    const char *token = shape->outer.ptr;
    for (size_t i = 0, words = 0; i < shape->outer_count && words < WORDS_MAX; i++) {
        if (lex_is_word((unsigned char)token[0]) && !(token[0] >= '0' && token[0] <= '9')) {
            if (words++)
                str_addc(ret, ' ');
            str_add(ret, token);
        }
        token += strlen(token) + 1;
    }
}

enum rule_flag { NONE, CONCURRENTLY, SESSION };

struct rule {
    const char *pattern;
    enum split_txn txn;
    enum rule_flag flag;
};

/* The first that matches counts. */
static const struct rule postgres_rules[] = {
    {"CREATE|DROP DATABASE|TABLESPACE|SUBSCRIPTION", SPLIT_TXN_REFUSES, NONE},
    {"ALTER SYSTEM", SPLIT_TXN_REFUSES, NONE},
    {"ALTER DATABASE * SET TABLESPACE", SPLIT_TXN_REFUSES, NONE},
    {"ALTER SUBSCRIPTION * REFRESH PUBLICATION", SPLIT_TXN_REFUSES, NONE},
    {"CREATE|DROP ?UNIQUE INDEX CONCURRENTLY", SPLIT_TXN_REFUSES, CONCURRENTLY},
    {"REINDEX ?VERBOSE * CONCURRENTLY", SPLIT_TXN_REFUSES, CONCURRENTLY},
    {"REINDEX ?VERBOSE SCHEMA|DATABASE|SYSTEM", SPLIT_TXN_REFUSES, NONE},
    {"ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY", SPLIT_TXN_REFUSES, CONCURRENTLY},
    {"VACUUM", SPLIT_TXN_REFUSES, NONE},
    {"CLUSTER ?VERBOSE $", SPLIT_TXN_REFUSES, NONE},
    {"DISCARD ALL", SPLIT_TXN_REFUSES, SESSION},
    {"ROLLBACK ?WORK|TRANSACTION TO", SPLIT_TXN_ORDINARY, NONE},
    {"BEGIN|COMMIT|END|ROLLBACK|ABORT", SPLIT_TXN_CONTROL, NONE},
    {"START|PREPARE TRANSACTION", SPLIT_TXN_CONTROL, NONE},
    {"SET TRANSACTION|CONSTRAINTS", SPLIT_TXN_ORDINARY, NONE},
    {"SET SESSION CHARACTERISTICS", SPLIT_TXN_NEUTRAL, SESSION},
    {"SET LOCAL ROLE|SESSION", SPLIT_TXN_NEUTRAL, SESSION},
    {"SET LOCAL", SPLIT_TXN_NEUTRAL, NONE},
    {"SET|RESET", SPLIT_TXN_NEUTRAL, SESSION},
    {"SELECT ?PG_CATALOG SET_CONFIG $", SPLIT_TXN_NEUTRAL, SESSION},
    {"SHOW", SPLIT_TXN_NEUTRAL, NONE},
};

static const struct rule mysql_rules[] = {
    {"ROLLBACK ?WORK TO", SPLIT_TXN_ORDINARY, NONE},
    {"BEGIN ?WORK $", SPLIT_TXN_CONTROL, NONE},
    {"START TRANSACTION", SPLIT_TXN_CONTROL, NONE},
    {"COMMIT|ROLLBACK", SPLIT_TXN_CONTROL, NONE},
    {"XA", SPLIT_TXN_CONTROL, SESSION},
    {"SET GLOBAL|PERSIST|PERSIST_ONLY", SPLIT_TXN_NEUTRAL, NONE},
    {"SET PASSWORD", SPLIT_TXN_ORDINARY, NONE},
    {"SET DEFAULT ROLE", SPLIT_TXN_ORDINARY, NONE},
    {"SET|USE", SPLIT_TXN_NEUTRAL, SESSION},
    {"SHOW", SPLIT_TXN_NEUTRAL, NONE},
    {"LOCK TABLE|TABLES|INSTANCE", SPLIT_TXN_ORDINARY, SESSION},
    {"FLUSH TABLE|TABLES ... WITH READ LOCK", SPLIT_TXN_ORDINARY, SESSION},
    {"CREATE ?OR ?REPLACE TEMPORARY", SPLIT_TXN_ORDINARY, SESSION},
    {"PREPARE|HANDLER", SPLIT_TXN_ORDINARY, SESSION},
};

/* Is the option, alone or with a value, switched on in the parentheses? -1: it is not there. */
static int inner_option(const struct shape *shape, const char *name)
{
    static const char off[] = "FALSE|OFF|0|'FALSE'|'OFF'|'0'";
    const char *token = shape->inner.ptr;
    for (size_t left = shape->inner_count; left; left--) {
        const char *next = token + strlen(token) + 1;
        if (str_equal(token, name))
            return left == 1 || !is_one_of(next, off);
        token = next;
    }
    return -1;
}

static void classify_postgres(const struct shape *shape, struct statement *ret)
{
    if (shape_matches(shape, "REINDEX") && inner_option(shape, "CONCURRENTLY") == 1) {
        ret->txn = SPLIT_TXN_REFUSES;
        ret->concurrently = true;
    }
    if (shape_matches(shape, "ALTER SUBSCRIPTION * SET|ADD|DROP PUBLICATION") &&
        inner_option(shape, "REFRESH") != 0)
        ret->txn = SPLIT_TXN_REFUSES;
    if (shape_matches(shape, "COPY ... FROM STDIN|STDOUT")) /* the grammar takes either word */
        ret->kind = SPLIT_COPY;
}

void shape_classify(const struct shape *shape, enum split_dialect dialect, struct statement *ret)
{
    bool postgres = dialect == SPLIT_POSTGRES;
    const struct rule *rule = postgres ? postgres_rules : mysql_rules;
    const struct rule *end = rule + (postgres ? ARRAY_LEN(postgres_rules) : ARRAY_LEN(mysql_rules));
    while (rule < end && !shape_matches(shape, rule->pattern))
        rule++;
    ret->txn = rule < end ? rule->txn : SPLIT_TXN_ORDINARY;
    ret->concurrently = rule < end && rule->flag == CONCURRENTLY;
    ret->session = rule < end && rule->flag == SESSION;
    if (postgres)
        classify_postgres(shape, ret);
}
