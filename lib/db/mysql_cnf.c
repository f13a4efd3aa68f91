#include "lib/db/mysql_cnf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/log.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

enum { INCLUDE_DEPTH = 5 };

void my_defaults_free(struct my_defaults *d)
{
    if (d->password)
        explicit_bzero(d->password, strlen(d->password));
    free(d->host);
    free(d->user);
    free(d->password);
    free(d->socket);
    free(d->database);
    free(d->tls_ca);
    free(d->tls_cert);
    free(d->tls_key);
    *d = (struct my_defaults){0};
}

static void put(char **at, const char *value)
{
    free(*at);
    *at = xstrdup(value);
}

/* Names may be written with - or _. */
static bool is_key(const char *name, const char *key)
{
    for (; *name && *key; name++, key++)
        if (*name != *key && !(*name == '_' && *key == '-'))
            return false;
    return *name == *key;
}

static void set_option(struct my_defaults *d, const char *name, const char *value)
{
    const struct {
        const char *key;
        char **at;
    } options[] = {{"host", &d->host},         {"user", &d->user},      {"password", &d->password},
                   {"socket", &d->socket},     {"ssl-ca", &d->tls_ca},  {"ssl-cert", &d->tls_cert},
                   {"database", &d->database}, {"ssl-key", &d->tls_key}};
    unsigned long long port;
    if (is_key(name, "port") && str_to_uint(value, &port) && port <= 65535)
        d->port = (unsigned)port;
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (is_key(name, options[i].key))
            put(options[i].at, value);
}

static char *trim(char *s)
{
    s += strspn(s, " \t\r\n");
    size_t len = strlen(s);
    while (len && strchr(" \t\r\n", s[len - 1]))
        s[--len] = '\0';
    return s;
}

/* Cuts " # comment" behind a value, but not inside quotes. */
static void cut_comment(char *value)
{
    char quote = 0;
    for (char *at = value; *at; at++) {
        if (*at == '\\' && at[1])
            at++;
        else if (quote)
            quote = *at == quote ? 0 : quote;
        else if (at == value && (*at == '"' || *at == '\''))
            quote = *at;
        else if (*at == '#' && at > value && strchr(" \t", at[-1])) {
            *at = '\0';
            return;
        }
    }
}

/* Takes the outer quotes off and resolves the escapes, in place. */
static char *unquote(char *value)
{
    cut_comment(value);
    value = trim(value);
    size_t len = strlen(value);
    if (len >= 2 && (*value == '"' || *value == '\'') && value[len - 1] == *value) {
        value[len - 1] = '\0';
        value++;
    }
    static const char from[] = "btnrs\\\"'", to[] = "\b\t\n\r \\\"'";
    char *out = value;
    for (const char *in = value; *in; in++) {
        const char *known = *in == '\\' && in[1] ? strchr(from, in[1]) : NULL;
        if (known) {
            *out++ = to[known - from];
            in++;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return value;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void include_dir(const char *path, unsigned depth, struct my_defaults *ret)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    AUTO(strlist_free) struct strlist names = {0};
    for (struct dirent *entry; (entry = readdir(dir));)
        if (str_ends(entry->d_name, ".cnf"))
            strlist_add(&names, entry->d_name);
    closedir(dir);
    if (names.len)
        qsort(names.ptr, names.len, sizeof *names.ptr, compare);
    for (size_t i = 0; i < names.len; i++) {
        AUTO(mem_free) char *file = xasprintf("%s/%s", path, names.ptr[i]);
        my_defaults_file(file, depth, ret);
    }
}

static bool is_client_group(const char *line)
{
    return str_equal(line, "[client]") || str_equal(line, "[client-server]") ||
           str_equal(line, "[client-mariadb]");
}

static void read_line(char *line, bool ours, unsigned depth, struct my_defaults *ret)
{
    if (str_starts(line, "!includedir ")) {
        include_dir(trim(line + strlen("!includedir ")), depth + 1, ret);
    } else if (str_starts(line, "!include ")) {
        my_defaults_file(trim(line + strlen("!include ")), depth + 1, ret);
    } else if (ours && *line && *line != '#' && *line != ';') {
        char *equals = strchr(line, '=');
        if (!equals)
            return;
        *equals = '\0';
        set_option(ret, trim(line), unquote(trim(equals + 1)));
    }
}

void my_defaults_file(const char *path, unsigned depth, struct my_defaults *ret)
{
    struct stat st;
    FILE *file = depth < INCLUDE_DEPTH ? fopen(path, "re") : NULL;
    if (!file)
        return;
    if (fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & S_IWOTH)) {
        log_warn("'%s' is not read: it is not a file, or everybody may write it", path);
        fclose(file);
        return;
    }
    AUTO(mem_free) char *buffer = NULL;
    size_t size = 0;
    bool ours = false;
    while (getline(&buffer, &size, file) > 0) {
        char *line = trim(buffer);
        if (*line == '[')
            ours = is_client_group(line);
        else
            read_line(line, ours, depth, ret);
    }
    if (buffer)
        explicit_bzero(buffer, size);
    fclose(file);
}

static void from_environment(const char *name, char **at)
{
    const char *value = getenv(name);
    if (value && *value)
        put(at, value);
}

void my_defaults_read(struct my_defaults *ret)
{
    my_defaults_file("/etc/my.cnf", 0, ret);
    my_defaults_file("/etc/mysql/my.cnf", 0, ret);
    const char *home = getenv("HOME");
    if (home && *home) {
        AUTO(mem_free) char *own = xasprintf("%s/.my.cnf", home);
        my_defaults_file(own, 0, ret);
    }
    from_environment("MYSQL_HOST", &ret->host);
    from_environment("MYSQL_UNIX_PORT", &ret->socket);
    from_environment("MYSQL_PWD", &ret->password);
    AUTO(mem_free) char *port = NULL;
    from_environment("MYSQL_TCP_PORT", &port);
    if (port)
        set_option(ret, "port", port);
}
