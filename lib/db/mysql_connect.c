#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/db/mysql.h"

#ifndef CR_SSL_CONNECTION_ERROR
#define CR_SSL_CONNECTION_ERROR 2026
#endif

/* As the JDBC drivers do, so that a migration meets the same strictness as under Flyway. */
#define SESSION_SQL "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES')"

static const char *given(const char *value, const char *otherwise)
{
    return value && *value ? value : otherwise;
}

/* Which address is meant. "localhost" is the socket only without a port: whoever names a port means
 * it, and JDBC goes by TCP too. */
static void decide_address(struct my *my)
{
    const struct db_params *p = &my->base.params;
    const char *host = given(p->host, my->defaults.host);
    bool port = p->port || (given(p->host, NULL) && my->defaults.port);
    bool local = !host || str_equal_nocase(host, "localhost");
    my->base.port = p->port ? p->port : my->defaults.port ? my->defaults.port : 3306;
    if (host && host[0] == '/')
        my->base.socket = xstrdup(host);
    else if (local && !port)
        my->base.socket = xstrdup(given(my->defaults.socket, "/run/mysqld/mysqld.sock"));
    else
        my->base.host = xstrdup(host ? host : "localhost");
}

static char *make_url(const struct my *my, const char *database)
{
    const char *name = database ? database : "";
    if (my->base.socket)
        return xasprintf("mysql:///%s?socket=%s", name, my->base.socket);
    bool v6 = strchr(my->base.host, ':');
    return xasprintf("mysql://%s%s%s:%u/%s", v6 ? "[" : "", my->base.host, v6 ? "]" : "",
                     my->base.port, name);
}

static const char *login_name(void)
{
    const struct passwd *pw = getpwuid(geteuid());
    return pw ? pw->pw_name : "root";
}

static bool decide(struct my *my, struct error *err)
{
    struct db *db = &my->base;
    const struct db_params *p = &db->params;
    my_defaults_read(&my->defaults);
    decide_address(my);
    db->user = xstrdup(given(given(p->user, my->defaults.user), login_name()));
    db->database = xstrdup(given(given(p->database, my->defaults.database), ""));
    db->url = make_url(my, db->database);
    enum db_tls asked = my->base.socket ? DB_TLS_DISABLE : p->tls;
    if (!tls_decide(asked, my->base.host, given(p->tls_ca, my->defaults.tls_ca),
                    given(p->tls_cert, my->defaults.tls_cert),
                    given(p->tls_key, my->defaults.tls_key), &db->tls, err))
        return error_wrap(err, "cannot connect to %s", db->url);
    return true;
}

/*
 * Every option is set every time, because Connector/C 3.3 and 3.4 differ in what they do without.
 * ENFORCE alone connects in clear text to a server without TLS (3.3; MDEV-28634): VERIFY is what
 * refuses it, and for `require` the cipher is looked at after the connection.
 */
static void set_tls(const struct my *my, MYSQL *conn)
{
    const struct tls *tls = &my->base.tls;
    my_bool on = tls->mode != DB_TLS_DISABLE && !my->plain;
    my_bool verify = tls->mode == DB_TLS_VERIFY_FULL;
    if (on && tls->ca)
        mysql_optionsv(conn, MYSQL_OPT_SSL_CA, tls->ca);
    if (on && tls->cert)
        mysql_optionsv(conn, MYSQL_OPT_SSL_CERT, tls->cert);
    if (on && tls->key)
        mysql_optionsv(conn, MYSQL_OPT_SSL_KEY, tls->key);
    mysql_optionsv(conn, MYSQL_OPT_SSL_ENFORCE, &on);
    mysql_optionsv(conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

MYSQL *my_handle(const struct my *my, unsigned limit_s)
{
    const struct db_params *p = &my->base.params;
    MYSQL *conn = mysql_init(NULL);
    if (!conn)
        return NULL;
    unsigned off = 0, connect_s = limit_s ? limit_s : (p->connect_timeout_ms + 999) / 1000;
    unsigned protocol = my->base.socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    unsigned long packet = 1UL << 30;
    mysql_optionsv(conn, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_optionsv(conn, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_optionsv(conn, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_optionsv(conn, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
    mysql_optionsv(conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options4(conn, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", p->application_name);
    if (limit_s) {
        mysql_optionsv(conn, MYSQL_OPT_READ_TIMEOUT, &limit_s);
        mysql_optionsv(conn, MYSQL_OPT_WRITE_TIMEOUT, &limit_s);
    } else {
        mysql_optionsv(conn, MYSQL_OPT_NONBLOCK, NULL);
    }
    /* Without TLS or with an unproved server a password must never go out in clear text. */
    if (!my->base.socket && my->base.tls.mode != DB_TLS_VERIFY_FULL)
        mysql_optionsv(conn, MARIADB_OPT_RESTRICTED_AUTH,
                       "mysql_native_password,caching_sha2_password,sha256_password,"
                       "client_ed25519,parsec,auth_gssapi_client");
    set_tls(my, conn);
    return conn;
}

struct my_login my_login(const struct my *my)
{
    const char *password = given(my->base.params.password, my->defaults.password);
    return (struct my_login){.host = my->base.socket ? NULL : my->base.host,
                             .user = my->base.user,
                             .password = password ? password : "",
                             .database = *my->base.database ? my->base.database : NULL,
                             .socket = my->base.socket,
                             .port = my->base.port,
                             .flags = CLIENT_MULTI_RESULTS};
}

int my_wait(struct my *my, MYSQL *conn, int status)
{
    short events = (short)((status & MYSQL_WAIT_READ ? POLLIN : 0) |
                           (status & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
                           (status & MYSQL_WAIT_EXCEPT ? POLLPRI : 0));
    int timeout = status & MYSQL_WAIT_TIMEOUT ? (int)mysql_get_timeout_value_ms(conn) : -1;
    short got = db_wait(&my->base, mysql_get_socket(conn), events, timeout);
    if (!got)
        return MYSQL_WAIT_TIMEOUT;
    int ready = (got & POLLIN ? MYSQL_WAIT_READ : 0) | (got & POLLOUT ? MYSQL_WAIT_WRITE : 0) |
                (got & POLLPRI ? MYSQL_WAIT_EXCEPT : 0);
    /* an error shows when the library reads or writes */
    return ready ? ready : status & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
}

static bool try_connect(struct my *my)
{
    struct my_login l = my_login(my);
    MYSQL *ret = NULL;
    mysql_close(my->conn);
    my->conn = my_handle(my, 0);
    if (!my->conn)
        return false;
    int status = mysql_real_connect_start(&ret, my->conn, l.host, l.user, l.password, l.database,
                                          l.port, l.socket, l.flags);
    while (status)
        status = mysql_real_connect_cont(&ret, my->conn, my_wait(my, my->conn, status));
    return ret != NULL;
}

static void keep_alive(const struct my *my)
{
    const struct {
        int option, value;
    } wanted[] = {
        {TCP_KEEPIDLE, 30}, {TCP_KEEPINTVL, 10}, {TCP_KEEPCNT, 3}, {TCP_USER_TIMEOUT, 60000}};
    int fd = mysql_get_socket(my->conn), on = 1;
    if (my->base.socket)
        return;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        setsockopt(fd, IPPROTO_TCP, wanted[i].option, &wanted[i].value, sizeof wanted[i].value);
}

static void describe_tls(struct my *my)
{
    const char *cipher = mysql_get_ssl_cipher(my->conn), *protocol = NULL;
    if (!cipher) {
        my->base.tls_state = xstrdup("none");
        return;
    }
    mariadb_get_infov(my->conn, MARIADB_CONNECTION_TLS_VERSION, &protocol);
    my->base.tls_state =
        xasprintf("%s %s, %s", protocol ? protocol : "TLS", cipher,
                  my->base.tls.mode == DB_TLS_VERIFY_FULL ? "verified" : "not verified");
}

static void learn(struct my *my)
{
    struct db *db = &my->base;
    const char *version = mysql_get_server_info(my->conn);
    if (!version)
        version = "unknown";
    /* MariaDB 10 hid behind 5.5.5- for old replicas */
    if (str_starts(version, "5.5.5-"))
        version += strlen("5.5.5-");
    const char *maria = strstr(version, "-MariaDB");
    db->flavour = maria ? DB_IS_MARIADB : DB_IS_MYSQL;
    db->version = maria ? xstrndup(version, (size_t)(maria - version)) : xstrdup(version);
    db->number = (unsigned)mysql_get_server_version(my->conn);
    db->session = mysql_thread_id(my->conn);
    describe_tls(my);
}

static bool refused(struct my *my, struct error *err)
{
    struct db *db = &my->base;
    unsigned number = my->conn ? mysql_errno(my->conn) : 2008;
    const char *words = my->conn ? mysql_error(my->conn) : "out of memory";
    if (db->call.stop)
        return db_fail(db, ERR_UNAVAILABLE, err);
    db->problem.number = number;
    enum error_kind kind = classify_number(number);
    /* the handshake was cut, not refused */
    if (number == CR_SSL_CONNECTION_ERROR &&
        (strstr(words, "reset by peer") || strstr(words, "unexpected eof")))
        kind = ERR_UNAVAILABLE;
    AUTO(mem_free) char *reason = xasprintf("%s (%u)", words, number);
    return db_refused(db, kind == ERR_DATA ? ERR_UNAVAILABLE : kind, reason, err);
}

static bool setup_session(struct my *my, struct error *err)
{
    my->base.call.connecting = false;
    return my->base.driver->simple(&my->base, SESSION_SQL, strlen(SESSION_SQL), NULL, NULL, err);
}

bool my_connect(struct my *my, struct error *err)
{
    struct db *db = &my->base;
    if (!decide(my, err) || !db_begin(db, err))
        return false;
    db->call.connecting = true;
    bool ok = try_connect(my);
    if (!ok && db->tls.mode == DB_TLS_PREFER && !db->call.stop && my->conn &&
        mysql_errno(my->conn) == CR_SSL_CONNECTION_ERROR) {
        log_debug("connecting again without TLS: %s", mysql_error(my->conn));
        my->plain = true;
        ok = try_connect(my);
    }
    if (!ok)
        return refused(my, err);
    learn(my);
    keep_alive(my);
    if (db->tls.mode == DB_TLS_REQUIRE && !mysql_get_ssl_cipher(my->conn))
        return db_refused(db, ERR_DENIED, "the server offers no TLS, but tls is 'require'", err);
    return setup_session(my, err);
}
