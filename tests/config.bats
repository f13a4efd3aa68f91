#!/usr/bin/env bats
# dbops config check | show | schema, and how every command reads dbops.yaml.

bats_require_minimum_version 1.5.0

setup() {
    root=$(dirname "$(readlink -f "$BATS_TEST_FILENAME")")/..
    cd "$BATS_TEST_TMPDIR"
    export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=
    unset DBOPS_CONFIG
}

# refused TEXT: `config check` of dbops.yaml exits 78, prints no result, and says TEXT.
refused() {
    run -78 --separate-stderr dbops config check
    [ -z "$output" ]
    [[ $stderr == *"$1"* ]] || {
        echo "wanted: $1"
        echo "got: $stderr"
        return 1
    }
}

# value TARGET.KEY: what `config show` shows for it.
value() {
    dbops config show -o json |
        jq -r --arg key "targets.$1" '.values[] | select(.key == $key).value'
}

# matches SCHEMA FILE: FILE is as the JSON Schema wants it.
matches() {
    python3 "$root/tests/helpers/json_schema.py" "$1" "$2"
}

@test "config check tells what a good file holds" {
    cat >dbops.yaml <<'Y'
groups: {nightly: [app, shop]}
targets:
  app: {engine: postgres}
  shop: {engine: mysql, host: "${DBOPS_T_NONE}"}
Y
    run -0 --separate-stderr dbops config check
    [ "${lines[0]}" = "dbops.yaml is good, 2 targets, 1 group" ]
    [ "${lines[1]}" = "note: dbops.yaml:4:31: environment variable DBOPS_T_NONE is not set" ]
    [ -z "$stderr" ]
}

@test "config check lists every finding with its place, and exits 78" {
    printf 'targets:\n  app:\n    engine: postgress\n    prot: 5432\n    port: 54a32\n' >dbops.yaml
    refused "dbops.yaml:3:13: targets.app.engine: 'postgress' is not known"
    refused "allowed is postgres or mysql; did you mean 'postgres'?"
    refused "dbops.yaml:4:5: targets.app.prot: unknown key; did you mean 'port'?"
    refused "dbops.yaml:5:11: targets.app.port: '54a32' is not a whole number"
    refused "allowed is 1 to 65535"
}

@test "each way to break the file has its own message" {
    rm -f dbops.yaml && mkdir dbops.yaml
    refused "cannot read 'dbops.yaml': Is a directory"
    rmdir dbops.yaml
    : >dbops.yaml
    refused "dbops.yaml: the file is empty"
    printf -- '- a\n' >dbops.yaml
    refused "dbops.yaml:1:1: the file holds a list"
    printf 'a:\n\tb: 1\n' >dbops.yaml
    refused "dbops.yaml:2:1: a tab"
    printf 'a: \xff\n' >dbops.yaml
    refused "dbops.yaml:1:4: byte 0xFF is not UTF-8"
    printf 'a: b\0\n' >dbops.yaml
    refused "dbops.yaml:1:5: a NUL byte"
    printf 'a: 1\na: 2\n' >dbops.yaml
    refused "dbops.yaml:2:1: the key 'a' is here a second time; the first is in line 1"
    printf 'a: 1\n---\nb: 1\n' >dbops.yaml
    refused "dbops.yaml:2:1: a second document begins here"
    printf 'a: &a [*a]\n' >dbops.yaml
    refused "dbops.yaml:1:8: the alias '*a' stands inside its own anchor"
    printf 'version: 7\n' >dbops.yaml
    refused "upgrade dbops"
    head -c 2000000 /dev/zero | tr '\0' '#' >dbops.yaml
    refused "larger than 1048576 bytes"
}

@test "a bomb of aliases and a tower of brackets end at once" {
    {
        echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
        for i in 1 2 3 4 5 6 7 8 9; do
            p="*a$((i - 1))"
            echo "a$i: &a$i [$p, $p, $p, $p, $p, $p, $p, $p, $p, $p]"
        done
    } >dbops.yaml
    SECONDS=0
    refused "more than 100000 values"
    head -c 1000000 /dev/zero | tr '\0' '[' >dbops.yaml
    refused "nested deeper than 64 levels"
    [ "$SECONDS" -le 5 ]
}

@test "an unreadable file is refused" {
    printf 'targets: {app: {engine: mysql}}\n' >dbops.yaml
    chmod 000 dbops.yaml
    as_nobody=()
    if [ "$(id -u)" = 0 ]; then
        cp "$(command -v dbops)" dbops
        as_nobody=(setpriv --reuid=65534 --clear-groups)
        PATH=$PWD:$PATH
    fi
    run -78 "${as_nobody[@]}" dbops -c "$PWD/dbops.yaml" config check
    [[ $output == *"Permission denied"* ]]
}

@test "the configuration is found in the order -c, DBOPS_CONFIG, ./dbops.yaml, XDG_CONFIG_HOME" {
    mkdir -p xdg/dbops home/.config/dbops
    for f in option.yaml environment.yaml xdg/dbops/dbops.yaml home/.config/dbops/dbops.yaml; do
        printf 'targets: {app: {engine: mysql}}\n' >$f
    done
    run -0 dbops config check
    [[ $output == "$PWD/home/.config/dbops/dbops.yaml is good"* ]]
    export XDG_CONFIG_HOME=$PWD/xdg
    run -0 dbops config check
    [[ $output == "$PWD/xdg/dbops/dbops.yaml is good"* ]]
    cp option.yaml dbops.yaml
    run -0 dbops config check
    [[ $output == "dbops.yaml is good"* ]]
    export DBOPS_CONFIG=environment.yaml
    run -0 dbops config check
    [[ $output == "environment.yaml is good"* ]]
    run -0 dbops -c option.yaml config check
    [[ $output == "option.yaml is good"* ]]
    run -78 dbops -c none.yaml config check
    [[ $output == *"cannot read 'none.yaml'"* ]]
}

@test "without a configuration file the message says where one is looked for" {
    run -78 dbops config check
    [[ $output == *"there is no configuration file"* ]]
    [[ $output == *"/etc/dbops/dbops.yaml"* ]]
}

@test "variables are needed only for the targets in use, and by --resolve" {
    cat >dbops.yaml <<'Y'
targets:
  here: {engine: postgres, port: "${DBOPS_T_PORT:-5432}"}
  there: {engine: mysql, host: "${DBOPS_T_NONE:?set by the operator}"}
Y
    run -0 dbops config check
    run -0 dbops config check --resolve -t here
    run -78 --separate-stderr dbops config check --resolve
    [[ $stderr == *"dbops.yaml:3:32: targets.there.host: environment variable DBOPS_T_NONE"* ]]
    [[ $stderr == *"is not set: set by the operator"* ]]
    DBOPS_T_NONE=db run -0 dbops config check --resolve
    DBOPS_T_NONE=db DBOPS_T_PORT=x run -78 dbops config check --resolve
    [[ $output == *"dbops.yaml:2:34: targets.here.port: what '\${DBOPS_T_PORT:-5432}' stands"* ]]
}

@test "a variable cannot bring in YAML, and single quotes keep it out" {
    cat >dbops.yaml <<'Y'
targets:
  app: {engine: mysql, user: "${DBOPS_T}", database: '${DBOPS_T}', host: $${DBOPS_T}}
Y
    refused "write \"\${…}\" with quotes"
    sed -i 's/host: \(.*\)}$/host: "\1"}/' dbops.yaml
    DBOPS_T='x, port: 1' run -0 --separate-stderr value app.user
    [ "$output" = "x, port: 1" ]
    run -0 value app.port
    [ "$output" = null ]
    run -0 value app.database
    [ "$output" = '${DBOPS_T}' ]
    run -0 value app.host
    [ "$output" = '${DBOPS_T}' ]
}

@test "config show tells where each value came from" {
    mkdir conf
    printf 'defaults: {timezone: UTC, migrate: {lock_retries: 3}}\n' >conf/more.yaml
    cat >dbops.yaml <<'Y'
include: conf/more.yaml
targets:
  app:
    engine: postgres
    host: ${DBOPS_T_HOST:-localhost}
    migrate: {group: false}
Y
    show() {
        dbops config show -t app -o json "$@" |
            jq -r '.values[] | "\(.key | ltrimstr("targets.app.")) \(.value) \(.source)"'
    }
    run -0 show
    [[ $output == *$'\nengine postgres dbops.yaml:4\n'* ]]
    [[ $output == *$'\nhost localhost dbops.yaml:5 (DBOPS_T_HOST is not set)\n'* ]]
    [[ $output == *$'\ntimezone UTC conf/more.yaml:1\n'* ]]
    [[ $output == *$'\nconnect_timeout 10s default\n'* ]]
    [[ $output == *$'\nmigrate.lock_retries 3 conf/more.yaml:1\n'* ]]
    [[ $output == *$'\nmigrate.group false dbops.yaml:6\n'* ]]
    DBOPS_T_HOST=db DBOPS_GROUP=true DBOPS_LOCK_WAIT=1s run -0 show
    [[ $output == *$'\nhost db dbops.yaml:5 (DBOPS_T_HOST is set)\n'* ]]
    [[ $output == *$'\nmigrate.group true environment DBOPS_GROUP\n'* ]]
    [[ $output == *$'\nmigrate.lock_wait 1s environment DBOPS_LOCK_WAIT\n'* ]]
    DBOPS_GROUP=false run -0 show --lock-wait 2s -- migrate up --group
    [[ $output == *$'\nmigrate.group true option --group\n'* ]]
    run -0 show --lock-wait 2s
    [[ $output == *$'\nmigrate.lock_wait 2s option --lock-wait\n'* ]]
}

@test "config show prints a row for every key of the table" {
    printf 'targets: {app: {engine: mysql}}\n' >dbops.yaml
    dbops config show -o json | jq -r '.values[].key | select(startswith("targets.app."))' |
        sed 's/targets.app.//' | sort >shown
    dbops config schema | jq -r '."$defs".target.properties | . as $t | keys[] |
        if . == "migrate" then $t.migrate.properties | keys[] | "migrate." + . else . end' |
        grep -v password_ | sort >known
    [ "$(wc -l <known)" -ge 50 ]
    diff known shown
}

@test "an option's wrong value is exit 64, the environment's and the file's 78" {
    printf 'targets: {app: {engine: mysql}}\n' >dbops.yaml
    run -64 dbops config show -- migrate up --lock-timeout soon
    [[ $output == *"option --lock-timeout: migrate.lock_timeout: 'soon' is not a duration"* ]]
    DBOPS_LOCK_TIMEOUT=soon run -78 dbops config show
    [[ $output == *"environment DBOPS_LOCK_TIMEOUT: migrate.lock_timeout: its value is not"* ]]
    [[ $output != *soon* ]]
}

@test "a secret never appears, wherever it goes wrong" {
    secret=hunter2-Zx9
    printf '%s\n' "$secret" >pw
    chmod 600 pw
    cat >dbops.yaml <<Y
targets:
  text: {engine: mysql, password: $secret}
  variable: {engine: mysql, password: "\${DBOPS_T_PW}", port: "\${DBOPS_T_PW}"}
  file: {engine: mysql, password_file: pw}
  command: {engine: mysql, password_command: [cat, pw]}
Y
    export DBOPS_T_PW=$secret
    for args in "config check" "config check -o json" "config check --resolve" \
        "config check --resolve -t file -v" "config show" "config show -o json" \
        "config show -o yaml -t text" "config show -t file -t command" "config show -t variable"; do
        read -ra words <<<"$args"
        run dbops "${words[@]}"
        [ -n "$output" ]
        [[ $output != *"$secret"* ]] || { echo "$args: $output"; return 1; }
    done
    run -0 dbops config show -t text -t file -t command
    [ "$(grep -c '\*\*\*' <<<"$output")" = 3 ]
    printf 'targets: {app: {engine: mysql, password: [%s], prt: %s}}\n' \
        "$secret" "$secret" >dbops.yaml
    run -78 dbops config check
    [[ $output == *"targets.app.password: must be a single value"* ]]
    [[ $output != *"$secret"* ]]
}

@test "a secret's file is warned about when others can read it" {
    printf 'targets: {app: {engine: mysql, password_file: pw}}\n' >dbops.yaml
    echo geheim >pw
    chmod 644 pw
    run -0 --separate-stderr dbops config check --resolve
    [[ $stderr == *"'pw' holds a secret and can be read by everyone (mode 0644)"* ]]
    chmod 640 pw
    run -0 --separate-stderr dbops config check --resolve
    [[ $stderr == *"can be read by its group"* ]]
    chmod 600 pw
    run -0 --separate-stderr dbops config check --resolve
    [ -z "$stderr" ]
    rm pw
    run -78 dbops config check --resolve
    [[ $output == *"targets.app.password_file: cannot read 'pw': No such file"* ]]
}

@test "a secret's command runs without a shell, and only when its target is used" {
    cat >dbops.yaml <<'Y'
targets:
  app:
    engine: postgres
    host: /nowhere
    password_command: [./token, '$(touch evil); touch evil']
Y
    printf '#!/bin/sh\ntouch ran\necho geheim\necho "refused: $1" >&2\nexit 7\n' >token
    chmod 755 token
    run -0 dbops config check --resolve
    run -0 dbops config show
    [ ! -e ran ]
    run -74 dbops migrate info
    [ -e ran ]
    [ ! -e evil ]
    [[ $output == *"dbops.yaml:5:23: password_command: "* ]]
    [[ $output == *"exited with 7"* ]]
    [[ $output == *'refused: $(touch evil); touch evil'* ]]
    [[ $output != *geheim* ]]
}

@test "paths are relative to the folder of the file that names them" {
    mkdir -p conf
    printf 'targets: {app: {engine: mysql, tls_ca: ca.pem, tls_key: /k.pem}}\n' >conf/dbops.yaml
    export DBOPS_CONFIG=conf/dbops.yaml
    [ "$(value app.tls_ca)" = conf/ca.pem ]
    [ "$(value app.tls_key)" = /k.pem ]
}

@test "included files add up, and a key given twice names both places" {
    printf 'include: [b.yaml]\ntargets: {a: {engine: mysql}}\n' >dbops.yaml
    printf 'include: dbops.yaml\ntargets: {a: {engine: mysql}}\n' >b.yaml
    refused "b.yaml:2:11: targets.a: is also in dbops.yaml:2:11"
    refused "b.yaml:1:10: include: 'dbops.yaml' includes itself"
    printf 'targets: {b: {engine: postgres}}\n' >b.yaml
    run -0 dbops config check -o json
    [ "$(jq -c .targets <<<"$output")" = '["a","b"]' ]
    [ "$(jq -c .files <<<"$output")" = '["dbops.yaml","b.yaml"]' ]
}

@test "results as JSON and YAML are as docs/schema says" {
    cat >dbops.yaml <<'Y'
project: shop
groups: {g: [app]}
targets: {app: {engine: mysql, host: "${A:-b}", migrate: {placeholders: {a: b}}}}
Y
    for format in json yaml; do
        dbops config check -o $format >result
        matches "$root/docs/schema/config-check.json" result
        dbops config show -o $format >result
        matches "$root/docs/schema/config-show.json" result
        dbops config schema -o $format >result
        matches "$root/docs/schema/config-schema.json" result
    done
}

@test "config schema is a valid schema, and every example fits it" {
    dbops config schema >schema.json
    matches schema.json -
    for example in "$root"/examples/*/dbops.yaml; do
        matches schema.json "$example"
        dbops -c "$example" config check
    done
}

@test "what config check refuses does not fit the schema either" {
    dbops config schema >schema.json
    n=0
    while IFS= read -r wrong; do
        printf '%s\n' "$wrong" >dbops.yaml
        run -78 dbops config check
        run -1 matches schema.json dbops.yaml
        [[ $output == *": "* ]]
        n=$((n + 1))
    done <<'Y'
targets: [a]
projct: x
project: a b
version: 2
targets: {a: {engine: postgress}}
targets: {a: {engine: mysql, prt: 1}}
targets: {a: {engine: mysql, port: 0}}
targets: {a: {engine: mysql, port: 65536}}
targets: {a: {engine: mysql, port: 54a32}}
targets: {a: {engine: mysql, host: [a]}}
targets: {a: {engine: mysql, tls: maybe}}
targets: {a: {engine: mysql, protected: perhaps}}
targets: {a: {engine: mysql, connect_timeout: 10}}
targets: {a: {engine: mysql, connect_timeout: 10 seconds}}
targets: {a: {engine: mysql, password: a, password_file: b}}
targets: {a: {engine: mysql, password_command: echo}}
targets: {a: {engine: mysql, password_command: []}}
targets: {a: {engine: mysql, migrate: []}}
targets: {a: {engine: mysql, migrate: {clean: yes}}}
targets: {a: {engine: mysql, migrate: {locations: {a: b}}}}
targets: {a: {engine: mysql, migrate: {placeholders: [a]}}}
targets: {a: {engine: mysql, migrate: {lock_retries: -1}}}
targets: {-a: {engine: mysql}}
{defaults: {storage: s3}, targets: {a: {engine: mysql}}}
{groups: {g: a}, targets: {a: {engine: mysql}}}
{groups: {g: []}, targets: {a: {engine: mysql}}}
Y
    [ "$n" = 26 ]
}

@test "variables fit the schema where numbers, truths and words stand" {
    dbops config schema >schema.json
    cat >dbops.yaml <<'Y'
x-anchors: &base {engine: "${E:-mysql}", port: "${P:-1}", protected: "${B:-no}"}
targets:
  a: {<<: *base, connect_timeout: "${C:-1s}", tls: "${T:-require}", x-note: [1]}
  b: {engine: mysql, port: "5432", protected: yes, lock_timeout: 0, database: 2024, password: }
Y
    matches schema.json dbops.yaml
    run -0 dbops config check --resolve
}
