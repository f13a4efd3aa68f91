#!/bin/bash
# clangformat.sh FOLDER: clang-format 14, which decides how the sources look, where the release of
# Debian has a newer one only.
# recipe 1
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

"$here/debroot.sh" bookworm "$1" clang-format-14
"$1/usr/bin/clang-format-14" --version
