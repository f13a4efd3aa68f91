# The small client of lib/db (tests/probe/db_probe.c) on the server in use.  shellcheck shell=bash
#
#   probe VERB ARGUMENT...     over TCP, as the server's superuser, in $DATABASE; DB_* in front
#                              changes what it connects with: DB_TLS=require probe info tls
#   run_probe CODE VERB ...    the same under `run -CODE --separate-stderr`
#   for_each FUNCTION [SERVER...]  calls it on each of the servers (postgres, mysql, mariadb)

PROBE=$(dirname "$DBOPS")/tests/db_probe
export PROBE

set_probe() {
    unset DB_MYSQL
    [ "$SERVER_ENGINE" = postgres ] || export DB_MYSQL=1
    export DB_HOST=127.0.0.1 DB_PORT=$SERVER_PORT DB_USER=$SERVER_USER \
        DB_PASSWORD=$SERVER_PASSWORD DB_NAME=$DATABASE
}

# on SERVER: what follows is about this server, in a new database.
on() {
    use_server "$1"
    new_database
    set_probe
}

probe() {
    "$PROBE" "$@"
}

run_probe() {
    run "-$1" --separate-stderr "$PROBE" "${@:2}"
}

# Not behind || or && or in an if: there bash would not stop at what fails in the function, which
# finds a new database and its folder empty.
for_each() {
    local server test=$1
    shift
    [ "$#" -gt 0 ] || set -- postgres mysql mariadb
    for server; do
        echo "on $server:"
        on "$server"
        rm -f ./*
        "$test"
    done
}
