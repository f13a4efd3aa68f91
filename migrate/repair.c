#include "migrate/info.h"
#include "migrate/match.h"
#include "migrate/patterns.h"

#include "lib/base/str.h"

void repair_plan_free(struct repair_plan *plan)
{
    vec_free(&plan->steps);
}

/* The history without its failed rows, and where each of the others came from. The rows are
 * borrowed: only the arrays are freed. */
struct remaining {
    struct history history;
    VEC(const struct history_row *) origin;
};

static void remaining_free(struct remaining *r)
{
    vec_free(&r->history.rows);
    vec_free(&r->origin);
}
AUTO_VALUE(remaining_free, struct remaining)

static void add_step(struct repair_plan *plan, enum repair_kind kind, const struct history_row *row,
                     const struct migration *file, int rank)
{
    *vec_add(&plan->steps) = (struct repair_step){kind, row, file, rank};
}

static void remove_failed(const struct history *history, struct remaining *left,
                          struct repair_plan *plan)
{
    left->history.exists = history->exists;
    for (size_t i = 0; i < history->rows.len; i++) {
        const struct history_row *row = &history->rows.ptr[i];
        if (!row->success) {
            add_step(plan, REPAIR_REMOVE_FAILED, row, NULL, 0);
            continue;
        }
        *vec_add(&left->history.rows) = *row;
        *vec_add(&left->origin) = row;
    }
}

static bool is_lost(const struct info_line *line, const struct ignore_patterns *patterns)
{
    return (line->state == STATE_MISSING_SUCCESS || line->state == STATE_FUTURE_SUCCESS) &&
           !history_is_synthetic(line->row) && !history_is_undo(line->row) &&
           !ignore_patterns_match(patterns, *line->version, line->state);
}

/* A repeatable is only aligned when its row holds the checksum of the text before replacement: an
 * edited one runs again anyway. */
static bool differs(const struct info_line *line)
{
    const struct history_row *row = line->row;
    const struct migration *file = line->file;
    if (!row || !file || line->state == STATE_UNDONE || history_is_synthetic(row))
        return false;
    if (!row->version)
        return row->has_checksum && row->checksum == file->raw_checksum &&
               row->checksum != file->checksum;
    return !match_checksum(file, row) || !str_equal(row->description, file->description);
}

bool repair_plan(const struct migration_set *set, const struct history *history,
                 const struct info_options *options, struct repair_plan *ret, struct error *err)
{
    AUTO(ignore_patterns_free) struct ignore_patterns patterns = {VEC_INIT};
    if (!ignore_patterns_parse(options->ignore_patterns, &patterns, err))
        return false;
    AUTO(repair_plan_free) struct repair_plan plan = {VEC_INIT};
    AUTO(remaining_free) struct remaining left = {0};
    AUTO(info_free) struct info info = {VEC_INIT, NULL};
    remove_failed(history, &left, &plan);
    struct info_options all = {.target = "latest", .out_of_order = true};
    if (!info_build(set, &left.history, &all, &info, err))
        return false;
    int rank = history_next_rank(&left.history);
    for (size_t i = 0; i < info.lines.len; i++) {
        const struct info_line *line = &info.lines.ptr[i];
        if (is_lost(line, &patterns))
            add_step(&plan, REPAIR_MARK_DELETED, left.origin.ptr[line->row - left.history.rows.ptr],
                     NULL, rank++);
    }
    for (size_t i = 0; i < info.lines.len; i++) {
        const struct info_line *line = &info.lines.ptr[i];
        if (differs(line))
            add_step(&plan, REPAIR_ALIGN, left.origin.ptr[line->row - left.history.rows.ptr],
                     line->file, 0);
    }
    *ret = plan;
    plan = (struct repair_plan){VEC_INIT};
    return true;
}
