#!/usr/bin/env bats
# The build and the test runner themselves. %test in a sample is @test, which bats would take here.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_DIRNAME/.."
    unset MAKEFLAGS MFLAGS MAKELEVEL
    kind=$(basename "$(dirname "${DBOPS:-build/release/dbops}")")
}

sample() {
    sed "s/^%test/@test/" >"$BATS_TEST_TMPDIR/sample.bats"
    run tests/run.sh "$kind" "$BATS_TEST_TMPDIR/sample.bats"
}

@test "a second make compiles and links nothing" {
    make -s KIND="$kind" all
    run -0 make --no-print-directory KIND="$kind" all
    [[ $output != *cc* && $output != *link* ]]
}

@test "install puts program, manual, completion, migrations in place and uninstall takes all away" {
    local root=$BATS_TEST_TMPDIR/root file
    make -s KIND="$kind" install DESTDIR="$root" PREFIX=/usr
    for file in bin/dbops share/man/man1/dbops.1 share/man/man5/dbops.yaml.5 \
        share/bash-completion/completions/dbops share/zsh/site-functions/_dbops \
        share/fish/vendor_completions.d/dbops.fish share/dbops/examples/recommend/dbops.yaml \
        share/dbops/migrations/recommend/V001__initial_schema.sql; do
        [ -s "$root/usr/$file" ]
    done
    [ "$(stat -c %a "$root/usr/bin/dbops")" = 755 ]
    "$root/usr/bin/dbops" -c "$root/usr/share/dbops/examples/recommend/dbops.yaml" config check
    make -s KIND="$kind" uninstall DESTDIR="$root" PREFIX=/usr
    [ -z "$(find "$root" -type f)" ]
}

@test "a target is there only when its work is" {
    mkdir "$BATS_TEST_TMPDIR/empty"
    cp Makefile VERSION "$BATS_TEST_TMPDIR/empty"
    for target in soak bench fuzz matrix demo man; do
        run -2 make -C "$BATS_TEST_TMPDIR/empty" -n "$target"
        [[ $output == *"No rule to make target '$target'"* ]]
    done
}

@test "the runner sums up, and fails when a test fails" {
    sample <<'B'
%test "good" { true; }
%test "bad" { false; }
B
    [ "$status" = 1 ]
    [ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
}

@test "the runner fails on a skip that is not allowed" {
    sample <<'B'
%test "good" { true; }
%test "lazy" { skip "no time"; }
B
    [ "$status" = 1 ]
    [ "${lines[-1]}" = "1 passed, 0 failed, 1 skipped" ]
    [[ $output == *"not in tests/allowed-skips: lazy"* ]]
}

@test "the runner fails when a suite cannot be read" {
    sample <<'B'
%test "open" {
B
    [ "$status" = 1 ]
}

@test "the runner fails when a test leaves a server behind, and stops it" {
    sample <<'B'
%test "careless" { cd "$TMPDIR" && setsid -f sleep 300 </dev/null >/dev/null 2>&1 3>&-; }
B
    [ "$status" = 1 ]
    [ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
    [[ $output =~ "still running: "([0-9]+)" sleep 300" ]]
    run ! readlink "/proc/${BASH_REMATCH[1]}/cwd" # a zombie has none
}

@test "the test bed's folder is where DBOPS_TESTBED says, without links" {
    mkdir "$BATS_TEST_TMPDIR/real"
    ln -s real "$BATS_TEST_TMPDIR/link"
    DBOPS_TESTBED=$BATS_TEST_TMPDIR/link run -0 scripts/deps.sh --print
    [ "$output" = "$(readlink -f "$BATS_TEST_TMPDIR")/real" ]
}

@test "with everything in place the dependencies cost under a second and no network" {
    local start=$EPOCHREALTIME
    run -0 bwrap --dev-bind / / --unshare-net scripts/deps.sh
    [ -z "$output" ]
    awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { exit b - a >= 1 }'
}

@test "without rights the missing packages are named in a line to run" {
    # an ordinary user without sudo, on a machine that has no jq
    cat >"$BATS_TEST_TMPDIR/dpkg-query" <<'B'
#!/bin/sh
/usr/bin/dpkg-query "$@" | grep -v ' jq$'
B
    printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/sudo"
    printf '#!/bin/sh\necho 65534\n' >"$BATS_TEST_TMPDIR/id"
    chmod +x "$BATS_TEST_TMPDIR"/*
    PATH=$BATS_TEST_TMPDIR:$PATH run -1 scripts/deps.sh </dev/null
    [ "${lines[-1]}" = "apt-get update && apt-get install -y --no-install-recommends jq" ]
}
