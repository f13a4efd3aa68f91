#!/bin/bash
# clang-tidy with the checks of .clang-tidy, one run a file: given several, version 14 carries state
# over and finds va_list faults that are not there. A file is checked again when it, a header that
# it includes, or .clang-tidy changed.
. "$(dirname "$0")/common.sh"

if [ "${1:-}" = --one ]; then
    mapfile -t flags < <(c_flags | tr -s ' ' '\n')
    [ "$2" = lib/base/error.c ] || flags+=(-include "$lint/analyzer.h")
    mapfile -t parts < <(gcc -MM "${flags[@]}" "$2" | sed 's/^[^:]*://; s/\\$//' | xargs -n 1)
    key=$(cat .clang-tidy "${parts[@]}" | sha256sum)
    once tidy "$key" "$2" clang-tidy --quiet --warnings-as-errors='*' "$2" -- "${flags[@]}" \
        2>build/lint/tidy.err || {
        grep -E 'error:' build/lint/tidy.err || :
        exit 1
    }
    exit
fi
only '\.c$' "$@" | xargs -r -n 1 -P 2 "$0" --one || exit 1
