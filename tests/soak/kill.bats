# kill -9 of `migrate up` at 200 moments drawn uniformly over a run, on each server. SEED=n repeats
# a series.

load ../helpers/kills

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }
setup() { own_folder; }
teardown() { end_apart; }

@test "PostgreSQL: 200 killed runs leave each file whole or absent" {
    use_server postgres
    kill_rounds 200
}

@test "MySQL: 200 killed runs leave no row without its change" {
    use_server mysql
    kill_rounds 200
}

@test "MariaDB: 200 killed runs leave no row without its change" {
    use_server mariadb
    kill_rounds 200
}
