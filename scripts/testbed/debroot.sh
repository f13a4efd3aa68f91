#!/bin/bash
# debroot.sh SUITE FOLDER PACKAGE...
# Unpacks Debian packages of another release, with everything they depend on (libc too), into FOLDER
# and makes the programs runnable by their path. Touches nothing else and needs no rights.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=scripts/testbed/common.sh
. "$here/common.sh"

suite=$1 dest=$2
shift 2

work=$(mktemp -d "$testbed/.debroot.XXXXXX")
trap 'rm -rf "$work"' EXIT
private_apt "$work" "$suite" deb
"${apt[@]}" -y --download-only install "$@" >"$work/install.log" 2>&1 || {
    tail -n 20 "$work/install.log" >&2
    exit 1
}

# As on a real system bin, lib and sbin are links into usr/.
mkdir -p "$dest"/usr/{bin,sbin,lib,lib64}
for d in bin sbin lib lib64; do
    [ -e "$dest/$d" ] || ln -s "usr/$d" "$dest/$d"
done
for deb in "$work"/var/cache/apt/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" |
        tar -C "$dest" --keep-directory-symlink --no-same-owner --exclude='./usr/share/doc/*' \
            --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' -xf -
    basename "$deb" >>"$dest/DEBS"
done

# An absolute link would lead to this machine's loader, which does not fit another release's libc.
find "$dest/usr/lib" "$dest/usr/lib64" -type l -lname '/*' | while read -r link; do
    ln -sfn "$dest$(readlink "$link")" "$link"
done

# Programs get the loader and the libraries of this folder. DT_RPATH, since DT_RUNPATH is not used
# for what a program loads with dlopen; a library that has a path of its own would ignore both.
libs=$dest/usr/lib/$(dpkg --print-architecture | sed 's/amd64/x86_64/; s/arm64/aarch64/')-linux-gnu
find "$dest"/usr/{bin,sbin} "$dest"/usr/lib/{postgresql,mysql} "$dest/usr/libexec" \
    -type f -perm /111 2>/dev/null >"$work/programs" || :
while read -r program; do
    loader=$(patchelf --print-interpreter "$program" 2>/dev/null) || continue
    patchelf --set-interpreter "$dest$loader" --force-rpath --set-rpath "$libs" "$program"
done <"$work/programs"
find "$libs" -name '*.so*' -type f >"$work/libraries"
while read -r library; do
    [ -z "$(patchelf --print-rpath "$library" 2>/dev/null)" ] || patchelf --remove-rpath "$library"
done <"$work/libraries"
