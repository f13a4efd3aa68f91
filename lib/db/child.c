#include "lib/db/child.h"

#include "lib/db/impl.h"

static void add(struct strlist *ret, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    AUTO(mem_free) char *text = xasprintf("%s=%s", name, value);
    strlist_add(ret, text);
}

static void add_number(struct strlist *ret, const char *name, unsigned number)
{
    AUTO(mem_free) char *text = xasprintf("%u", number);
    add(ret, name, text);
}

void db_child_environment(const struct db *db, struct strlist *ret)
{
    if (db->engine == DB_MYSQL) {
        /* ~/.mylogin.cnf is read even with --defaults-file */
        add(ret, "MYSQL_TEST_LOGIN_FILE", "/dev/null");
        return;
    }
    add(ret, "PGHOST", db->socket ? db->socket : db->host);
    add_number(ret, "PGPORT", db->port);
    add(ret, "PGDATABASE", db->database);
    add(ret, "PGUSER", db->user);
    add(ret, "PGPASSWORD", db->driver->password(db));
    add(ret, "PGAPPNAME", db->params.application_name);
    add_number(ret, "PGCONNECT_TIMEOUT", (db->params.connect_timeout_ms + 999) / 1000);
    add(ret, "PGSSLMODE", tls_mode_name(db->tls.mode));
    add(ret, "PGSSLROOTCERT", db->tls.ca);
    add(ret, "PGSSLCERT", db->tls.cert);
    add(ret, "PGSSLKEY", db->tls.key);
}

static void option(struct str *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    str_addf(out, "%s=\"", name);
    for (; *value; value++) {
        static const char from[] = "\\\"\n\r\t", to[] = "\\\"nrt";
        const char *special = NULL;
        for (size_t i = 0; from[i] && !special; i++)
            special = from[i] == *value ? &to[i] : NULL;
        if (special)
            str_addc(out, '\\');
        str_addc(out, special ? *special : *value);
    }
    str_add(out, "\"\n");
}

static void tls_files(const struct db *db, struct str *out)
{
    option(out, "ssl-ca", db->tls.ca);
    option(out, "ssl-cert", db->tls.cert);
    option(out, "ssl-key", db->tls.key);
}

static void tls_mysql(const struct db *db, struct str *out)
{
    static const char *const modes[] = {[DB_TLS_DISABLE] = "DISABLED",
                                        [DB_TLS_PREFER] = "PREFERRED",
                                        [DB_TLS_REQUIRE] = "REQUIRED",
                                        [DB_TLS_VERIFY_FULL] = "VERIFY_IDENTITY"};
    bool check_chain = db->tls.mode == DB_TLS_REQUIRE && db->tls.ca;
    option(out, "ssl-mode", check_chain ? "VERIFY_CA" : modes[db->tls.mode]);
    if (db->tls.mode != DB_TLS_DISABLE)
        tls_files(db, out);
}

static bool tls_mariadb(const struct db *db, struct str *out, struct error *err)
{
    switch (db->tls.mode) {
    case DB_TLS_VERIFY_FULL:
        str_add(out, "ssl\nssl-verify-server-cert\n");
        tls_files(db, out);
        return true;
    case DB_TLS_DEFAULT:
    case DB_TLS_DISABLE:
        str_add(out, "skip-ssl\n");
        return true;
    case DB_TLS_PREFER:
        str_add(out, "ssl\nskip-ssl-verify-server-cert\n");
        tls_files(db, out);
        return true;
    case DB_TLS_REQUIRE:
        break;
    }
    error_set(err, ERR_CONFIG,
              "MariaDB's programs cannot require TLS without verifying the server: they would go "
              "on in clear text");
    return error_hint(err, "set tls: verify-full with tls_ca for this target");
}

bool db_child_options(const struct db *db, const struct db_program *program, struct str *ret,
                      struct error *err)
{
    AUTO(str_free) struct str out = STR_INIT;
    str_add(&out, "[client]\n");
    option(&out, "user", db->user);
    option(&out, "password", db->driver->password(db));
    option(&out, "host", db->host);
    option(&out, "socket", db->socket);
    option(&out, "protocol", db->socket ? "SOCKET" : "TCP");
    if (db->host)
        str_addf(&out, "port=%u\n", db->port);
    str_add(&out, "loose-local-infile=0\ndefault-character-set=utf8mb4\n");
    if (!program->is_mariadb)
        tls_mysql(db, &out);
    else if (!tls_mariadb(db, &out, err))
        return false;
    str_addn(ret, out.ptr, out.len);
    return true;
}
