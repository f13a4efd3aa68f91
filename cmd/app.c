#include "cmd/app.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/base/terminal.h"

struct config *app_config(struct app *app, struct error *err)
{
    if (app->config)
        return app->config;
    AUTO(mem_free) char *path = config_find(app->config_given);
    if (!path) {
        error_set(err, ERR_CONFIG, "there is no configuration file");
        error_hint(err, "give one with -c or DBOPS_CONFIG, or write ./dbops.yaml, "
                        "$XDG_CONFIG_HOME/dbops/dbops.yaml or /etc/dbops/dbops.yaml");
        return NULL;
    }
    app->config = config_load(path, err);
    if (app->config)
        log_debug("read the configuration '%s'", path);
    return app->config;
}

void app_close(struct app *app)
{
    config_free(app->config);
    app->config = NULL;
}

static bool contains(const struct strlist *list, const char *name)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_equal(list->ptr[i], name))
            return true;
    return false;
}

static void add_once(struct strlist *list, const struct strlist *names)
{
    for (size_t i = 0; i < names->len; i++)
        if (!contains(list, names->ptr[i]))
            strlist_add(list, names->ptr[i]);
}

static void add_joined(struct str *out, const struct strlist *names)
{
    for (size_t i = 0; i < names->len; i++)
        str_addf(out, "%s%s", i ? ", " : "", names->ptr[i]);
}

static bool unknown_target(const struct config *config, const char *name, struct error *err)
{
    static char all[] = "all";
    AUTO(strlist_free) struct strlist known = {NULL, 0, 0};
    AUTO(str_free) struct str joined = STR_INIT;
    add_once(&known, config_target_names(config));
    add_once(&known, config_group_names(config));
    add_joined(&joined, &known);
    strlist_add(&known, all);
    *vec_add(&known) = NULL;
    error_set(err, ERR_USAGE, "there is no target or group '%s' in '%s'", name,
              config_path(config));
    const char *closest = str_closest(name, (const char *const *)known.ptr);
    if (closest)
        return error_hint(err, "did you mean '%s'?", closest);
    return error_hint(err, "there are %s", joined.ptr);
}

static bool add_named(const struct config *config, const char *name, struct strlist *ret,
                      struct error *err)
{
    const struct strlist *targets = config_target_names(config);
    const struct strlist *group = config_group(config, name);
    if (contains(targets, name)) {
        if (!contains(ret, name))
            strlist_add(ret, name);
    } else if (group) {
        add_once(ret, group);
    } else if (str_equal(name, "all")) {
        add_once(ret, targets);
    } else {
        return unknown_target(config, name, err);
    }
    return true;
}

bool app_targets(struct app *app, struct strlist *ret, struct error *err)
{
    const struct config *config = app_config(app, err);
    if (!config)
        return false;
    const struct strlist *all = config_target_names(config);
    AUTO(strlist_free) struct strlist chosen = {NULL, 0, 0};
    for (size_t i = 0; i < app->targets.len; i++)
        if (!add_named(config, app->targets.ptr[i], &chosen, err))
            return false;
    if (!all->len)
        return error_set(err, ERR_CONFIG, "'%s' has no targets", config_path(config));
    if (!app->targets.len && app->command->changes && all->len > 1) {
        AUTO(str_free) struct str names = STR_INIT;
        add_joined(&names, all);
        error_set(err, ERR_USAGE, "'%s' has several targets: %s", config_path(config), names.ptr);
        return error_hint(err, "choose with -t NAME, or -t all");
    }
    if (!app->targets.len)
        add_once(&chosen, all);
    *ret = chosen;
    chosen = (struct strlist){NULL, 0, 0};
    return true;
}

const struct config_target *app_target(struct app *app, const char *name, struct error *err)
{
    struct config *config = app_config(app, err);
    return config ? config_target(config, name, app->overrides, app->override_count, err) : NULL;
}

const struct config_target *app_target_offline(struct app *app, const char *name, struct error *err)
{
    struct config *config = app_config(app, err);
    return config ? config_target_offline(config, name, app->overrides, app->override_count, err)
                  : NULL;
}

static enum db_tls tls_of(enum config_tls tls)
{
    switch (tls) {
    case CONFIG_TLS_DISABLE:
        return DB_TLS_DISABLE;
    case CONFIG_TLS_PREFER:
        return DB_TLS_PREFER;
    case CONFIG_TLS_REQUIRE:
        return DB_TLS_REQUIRE;
    case CONFIG_TLS_VERIFY_FULL:
        return DB_TLS_VERIFY_FULL;
    case CONFIG_TLS_DEFAULT:
        break;
    }
    return DB_TLS_DEFAULT;
}

struct db_params app_db_params(const struct config_target *target)
{
    return (struct db_params){
        .engine = target->engine == CONFIG_MYSQL ? DB_MYSQL : DB_POSTGRES,
        .label = target->name,
        .host = target->host,
        .port = (unsigned)target->port,
        .database = target->database,
        .user = target->user,
        .password = target->password,
        .tls = tls_of(target->tls),
        .tls_ca = target->tls_ca,
        .tls_cert = target->tls_cert,
        .tls_key = target->tls_key,
        .connect_timeout_ms = (unsigned)target->connect_timeout_ms,
    };
}

struct db *app_connect(struct app *app, const struct config_target *target, struct error *err)
{
    (void)app;
    struct db_params params = app_db_params(target);
    return db_open(&params, err);
}

/* One line from the terminal, without its end. */
static bool read_answer(struct str *ret, struct error *err)
{
    struct pollfd waiting[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = interrupt_fd(), .events = POLLIN}};
    for (;;) {
        if (poll(waiting, ARRAY_LEN(waiting), -1) < 0 && errno != EINTR)
            return error_set(err, ERR_IO, "cannot wait for an answer: %s", strerror(errno));
        if (!interrupt_check(err))
            return false;
        char c;
        if (!(waiting[0].revents & (POLLIN | POLLHUP)))
            continue;
        if (read(STDIN_FILENO, &c, 1) != 1 || c == '\n')
            return true;
        str_addc(ret, c);
    }
}

static bool not_confirmed(const struct config_target *target, struct error *err)
{
    if (target->protected_) {
        error_set(err, ERR_DENIED, "target '%s' is protected and nobody is there to confirm",
                  target->name);
        return error_hint(err, "run it on a terminal; --yes is not enough here");
    }
    error_set(err, ERR_DENIED, "nobody is there to confirm it for target '%s'", target->name);
    return error_hint(err, "run it on a terminal, or give --yes");
}

bool app_confirm(struct app *app, const struct config_target *target, const char *question,
                 struct error *err)
{
    if (app->dry_run || (app->yes && !target->protected_))
        return true;
    if (!terminal_is(STDIN_FILENO) || !terminal_is(STDERR_FILENO))
        return not_confirmed(target, err);
    const char *database = target->database ? target->database : target->name;
    AUTO(str_free) struct str expected = STR_INIT, answer = STR_INIT;
    if (target->protected_)
        str_addf(&expected, "%s/", target->host ? target->host : "localhost");
    str_add(&expected, database);
    fprintf(stderr, "%s\nType %s to go on: ", question, expected.ptr);
    fflush(stderr);
    if (!read_answer(&answer, err))
        return false;
    if (str_equal(answer.ptr, expected.ptr))
        return true;
    return error_set(err, ERR_DENIED, "not confirmed: '%s' was typed instead of '%s'", answer.ptr,
                     expected.ptr);
}
