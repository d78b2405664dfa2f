#!/bin/sh
# Write OUT/SHA256SUMS: the sum of everything that is given out, so that whoever fetches it can check it.
#   packaging/sums.sh [OUT]        check with: sha256sum --check SHA256SUMS
set -eu
cd "${1:-dist}"
sums=sha256sum
command -v sha256sum >/dev/null 2>&1 || sums="shasum -a 256" # macOS
set --
for file in bookstore-pos_*.deb bookstore-pos-*.tar.xz bookstore-pos-*-setup.exe bookstore-pos-*.msi bookstore-pos-*.pkg; do
    [ ! -f "$file" ] || set -- "$@" "$file"
done
[ $# != 0 ] || {
    echo "$PWD holds nothing that is given out." >&2
    exit 1
}
$sums "$@" >SHA256SUMS
echo "$PWD/SHA256SUMS: $# files"
