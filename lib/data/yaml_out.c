#include "lib/data/yaml_out.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <yaml.h>

#include "lib/base/str.h"

static int to_file(void *out, unsigned char *bytes, size_t n)
{
    return fwrite(bytes, 1, n, out) == n;
}

/* Whether a reader could take the plain text for a number, date, boolean, null or directive. Only
 * what begins like a word or a path, and is none of YAML 1.1's own words, is surely text. */
static bool looks_like_text(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
    bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
    if (!letter && *text != '/' && *text != '_' && (unsigned char)*text < 0x80)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_equal_nocase(text, words[i]))
            return false;
    return true;
}

static yaml_scalar_style_t style_of(const char *text)
{
    if (strchr(text, '\n') && !strpbrk(text, "\r\t"))
        return YAML_LITERAL_SCALAR_STYLE;
    return looks_like_text(text) ? YAML_PLAIN_SCALAR_STYLE : YAML_SINGLE_QUOTED_SCALAR_STYLE;
}

static bool emit(yaml_emitter_t *emitter, yaml_event_t *event)
{
    return yaml_emitter_emit(emitter, event) == 1;
}

static bool emit_text(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
    AUTO(str_free) struct str clean = STR_INIT;
    yaml_event_t event;
    str_add_utf8(&clean, text);
    yaml_scalar_event_initialize(&event, NULL, NULL, (yaml_char_t *)clean.ptr, (int)clean.len, 1, 1,
                                 style);
    return emit(emitter, &event);
}

static bool emit_string(yaml_emitter_t *emitter, const char *text)
{
    return emit_text(emitter, text, style_of(text));
}

static bool emit_scalar(yaml_emitter_t *emitter, const struct value *v)
{
    if (value_kind(v) == VALUE_STRING)
        return emit_string(emitter, value_as_string(v));
    AUTO(mem_free) char *text = value_text(v);
    if (value_kind(v) == VALUE_NULL) {
        mem_free(text);
        text = xstrdup("null");
    } else if (value_kind(v) == VALUE_REAL && !isfinite(value_as_real(v))) {
        const char *name = isnan(value_as_real(v)) ? ".nan"
                           : value_as_real(v) < 0  ? "-.inf"
                                                   : ".inf";
        mem_free(text);
        text = xstrdup(name);
    } else if (value_kind(v) == VALUE_REAL && !strpbrk(text, ".e")) {
        char *with_point = xasprintf("%s.0", text);
        mem_free(text);
        text = with_point;
    }
    return emit_text(emitter, text, YAML_PLAIN_SCALAR_STYLE);
}

static bool emit_value(yaml_emitter_t *emitter, const struct value *v)
{
    bool map = value_kind(v) == VALUE_MAP;
    if (!map && value_kind(v) != VALUE_LIST)
        return emit_scalar(emitter, v);
    yaml_event_t event;
    if (map)
        yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_ANY_MAPPING_STYLE);
    else
        yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_ANY_SEQUENCE_STYLE);
    if (!emit(emitter, &event))
        return false;
    for (size_t i = 0; i < value_len(v); i++)
        if ((map && !emit_string(emitter, value_key_at(v, i))) ||
            !emit_value(emitter, value_at(v, i)))
            return false;
    if (map)
        yaml_mapping_end_event_initialize(&event);
    else
        yaml_sequence_end_event_initialize(&event);
    return emit(emitter, &event);
}

static bool emit_document(yaml_emitter_t *emitter, const struct value *v)
{
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    if (!emit(emitter, &event))
        return false;
    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
    if (!emit(emitter, &event) || !emit_value(emitter, v))
        return false;
    yaml_document_end_event_initialize(&event, 1);
    if (!emit(emitter, &event))
        return false;
    yaml_stream_end_event_initialize(&event);
    return emit(emitter, &event) && yaml_emitter_flush(emitter) == 1;
}

bool yaml_write(const struct value *v, FILE *out, struct error *err)
{
    yaml_emitter_t emitter;
    if (!yaml_emitter_initialize(&emitter))
        return error_set(err, ERR_INTERNAL, "cannot write YAML: no emitter");
    yaml_emitter_set_output(&emitter, to_file, out);
    yaml_emitter_set_unicode(&emitter, 1);
    yaml_emitter_set_width(&emitter, -1);
    bool written = emit_document(&emitter, v);
    if (!written && emitter.error == YAML_WRITER_ERROR)
        error_set(err, ERR_IO, "cannot write YAML: %s", strerror(errno));
    else if (!written)
        error_set(err, ERR_INTERNAL, "cannot write YAML: %s",
                  emitter.problem ? emitter.problem : "no reason given");
    yaml_emitter_delete(&emitter);
    return written;
}
