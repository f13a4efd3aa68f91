#include "lib/data/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/base/str.h"
#include "lib/base/vec.h"

struct anchor {
    char *name;
    struct tree *tree; /* NULL while it is being read: an alias to itself */
};

struct reader {
    yaml_parser_t parser;
    const char *text, *file;
    size_t len;
    size_t *nodes;
    struct tree_problems *problems;
    VEC(struct anchor) anchors;
    VEC(struct tree *) dropped; /* not in the result, but an anchor may still point there */
};

static void problem_at(struct reader *r, yaml_mark_t mark, const char *text)
{
    tree_problem(r->problems, r->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1, "%s",
                 text);
}

/* A new node, or NULL (said once) when there are too many or they are nested too deep. */
static struct tree *node_new(struct reader *r, enum tree_kind kind, yaml_mark_t mark, size_t depth)
{
    if (depth > TREE_DEPTH_MAX || *r->nodes >= TREE_NODES_MAX) {
        tree_problem(r->problems, r->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1,
                     depth > TREE_DEPTH_MAX
                         ? "nested deeper than %d levels"
                         : "more than %d values, those that aliases stand for included",
                     depth > TREE_DEPTH_MAX ? TREE_DEPTH_MAX : TREE_NODES_MAX);
        return NULL;
    }
    ++*r->nodes;
    struct tree *t = xcalloc(1, sizeof *t);
    *t = (struct tree){.kind = kind,
                       .file = r->file,
                       .line = (unsigned)mark.line + 1,
                       .column = (unsigned)mark.column + 1};
    return t;
}

/* What stands at an alias; the copy keeps the places where its values were written. */
static struct tree *copy(struct reader *r, const struct tree *from, yaml_mark_t mark, size_t depth)
{
    AUTO(tree_free) struct tree *t = node_new(r, from->kind, mark, depth);
    if (!t)
        return NULL;
    t->line = from->line;
    t->column = from->column;
    t->single_quoted = from->single_quoted;
    t->text = xstrdup(from->text);
    for (size_t i = 0; i < from->len; i++) {
        if (from->kind == TREE_LIST) {
            struct tree *item = copy(r, from->items[i], mark, depth + 1);
            if (!item)
                return NULL;
            tree_add(t, item);
            continue;
        }
        AUTO(tree_free) struct tree *key = copy(r, from->pairs[i].key, mark, depth + 1);
        struct tree *value = key ? copy(r, from->pairs[i].value, mark, depth + 1) : NULL;
        if (!value)
            return NULL;
        tree_put(t, TAKE(key), value);
    }
    return TAKE(t);
}

static struct tree *read_alias(struct reader *r, const yaml_event_t *event, size_t depth)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = r->anchors.len; i-- > 0;) {
        if (!str_equal(r->anchors.ptr[i].name, name))
            continue;
        if (r->anchors.ptr[i].tree)
            return copy(r, r->anchors.ptr[i].tree, event->start_mark, depth);
        AUTO(mem_free) char *text = xasprintf("the alias '*%s' stands inside its own anchor", name);
        problem_at(r, event->start_mark, text);
        return NULL;
    }
    AUTO(mem_free)
    char *text = xasprintf("the alias '*%s' has no anchor '&%s' before it", name, name);
    problem_at(r, event->start_mark, text);
    return NULL;
}

/* Remembers that an anchor begins; its place in the list, or SIZE_MAX without one. */
static size_t anchor_begin(struct reader *r, const yaml_char_t *name)
{
    if (!name)
        return SIZE_MAX;
    *vec_add(&r->anchors) = (struct anchor){xstrdup((const char *)name), NULL};
    return r->anchors.len - 1;
}

static struct tree *anchor_end(struct reader *r, size_t anchor, struct tree *t)
{
    if (anchor != SIZE_MAX)
        r->anchors.ptr[anchor].tree = t;
    return t;
}

static bool tag_known(struct reader *r, const yaml_char_t *tag, yaml_mark_t mark)
{
    static const char *const known[] = {"!",           YAML_STR_TAG,   YAML_INT_TAG,
                                        YAML_BOOL_TAG, YAML_FLOAT_TAG, YAML_NULL_TAG,
                                        YAML_SEQ_TAG,  YAML_MAP_TAG};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (!tag || str_equal((const char *)tag, known[i]))
            return true;
    AUTO(mem_free) char *text = xasprintf("the tag '%s' is not known here", (const char *)tag);
    problem_at(r, mark, text);
    return false;
}

static bool means_null(const yaml_event_t *event)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || event->data.scalar.tag)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_equal((const char *)event->data.scalar.value, words[i]))
            return true;
    return false;
}

static struct tree *read_scalar(struct reader *r, const yaml_event_t *event, size_t depth)
{
    const char *value = (const char *)event->data.scalar.value;
    if (!tag_known(r, event->data.scalar.tag, event->start_mark))
        return NULL;
    if (strlen(value) != event->data.scalar.length) {
        problem_at(r, event->start_mark, "a NUL byte in a value");
        return NULL;
    }
    enum tree_kind kind = means_null(event) ? TREE_NULL : TREE_TEXT;
    struct tree *t = node_new(r, kind, event->start_mark, depth);
    if (t) {
        t->single_quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE;
        t->text = kind == TREE_TEXT ? xstrdup(value) : NULL;
    }
    return anchor_end(r, anchor_begin(r, event->data.scalar.anchor), t);
}

/* True when the line has what people run into most; `hint` is what to say about it. */
static const char *usual_mistake(const struct reader *r, size_t line)
{
    const char *p = r->text, *end = r->text + r->len;
    for (; line && p < end; p++)
        line -= *p == '\n';
    size_t n = strcspn(p, "\r\n"), blanks = strspn(p, " \t");
    if (memchr(p, '\t', blanks < n ? blanks : n))
        return "a tab; YAML is indented with blanks";
    for (size_t i = 0; i + 1 < n; i++)
        if (p[i] == '$' && p[i + 1] == '{')
            return "not valid YAML; inside [ ] and { } write \"${…}\" with quotes";
    return NULL;
}

static void syntax_problem(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    yaml_mark_t mark = p->problem_mark;
    if (p->error == YAML_READER_ERROR) { /* it gives an offset only */
        mark = (yaml_mark_t){0, 0, 0};
        for (size_t i = 0; i < p->problem_offset && i < r->len; i++) {
            mark.column = r->text[i] == '\n' ? 0 : mark.column + 1;
            mark.line += r->text[i] == '\n';
        }
    }
    const char *mistake = usual_mistake(r, mark.line);
    AUTO(str_free) struct str text = STR_INIT;
    if (mistake) {
        str_add(&text, mistake);
    } else {
        str_addf(&text, "not valid YAML: %s", p->problem ? p->problem : "unreadable");
        if (p->context)
            str_addf(&text, " %s from line %zu on", p->context, p->context_mark.line + 1);
    }
    problem_at(r, mark, text.ptr);
}

static bool next(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return true;
    syntax_problem(r);
    return false;
}

static struct tree *read_node(struct reader *r, const yaml_event_t *event, size_t depth);

static struct tree *read_list(struct reader *r, const yaml_event_t *start, size_t depth)
{
    if (!tag_known(r, start->data.sequence_start.tag, start->start_mark))
        return NULL;
    size_t anchor = anchor_begin(r, start->data.sequence_start.anchor);
    AUTO(tree_free) struct tree *t = node_new(r, TREE_LIST, start->start_mark, depth);
    while (t) {
        yaml_event_t event;
        if (!next(r, &event))
            return NULL;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        struct tree *item = end ? NULL : read_node(r, &event, depth + 1);
        yaml_event_delete(&event);
        if (end)
            return anchor_end(r, anchor, TAKE(t));
        if (!item)
            return NULL;
        tree_add(t, item);
    }
    return NULL;
}

struct place { /* of a pair, for sorting */
    const char *text;
    size_t at;
};

static int by_text(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static void drop_pair(struct reader *r, struct tree_pair *pair)
{
    *vec_add(&r->dropped) = TAKE(pair->key);
    *vec_add(&r->dropped) = TAKE(pair->value);
}

/* Each key once: a second one among the first `own` pairs is a mistake, after them it came by `<<`
 * and gives way. */
static void settle_keys(struct reader *r, struct tree *map, size_t own)
{
    AUTO(mem_free) struct place *places = xcalloc(map->len + 1, sizeof *places);
    for (size_t i = 0; i < map->len; i++)
        places[i] = (struct place){map->pairs[i].key->text, i};
    qsort(places, map->len, sizeof *places, by_text);
    for (size_t i = 1, first = 0; i < map->len; i++) {
        if (!str_equal(places[i].text, places[first].text)) {
            first = i;
            continue;
        }
        struct tree_pair *again = &map->pairs[places[i].at];
        if (places[i].at < own) {
            tree_problem(r->problems, r->file, again->key->line, again->key->column,
                         "the key '%s' is here a second time; the first is in line %u",
                         again->key->text, map->pairs[places[first].at].key->line);
            r->problems->ptr[r->problems->len - 1].whole = true;
        }
    }
    for (size_t i = 1, first = 0; i < map->len; i++) {
        if (str_equal(places[i].text, places[first].text))
            drop_pair(r, &map->pairs[places[i].at]);
        else
            first = i;
    }
    size_t kept = 0;
    for (size_t i = 0; i < map->len; i++)
        if (map->pairs[i].key)
            map->pairs[kept++] = map->pairs[i];
    map->len = kept;
}

/* Appends what `<<` holds: a map, or a list of maps. False when there are too many values. */
static bool merge(struct reader *r, struct tree *map, const struct tree *from, yaml_mark_t mark,
                  size_t depth)
{
    if (from->kind == TREE_LIST) {
        bool ok = true;
        for (size_t i = 0; ok && i < from->len; i++)
            ok = merge(r, map, from->items[i], mark, depth);
        return ok;
    }
    if (from->kind != TREE_MAP) {
        tree_problem(r->problems, r->file, from->line, from->column,
                     "'<<' takes a map, or a list of maps");
        return true;
    }
    for (size_t i = 0; i < from->len; i++) {
        AUTO(tree_free) struct tree *key = copy(r, from->pairs[i].key, mark, depth);
        struct tree *value = key ? copy(r, from->pairs[i].value, mark, depth) : NULL;
        if (!value)
            return false;
        tree_put(map, TAKE(key), value);
    }
    return true;
}

/* A map's key, with whether it is a plain `<<`; NULL with the problem said. */
static struct tree *read_key(struct reader *r, const yaml_event_t *event, size_t depth,
                             bool *ret_merge)
{
    if (event->type != YAML_SCALAR_EVENT) {
        problem_at(r, event->start_mark, "a key must be plain text");
        return NULL;
    }
    struct tree *key = read_scalar(r, event, depth);
    if (key && key->kind == TREE_NULL) {
        key->kind = TREE_TEXT;
        key->text = xstrdup((const char *)event->data.scalar.value);
    }
    *ret_merge =
        key && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && str_equal(key->text, "<<");
    return key;
}

/* Reads the next pair into map, or that of `<<` into merged: 1, 0 at the end, -1 on failure. */
static int read_pair(struct reader *r, struct tree *map, size_t depth, struct tree **merged)
{
    yaml_event_t event;
    bool is_merge = false;
    if (!next(r, &event))
        return -1;
    bool end = event.type == YAML_MAPPING_END_EVENT;
    AUTO(tree_free) struct tree *key = end ? NULL : read_key(r, &event, depth, &is_merge);
    yaml_event_delete(&event);
    if (end)
        return 0;
    if (!key || !next(r, &event))
        return -1;
    struct tree *value = read_node(r, &event, depth);
    yaml_event_delete(&event);
    if (!value)
        return -1;
    if (!is_merge) {
        tree_put(map, TAKE(key), value);
        return 1;
    }
    *vec_add(&r->dropped) = value;
    *vec_add(&r->dropped) = key;
    if (*merged)
        tree_problem(r->problems, r->file, key->line, key->column,
                     "'<<' is here a second time; give it a list of maps");
    *merged = value;
    (void)TAKE(key);
    return 1;
}

static struct tree *read_map(struct reader *r, const yaml_event_t *start, size_t depth)
{
    if (!tag_known(r, start->data.mapping_start.tag, start->start_mark))
        return NULL;
    size_t anchor = anchor_begin(r, start->data.mapping_start.anchor);
    struct tree *merged = NULL; /* in r->dropped */
    AUTO(tree_free) struct tree *t = node_new(r, TREE_MAP, start->start_mark, depth);
    int got = t ? 1 : -1;
    while (got > 0)
        got = read_pair(r, t, depth + 1, &merged);
    size_t own = t ? t->len : 0;
    if (got < 0 || (merged && !merge(r, t, merged, start->start_mark, depth + 1)))
        return NULL;
    settle_keys(r, t, own);
    return anchor_end(r, anchor, TAKE(t));
}

static struct tree *read_node(struct reader *r, const yaml_event_t *event, size_t depth)
{
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(r, event, depth);
    if (event->type == YAML_ALIAS_EVENT)
        return read_alias(r, event, depth);
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return read_list(r, event, depth);
    return read_map(r, event, depth);
}

/* The tree of the only document; NULL with the problem said. */
static struct tree *read_stream(struct reader *r)
{
    AUTO(tree_free) struct tree *root = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next(r, &event))
            return NULL;
        yaml_event_type_t type = event.type;
        bool second = type == YAML_DOCUMENT_START_EVENT && root;
        bool failed = second;
        if (second)
            problem_at(r, event.start_mark, "a second document begins here; one file holds one");
        if (!root && (type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT ||
                      type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)) {
            root = read_node(r, &event, 1);
            failed = !root;
        }
        yaml_event_delete(&event);
        if (failed)
            return NULL;
        if (type == YAML_STREAM_END_EVENT)
            break;
    }
    if (!root)
        tree_problem(r->problems, r->file, 0, 0, "the file is empty");
    return TAKE(root);
}

/* libyaml would take UTF-16 and say little about the rest. */
static bool bytes_are_text(struct reader *r)
{
    unsigned line = 1, column = 1;
    const char *p = r->text, *end = r->text + r->len;
    while (p < end) {
        size_t n = 1;
        while (n < 4 && p + n < end && ((unsigned char)p[n] & 0xC0) == 0x80)
            n++;
        if (!*p || !str_is_utf8(p, n)) {
            tree_problem(r->problems, r->file, line, column,
                         *p ? "byte 0x%02X is not UTF-8" : "a NUL byte (0x%02X)",
                         (unsigned)(unsigned char)*p);
            return false;
        }
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
        p += n;
    }
    return true;
}

struct tree *tree_read(const char *text, size_t len, const char *file, size_t *nodes,
                       struct tree_problems *problems)
{
    struct reader r = {
        .text = text, .file = file, .len = len, .nodes = nodes, .problems = problems};
    if (!bytes_are_text(&r))
        return NULL;
    if (!yaml_parser_initialize(&r.parser)) {
        tree_problem(problems, file, 0, 0, "no memory for the YAML parser");
        return NULL;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    struct tree *root = read_stream(&r);
    yaml_parser_delete(&r.parser);
    for (size_t i = 0; i < r.anchors.len; i++)
        free(r.anchors.ptr[i].name);
    vec_free(&r.anchors);
    for (size_t i = 0; i < r.dropped.len; i++)
        tree_free(r.dropped.ptr[i]);
    vec_free(&r.dropped);
    return root;
}
