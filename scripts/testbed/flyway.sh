#!/bin/bash
# flyway.sh FOLDER: Flyway's own command line, for `make interop`. FOLDER is named after the
# version, as flyway-10.22.0. Flyway 9 brings a JRE, later ones run on the one that maven stands on.
# Beside it MySQL's driver, which Flyway leaves to its users, and a Java compiler, which a JRE
# lacks.
# recipe 2
set -euo pipefail

dest=$1 version=${1##*-}

# artifact FOLDER NAME...: from the Maven registry, the first of these names that is there
artifact() {
    local folder=$1 name
    for name in "${@:2}"; do
        ! mvn -q -B dependency:copy -Dartifact="$name" -DoutputDirectory="$folder" \
            </dev/null >"$dest/maven.log" 2>&1 || return 0
    done
    tail -n 3 "$dest/maven.log"
    return 1
}

name=org.flywaydb:flyway-commandline:$version
artifact "$dest/download" "$name:tar.gz" "$name:tar.gz:linux-x64"
tar -C "$dest" --strip-components=1 --no-same-owner -xzf "$dest"/download/*.tar.gz
artifact "$dest/drivers" com.mysql:mysql-connector-j:8.4.0
artifact "$dest/compiler" org.eclipse.jdt:ecj:3.33.0
rm -rf "$dest/download" "$dest/maven.log"
chmod +x "$dest/flyway"
cd "$dest"
REDGATE_DISABLE_TELEMETRY=true ./flyway -skipCheckForUpdate -v
