#include "lib/sandbox/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/interrupt.h"
#include "lib/base/log.h"
#include "lib/sandbox/engine.h"
#include "lib/sandbox/home.h"
#include "lib/sandbox/template.h"

enum {
    TEMPLATE_FORMAT = 1, /* counts up when data directories are made in another way */
    READY_MS = 60000,
    POLL_MS = 10,
    LOG_LINES = 12,
    LOG_MAX = 1 << 24,
    NAME_MAX_LENGTH = 63,
    PORT_LOW = 20000, /* below the ports that outgoing connections get */
    PORT_HIGH = 32000,
};

static const struct engine *const engines[] = {
    [SANDBOX_POSTGRES] = &engine_postgres,
    [SANDBOX_MYSQL] = &engine_mysql,
    [SANDBOX_MARIADB] = &engine_mariadb,
};

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* ---- what was asked for ---- */

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            return true;
    return false;
}

static bool check_database(const char *name, struct error *err)
{
    if (*name && strlen(name) <= NAME_MAX_LENGTH && !has_control(name) &&
        str_is_utf8(name, strlen(name)))
        return true;
    return error_set(err, ERR_USAGE,
                     "'%s' cannot be the name of a database: 1 to %d bytes, no "
                     "control characters",
                     name, NAME_MAX_LENGTH);
}

/* Compares up to the '=', with '-' and '_' the same. */
static bool setting_is(const char *setting, const char *name)
{
    for (; *name; setting++, name++)
        if (*setting != *name && !(*setting == '-' && *name == '_'))
            return false;
    return *setting == '=';
}

static bool check_setting(const char *setting, struct error *err)
{
    static const char *const ours[] = {"port",
                                       "socket",
                                       "datadir",
                                       "data_directory",
                                       "listen_addresses",
                                       "unix_socket_directories",
                                       "bind_address",
                                       "hba_file",
                                       "init_file",
                                       "pid_file",
                                       "skip_networking",
                                       "basedir",
                                       "user",
                                       "external_pid_file",
                                       "tmpdir"};
    size_t len = strspn(setting, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-.");
    if (!len || setting[0] == '-' || setting[len] != '=' || has_control(setting))
        return error_set(err, ERR_USAGE, "the server setting '%s' is not name=value", setting);
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (setting_is(setting, ours[i]))
            return error_set(err, ERR_USAGE, "the server setting '%s' is the sandbox's own",
                             ours[i]);
    return true;
}

static bool take_options(struct sandbox *s, const struct sandbox_options *options,
                         struct error *err)
{
    s->engine = engines[options->engine];
    s->database = xstrdup(options->database ? options->database : "sandbox");
    if (!check_database(s->database, err))
        return false;
    for (const char *const *setting = options->settings; setting && *setting; setting++) {
        if (!check_setting(*setting, err))
            return false;
        strlist_add(&s->settings, *setting);
    }
    return true;
}

/* ---- the unprivileged user ---- */

static bool choose_user(struct sandbox *s, struct error *err)
{
    s->uid = geteuid();
    s->gid = getegid();
    if (s->uid != 0)
        return true;
    const struct passwd *nobody = getpwnam("nobody");
    if (!nobody)
        return error_set(err, ERR_CONFIG,
                         "there is no user 'nobody', as whom root could start a "
                         "database server");
    s->uid = nobody->pw_uid;
    s->gid = nobody->pw_gid;
    s->change_user = true;
    return true;
}

static bool may_pass(const struct sandbox *s, const struct stat *st)
{
    mode_t bit = st->st_uid == s->uid ? S_IXUSR : st->st_gid == s->gid ? S_IXGRP : S_IXOTH;
    return (st->st_mode & bit) != 0;
}

/* Whether the server's user gets to a path; otherwise the error names the folder that is closed. */
static bool check_passage(const struct sandbox *s, const char *path, const char *hint,
                          struct error *err)
{
    if (!s->change_user)
        return true;
    AUTO(mem_free) char *part = xstrdup(path);
    for (char *slash = part; slash; slash = strchr(slash + 1, '/')) {
        struct stat st;
        *slash = '\0';
        bool closed = stat(*part ? part : "/", &st) == 0 && !may_pass(s, &st);
        if (closed)
            error_set(err, ERR_CONFIG,
                      "the server would run as 'nobody', who cannot get to '%s' through '%s'", path,
                      *part ? part : "/");
        *slash = '/';
        if (closed)
            return error_hint(err, "%s", hint);
    }
    return true;
}

/* ---- the place ---- */

static bool check_length(const char *parent, struct error *err)
{
    static const char longest[] = "/s/.s.PGSQL.32000";
    struct sockaddr_un address;
    size_t needed = strlen(parent) + HOME_NAME_LENGTH + sizeof longest - 1;
    if (needed < sizeof address.sun_path)
        return true;
    return error_set(err, ERR_CONFIG,
                     "the temporary directory '%s' is too long for a Unix socket: %zu bytes with "
                     "the socket's name, the limit is %zu",
                     parent, needed, sizeof address.sun_path - 1) ||
           error_hint(err, "set TMPDIR to a shorter one");
}

static bool make_folder(struct sandbox *s, const char *path, struct error *err)
{
    if (mkdir(path, 0700) == 0 && (!s->change_user || lchown(path, s->uid, s->gid) == 0))
        return true;
    return file_error(err, "make the directory", path, errno);
}

static bool make_place(struct sandbox *s, struct error *err)
{
    AUTO(mem_free) char *parent = home_parent(err);
    if (!parent || !check_length(parent, err))
        return false;
    AUTO(mem_free) char *below = file_join(parent, "x");
    if (!check_passage(s, below, "set TMPDIR to a directory that everybody may pass", err) ||
        !check_passage(s, s->programs.server,
                       "install the server elsewhere, or start this as an ordinary user", err))
        return false;
    home_sweep(parent);
    s->dir = home_make(parent, &s->lock_fd, err);
    if (!s->dir)
        return false;
    s->data = file_join(s->dir, "data");
    s->sockets = file_join(s->dir, "s");
    AUTO(mem_free) char *log = file_join(s->dir, "log");
    s->log_fd = open(log, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (s->log_fd < 0)
        return file_error(err, "write", log, errno);
    return make_folder(s, s->sockets, err);
}

/* ---- TCP ---- */

/* Binds a port on 127.0.0.1 without listening: two sandboxes never choose the same one, while the
 * server, which sets SO_REUSEADDR as we do, can bind it too. */
static bool reserve_port(struct sandbox *s, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = probe >= 0 && bind(probe, (struct sockaddr *)&address, sizeof address) == 0;
    if (is_free) {
        int on = 1;
        setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        s->port_fd = probe;
        s->port = port;
        return true;
    }
    if (probe >= 0)
        close(probe);
    return false;
}

/* Everybody on the machine can get to a port: so it asks for a password that only our environment
 * and the server know. */
static bool open_tcp(struct sandbox *s, struct error *err)
{
    uint32_t random[5];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_set(err, ERR_IO, "cannot get random bytes: %s", strerror(errno));
    s->password = xasprintf("%08x%08x%08x%08x", random[0], random[1], random[2], random[3]);
    for (unsigned i = 0; i < 1000; i++)
        if (reserve_port(s, PORT_LOW + (random[4] + i * 7) % (PORT_HIGH - PORT_LOW)))
            return true;
    return error_set(err, ERR_IO, "there is no free port between %d and %d on 127.0.0.1", PORT_LOW,
                     PORT_HIGH);
}

/* ---- the data directory ---- */

/* FNV-1a */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

/* Another server program, or another way of making the data, is another template. */
static char *template_key(const struct sandbox *s)
{
    struct stat st = {0};
    if (stat(s->programs.server, &st) != 0)
        st.st_size = -1;
    AUTO(mem_free)
    char *build = xasprintf("%d %lld %lld", TEMPLATE_FORMAT, (long long)st.st_size,
                            (long long)st.st_mtim.tv_sec);
    uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), build);
    hash = hash_text(hash, s->programs.server);
    for (size_t i = 0; i < s->settings.len; i++)
        if (s->engine->at_init(s->settings.ptr[i]))
            hash = hash_text(hash, s->settings.ptr[i]);
    return xasprintf("%s-%s-%016" PRIx64, s->engine->name, s->programs.version, hash);
}

/* With settings of the user they are the likeliest reason: a retry would not help. */
static void blame_settings(const struct sandbox *s, struct error *err)
{
    if (s->settings.len && err->kind == ERR_IO)
        err->kind = ERR_CONFIG;
}

/* Adds the last lines of the server's log below the error. */
static bool note_log(struct sandbox *s, struct error *err)
{
    AUTO(str_free) struct str log = STR_INIT;
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(mem_free) char *path = file_join(s->dir, "log");
    if (err->kind == ERR_INTERRUPTED || !file_read(path, LOG_MAX, &log, &ignored))
        return false;
    while (log.len && log.ptr[log.len - 1] == '\n')
        str_cut(&log, log.len - 1);
    char *line = log.ptr + log.len;
    for (int lines = 0; line > log.ptr && (line[-1] != '\n' || ++lines < LOG_LINES);)
        line--;
    for (char *rest = line; (line = strsep(&rest, "\n"));)
        error_note(err, "%s", line);
    return false;
}

/* What made the data directory has done its work: only the server's words matter from here. */
static bool empty_log(struct sandbox *s, struct error *err)
{
    return ftruncate(s->log_fd, 0) == 0 ||
           error_set(err, ERR_IO, "cannot empty the server's log: %s", strerror(errno));
}

static bool make_data(struct sandbox *s, struct error *err)
{
    AUTO(mem_free) char *key = template_key(s);
    bool found = false;
    if (!template_take(key, s->data, s->uid, s->gid, &found, err))
        return false;
    if (found)
        return true;
    if (!make_folder(s, s->data, err))
        return false;
    if (!s->engine->init(s, err)) {
        blame_settings(s, err);
        return note_log(s, err);
    }
    template_keep(key, s->data);
    return true;
}

/* ---- the server ---- */

static bool launch(struct sandbox *s, struct error *err)
{
    AUTO(strlist_free) struct strlist argv = {0}, env = {0};
    s->engine->arguments(s, &argv);
    *vec_add(&argv) = NULL;
    engine_environment(s, &env);
    *vec_add(&env) = NULL;
    const struct process_options options = {
        .argv = (const char *const *)argv.ptr,
        .env = (const char *const *)env.ptr,
        .dir = "/",
        .in = PROCESS_NULL,
        .out = PROCESS_FD,
        .out_fd = s->log_fd,
        .err = PROCESS_FD,
        .err_fd = s->log_fd,
        .own_group = true,
        .death_signal = s->engine->stop_signal,
        .change_user = s->change_user,
        .uid = s->uid,
        .gid = s->gid,
    };
    return process_start(&options, &s->server, err) &&
           home_note_server(s->dir, s->server.pid, s->engine->stop_signal, err);
}

static bool await_ready(struct sandbox *s, struct error *err)
{
    for (long long limit = now_ms() + READY_MS; now_ms() < limit;) {
        int status = 0;
        if (s->engine->ready(s))
            return true;
        if (process_wait(&s->server, POLL_MS, &status)) {
            AUTO(mem_free) char *how = process_status_text(status);
            error_set(err, ERR_IO, "the server %s", how);
            blame_settings(s, err);
            return false;
        }
        if (!interrupt_check(err))
            return false;
    }
    return error_set(err, ERR_IO, "the server did not answer within %d s", READY_MS / 1000);
}

static bool start(struct sandbox *s, const struct sandbox_options *options, struct error *err)
{
    long long begun = now_ms();
    if (!take_options(s, options, err) || !choose_user(s, err) ||
        !s->engine->find(options->bin_dir, &s->programs, err) || !make_place(s, err))
        return false;
    if (options->tcp && !open_tcp(s, err))
        return false;
    s->engine->paths(s);
    if (!make_data(s, err))
        return false;
    if (!s->engine->prepare(s, err) || !empty_log(s, err) || !launch(s, err) ||
        !await_ready(s, err))
        return note_log(s, err);
    log_debug("%s %s answers after %lld ms in '%s'", s->engine->message, s->programs.version,
              now_ms() - begun, s->dir);
    return true;
}

struct sandbox *sandbox_start(const struct sandbox_options *options, struct error *err)
{
    AUTO(sandbox_stop) struct sandbox *s = xcalloc(1, sizeof *s);
    s->lock_fd = s->port_fd = s->log_fd = -1;
    s->server = (struct process)PROCESS_INIT;
    if (start(s, options, err))
        return TAKE(s);
    error_wrap(err, "cannot start a sandbox of %s", engines[options->engine]->message);
    return NULL;
}

static void remove_place(struct sandbox *s)
{
    AUTO(error_free) struct error err = ERROR_INIT;
    if (!file_remove_tree(s->dir, &err))
        log_warn("%s", err.text);
}

void sandbox_stop(struct sandbox *s)
{
    enum { STOP_MS = 5000 };
    if (!s)
        return;
    if (s->server.pid) {
        process_kill(&s->server, s->engine->stop_signal);
        process_wait(&s->server, STOP_MS, NULL);
    }
    process_close(&s->server);
    if (s->dir)
        remove_place(s);
    int *const fds[] = {&s->lock_fd, &s->port_fd, &s->log_fd};
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        if (*fds[i] >= 0)
            close(*fds[i]);
    programs_free(&s->programs);
    strlist_free(&s->settings);
    free(s->dir);
    free(s->data);
    free(s->sockets);
    free(s->socket);
    free(s->database);
    free(s->password);
    free(s);
}

/* ---- what it is ---- */

const char *sandbox_socket(const struct sandbox *s)
{
    return s->engine == &engine_postgres ? s->sockets : s->socket;
}

unsigned sandbox_port(const struct sandbox *s)
{
    return s->port;
}

const char *sandbox_user(const struct sandbox *s)
{
    return s->engine->user;
}

const char *sandbox_password(const struct sandbox *s)
{
    return s->password;
}

const char *sandbox_database(const struct sandbox *s)
{
    return s->database;
}

const char *sandbox_directory(const struct sandbox *s)
{
    return s->dir;
}

const char *sandbox_version(const struct sandbox *s)
{
    return s->programs.version;
}

void sandbox_environment(const struct sandbox *s, struct strlist *ret)
{
    AUTO(mem_free) char *port = xasprintf("%u", s->port);
    const char *const variables[][2] = {
        {"ENGINE", s->engine->name},
        {"VERSION", s->programs.version},
        {"HOST", s->password ? "127.0.0.1" : sandbox_socket(s)},
        {"SOCKET", sandbox_socket(s)},
        {"PORT", port},
        {"USER", s->engine->user},
        {"PASSWORD", s->password ? s->password : ""},
        {"DATABASE", s->database},
        {"DIR", s->dir},
    };
    s->engine->environment(s, ret);
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        AUTO(mem_free)
        char *variable = xasprintf("DBOPS_SANDBOX_%s=%s", variables[i][0], variables[i][1]);
        strlist_add(ret, variable);
    }
}
