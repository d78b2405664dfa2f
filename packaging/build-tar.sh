#!/bin/sh
# Pack dist/bookstore-pos as dist/bookstore-pos-VERSION-linux-ARCH.tar.xz, with what puts it in place.
#   packaging/build-tar.sh [VERSION]
set -eu
cd "$(dirname "$0")/.."
OUT=${OUT:-dist}
WORK=${WORK:-build/tar}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8
version=${1:-$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)}
name=bookstore-pos-$version-linux-$(uname -m)

rm -rf "$WORK"
mkdir -p "$WORK/$name/share-files"
cp -a "$OUT/bookstore-pos" "$WORK/$name/bookstore-pos"
sh packaging/share.sh "$WORK/$name/share-files" "$version"
install -m 644 packaging/config.toml packaging/linux/60-bookstore-pos.rules "$WORK/$name/"
install -m 755 packaging/linux/install.sh "$WORK/$name/install.sh"
install -m 644 LICENSE "$WORK/$name/LICENSE"
sh packaging/stamp.sh "$WORK/$name"
tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -C "$WORK" -cf - "$name" | xz "-${XZ_LEVEL:-6}" -T1 >"$OUT/$name.tar.xz"
touch --date "@$SOURCE_DATE_EPOCH" "$OUT/$name.tar.xz"
echo "$OUT/$name.tar.xz: $(du -m "$OUT/$name.tar.xz" | cut -f1) MB"
OUT=$OUT sh packaging/sums.sh
