# shellcheck shell=bash
# Processes that work in or below a folder, or were given a path there: every server that a test
# starts. Source it.

# left_over FOLDER: their numbers.
left_over() {
    [ -d "$1" ] || return 0 # without a folder every process would be one
    {
        find /proc/[0-9]*/cwd \( -lname "$1" -o -lname "$1/*" \) -print 2>/dev/null || :
        grep -lF -- "$1/" /proc/[0-9]*/cmdline 2>/dev/null || :
    } | cut -d/ -f3 | sort -u | while read -r pid; do
        # neither ourselves nor what looked for them, which is gone by now
        [ "$pid" = "$$" ] || [ ! -d "/proc/$pid" ] || echo "$pid"
    done
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
