#!/usr/bin/env bats
# The command line, output and log; no server is needed.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    schemas=$BATS_TEST_DIRNAME/../docs/schema
    unset "${!DBOPS_@}" NO_COLOR COLUMNS JOURNAL_STREAM
}

@test "no command at all is a usage error with the list on stderr" {
    run -64 --separate-stderr dbops
    [ -z "$output" ]
    [[ $stderr == *"Commands:"*"dbops: no command given"* ]]
}

@test "--version and version say the same" {
    run -0 dbops --version
    [ "$output" = "$(dbops version)" ]
    [[ ${lines[0]} =~ ^dbops\ [0-9]+\.[0-9]+\.[0-9]+\  ]]
}

@test "version -o json follows its schema and yaml says the same" {
    dbops version -o json >version.json
    python3 -m jsonschema "$schemas/version.json" -i version.json
    dbops version -o yaml >version.yaml
    [ "$(jq -r .libraries.jansson version.json)" = \
        "$(sed -n "s/^  jansson: '\(.*\)'/\1/p" version.yaml)" ]
}

@test "an option beats the environment, which beats the default" {
    [[ $(dbops version) == dbops* ]]
    export DBOPS_OUTPUT=json
    [[ $(dbops version) == "{"* ]]
    [[ $(dbops version --output=yaml) == version:* ]]
}

@test "a wrong value in the environment is named with its variable" {
    DBOPS_COLOR=blue run -64 dbops version
    [ "${lines[0]}" = \
        "dbops: environment DBOPS_COLOR: 'blue' is not one of auto, always, never" ]
}

@test "a mistyped command or option gets a proposal" {
    run -64 dbops vresion
    [ "${lines[1]}" = "dbops: hint: did you mean 'version'?" ]
    run -64 dbops version --ouptut json
    [ "${lines[1]}" = "dbops: hint: did you mean '--output'?" ]
}

@test "an abbreviation is not taken for an option" {
    run -64 dbops version --out json
    [ "${lines[0]}" = "dbops: unknown option '--out'" ]
}

@test "a wrong command line is one JSON document when that was asked for" {
    run -64 --separate-stderr dbops vresion -o json
    python3 -m jsonschema "$schemas/error.json" -i <(echo "$output")
    [ "$(jq -c '.error | [.kind, .exit, .retriable]' <<<"$output")" = '["usage",64,false]' ]
    [[ $stderr == "dbops: 'vresion' is not a command"* ]]
    run -64 --separate-stderr dbops vresion -o yaml
    [[ $output == "error:"* ]]
}

@test "a result that cannot be written is exit 74" {
    run -74 bash -c 'dbops version >/dev/full'
    [ "$output" = "dbops: cannot write to stdout: No space left on device" ]
    run -74 bash -c 'dbops version -o json >/dev/full'
    run -74 bash -c '{ sleep 0.3; dbops version; } | :; exit "${PIPESTATUS[0]}"'
    [ "$output" = "dbops: cannot write to stdout: Broken pipe" ]
}

@test "a closed stdout is exit 74" {
    run -74 bash -c 'dbops version >&-'
}

@test "--log-format json writes one object a line" {
    run -64 --separate-stderr dbops --log-format json vresion
    [ "$(jq -r '[.level, .kind, .exit, .message] | @csv' <<<"$stderr")" = \
        "\"error\",\"usage\",64,\"'vresion' is not a command\"" ]
    [[ $(jq -r .time <<<"$stderr") =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z$ ]]
}

@test "--log-file gets each run's lines as well, with time and run" {
    run -64 dbops --log-file log vresion
    run -64 dbops --log-file log vresoin
    [ "$(grep -c ' error ' log)" = 2 ]
    [ "$(cut -d ' ' -f 2 log | grep -v hint | grep -cE '^[0-9a-f]{16}$')" = 2 ]
    [ "$(stat -c %a log)" = 640 ]
}

@test "a log file that cannot be opened stops the run" {
    run -74 dbops version --log-file /nowhere/log
    [ "$output" = "dbops: cannot open the log file '/nowhere/log': No such file or directory" ]
}

@test "colour is for terminals, or when it is demanded" {
    red=$'\e[1;31m'
    run -64 dbops vresion
    [[ $output != *$'\e'* ]]
    run -64 dbops --color always vresion
    [[ $output == "${red}dbops: "* ]]
    NO_COLOR=1 run -64 dbops --color always vresion
    [[ $output == "${red}dbops: "* ]]
    run -64 env TERM=xterm script -qec 'dbops vresion' /dev/null
    [[ $output == "${red}dbops: "* ]]
    run -64 env TERM=xterm NO_COLOR=1 script -qec 'dbops vresion' /dev/null
    [[ $output != *$'\e'* ]]
    run -64 env TERM=dumb script -qec 'dbops vresion' /dev/null
    [[ $output != *$'\e'* ]]
}

@test "help fits the terminal" {
    COLUMNS=50 dbops help >narrow
    [ "$(wc -L <narrow)" -le 50 ]
    COLUMNS=120 dbops help >wide
    [ "$(wc -l <wide)" -lt "$(wc -l <narrow)" ]
}

@test "without a configuration file the places are named" {
    run -78 --separate-stderr env -u XDG_CONFIG_HOME HOME=/nowhere dbops migrate info -o json
    [ "$(jq -r .error.kind <<<"$output")" = config ]
    [[ $stderr == *"there is no configuration file"*"/etc/dbops/dbops.yaml"* ]]
}

two_targets() {
    cat >dbops.yaml <<-END
	version: 1
	targets:
	  shop: {engine: postgres, host: 127.0.0.1, port: 1, database: shop}
	  orders: {engine: mysql, host: 127.0.0.1, port: 1, database: orders}
	groups: {nightly: [orders, shop]}
	END
}

@test "a changing command with several targets wants to know which" {
    two_targets
    run -64 dbops migrate up
    [[ ${lines[0]} == *"has several targets: shop, orders" ]]
    [ "${lines[1]}" = "dbops: hint: choose with -t NAME, or -t all" ]
}

@test "an unknown target gets a proposal" {
    two_targets
    run -64 dbops migrate info -t shpo
    [[ ${lines[0]} == "dbops: there is no target or group 'shpo' in "* ]]
    [ "${lines[1]}" = "dbops: hint: did you mean 'shop'?" ]
    run -64 dbops migrate info -t elsewhere
    [ "${lines[1]}" = "dbops: hint: there are shop, orders, nightly" ]
}

@test "a table fits the terminal, and is whole when piped" {
    two_targets
    wide=$(dbops config show -t shop | wc -L)
    [ "$wide" -gt 60 ]
    COLUMNS=60 run -0 script -qec 'dbops config show -t shop' /dev/null
    tr -d '\r' <<<"$output" >screen
    [ "$(wc -L <screen)" -le 60 ]
    grep -q … screen
    run -0 bash -c 'dbops config show -t shop | cat'
    [[ $output != *…* ]]
}

@test "-q leaves only warnings and errors, -v adds details" {
    two_targets
    run -0 --separate-stderr dbops config show -v
    [[ $stderr == *"debug: read the configuration"* ]]
    run -0 --separate-stderr dbops config show -q
    [ -z "$stderr" ]
}

@test "completion knows commands, options, choices, targets and groups" {
    two_targets
    complete() { dbops __complete -- "$@" | cut -f 1 | paste -sd ' '; }
    [ "$(complete versi)" = version ]
    [[ $(complete migrate '') == "up info validate "* ]]
    [ "$(complete migrate info --log-)" = "--log-format --log-file" ]
    [ "$(complete -o '')" = "table json yaml" ]
    [ "$(complete --output=j)" = "--output=json" ]
    [ "$(complete --output = j)" = json ]
    [ "$(complete migrate info -t '')" = "shop orders nightly all" ]
    [ "$(complete migrate info -t shop,o)" = "shop,orders" ]
    [ "$(complete help migrate cl)" = clean ]
    [ "$(complete completion '')" = "bash zsh fish" ]
    [ "$(complete -c nowhere.yaml -t '')" = "" ]
}

@test "the bash completion works in bash" {
    two_targets
    cat >try.bash <<-'END'
	source <(dbops completion bash)
	COMP_WORDS=(dbops migrate info -t n) COMP_CWORD=4
	_dbops dbops
	echo "${COMPREPLY[*]}"
	END
    run -0 bash try.bash
    [ "$output" = nightly ]
    run -64 dbops completion csh
}
