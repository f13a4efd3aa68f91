#!/bin/bash
# clangformat.sh FOLDER: clang-format 14, which decides how the sources look, where the release of
# Debian has a newer one only.
# recipe 1
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

"$here/debroot.sh" bookworm "$1" clang-format-14
# By way of its loader: patchelf 0.18 breaks this program.
program=$1/usr/lib/llvm-14/bin/clang-format
loader=$1$(patchelf --print-interpreter "$program")
libraries=$(dirname "$(find "$1/usr/lib" -name libc.so.6 -print -quit)")
cat >"$1/clang-format-14" <<END
#!/bin/sh
exec "$loader" --library-path "$libraries" "$program" "\$@"
END
chmod +x "$1/clang-format-14"
"$1/clang-format-14" --version
