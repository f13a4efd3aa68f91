/* Tokens of SQL text, as far as cutting it into statements needs them. Internal to the splitter. */
#ifndef DBOPS_MIGRATE_LEX_H
#define DBOPS_MIGRATE_LEX_H

#include "migrate/text.h"

enum token_kind {
    TOKEN_END,     /* of the text, or `failed` is set */
    TOKEN_COMMENT, /* not part of what is sent when it stands in front of a statement */
    TOKEN_WORD,    /* keyword or plain identifier */
    TOKEN_NAME,    /* quoted identifier */
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_SYMBOL,
    TOKEN_OPAQUE,    /* MySQL: hint, or the edge of an executable comment */
    TOKEN_DELIMITER, /* ; or what DELIMITER has set, \g */
    TOKEN_BACKSLASH, /* outside of quotes: a command for the client */
};

struct token {
    enum token_kind kind;
    size_t at, end;
    char symbol; /* TOKEN_SYMBOL: its byte, '=' for := */
};

/* What the session's settings do to the meaning of quotes. */
struct lex_modes {
    bool standard_strings;                          /* PostgreSQL */
    bool ansi_quotes, no_backslash_escapes, oracle; /* MySQL */
};

struct lexer {
    struct text *text; /* NULL: p[0 … n) is all there is */
    const char *p;     /* from the current piece on; moves when more is read */
    size_t n;
    uint64_t base; /* number of p[0] in the replaced text */
    size_t at;     /* the next byte to look at */
    bool failed;   /* *err says why */
    struct error *err;
    const char *name; /* of the file, for messages */
    struct lex_modes modes;
    bool mariadb;
    bool fresh;            /* MySQL: no token of the statement was seen yet */
    const char *delimiter; /* MySQL */
    bool executable;       /* MySQL: inside of an executable comment … */
    size_t executable_at;  /* … that begins here */
    bool after_as;         /* MySQL: the last word was AS */
};

struct token lex_postgres(struct lexer *l);
struct token lex_mysql(struct lexer *l);

/* Byte i of the piece, or -1 behind the end of the text and after a failure. */
int lex_more(struct lexer *l, size_t i);
static inline int lex_at(struct lexer *l, size_t i)
{
    return i < l->n ? (unsigned char)l->p[i] : lex_more(l, i);
}

/* Steps, from i to behind what is skipped. */
size_t lex_line(struct lexer *l, size_t i);   /* to the \n or the end */
size_t lex_blanks(struct lexer *l, size_t i); /* white space, also \v */
/* A quoted text that begins at i; 0 when it does not end. */
size_t lex_quoted(struct lexer *l, size_t i, bool doubled, bool escapes);
/* To behind the first `what` from i on; 0 when there is none. */
size_t lex_find(struct lexer *l, size_t i, const char *what, size_t len);

/* May the byte (or the end, -1) stand in an identifier? `$` is not counted. */
extern const bool lex_word_bytes[256];
static inline bool lex_is_word(int c)
{
    return c >= 0 && lex_word_bytes[c];
}

/* "name:line:col" of byte i; owned. */
char *lex_place(const struct lexer *l, size_t i);
/* Sets the error "name:line:col: the WHAT that begins here is not closed" and TOKEN_END. */
struct token lex_unclosed(struct lexer *l, size_t i, const char *what);

/* Does the token spell this word (given in upper case)? */
bool lex_word_rest(const struct lexer *l, const struct token *t, const char *word);
static inline bool lex_word_is(const struct lexer *l, const struct token *t, const char *word)
{
    return t->kind == TOKEN_WORD && (l->p[t->at] & ~0x20) == *word && lex_word_rest(l, t, word);
}

#endif
