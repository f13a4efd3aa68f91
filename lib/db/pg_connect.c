#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/db/pg.h"

/* A killed run's statement ends at once instead of running on unrecorded (PostgreSQL 14, Linux). */
#define CHECK_CLIENT "-c client_connection_check_interval=1000"

enum { SETTINGS_MAX = 24 };

struct settings {
    const char *keys[SETTINGS_MAX], *values[SETTINGS_MAX];
    size_t n;
};

static void add(struct settings *s, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    s->keys[s->n] = key;
    s->values[s->n++] = value;
}

/* What libpq would take for keyword by itself: environment, service file, built-in. */
static const char *own_default(const PQconninfoOption *defaults, const char *keyword)
{
    for (const PQconninfoOption *o = defaults; o && o->keyword; o++)
        if (str_equal(o->keyword, keyword) && o->val && *o->val)
            return o->val;
    return NULL;
}

static const char *given(const char *value, const char *otherwise)
{
    return value && *value ? value : otherwise;
}

static char *make_url(const char *host, const char *port, const char *database)
{
    const char *db = database ? database : "";
    if (!host)
        return xasprintf("postgres:///%s", db);
    if (host[0] == '/' || host[0] == '@')
        return xasprintf("postgres:///%s?host=%s&port=%s", db, host, port);
    bool v6 = strchr(host, ':') && !strchr(host, ',');
    return xasprintf("postgres://%s%s%s:%s/%s", v6 ? "[" : "", host, v6 ? "]" : "", port, db);
}

/* Decides host, TLS and the address shown, from params and from libpq's own defaults. */
static bool decide(struct pg *pg, struct error *err)
{
    struct db *db = &pg->base;
    const struct db_params *p = &db->params;
    PQconninfoOption *defaults = PQconndefaults();
    const char *host = given(p->host, own_default(defaults, "host"));
    const char *address = own_default(defaults, "hostaddr"); /* goes before the host's own */
    if (!host)
        host = address;
    const char *far = address && tls_is_local(host) ? address : host;
    AUTO(mem_free)
    char *port =
        p->port ? xasprintf("%u", p->port) : xstrdup(given(own_default(defaults, "port"), "5432"));
    const char *user = given(p->user, own_default(defaults, "user"));
    const char *database = given(given(p->database, own_default(defaults, "dbname")), user);
    db->url = make_url(host, port, database);
    enum db_tls asked = p->tls;
    if (asked == DB_TLS_DEFAULT)
        asked = tls_mode_parse(getenv("PGSSLMODE"));
    bool ok = tls_decide(asked, far, given(p->tls_ca, own_default(defaults, "sslrootcert")),
                         given(p->tls_cert, own_default(defaults, "sslcert")),
                         given(p->tls_key, own_default(defaults, "sslkey")), &db->tls, err);
    PQconninfoFree(defaults);
    return ok ? true : error_wrap(err, "cannot connect to %s", db->url);
}

/* The SQLSTATE that verbose messages carry: "FATAL:  28P01: …". libpq gives no other way to it for
 * a connection that failed. Returns where the words begin behind it, or NULL. */
static const char *find_sqlstate(const char *message, char ret[6])
{
    for (const char *at = message; (at = strstr(at, ":  ")); at += 3) {
        const char *state = at + 3;
        if (strspn(state, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 &&
            strncmp(state + 5, ": ", 2) == 0) {
            memcpy(ret, state, 5);
            ret[5] = '\0';
            return state + 7;
        }
    }
    return NULL;
}

/* One attempt's words: behind the last "… failed: " of the text, up to its first line's end. With
 * several addresses the last one stands for all. */
static char *last_words(const char *message)
{
    const char *from = message;
    for (const char *at = message; (at = strstr(at, " failed: ")); at += 9)
        from = at + 9;
    return xstrndup(from, strcspn(from, "\n"));
}

static bool refused(struct pg *pg, struct error *err)
{
    struct db *db = &pg->base;
    const char *message = PQerrorMessage(pg->conn);
    const char *words = find_sqlstate(message, db->problem.sqlstate);
    enum error_kind kind =
        words ? classify_sqlstate(db->problem.sqlstate) : classify_connect_text(message);
    AUTO(mem_free)
    char *reason =
        words ? xasprintf("%.*s (%s)", (int)strcspn(words, "\n"), words, db->problem.sqlstate)
              : last_words(message);
    return db_refused(db, kind, reason, err);
}

/* Drives the connection until it stands; each of the host's addresses gets the whole time. */
static bool establish(struct pg *pg, struct error *err)
{
    struct db *db = &pg->base;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    AUTO(mem_free) char *address = NULL;
    int64_t end = 0;
    while (status != PGRES_POLLING_OK) {
        if (status == PGRES_POLLING_FAILED || PQstatus(pg->conn) == CONNECTION_BAD)
            return refused(pg, err);
        if (!end || !str_equal(address, PQhostaddr(pg->conn))) {
            mem_free(address);
            address = xstrdup(PQhostaddr(pg->conn));
            end = db_now() + db->params.connect_timeout_ms;
        }
        int64_t left = end - db_now();
        short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!db_wait(db, PQsocket(pg->conn), events, left > 0 ? (int)left : 0)) {
            if (db->call.stop)
                return db_fail(db, ERR_UNAVAILABLE, err);
            AUTO(mem_free)
            char *why = xasprintf("no answer within %g s", db->params.connect_timeout_ms / 1000.0);
            return db_refused(db, ERR_UNAVAILABLE, why, err);
        }
        status = PQconnectPoll(pg->conn);
    }
    return true;
}

static bool attempt(struct pg *pg, const char *options, struct error *err)
{
    const struct db_params *p = &pg->base.params;
    AUTO(mem_free) char *port = p->port ? xasprintf("%u", p->port) : NULL;
    struct settings s = {0};
    add(&s, "host", p->host);
    add(&s, "port", port);
    add(&s, "dbname", p->database);
    add(&s, "user", p->user);
    add(&s, "password", p->password);
    add(&s, "application_name", p->application_name);
    add(&s, "client_encoding", "UTF8");
    add(&s, "sslmode", tls_mode_name(pg->base.tls.mode));
    add(&s, "sslrootcert", pg->base.tls.ca);
    add(&s, "sslcert", pg->base.tls.cert);
    add(&s, "sslkey", pg->base.tls.key);
    add(&s, "options", options);
    add(&s, "keepalives_idle", "30");
    add(&s, "keepalives_interval", "10");
    add(&s, "keepalives_count", "3");
    add(&s, "tcp_user_timeout", "60000");
    if (!db_begin(&pg->base, err))
        return false;
    pg->base.call.connecting = true;
    PQfinish(pg->conn);
    pg->conn = PQconnectStartParams(s.keys, s.values, 0);
    if (!pg->conn)
        return error_set(err, ERR_INTERNAL, "libpq gives no connection");
    PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(pg->conn, pg_notice, pg); /* a collation may be warned of at the start */
    return establish(pg, err);
}

/* A pooler refuses start-up parameters it does not know, an old server unknown settings (42704),
 * and another operating system a value other than 0 (22023). */
static bool is_about_options(const struct pg *pg)
{
    const char *state = pg->base.problem.sqlstate;
    return str_equal(state, "42704") || str_equal(state, "22023") ||
           strstr(PQerrorMessage(pg->conn), "unsupported startup parameter");
}

static void describe_tls(struct pg *pg)
{
    struct db *db = &pg->base;
    if (!PQsslInUse(pg->conn)) {
        db->tls_state = xstrdup("none");
        return;
    }
    db->tls_state = xasprintf("%s %s, %s", PQsslAttribute(pg->conn, "protocol"),
                              PQsslAttribute(pg->conn, "cipher"),
                              db->tls.mode == DB_TLS_VERIFY_FULL ? "verified" : "not verified");
}

static void learn(struct pg *pg)
{
    struct db *db = &pg->base;
    const char *version = PQparameterStatus(pg->conn, "server_version");
    int number = PQserverVersion(pg->conn);
    db->flavour = DB_IS_POSTGRES;
    db->version = version ? xstrndup(version, strcspn(version, " ")) : xstrdup("unknown");
    db->number = number > 0 ? (unsigned)number : 0;
    db->database = xstrdup(PQdb(pg->conn));
    db->user = xstrdup(PQuser(pg->conn));
    db->session = (unsigned)PQbackendPID(pg->conn);
    const char *host = PQhost(pg->conn);
    char **at = host && (host[0] == '/' || host[0] == '@') ? &db->socket : &db->host;
    *at = xstrdup(host);
    unsigned long long port = 0;
    db->port = str_to_uint(PQport(pg->conn), &port) ? (unsigned)port : 5432;
    free(db->url);
    db->url = make_url(host, PQport(pg->conn), db->database);
    describe_tls(pg);
}

bool pg_connect(struct pg *pg, struct error *err)
{
    if (!decide(pg, err))
        return false;
    const char *user_options = getenv("PGOPTIONS");
    AUTO(mem_free)
    char *options =
        xasprintf(CHECK_CLIENT "%s%s", user_options ? " " : "", user_options ? user_options : "");
    AUTO(error_free) struct error first = ERROR_INIT;
    bool ok = attempt(pg, options, &first);
    if (!ok && first.kind != ERR_INTERRUPTED && is_about_options(pg)) {
        log_debug("connecting again without session settings: %s", first.text);
        if (!attempt(pg, user_options, err))
            return false;
        ok = true;
    }
    if (!ok) {
        *err = first;
        first = (struct error)ERROR_INIT;
        return false;
    }
    PQsetErrorVerbosity(pg->conn, PQERRORS_DEFAULT);
    if (PQsetnonblocking(pg->conn, 1) != 0)
        return error_set(err, ERR_INTERNAL, "libpq cannot switch to non-blocking mode");
    learn(pg);
    return true;
}
