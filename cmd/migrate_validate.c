/* dbops migrate validate */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/migrate.h"
#include "lib/base/log.h"
#include "migrate/patterns.h"
#include "migrate/schemas.h"
#include "migrate/up.h"

static const struct opt options[] = {OPT_MIGRATE_TARGET, OPT_MIGRATE_COMMON, OPT_END};

/* Files that wait for a schema that is not there are one finding, and all there is to say. */
static bool check_schema(struct migrate *m, struct validation *ret, struct error *err)
{
    AUTO(strlist_free) struct strlist first = {0}, missing = {0};
    AUTO(ignore_patterns_free) struct ignore_patterns patterns = {VEC_INIT};
    strlist_add(&first, m->schemas.ptr[0]);
    if (!m->set.migrations.len)
        return true;
    if (!schemas_missing(m->db, &first, &missing, err) ||
        !ignore_patterns_parse(m->options->info.ignore_patterns, &patterns, err))
        return false;
    if (missing.len && !ignore_patterns_cover(&patterns, STATE_PENDING))
        *vec_add(&ret->findings) = (struct invalid){
            .code = "SCHEMA_DOES_NOT_EXIST",
            .message = xasprintf("Schema \"%s\" doesn't exist yet.\nRun 'dbops migrate up'.",
                                 missing.ptr[0]),
        };
    return true;
}

static bool find_all(struct migrate *m, struct info *info, struct validation *ret,
                     struct error *err)
{
    if (!migrate_read_history(m, err) ||
        !info_build(&m->set, &m->history, &m->options->info, info, err) ||
        !check_schema(m, ret, err))
        return false;
    if (!info->lines.len)
        log_warn("no migrations: are the locations right?");
    return ret->findings.len || info_validate(info, &m->options->info, false, ret, err);
}

static const char *script_of(const struct info_line *line)
{
    return !line ? NULL : line->file ? line->file->script : line->row ? line->row->script : NULL;
}

static void add_findings(const struct validation *v, struct value *list)
{
    for (size_t i = 0; i < v->findings.len; i++) {
        const struct invalid *f = &v->findings.ptr[i];
        struct value *one = value_map();
        value_set(one, "code", value_string(f->code));
        value_set(one, "version",
                  f->line && *f->line->version ? value_string(f->line->version) : value_null());
        value_set(one, "description", value_string(f->line ? f->line->description : NULL));
        value_set(one, "script", value_string(script_of(f->line)));
        value_set(one, "path", value_string(f->line && f->line->file ? f->line->file->path : NULL));
        value_set(one, "message", value_string(f->message));
        value_add(list, one);
    }
}

static bool run(struct app *app UNUSED, struct migrate *m, const void *opts UNUSED,
                struct value *result, struct error *err)
{
    AUTO(info_free) struct info info = {0};
    AUTO(validation_free) struct validation validation = {0};
    struct value *list = value_list();
    value_set(result, "findings", list);
    if (!callbacks_run(m, CALLBACK_beforeValidate, err) || !find_all(m, &info, &validation, err))
        return false;
    add_findings(&validation, list);
    value_set(result, "checked", value_int((long long)info.lines.len));
    value_set(result, "valid", value_bool(validation.findings.len == 0));
    if (!validation.findings.len)
        return callbacks_run(m, CALLBACK_afterValidate, err);
    callbacks_run_after_error(m, CALLBACK_afterValidateError);
    error_set(err, ERR_DATA, "validation found %zu problem%s", validation.findings.len,
              validation.findings.len == 1 ? "" : "s");
    return error_hint(err, "restore the files as they were applied, or accept them as they are now"
                           " with 'dbops migrate repair'");
}

static bool show(struct app *app UNUSED, const struct value *result, struct error *err UNUSED)
{
    const struct value *findings = value_get(result, "findings");
    const char *target = value_as_string(value_get(result, "target"));
    for (size_t i = 0; i < value_len(findings); i++) {
        const struct value *finding = value_at(findings, i);
        const char *script = value_as_string(value_get(finding, "script"));
        printf("%s: %s%s%s\n", target, script ? script : "", script ? ": " : "",
               value_as_string(value_get(finding, "message")));
    }
    long long checked = value_as_int(value_get(result, "checked"));
    if (value_as_bool(value_get(result, "valid")))
        printf("%s: valid: %lld migration%s checked\n", target, checked, checked == 1 ? "" : "s");
    return true;
}

static bool run_validate(struct app *app, const void *opts, struct error *err)
{
    static const struct migrate_verb verb = {.run = run, .show = show};
    return migrate_each(app, &verb, opts, err);
}

const struct command cmd_migrate_validate = {
    .name = "migrate validate",
    .summary = "compare the files with what was applied",
    .text = "Finds edited, missing, failed and pending migrations. Exits 65 when anything differs,"
            " whatever the output format.",
    .options = options,
    .run = run_validate,
};
