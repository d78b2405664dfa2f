#!/bin/sh
# Try a package out on a Mac that has no shop: installed without anybody there, its own trial, a sale that is kept, a newer
# copy over it, taken away, the data still there.
#   sudo packaging/macos/try.sh PACKAGE
set -eu
package=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
QT_QPA_PLATFORM=offscreen
export QT_QPA_PLATFORM
program=/usr/local/bin/bookstore-pos

for time in first second; do
    echo "== Installed, the $time time"
    installer -pkg "$package" -target /
    "$program" --smoke --smoke-report "$work/report.json"
    grep -q '"bundled": true' "$work/report.json"
done
echo "== A sale that is kept"
"$program" --smoke --database-url "sqlite:///$work/shop.db"
"$program" verify --database-url "sqlite:///$work/shop.db" --data-dir "$work/till" >/dev/null
echo "== Taken away"
"/Applications/Bookstore POS.app/Contents/Resources/uninstall.sh"
[ ! -e "/Applications/Bookstore POS.app" ] && [ ! -e "$program" ] && [ -s "$work/shop.db" ]
if pkgutil --pkg-info org.bookstore-pos.till >/dev/null 2>&1; then exit 1; fi
echo "== All of it held"
