/* The data behind COPY … FROM STDIN. Internal to the splitter. */
#ifndef DBOPS_MIGRATE_SPLIT_COPY_H
#define DBOPS_MIGRATE_SPLIT_COPY_H

#include "migrate/lex.h"

struct copy_data {
    bool open;
    bool line_begin; /* the next byte begins a line */
    size_t ready;    /* so many bytes of the piece are data */
    char *place;     /* of the COPY, for messages */
};

/* The COPY's delimiter ends at byte i of the piece: *data is where the data begins, on the next
 * line. */
bool copy_open(struct copy_data *c, struct lexer *l, size_t i, size_t *data);

/* Makes c->ready more than 0, or closes c with *end behind the line "\.". */
bool copy_scan(struct copy_data *c, struct lexer *l, size_t *end);

#endif
