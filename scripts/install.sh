#!/bin/bash
# install.sh install|uninstall PROGRAM PREFIX
# The program, its man pages (build/man), completions that it prints itself, and the migrations and
# examples of the systems it knows. uninstall takes away exactly these.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
action=$1 program=$2 prefix=$3

# put SOURCE TARGET [MODE]
put() {
    case $action in
    install) install -D -m "${3:-644}" "$1" "$prefix/$2" ;;
    uninstall) rm -f "$prefix/$2" ;;
    esac
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
put "$program" bin/dbops 755
for shell in bash zsh fish; do
    [ "$action" = uninstall ] || "$program" completion "$shell" >"$work/$shell"
done
put "$work/bash" share/bash-completion/completions/dbops
put "$work/zsh" share/zsh/site-functions/_dbops
put "$work/fish" share/fish/vendor_completions.d/dbops.fish

shopt -s nullglob
case $action in
install)
    for page in build/man/*.[1-9]; do
        put "$page" "share/man/man${page##*.}/$(basename "$page")"
    done
    find migrations examples docs/schema -type f 2>/dev/null | while read -r file; do
        put "$file" "share/dbops/${file#docs/}"
    done
    ;;
uninstall)
    rm -f "$prefix"/share/man/man1/dbops.1 "$prefix"/share/man/man1/dbops-*.1 \
        "$prefix"/share/man/man5/dbops.yaml.5
    rm -rf "$prefix/share/dbops"
    ;;
esac
