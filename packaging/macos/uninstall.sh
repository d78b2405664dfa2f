#!/bin/sh
# Take Bookstore POS away from this machine. The shops' data and the settings stay:
#   sudo "/Applications/Bookstore POS.app/Contents/Resources/uninstall.sh"
set -eu
[ "$(id -u)" = 0 ] || {
    echo "It was installed for everybody: run this with sudo." >&2
    exit 1
}
if pgrep -f '/Applications/Bookstore POS.app/Contents/MacOS/' >/dev/null 2>&1; then
    echo "Bookstore POS is open. Close it first." >&2
    exit 1
fi
rm -rf '/Applications/Bookstore POS.app'
rm -f /usr/local/bin/bookstore-pos
pkgutil --forget org.bookstore-pos.till >/dev/null
echo "Bookstore POS is taken away. Left alone: the shops' data (Library/Application Support/bookstore-pos of whoever used"
echo "it, or where data_dir said), and /Library/Application Support/bookstore-pos/config.toml."
