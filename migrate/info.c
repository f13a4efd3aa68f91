#include "migrate/info.h"

#include <stdlib.h>

#include "lib/base/str.h"
#include "migrate/match.h"
#include "migrate/names.h"
#include "migrate/patterns.h"
#include "migrate/target.h"
#include "migrate/version.h"

static const char *const names[] = {
#define X(name, text) #name,
    MIGRATION_STATES(X)
#undef X
};

static const char *const texts[] = {
#define X(name, text) text,
    MIGRATION_STATES(X)
#undef X
};

const char *state_name(enum migration_state s)
{
    return names[s];
}

const char *state_text(enum migration_state s)
{
    return texts[s];
}

bool state_failed(enum migration_state s)
{
    return s == STATE_FAILED || s == STATE_MISSING_FAILED || s == STATE_FUTURE_FAILED;
}

void info_free(struct info *info)
{
    vec_free(&info->lines);
    info->schema_version = NULL;
}

/* Applied, but no file is there. Without a version it cannot be newer than the files. */
static enum migration_state lost_state(const struct match *m, const struct history_row *row)
{
    if (history_is_type(row, "SCHEMA"))
        return STATE_SUCCESS;
    if (!row->version || version_compare(row->version, m->last_resolved) < 0)
        return row->success ? STATE_MISSING_SUCCESS : STATE_MISSING_FAILED;
    return row->success ? STATE_FUTURE_SUCCESS : STATE_FUTURE_FAILED;
}

static bool is_latest(const struct match *m, size_t i)
{
    const struct history_row *row = &m->history->rows.ptr[i];
    return row->version || m->groups[m->rows[i].group].latest == row;
}

static enum migration_state present_state(const struct match *m, size_t i,
                                          const struct migration *file)
{
    const struct history_row *row = &m->history->rows.ptr[i];
    if (!row->success)
        return STATE_FAILED;
    if (row->version)
        return m->rows[i].out_of_order ? STATE_OUT_OF_ORDER : STATE_SUCCESS;
    if (!is_latest(m, i))
        return STATE_SUPERSEDED;
    return file && match_checksum(file, row) ? STATE_SUCCESS : STATE_OUTDATED;
}

static enum migration_state row_state(const struct match *m, size_t i, const struct migration *file)
{
    const struct history_row *row = &m->history->rows.ptr[i];
    if (m->rows[i].undone)
        return STATE_UNDONE;
    if (m->rows[i].deleted)
        return STATE_DELETED;
    if (history_is_type(row, "DELETE"))
        return STATE_SUCCESS;
    if (history_is_type(row, "BASELINE"))
        return STATE_BASELINE;
    if (history_is_undo(row))
        return row->success ? STATE_SUCCESS : STATE_FAILED;
    if (history_is_baseline(row) && !row->success)
        return STATE_FAILED;
    if (!file && is_latest(m, i))
        return lost_state(m, row);
    return history_is_baseline(row) ? STATE_BASELINE : present_state(m, i, file);
}

/* The state of a versioned file that has not run, whatever its kind. */
static enum migration_state waiting_state(const struct match *m, const struct target *target,
                                          bool out_of_order, const char *version)
{
    const char *baseline = m->last_applied ? m->applied_baseline : m->pending_baseline;
    int below = version_compare(version, baseline);
    if (below <= 0)
        return below < 0 ? STATE_BELOW_BASELINE : STATE_BASELINE_IGNORED;
    if (target_excludes(target, version))
        return STATE_ABOVE_TARGET;
    if (version_compare(version, m->last_applied) < 0 && !out_of_order)
        return STATE_IGNORED;
    return STATE_PENDING;
}

/* A baseline migration runs only where nothing ran before, and of several only the highest. */
static enum migration_state file_state(const struct match *m, const struct target *target,
                                       bool out_of_order, const struct migration *file)
{
    if (file->kind == MIGRATION_REPEATABLE)
        return STATE_PENDING;
    enum migration_state state = waiting_state(m, target, out_of_order, file->version);
    if (file->kind == MIGRATION_VERSIONED)
        return state;
    bool fresh = !m->applied_baseline && !m->last_applied;
    if (state == STATE_PENDING && !fresh)
        return STATE_IGNORED;
    if (state == STATE_BASELINE_IGNORED && fresh)
        return STATE_PENDING;
    return state;
}

static const char *category(const struct history_row *row, const struct migration *file)
{
    if (row && history_is_synthetic(row))
        return "";
    if (row && history_is_undo(row))
        return "Undo";
    if (row ? history_is_baseline(row) : file->kind == MIGRATION_BASELINE)
        return "Baseline";
    return (row ? row->version : file->version) ? "Versioned" : "Repeatable";
}

static void add_line(struct info *info, const struct history_row *row, const struct migration *file,
                     enum migration_state state)
{
    const char *version = row ? row->version : file->version;
    *vec_add(&info->lines) = (struct info_line){
        .file = file,
        .row = row,
        .state = state,
        .category = category(row, file),
        .version = version ? version : "",
        .description = row ? row->description : file->description,
        .type = row ? history_type_name(row->type) : migration_type(file),
    };
}

/* What a baseline leaves out comes first, then what has run, then what has not. */
static int section(const struct info_line *line)
{
    if (line->row)
        return 1;
    return line->state == STATE_BELOW_BASELINE || line->state == STATE_BASELINE_IGNORED ? 0 : 2;
}

static int by_order(const void *a, const void *b)
{
    const struct info_line *x = a, *y = b;
    int order = section(x) - section(y);
    if (order)
        return order;
    if (x->row)
        return (x->row->rank > y->row->rank) - (x->row->rank < y->row->rank);
    if (!*x->version != !*y->version)
        return *x->version ? -1 : 1;
    order = *x->version ? version_compare(x->version, y->version)
                        : name_compare(x->description, y->description);
    return order ? order : (int)x->file->kind - (int)y->file->kind;
}

static void find_schema_version(struct info *info)
{
    for (size_t i = 0; i < info->lines.len; i++) {
        const struct info_line *line = &info->lines.ptr[i];
        bool holds = line->row && line->row->version && line->state != STATE_DELETED &&
                     line->state != STATE_UNDONE && !history_is_type(line->row, "DELETE") &&
                     !history_is_undo(line->row);
        if (holds && version_compare(line->version, info->schema_version) > 0)
            info->schema_version = line->version;
    }
}

/* With the target "next" only the first pending version is within the target. */
static void apply_next(struct info *info)
{
    const char *next = NULL;
    for (size_t i = 0; i < info->lines.len; i++) {
        struct info_line *line = &info->lines.ptr[i];
        if (line->state != STATE_PENDING || !*line->version)
            continue;
        if (!next)
            next = line->version;
        else if (version_compare(line->version, next) > 0)
            line->state = STATE_ABOVE_TARGET;
    }
}

static void add_lines(const struct migration_set *set, const struct match *m,
                      const struct target *target, bool out_of_order, struct info *info)
{
    for (size_t i = 0; i < m->history->rows.len; i++) {
        if (m->rows[i].hidden)
            continue;
        const struct migration *file = match_file(m, i);
        add_line(info, &m->history->rows.ptr[i], file, row_state(m, i, file));
    }
    for (size_t i = 0; i < set->migrations.len; i++) {
        const struct migration *file = &set->migrations.ptr[i];
        if (!m->groups[m->file_groups[i]].done[file->kind])
            add_line(info, NULL, file, file_state(m, target, out_of_order, file));
    }
}

bool info_build(const struct migration_set *set, const struct history *history,
                const struct info_options *options, struct info *ret, struct error *err)
{
    AUTO(ignore_patterns_free) struct ignore_patterns patterns = {VEC_INIT};
    AUTO(match_free) struct match m = {0};
    AUTO(target_free) struct target target = {.kind = TARGET_LATEST};
    if (!ignore_patterns_parse(options->ignore_patterns, &patterns, err) ||
        !match_build(set, history, &m, err) ||
        !target_parse(options->target, m.last_applied, &target, err))
        return false;
    AUTO(info_free) struct info info = {VEC_INIT, NULL};
    add_lines(set, &m, &target, options->out_of_order, &info);
    if (!target_check(&target, &info, err))
        return false;
    if (info.lines.len)
        qsort(info.lines.ptr, info.lines.len, sizeof info.lines.ptr[0], by_order);
    if (target.kind == TARGET_NEXT)
        apply_next(&info);
    find_schema_version(&info);
    *ret = info;
    info = (struct info){VEC_INIT, NULL};
    return true;
}
