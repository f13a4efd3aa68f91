#!/bin/bash
# Whoever silences a check says why, on the same line: in the suppressions file, after NOLINT, after
# `shellcheck disable=`, and in the head of
# .clang-tidy for each check that it takes out.
. "$(dirname "$0")/common.sh"

{
    grep -nE '^[^#]+$' "$lint/cppcheck.suppressions" /dev/null | grep -v ' # \|:$' || :
    only '\.[ch]$' "$@" | xargs -r grep -nE 'NOLINT|cppcheck-suppress' /dev/null |
        grep -vE '(NOLINT[A-Z]*\([a-z0-9.,-]+\): |cppcheck-suppress [a-zA-Z]+ ; ?)[a-z]' || :
    only '\.(sh|bash|bats)$' "$@" | xargs -r grep -nE '^ *# shellcheck disable=' /dev/null |
        grep -vE 'disable=[A-Z0-9,]+ # ' || :
    [ ! -f .clang-tidy ] ||
        sed -n 's/^ *-\([a-z][^,]*\),*$/\1/p' .clang-tidy | while read -r check; do
        grep -q "^# $check: " .clang-tidy || echo ".clang-tidy:1: $check"
    done
} | sed 's/$/: silenced without a reason/' | none
