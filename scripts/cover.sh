#!/bin/bash
# cover.sh FOLDER: the line coverage of the pure parts after the unit tests ran in FOLDER (a build
# with KIND=cover); fails when one of them is under 95 %.
set -euo pipefail

must='^migrate/(info|validate|plan|repair|checksum|version|session|shape)[.]c$'
must+='|^migrate/(split|lex|program)[a-z_]*[.]c$'
find "$1" -name '*.gcno' -print0 | xargs -0 -r gcov --json-format --stdout 2>/dev/null |
    jq -r '.files[] | select(.file | test("^(lib|migrate)/.*\\.c$")) |
        [.file, (.lines | length), ([.lines[] | select(.count > 0)] | length)] | @tsv' |
    sort | awk -F '\t' -v must="$must" '
        $2 > 0 {
            percent = 100 * $3 / $2
            watched = $1 ~ must
            printf "%6.1f %%  %5d lines  %s%s\n", percent, $2, $1, watched ? "" : " (not required)"
            if (watched)
                seen++
            if (watched && percent < 95)
                low = low " " $1
        }
        END {
            if (low)
                print "under 95 %:" low
            exit low || !seen
        }'
