#!/bin/bash
# mysql9.sh FOLDER: Oracle MySQL 9.7, Debian's own build, which only sid carries.
# recipe 1
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

"$here/debroot.sh" sid "$1" mysql-server-core mysql-client-core
"$1/usr/sbin/mysqld" --no-defaults --version
"$1/usr/bin/mysql" --no-defaults --version
