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

@test "MySQL: a history that was killed before its index was made gets it from the next run" {
    index_is_made() {
        use_server "$1"
        new_database
        mkdir -p migrations empty
        echo 'create table one (id int);' >migrations/V1__one.sql
        rm -f dbops.yaml
        config_for main empty
        run -0 --separate-stderr dbops migrate up
        query 'drop index flyway_schema_history_s_idx on flyway_schema_history'
        rm dbops.yaml
        config_for main migrations
        run -0 --separate-stderr dbops migrate up
        [ "$(query "select count(*) from information_schema.statistics where
            table_schema = database() and index_name = 'flyway_schema_history_s_idx'")" = 1 ]
    }
    index_is_made mysql
    index_is_made mariadb
}
