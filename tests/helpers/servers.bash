# Real servers for a suite, private to its file.
# shellcheck shell=bash
#
#   load helpers/servers
#   setup_file()    { start_servers postgres mysql mariadb; }      # or: start_server NAME OPTION...
#   teardown_file() { stop_servers; }
#   @test "up applies a file" {
#       use_server postgres                  # or mysql, mariadb: what follows is about this one
#       new_database                         # $DATABASE, empty, of this test alone
#       config_for main migrations 'out_of_order: true'     # target "main" in ./dbops.yaml
#       run -0 --separate-stderr dbops migrate up
#       [ "$(query 'select count(*) from t')" = 3 ]          # columns: | on PostgreSQL, else a tab
#   }
#
# Names: postgres (15 with pgvector; $DBOPS_TEST_POSTGRES_BIN is another), mysql (9.7;
# $DBOPS_TEST_MYSQL_BIN is another), mariadb (the machine's); and fixed ones for tests that are
# about a version: pg15 pg17 pg18 mysql9 mysql80. start_server takes options of `sandbox run`,
# such as --set log_statement=all. A suite that uses PostgreSQL or MySQL says so with
# `# bats file_tags=postgres,mysql`, and then also runs on the other versions.
#
# use_server sets SERVER_ENGINE (postgres or mysql, as in dbops.yaml), SERVER_FLAVOUR (postgres,
# mysql, mariadb), SERVER_VERSION, SERVER_SOCKET (PostgreSQL: folder), SERVER_PORT (on 127.0.0.1),
# SERVER_USER, SERVER_PASSWORD (for 127.0.0.1; the socket needs none), SERVER_DIR, SERVER_BIN, and
# DATABASE. More: query_on DATABASE SQL, server_pid, server_log, client DATABASE ARGUMENT...
# (psql or mariadb, connected).

load "$(dirname "${BASH_SOURCE[0]}")/common.bash"

TESTBED=${DBOPS_TESTBED:-$HOME/.cache/dbops/testbed}

# The words for `sandbox run` that choose this server.
server_options() {
    local bin=
    case $1 in
    postgres) bin=${DBOPS_TEST_POSTGRES_BIN:-$TESTBED/pg15v/usr/lib/postgresql/15/bin} ;;
    pg15) bin=$TESTBED/pg15v/usr/lib/postgresql/15/bin ;;
    pg17 | pg18) bin=$TESTBED/$1/usr/lib/postgresql/${1#pg}/bin ;;
    mysql) bin=${DBOPS_TEST_MYSQL_BIN:-$TESTBED/mysql9/usr/sbin} ;;
    mysql9) bin=$TESTBED/mysql9/usr/sbin ;;
    mysql80) bin=$TESTBED/mysql80/bin ;;
    mariadb) ;;
    *)
        echo "no such server: '$1'" >&2
        return 1
        ;;
    esac
    case $1 in
    pg* | postgres) echo "--engine=postgres --bin=$(readlink -f "$bin")" ;;
    mysql*) echo "--engine=mysql --bin=$(readlink -f "$bin")" ;;
    mariadb) echo "--engine=mariadb" ;;
    esac
}

# Launches without waiting. The server goes when stop_server ends dbops, or with the suite: tail
# watches the shell that runs the file.
launch_server() {
    local name=$1 dir=$BATS_FILE_TMPDIR/servers/$1 options
    shift
    options=$(server_options "$name") || return
    rm -rf "$dir"
    mkdir -p "$dir"
    # shellcheck disable=SC2016,SC2086 # the inner shell expands; a list of words
    "$DBOPS" sandbox run -v --tcp $options "$@" -- bash -c '
        for name in ${!DBOPS_SANDBOX_@}; do
            [ "$name" = DBOPS_SANDBOX_HOST ] || printf "%s=%q\n" "$name" "${!name}"
        done >"$1/env.new"
        mv "$1/env.new" "$1/env"
        exec tail --pid="$2" -f /dev/null' bash "$dir" "$$" \
        </dev/null >"$dir/log" 2>&1 3>&- &
    echo $! >"$dir/pid"
    echo "${options#*--bin=}" >"$dir/bin"
}

await_server() {
    local dir=$BATS_FILE_TMPDIR/servers/$1 i
    for ((i = 0; i < 1800; i++)); do
        [ ! -e "$dir/env" ] || return 0
        kill -0 "$(cat "$dir/pid")" 2>/dev/null || break
        sleep 0.05
    done
    [ -e "$dir/env" ] || {
        echo "the server '$1' did not start:" >&2
        cat "$dir/log" >&2
        return 1
    }
}

start_server() {
    launch_server "$@" && await_server "$1"
}

start_servers() {
    local name
    for name; do
        launch_server "$name" || return
    done
    for name; do
        await_server "$name" || return
    done
}

# Fails when dbops did not end as it should or left something behind.
stop_server() {
    local dir=$BATS_FILE_TMPDIR/servers/$1 pid status=0 DBOPS_SANDBOX_DIR=
    [ -e "$dir/pid" ] || return 0
    pid=$(cat "$dir/pid")
    # shellcheck disable=SC1091 # made by launch_server
    [ ! -e "$dir/env" ] || . "$dir/env"
    kill -TERM "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || status=$?
    # 127: another shell's child
    [ "$status" != 127 ] || wait_until 20 eval "! kill -0 $pid 2>/dev/null" || status=1
    rm -f "$dir/pid" "$dir/env"
    case $status in
    127 | 143) [ ! -e "$DBOPS_SANDBOX_DIR" ] && return ;;
    esac
    echo "the server '$1' was not stopped well: status $status" >&2
    cat "$dir/log" >&2
    return 1
}

stop_servers() {
    local dir failed=0
    for dir in "$BATS_FILE_TMPDIR"/servers/*; do
        [ ! -e "$dir/pid" ] || stop_server "$(basename "$dir")" || failed=1
    done
    return "$failed"
}

use_server() {
    local dir=$BATS_FILE_TMPDIR/servers/$1
    local DBOPS_SANDBOX_ENGINE DBOPS_SANDBOX_VERSION DBOPS_SANDBOX_SOCKET DBOPS_SANDBOX_PORT \
        DBOPS_SANDBOX_USER DBOPS_SANDBOX_PASSWORD DBOPS_SANDBOX_DIR DBOPS_SANDBOX_DATABASE
    [ -e "$dir/env" ] || {
        echo "the server '$1' does not run" >&2
        return 1
    }
    # shellcheck disable=SC1091 # made by launch_server
    . "$dir/env"
    SERVER_FLAVOUR=$DBOPS_SANDBOX_ENGINE
    SERVER_ENGINE=${DBOPS_SANDBOX_ENGINE/mariadb/mysql}
    SERVER_VERSION=$DBOPS_SANDBOX_VERSION
    SERVER_SOCKET=$DBOPS_SANDBOX_SOCKET
    SERVER_PORT=$DBOPS_SANDBOX_PORT
    SERVER_USER=$DBOPS_SANDBOX_USER
    SERVER_PASSWORD=$DBOPS_SANDBOX_PASSWORD
    SERVER_DIR=$DBOPS_SANDBOX_DIR
    SERVER_BIN=$(cat "$dir/bin")
    DATABASE=$DBOPS_SANDBOX_DATABASE
    export SERVER_FLAVOUR SERVER_ENGINE SERVER_VERSION SERVER_SOCKET SERVER_PORT SERVER_USER \
        SERVER_PASSWORD SERVER_DIR SERVER_BIN DATABASE
}

# client DATABASE ARGUMENT...: psql or mariadb on the server in use, as its superuser.
client() {
    local database=$1
    shift
    if [ "$SERVER_ENGINE" = postgres ]; then
        PGHOST=$SERVER_SOCKET PGPORT=$SERVER_PORT PGUSER=$SERVER_USER PGDATABASE=$database \
            psql -X -q -v ON_ERROR_STOP=1 "$@"
    else
        mariadb --no-defaults --user="$SERVER_USER" --socket="$SERVER_SOCKET" \
            --default-character-set=utf8mb4 "$@" "$database"
    fi
}

query_on() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        client "$1" -A -t -c "$2"
    else
        client "$1" --batch --skip-column-names --execute="$2"
    fi
}

query() {
    query_on "$DATABASE" "$1"
}

# new_database [NAME]: makes an empty database; it becomes $DATABASE.
new_database() {
    local name=${1:-t${BATS_TEST_NUMBER}_$((databases_made += 1))}
    if [ "$SERVER_ENGINE" = postgres ]; then
        query_on postgres "create database \"$name\""
    else
        query_on mysql "create database \`$name\`"
    fi
    DATABASE=$name
}

server_pid() {
    cut -d ' ' -f 1 "$SERVER_DIR/server"
}

server_log() {
    cat "$SERVER_DIR/log"
}

# config_for TARGET LOCATIONS [LINE...]: adds a target for $DATABASE to ./dbops.yaml, over the
# socket, or over TCP with CONFIG_TCP=1. LOCATIONS are separated by commas and may be empty. A LINE
# is one of the section migrate, or with "target." in front one of the target itself.
config_for() {
    local target=$1 locations=$2 line
    shift 2
    [ -e dbops.yaml ] || printf 'version: 1\ntargets:\n' >dbops.yaml
    {
        printf '  %s:\n    engine: %s\n    database: "%s"\n    user: %s\n' \
            "$target" "$SERVER_ENGINE" "$DATABASE" "$SERVER_USER"
        if [ "${CONFIG_TCP:-}" = 1 ]; then
            printf '    host: 127.0.0.1\n    port: %s\n    password: "%s"\n' \
                "$SERVER_PORT" "$SERVER_PASSWORD"
        else
            printf '    host: %s\n' "$SERVER_SOCKET"
            [ "$SERVER_ENGINE" != postgres ] || printf '    port: %s\n' "$SERVER_PORT"
        fi
        for line; do
            [[ $line != target.* ]] || printf '    %s\n' "${line#target.}"
        done
        printf '    migrate:\n      locations: [%s]\n' "$locations"
        for line; do
            [[ $line == target.* ]] || printf '      %s\n' "$line"
        done
    } >>dbops.yaml
}
