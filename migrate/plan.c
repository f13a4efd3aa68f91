#include "lib/base/str.h"
#include "migrate/info.h"
#include "migrate/patterns.h"

void up_plan_free(struct up_plan *plan)
{
    vec_free(&plan->lines);
    plan->failed = NULL;
}

/* The first failed line, unless all that failed is one version from the future and those are
 * ignored: a newer release has to deal with it. */
static const struct info_line *find_failed(const struct info *info,
                                           const struct ignore_patterns *patterns)
{
    const struct info_line *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < info->lines.len; i++) {
        if (!state_failed(info->lines.ptr[i].state))
            continue;
        if (!count++)
            first = &info->lines.ptr[i];
    }
    bool spared = count == 1 && first->state == STATE_FUTURE_FAILED &&
                  ignore_patterns_cover(patterns, STATE_FUTURE_SUCCESS);
    return spared ? NULL : first;
}

bool up_plan(const struct info *info, const struct info_options *options, struct up_plan *ret,
             struct error *err)
{
    AUTO(ignore_patterns_free) struct ignore_patterns patterns = {VEC_INIT};
    if (!ignore_patterns_parse(options->ignore_patterns, &patterns, err))
        return false;
    struct up_plan plan = {.failed = find_failed(info, &patterns)};
    bool one = options->target && str_equal_nocase(options->target, "next");
    for (size_t i = 0; i < info->lines.len && !plan.failed; i++) {
        if (info->lines.ptr[i].state == STATE_PENDING && !(one && plan.lines.len))
            *vec_add(&plan.lines) = &info->lines.ptr[i];
    }
    *ret = plan;
    return true;
}
