#include <stdlib.h>

#include "lib/base/str.h"
#include "migrate/info.h"
#include "migrate/match.h"
#include "migrate/names.h"
#include "migrate/patterns.h"
#include "migrate/version.h"

/* What Flyway stores where a database cannot hold an empty description. */
static const char no_description[] = "<< no description >>";

void validation_free(struct validation *v)
{
    for (size_t i = 0; i < v->findings.len; i++)
        free(v->findings.ptr[i].message);
    vec_free(&v->findings);
}

/* What the checks of one line look at. */
struct check {
    const struct info_line *line;
    const struct ignore_patterns *patterns;
    const char *baseline; /* highest applied baseline, or NULL */
    bool versioned;
    bool pending_ignored, future_ignored, missing_ignored;
};

/* "3" or "my view": how messages name the migration. */
static const char *label(const struct check *c)
{
    return c->versioned ? c->line->version : c->line->description;
}

static bool found(struct invalid *ret, const struct check *c, const char *code, char *message)
{
    *ret = (struct invalid){c->line, code, message};
    return true;
}

static bool check_failed(const struct check *c, struct invalid *ret)
{
    enum migration_state state = c->line->state;
    if (!state_failed(state) || (state == STATE_FUTURE_FAILED && c->future_ignored))
        return false;
    static const char advice[] = "Remove by hand what it has done half-way, then run 'dbops "
                                 "migrate repair'.";
    if (!c->versioned)
        return found(ret, c, "FAILED_REPEATABLE_MIGRATION",
                     xasprintf("Detected failed repeatable migration: %s.\n%s",
                               c->line->description, advice));
    return found(ret, c, "FAILED_VERSIONED_MIGRATION",
                 xasprintf("Detected failed migration to version %s (%s).\n%s", c->line->version,
                           c->line->description, advice));
}

static bool is_ignored_loss(const struct check *c)
{
    enum migration_state state = c->line->state;
    return ((state == STATE_MISSING_SUCCESS || state == STATE_MISSING_FAILED) &&
            c->missing_ignored) ||
           ((state == STATE_FUTURE_SUCCESS || state == STATE_FUTURE_FAILED) && c->future_ignored);
}

static bool check_resolved(const struct check *c, struct invalid *ret)
{
    const struct info_line *line = c->line;
    if (line->file || history_is_synthetic(line->row) || history_is_undo(line->row) ||
        line->state == STATE_SUPERSEDED || is_ignored_loss(c))
        return false;
    return found(
        ret, c,
        c->versioned ? "APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED"
                     : "APPLIED_REPEATABLE_MIGRATION_NOT_RESOLVED",
        xasprintf("Detected applied migration not resolved locally: %s.\n"
                  "Put its file back; or, if it was removed on purpose, run 'dbops migrate repair' "
                  "to mark it as deleted.",
                  label(c)));
}

static bool not_applied(const struct check *c, struct invalid *ret, const char *advice)
{
    return found(ret, c,
                 c->versioned ? "RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED"
                              : "RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED",
                 xasprintf("Detected resolved %smigration not applied to database: %s.\n%s",
                           c->versioned ? "" : "repeatable ", label(c), advice));
}

static bool check_applied(const struct check *c, struct invalid *ret)
{
    enum migration_state state = c->line->state;
    if (state == STATE_IGNORED && c->line->file->kind != MIGRATION_BASELINE)
        return not_applied(c, ret,
                           "A higher version has run already. Give it a new version above that "
                           "one; or allow it with out_of_order; or ignore it with the pattern "
                           "'*:ignored'.");
    if (c->pending_ignored)
        return false;
    if (state == STATE_PENDING)
        return not_applied(c, ret,
                           "Run 'dbops migrate up', or ignore it with the pattern '*:pending'.");
    if (state == STATE_OUTDATED)
        return found(ret, c, "OUTDATED_REPEATABLE_MIGRATION",
                     xasprintf("Detected outdated resolved repeatable migration that should be "
                               "re-applied to database: %s.\nRun 'dbops migrate up'.",
                               c->line->description));
    return false;
}

static bool mismatch(const struct check *c, struct invalid *ret, const char *code, const char *what,
                     const char *applied, const char *resolved)
{
    const struct history_row *row = c->line->row;
    return found(ret, c, code,
                 xasprintf("Migration %s mismatch for migration %s%s\n"
                           "-> Applied to database : %s\n"
                           "-> Resolved locally    : %s\n"
                           "Restore the file as it was applied, or run 'dbops migrate repair' to "
                           "accept it as it is.",
                           what, row->version ? "version " : "",
                           row->version ? row->version : row->script, applied, resolved));
}

static bool same_description(const struct history_row *row, const struct migration *file)
{
    if (str_equal(row->description, no_description))
        return !*file->description;
    return str_equal(row->description, file->description);
}

/* Rows up to the baseline are not compared: their files may have been rewritten since. */
static bool check_same(const struct check *c, struct invalid *ret)
{
    const struct history_row *row = c->line->row;
    const struct migration *file = c->line->file;
    if (!row || !file || history_is_synthetic(row))
        return false;
    if (row->version && version_compare(row->version, c->baseline) <= 0)
        return false;
    if (!history_is_type(row, migration_type(file)))
        return mismatch(c, ret, "TYPE_MISMATCH", "type", row->type, migration_type(file));
    if (row->version && !match_checksum(file, row)) {
        AUTO(mem_free)
        char *applied = row->has_checksum ? xasprintf("%d", row->checksum) : xstrdup("null");
        AUTO(mem_free) char *resolved = xasprintf("%d", file->checksum);
        return mismatch(c, ret, "CHECKSUM_MISMATCH", "checksum", applied, resolved);
    }
    if (!same_description(row, file))
        return mismatch(c, ret, "DESCRIPTION_MISMATCH", "description", row->description,
                        file->description);
    return false;
}

static bool check_line(const struct check *c, struct invalid *ret)
{
    enum migration_state state = c->line->state;
    if (state == STATE_UNDONE || state == STATE_ABOVE_TARGET || state == STATE_DELETED ||
        ignore_patterns_match(c->patterns, c->versioned, state))
        return false;
    return check_failed(c, ret) || check_resolved(c, ret) || check_applied(c, ret) ||
           check_same(c, ret);
}

bool info_validate(const struct info *info, const struct info_options *options, bool pending_ok,
                   struct validation *ret, struct error *err)
{
    AUTO(ignore_patterns_free) struct ignore_patterns patterns = {VEC_INIT};
    if (!ignore_patterns_parse(options->ignore_patterns, &patterns, err) ||
        (pending_ok && !ignore_patterns_add(&patterns, "*:pending", err)))
        return false;
    struct check c = {
        .patterns = &patterns,
        .pending_ignored = ignore_patterns_cover(&patterns, STATE_PENDING),
        .future_ignored = ignore_patterns_cover(&patterns, STATE_FUTURE_SUCCESS),
        .missing_ignored = ignore_patterns_cover(&patterns, STATE_MISSING_SUCCESS),
    };
    for (size_t i = 0; i < info->lines.len; i++) {
        const struct history_row *row = info->lines.ptr[i].row;
        if (row && history_is_baseline(row) && version_compare(row->version, c.baseline) > 0)
            c.baseline = row->version;
    }
    for (size_t i = 0; i < info->lines.len; i++) {
        struct invalid finding;
        c.line = &info->lines.ptr[i];
        c.versioned = *c.line->version != '\0';
        if (check_line(&c, &finding))
            *vec_add(&ret->findings) = finding;
    }
    return true;
}
