#!/usr/bin/env bats
# Every command of the table, as `dbops __commands` lists it.

bats_require_minimum_version 1.5.0

setup_file() {
    dbops __commands >"$BATS_FILE_TMPDIR/commands"
    mkdir "$BATS_FILE_TMPDIR/man"
    for template in man/*.in; do
        dbops __man "$template" >"$BATS_FILE_TMPDIR/man/$(basename "$template" .in)"
    done
}

# for_each FUNCTION: calls it with the words of each command.
for_each() {
    local name _ count=0
    local -a words
    while IFS=$'\t' read -r name _; do
        read -ra words <<<"$name"
        "$1" "${words[@]}" </dev/null || {
            echo "not so for: dbops $name"
            return 1
        }
        count=$((count + 1))
    done <"$BATS_FILE_TMPDIR/commands"
    [ "$count" -ge 3 ]
}

answers_help() {
    run -0 --separate-stderr dbops "$@" --help
    [[ $output == "Usage: dbops $*"* ]] && [ -z "$stderr" ]
}

help_tells_the_same() {
    [ "$(dbops "$@" --help)" = "$(dbops help "$@")" ]
}

refuses_unknown_option() {
    run -64 --separate-stderr dbops "$@" --no-such-option
    [ -z "$output" ] && [[ $stderr == *"unknown option '--no-such-option'"* ]]
}

fails_in_json() {
    run -64 --separate-stderr dbops "$@" --no-such-option -o json
    python3 -m jsonschema docs/schema/error.json -i <(echo "$output")
}

stands_in_the_manual() {
    local page=dbops.1
    [ ! -f "$BATS_FILE_TMPDIR/man/dbops-$1.1" ] || page=dbops-$1.1
    grep -q "^\.It Ic $*\( \|\$\)" "$BATS_FILE_TMPDIR/man/$page"
}

@test "every command answers --help with exit 0, on stdout alone" {
    for_each answers_help
}

@test "help CMD tells the same as CMD --help" {
    for_each help_tells_the_same
}

@test "every command refuses an unknown option with exit 64" {
    for_each refuses_unknown_option
}

@test "every command fails with one error object when -o json was given" {
    for_each fails_in_json
}

@test "every command stands in its manual page" {
    for_each stands_in_the_manual
}

@test "every long option stands in a manual page" {
    local name options option group page
    while IFS=$'\t' read -r name options; do
        group=${name%% *}
        page=$BATS_FILE_TMPDIR/man/dbops.1
        [ ! -f "$BATS_FILE_TMPDIR/man/dbops-$group.1" ] ||
            page=$BATS_FILE_TMPDIR/man/dbops-$group.1
        for option in $options; do
            grep -q "Fl .*\\\\-${option#--}\( \|\$\)" "$page" || {
                echo "$name: $option is not in ${page##*/}"
                return 1
            }
        done
    done <"$BATS_FILE_TMPDIR/commands"
    dbops help | grep -o '^  .....--[a-z-]*\|^      --[a-z-]*' | grep -o -- '--.*' |
        while read -r option; do
            grep -q "Fl .*\\\\-${option#--}\( \|\$\)" "$BATS_FILE_TMPDIR/man/dbops.1"
        done
}

@test "no command has an option twice, or one that every command has" {
    local name options
    dbops help | grep -o -- '--[a-z-]*' | sort -u >"$BATS_TEST_TMPDIR/global"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/global")" -ge 13 ]
    while IFS=$'\t' read -r name options; do
        tr '\t' '\n' <<<"$options" | sort >"$BATS_TEST_TMPDIR/own"
        [ -z "$(uniq -d "$BATS_TEST_TMPDIR/own")" ]
        [ -z "$(comm -12 <(grep . "$BATS_TEST_TMPDIR/own") "$BATS_TEST_TMPDIR/global")" ]
    done <"$BATS_FILE_TMPDIR/commands"
}

@test "the manual pages are right for mandoc" {
    run -0 mandoc -T lint -W warning "$BATS_FILE_TMPDIR"/man/*
    [ -z "$output" ]
}

@test "a group alone lists its commands on stderr and exits 64" {
    cut -f 1 "$BATS_FILE_TMPDIR/commands" | grep ' ' | cut -d ' ' -f 1 | sort -u |
        while read -r group; do
            run -64 --separate-stderr dbops "$group"
            [ -z "$output" ]
            [[ $stderr == *"Usage: dbops $group COMMAND"* ]]
            run -0 --separate-stderr dbops "$group" --help
            [[ $output == "Usage: dbops $group COMMAND"* ]] && [ -z "$stderr" ]
            [ "$output" = "$(dbops help "$group")" ]
        done
}

has_a_schema() {
    case $* in
    help | completion | "sandbox run") return 0 ;; # text, a script, what the command prints
    esac
    local name="$*"
    [ -f "docs/schema/${name// /-}.json" ]
}

@test "every command that prints a result has its JSON Schema" {
    for_each has_a_schema
}

@test "every schema is a JSON Schema" {
    for schema in docs/schema/*.json; do
        python3 -c 'import json, sys, jsonschema
jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[1])))' "$schema"
    done
}
