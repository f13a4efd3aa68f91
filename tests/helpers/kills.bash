# Killing `migrate up` at random moments: thirty files, and what must be true afterwards.
# shellcheck shell=bash
#
#   write_set                 V001 … V030 in ./migrations and how to undo each in ./undo
#   kill_rounds N             N runs ended by -9, each checked, completed and compared
#   cut_rounds N              N runs whose connection is cut, the same

load "$(dirname "${BASH_SOURCE[0]}")/fault.bash"

SET_SIZE=30

# Every file makes an object o_N and leaves two marks: 'a' first, 'z' last. kind_of tells what else.
kind_of() {
    [ "$1" != 1 ] || return 0
    case $(($1 % 6)) in
    0) echo pure ;;       # rows only
    1) echo steps ;;      # several statements on a table of its own
    2) echo table ;;
    3) echo view ;;
    4) echo function ;;
    5) echo index ;;      # PostgreSQL: concurrently, outside a transaction
    esac
}

mark() {
    echo "insert into marks values ($1, '$2');"
}

postgres_file() {
    local n=$1 kind
    kind=$(kind_of "$n")
    if [ "$kind" = index ]; then
        echo "create index concurrently o_$n on facts (file, length(body), (id % $n));"
        return
    fi
    [ -n "$kind" ] || echo "create table marks (file int, part text, primary key (file, part));
create table facts (file int, id int, body text, primary key (file, id));
create table o_1 (id int);"
    mark "$n" a
    case $kind in
    table) echo "create table o_$n (id int primary key, word text not null);
create index on o_$n (word);
comment on table o_$n is 'the table of $n';
insert into o_$n select i, 'w' || i from generate_series(1, 300) i;" ;;
    view) echo "insert into facts select $n, i, repeat('x', i % 50) from generate_series(1, 2000) i;
update facts set body = body || 'y' where file = $n and id % 3 = 0;
create view o_$n as select * from facts where file = $n;" ;;
    function)
        echo "copy facts (file, id, body) from stdin;"
        seq -f "$n	%.0f	line $n" 1 2000
        printf '\\.\n'
        echo "create function o_$n() returns int language plpgsql as
\$\$ begin return $n; end \$\$;"
        ;;
    pure) echo "insert into facts select $n, i, 'p' from generate_series(1, 500) i;
delete from facts where file = $n and id % 5 = 0;
create sequence o_$n;" ;;
    steps) echo "create table o_$n (id int);
alter table o_$n add column a int default $n;
alter table o_$n add constraint c_$n check (a > 0);
insert into o_$n select i from generate_series(1, 500) i;
create materialized view m_$n as select count(*) from o_$n;" ;;
    esac
    mark "$n" z
}

mysql_file() {
    local n=$1 kind
    kind=$(kind_of "$n")
    [ -n "$kind" ] || echo "create table marks (file int, part char(1), primary key (file, part));
create table facts (file int, id int, body text, primary key (file, id));
create table numbers (i int primary key);
insert into numbers values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
create table o_1 (id int);"
    mark "$n" a
    case $kind in
    table) echo "create table o_$n (id int primary key, word varchar(20) not null, index (word));
insert into o_$n select a.i * 10 + b.i, concat('w', a.i) from numbers a, numbers b;" ;;
    view) echo "insert into facts select $n, a.i * 100 + b.i * 10 + c.i, repeat('x', b.i)
    from numbers a, numbers b, numbers c;
update facts set body = concat(body, 'y') where file = $n and id % 3 = 0;
create view o_$n as select * from facts where file = $n;" ;;
    function) printf 'delimiter //\n%s\n%s\n//\ndelimiter ;\n' \
        "create procedure o_$n() begin declare n int default $n;" "select n; end" ;;
    pure) echo "insert into facts select $n, a.i * 100 + b.i * 10 + c.i, 'p'
    from numbers a, numbers b, numbers c;
delete from facts where file = $n and id % 5 = 0;" ;;
    steps) echo "create table o_$n (id int);
alter table o_$n add column a int default $n;
insert into o_$n (id) select i from numbers;
alter table o_$n add index (a);" ;;
    index) echo "create table o_$n as select a.i * 10 + b.i as id from numbers a, numbers b;
create unique index i_$n on o_$n (id);" ;;
    esac
    mark "$n" z
}

mysql_undo() {
    local kind
    kind=$(kind_of "$1")
    case $kind in
    view) echo "drop view if exists o_$1;" ;;
    function) echo "drop procedure if exists o_$1;" ;;
    "") echo "drop table if exists marks, facts, numbers, o_1;" ;;
    *) echo "drop table if exists o_$1;" ;;
    esac
    [ -z "$kind" ] || echo "delete from facts where file = $1; delete from marks where file = $1;"
}

write_set() {
    local n name
    mkdir -p migrations undo
    for ((n = 1; n <= SET_SIZE; n++)); do
        printf -v name 'V%03d__%s.sql' "$n" "$(kind_of "$n")"
        [ "$n" != 1 ] || name=V001__first.sql
        "${SERVER_ENGINE}_file" "$n" >"migrations/$name"
        if [ "$SERVER_ENGINE" = mysql ]; then
            mysql_undo "$n" >"undo/$n.sql"
        else
            echo "drop index if exists o_$n" >"undo/$n.sql"
        fi
    done
}

# Each file of which something is there: number, 'a' or '-', 'z' or '-', 'o' or '-'.
found_parts() {
    local objects marked
    local marks="select 0 as file, '' as part from (select 1 as x) d where 1 = 0"
    if [ "$SERVER_ENGINE" = postgres ]; then
        objects="select substr(relname, 3)::int as n from pg_class
                left join pg_index on indexrelid = pg_class.oid
            where relname ~ '^o_[0-9]+\$' and coalesce(indisvalid, true)
            union select substr(proname, 3)::int from pg_proc where proname ~ '^o_[0-9]+\$'"
        marked="select to_regclass('marks') is not null"
    else
        objects="select cast(substr(table_name, 3) as signed) as n from information_schema.tables
            where table_schema = database() and table_name like 'o\_%'
            union select cast(substr(routine_name, 3) as signed) from information_schema.routines
            where routine_schema = database() and routine_name like 'o\_%'"
        marked="select count(*) from information_schema.tables
            where table_schema = database() and table_name = 'marks'"
    fi
    case $(query "$marked") in
    t | 1) marks="select file, part from marks" ;;
    esac
    query "select concat(n, ' ', max(a), max(z), max(o)) from (
            select n, '-' as a, '-' as z, 'o' as o from ($objects) x
            union all select file, case part when 'a' then 'a' else '-' end,
                case part when 'z' then 'z' else '-' end, '-'
            from ($marks) m) y
        group by n order by n"
}

has_history() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        [ "$(query "select to_regclass('flyway_schema_history') is not null")" = t ]
    else
        [ "$(query "select count(*) from information_schema.tables where table_schema = database()
            and table_name = 'flyway_schema_history'")" = 1 ]
    fi
}

# The parts that a file has when it was applied as a whole.
whole() {
    case $SERVER_ENGINE:$(kind_of "$1") in
    postgres:index) echo --o ;;
    mysql:pure) echo az- ;;
    *) echo azo ;;
    esac
}

# Files that stand or fall with their row.
is_atomic() {
    case $SERVER_ENGINE:$(kind_of "$1") in
    postgres:index) return 1 ;;
    postgres:* | mysql:pure) return 0 ;;
    esac
    return 1
}

# True when the history tells the truth. $last_applied is the last version in it.
check_history() {
    local -A parts=()
    local n found rows=" "
    while read -r n found; do
        parts[$n]=$found
    done < <(found_parts)
    last_applied=0
    if has_history; then
        rows=" $(query "select version from flyway_schema_history where success
            order by installed_rank" | sed 's/^0*//' | paste -sd ' ') "
    fi
    for ((n = 1; n <= SET_SIZE; n++)); do
        found=${parts[$n]:----}
        if [[ $rows == *" $n "* ]]; then
            last_applied=$n
            [ "$found" = "$(whole "$n")" ] || {
                echo "file $n ($(kind_of "$n")) has its row, but of its change only $found" >&2
                return 1
            }
        elif is_atomic "$n" && [ "$found" != --- ]; then
            echo "file $n ($(kind_of "$n")) has no row, but $found of its change" >&2
            return 1
        fi
    done
}

# Everything that the files made, and the history without its times.
fingerprint() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        PGHOST=$SERVER_SOCKET PGPORT=$SERVER_PORT PGUSER=$SERVER_USER pg_dump --schema-only \
            --no-owner "$DATABASE" | grep -Ev '^(\\|--|$)'
    else
        query "select table_name, column_name, ordinal_position, column_type, column_default,
                column_key from information_schema.columns where table_schema = database()
            order by table_name, ordinal_position;
            select table_name, index_name, seq_in_index, column_name
            from information_schema.statistics where table_schema = database() order by 1, 2, 3;
            select routine_name from information_schema.routines
            where routine_schema = database() order by 1"
    fi
    query "select * from facts order by file, id" | md5sum
    query "select * from marks order by file, part"
    query "select installed_rank, version, description, type, script, checksum, installed_by,
        success from flyway_schema_history order by installed_rank"
}

# The next run completes what a killed one left. Where a file outside a transaction may have begun,
# it is undone by its script first, and its failed row repaired.
complete_run() {
    local next=$((last_applied + 1))
    if [ "$next" -le "$SET_SIZE" ] && ! is_atomic "$next"; then
        client "$DATABASE" <"undo/$next.sql" || return 1
    fi
    [ "$last_applied" = "$SET_SIZE" ] || dbops migrate repair >repair.out 2>&1 || {
        cat repair.out >&2
        return 1
    }
    dbops migrate up >up.out 2>&1 || {
        cat up.out >&2
        return 1
    }
}

milliseconds() {
    echo $((${EPOCHREALTIME/./} / 1000))
}

# How long an undisturbed run takes now, in ms: $elapsed.
measure() {
    local start
    empty_database || return 1
    start=$(milliseconds)
    dbops migrate up >up.out 2>&1 || {
        cat up.out >&2
        return 1
    }
    elapsed=$(($(milliseconds) - start))
}

empty_database() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        query_on postgres "drop database if exists \"$DATABASE\" with (force)"
        query_on postgres "create database \"$DATABASE\""
    else
        query_on mysql "drop database if exists \`$DATABASE\`; create database \`$DATABASE\`"
    fi
}

# Kills one run after $1 ms. False when the run was over before, after $elapsed ms. timeout is the
# run's parent, so that it never kills somebody else who has got its number.
kill_after() {
    local after start
    after=$(awk "BEGIN { print ($1 + 1) / 1000 }")
    status=0
    start=$(milliseconds)
    timeout --foreground --signal=KILL "$after" "$DBOPS" migrate up >apart.out 2>&1 || status=$?
    elapsed=$(($(milliseconds) - start))
    [ "$status" = 137 ]
}

bar() {
    printf '%*s' "$1" '' | tr ' ' '#'
}

# histogram TITLE COUNT...: ten bins.
histogram() {
    local i=0 count
    echo "#   $1"
    for count in "${@:2}"; do
        printf '#   %3d-%3d%% %4d %s\n' $((i * 10)) $((i * 10 + 10)) "$count" "$(bar "$count")"
        i=$((i + 1))
    done
}

# One kill at $1 ms, and all that must hold afterwards.
kill_round() {
    empty_database || return 1
    kill_after "$1" || {
        limit=$(((limit * 3 + elapsed) / 4)) # the machine has less to do now
        return 2
    }
    check_round || return 1
    [ "$landed" = 0 ] || [ $((landed % 20)) != 0 ] || {
        measure
        limit=$elapsed
    }
}

# What must hold after a run that did not end well, and after the one that completes it.
check_round() {
    local start freed
    start=$(milliseconds)
    await_no_session 10 || return 1
    freed=$(($(milliseconds) - start))
    [ "$freed" -le "$slowest" ] || slowest=$freed
    check_history || return 1
    died_at[last_applied * 10 / (SET_SIZE + 1)]+=1
    complete_run || return 1
    diff <(echo "$expected") <(fingerprint) >&2
}

# What all rounds need: $expected, and in $elapsed how long an undisturbed run takes.
begin_rounds() {
    write_set
    new_database
    config_for main migrations
    measure
    measure
    expected=$(fingerprint)
    RANDOM=${SEED:=$((EPOCHSECONDS % 32768))}
}

# rounds N LIMIT ROUND: runs `ROUND MOMENT` with moments drawn uniformly below LIMIT until N have
# landed. A ROUND that ends with 2 came too late. Shows what was done.
rounds() {
    local wanted=$1 limit=$2 round=$3 tries=0 landed=0 at bin result slowest=0
    local -i -a moments=(0 0 0 0 0 0 0 0 0 0) died_at=(0 0 0 0 0 0 0 0 0 0)
    while [ "$landed" -lt "$wanted" ]; do
        tries=$((tries + 1))
        [ "$tries" -le $((wanted * 4)) ] || {
            echo "seed $SEED: only $landed of $tries landed" >&2
            return 1
        }
        at=$(((RANDOM * 32768 + RANDOM) % limit))
        bin=$((at * 10 / limit))
        result=0
        "$round" "$at" || result=$?
        case $result in
        0) landed=$((landed + 1)) moments[bin]+=1 ;;
        2) ;;
        *)
            echo "seed $SEED, try $tries, at $at of $limit" >&2
            return 1
            ;;
        esac
    done
    echo "# $SERVER_FLAVOUR: $landed landed, $((tries - landed)) came too late;" \
        "no session was left after at most $slowest ms" >&3
    histogram "moments, of an undisturbed run" "${moments[@]}" >&3
    histogram "how many of the files were applied by then" "${died_at[@]}" >&3
}

kill_rounds() {
    begin_rounds
    echo "# $SERVER_FLAVOUR: seed $SEED; an undisturbed run takes $elapsed ms" >&3
    rounds "$1" "$elapsed" kill_round
}

# One run whose connection is cut after $1 bytes, and all that must hold afterwards.
cut_round() {
    local how=()
    [ $((RANDOM % 2)) = 0 ] || how=(--reset)
    empty_database || return 1
    start_proxy --bytes "$1" "${how[@]}" || return 1
    rm dbops.yaml
    config_via_proxy migrations
    run_with_timeout 60 dbops migrate up
    rm dbops.yaml
    config_for main migrations
    end_apart
    grep -q cut proxy.log || return 2
    case $status in
    0 | 69) no_password ;;
    *) false ;;
    esac || {
        printf 'status %s\n%s\n' "$status" "$stderr" >&2
        return 1
    }
    check_round
}

cut_rounds() {
    local bytes
    begin_rounds
    empty_database
    start_proxy --count
    rm dbops.yaml
    config_via_proxy migrations
    run -0 --separate-stderr dbops migrate up
    wait_until 5 grep -q passed proxy.log
    bytes=$(awk '/^passed/ { print $2 }' proxy.log)
    end_apart
    echo "# $SERVER_FLAVOUR: seed $SEED; an undisturbed run sends and gets $bytes bytes" >&3
    rounds "$1" "$bytes" cut_round
}
