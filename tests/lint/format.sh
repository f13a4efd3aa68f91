#!/bin/bash
# The form of C files is what clang-format 14 makes of them: versions differ, so that one decides.
# It is Debian 12's; on later releases the test bed brings it.
. "$(dirname "$0")/common.sh"

mapfile -t files < <(only '\.[ch]$' "$@")
[ "${#files[@]}" -gt 0 ] || exit 0
tool=$(command -v clang-format-14) ||
    tool=$("$lint/../../scripts/deps.sh" --print)/clangformat/clang-format-14
"$tool" --dry-run -Werror --style=file "${files[@]}" 2>&1 | grep -E '^[^ ].*error:' && exit 1
exit "$((PIPESTATUS[0] > 0))"
