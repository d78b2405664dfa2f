#!/bin/sh
# Lay what a desktop and a shell know of the program into a folder such as /usr or ~/.local.
#   packaging/share.sh PREFIX VERSION
set -eu
cd "$(dirname "$0")/.."
prefix=$1 version=$2
day=$(date -u --date "@$SOURCE_DATE_EPOCH" +%F)
python=${BUNDLE_PYTHON:-build/bundle/venv/bin/python}
install -Dm 644 packaging/linux/bookstore-pos.desktop "$prefix/share/applications/bookstore-pos.desktop"
install -Dm 644 packaging/linux/bookstore-pos.svg "$prefix/share/icons/hicolor/scalable/apps/bookstore-pos.svg"
mkdir -p "$prefix/share/metainfo" "$prefix/share/man/man1" "$prefix/share/bash-completion/completions"
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$day/" packaging/linux/metainfo.xml.in \
    >"$prefix/share/metainfo/bookstore-pos.metainfo.xml"
"$python" packaging/help_pages.py man "$day" | gzip -9n >"$prefix/share/man/man1/bookstore-pos.1.gz"
"$python" packaging/help_pages.py bash >"$prefix/share/bash-completion/completions/bookstore-pos"
