#include "lib/config/internal.h"

#include <string.h>

#include "lib/base/duration.h"

/* A string in which a variable stands for the value. */
static const char has_variable[] = "\\$\\{";
static const char name_pattern[] = "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$";

static const char *const secret_docs[] = {
    "file that holds it; one newline at its end is cut, and others should not be able to read it",
    "program and arguments that print it (no shell, at most 30 s)",
};

static struct value *with_type(const char *type)
{
    struct value *v = value_map();
    value_set(v, "type", value_string(type));
    return v;
}

static struct value *with_pattern(const char *pattern)
{
    struct value *v = with_type("string");
    value_set(v, "pattern", value_string(pattern));
    return v;
}

static struct value *any_of(struct value *a, struct value *b, struct value *c)
{
    struct value *list = value_list(), *v = value_map();
    value_add(list, a);
    value_add(list, b);
    if (c)
        value_add(list, c);
    value_set(v, "anyOf", list);
    return v;
}

/* Texts may look like numbers or truths to YAML: `database: 2024`. */
static struct value *text_schema(void)
{
    static const char *const types[] = {"string", "number", "boolean", "null"};
    struct value *v = value_map(), *list = value_list();
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        value_add(list, value_string(types[i]));
    value_set(v, "type", list);
    return v;
}

static struct value *number_schema(const struct key *key)
{
    struct value *number = with_type("integer");
    if (key->min || key->max) {
        value_set(number, "minimum", value_int(key->min));
        value_set(number, "maximum", value_int(key->max));
    }
    if (key->flags & KEY_PLAIN)
        return number;
    return any_of(number, with_pattern("^-?[0-9]+$"), with_pattern(has_variable));
}

/* A duration, or a size: text with units; 0 needs none, and a size no unit at all. */
static struct value *units_schema(const struct key *key)
{
    bool size = key->type == KEY_SIZE;
    struct value *number = with_type("integer");
    value_set(number, "minimum", value_int(0));
    if (!size)
        value_set(number, "maximum", value_int(0));
    return any_of(
        number,
        with_pattern(size ? "^[0-9]+(B|[KMGT]iB|[kMGT]B)?$" : "^(0|([0-9]+(w|d|h|m|s|ms))+)$"),
        with_pattern(has_variable));
}

static struct value *word_schema(const struct key *key)
{
    struct value *words = value_list(), *v = value_map();
    for (size_t i = 0; key->words[i]; i++)
        value_add(words, value_string(key->words[i]));
    value_set(v, "enum", words);
    return any_of(v, with_pattern(has_variable), NULL);
}

static struct value *list_schema(void)
{
    struct value *list = with_type("array");
    value_set(list, "items", text_schema());
    return any_of(list, text_schema(), NULL);
}

static struct value *map_of(struct value *item)
{
    struct value *v = with_type("object");
    value_set(v, "additionalProperties", item);
    return v;
}

static struct value *bool_schema(void)
{
    return any_of(
        with_type("boolean"),
        with_pattern("^([Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$"),
        with_pattern(has_variable));
}

static struct value *section_schema(const char *section);

static struct value *value_schema(const struct key *key)
{
    switch (key->type) {
    case KEY_BOOL:
        return bool_schema();
    case KEY_INT:
        return number_schema(key);
    case KEY_DURATION:
    case KEY_SIZE:
        return units_schema(key);
    case KEY_ENUM:
        return word_schema(key);
    case KEY_LIST:
        return list_schema();
    case KEY_MAP:
        return map_of(text_schema());
    case KEY_SECTION:
        return section_schema(key->name);
    case KEY_STRING:
    case KEY_SECRET:
        break;
    }
    return text_schema();
}

/* An absent value (`port:` and nothing) is no mistake, and x-… keys may hold anything. */
static void fill_object(struct value *v, struct value *properties)
{
    struct value *types = value_list(), *extensions = value_map();
    value_add(types, value_string("object"));
    value_add(types, value_string("null"));
    value_set(extensions, "^x-", value_bool(true));
    value_set(v, "type", types);
    value_set(v, "properties", properties);
    value_set(v, "patternProperties", extensions);
    value_set(v, "additionalProperties", value_bool(false));
}

static struct value *object(struct value *properties)
{
    struct value *v = value_map();
    fill_object(v, properties);
    return v;
}

static void add_property(struct value *properties, const char *name, struct value *schema,
                         const char *doc, const char *def)
{
    value_set(schema, "description", value_string(doc));
    if (def)
        value_set(schema, "default", value_string(def));
    value_set(properties, name, schema);
}

/* At most one of a secret's three forms. */
static void add_exclusions(struct value *list, const char *a, const char *b)
{
    struct value *both = value_list(), *required = value_map(), *not_both = value_map();
    value_add(both, value_string(a));
    value_add(both, value_string(b));
    value_set(required, "required", both);
    value_set(not_both, "not", required);
    value_add(list, not_both);
}

static void add_secret_forms(struct value *properties, struct value *exclusions,
                             const struct key *key)
{
    AUTO(mem_free) char *file = xasprintf("%s_file", key->name);
    AUTO(mem_free) char *command = xasprintf("%s_command", key->name);
    struct value *argv = with_type("array");
    value_set(argv, "items", text_schema());
    value_set(argv, "minItems", value_int(1));
    add_property(properties, file, text_schema(), secret_docs[0], NULL);
    add_property(properties, command, argv, secret_docs[1], NULL);
    add_exclusions(exclusions, key->name, file);
    add_exclusions(exclusions, key->name, command);
    add_exclusions(exclusions, file, command);
}

/* The keys directly within a section ("" is the target itself). */
static struct value *section_schema(const char *section)
{
    struct value *properties = value_map(), *exclusions = value_list();
    size_t n = strlen(section);
    for (const struct key *key = key_table; key->name; key++) {
        const char *name = key->name;
        if (n && (strncmp(name, section, n) != 0 || name[n] != '.'))
            continue;
        name += n ? n + 1 : 0;
        if (strchr(name, '.'))
            continue;
        add_property(properties, name, value_schema(key), key->doc, key->def);
        if (key->type == KEY_SECRET)
            add_secret_forms(properties, exclusions, key);
    }
    struct value *v = object(properties);
    if (value_len(exclusions))
        value_set(v, "allOf", exclusions);
    else
        value_free(exclusions);
    return v;
}

static struct value *reference(const char *to)
{
    struct value *v = value_map();
    value_set(v, "$ref", value_string(to));
    return v;
}

/* Targets by name, all described by $defs/target. */
static struct value *targets_schema(void)
{
    struct value *v = object(value_map()), *patterns = value_map();
    value_set(patterns, "^x-", value_bool(true));
    value_set(patterns, "^(?!x-)[A-Za-z0-9][A-Za-z0-9_-]{0,62}$", reference("#/$defs/target"));
    value_set(v, "patternProperties", patterns);
    return v;
}

static struct value *groups_schema(void)
{
    struct value *members = with_type("array"), *v = object(value_map()), *patterns = value_map();
    value_set(members, "items", with_pattern(name_pattern));
    value_set(members, "minItems", value_int(1));
    value_set(patterns, "^x-", value_bool(true));
    value_set(patterns, "^(?!x-)[A-Za-z0-9][A-Za-z0-9_-]{0,62}$", members);
    value_set(v, "patternProperties", patterns);
    return v;
}

static struct value *top_schema(const struct key *key)
{
    if (str_equal(key->name, "targets"))
        return targets_schema();
    if (str_equal(key->name, "groups"))
        return groups_schema();
    if (key->type == KEY_SECTION)
        return reference("#/$defs/target");
    if (key->type == KEY_STRING)
        return with_pattern(name_pattern);
    return value_schema(key);
}

struct value *config_schema(void)
{
    struct value *v = value_map(), *properties = value_map(), *definitions = value_map();
    for (const struct key *key = key_top; key->name; key++)
        add_property(properties, key->name, top_schema(key), key->doc, NULL);
    value_set(definitions, "target", section_schema(""));
    value_set(v, "$schema", value_string("https://json-schema.org/draft/2020-12/schema"));
    value_set(v, "title", value_string("dbops.yaml"));
    value_set(v, "description", value_string("configuration of dbops; see dbops.yaml(5)"));
    fill_object(v, properties);
    value_set(v, "type", value_string("object"));
    value_set(v, "$defs", definitions);
    return v;
}

static struct value *key_row(const char *prefix, const char *name, const char *suffix,
                             const char *type, const char *def)
{
    struct value *row = value_map();
    AUTO(mem_free) char *full = xasprintf("%s%s%s", prefix, name, suffix);
    value_set(row, "key", value_string(full));
    value_set(row, "type", value_string(type));
    value_set(row, "default", value_string(def));
    return row;
}

static void add_key_rows(struct value *rows, const struct key *table, const char *prefix)
{
    for (const struct key *key = table; key->name; key++) {
        AUTO(str_free) struct str allowed = STR_INIT;
        key_allowed(key, &allowed);
        struct value *row = key_row(prefix, key->name, "", key_type_name(key->type),
                                    key->def ? key->def : key->absent);
        value_set(row, "allowed", value_string(allowed.len ? allowed.ptr : NULL));
        value_set(row, "doc", value_string(key->doc));
        value_add(rows, row);
        for (size_t i = 0; key->type == KEY_SECRET && i < ARRAY_LEN(secret_docs); i++) {
            row = key_row(prefix, key->name, i ? "_command" : "_file", i ? "list" : "string", NULL);
            value_set(row, "allowed", value_null());
            value_set(row, "doc", value_string(secret_docs[i]));
            value_add(rows, row);
        }
    }
}

struct value *config_keys(void)
{
    struct value *rows = value_list();
    add_key_rows(rows, key_top, "");
    add_key_rows(rows, key_table, "targets.NAME.");
    return rows;
}
