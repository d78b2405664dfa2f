#!/bin/sh
# Wrap dist/bookstore-pos into dist/bookstore-pos_VERSION_ARCH.deb. Needs Debian or Ubuntu.
#   packaging/build-deb.sh [VERSION]      VERSION instead of the program's own is for rehearsals
set -eu
cd "$(dirname "$0")/.."

OUT=${OUT:-dist}
WORK=${WORK:-build/deb}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8
# The libraries of the system that the bundle leaves to it: their packages are what it will depend on.
sh packaging/system-libraries.sh
sh packaging/build-tools.sh dpkg-dev libwayland-client0 libwayland-cursor0 libwayland-egl1 libcups2
bundle=$OUT/bookstore-pos
version=${1:-$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)}
architecture=$(dpkg --print-architecture)
package=$OUT/bookstore-pos_${version}_$architecture.deb
root=$WORK/root

rm -rf "$WORK"
mkdir -p "$root/DEBIAN" "$root/usr/lib" "$root/usr/bin" "$root/etc/bookstore-pos" "$root/usr/share/doc/bookstore-pos"
cp -a "$bundle" "$root/usr/lib/bookstore-pos"
ln -s ../lib/bookstore-pos/bookstore-pos "$root/usr/bin/bookstore-pos"
install -m 644 packaging/config.toml "$root/etc/bookstore-pos/config.toml"
echo /etc/bookstore-pos/config.toml >"$root/DEBIAN/conffiles"
sh packaging/share.sh "$root/usr" "$version"
install -Dm 644 packaging/linux/60-bookstore-pos.rules "$root/usr/lib/udev/rules.d/60-bookstore-pos.rules"
install -Dm 644 packaging/linux/lintian-overrides "$root/usr/share/lintian/overrides/bookstore-pos"

doc=$root/usr/share/doc/bookstore-pos
sh packaging/copyright.sh "$bundle" >"$doc/copyright"
{
    echo "bookstore-pos ($version) stable; urgency=medium"
    echo
    echo "  * See /usr/share/doc/bookstore-pos/NEWS.gz."
    echo
    echo " -- The Bookstore POS developers <bookstore-pos@example.org>  $(date -uR --date "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"
gzip -9nc CHANGELOG.md >"$doc/NEWS.gz"

# What the files need of the system, as they say themselves; what lies in the bundle is not asked of it. This ends with
# an error where a library's partner was left out of the bundle.
mkdir -p "$WORK/debian"
printf 'Source: bookstore-pos\n\nPackage: bookstore-pos\nArchitecture: %s\n' "$architecture" >"$WORK/debian/control"
# shellcheck disable=SC2086 # a list of folders
depends=$(
    cd "$WORK"
    folders=$(find root/usr/lib/bookstore-pos -type f -name '*.so*' -printf '%h\n' | sort -u | sed 's/^/-l/')
    find root/usr/lib/bookstore-pos -type f \( -name '*.so*' -o -name bookstore-pos \) -printf '-e%p\0' |
        xargs -0 dpkg-shlibdeps -O --ignore-missing-info $folders -xlibpython3.11 -xlibbz2-1.0 -xliblzma5 -xlibffi8 \
            -xzlib1g -xlibexpat1 -xlibmpdec3 2>../shlibdeps.log || {
        cat ../shlibdeps.log >&2
        exit 1
    }
)
depends=${depends#shlibs:Depends=}
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$architecture|" -e "s|@DEPENDS@|$depends|" \
    -e "s|@SIZE@|$(du -sk --apparent-size --exclude DEBIAN "$root" | cut -f1)|" packaging/linux/control.in \
    >"$root/DEBIAN/control"
install -m 755 packaging/linux/postrm "$root/DEBIAN/postrm"
(cd "$root" && find . -type f ! -path './DEBIAN/*' ! -path './etc/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) \
    >"$root/DEBIAN/md5sums"
sh packaging/stamp.sh "$root"
dpkg-deb --root-owner-group -Zxz "-z${XZ_LEVEL:-9}" --threads-max=1 --build "$root" "$package" >/dev/null
echo "$package: $(du -m "$package" | cut -f1) MB, $(($(sed -n 's/^Installed-Size: //p' "$root/DEBIAN/control") / 1024)) MB installed"
sh packaging/sums.sh "$OUT"
