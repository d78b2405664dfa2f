#!/bin/sh
# Make installers of an older version, 0.0.9, for packaging/windows/try.sh: the same program and a file more.
#   packaging/windows/older.sh BUNDLE ICON OUT/NAME
set -eu
here=$(dirname "$0")
mkdir -p "$3.bundle"
cp -R "$1/." "$3.bundle"
echo older >"$3.bundle/lib/of-an-older-version.txt"
QUICK=1 sh "$here/pack.sh" "$3.bundle" "$2" 0.0.9 "$3"
rm -rf "$3.bundle"
