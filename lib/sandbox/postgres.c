#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/sandbox/engine.h"

static const char debian_root[] = "/usr/lib/postgresql";
enum { SOCKET_PORT = 5432, PID_FILE_MAX = 4096 };

/* Takes the programs of a folder when initdb and postgres are there. */
static bool take_folder(const char *folder, struct programs *ret)
{
    AUTO(mem_free) char *server = file_join(folder, "postgres");
    AUTO(mem_free) char *init = file_join(folder, "initdb");
    AUTO(mem_free) char *real_server = realpath(server, NULL);
    AUTO(mem_free) char *real_init = realpath(init, NULL);
    if (!real_server || !real_init || access(real_server, X_OK) || access(real_init, X_OK))
        return false;
    ret->server = TAKE(real_server);
    ret->init = TAKE(real_init);
    return true;
}

static bool take_newest_of_debian(struct programs *ret)
{
    unsigned long long newest = 0;
    DIR *entries = opendir(debian_root);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        unsigned long long major;
        struct programs found = {0};
        AUTO(mem_free) char *bin = xasprintf("%s/%s/bin", debian_root, entry->d_name);
        if (!str_to_uint(entry->d_name, &major) || major <= newest || !take_folder(bin, &found))
            continue;
        newest = major;
        programs_free(ret);
        *ret = found;
    }
    if (entries)
        closedir(entries);
    return newest > 0;
}

static bool take_from_path(struct programs *ret)
{
    AUTO(mem_free) char *found = file_find_program("postgres");
    AUTO(mem_free) char *real = found ? realpath(found, NULL) : NULL;
    if (!real)
        return false;
    *strrchr(real, '/') = '\0';
    return take_folder(real, ret);
}

static bool find(const char *bin_dir, struct programs *ret, struct error *err)
{
    bool found =
        bin_dir ? take_folder(bin_dir, ret) : take_from_path(ret) || take_newest_of_debian(ret);
    if (!found && bin_dir)
        return error_set(err, ERR_CONFIG, "there is no PostgreSQL server in '%s'", bin_dir) ||
               error_hint(err, "name the folder that has postgres and initdb");
    if (!found)
        return error_set(err, ERR_CONFIG, "there is no PostgreSQL server on this machine") ||
               error_hint(err, "install it (Debian: apt-get install postgresql), or name the "
                               "folder that has postgres and initdb");
    AUTO(mem_free) char *answer = engine_version_answer(ret->server, err);
    ret->version = answer ? engine_version_number(answer) : NULL;
    return answer != NULL;
}

static bool at_init(const char *setting)
{
    (void)setting;
    return false;
}

static void paths(struct sandbox *s)
{
    if (!s->port)
        s->port = SOCKET_PORT;
    s->socket = xasprintf("%s/.s.PGSQL.%u", s->sockets, s->port);
}

static void quote_name(struct str *out, const char *name)
{
    str_addc(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            str_addc(out, '"');
        str_addc(out, *name);
    }
    str_addc(out, '"');
}

/* Runs statements, one a line, without a server. */
static bool single_user(struct sandbox *s, const char *sql, struct error *err)
{
    AUTO(strlist_free) struct strlist argv = {0};
    strlist_add(&argv, s->programs.server);
    strlist_add(&argv, "--single");
    strlist_add(&argv, "-D");
    strlist_add(&argv, s->data);
    for (const char *const *setting =
             (const char *const[]){"exit_on_error=on", "fsync=off", "log_checkpoints=off",
                                   "password_encryption=scram-sha-256",
                                   "dynamic_shared_memory_type=mmap", NULL};
         *setting; setting++) {
        strlist_add(&argv, "-c");
        strlist_add(&argv, *setting);
    }
    strlist_add(&argv, "template1");
    return engine_run(s, &argv, sql, err);
}

static bool init(struct sandbox *s, struct error *err)
{
    AUTO(strlist_free) struct strlist argv = {0};
    for (const char *const *word =
             (const char *const[]){s->programs.init, "-D", s->data, "-U", "postgres", "-A", "trust",
                                   "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", NULL};
         *word; word++)
        strlist_add(&argv, *word);
    return engine_run(s, &argv, NULL, err) && single_user(s, "create database \"sandbox\"\n", err);
}

static bool is_made_by_initdb(const char *database)
{
    return str_equal(database, "postgres") || str_equal(database, "template1");
}

/* Renaming what the template has is faster than another database. */
static bool prepare(struct sandbox *s, struct error *err)
{
    if (!engine_write(s, "hba",
                      "local all all trust\n"
                      "local replication all trust\n"
                      "host all all 127.0.0.1/32 scram-sha-256\n"
                      "host replication all 127.0.0.1/32 scram-sha-256\n",
                      err))
        return false;
    AUTO(str_free) struct str sql = STR_INIT;
    if (!str_equal(s->database, "sandbox") && !is_made_by_initdb(s->database)) {
        str_add(&sql, "alter database \"sandbox\" rename to ");
        quote_name(&sql, s->database);
        str_addc(&sql, '\n');
    }
    if (s->password)
        str_addf(&sql, "alter role postgres password '%s'\n", s->password);
    return !sql.len || single_user(s, sql.ptr, err);
}

static void add_setting(struct strlist *argv, const char *name, const char *value)
{
    AUTO(mem_free) char *setting = xasprintf("%s=%s", name, value);
    strlist_add(argv, "-c");
    strlist_add(argv, setting);
}

static void arguments(const struct sandbox *s, struct strlist *argv)
{
    /* what the server keeps outside of its directory would outlive a kill -9: so mmap */
    static const char *const fixed[][2] = {
        {"fsync", "off"},
        {"synchronous_commit", "off"},
        {"full_page_writes", "off"},
        {"shared_buffers", "32MB"},
        {"log_min_messages", "warning"},
        {"dynamic_shared_memory_type", "mmap"},
        {"logging_collector", "off"},
        {"log_destination", "stderr"},
    };
    AUTO(mem_free) char *port = xasprintf("%u", s->port);
    AUTO(mem_free) char *hba = file_join(s->dir, "hba");
    strlist_add(argv, s->programs.server);
    strlist_add(argv, "-D");
    strlist_add(argv, s->data);
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        add_setting(argv, fixed[i][0], fixed[i][1]);
    for (size_t i = 0; i < s->settings.len; i++) {
        strlist_add(argv, "-c");
        strlist_add(argv, s->settings.ptr[i]);
    }
    add_setting(argv, "port", port);
    add_setting(argv, "hba_file", hba);
    add_setting(argv, "listen_addresses", s->password ? "127.0.0.1" : "");
    add_setting(argv, "unix_socket_directories", s->sockets);
    add_setting(argv, "unix_socket_permissions", "0777");
}

/* The last line of its pid file says so. */
static bool ready(const struct sandbox *s)
{
    AUTO(error_free) struct error ignored = ERROR_INIT;
    AUTO(str_free) struct str text = STR_INIT;
    AUTO(mem_free) char *path = file_join(s->data, "postmaster.pid");
    return file_read(path, PID_FILE_MAX, &text, &ignored) && strstr(text.ptr, "\nready");
}

static void add(struct strlist *ret, const char *name, const char *value)
{
    AUTO(mem_free) char *variable = xasprintf("%s=%s", name, value);
    strlist_add(ret, variable);
}

static void environment(const struct sandbox *s, struct strlist *ret)
{
    static const char *const foreign[] = {
        "PGSERVICE", "PGSERVICEFILE", "PGHOSTADDR",           "PGPASSFILE",       "PGOPTIONS",
        "PGSSLMODE", "PGREQUIREAUTH", "PGTARGETSESSIONATTRS", "PGCHANNELBINDING", "PGREQUIRESSL"};
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        strlist_add(ret, foreign[i]);
    AUTO(mem_free) char *port = xasprintf("%u", s->port);
    add(ret, "PGHOST", s->password ? "127.0.0.1" : s->sockets);
    add(ret, "PGPORT", port);
    add(ret, "PGUSER", "postgres");
    add(ret, "PGDATABASE", s->database);
    if (s->password)
        add(ret, "PGPASSWORD", s->password);
    else
        strlist_add(ret, "PGPASSWORD");
}

/* SIGQUIT: the postmaster ends its children and gives its shared memory back, without a
 * checkpoint. */
const struct engine engine_postgres = {
    .name = "postgres",
    .user = "postgres",
    .message = "PostgreSQL",
    .stop_signal = SIGQUIT,
    .find = find,
    .at_init = at_init,
    .paths = paths,
    .init = init,
    .prepare = prepare,
    .arguments = arguments,
    .ready = ready,
    .environment = environment,
};
