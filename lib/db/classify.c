/* What the servers' codes mean for the caller: whether a retry can help, and who must act. */
#include <stdlib.h>
#include <string.h>

#include "lib/db/impl.h"

struct state_row {
    const char *prefix; /* of the SQLSTATE; the longest one that fits counts */
    enum error_kind kind;
};

/* PostgreSQL's appendix A, and what MySQL shares of it. Everything else is ERR_DATA. */
static const struct state_row states[] = {
    {"08", ERR_UNAVAILABLE}, /* connection exception */
    {"08P01", ERR_DATA},     /* protocol violation */
    {"0LP01", ERR_DENIED},   /* invalid grant operation */
    {"25006", ERR_DENIED}, /* read-only transaction: a standby, or default_transaction_read_only */
    {"25P03", ERR_UNAVAILABLE}, /* idle_in_transaction_session_timeout: the session is gone */
    {"25P04", ERR_BUSY},        /* transaction_timeout */
    {"28", ERR_DENIED},         /* login */
    {"3D000", ERR_CONFIG},      /* no such database */
    {"40", ERR_BUSY},           /* rollback: serialization, deadlock */
    {"40002", ERR_DATA},        /* … because of an integrity constraint */
    {"40003", ERR_UNAVAILABLE}, /* statement completion unknown */
    {"42501", ERR_DENIED},      /* insufficient privilege */
    {"53", ERR_BUSY},           /* insufficient resources: too many connections, … */
    {"53100", ERR_IO},          /* disk full */
    {"53200", ERR_IO},          /* out of memory */
    {"55006", ERR_BUSY},        /* object in use */
    {"55P03", ERR_BUSY},        /* lock not available: lock_timeout */
    {"57014", ERR_BUSY},        /* query cancelled: statement_timeout, or somebody else */
    {"57P", ERR_UNAVAILABLE},   /* shut down, crash, not yet accepting connections */
    {"57P04", ERR_CONFIG},      /* database dropped */
    {"57P05", ERR_UNAVAILABLE}, /* idle_session_timeout */
    {"58", ERR_IO},             /* system error, I/O error */
    {"XX001", ERR_IO},          /* data corrupted */
    {"XX002", ERR_IO},          /* index corrupted */
};

struct number_row {
    unsigned number;
    enum error_kind kind;
};

/* By number, because MySQL says HY000 for most. Sorted. Everything else is ERR_DATA. */
static const struct number_row numbers[] = {
    {1020, ERR_BUSY},        /* record has changed since last read */
    {1021, ERR_IO},          /* disk full */
    {1026, ERR_IO},          /* error writing file */
    {1037, ERR_IO},          /* out of memory */
    {1038, ERR_IO},          /* out of sort memory */
    {1040, ERR_BUSY},        /* too many connections */
    {1041, ERR_IO},          /* out of resources */
    {1042, ERR_UNAVAILABLE}, /* bad host */
    {1043, ERR_UNAVAILABLE}, /* bad handshake */
    {1044, ERR_DENIED},      /* access denied to the database */
    {1045, ERR_DENIED},      /* access denied: login */
    {1049, ERR_CONFIG},      /* unknown database */
    {1053, ERR_UNAVAILABLE}, /* shutdown in progress */
    {1077, ERR_UNAVAILABLE}, /* normal shutdown */
    {1079, ERR_UNAVAILABLE}, /* shutdown complete */
    {1080, ERR_UNAVAILABLE}, /* forcing close of the thread */
    {1114, ERR_IO},          /* table is full */
    {1129, ERR_DENIED},      /* host is blocked */
    {1130, ERR_DENIED},      /* host is not privileged */
    {1142, ERR_DENIED},      /* command denied */
    {1143, ERR_DENIED},      /* column denied */
    {1152, ERR_UNAVAILABLE}, /* aborting connection */
    {1156, ERR_UNAVAILABLE}, /* network: packets out of order */
    {1157, ERR_UNAVAILABLE}, /* network: cannot uncompress */
    {1158, ERR_UNAVAILABLE}, /* network: read */
    {1159, ERR_UNAVAILABLE}, /* network: read interrupted */
    {1160, ERR_UNAVAILABLE}, /* network: write */
    {1161, ERR_UNAVAILABLE}, /* network: write interrupted */
    {1203, ERR_BUSY},        /* max_user_connections */
    {1205, ERR_BUSY},        /* lock wait timeout */
    {1206, ERR_BUSY},        /* lock table full */
    {1213, ERR_BUSY},        /* deadlock */
    {1226, ERR_BUSY},        /* a limit of the account */
    {1227, ERR_DENIED},      /* needs a privilege */
    {1251, ERR_DENIED},      /* authentication protocol not supported */
    {1290, ERR_DENIED},      /* --read-only, --secure-file-priv, … forbids it */
    {1317, ERR_BUSY},        /* query interrupted: KILL QUERY by somebody */
    {1370, ERR_DENIED},      /* routine denied */
    {1396, ERR_DENIED},      /* CREATE USER, DROP USER failed */
    {1410, ERR_DENIED},      /* not allowed to GRANT */
    {1419, ERR_DENIED},      /* SUPER for triggers while the binary log is on */
    {1614, ERR_BUSY},        /* XA: deadlock */
    {1698, ERR_DENIED},      /* access denied without a password */
    {1792, ERR_DENIED},      /* read-only transaction */
    {1820, ERR_DENIED},      /* password must be changed */
    {1836, ERR_DENIED},      /* read-only mode */
    {1862, ERR_DENIED},      /* password expired */
    {1873, ERR_DENIED},      /* access denied, changing user */
    {1874, ERR_DENIED},      /* InnoDB is read-only */
    {1927, ERR_UNAVAILABLE}, /* MariaDB: connection killed */
    {1969, ERR_BUSY},        /* MariaDB: max_statement_time */
    {2002, ERR_UNAVAILABLE}, /* from 2000 on the client's own: cannot connect, socket */
    {2003, ERR_UNAVAILABLE}, /* cannot connect, TCP */
    {2005, ERR_UNAVAILABLE}, /* unknown host */
    {2006, ERR_UNAVAILABLE}, /* server has gone away */
    {2008, ERR_IO},          /* out of memory */
    {2012, ERR_UNAVAILABLE}, /* error in the handshake */
    {2013, ERR_UNAVAILABLE}, /* connection lost */
    {2014, ERR_UNAVAILABLE}, /* the server's answers do not fit */
    {2026, ERR_DENIED},      /* TLS refused */
    {2027, ERR_UNAVAILABLE}, /* malformed packet */
    {2054, ERR_DENIED},      /* plugin not allowed */
    {2055, ERR_UNAVAILABLE}, /* connection lost at … */
    {2058, ERR_DENIED},      /* plugin not loaded */
    {2059, ERR_DENIED},      /* authentication plugin cannot be loaded */
    {2061, ERR_DENIED},      /* authentication plugin failed */
    {2068, ERR_DENIED},      /* LOAD DATA LOCAL refused by us */
    {3024, ERR_BUSY},        /* max_execution_time */
    {3100, ERR_BUSY},        /* group replication refused the commit */
    {3118, ERR_DENIED},      /* account locked */
    {3159, ERR_DENIED},      /* server wants TLS */
    {3168, ERR_UNAVAILABLE}, /* server is not available */
    {3169, ERR_UNAVAILABLE}, /* session was killed */
    {3572, ERR_BUSY},        /* NOWAIT */
    {3675, ERR_IO},          /* tablespace cannot be made: disk full */
    {3955, ERR_DENIED},      /* too many failed logins */
    {4031, ERR_UNAVAILABLE}, /* disconnected for inactivity */
    {4151, ERR_DENIED},      /* MariaDB: account locked */
    {5010, ERR_DENIED},      /* from 5000 on the client's own: plugin not allowed by us */
    {5012, ERR_DENIED},      /* plugin cannot be loaded */
    {5013, ERR_UNAVAILABLE}, /* network: read */
    {5014, ERR_UNAVAILABLE}, /* network: write */
};

enum error_kind classify_sqlstate(const char *sqlstate)
{
    enum error_kind kind = ERR_DATA;
    size_t best = 0;
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        size_t len = strlen(states[i].prefix);
        if (len > best && strncmp(sqlstate, states[i].prefix, len) == 0) {
            best = len;
            kind = states[i].kind;
        }
    }
    return kind;
}

static int by_number(const void *key, const void *row)
{
    unsigned want = *(const unsigned *)key, have = ((const struct number_row *)row)->number;
    return want < have ? -1 : want > have;
}

enum error_kind classify_number(unsigned number)
{
    const struct number_row *row =
        bsearch(&number, numbers, ARRAY_LEN(numbers), sizeof numbers[0], by_number);
    return row ? row->kind : ERR_DATA;
}

/* Words of libpq's own messages; the first that is found counts. */
enum error_kind classify_connect_text(const char *message)
{
    static const struct {
        const char *words;
        enum error_kind kind;
    } rows[] = {
        {"SSL SYSCALL", ERR_UNAVAILABLE},
        {"closed unexpectedly", ERR_UNAVAILABLE},
        {"closed the connection", ERR_UNAVAILABLE},
        {"expected authentication request", ERR_UNAVAILABLE}, /* not a PostgreSQL server */
        {"received invalid", ERR_UNAVAILABLE},
        {"lost synchronization", ERR_UNAVAILABLE},
        {"definition of service", ERR_CONFIG},
        {"service file", ERR_CONFIG},
        {"private key file", ERR_CONFIG},
        {"could not load", ERR_CONFIG},
        {"SSL", ERR_DENIED},
        {"certificate", ERR_DENIED},
        {"no password supplied", ERR_DENIED},
        {"authentication", ERR_DENIED},
        {"SCRAM", ERR_DENIED},
        {"invalid ", ERR_CONFIG},
        {"does not support", ERR_DENIED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strstr(message, rows[i].words))
            return rows[i].kind;
    return ERR_UNAVAILABLE;
}
