# shellcheck shell=bash
# What the recipes of the test bed share. Source it: it sets `testbed`, the folder of the test bed.

umask 022 # servers run as another user when we are root

# The folder, without symbolic links, since programs in it get absolute paths written into them.
# Root starts servers as an unprivileged user, who often may not pass root's home: the default then
# is a link to a folder in /var/cache.
testbed_folder() {
    local dir=${DBOPS_TESTBED:-$HOME/.cache/dbops/testbed}
    if [ -z "${DBOPS_TESTBED:-}" ] && [ "$(id -u)" = 0 ] && [ ! -e "$dir" ] &&
        ! setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups test -x "$HOME"; then
        mkdir -p /var/cache/dbops/testbed "$(dirname "$dir")"
        ln -sfn /var/cache/dbops/testbed "$dir"
    fi
    mkdir -p "$dir"
    readlink -f "$dir"
}
# shellcheck disable=SC2034 # the scripts that source this use it
testbed=$(testbed_folder)

debian_version() {
    sed -n 's/^VERSION_ID="\{0,1\}\([0-9]*\).*/\1/p' /etc/os-release
}

# The address that this machine gets Debian from.
debian_mirror() {
    local codename
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    # shellcheck disable=SC2016 # apt fills these in
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY) $(ORIGIN)' |
        awk -v c="$codename" '
            $2 == c && $3 == "main" && $4 == "Packages" && ($5 == "" || $5 == "Debian") && !found {
                print $1
                found = 1
            }
            END { exit !found }' || {
        echo "no Debian mirror for '$codename' in the apt sources of this machine" >&2
        return 1
    }
}

# private_apt FOLDER SUITE deb|deb-src: an apt in FOLDER that knows this suite of Debian and none of
# this machine's packages. Sets the array `apt`, the command to use it.
private_apt() {
    local root=$1 suite=$2 kind=$3 mirror
    mirror=$(debian_mirror)
    mkdir -p "$root"/etc/apt/{apt.conf.d,preferences.d,sources.list.d} \
        "$root"/var/{lib/apt/lists/partial,cache/apt/archives/partial,lib/dpkg,log/apt}
    : >"$root/var/lib/dpkg/status"
    printf '%s [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
        "$kind" "$mirror" "$suite" >"$root/etc/apt/sources.list"
    # this machine's apt may run hooks after each update: they are not for us
    printf '#clear %s;\n' APT::Update::{Pre,Post}-Invoke APT::Update::Post-Invoke-Success \
        DPkg::{Pre,Post}-Invoke DPkg::Pre-Install-Pkgs >"$root/no-hooks.conf"
    apt=(apt-get -qq -c "$root/no-hooks.conf" -o "Dir=$root"
        -o "Dir::State::status=$root/var/lib/dpkg/status"
        -o Dir::Etc::netrc=/etc/apt/auth.conf -o Dir::Etc::netrcparts=/etc/apt/auth.conf.d
        -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Debug::NoLocking=1
        -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false)
    "${apt[@]}" update
}
