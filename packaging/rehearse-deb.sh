#!/bin/sh
# Rehearse the package in a bare Debian 12: install it as its administrator, sell in the real window as a plain user,
# upgrade from an older package with data and an edited settings file, remove, purge. Needs root, Debian and a made
# package (make deb); everything happens under WORK, and a screen that nobody sees.
#   packaging/rehearse-deb.sh
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || {
    echo "A bare system is made by root: run it with sudo." >&2
    exit 1
}
WORK=${WORK:-build/rehearsal}
OUT=${OUT:-dist}
sh packaging/build-tools.sh debootstrap xvfb xdotool x11-utils lintian
mkdir -p "$WORK"
WORK=$(cd "$WORK" && pwd)
. packaging/rehearsal.sh
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
architecture=$(dpkg --print-architecture)
older=$WORK/bookstore-pos_0.0.9_$architecture.deb
newer=$OUT/bookstore-pos_${version}_$architecture.deb

step "The package itself"
${LINTIAN:-lintian} --fail-on error,warning "$newer"
# An older package: the same program, another version and other words in the settings file.
rm -rf "$WORK/older"
dpkg-deb -R "$newer" "$WORK/older"
sed -i 's/^Version: .*/Version: 0.0.9/' "$WORK/older/DEBIAN/control"
sed -i '1s/.*/# Bookstore POS 0.0.9/' "$WORK/older/etc/bookstore-pos/config.toml"
dpkg-deb --root-owner-group -Zgzip -z1 --build "$WORK/older" "$older" >/dev/null

step "A bare Debian 12"
bare_root
cp "$older" "$ROOT/older.deb"
cp "$newer" "$ROOT/newer.deb"

step "The older version is installed"
in_root apt-get install -y -qq --no-install-recommends /older.deb >"$WORK/apt.log" 2>&1 || fail "$WORK/apt.log"
in_root dpkg --verify bookstore-pos
as_user bookstore-pos --version
in_root sh -c "sed -i 's/^#text_scale = 100/text_scale = 110/' /etc/bookstore-pos/config.toml"

step "It tries itself out, as a plain user"
as_user bookstore-pos --smoke

step "A shop from a silent file, and a sale in the real window"
set_shop_up
sell 1-000001

step "The newer version, over data and an edited settings file"
older_tables
in_root apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confdef \
    -o Dpkg::Options::=--force-confold /newer.deb >"$WORK/apt.log" 2>&1 || fail "$WORK/apt.log"
in_root grep -q '^text_scale = 110' /etc/bookstore-pos/config.toml
in_root test -e /etc/bookstore-pos/config.toml.dpkg-dist
as_user bookstore-pos config show | grep -q '^text_scale = 110$'
[ "$(as_user bookstore-pos --version)" = "$version" ]
sell 1-000002
as_user bookstore-pos verify >/dev/null
as_user sh -c 'ls ~/.local/share/bookstore-pos/backups/shop-*.db' >/dev/null

step "Removed: data and settings stay"
in_root apt-get remove -y -qq bookstore-pos >"$WORK/apt.log" 2>&1
in_root test ! -e /usr/lib/bookstore-pos
in_root test -e /etc/bookstore-pos/config.toml
as_user test -s /home/ana/.local/share/bookstore-pos/receipts/1-000002.txt

step "Purged: the data stays, and it is said where"
in_root apt-get purge -y -qq bookstore-pos >"$WORK/apt.log" 2>&1
grep -q /home/ana/.local/share/bookstore-pos "$WORK/apt.log" || fail "$WORK/apt.log"
in_root test ! -e /etc/bookstore-pos
as_user test -s /home/ana/.local/share/bookstore-pos/shop.db
as_user test -s /home/ana/.local/share/bookstore-pos/receipts/1-000001.txt

step "All of it held"
