#!/bin/bash
# Includes follow the table in tests/lint/layers: folders see only what lies below them, and each
# third-party library is seen by one folder. A header that is neither ours, nor in the table, nor
# the C library's, the kernel's or the compiler's, is a library that the table does not know.
. "$(dirname "$0")/common.sh"

mapfile -t files < <(only '\.[ch]$' "$@")
[ "${#files[@]}" -gt 0 ] || exit 0

awk '
    function folder(path) {
        sub(/\/[^\/]*$/, "", path)
        return path
    }
    function rule_of(header,    h) {
        if (header in library)
            return header
        h = header
        sub(/\/.*>$/, "/>", h)
        return h in library ? h : ""
    }
    NR == FNR {
        if ($0 ~ /^[^#]*:/) {
            split($0, part, ":")
            gsub(/ /, "", part[1])
            if (part[1] ~ /^</) {
                gsub(/ /, "", part[2])
                library[part[1]] = part[2]
            } else {
                known[part[1]] = 1
                n = split(part[2], list, " ")
                for (i = 1; i <= n; i++)
                    allowed[part[1], list[i]] = 1
            }
        }
        next
    }
    FNR == 1 {
        from = folder(FILENAME)
        if (!(from in known))
            print FILENAME ":1: folder \"" from "\" is not in tests/lint/layers"
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, part, "\"")
        to = part[2] ~ /\// ? folder(part[2]) : from
        if (to != from && from in known && !((from, to) in allowed))
            print FILENAME ":" FNR ": " from " may not include " to " (" part[2] ")"
    }
    /^[ \t]*#[ \t]*include[ \t]*</ {
        match($0, /<[^>]*>/)
        header = substr($0, RSTART, RLENGTH)
        rule = rule_of(header)
        if (rule == "")
            print "?" FILENAME ":" FNR ": " header
        else if (library[rule] != from)
            print FILENAME ":" FNR ": " header " belongs to " library[rule] " alone"
    }' "$lint/layers" "${files[@]}" >build/lint/layers.out

# Headers without a row must belong to the system itself.
grep '^?' build/lint/layers.out | sed 's/.*<//; s/>.*//' | sort -u >build/lint/headers.out || :
system=$(dpkg -L libc6-dev linux-libc-dev "$(dpkg -S "$(gcc -print-file-name=include)/stddef.h" |
    cut -d: -f1)" | sed -n 's#^/usr/include/\(x86_64-linux-gnu/\|aarch64-linux-gnu/\)\?##p
        s#^/usr/lib/gcc/.*/include/##p' | sort -u)
unknown=$(comm -23 build/lint/headers.out <(echo "$system"))
{
    grep -v '^?' build/lint/layers.out || :
    for header in $unknown; do
        grep -F "<$header>" build/lint/layers.out |
            sed 's/^?//; s/$/ is a library without a row in tests\/lint\/layers/'
    done
} >build/lint/layers.found
cat build/lint/layers.found
[ ! -s build/lint/layers.found ]
