# The connection of `migrate up` cut after any number of bytes; tests/soak/cut.bats does the same
# twenty times as often.

load ../helpers/kills

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }
setup() { own_folder; }
teardown() { end_apart; }

@test "PostgreSQL: cut after any byte: each file is whole or absent, and the next run completes" {
    use_server postgres
    cut_rounds 5
}

@test "MySQL: cut after any byte: no row without its change, and the next run completes it" {
    use_server mysql
    cut_rounds 5
}

@test "MariaDB: cut after any byte: no row without its change, and the next run completes it" {
    use_server mariadb
    cut_rounds 5
}
