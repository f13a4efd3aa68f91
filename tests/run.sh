#!/bin/bash
# run.sh [--unit-only | --soak | --server PART...] KIND [FILE.bats...]
# Runs the tests on build/KIND: the unit tests, then the bats suites, each against its own servers.
# Ends with a line "N passed, N failed, N skipped" and fails when a test failed, when one was
# skipped that tests/allowed-skips does not list, or when a server is still there afterwards.
# --server: only the suites that use such a server (tags "postgres" and "mysql"), on that part of
# the test bed: pg17, pg18 or mysql80. --soak: only tests/soak/*.bats.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/left-over.sh
. tests/left-over.sh

units=1 suites=1 servers=()
while :; do
    case $1 in
    --unit-only) suites=0 ;;
    --soak) units=0 suites=2 ;;
    --server) servers+=("$2") units=0 && shift ;;
    *) break ;;
    esac
    shift
done
kind=$1
shift
files=("$@")

DBOPS_TESTBED=$(scripts/deps.sh --print)
DBOPS=$PWD/build/$kind/dbops
PATH=$PWD/build/$kind:$PATH
export DBOPS_TESTBED DBOPS PATH
unset DBOPS_CONFIG PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGSERVICE MYSQL_HOST MYSQL_PWD
export ASAN_OPTIONS=abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
[ ! -s tests/lsan.supp ] ||
    export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0

# Short, since a Unix socket's path is; open to the user that servers run as.
own=$(mktemp -d "${TMPDIR:-/tmp}/dbt.XXXXXX")
chmod 1777 "$own"
export TMPDIR=$own

clean_up() {
    stop_left_over "$own"
    rm -rf "$own"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0 failed=0 skipped=0 not_allowed=()

allowed_skip() {
    [ -s tests/allowed-skips ] && grep -qxF -- "$1" tests/allowed-skips
}

# count_tap FILE PREFIX STATUS: adds up a TAP stream. A stream that ends early or a program that
# fails without saying why is one more failure.
count_tap() {
    local line planned=0 seen=0 failures=0
    while IFS= read -r line; do
        case $line in
        1..*) planned=${line#1..} ;;
        "ok "*" # "[sS][kK][iI][pP]*)
            seen=$((seen + 1)) skipped=$((skipped + 1))
            line=${line#ok * }
            line=$2${line#- }
            line=${line%% # [sS][kK][iI][pP]*}
            [[ ! $line =~ \ in\ [0-9]+ms$ ]] || line=${line% in *}
            allowed_skip "$line" || not_allowed+=("$line")
            ;;
        "ok "*) seen=$((seen + 1)) passed=$((passed + 1)) ;;
        "not ok "*) seen=$((seen + 1)) failures=$((failures + 1)) ;;
        esac
    done <"$1"
    if [ "$failures" = 0 ] &&
        { [ "$3" != 0 ] || [ "$seen" -lt "$planned" ] || [ "$seen" = 0 ]; }; then
        echo "not ok - $2 ended early, with status $3, after $seen of $planned tests"
        failures=1
    fi
    failed=$((failed + failures))
}

run_units() {
    local source name status
    for source in tests/unit/*_test.c; do
        name=$(basename "$source" .c)
        status=0
        CMOCKA_MESSAGE_OUTPUT=TAP "build/$kind/tests/$name" >"$own/tap" 2>"$own/err" || status=$?
        [ "$status" = 0 ] || cat "$own/tap" "$own/err"
        count_tap "$own/tap" "unit/$name: " "$status"
    done
    echo "unit tests: $passed passed, $failed failed"
}

# run_bats ARGUMENT...: files side by side, the tests of a file one after the other.
run_bats() {
    local status=0
    bats --tap --timing --jobs 2 --no-parallelize-within-files "$@" </dev/null 2>&1 |
        tee "$own/tap" || status=$?
    count_tap "$own/tap" "" "$status"
}

# on_server PART: the suites for that kind of server, on this one.
on_server() {
    echo "# on $1"
    case $1 in
    pg*)
        DBOPS_TEST_POSTGRES_BIN=$DBOPS_TESTBED/$1/usr/lib/postgresql/${1#pg}/bin \
            run_bats --filter-tags postgres "${files[@]}"
        ;;
    mysql80)
        DBOPS_TEST_MYSQL_BIN=$DBOPS_TESTBED/mysql80/bin \
            run_bats --filter-tags mysql "${files[@]}"
        ;;
    *)
        echo "no such server: '$1'" >&2
        exit 64
        ;;
    esac
}

if [ "${#files[@]}" = 0 ]; then
    shopt -s nullglob
    case $suites in
    1) files=(tests/*.bats tests/fault/*.bats) ;;
    2) files=(tests/soak/*.bats) ;;
    esac
    shopt -u nullglob
elif [ "$units" = 1 ]; then
    units=0
fi

[ "$units" = 0 ] || run_units
if [ "${#servers[@]}" -gt 0 ]; then
    for server in "${servers[@]}"; do
        on_server "$server"
    done
elif [ "${#files[@]}" -gt 0 ]; then
    run_bats "${files[@]}"
fi

for pid in $(left_over "$own"); do
    echo "not ok - still running: $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-200)"
    failed=$((failed + 1))
done
for title in "${not_allowed[@]}"; do
    echo "not ok - skipped, and not in tests/allowed-skips: $title"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "${#not_allowed[@]}" = 0 ] && [ "$((passed + failed))" -gt 0 ]
