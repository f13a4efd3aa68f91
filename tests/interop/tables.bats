# The history table and the checksums in it are the same, whoever wrote them.
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

# What the server says about the history table of $DATABASE, to the byte.
history_ddl() {
    if [ "$SERVER_ENGINE" = postgres ]; then
        PGPASSWORD=$SERVER_PASSWORD "$SERVER_BIN/pg_dump" -s -h 127.0.0.1 -p "$SERVER_PORT" \
            -U "$SERVER_USER" -d "$DATABASE" | sed '/^\\\(un\)\?restrict /d'
    else
        query 'show create table flyway_schema_history; show index from flyway_schema_history'
    fi
}

# same_table DBOPS-VERB FLYWAY-VERB [LINE...]: each makes the table in a database of its own.
same_table() {
    local ours theirs name
    for name in $ENGINES; do
        use_server "$name"
        rm -f dbops.yaml
        new_database
        config_for main sql
        dbops migrate "$1" -c dbops.yaml >/dev/null
        ours=$(history_ddl)
        new_database
        # shellcheck disable=SC2119 # no more words
        flyway "$2" "-locations=filesystem:$PWD/sql" >/dev/null
        theirs=$(history_ddl)
        [ -n "$ours" ]
        assert_equal "$ours" "$theirs"
    done
}

@test "the first run makes the same table" {
    own_folder
    mkdir sql
    same_table up migrate
}

@test "a baseline makes the same table" {
    own_folder
    mkdir sql
    same_table baseline baseline
}

@test "checksums do not depend on who read the file" {
    on_each_server <<'END'
file V1__empty.sql
file V2__only_a_newline.sql \n
file V3__plain.sql SELECT 1;
file V4__newline.sql SELECT 1;\n
file V5__crlf.sql SELECT 1;\r\n
file V6__bom.sql \xef\xbb\xbfSELECT 1;\n
file V7__comments.sql -- abc\n-- def efg\nSELECT 1;
file V8__mixed_ends.sql -- abc\r\n-- def efg\nSELECT 1;\r\n
file V10__joined.sql -- abc-- def efgSELECT 1;
file V11__blank_lines.sql \n\n-- abc\n\n-- def efg\n\nSELECT 1;\n\n
file V12__trailing_blank.sql SELECT 1;\x20\n
file V13__utf8.sql SELECT 'h\xc3\xa9llo \xf0\x9f\x98\x80';\n
file V14__not_line_ends.sql SELECT 'a\xe2\x80\xa8b\x0b\x0c\xc2\x85c';\n
file V15__placeholder.sql SELECT '${flyway:user}';\n
file V18__tabs.sql \tSELECT\t1;
file V19_1__latin.sql SELECT 'h\xe9';\n
file V19_1__latin.sql.conf encoding=ISO-8859-1
file V19_2__utf16.sql \xff\xfeS\x00E\x00L\x00E\x00C\x00T\x00 \x00'\x00h\x00\xe9\x00'\x00;\x00\n\x00
file V19_2__utf16.sql.conf encoding=UTF-16
file R__rep.sql -- ${Name} ${flyway:table} ${flyway:filename} ${flyway:user}\nSELECT 1;\n
file R__raw.sql -- ${Name}\nSELECT 1;\n
file R__raw.sql.conf placeholderReplacement=false
set placeholders.name bob
up ok
valid
END
    flyway_since 10 || return 0
    # what no server would run
    on_each_server <<'END'
set skip_executing true
file V16__late_bom.sql SELECT 1;\n\xef\xbb\xbfSELECT 2;\n
file V17__two_boms.sql \xef\xbb\xbf\xef\xbb\xbfSELECT 1;\n
file V9__only_cr.sql -- abc\r-- def efg\rSELECT 1;
up ok
valid
END
}

@test "built-in placeholders stand for the same" {
    own_folder
    mkdir sql
    # shellcheck disable=SC2016 # placeholders
    printf -- "-- %s\n" '${flyway:defaultSchema}' '${flyway:user}' '${flyway:database}' \
        '${flyway:filename}' '${flyway:table}' >sql/R__all.sql
    ! flyway_since 11 || echo "-- \${flyway:environment}" >>sql/R__all.sql
    for name in $ENGINES; do
        use_server "$name"
        rm -f dbops.yaml
        new_database
        config_for main sql
        run -0 dbops migrate up
        run -0 flyway validate "-locations=filesystem:$PWD/sql"
        rm dbops.yaml
        new_database
        config_for main sql
        run -0 flyway migrate "-locations=filesystem:$PWD/sql"
        run -0 dbops migrate validate
    done
}
