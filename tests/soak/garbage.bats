# Random bytes among the answers of a server, 200 times on each. SEED=n repeats a series.

load ../helpers/garbage

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }

setup() {
    own_folder
    mkdir migrations
    echo 'create table one (id int primary key);' >migrations/V1__one.sql
}

teardown() { end_apart; }

@test "PostgreSQL: 200 runs with random bytes among the answers" {
    use_server postgres
    garble_rounds 200
}

@test "MySQL: 200 runs with random bytes among the answers" {
    use_server mysql
    garble_rounds 200
}

@test "MariaDB: 200 runs with random bytes among the answers" {
    use_server mariadb
    garble_rounds 200
}
