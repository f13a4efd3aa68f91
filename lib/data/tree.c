#include "lib/data/tree.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/base/vec.h"

enum { TEXT_MAX = 600 }; /* bytes of a problem's text */

/* What the file holds may be quoted in text: it stays one line, short, without control characters.
 */
static void tidy(char *text)
{
    size_t n = strlen(text);
    if (n > TEXT_MAX) {
        for (n = TEXT_MAX; n && ((unsigned char)text[n] & 0xC0) == 0x80; n--)
            ;
        text[n] = '\0';
    }
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
}

void tree_problem(struct tree_problems *problems, const char *file, unsigned line, unsigned column,
                  const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    *vec_add(problems) = (struct tree_problem){file, line, column, xvasprintf(fmt, ap), false};
    va_end(ap);
    tidy(problems->ptr[problems->len - 1].text);
}

void tree_problems_free(struct tree_problems *problems)
{
    for (size_t i = 0; i < problems->len; i++)
        free(problems->ptr[i].text);
    vec_free(problems);
}

void tree_free(struct tree *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->len; i++) {
        if (t->kind == TREE_LIST) {
            tree_free(t->items[i]);
        } else {
            tree_free(t->pairs[i].key);
            tree_free(t->pairs[i].value);
        }
    }
    free(t->items);
    free(t->pairs);
    free(t->text);
    free(t);
}

struct tree *tree_get(const struct tree *t, const char *key)
{
    for (size_t i = 0; t && t->kind == TREE_MAP && i < t->len; i++)
        if (str_equal(t->pairs[i].key->text, key))
            return t->pairs[i].value;
    return NULL;
}

void tree_put(struct tree *map, struct tree *key, struct tree *value)
{
    map->pairs = vec_grow_(map->pairs, map->len, &map->cap, sizeof *map->pairs);
    map->pairs[map->len++] = (struct tree_pair){key, value};
}

void tree_add(struct tree *list, struct tree *item)
{
    list->items = vec_grow_(list->items, list->len, &list->cap, sizeof *list->items);
    list->items[list->len++] = item;
}
