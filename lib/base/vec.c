#include "lib/base/vec.h"

#include <stdlib.h>
#include <string.h>

void *vec_grow_(void *ptr, size_t len, size_t *cap, size_t size)
{
    if (len == *cap) {
        *cap = *cap ? *cap * 2 : 8;
        ptr = xrealloc(ptr, *cap, size);
    }
    memset((char *)ptr + len * size, 0, size);
    return ptr;
}

void strlist_add(struct strlist *list, const char *text)
{
    *vec_add(list) = xstrdup(text);
}

void strlist_free(struct strlist *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->ptr[i]);
    vec_free(list);
}
