#!/bin/sh
# Rehearse the archive in a bare Debian 12 without Python: for one user and for all, a sale in the real window, the same
# archive again over it, and taken away. Needs root, Debian and a made archive (make tar).
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || {
    echo "A bare system is made by root: run it with sudo." >&2
    exit 1
}
WORK=${WORK:-build/rehearsal}
OUT=${OUT:-dist}
sh packaging/build-tools.sh debootstrap xvfb xdotool x11-utils
mkdir -p "$WORK"
WORK=$(cd "$WORK" && pwd)
. packaging/rehearsal.sh
USER_PATH=/home/ana/.local/bin:/usr/local/bin:/usr/bin:/bin
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
archive=$OUT/bookstore-pos-$version-linux-$(uname -m).tar.xz
folder=/home/ana/bookstore-pos-$version-linux-$(uname -m)

step "A bare Debian 12, with what the window needs of it"
bare_root
in_root apt-get install -y -qq --no-install-recommends xz-utils fonts-dejavu-core >"$WORK/apt.log" 2>&1 || fail "$WORK/apt.log"
cp "$archive" "$ROOT/home/ana/archive.tar.xz"
as_user sh -c 'cd && tar -xf archive.tar.xz'

step "For one user: what the system lacks is named, with the command"
as_user "$folder/install.sh" --user >"$WORK/install.log"
grep -q 'sudo apt-get install' "$WORK/install.log" || fail "$WORK/install.log"
# The very command that it names, its line continued.
packages=$(sed -n '/sudo apt-get install/,/[^\\]$/p' "$WORK/install.log" | sed 's/.*apt-get install//' | tr -d '\\\n')
# shellcheck disable=SC2086 # a list of names
in_root apt-get install -y -qq --no-install-recommends $packages >"$WORK/apt.log" 2>&1 || fail "$WORK/apt.log"
as_user "$folder/install.sh" --user >"$WORK/install.log"
! grep -q 'lacks libraries' "$WORK/install.log" || fail "$WORK/install.log"
as_user bookstore-pos --smoke

step "A shop from a silent file, and a sale in the real window"
set_shop_up
sell 1-000001
older_tables
as_user "$folder/install.sh" --user >"$WORK/install.log"
sell 1-000002

step "Taken away: the data stays"
as_user "$folder/install.sh" --user --uninstall
in_root test ! -e /home/ana/.local/lib/bookstore-pos
[ -z "$(in_root find /home/ana/.local -name '*bookstore-pos*' -not -path '*/share/bookstore-pos*')" ]
as_user test -s /home/ana/.local/share/bookstore-pos/receipts/1-000002.txt

step "For everybody: /opt, with settings that are kept"
in_root "$folder/install.sh" --system
in_root sh -c "sed -i 's/^#text_scale = 100/text_scale = 110/' /etc/bookstore-pos/config.toml"
in_root "$folder/install.sh" --system | grep -q 'config.toml is kept as it is'
as_user bookstore-pos config show | grep -q '^text_scale = 110$'
as_user bookstore-pos verify >/dev/null
sell 1-000003
in_root "$folder/install.sh" --system --uninstall
in_root test ! -e /opt/bookstore-pos
in_root test -e /etc/bookstore-pos/config.toml
as_user test -s /home/ana/.local/share/bookstore-pos/receipts/1-000003.txt

step "All of it held"
