#!/bin/bash
# mandoc on the man pages.
. "$(dirname "$0")/common.sh"

mapfile -t files < <(only '\.[1-8]$' "$@")
[ "${#files[@]}" = 0 ] || mandoc -Tlint -W warning "${files[@]}"
