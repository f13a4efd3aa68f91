#!/bin/bash
# pg17.sh FOLDER: PostgreSQL 17 with pgvector, from Debian 13.
# recipe 1
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

"$here/debroot.sh" trixie "$1" postgresql-17 postgresql-client-17 postgresql-17-pgvector
"$1/usr/lib/postgresql/17/bin/postgres" --version
