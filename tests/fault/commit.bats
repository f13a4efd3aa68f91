# bats file_tags=postgres,mysql
# The connection is cut at and around COMMIT: whether it held is found out, not guessed.

load ../helpers/fault

setup_file() { start_servers postgres mysql mariadb; }
teardown_file() { stop_servers; }

setup() {
    own_folder
    mkdir migrations
    echo 'create table one (id int primary key);' >migrations/V1__one.sql
    printf '%s\n' 'create table two (id int primary key);' 'insert into two values (1), (2);' \
        >migrations/V2__two.sql
    echo 'create table three (id int primary key);' >migrations/V3__three.sql
}

teardown() { end_apart; }

# cut_commit OPTION...: a run whose connection is cut where V2 is committed.
cut_commit() {
    new_database
    if [ "$SERVER_ENGINE" = postgres ]; then
        start_proxy --arm V2__two.sql --at COMMIT "$@"
    else
        start_proxy --arm "'V2__two.sql'" --at COMMIT "$@"
    fi
    config_via_proxy migrations
    run_with_timeout 60 dbops migrate up
    [ "$(grep -c cut proxy.log)" = 1 ]
}

# What a run that went on in spite of the cut must have done.
went_on() {
    [ "$status" = 0 ] || {
        echo "$stderr" >&2
        return 1
    }
    says 'V2__two.sql: connection lost while committing; asking the history'
    [ "$(applied)" = '1 2 3' ]
    [ "$(query 'select count(*) from two')" = 2 ]
    run -0 --separate-stderr dbops migrate validate
}

# PostgreSQL: the commit did not hold, nothing of V2 is there, and the next run does it.
did_not_hold() {
    [ "$status" = 69 ]
    says 'connection lost while committing' 'cannot apply V2__two.sql' \
        'rolled back: nothing of V2__two.sql remains' "run 'dbops migrate up' again"
    [ "$(applied)" = 1 ]
    [ -z "$(query "select to_regclass('two')")" ]
    run -0 --separate-stderr dbops migrate up
    [ "$(applied)" = '1 2 3' ]
    [ "$(query 'select count(*) from two')" = 2 ]
}

# MySQL: the table stays, the rows are gone; that is recorded.
is_recorded_as_failed() {
    [ "$status" = 69 ]
    says 'connection lost while committing' 'cannot apply V2__two.sql' \
        'recorded: V2__two.sql as failed' 'dbops migrate repair'
    [ "$(history_rows)" = $'1 1 ok\n2 2 failed' ]
    [ "$(query 'select count(*) from two')" = 0 ]
    run -65 --separate-stderr dbops migrate up
    query 'drop table two'
    run -0 --separate-stderr dbops migrate repair
    run -0 --separate-stderr dbops migrate up
    [ "$(applied)" = '1 2 3' ]
    [ "$(query 'select count(*) from two')" = 2 ]
}

@test "PostgreSQL: cut before COMMIT is sent: rolled back, and told so" {
    use_server postgres
    cut_commit --cut before
    did_not_hold
}

@test "PostgreSQL: reset before COMMIT is sent: rolled back, and told so" {
    use_server postgres
    cut_commit --cut before --reset
    did_not_hold
}

@test "PostgreSQL: cut before the answer to COMMIT: the row is found and the run goes on" {
    use_server postgres
    cut_commit --cut answered
    went_on
}

@test "PostgreSQL: reset after the answer's first byte: the row is found and the run goes on" {
    use_server postgres
    cut_commit --cut partial --reset
    went_on
}

@test "PostgreSQL: cut while COMMIT is on its way: whichever way it went, it is told right" {
    use_server postgres
    cut_commit --cut forwarded
    if [ "$status" = 0 ]; then went_on; else did_not_hold; fi
}

@test "PostgreSQL: the old session still holds the lock: its end is waited for" {
    use_server postgres
    cut_commit --cut before --linger 3
    did_not_hold
}

@test "PostgreSQL: the server cannot be reached again: in doubt, and nothing is claimed" {
    use_server postgres
    cut_commit --cut answered --then refuse
    [ "$status" = 69 ]
    says 'cannot apply V2__two.sql' 'in doubt: whether the commit held could not be found out' \
        'cannot connect' 'dbops migrate info'
    [[ $stderr != *'rolled back'* ]]
    [ "$(applied)" = '1 2' ]
    rm dbops.yaml
    config_for main migrations
    run -0 --separate-stderr dbops migrate up
    [ "$(applied)" = '1 2 3' ]
}

@test "PostgreSQL: a group is committed as one, and found as one" {
    use_server postgres
    new_database
    start_proxy --arm V3__three.sql --at COMMIT --cut answered
    config_via_proxy migrations 'group: true'
    run_with_timeout 60 dbops migrate up
    [ "$status" = 0 ]
    says 'V3__three.sql: connection lost while committing'
    [ "$(applied)" = '1 2 3' ]
}

@test "MySQL: cut before COMMIT is sent: what stays is recorded as failed" {
    use_server mysql
    cut_commit --cut before
    is_recorded_as_failed
}

@test "MySQL: reset before the answer to COMMIT: the row is found and the run goes on" {
    use_server mysql
    cut_commit --cut answered --reset
    went_on
}

@test "MySQL: cut after the answer's first byte: the row is found and the run goes on" {
    use_server mysql
    cut_commit --cut partial
    went_on
}

@test "MySQL: the old session still holds the lock: its end is waited for" {
    use_server mysql
    cut_commit --cut answered --linger 3
    went_on
}

@test "MySQL: the server cannot be reached again: in doubt, and nothing is claimed" {
    use_server mysql
    cut_commit --cut answered --then refuse
    [ "$status" = 69 ]
    says 'cannot apply V2__two.sql' 'in doubt: whether the commit held could not be found out' \
        'cannot connect' 'dbops migrate info'
    [[ $stderr != *'rolled back'* ]]
    [ "$(applied)" = '1 2' ]
}

@test "MariaDB: cut before COMMIT is sent: what stays is recorded as failed" {
    use_server mariadb
    cut_commit --cut before --reset
    is_recorded_as_failed
}

@test "MariaDB: cut before the answer to COMMIT: the row is found and the run goes on" {
    use_server mariadb
    cut_commit --cut answered
    went_on
}

@test "MariaDB: cut while COMMIT is on its way: whichever way it went, it is told right" {
    use_server mariadb
    cut_commit --cut forwarded --reset
    if [ "$status" = 0 ]; then went_on; else is_recorded_as_failed; fi
}
