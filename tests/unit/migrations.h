/* Sets of migrations and histories from short texts, for tests of what is planned from them. */
#ifndef DBOPS_TESTS_UNIT_MIGRATIONS_H
#define DBOPS_TESTS_UNIT_MIGRATIONS_H

#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"
#include "migrate/info.h"
#include "migrate/names.h"
#include "migrate/version.h"

/* Calls one for each word. */
static inline void each_word(const char *words, void (*one)(char *word, void *ctx), void *ctx)
{
    for (const char *p = words; *p;) {
        size_t len = strcspn(p, " ");
        AUTO(mem_free) char *word = xstrndup(p, len);
        if (len)
            one(word, ctx);
        p += len + (p[len] == ' ');
    }
}

/* Cuts the word at the mark and gives what follows it, or other. */
static inline const char *cut(char *word, char mark, const char *other)
{
    char *at = strchr(word, mark);
    if (!at)
        return other;
    *at = '\0';
    return at + 1;
}

static inline void add_file(char *word, void *ctx)
{
    struct migration_set *set = ctx;
    const char *raw = cut(word, '/', NULL);
    const char *sum = cut(word, '#', "1");
    const char *description = cut(word, '=', word[0] == 'R' ? word + 1 : "x");
    bool repeatable = word[0] == 'R';
    *vec_add(&set->migrations) = (struct migration){
        .kind = repeatable       ? MIGRATION_REPEATABLE
                : word[0] == 'B' ? MIGRATION_BASELINE
                                 : MIGRATION_VERSIONED,
        .version = repeatable ? NULL : xstrdup(word + 1),
        .description = xstrdup(description),
        .script = xasprintf("%s__%s.sql", repeatable ? "R" : word, description),
        .checksum = (int32_t)strtol(sum, NULL, 10),
        .raw_checksum = (int32_t)strtol(raw ? raw : sum, NULL, 10),
    };
}

static inline int by_version_and_kind(const void *a, const void *b)
{
    const struct migration *x = a, *y = b;
    if (!x->version != !y->version)
        return x->version ? -1 : 1;
    int order = x->version ? version_compare(x->version, y->version)
                           : name_compare(x->description, y->description);
    return order ? order : (int)x->kind - (int)y->kind;
}

/* "V1 V2=text#7 B3 Rview#7/5": version or description, description, checksum, raw checksum. */
static inline void make_set(struct migration_set *set, const char *words)
{
    each_word(words, add_file, set);
    if (set->migrations.len)
        qsort(set->migrations.ptr, set->migrations.len, sizeof set->migrations.ptr[0],
              by_version_and_kind);
}

static inline void add_row(char *word, void *ctx)
{
    struct history *history = ctx;
    bool failed = word[strlen(word) - 1] == '!';
    if (failed)
        word[strlen(word) - 1] = '\0';
    const char *sum = cut(word, '#', "1");
    const char *description = cut(word, '=', NULL);
    const char *version = cut(word, ':', "Rschemas");
    bool repeatable = version[0] == 'R';
    if (!description)
        description = repeatable ? version + 1 : "x";
    history->exists = true;
    int rank = history->rows.len ? history->rows.ptr[history->rows.len - 1].rank + 1 : 1;
    *vec_add(&history->rows) = (struct history_row){
        .rank = rank,
        .version = repeatable ? NULL : xstrdup(version),
        .description = xstrdup(description),
        .type = xstrdup(word),
        .script = xasprintf("%s__%s.sql", repeatable ? "R" : version, description),
        .has_checksum = strcmp(sum, "-") != 0,
        .checksum = (int32_t)strtol(sum, NULL, 10),
        .success = !failed,
    };
}

/* "SCHEMA BASELINE:1 SQL:2#7 SQL:Rview SQL:3! DELETE:2": type, version or R and description,
 * checksum (- is NULL); ! is failed. */
static inline void make_history(struct history *history, const char *words)
{
    each_word(words, add_row, history);
}

/* "SCHEMA Rschemas Success|2 Pending|Rview Outdated": the type unless it is SQL, the name, the
 * state. */
static inline char *show_lines(const struct info *info)
{
    AUTO(str_free) struct str out = STR_INIT;
    for (size_t i = 0; i < info->lines.len; i++) {
        const struct info_line *line = &info->lines.ptr[i];
        if (i)
            str_addc(&out, '|');
        if (strcmp(line->type, "SQL") != 0)
            str_addf(&out, "%s ", line->type);
        if (*line->version)
            str_addf(&out, "%s %s", line->version, state_text(line->state));
        else
            str_addf(&out, "R%s %s", line->description, state_text(line->state));
    }
    return str_take(&out);
}

#endif
