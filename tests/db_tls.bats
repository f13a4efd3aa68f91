#!/usr/bin/env bats
# TLS on real servers: who is believed, and what is refused.
# bats file_tags=postgres,mysql

load helpers/servers
load helpers/probe
load helpers/tls

setup_file() {
    # servers started by root run as somebody else, who must get there
    CERTS=$(mktemp -d "${TMPDIR:-/tmp}/dbc.XXXXXX")
    export CERTS
    chmod 755 "$CERTS"
    make_certificates "$CERTS"
    start_with_certificate server
}

teardown_file() {
    stop_servers
    rm -rf "$CERTS"
}

setup() {
    own_folder
}

# start_with_certificate NAME: all servers, showing $CERTS/NAME.pem.
start_with_certificate() {
    local name=$1 server
    [ "$(id -u)" != 0 ] || chown nobody "$CERTS/$name.key"
    start_server postgres --set ssl=on --set ssl_ca_file="$CERTS/ca.pem" \
        --set ssl_cert_file="$CERTS/$name.pem" --set ssl_key_file="$CERTS/$name.key"
    for server in mysql mariadb; do
        start_server "$server" --set ssl-ca="$CERTS/ca.pem" --set ssl-cert="$CERTS/$name.pem" \
            --set ssl-key="$CERTS/$name.key"
    done
}

@test "each mode connects as it says" {
    modes() {
        DB_TLS=disable run_probe 0 info tls
        [ "$output" = none ]
        for mode in prefer require; do
            DB_TLS=$mode run_probe 0 info tls
            [[ $output == 'TLSv1.'*', not verified' ]]
        done
        DB_TLS=verify-full DB_CA=$CERTS/ca.pem run_probe 0 info tls
        [[ $output == 'TLSv1.'*', verified' ]]
    }
    for_each modes
}

@test "on loopback TLS is preferred by default, and a far host is verified" {
    defaults() {
        run_probe 0 info tls
        [[ $output == *', not verified' ]]
        # 127.0.0.1 by an address that is not loopback to us; the system's CAs do not know ours
        DB_HOST=0.0.0.0 run_probe 77
        [[ $stderr == *'tls is '\''verify-full'\'' here'* ]]
        DB_HOST=0.0.0.0 DB_TLS=require run_probe 0 info tls
    }
    for_each defaults
}

@test "PostgreSQL: PGHOSTADDR does not make a far server pass for a near one" {
    on postgres
    # what libpq connects to is this address, whatever the name before it
    PGHOSTADDR=0.0.0.0 DB_HOST=localhost run_probe 77
    [[ $stderr == *'tls is '\''verify-full'\'' here'* ]]
    PGHOSTADDR=127.0.0.1 DB_HOST=localhost run_probe 0 info tls
    [[ $output == *', not verified' ]]
}

@test "a certificate of an unknown CA is refused" {
    unknown_ca() {
        DB_TLS=verify-full run_probe 77
        [[ $stderr == *certificate*'name the CA of the server'* ]]
        DB_TLS=verify-full DB_CA=$CERTS/other-ca.pem run_probe 77
        [[ $stderr == *certificate* ]]
    }
    for_each unknown_ca
}

@test "a client certificate logs in, and without it the server refuses" {
    on postgres
    query 'create role certy login'
    local hba
    hba=$(query 'show hba_file')
    sed -i '1i hostssl all certy 127.0.0.1/32 cert' "$hba"
    query 'select pg_reload_conf()'
    certificate() {
        unset DB_PASSWORD
        DB_USER=certy DB_TLS=verify-full DB_CA=$CERTS/ca.pem run_probe 77
        DB_USER=certy DB_TLS=verify-full DB_CA=$CERTS/ca.pem DB_CERT=$CERTS/certy.pem \
            DB_KEY=$CERTS/certy.key run_probe 0 info tls
        [[ $output == *', verified' ]]
    }
    certificate
    for server in mysql mariadb; do
        on "$server"
        query "create user certy@'%' require subject '/CN=certy'"
        query "grant all on *.* to certy@'%'"
        certificate
    done
}

@test "a key or CA that cannot be read is named before anything is sent" {
    missing() {
        DB_TLS=require DB_CA=/no/such/ca.pem run_probe 78
        [[ $stderr == *"cannot read tls_ca '/no/such/ca.pem': No such file or directory"* ]]
    }
    for_each missing
}

@test "child programs verify the server as we do" {
    on postgres
    DB_TLS=verify-full DB_CA=$CERTS/ca.pem probe child-environment x >variables
    mapfile -t vars <variables
    local sql='select ssl from pg_stat_ssl where pid = pg_backend_pid()'
    run -0 env "${vars[@]}" psql -X -At -c "$sql"
    [ "$output" = t ]
    run -2 env "${vars[@]}" PGSSLROOTCERT="$CERTS/other-ca.pem" psql -X -c 'select 1'
    child() {
        DB_TLS=verify-full DB_CA=$CERTS/ca.pem probe child-options "$1" >my.cnf
        run -0 "$2" --defaults-file="$PWD/my.cnf" -N -e "show status like 'ssl_version'"
        [[ $output == *TLSv1* ]]
        sed "s/ca.pem/other-ca.pem/" my.cnf >other.cnf
        run -1 "$2" --defaults-file="$PWD/other.cnf" -e 'select 1'
    }
    on mariadb
    child mariadb mariadb
    DB_TLS=require run_probe 78 child-options mariadb
    [[ $stderr == *'cannot require TLS without verifying'* ]]
    on mysql
    [[ $SERVER_VERSION != 9* ]] || child mysql "$TESTBED/mysql9/usr/bin/mysql"
}

@test "a server without TLS is refused where TLS is demanded" {
    stop_servers
    start_server postgres
    start_server mariadb
    without() {
        for mode in require verify-full; do
            DB_TLS=$mode DB_CA=$CERTS/ca.pem run_probe 77
            [[ $stderr == *'denied: cannot connect'*SSL* || $stderr == *'offers no TLS'* ]]
        done
        DB_TLS=prefer run_probe 0 info tls
        [ "$output" = none ]
    }
    for_each without postgres mariadb
}

@test "a certificate that is not for this host is refused, unless only TLS is required" {
    stop_servers
    start_with_certificate wrong
    wrong() {
        DB_TLS=verify-full DB_CA=$CERTS/ca.pem run_probe 77
        DB_TLS=verify-full DB_CA=$CERTS/ca.pem DB_HOST=localhost run_probe 77
        DB_TLS=require run_probe 0 info tls
    }
    for_each wrong
}
