#!/bin/bash
# A .c file includes its own header first, which proves that the header stands alone. A header has a
# guard named after its path, and begins with the comment that says what it is for.
. "$(dirname "$0")/common.sh"

found=0
say() {
    echo "$1"
    found=1
}

while read -r file; do
    own=${file%.c}.h
    [ -f "$own" ] || continue
    first=$(grep -m1 -E '^#include' "$file" || :)
    [ "$first" = "#include \"$own\"" ] || say "$file:1: does not include \"$own\" first"
done < <(only '\.c$' "$@")

while read -r file; do
    guard=${file#lib/}
    guard=DBOPS_$(tr 'a-z/.' 'A-Z__' <<<"$guard")
    { grep -qx "#ifndef $guard" "$file" && grep -qx "#define $guard" "$file"; } ||
        say "$file:1: has no include guard $guard"
    [[ $(head -c 2 "$file") == '/*' ]] ||
        say "$file:1: does not begin with a comment on its purpose"
done < <(only '\.h$' "$@")

exit "$found"
