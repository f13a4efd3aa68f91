# What every suite needs. `load helpers/common` (helpers/servers does it too).
# shellcheck shell=bash
#
#   dbops ARGUMENT...             the program under test: $DBOPS, or build/release/dbops
#   run_with_timeout SECONDS CMD  as `run`, but a command that hangs is ended (status 124)
#   json FILTER [JQ-OPTION...]    jq -r on $output, which must be one JSON document
#   own_folder                    goes into this test's own empty folder
#   wait_until SECONDS CMD...     polls until the command succeeds; fails when it never does
#   $ROOT                         the checkout

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DBOPS=$(realpath -- "${DBOPS:-$ROOT/build/release/dbops}")
export ROOT DBOPS

# What the caller has set up for himself must not decide what a test sees.
unset DBOPS_CONFIG PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS PGSSLMODE \
    MYSQL_HOST MYSQL_PWD MYSQL_UNIX_PORT MYSQL_TCP_PORT NO_COLOR

dbops() {
    "$DBOPS" "$@"
}

run_with_timeout() {
    local seconds=$1
    shift
    [ "$1" != dbops ] || set -- "$DBOPS" "${@:2}"
    run --separate-stderr timeout --kill-after=5 "$seconds" "$@"
}

json() {
    # shellcheck disable=SC2154 # bats sets output
    jq -r "${@:2}" "$1" <<<"$output"
}

own_folder() {
    cd "$BATS_TEST_TMPDIR" || return
}

wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || {
            echo "not within the time: $*" >&2
            return 1
        }
        sleep 0.05
    done
}
