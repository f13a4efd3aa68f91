#!/bin/bash
# pg15v.sh FOLDER: PostgreSQL 15 with pgvector 0.8, which Debian 12 lacks for it. A private copy of
# the server (it finds its files relative to its own path) and the extension, built from Debian 13's
# source. Where the release has no PostgreSQL 15 it is unpacked from Debian 12.
# recipe 1
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/testbed/common.sh
. "$here/common.sh"

dest=$1 server=$1/usr/lib/postgresql/15
if [ "$(debian_version)" = 12 ] && [ -z "${DBOPS_PG15_UNPACK:-}" ]; then
    mkdir -p "$dest/usr/lib/postgresql" "$dest/usr/share/postgresql"
    cp -a /usr/lib/postgresql/15 "$dest/usr/lib/postgresql/"
    cp -aL /usr/share/postgresql/15 "$dest/usr/share/postgresql/"
    pg_config=/usr/lib/postgresql/15/bin/pg_config compiler=gcc
else
    "$here/debroot.sh" bookworm "$dest" postgresql-15 postgresql-client-15 \
        postgresql-server-dev-15 libc6-dev
    # the server's libc may be older than this machine's
    pg_config=$server/bin/pg_config compiler="gcc --sysroot=$dest"
fi

work=$(mktemp -d "$testbed/.pgvector.XXXXXX")
trap 'rm -rf "$work"' EXIT
private_apt "$work/apt" trixie deb-src
cd "$work"
"${apt[@]}" source --download-only pgvector
tar xf pgvector_*.orig.tar.gz
cd pgvector-*/
make -s -j2 PG_CONFIG="$pg_config" OPTFLAGS="" with_llvm=no CC="$compiler"
install -m 644 vector.so "$server/lib/"
install -m 644 vector.control sql/vector--*.sql "$dest/usr/share/postgresql/15/extension/"
# what only the compiler needed
rm -rf "$dest/usr/include" "$dest"/usr/lib/{gcc,llvm-*} "$dest"/usr/lib/*/libclang*
"$server/bin/postgres" --version
