#!/bin/bash
# fuzz.sh FOLDER SECONDS: runs each fuzz target in FOLDER/tests for that long, starting from its
# corpus in tests/fuzz/NAME/. What it finds on the way stays in FOLDER; an input that breaks it is
# printed.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

for target in "$1"/tests/*_fuzz; do
    name=$(basename "$target" _fuzz)
    mkdir -p "$1/corpus/$name"
    seeds=()
    [ ! -d "tests/fuzz/$name" ] || seeds=("tests/fuzz/$name")
    echo "fuzzing $name for $2 s"
    "$target" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$1/corpus/$name-" \
        "$1/corpus/$name" "${seeds[@]}" 2>&1 |
        sed '/Recommended dictionary/,/End of recommended/d'
done
