#!/bin/bash
# cppcheck, apart from what tests/lint/cppcheck.suppressions lists with its reason.
. "$(dirname "$0")/common.sh"

mapfile -t files < <(only '\.c$' "$@")
[ "${#files[@]}" -gt 0 ] || exit 0
mkdir -p build/lint/cppcheck
cppcheck --quiet -j 2 --enable=warning,style,performance,portability --std=c11 --inline-suppr \
    --error-exitcode=1 --cppcheck-build-dir=build/lint/cppcheck -I. --include="$lint/cppcheck.h" \
    --suppressions-list="$lint/cppcheck.suppressions" \
    --template='{file}:{line}: {message} [{id}]' --template-location='' "${files[@]}" 2>&1
