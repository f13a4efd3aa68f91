#!/bin/bash
# man.sh PROGRAM FOLDER
# Makes the manual pages: man/*.in with the marked lines filled in by the program from its own tables.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
program=$1 folder=$2
mkdir -p "$folder"
for template in man/*.in; do
    page=$folder/$(basename "$template" .in)
    "$program" __man "$template" >"$page.new"
    mv "$page.new" "$page"
done
