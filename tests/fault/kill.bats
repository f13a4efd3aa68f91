# kill -9 of `migrate up` at any moment: nothing is lost, nothing is told that is not so.
# tests/soak/kill.bats does the same twenty times as often.

load ../helpers/kills

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }
setup() { own_folder; }
teardown() { end_apart; }

@test "PostgreSQL: a run killed at any moment leaves each file whole or absent, and its lock free" {
    use_server postgres
    kill_rounds 10
}

@test "MySQL: a run killed at any moment leaves no row without its change, and its lock free" {
    use_server mysql
    kill_rounds 10
}

@test "MariaDB: a run killed at any moment leaves no row without its change, and its lock free" {
    use_server mariadb
    kill_rounds 10
}
