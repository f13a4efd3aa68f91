#!/bin/bash
# pg18.sh FOLDER: PostgreSQL 18 with pgvector, from sid.
# recipe 1
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

"$here/debroot.sh" sid "$1" postgresql-18 postgresql-client-18 postgresql-18-pgvector
"$1/usr/lib/postgresql/18/bin/postgres" --version
