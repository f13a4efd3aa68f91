#!/bin/bash
# A function has at most 80 lines, a file 500, a line 100 characters.
. "$(dirname "$0")/common.sh"
export LC_ALL=C.UTF-8

mapfile -t files < <(only '(\.[ch]|\.sh|\.bash|\.bats|^Makefile)$' "$@")
[ "${#files[@]}" -gt 0 ] || exit 0
{
    grep -nE '^.{101}' "${files[@]}" /dev/null |
        sed -E 's/^([^:]*:[0-9]*):.*/\1: line of more than 100 characters/' || :
    awk 'FNR == 501 { print FILENAME ":1: file of more than 500 lines" }' "${files[@]}"
    mapfile -t c < <(only '\.[ch]$' "${files[@]}")
    [ "${#c[@]}" = 0 ] ||
        ctags --languages=C --langmap=C:+.h --c-kinds=f --fields=+ne --sort=no -f - "${c[@]}" |
        awk -F '\t' '!/^!/ {
            for (i = 4; i <= NF; i++) {
                if ($i ~ /^line:/)
                    from = substr($i, 6)
                if ($i ~ /^end:/)
                    to = substr($i, 5)
            }
            if (to - from >= 80)
                print $2 ":" from ": function " $1 " of " to - from + 1 " lines"
        }'
} | none
