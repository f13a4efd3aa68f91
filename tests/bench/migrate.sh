#!/bin/bash
# migrate.sh [PART...]: what dbops migrate costs beside the servers' own clients, on private servers
# with durability off, but for up-durable. PART: info up up-durable many copy (default: all of
# them). RUNS=1 is a quick look; FILES and COPY_MIB make it smaller.
set -euo pipefail
# shellcheck source=tests/bench/lib.bash
. "$(dirname "$(readlink -f "$0")")/lib.bash"
FILES=${FILES:-2000} COPY_MIB=${COPY_MIB:-1024} databases=0

# config ENGINE [KEY: VALUE...]: ./dbops.yaml for the sandbox's server and ./migrations.
config() {
    cat >dbops.yaml <<-END
		version: 1
		targets:
		  main:
		    engine: $1
		    host: $DBOPS_SANDBOX_SOCKET
		    user: $DBOPS_SANDBOX_USER
		    database: \${PGDATABASE:-$DBOPS_SANDBOX_DATABASE}
		    migrate: {locations: [migrations]${2:+, $2}}
	END
}

# write_files N: as many migrations of one statement.
write_files() {
    rm -rf migrations
    mkdir migrations
    awk -v n="$1" 'BEGIN {
        for (i = 1; i <= n; i++) {
            file = "migrations/V" i "__table_" i ".sql"
            printf "create table t%d (id int primary key, name text);\n", i >file
            close(file)
        }
    }'
}

# A new database, and no checkpoint of the server's left to do. The old one stays: ext4 is slow to
# give out inodes within seconds of a great drop.
fresh_database() {
    databases=$((databases + 1))
    export PGDATABASE=bench_$databases
    "$CLIENT" -Xqd postgres -v ON_ERROR_STOP=1 -c "create database $PGDATABASE" -c checkpoint
}

mib() {
    awk "BEGIN { printf \"%.1f\", $1 / 1024 }"
}

info() {
    measure "$DBOPS" migrate info
}

select_1() {
    measure "$CLIENT" "${CLIENT_WORDS[@]}" 'select 1'
}

# Nothing to do: connect, look, print.
bench_info() {
    write_files 10
    config "$DBOPS_SANDBOX_ENGINE"
    CLIENT_WORDS=(-N -e)
    case $DBOPS_SANDBOX_ENGINE in
    postgres) CLIENT_WORDS=(-XAtc) ;;
    *) config mysql ;;
    esac
    "$DBOPS" -q migrate up >/dev/null
    race info select_1
    result "info, against 'select 1' of $ABOUT, ms" "$A_WALL" "$B_WALL" difference 20
    result "  CPU, ms" "$A_CPU" "$B_CPU" difference -
    result "  peak memory, MiB" "$(mib "$A_PEAK")" "$(mib "$B_PEAK")" alone 16
}

up() {
    fresh_database
    measure "$DBOPS" -q migrate up
}

psql_script() {
    fresh_database
    measure "$CLIENT" -Xqf script.sql -v ON_ERROR_STOP=1
}

# One psql session does the same: what --dry-run prints, without the reset of the session before
# each file, so that a file is BEGIN, its statement, its row, COMMIT: four messages.
bench_up() {
    write_files "$FILES"
    config postgres
    fresh_database
    "$DBOPS" -n migrate up | sed 's/^BEGIN; SET .*/BEGIN;/' >script.sql
    race up psql_script
    result "$FILES files, $ABOUT, ms" "$A_WALL" "$B_WALL" ratio 1.0
    result "  CPU, ms" "$A_CPU" "$B_CPU" ratio -
    result "  peak memory, MiB" "$(mib "$A_PEAK")" "$(mib "$B_PEAK")" alone 16
}

# 10,000 files: none applied, and all of them.
bench_many() {
    write_files 10000
    config postgres 'skip_executing: true'
    local what
    for what in pending applied; do
        [ "$what" = pending ] || "$DBOPS" -q migrate up >/dev/null
        race info :
        result "info of 10,000 files, all $what, ms" "$A_WALL" - alone 300
        result "  CPU, ms" "$A_CPU" - alone -
        result "  peak memory, MiB" "$(mib "$A_PEAK")" - alone -
    done
}

copy_up() {
    fresh_database
    measure "$DBOPS" -q migrate up
}

copy_psql() {
    fresh_database
    measure "$CLIENT" -Xqf migrations/V1__rows.sql -v ON_ERROR_STOP=1
}

# The server parses every row and keeps none, so that the way there is what is measured.
bench_copy() {
    rm -rf migrations
    mkdir migrations
    awk 'BEGIN { for (i = 0; i < 16384; i++) printf "%d\t%054d\n", 10000000 + i, i }' >block
    {
        echo 'create table rows_of_data (id bigint, text text);'
        echo 'copy rows_of_data from stdin where false;'
        local i
        for ((i = 0; i < COPY_MIB; i++)); do
            cat block
        done
        echo '\.'
    } >migrations/V1__rows.sql
    config postgres
    race copy_up copy_psql
    result "COPY of $COPY_MIB MiB, against psql -f, ms" "$A_WALL" "$B_WALL" ratio -
    result "  CPU, ms" "$A_CPU" "$B_CPU" ratio -
    result "  peak memory, MiB" "$(mib "$A_PEAK")" "$(mib "$B_PEAK")" alone 32
    rm -r migrations
}

# on SERVER PART OPTION...: the part inside of a sandbox.
on() {
    local server=$1 part=$2 engine bin
    shift 2
    case $server in
    PostgreSQL*) engine=postgres bin=$TESTBED/pg15v/usr/lib/postgresql/15/bin ;;
    MySQL*) engine=mysql bin=$TESTBED/mysql9/usr/sbin ;;
    MariaDB*) engine=mariadb bin= ;;
    esac
    case $engine in
    postgres) CLIENT=$bin/psql ;;
    mysql) CLIENT=$TESTBED/mysql9/usr/bin/mysql ;;
    mariadb) CLIENT=$(readlink -f "$(command -v mariadb)") ;;
    esac
    ABOUT=$server CLIENT=$CLIENT "$DBOPS" -q sandbox run --engine "$engine" ${bin:+--bin "$bin"} \
        "$@" -- "$SELF" --inside "$part"
}

run_part() {
    local server
    case $1 in
    info)
        for server in 'PostgreSQL 15' 'MySQL 9' MariaDB; do
            on "$server" info
        done
        ;;
    up) on 'PostgreSQL 15' up ;;
    up-durable)
        on 'PostgreSQL 15, durable' up --set fsync=on --set synchronous_commit=on \
            --set full_page_writes=on
        ;;
    many | copy) on 'PostgreSQL 15' "$1" ;;
    *)
        echo "no such part: '$1'" >&2
        exit 64
        ;;
    esac
}

SELF=$(readlink -f "$0")
if [ "${1:-}" = --inside ]; then
    cd "$TMPDIR"
    "bench_$2"
    exit
fi

# In memory where there is room, but for what is about disks: a shared disk would be what is
# measured.
folder_for() {
    local disk=${TMPDIR:-/tmp} free
    free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
    case $1 in
    up-durable | copy) echo "$disk" ;;
    *) if [ "${free:-0}" -gt 4000000 ]; then echo /dev/shm; else echo "$disk"; fi ;;
    esac
}

own=
trap 'rm -rf "$own"' EXIT
[ $# -gt 0 ] || set -- info up up-durable many copy
header
for part; do
    own=$(mktemp -d "$(folder_for "$part")/dbench.XXXXXX")
    chmod 1777 "$own" # the servers' user makes its folder there
    TMPDIR=$own run_part "$part"
    rm -rf "$own"
done
