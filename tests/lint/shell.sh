#!/bin/bash
# Runs shellcheck on everything that bash or bats runs. In tests a failed `cd` ends the test by
# itself (SC2164), variables belong to the test that sets them (SC2030, SC2031) or to the file that
# loads the helper (SC2034, SC2154), and SQL or YAML in single quotes keeps its dollar (SC2016).
. "$(dirname "$0")/common.sh"

found=0
version=$(shellcheck --version | sed -n 's/^version: //p')
while read -r file; do
    except=()
    case $file in
    *.bats | *.bash) except=(-e "SC2016,SC2030,SC2031,SC2034,SC2154,SC2164") ;;
    esac
    key="$version ${except[*]} $(sha256sum <"$file")"
    once shell "$key" "$file" \
        shellcheck -x -P SCRIPTDIR -f gcc "${except[@]}" "$file" || found=1
done < <(
    only '\.(sh|bash|bats)$' "$@"
    only '^\.ci/|^[^.]*$' "$@" | xargs -r grep -lE -m1 '^#!.*\b(bash|sh|bats)$' || :
)
exit "$found"
