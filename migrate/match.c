#include "migrate/match.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"
#include "migrate/version.h"

void match_free(struct match *m)
{
    free(m->groups);
    free(m->rows);
    free(m->file_groups);
    *m = (struct match){0};
}

/* A row or a file under the name that makes it belong to a group. */
struct key {
    const char *version;     /* NULL for repeatables */
    const char *description; /* only looked at when version is NULL */
    size_t *group;           /* where the group's number is wanted */
};

static int by_group(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->version || y->version)
        return version_compare(x->version, y->version);
    return strcmp(x->description, y->description);
}

static void number_groups(struct match *m, const struct migration_set *set)
{
    size_t rows = m->history->rows.len, files = set->migrations.len, count = rows + files;
    AUTO(mem_free) struct key *keys = xcalloc(count, sizeof *keys);
    for (size_t i = 0; i < rows; i++) {
        const struct history_row *row = &m->history->rows.ptr[i];
        keys[i] = (struct key){row->version, row->description, &m->rows[i].group};
    }
    for (size_t i = 0; i < files; i++) {
        const struct migration *file = &set->migrations.ptr[i];
        keys[rows + i] = (struct key){file->version, file->description, &m->file_groups[i]};
    }
    qsort(keys, count, sizeof keys[0], by_group);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || by_group(&keys[i - 1], &keys[i]) != 0)
            m->group_count++;
        *keys[i].group = m->group_count - 1;
    }
    m->groups = xcalloc(m->group_count, sizeof m->groups[0]);
}

static void raise(const char **highest, const char *version)
{
    if (version_compare(version, *highest) > 0)
        *highest = version;
}

static void place_files(struct match *m, const struct migration_set *set)
{
    for (size_t i = 0; i < set->migrations.len; i++) {
        const struct migration *file = &set->migrations.ptr[i];
        m->groups[m->file_groups[i]].files[file->kind] = file;
        raise(&m->last_resolved, file->version);
    }
}

/* A DELETE or UNDO row takes back the newest run of its version or description. */
static bool take_back(struct match *m, size_t i, struct error *err)
{
    const struct history_row *row = &m->history->rows.ptr[i];
    struct match_group *group = &m->groups[m->rows[i].group];
    if (!group->has_newest)
        return true;
    struct match_row *newest = &m->rows[group->newest];
    if (history_is_undo(row)) {
        newest->undone = true;
        return true;
    }
    if (newest->deleted && row->version) {
        error_set(err, ERR_DATA,
                  "the schema history is damaged: version %s is deleted twice (rank %d)",
                  row->version, row->rank);
        return error_hint(err, "remove the second DELETE row by hand");
    }
    newest->deleted = true;
    return true;
}

static bool walk_rows(struct match *m, struct error *err)
{
    for (size_t i = 0; i < m->history->rows.len; i++) {
        const struct history_row *row = &m->history->rows.ptr[i];
        struct match_group *group = &m->groups[m->rows[i].group];
        bool undo = history_is_undo(row);
        bool takes_back = row->success && (undo || history_is_type(row, "DELETE"));
        group->latest = row;
        if (row->version && history_is_baseline(row))
            raise(&m->applied_baseline, row->version);
        if (takes_back && !take_back(m, i, err))
            return false;
        m->rows[i].hidden = takes_back && row->version && !undo;
        if (!undo && !history_is_synthetic(row)) {
            group->newest = i;
            group->has_newest = true;
        }
    }
    return true;
}

static void find_last_applied(struct match *m)
{
    for (size_t i = 0; i < m->history->rows.len; i++) {
        const struct history_row *row = &m->history->rows.ptr[i];
        struct match_row *known = &m->rows[i];
        if (!row->version || known->hidden || history_is_undo(row))
            continue;
        if (version_compare(row->version, m->last_applied) <= 0)
            known->out_of_order = true;
        else if (!known->deleted && !known->undone && !history_is_type(row, "DELETE"))
            m->last_applied = row->version;
    }
}

const struct migration *match_file(const struct match *m, size_t row)
{
    const struct history_row *r = &m->history->rows.ptr[row];
    const struct match_group *group = &m->groups[m->rows[row].group];
    if (!r->version)
        return group->files[MIGRATION_REPEATABLE];
    if (history_is_type(r, "SQL"))
        return group->files[MIGRATION_VERSIONED];
    return history_is_type(r, "SQL_BASELINE") ? group->files[MIGRATION_BASELINE] : NULL;
}

bool match_checksum(const struct migration *file, const struct history_row *row)
{
    return row->has_checksum &&
           (row->checksum == file->checksum || row->checksum == file->raw_checksum);
}

/* Does the row make its file done, so that the file needs no line of its own? A repeatable is done
 * when its latest run had the text that it has now. */
static bool counts(const struct match *m, size_t i, const struct migration *file)
{
    const struct history_row *row = &m->history->rows.ptr[i];
    if (m->rows[i].deleted || m->rows[i].undone || history_is_type(row, "DELETE"))
        return false;
    if (row->version)
        return true;
    return row == m->groups[m->rows[i].group].latest && match_checksum(file, row);
}

static void mark_done(struct match *m, const struct migration_set *set)
{
    for (size_t i = 0; i < m->history->rows.len; i++) {
        const struct migration *file = match_file(m, i);
        if (file && counts(m, i, file))
            m->groups[m->rows[i].group].done[file->kind] = true;
    }
    for (size_t i = 0; i < set->migrations.len; i++) {
        const struct migration *file = &set->migrations.ptr[i];
        if (file->kind == MIGRATION_BASELINE && !m->groups[m->file_groups[i]].done[file->kind])
            raise(&m->pending_baseline, file->version);
    }
}

bool match_build(const struct migration_set *set, const struct history *history, struct match *ret,
                 struct error *err)
{
    struct match m = {
        .history = history,
        .rows = xcalloc(history->rows.len, sizeof m.rows[0]),
        .file_groups = xcalloc(set->migrations.len, sizeof m.file_groups[0]),
    };
    number_groups(&m, set);
    place_files(&m, set);
    if (!walk_rows(&m, err)) {
        match_free(&m);
        return false;
    }
    find_last_applied(&m);
    mark_done(&m, set);
    *ret = m;
    return true;
}
