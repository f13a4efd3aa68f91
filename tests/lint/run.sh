#!/bin/bash
# run.sh [CHECK...]: runs the checks of this folder over every file that git knows or would add;
# without an argument all of them.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
mkdir -p build/lint

list_files() {
    if [ -e .git ]; then
        git ls-files -co --exclude-standard
    else
        find . -path ./build -prune -o -type f -print | sed 's#^[.]/##'
    fi
}
mapfile -t files < <(list_files | while read -r file; do [ ! -f "$file" ] || echo "$file"; done)
[ "${#files[@]}" -gt 0 ] || exit 1
[ ! -d build/man ] || mapfile -t -O "${#files[@]}" files < <(find build/man -name '*.[1-8]')
[ $# -gt 0 ] || set -- format layers headers length banned reasons shell man cppcheck tidy

failed=()
for check in "$@"; do
    start=$EPOCHREALTIME
    "tests/lint/$check.sh" "${files[@]}" || failed+=("$check")
    awk -v name="$check" -v from="$start" -v to="$EPOCHREALTIME" \
        'BEGIN { printf "lint %-9s %5.1f s\n", name, to - from }'
done
[ "${#failed[@]}" = 0 ] || {
    echo "lint: failed: ${failed[*]}"
    exit 1
}
