# Random bytes among the answers of a server.  shellcheck shell=bash
#
#   garble_rounds N      N runs in which some bytes of the server's answers are random ones

load "$(dirname "${BASH_SOURCE[0]}")/fault.bash"

# How many bytes the server answers with in a whole run.
count_answers() {
    start_proxy --count
    config_via_proxy migrations
    run -0 --separate-stderr dbops migrate up
    wait_until 5 grep -q answered proxy.log
    answers=$(awk '/^answered/ { n = $2 } END { print n }' proxy.log)
    end_apart
    rm dbops.yaml
}

# One run in which the answers are wrong from a byte on. It may succeed, and it may fail in many
# ways, but it ends, with an exit code of ours; on PostgreSQL, where no file can be half applied,
# the next run is right.
garble_round() {
    new_database
    rm -f dbops.yaml
    start_proxy --garble "$1" --garbled "$2" --seed "$3" --then refuse
    config_via_proxy migrations 'lock_wait: 3s' 'target.connect_timeout: 3s'
    run_with_timeout 30 dbops migrate up
    case $status in
    0 | 65 | 69 | 74 | 75 | 77 | 78) exits[$status]+=1 ;;
    *)
        printf 'status %s\n%s\n' "$status" "$stderr" >&2
        return 1
        ;;
    esac
    no_password || return 1
    end_apart
    [ "$SERVER_ENGINE" = postgres ] || return 0
    rm dbops.yaml
    config_for main migrations
    await_no_session 10 || return 1
    { dbops migrate up >next.out 2>&1 && [ "$(applied)" = '1 2 3' ]; } || {
        printf 'status %s\n%s\n' "$status" "$stderr" >&2
        cat next.out >&2
        return 1
    }
}

garble_rounds() {
    local wanted=$1 round at code
    local -i -A exits=()
    echo 'create table two (id int); insert into two values (1), (2);' >migrations/V2__two.sql
    echo 'select * from two;' >migrations/V3__three.sql
    new_database
    count_answers
    RANDOM=${SEED:=$((EPOCHSECONDS % 32768))}
    echo "# $SERVER_FLAVOUR: seed $SEED, the server answers with $answers bytes in a run" >&3
    for ((round = 0; round < wanted; round++)); do
        at=$(((RANDOM * 32768 + RANDOM) % answers))
        garble_round "$at" $((1 + RANDOM % 8)) "$RANDOM" || {
            echo "seed $SEED, round $round: byte $at of $answers" >&2
            return 1
        }
    done
    for code in "${!exits[@]}"; do
        echo "#   exit $code: ${exits[$code]} times"
    done | sort >&3
}
