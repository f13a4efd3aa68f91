# What the benchmarks share.  shellcheck shell=bash
#
#   measure CMD...              runs it, its output thrown away; sets WALL, CPU (ms) and PEAK (KiB)
#   median N...                 the middle one
#   race A B                    runs the functions $RUNS times, in turns; each leaves WALL, CPU and
#                               PEAK. Sets A_WALL A_CPU A_PEAK B_WALL B_CPU B_PEAK, medians
#   header                      the head of the table
#   result NAME OURS OTHER RELATION BOUND
#                               a line of the table, with what it is compared with, and a line of
#                               $JSON. RELATION: difference, ratio or alone; BOUND is of that one,
#                               and "-" when there is none. A NAME that begins with a blank is
#                               about the same as the line above
#   $RUNS $TMPDIR $TESTBED $JSON
#
# Nothing here fails because a bound is not met: it is said.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DBOPS=${DBOPS:-$ROOT/build/release/dbops}
PROBE=$(dirname "$DBOPS")/tests/usage_probe
TESTBED=${DBOPS_TESTBED:-$("$ROOT/scripts/deps.sh" --print)}
JSON=${JSON:-$ROOT/build/bench.json}
RUNS=${RUNS:-5}
export DBOPS TESTBED JSON RUNS LC_ALL=C.UTF-8

measure() {
    local user system
    "$PROBE" "$TMPDIR/usage" "$@" </dev/null >"$TMPDIR/output" 2>"$TMPDIR/errors" || {
        echo "failed: $*" >&2
        cat "$TMPDIR/errors" >&2
        exit 1
    }
    read -r WALL user system PEAK <"$TMPDIR/usage"
    CPU=$(awk "BEGIN { print $user + $system }")
}

median() {
    printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

race() {
    local i a=() b=() a_cpu=() b_cpu=() a_peak=() b_peak=()
    for ((i = 0; i < RUNS; i++)); do
        "$1"
        a+=("$WALL") a_cpu+=("$CPU") a_peak+=("$PEAK")
        "$2"
        b+=("$WALL") b_cpu+=("$CPU") b_peak+=("$PEAK")
    done
    A_WALL=$(median "${a[@]}") A_CPU=$(median "${a_cpu[@]}") A_PEAK=$(median "${a_peak[@]}")
    B_WALL=$(median "${b[@]}") B_CPU=$(median "${b_cpu[@]}") B_PEAK=$(median "${b_peak[@]}")
}

header() {
    mkdir -p "$(dirname "$JSON")"
    printf '%-52s %10s %10s %10s  %-9s %s\n' "medians of $RUNS" dbops other compared bound met
}

result() {
    [ "${1:0:1}" = ' ' ] || heading=${1%, *}
    local full=$1
    [ "${1:0:1}" != ' ' ] || full="$heading: ${1#"${1%%[! ]*}"}"
    awk -v name="$1" -v full="$full" -v ours="$2" -v other="$3" -v relation="$4" -v bound="$5" \
        -v json="$JSON" '
        BEGIN {
            value = relation == "ratio" ? ours / other :
                relation == "difference" ? ours - other : ours
            met = bound == "-" ? "-" : value <= bound + 0 ? "yes" : "no"
            format = relation == "ratio" ? "%.2f" : relation == "difference" ? "%+.1f" : "%.1f"
            printf "%-52s %10.1f %10s %10s  %-9s %s\n", name, ours,
                other == "-" ? "-" : sprintf("%.1f", other), sprintf(format, value),
                bound == "-" ? "-" : "<= " bound, met
            printf "{\"name\": \"%s\", \"dbops\": %s, \"other\": %s, \"relation\": \"%s\", " \
                "\"value\": %.4f, \"bound\": %s, \"met\": %s}\n", full, ours,
                other == "-" ? "null" : other, relation, value, bound == "-" ? "null" : bound,
                met == "-" ? "null" : met == "yes" ? "true" : "false" >>json
        }'
}
