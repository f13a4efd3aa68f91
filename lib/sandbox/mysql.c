#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/interrupt.h"
#include "lib/sandbox/engine.h"

/* ---- the programs ---- */

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
}

/* Where everything of the server is, two levels above the program. */
static char *base_of(const char *server)
{
    AUTO(mem_free) char *bin = folder_of(server);
    return folder_of(bin);
}

/* Takes the server when it is of the wanted kind; otherwise *ret_other is set. */
static bool take_server(const char *folder, const char *name, bool mariadb, struct programs *ret,
                        bool *ret_other)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(mem_free) char *path = file_join(folder, name);
    AUTO(mem_free) char *real = realpath(path, NULL);
    if (!real || access(real, X_OK) != 0)
        return false;
    AUTO(mem_free) char *answer = engine_version_answer(real, &ignored);
    if (!answer)
        return false;
    bool is_mariadb = strstr(answer, "MariaDB") != NULL;
    if (is_mariadb != mariadb) {
        *ret_other = true;
        return false;
    }
    ret->server = TAKE(real);
    ret->version = engine_version_number(answer);
    return true;
}

static bool take_folder(const char *folder, bool mariadb, struct programs *ret, bool *ret_other)
{
    return (mariadb && take_server(folder, "mariadbd", mariadb, ret, ret_other)) ||
           take_server(folder, "mysqld", mariadb, ret, ret_other);
}

/* The given folder and the one that distributions keep servers in, beside it. */
static bool take_near(const char *bin_dir, bool mariadb, struct programs *ret, bool *ret_other)
{
    AUTO(mem_free) char *sbin = file_join(bin_dir, "../sbin");
    AUTO(mem_free) char *bin = file_join(bin_dir, "../bin");
    return take_folder(bin_dir, mariadb, ret, ret_other) ||
           take_folder(sbin, mariadb, ret, ret_other) || take_folder(bin, mariadb, ret, ret_other);
}

/* $PATH, and where servers are that an ordinary user's PATH leaves out. */
static bool take_from_path(bool mariadb, struct programs *ret, bool *ret_other)
{
    const char *path = getenv("PATH");
    AUTO(mem_free)
    char *all =
        xasprintf("%s:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/usr/local/mysql/bin",
                  path ? path : "");
    for (char *folder = all; *folder;) {
        size_t len = strcspn(folder, ":");
        bool more = folder[len] != '\0';
        folder[len] = '\0';
        if (folder[0] == '/' && take_folder(folder, mariadb, ret, ret_other))
            return true;
        folder += len + more;
    }
    return false;
}

/* mariadb-install-db is in bin, or in scripts when unpacked from an archive. */
static bool find_installer(struct programs *ret, struct error *err)
{
    static const char *const names[] = {"bin/mariadb-install-db", "scripts/mariadb-install-db",
                                        "bin/mysql_install_db", "scripts/mysql_install_db"};
    AUTO(mem_free) char *base = base_of(ret->server);
    for (size_t i = 0; i < ARRAY_LEN(names) && !ret->init; i++) {
        AUTO(mem_free) char *path = file_join(base, names[i]);
        if (access(path, X_OK) == 0)
            ret->init = TAKE(path);
    }
    return ret->init ||
           error_set(err, ERR_CONFIG, "there is no mariadb-install-db in '%s/bin'", base);
}

static bool find_either(bool mariadb, const char *bin_dir, struct programs *ret, struct error *err)
{
    const char *name = mariadb ? "MariaDB" : "MySQL";
    bool other = false;
    if (bin_dir ? take_near(bin_dir, mariadb, ret, &other) : take_from_path(mariadb, ret, &other))
        return !mariadb || find_installer(ret, err);
    /* a server that was asked for its version when a signal came did not answer */
    if (!interrupt_check(err))
        return false;
    const char *but = !other ? "" : mariadb ? ", only MySQL" : ", only MariaDB";
    if (bin_dir)
        error_set(err, ERR_CONFIG, "there is no %s server in '%s'%s", name, bin_dir, but);
    else
        error_set(err, ERR_CONFIG, "there is no %s server on this machine%s", name, but);
    return error_hint(err, "install it (%s), or name the folder that has %s",
                      mariadb ? "Debian: apt-get install mariadb-server"
                              : "packages: https://dev.mysql.com/downloads",
                      mariadb ? "mariadbd" : "mysqld");
}

static bool find_mysql(const char *bin_dir, struct programs *ret, struct error *err)
{
    return find_either(false, bin_dir, ret, err);
}

static bool find_mariadb(const char *bin_dir, struct programs *ret, struct error *err)
{
    return find_either(true, bin_dir, ret, err);
}

/* ---- the server ---- */

/* Settings that a data directory is made for, once and for all. */
static bool at_init(const char *setting)
{
    static const char *const names[] = {"lower_case_table_names", "innodb_page_size",
                                        "innodb_data_file_path", "innodb_undo_tablespaces"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]);
        bool same = setting[len < strlen(setting) ? len : 0] == '=';
        for (size_t k = 0; same && k < len; k++)
            same = setting[k] == names[i][k] || (setting[k] == '-' && names[i][k] == '_');
        if (same)
            return true;
    }
    return false;
}

static void paths(struct sandbox *s)
{
    s->socket = xasprintf("%s/mysql.sock", s->sockets);
}

static void add_path(struct strlist *argv, const char *option, const char *base, const char *below)
{
    AUTO(mem_free) char *path = file_join(base, below);
    AUTO(mem_free) char *word = xasprintf("%s=%s", option, path);
    if (file_exists(path))
        strlist_add(argv, word);
}

static void add_option(struct strlist *argv, const char *name, const char *value)
{
    AUTO(mem_free) char *word = xasprintf("--%s=%s", name, value);
    strlist_add(argv, word);
}

/* A server that is not where it was built for must be told where its files are. */
static void add_folders(const struct sandbox *s, struct strlist *argv)
{
    static const char *const shares[] = {"share/mysql", "share/mariadb", "share"};
    static const char *const plugins[] = {"lib/mysql/plugin", "lib/plugin"};
    AUTO(mem_free) char *base = base_of(s->programs.server);
    add_option(argv, "basedir", base);
    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        AUTO(mem_free) char *share = file_join(base, shares[i]);
        AUTO(mem_free) char *messages = file_join(share, "english/errmsg.sys");
        if (!file_exists(messages))
            continue;
        add_option(argv, "lc-messages-dir", share);
        add_path(argv, "--character-sets-dir", share, "charsets");
        break;
    }
    for (size_t i = 0; i < ARRAY_LEN(plugins); i++) {
        AUTO(mem_free) char *plugin = file_join(base, plugins[i]);
        if (!file_is_directory(plugin))
            continue;
        add_option(argv, "plugin-dir", plugin);
        break;
    }
}

/* What must be the same when the data directory is made and when it is used. "loose": what a
 * version does not know, it passes over. */
static void add_common(const struct sandbox *s, struct strlist *argv)
{
    static const char *const common[] = {
        "--skip-name-resolve",
        "--character-set-server=utf8mb4",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-flush-method=nosync",
        "--innodb-doublewrite=0",
        "--innodb-buffer-pool-size=64M",
    };
    add_option(argv, "datadir", s->data);
    /* a server that starts removes all that looks like a temporary table there, of others too */
    add_option(argv, "tmpdir", s->sockets);
    for (size_t i = 0; i < ARRAY_LEN(common); i++)
        strlist_add(argv, common[i]);
    if (s->engine == &engine_mariadb) {
        strlist_add(argv, "--innodb-log-file-size=16M");
        strlist_add(argv, "--aria-log-file-size=8M");
        strlist_add(argv, "--sync-frm=0");
    } else {
        strlist_add(argv, "--loose-innodb-redo-log-capacity=16M");
    }
}

static void add_setting(struct strlist *argv, const char *setting)
{
    AUTO(mem_free) char *word = xasprintf("--%s", setting);
    strlist_add(argv, word);
}

static void add_init_settings(const struct sandbox *s, struct strlist *argv)
{
    for (size_t i = 0; i < s->settings.len; i++)
        if (at_init(s->settings.ptr[i]))
            add_setting(argv, s->settings.ptr[i]);
}

static bool init_mysql(struct sandbox *s, struct error *err)
{
    AUTO(strlist_free) struct strlist argv = {0};
    strlist_add(&argv, s->programs.server);
    strlist_add(&argv, "--no-defaults");
    add_folders(s, &argv);
    add_common(s, &argv);
    strlist_add(&argv, "--secure-file-priv=");
    strlist_add(&argv, "--skip-log-bin");
    add_init_settings(s, &argv);
    strlist_add(&argv, "--initialize-insecure");
    if (!engine_run(s, &argv, NULL, err))
        return false;
    /* every copy is a server of its own, with its own server_uuid */
    AUTO(mem_free) char *uuid = file_join(s->data, "auto.cnf");
    return file_remove_tree(uuid, err);
}

static bool init_mariadb(struct sandbox *s, struct error *err)
{
    AUTO(strlist_free) struct strlist argv = {0};
    AUTO(mem_free) char *base = base_of(s->programs.server);
    strlist_add(&argv, s->programs.init);
    strlist_add(&argv, "--no-defaults");
    if (!str_equal(base, "/usr"))
        add_option(&argv, "basedir", base);
    strlist_add(&argv, "--auth-root-authentication-method=normal");
    strlist_add(&argv, "--skip-test-db");
    add_common(s, &argv);
    add_init_settings(s, &argv);
    return engine_run(s, &argv, NULL, err);
}

static void quote_name(struct str *out, const char *name)
{
    str_addc(out, '`');
    for (; *name; name++) {
        if (*name == '`')
            str_addc(out, '`');
        str_addc(out, *name);
    }
    str_addc(out, '`');
}

/* The machine's own configuration wins over the environment, and Debian's names a socket there.
 * What $MYSQL_HOME/my.cnf says comes later and wins over that. */
static bool write_client_file(struct sandbox *s, struct error *err)
{
    AUTO(mem_free) char *path = file_join(s->dir, "my.cnf");
    AUTO(str_free) struct str text = STR_INIT;
    str_addf(&text, "[client]\nuser=root\nsocket=%s\n", s->socket);
    if (s->password)
        str_addf(&text, "host=127.0.0.1\nport=%u\npassword=%s\n", s->port, s->password);
    else
        str_add(&text, "host=localhost\n");
    return file_write(path, text.ptr, text.len, 0600, err);
}

/* The server runs this file before it listens. */
static bool prepare(struct sandbox *s, struct error *err)
{
    AUTO(str_free) struct str sql = STR_INIT;
    str_add(&sql, "CREATE DATABASE IF NOT EXISTS ");
    quote_name(&sql, s->database);
    str_add(&sql, ";\n");
    if (s->password)
        str_addf(&sql,
                 "CREATE USER IF NOT EXISTS root@'127.0.0.1';\n"
                 "ALTER USER root@'127.0.0.1' IDENTIFIED BY '%s';\n"
                 "GRANT ALL PRIVILEGES ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n",
                 s->password);
    return engine_write(s, "init.sql", sql.ptr, err) && write_client_file(s, err);
}

static void arguments(const struct sandbox *s, struct strlist *argv)
{
    strlist_add(argv, s->programs.server);
    strlist_add(argv, "--no-defaults");
    add_folders(s, argv);
    add_common(s, argv);
    strlist_add(argv, "--secure-file-priv=");
    strlist_add(argv, "--sync-binlog=0");
    strlist_add(argv, "--event-scheduler=ON");
    if (s->engine == &engine_mysql)
        strlist_add(argv, "--loose-mysqlx=OFF");
    for (size_t i = 0; i < s->settings.len; i++)
        add_setting(argv, s->settings.ptr[i]);
    AUTO(mem_free) char *init_file = file_join(s->dir, "init.sql");
    AUTO(mem_free) char *pid_file = file_join(s->sockets, "pid");
    AUTO(mem_free) char *port = xasprintf("%u", s->port);
    add_option(argv, "init-file", init_file);
    add_option(argv, "pid-file", pid_file);
    add_option(argv, "socket", s->socket);
    if (!s->password) {
        strlist_add(argv, "--skip-networking");
        return;
    }
    add_option(argv, "port", port);
    add_option(argv, "bind-address", "127.0.0.1");
}

/* It listens, and greets: a packet of protocol 10. */
static bool ready(const struct sandbox *s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(s->socket) >= sizeof address.sun_path || access(s->socket, F_OK) != 0)
        return false;
    memcpy(address.sun_path, s->socket, strlen(s->socket) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct timeval limit = {.tv_usec = 500000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char greeting[5] = "";
    bool ok = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
              recv(fd, greeting, sizeof greeting, MSG_WAITALL) == (ssize_t)sizeof greeting &&
              greeting[4] == 10;
    close(fd);
    return ok;
}

static void add(struct strlist *ret, const char *name, const char *value)
{
    AUTO(mem_free) char *variable = xasprintf("%s=%s", name, value);
    strlist_add(ret, variable);
}

static void environment(const struct sandbox *s, struct strlist *ret)
{
    AUTO(mem_free) char *port = xasprintf("%u", s->port);
    add(ret, "MYSQL_HOME", s->dir);
    add(ret, "MYSQL_UNIX_PORT", s->socket);
    add(ret, "MYSQL_HOST", s->password ? "127.0.0.1" : "localhost");
    if (!s->password) {
        strlist_add(ret, "MYSQL_TCP_PORT");
        strlist_add(ret, "MYSQL_PWD");
        return;
    }
    add(ret, "MYSQL_TCP_PORT", port);
    add(ret, "MYSQL_PWD", s->password);
}

/* SIGKILL: all that these servers have is in their directory, which goes too. */
const struct engine engine_mysql = {
    .name = "mysql",
    .user = "root",
    .message = "MySQL",
    .stop_signal = SIGKILL,
    .find = find_mysql,
    .at_init = at_init,
    .paths = paths,
    .init = init_mysql,
    .prepare = prepare,
    .arguments = arguments,
    .ready = ready,
    .environment = environment,
};

const struct engine engine_mariadb = {
    .name = "mariadb",
    .user = "root",
    .message = "MariaDB",
    .stop_signal = SIGKILL,
    .find = find_mariadb,
    .at_init = at_init,
    .paths = paths,
    .init = init_mariadb,
    .prepare = prepare,
    .arguments = arguments,
    .ready = ready,
    .environment = environment,
};
