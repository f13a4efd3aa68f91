#!/bin/bash
# deps.sh [--print | PART...]
# Makes sure of everything that building, testing and checking dbops needs: Debian packages by
# apt-get, and the servers that Debian does not carry in the test bed,
# ${DBOPS_TESTBED:-~/.cache/dbops/testbed}. When all is there it takes no time and no network. PART:
# a recipe of scripts/testbed/; without any, those that `make test` uses. --print: only prints the
# test bed's folder.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/testbed/common.sh
. "$here/testbed/common.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL # recipes run a make of their own

wanted_packages() {
    awk -v v="$(debian_version)" \
        '!/^#/ && NF && ($2 == "all" || ("," $2 ",") ~ ("," v ",")) { print $1 }' \
        "$here/packages.txt" | sort -u
}

missing_packages() {
    local wanted
    wanted=$(wanted_packages)
    # shellcheck disable=SC2016,SC2086 # dpkg fills in the format; a list of names
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
        sed -n 's/^installed //p' | sort -u | comm -13 - <(echo "$wanted")
}

# Another apt-get may hold its lock for a while.
try_thrice() {
    local i
    for i in 1 2 3; do
        "$@" && return
        [ "$i" = 3 ] || sleep 10
    done
    return 1
}

install_packages() {
    local as=()
    if [ "$(id -u)" != 0 ]; then
        as=(sudo)
        if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
            echo "packages are missing, and only root can install them. Run as root:" >&2
            echo "apt-get update && apt-get install -y --no-install-recommends $*" >&2
            return 1
        fi
    fi
    echo "installing: $*" >&2
    try_thrice "${as[@]}" apt-get -qq update
    try_thrice "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
        install --no-install-recommends "$@" >&2
}

# make_part NAME: makes a part once, however many runs ask for it at the same time. The marker is
# written last, so that half a part is made again; it holds the recipe's number and the place, since
# a part cannot be moved.
make_part() {
    local name=$1 dir=$testbed/$1 script=$here/testbed/${1%%-*}.sh number marker
    number=$(sed -n 's/^# recipe //p' "$script")
    [ -n "$number" ] || {
        echo "'$name' is no part of the test bed" >&2
        return 1
    }
    marker="$number $dir"
    [ "$(cat "$dir/.complete" 2>/dev/null)" != "$marker" ] || return 0
    (
        flock 9
        [ "$(cat "$dir/.complete" 2>/dev/null)" != "$marker" ] || exit 0
        echo "test bed: making $name in $dir" >&2
        rm -rf "$dir"
        mkdir -p "$dir"
        DBOPS_TESTBED=$testbed "$script" "$dir" >&2 9>&- || {
            echo "test bed: cannot make $name; the reason is above" >&2
            exit 1
        }
        echo "$marker" >"$dir/.complete"
    ) 9>"$testbed/.$name.lock"
}

if [ "${1:-}" = --print ]; then
    echo "$testbed"
    exit 0
fi
parts=("$@")
[ $# -gt 0 ] || parts=(mysql9 mysql80 pg15v)
case $(debian_version) in
12) ;;
13) parts+=(clangformat) ;;
*)
    echo "this is written for Debian 12 and 13; elsewhere see scripts/packages.txt" >&2
    exit 1
    ;;
esac

(
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || exit 0
    flock 9
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" = 0 ] || install_packages "${missing[@]}" 9>&-
) 9>"$testbed/.apt.lock"

for part in "${parts[@]}"; do
    make_part "$part"
done
