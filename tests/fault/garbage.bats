# What is not as it should be: servers that speak nonsense, files that change under a run.

load ../helpers/garbage

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }

setup() {
    own_folder
    mkdir migrations
    echo 'create table one (id int primary key);' >migrations/V1__one.sql
}

teardown() { end_apart; }

# says_nonsense ENGINE WORDS BYTES: a server of that kind answers with BYTES (as %b of printf).
says_nonsense() {
    printf %b "$3" >answer
    socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'cat answer; sleep 0.2' \
        2>socat.log 3>&- &
    ends_with_test $!
    local port
    wait_until 5 listening $!
    printf 'version: 1\ntargets:\n  main: {engine: %s, host: 127.0.0.1, port: %s, database: x,
        user: y, password: the-password, tls: disable, connect_timeout: 3s,
        migrate: {locations: [migrations]}}\n' "$1" "$port" >dbops.yaml
    SERVER_PASSWORD=the-password
    run_with_timeout 10 dbops migrate up
    [ "$status" = 69 ] || {
        printf 'status %s\n%s\n' "$status" "$stderr" >&2
        return 1
    }
    says "cannot connect to 'main'" "$2"
    end_apart
}

listening() {
    port=$(ss -Htlnp "sport > 0" |
        awk -v pid="pid=$1," 'index($0, pid) { sub(/.*:/, "", $4); print $4 }')
    [ -n "$port" ]
}

@test "a server that answers nonsense is unavailable" {
    says_nonsense postgres 'expected authentication request' 'HTTP/1.1 400 Bad Request\r\n\r\n'
    says_nonsense postgres 'server closed the connection' ''
    says_nonsense postgres '' 'R\377\377\377\377\377\377\377\377'
    says_nonsense postgres '' 'R\0\0\0\010\0\0\0\0Z\0\0\0\005IT\177\377\377\377\377\377'
    says_nonsense mysql '' 'HTTP/1.1 400 Bad Request\r\n\r\n'
    says_nonsense mysql '' ''
    says_nonsense mysql '' '\377\377\377\0\n'
    says_nonsense mysql '' 'J\0\0\0\0128.0.99\0\01\0\0\0saltsalt\0'
}

@test "PostgreSQL: random bytes among the answers of the server do no harm" {
    use_server postgres
    garble_rounds 10
}

@test "MySQL: random bytes among the answers of the server do no harm" {
    use_server mysql
    garble_rounds 10
}

@test "MariaDB: random bytes among the answers of the server do no harm" {
    use_server mariadb
    garble_rounds 10
}

# A run that stands in V1 while somebody does something to V2.
stand_in_first() {
    use_server "$1"
    new_database
    rm -f dbops.yaml
    config_for main migrations
    if [ "$1" = postgres ]; then
        echo 'select pg_sleep(1);' >migrations/V1__one.sql
    else
        echo 'do sleep(1);' >migrations/V1__one.sql
    fi
    echo 'create table two (id int);' >migrations/V2__two.sql
    run_apart migrate up
    wait_until 10 grep -q 'applying version 1' apart.err
    sleep 0.2
}

v2_is_pending() {
    await_apart
    [ "$status" = "$1" ]
    says 'cannot apply V2__two.sql' "$2" 'its state is still pending' "run 'dbops migrate up' again"
    [ "$(history_rows)" = '1 1 ok' ]
    echo 'create table two (id int);' >migrations/V2__two.sql
    run -0 --separate-stderr dbops migrate up
    [ "$(history_rows)" = $'1 1 ok\n2 2 ok' ]
}

@test "a file that vanishes between reading and running is an I/O error" {
    vanishes() {
        stand_in_first "$1"
        rm migrations/V2__two.sql
        v2_is_pending 74 'No such file or directory'
    }
    vanishes postgres
    vanishes mysql
}

@test "a file that changes between reading and running is not run" {
    changes() {
        stand_in_first "$1"
        echo 'create table other (id int);' >migrations/V2__two.sql
        v2_is_pending 65 "V2__two.sql' has changed since this run read it first"
    }
    changes postgres
    changes mariadb
}

@test "a file that is replaced by the same text is run" {
    stand_in_first postgres
    sleep 0.1
    cp migrations/V2__two.sql copy
    mv copy migrations/V2__two.sql
    await_apart
    [ "$status" = 0 ]
    [ "$(applied)" = '1 2' ]
}

@test "PostgreSQL: a file that grows while it runs is rolled back" {
    use_server postgres
    new_database
    config_for main migrations
    printf '%s\n' 'create table two (id int);' 'select pg_sleep(1);' >migrations/V2__two.sql
    seq -f 'insert into two values (%.0f);' 1 5000 >>migrations/V2__two.sql
    run_apart migrate up
    wait_until 10 grep -q 'applying version 2' apart.err
    sleep 0.2
    echo 'drop table two;' >>migrations/V2__two.sql
    await_apart
    [ "$status" = 65 ]
    says "V2__two.sql' changed while it was read" 'rolled back: nothing of V2__two.sql remains'
    [ "$(applied)" = 1 ]
    [ -z "$(query "select to_regclass('two')")" ]
}
