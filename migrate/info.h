/* Files and history side by side: the state of every migration. Pure. */
#ifndef DBOPS_MIGRATE_INFO_H
#define DBOPS_MIGRATE_INFO_H

#include "migrate/files.h"
#include "migrate/history.h"

/* enum name (Flyway's infoOfState), display name */
#define MIGRATION_STATES(X)                                                                        \
    X(PENDING, "Pending")                                                                          \
    X(ABOVE_TARGET, "Above Target")                                                                \
    X(BELOW_BASELINE, "Below Baseline")                                                            \
    X(BASELINE_IGNORED, "Ignored (Baseline)")                                                      \
    X(BASELINE, "Baseline")                                                                        \
    X(IGNORED, "Ignored")                                                                          \
    X(MISSING_SUCCESS, "Missing")                                                                  \
    X(MISSING_FAILED, "Failed (Missing)")                                                          \
    X(SUCCESS, "Success")                                                                          \
    X(UNDONE, "Undone")                                                                            \
    X(AVAILABLE, "Available")                                                                      \
    X(FAILED, "Failed")                                                                            \
    X(OUT_OF_ORDER, "Out of Order")                                                                \
    X(FUTURE_SUCCESS, "Future")                                                                    \
    X(FUTURE_FAILED, "Failed (Future)")                                                            \
    X(OUTDATED, "Outdated")                                                                        \
    X(SUPERSEDED, "Superseded")                                                                    \
    X(DELETED, "Deleted")

enum migration_state {
#define X(name, text) STATE_##name,
    MIGRATION_STATES(X)
#undef X
};
const char *state_name(enum migration_state s); /* "BASELINE_IGNORED" */
const char *state_text(enum migration_state s); /* "Ignored (Baseline)" */
bool state_failed(enum migration_state s);      /* one of the three failed ones */

struct info_options {
    const char *target; /* latest | current | next | VERSION | VERSION? */
    bool out_of_order;
    const struct strlist *ignore_patterns;
};

struct info_line {
    const struct migration *file;  /* NULL: not on disk */
    const struct history_row *row; /* NULL: not applied (again) */
    enum migration_state state;
    const char *category; /* Versioned, Repeatable, Undo, Baseline, or "" for synthetic rows */
    const char *version;  /* "" for repeatables */
    const char *description;
    const char *type; /* as it is called today, whatever an old row says */
};

/* Borrows from the set and the history, which must outlive it. A DELETE row that took a version
 * back has no line of its own. */
struct info {
    VEC(struct info_line) lines; /* in Flyway's order */
    const char *schema_version;  /* highest applied, not deleted or undone; NULL: none */
};
void info_free(struct info *info);
AUTO_VALUE(info_free, struct info)

/* ERR_USAGE for an unknown target version (the hint names its neighbours), ERR_CONFIG for a bad
 * ignore pattern, ERR_DATA for a history that deletes one version twice. */
bool info_build(const struct migration_set *set, const struct history *history,
                const struct info_options *options, struct info *ret, struct error *err) MUST_CHECK;

/* One finding of validate. */
struct invalid {
    const struct info_line *line;
    const char *code; /* Flyway's: CHECKSUM_MISMATCH, … */
    char *message;    /* several lines, with what to do */
};
struct validation {
    VEC(struct invalid) findings;
};
void validation_free(struct validation *v);
AUTO_VALUE(validation_free, struct validation)

/* pending_ok: validate before migrate, "*:pending" is added to the patterns. */
bool info_validate(const struct info *info, const struct info_options *options, bool pending_ok,
                   struct validation *ret, struct error *err) MUST_CHECK;

/* What `up` applies, in order: versioned, then repeatables; only one for target "next". Lines are
 * those of the info, which must be built with the same options. */
struct up_plan {
    VEC(const struct info_line *) lines;
    const struct info_line *failed; /* a failed row that stops the run (lines is empty), or NULL */
};
void up_plan_free(struct up_plan *plan);
AUTO_VALUE(up_plan_free, struct up_plan)
bool up_plan(const struct info *info, const struct info_options *options, struct up_plan *ret,
             struct error *err) MUST_CHECK;

/* What `repair` does, in order: failed rows are removed; what is missing on disk gets a DELETE row
 * unless the ignore patterns spare it; then description, type and checksum are taken from the
 * files. The options' target and out_of_order do not matter. */
enum repair_kind { REPAIR_REMOVE_FAILED, REPAIR_MARK_DELETED, REPAIR_ALIGN };
struct repair_step {
    enum repair_kind kind;
    const struct history_row *row; /* of the history that was given */
    const struct migration *file;  /* REPAIR_ALIGN: description, type, checksum come from here */
    int rank; /* REPAIR_MARK_DELETED: of the new row; it goes on from what is left of the history */
};
struct repair_plan {
    VEC(struct repair_step) steps;
};
void repair_plan_free(struct repair_plan *plan);
AUTO_VALUE(repair_plan_free, struct repair_plan)
bool repair_plan(const struct migration_set *set, const struct history *history,
                 const struct info_options *options, struct repair_plan *ret,
                 struct error *err) MUST_CHECK;

#endif
