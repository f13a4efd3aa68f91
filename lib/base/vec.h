/* Growing arrays: `VEC(char *) names = VEC_INIT; *vec_add(&names) = xstrdup("a");` */
#ifndef DBOPS_BASE_VEC_H
#define DBOPS_BASE_VEC_H

#include "lib/base/mem.h"

/* The items are ptr[0] … ptr[len - 1]; ptr is NULL while empty. */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *ptr;                                                                                 \
        size_t len, cap;                                                                           \
    }
#define VEC_INIT                                                                                   \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

/* Room for one more, zeroed; gives its address (valid until the next vec_add). */
#define vec_add(vec)                                                                               \
    __extension__({                                                                                \
        (vec)->ptr = vec_grow_((vec)->ptr, (vec)->len, &(vec)->cap, sizeof *(vec)->ptr);           \
        &(vec)->ptr[(vec)->len++];                                                                 \
    })

/* Frees the array, not what its items own. */
#define vec_free(vec)                                                                              \
    do {                                                                                           \
        mem_free((vec)->ptr);                                                                      \
        (vec)->ptr = NULL;                                                                         \
        (vec)->len = (vec)->cap = 0;                                                               \
    } while (0)

void *vec_grow_(void *ptr, size_t len, size_t *cap, size_t size);

/* The commonest kind: owned strings. */
struct strlist {
    char **ptr;
    size_t len, cap;
};
void strlist_add(struct strlist *list, const char *text); /* copies */
void strlist_free(struct strlist *list);                  /* with the strings; usable again */
AUTO_VALUE(strlist_free, struct strlist)

#endif
