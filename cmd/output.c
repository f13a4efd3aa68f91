#include "cmd/app.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/base/interrupt.h"
#include "lib/base/terminal.h"
#include "lib/data/json.h"
#include "lib/data/yaml_out.h"

static bool print_view(const struct value *result, const struct app_view *view, struct error *err)
{
    if (view && view->before)
        fputs(view->before, stdout);
    const struct value *rows = view && view->rows ? value_get(result, view->rows) : result;
    size_t width = terminal_is(STDOUT_FILENO) ? terminal_width(STDOUT_FILENO) : 0;
    if (view && view->columns && value_len(rows) &&
        !table_write(rows, view->columns, view->column_count, width, stdout, err))
        return false;
    if (view && view->after)
        fputs(view->after, stdout);
    return true;
}

static bool print_as(enum output_format format, const struct value *result,
                     const struct app_view *view, struct error *err)
{
    switch (format) {
    case OUTPUT_JSON:
        return json_write(result, stdout, err);
    case OUTPUT_YAML:
        return yaml_write(result, stdout, err);
    case OUTPUT_TABLE:
        break;
    }
    return print_view(result, view, err);
}

bool app_print(struct app *app, const struct value *result, const struct app_view *view,
               struct error *err)
{
    app->result_printed = true;
    return print_as(app->output, result, view, err) || error_wrap(err, "cannot print the result");
}

struct value *app_error_value(const struct error *err)
{
    struct value *v = value_map();
    value_set(v, "kind", value_string(error_name(err->kind)));
    value_set(v, "exit", value_int(interrupt_exit_code(err)));
    value_set(v, "retriable", value_bool(error_retriable(err->kind)));
    value_set(v, "message", value_string(err->text));
    value_set(v, "hint", value_string(err->hint));
    return v;
}

void app_print_error(const struct app *app, const struct error *err)
{
    if (app->output == OUTPUT_TABLE || app->result_printed)
        return;
    AUTO(error_free) struct error ignored = ERROR_INIT; /* stdout is checked at the end */
    AUTO(value_free) struct value *document = value_map();
    value_set(document, "error", app_error_value(err));
    if (!print_as(app->output, document, NULL, &ignored))
        return;
}
