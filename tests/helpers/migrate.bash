# What the suites of `dbops migrate` share. `load helpers/migrate`.  shellcheck shell=bash
#
#   setup_file()    { start_servers $SERVERS; }
#   teardown_file() { stop_servers; }
#   @test "up applies a file" {
#       for server in $SERVERS; do
#           on "$server"                               # own folder, own database, ./migrations
#           migration V1__a.sql 'create table t (a int);'
#           config 'out_of_order: true'                # target "main" in ./dbops.yaml
#           up --to 1                                  # must end with 0
#           ends 65 validate -o json                   # dbops migrate validate ends with 65
#           assert_equal "$(history)" '1|1|a|SQL|V1__a.sql|1'
#       done
#   }
#
# $output and $stderr are those of the last command. Rows have | between their columns.

load "$(dirname "${BASH_SOURCE[0]}")/servers.bash"

# When a suite runs on another version of one server, the others need not run again.
SERVERS="postgres mysql mariadb"
MYSQLS="mysql mariadb"
[ -z "${DBOPS_TEST_POSTGRES_BIN:-}" ] || SERVERS=postgres
[ -z "${DBOPS_TEST_MYSQL_BIN:-}" ] || SERVERS=mysql MYSQLS=mysql
export SERVERS MYSQLS

on() {
    echo "--- on $1"
    use_server "$1"
    cd "$(mktemp -d "$BATS_TEST_TMPDIR/$1.XXXXXX")"
    mkdir migrations
    new_database
}

# migration NAME [LINE...]: a file in ./migrations; without lines it is what stdin has.
migration() {
    local path=migrations/$1
    shift
    mkdir -p "${path%/*}"
    if [ "$#" -gt 0 ]; then
        printf '%s\n' "$@" >"$path"
    else
        cat >"$path"
    fi
}

# Target "main", written anew.
config() {
    rm -f dbops.yaml
    config_for main migrations "$@"
}

# Database keys of another target, beside "main".
config_more() {
    local name=$1
    shift
    config_for "$name" migrations "$@"
}

# ends STATUS ARGUMENT...: `dbops migrate ARGUMENT...` ends with it, and does not hang.
ends() {
    local wanted=$1
    shift
    run_with_timeout "${TIME_LIMIT:-60}" dbops migrate "$@"
    # shellcheck disable=SC2154 # run sets them
    [ "$status" = "$wanted" ] || {
        printf '%s\n' "dbops migrate $*: ended with $status instead of $wanted" "$output" "$stderr"
        return 1
    }
}

up() {
    ends 0 up "$@"
}

# says TEXT...: each stands in the last command's stderr.
says() {
    local text
    for text; do
        # shellcheck disable=SC2154 # bats sets stderr
        [[ $stderr == *"$text"* ]] || {
            printf '%s\n' "stderr lacks: $text" "$stderr"
            return 1
        }
    done
}

rows() {
    query "$1" | tr '\t' '|'
}

# rank|version|description|type|script|success
history() {
    rows "select installed_rank, coalesce(version, '-'), description, type, script,
        case when success then 1 else 0 end
        from ${1:-flyway_schema_history} order by installed_rank"
}

# version|description|type|state of each line of info, in its order.
states() {
    dbops migrate info -o json "$@" | jq -r '.targets[0].migrations[]
        | [.version // "-", .description, .type, .state] | join("|")'
}

# Whether a table of that name exists in the current schema.
has_table() {
    local schema='database()'
    [ "$SERVER_ENGINE" != postgres ] || schema='current_schema()'
    [ "$(query "select count(*) from information_schema.tables
        where table_schema = $schema and table_name = '$1'")" = 1 ]
}

no_table() {
    ! has_table "$1"
}

# The last command printed a document that its schema allows.
fits_schema() {
    python3 "$ROOT/tests/helpers/json_schema.py" "$ROOT/docs/schema/migrate-$1.json" <<<"$output"
}

# tables VERSION...: a migration for each that makes a table.
tables() {
    local v
    for v; do
        migration "V${v}__v$v.sql" "create table v$v (a int);"
    done
}
