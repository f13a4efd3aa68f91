#!/bin/bash
# demo.sh: the main job on real servers. Starts a private PostgreSQL 15 with pgvector and a private
# MySQL, applies to each the migrations of a real system, and shows what dbops says about it.
# Nothing is left when it ends.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
dbops=${DBOPS:-$PWD/build/release/dbops}

say() {
    printf '\n\033[1m%s\033[0m\n' "$1" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi
}

show() {
    say "\$ dbops $*"
    "$dbops" "$@"
}

# Inside a sandbox: the job itself, on the server that dbops started for us.
if [ "${1:-}" = --inside ]; then
    export POSTGRES_HOST=$DBOPS_SANDBOX_HOST POSTGRES_PORT=$DBOPS_SANDBOX_PORT \
        POSTGRES_USER=$DBOPS_SANDBOX_USER POSTGRES_DB=$DBOPS_SANDBOX_DATABASE \
        MYSQL_HOST=$DBOPS_SANDBOX_HOST MYSQL_USER=$DBOPS_SANDBOX_USER \
        MYSQL_DATABASE=$DBOPS_SANDBOX_DATABASE
    config=examples/$2/dbops.yaml
    show -c "$config" migrate up
    show -c "$config" migrate info
    say "Once more: there is nothing left to do."
    show -c "$config" migrate up
    show -c "$config" migrate validate
    exit
fi

testbed=$(scripts/deps.sh --print)
say "1. A recommendation system, on a private PostgreSQL 15 with pgvector"
"$dbops" sandbox run --engine postgres --bin "$testbed/pg15v/usr/lib/postgresql/15/bin" \
    --database recommend -- "$0" --inside recommend
say "2. An ETL framework with monthly partitions, on a private MySQL 9.7"
"$dbops" sandbox run --engine mysql --bin "$testbed/mysql9/usr/sbin" \
    --database etl_framework -- "$0" --inside etl-framework
say "Both servers are gone. Next: README.md, and 'build/release/dbops --help'."
