# The connection of `migrate up` cut after 100 byte counts drawn uniformly over those of a run, on
# each server. SEED=n repeats a series.

load ../helpers/kills

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }
setup() { own_folder; }
teardown() { end_apart; }

@test "PostgreSQL: 100 cut connections leave each file whole or absent" {
    use_server postgres
    cut_rounds 100
}

@test "MySQL: 100 cut connections leave no row without its change" {
    use_server mysql
    cut_rounds 100
}

@test "MariaDB: 100 cut connections leave no row without its change" {
    use_server mariadb
    cut_rounds 100
}
