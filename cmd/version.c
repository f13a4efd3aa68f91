/* cmd/version.c: dbops version */
#include "cmd/app.h"
#include "cmd/commands.h"
#include "lib/data/libraries.h"
#include "lib/db/libraries.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static bool run(struct app *app, const void *raw, struct error *err)
{
    (void)raw;
    AUTO(value_free) struct value *result = value_map();
    struct value *build = value_map(), *libraries = value_map();
    value_set(build, "compiler", value_string(COMPILER));
    value_set(build, "sanitizer", value_bool(SANITIZED));
    db_libraries(libraries);
    data_libraries(libraries);

    AUTO(str_free) struct str text = STR_INIT;
    str_addf(&text, "dbops %s (%s%s)\n", DBOPS_VERSION, COMPILER,
             SANITIZED ? ", address sanitizer" : "");
    for (size_t i = 0; i < value_len(libraries); i++)
        str_addf(&text, "%s %s\n", value_key_at(libraries, i),
                 value_as_string(value_at(libraries, i)));

    value_set(result, "version", value_string(DBOPS_VERSION));
    value_set(result, "build", build);
    value_set(result, "libraries", libraries);
    return app_print(app, result, &(struct app_view){.before = text.ptr}, err);
}

const struct command cmd_version = {
    .name = "version",
    .summary = "show the version of dbops and of its libraries",
    .run = run,
};
