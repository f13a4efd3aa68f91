# shellcheck shell=bash
# Processes that work below a folder: every server that a test starts does. Source it.

# left_over FOLDER: their numbers.
left_over() {
    local pid
    for pid in /proc/[0-9]*; do
        [ "${pid#/proc/}" != $$ ] || continue
        case $(readlink "$pid/cwd" 2>/dev/null):$(tr '\0' ' ' <"$pid/cmdline" 2>/dev/null) in
        "$1"/* | *:*"$1"/*) echo "${pid#/proc/}" ;;
        esac
    done 2>/dev/null
}

# stop_left_over FOLDER: ends them, by number.
stop_left_over() {
    local pids
    pids=$(left_over "$1")
    [ -n "$pids" ] || return 0
    # shellcheck disable=SC2086 # a list of numbers
    kill $pids 2>/dev/null || :
    sleep 1
    pids=$(left_over "$1")
    # shellcheck disable=SC2086 # a list of numbers
    [ -z "$pids" ] || kill -9 $pids 2>/dev/null || :
}
