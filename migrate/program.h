/* Where in a stored program we are: does a `;` end the statement? Internal to the splitter. */
#ifndef DBOPS_MIGRATE_PROGRAM_H
#define DBOPS_MIGRATE_PROGRAM_H

#include "migrate/lex.h"

enum block_kind {
    BLOCK_BEGIN,
    BLOCK_IF,
    BLOCK_CASE,       /* the statement */
    BLOCK_LOOP,       /* LOOP, WHILE, REPEAT, FOR */
    BLOCK_EXPRESSION, /* the CASE of an expression */
    BLOCK_DECLARE,    /* Oracle mode: AS declarations, in front of BEGIN */
    BLOCK_PACKAGE,
};

struct block {
    enum block_kind kind;
    size_t at; /* of its first word in the piece */
};

enum program_phase {
    PROGRAM_START,   /* no token yet */
    PROGRAM_OFF,     /* not a stored program */
    PROGRAM_LABEL,   /* MySQL: one token; a colon would make it a label */
    PROGRAM_BEGIN,   /* MySQL: BEGIN; NOT ATOMIC may follow */
    PROGRAM_CREATE,  /* CREATE, and what may stand in front of the kind of object */
    PROGRAM_ALTER,   /* MySQL: ALTER */
    PROGRAM_ROUTINE, /* the head of a procedure, function or package */
    PROGRAM_TRIGGER,
    PROGRAM_EVENT,
    PROGRAM_BODY,
};

struct program {
    enum program_phase phase;
    VEC(struct block) stack;
    unsigned depth;    /* of parentheses */
    unsigned last;     /* keyword of the token before; 0 for none */
    char symbol;       /* the token before, when it was a symbol */
    unsigned skip;     /* so many tokens are names whatever they spell */
    bool start;        /* a statement of the body begins here */
    bool label;        /* the token before may be a label */
    bool angle;        /* Oracle mode: inside of <<label>> */
    bool params;       /* the parameter list is behind us */
    bool package;      /* the routine is a package */
    bool routine;      /* inside of a package: the head of a routine */
    bool order;        /* FOLLOWS or PRECEDES may stand here */
    bool ended;        /* the last word was an END of a block */
    bool until;        /* REPEAT … UNTIL: the END stands behind an expression */
    bool declaring;    /* DECLARE … */
    bool condition;    /* … HANDLER FOR: a condition is wanted */
    bool condition_ok; /* … and was there: a comma or the statement follows */
};

void program_clear(struct program *g);
void program_free(struct program *g);

/* Each token of a statement in turn, but for comments. */
void program_postgres(struct program *g, const struct lexer *l, const struct token *t);
void program_mysql(struct program *g, const struct lexer *l, const struct token *t);

/* A delimiter follows: true when it is only part of the statement. MySQL: it is a `;`. */
bool program_holds_postgres(const struct program *g);
bool program_holds_mysql(struct program *g);

/* The innermost block that is still open, or NULL. */
const struct block *program_open(const struct program *g);

#endif
