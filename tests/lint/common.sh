# shellcheck shell=bash
# What the checks share. A check is called as `tests/lint/NAME.sh FILE...` in the top folder, prints
# one line a finding (file:line: what) and fails when there was one.
set -euo pipefail
lint=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

# only PATTERN FILE...: the files whose name fits the extended regular expression, one a line.
only() {
    local pattern=$1
    shift
    printf '%s\n' "$@" | grep -E -- "$pattern" || :
}

# How our C is compiled, for tools that parse it.
c_flags() {
    echo -std=gnu17 -D_GNU_SOURCE -DDBOPS_VERSION='"0"' -I. "-I$lint/../.."
    pkg-config --cflags libpq mysqlclient yaml-0.1 jansson smartcols libcrypto zlib
}

# once NAME KEY FILE COMMAND...: runs the command unless it already passed with this key. Keys are
# kept in build/lint/.
once() {
    local stamp=build/lint/$1/$3.ok key=$2
    shift 3
    [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || return 0
    "$@" || return 1
    mkdir -p "$(dirname "$stamp")"
    echo "$key" >"$stamp"
}

# none: passes findings on, and fails when there is one.
none() {
    if grep .; then
        return 1
    fi
}
