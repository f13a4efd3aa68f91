/* What kind of statement it is, told from its first words. Internal to the splitter. */
#ifndef DBOPS_MIGRATE_SHAPE_H
#define DBOPS_MIGRATE_SHAPE_H

#include "migrate/lex.h"
#include "migrate/split.h"

/* The first tokens outside of parentheses, and the first ones in the outermost parentheses, each
 * ended by NUL: words in upper case, a quoted name as ", any other literal as it is written.
 * Symbols are left out. */
struct shape {
    struct str outer, inner;
    size_t outer_count, inner_count;
    size_t total;   /* of those outside, also behind the first ones */
    unsigned depth; /* of parentheses */
};
void shape_clear(struct shape *shape);
void shape_free(struct shape *shape);
void shape_add(struct shape *shape, const struct lexer *l, const struct token *t);
void shape_symbol(struct shape *shape, char symbol);

/* Does the statement begin like this? "A|B": one of them, "?A": A or nothing, "*": any one token,
 * "...": any number of tokens, "$": the end. */
bool shape_matches(const struct shape *shape, const char *pattern);

/* Its first words, up to ten, in upper case. */
void shape_words(const struct shape *shape, struct str *ret);

/* Fills txn, concurrently and session of ret; a SPLIT_STATEMENT that turns out to want data
 * becomes a SPLIT_COPY. */
void shape_classify(const struct shape *shape, enum split_dialect dialect, struct statement *ret);

#endif
