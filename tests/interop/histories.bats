# dbops and Flyway take turns on random histories. INTEROP_SEED and INTEROP_COUNT choose others.
load interop

setup_file() {
    # shellcheck disable=SC2086 # words
    start_servers $ENGINES
    start_flyway
}

teardown_file() {
    stop_flyway
    stop_servers
}

@test "random histories are the same to both: PostgreSQL" {
    use_server postgres
    twins --random "${INTEROP_SEED:-1}" "${INTEROP_COUNT:-10}"
}

@test "random histories are the same to both: MariaDB" {
    use_server mariadb
    twins --random "${INTEROP_SEED:-1}" "${INTEROP_COUNT:-10}"
}

@test "random histories are the same to both: MySQL" {
    use_server mysql
    twins --random "${INTEROP_SEED:-1}" "${INTEROP_COUNT:-10}"
}
