#!/usr/bin/env bats
# Each check of `make lint` fails on a bad sample, and passes on a good one.

bats_require_minimum_version 1.5.0

setup() {
    root=$(dirname "$(readlink -f "$BATS_TEST_FILENAME")")/..
    lint=$root/tests/lint
    cd "$BATS_TEST_TMPDIR"
    mkdir -p lib/base lib/db lib/data migrate cmd tests/unit build/lint
    cp "$root/.clang-format" "$root/.clang-tidy" .
    cat >lib/base/good.h <<'C'
/* A sample that has nothing wrong with it. */
#ifndef DBOPS_BASE_GOOD_H
#define DBOPS_BASE_GOOD_H

int good_answer(int question);

#endif
C
    cat >lib/base/good.c <<'C'
#include "lib/base/good.h"

int good_answer(int question)
{
    return question + 1; /* strcpy(a, b) in a comment is no call */
}
C
}

# fails_with TEXT CHECK FILE...
fails_with() {
    local text=$1 check=$2
    shift 2
    run -1 "$lint/$check.sh" "$@"
    [[ $output == *"$text"* ]] || {
        echo "wanted: $text"
        echo "got: $output"
        return 1
    }
}

@test "every check passes on a file that is in order" {
    for check in "$lint"/*.sh; do
        case $(basename "$check" .sh) in
        common | run) ;;
        *) run -0 "$check" lib/base/good.c lib/base/good.h ;;
        esac
    done
}

@test "format finds what clang-format would change" {
    echo 'int  f( void );' >lib/base/bad.c
    fails_with "lib/base/bad.c:1" format lib/base/bad.c
}

@test "layers finds an include that points up" {
    echo '#include "migrate/plan.h"' >lib/db/bad.c
    fails_with "lib/db/bad.c:1: lib/db may not include migrate" layers lib/db/bad.c
}

@test "layers finds the configuration outside cmd and lib/config" {
    echo '#include "lib/config/config.h"' >migrate/bad.c
    fails_with "migrate/bad.c:1: migrate may not include lib/config" layers migrate/bad.c
}

@test "layers finds a library outside its folder" {
    echo '#include <libpq-fe.h>' >migrate/bad.c
    fails_with "<libpq-fe.h> belongs to lib/db alone" layers migrate/bad.c
}

@test "layers finds a library that its table does not know" {
    echo '#include <curl/curl.h>' >lib/db/bad.c
    fails_with "<curl/curl.h> is a library without a row" layers lib/db/bad.c
}

@test "layers finds a folder that its table does not know" {
    mkdir lib/other
    echo 'int x;' >lib/other/bad.c
    fails_with 'folder "lib/other" is not in tests/lint/layers' layers lib/other/bad.c
}

@test "headers finds a file that does not include its own header first" {
    printf '#include <stdio.h>\n#include "lib/base/good.h"\n' >lib/base/good.c
    fails_with "does not include \"lib/base/good.h\" first" headers lib/base/good.c
}

@test "headers finds a wrong include guard and a missing purpose" {
    sed 's/DBOPS_BASE_GOOD_H/GOOD_H/' lib/base/good.h | tail -n +2 >lib/base/bad.h
    fails_with "has no include guard DBOPS_BASE_BAD_H" headers lib/base/bad.h
    fails_with "does not begin with a comment" headers lib/base/bad.h
}

@test "length finds a long line, counting characters and not bytes" {
    printf '/* %s */\n' "$(printf 'ä%.0s' {1..94})" >lib/base/bad.c
    run -0 "$lint/length.sh" lib/base/bad.c
    printf '/* %s */\n' "$(printf 'a%.0s' {1..95})" >lib/base/bad.c
    fails_with "lib/base/bad.c:1: line of more than 100 characters" length lib/base/bad.c
}

@test "length finds a function of 81 lines and lets one of 80 pass" {
    { printf 'int f(void)\n{\n' && yes '    ;' | head -n 76 && printf '    return 0;\n}\n'; } \
        >lib/base/bad.c
    run -0 "$lint/length.sh" lib/base/bad.c
    sed -i '3i\    ;' lib/base/bad.c
    fails_with "lib/base/bad.c:1: function f of 81 lines" length lib/base/bad.c
}

@test "length finds a file of 501 lines and lets one of 500 pass" {
    yes '/* */' | head -n 500 >lib/base/bad.c
    run -0 "$lint/length.sh" lib/base/bad.c
    echo '/* */' >>lib/base/bad.c
    fails_with "file of more than 500 lines" length lib/base/bad.c
}

@test "banned finds each banned call, and its line" {
    for call in strcpy strcat sprintf strtok atoi strncpy system popen alloca localtime gmtime; do
        printf '/* two\n   lines */ int x = %s(a);\n' "$call" >lib/base/bad.c
        fails_with "lib/base/bad.c:2: $call is banned" banned lib/base/bad.c
    done
}

@test "banned lets the reentrant forms, comments and strings pass" {
    printf 'int x = gmtime_r(a, b); /* gmtime(a) */\nconst char *s = "atoi(x) \\" popen(";\n' \
        >lib/base/bad.c
    run -0 "$lint/banned.sh" lib/base/bad.c
}

@test "banned finds an exit below main" {
    echo 'void f(void) { exit(1); }' >migrate/bad.c
    fails_with "migrate/bad.c:1: ends the program below main" banned migrate/bad.c
}

@test "banned finds a promise" {
    local word=todo
    printf '/* %s: later */\n' "${word^^}" >lib/base/bad.c
    fails_with "lib/base/bad.c:1: a promise" banned lib/base/bad.c
}

@test "tidy finds a null pointer that is followed" {
    printf 'int f(int a);\nint f(int a)\n{\n    int *p = 0;\n    return a ? *p : 0;\n}\n' >cmd/bad.c
    fails_with "clang-analyzer-core.NullDereference" tidy cmd/bad.c
}

@test "tidy looks again when a header changes, and only then" {
    run -0 "$lint/tidy.sh" lib/base/good.c
    stamp=$(cat build/lint/tidy/lib/base/good.c.ok)
    run -0 "$lint/tidy.sh" lib/base/good.c
    sed -i 's/int good_answer(int question);/&\nint good_other(int question);/' lib/base/good.h
    run -0 "$lint/tidy.sh" lib/base/good.c
    [ "$stamp" != "$(cat build/lint/tidy/lib/base/good.c.ok)" ]
}

@test "cppcheck finds an index out of bounds" {
    printf 'int f(void);\nint f(void)\n{\n    int a[2] = {1, 2};\n    return a[2];\n}\n' >cmd/bad.c
    fails_with "cmd/bad.c:5: Array 'a[2]' accessed at index 2" cppcheck cmd/bad.c
}

@test "shell finds an unquoted variable in a script, in a bats file and in one without a suffix" {
    printf '#!/bin/bash\nrm $1\n' >bad.sh
    fails_with "SC2086" shell bad.sh
    printf '#!/usr/bin/env bats\n@test "x" {\n    rm $1\n}\n' >bad.bats
    fails_with "SC2086" shell bad.bats
    cp bad.sh run
    fails_with "SC2086" shell run
}

@test "man finds a macro out of place" {
    printf '.Dd January 1, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n.El\n' >bad.1
    run "$lint/man.sh" bad.1
    [ "$status" != 0 ]
    [[ $output == *"skipping end of block that is not open"* ]]
}

@test "reasons finds what is silenced without one" {
    printf '#!/bin/bash\n# shellcheck disable=%s\nrm $1\n' SC2086 >bad.sh
    fails_with "bad.sh:2" reasons bad.sh
    printf '#!/bin/bash\n# shellcheck disable=%s # a list\nrm $1\n' SC2086 >bad.sh
    run -0 "$lint/reasons.sh" bad.sh
    printf 'int x; // NOLINT\n' >lib/base/bad.c
    fails_with "lib/base/bad.c:1" reasons lib/base/bad.c
    sed -i 's/^    cert-\*,/&\n    -cert-env33-c,/' .clang-tidy
    fails_with "cert-env33-c: silenced without a reason" reasons lib/base/good.c
}
