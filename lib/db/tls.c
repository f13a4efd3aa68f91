#include "lib/db/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const mode_names[] = {
    [DB_TLS_DEFAULT] = "default", [DB_TLS_DISABLE] = "disable",         [DB_TLS_PREFER] = "prefer",
    [DB_TLS_REQUIRE] = "require", [DB_TLS_VERIFY_FULL] = "verify-full",
};

/* The system's bundle on Debian, Fedora, SUSE, Alpine. libpq before 16 knows no
 * sslrootcert=system and Connector/C before 3.4 has no default, so the path is ours to find. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

static bool local_one(const char *host, size_t len)
{
    if (!len || host[0] == '/' || host[0] == '@')
        return true;
    AUTO(mem_free) char *name = xstrndup(host, len);
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, name, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, name, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    return str_equal_nocase(name, "localhost");
}

bool tls_is_local(const char *host)
{
    if (!host)
        return true;
    /* libpq takes a list; one far host makes the whole list far */
    for (const char *at = host;; at++) {
        size_t len = strcspn(at, ",");
        if (!local_one(at, len))
            return false;
        at += len;
        if (!*at)
            return true;
    }
}

enum db_tls tls_mode(enum db_tls asked, const char *host)
{
    if (asked != DB_TLS_DEFAULT)
        return asked;
    return tls_is_local(host) ? DB_TLS_PREFER : DB_TLS_VERIFY_FULL;
}

static const char *system_bundle(void)
{
    const char *named = getenv("SSL_CERT_FILE");
    if (named && *named)
        return named;
    for (size_t i = 0; i < ARRAY_LEN(bundles); i++)
        if (access(bundles[i], R_OK) == 0)
            return bundles[i];
    return NULL;
}

static bool take_file(const char *what, const char *path, char **ret, struct error *err)
{
    if (!path || !*path)
        return true;
    if (access(path, R_OK) != 0)
        return error_set(err, ERR_CONFIG, "cannot read %s '%s': %s", what, path, strerror(errno));
    *ret = xstrdup(path);
    return true;
}

bool tls_decide(enum db_tls asked, const char *host, const char *ca, const char *cert,
                const char *key, struct tls *ret, struct error *err)
{
    AUTO(tls_free) struct tls tls = {.mode = tls_mode(asked, host)};
    if (tls.mode != DB_TLS_DISABLE &&
        (!take_file("tls_ca", ca, &tls.ca, err) || !take_file("tls_cert", cert, &tls.cert, err) ||
         !take_file("tls_key", key, &tls.key, err)))
        return false;
    if (tls.mode == DB_TLS_VERIFY_FULL && !tls.ca) {
        const char *bundle = system_bundle();
        if (!bundle) {
            error_set(err, ERR_CONFIG, "tls: verify-full, but this machine has no CA certificates");
            return error_hint(err, "install the package ca-certificates, or set tls_ca to the "
                                   "file of the CA that signed the server's certificate");
        }
        if (!take_file("the CA certificates", bundle, &tls.ca, err))
            return false;
    }
    *ret = tls;
    tls = (struct tls){0};
    return true;
}

const char *tls_mode_name(enum db_tls mode)
{
    return mode_names[mode];
}

enum db_tls tls_mode_parse(const char *name)
{
    if (!name)
        return DB_TLS_DEFAULT;
    if (str_equal(name, "allow"))
        return DB_TLS_PREFER;
    if (str_equal(name, "verify-ca"))
        return DB_TLS_VERIFY_FULL;
    for (size_t i = DB_TLS_DISABLE; i < ARRAY_LEN(mode_names); i++)
        if (str_equal(name, mode_names[i]))
            return (enum db_tls)i;
    return DB_TLS_DEFAULT;
}

void tls_free(struct tls *tls)
{
    free(tls->ca);
    free(tls->cert);
    free(tls->key);
    *tls = (struct tls){0};
}
