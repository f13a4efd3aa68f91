#include "lib/base/log.h"
#include "migrate/script.h"
#include "migrate/up.h"

bool callbacks_has(const struct migrate *m, enum callback_event event)
{
    for (size_t i = 0; i < m->set.callbacks.len; i++)
        if (m->set.callbacks.ptr[i].event == event)
            return true;
    return false;
}

static struct script script_of(const struct callback *callback)
{
    return (struct script){callback->script, callback->path, &callback->conf};
}

static void roll_back(struct migrate *m)
{
    struct error ignored = ERROR_INIT;
    if (!db_exec(m->db, "ROLLBACK", &ignored))
        error_free(&ignored);
}

bool callbacks_start_afresh(enum callback_event event)
{
    return event != CALLBACK_afterConnect && event != CALLBACK_beforeValidate &&
           event != CALLBACK_afterValidate && event != CALLBACK_createSchema &&
           event != CALLBACK_beforeCreateSchema;
}

static bool reset_session(struct migrate *m, struct error *err)
{
    AUTO(strlist_free) struct strlist sql = {0};
    migrate_session_reset(m, &sql);
    for (size_t i = 0; i < sql.len; i++)
        if (!db_exec(m->db, sql.ptr[i], err))
            return error_wrap(err, "cannot prepare the session");
    return true;
}

static bool run_alone(struct migrate *m, const struct callback *callback, struct error *err)
{
    struct script script = script_of(callback);
    struct script_facts facts = {0};
    bool in_transaction = false;
    if (!script_read(m, &script, &facts, err) ||
        !script_in_transaction(m, &script, &facts, &in_transaction, err))
        return false;
    struct script_run run = {0};
    if ((callbacks_start_afresh(callback->event) && !reset_session(m, err)) ||
        (in_transaction && !db_exec(m->db, "START TRANSACTION", err)))
        return false;
    if (script_execute(m, &script, &run, err) && (!in_transaction || db_exec(m->db, "COMMIT", err)))
        return true;
    if (in_transaction)
        roll_back(m);
    return false;
}

static bool run_event(struct migrate *m, enum callback_event event, bool alone, struct error *err)
{
    for (size_t i = 0; i < m->set.callbacks.len; i++) {
        const struct callback *callback = &m->set.callbacks.ptr[i];
        if (callback->event != event)
            continue;
        struct script script = script_of(callback);
        struct script_run run = {0};
        log_info("running callback %s", callback->script);
        if (alone ? !run_alone(m, callback, err) : !script_execute(m, &script, &run, err))
            return error_wrap(err, "callback %s failed", callback_event_name(event));
    }
    return true;
}

bool callbacks_run(struct migrate *m, enum callback_event event, struct error *err)
{
    return run_event(m, event, true, err);
}

bool callbacks_run_inside(struct migrate *m, enum callback_event event, struct error *err)
{
    return run_event(m, event, false, err);
}

void callbacks_run_after_error(struct migrate *m, enum callback_event event)
{
    struct error ignored = ERROR_INIT;
    if (!run_event(m, event, true, &ignored))
        log_warn("%s", ignored.text);
    error_free(&ignored);
}
