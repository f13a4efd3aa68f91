/* The rules of TLS, in one place for both drivers and for child programs. */
#ifndef DBOPS_DB_TLS_H
#define DBOPS_DB_TLS_H

#include "lib/db/db.h"

/* Decided: mode is never DB_TLS_DEFAULT; ca is set whenever mode is DB_TLS_VERIFY_FULL. */
struct tls {
    enum db_tls mode;
    char *ca, *cert, *key; /* NULL: none */
};

/* True for a socket (NULL, "" or a path) and for a loopback address: nobody can stand between. */
bool tls_is_local(const char *host);

/* What `asked` means for this host. */
enum db_tls tls_mode(enum db_tls asked, const char *host);

/* Decides mode and files; ERR_CONFIG when a file that is named cannot be read, or verify-full finds
 * no CA at all. host is where the connection really goes. */
bool tls_decide(enum db_tls asked, const char *host, const char *ca, const char *cert,
                const char *key, struct tls *ret, struct error *err) MUST_CHECK;

/* "verify-full", "require", …: the words of the configuration and of libpq's sslmode. */
const char *tls_mode_name(enum db_tls mode);

/* The other way round, knowing libpq's "allow" and "verify-ca" too, each taken as the next stricter
 * mode of ours. DB_TLS_DEFAULT for anything else. */
enum db_tls tls_mode_parse(const char *name);

void tls_free(struct tls *tls);
AUTO_VALUE(tls_free, struct tls)

#endif
