/* cmd/config_schema.c: dbops config schema */
#include <stdio.h>

#include "cmd/app.h"
#include "cmd/commands.h"
#include "lib/data/json.h"

static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)raw;
    AUTO(value_free) struct value *schema = config_schema();
    if (app->output != OUTPUT_TABLE)
        return app_print(app, schema, NULL, err);
    app->result_printed = true;
    return json_write(schema, stdout, err) || error_wrap(err, "cannot print the schema");
}

const struct command cmd_config_schema = {
    .name = "config schema",
    .summary = "print the JSON Schema of the configuration file",
    .text = "For editors and for checks without dbops. In an editor with the YAML language server, "
            "begin dbops.yaml with '# yaml-language-server: $schema=FILE'.",
    .run = run,
};
