#!/bin/sh
# Make what is given out for macOS: the .app in a package for the Installer and for device management, in dist/. Runs on
# macOS 13 or newer with Xcode's command line tools and a Python of python.org, for the machine's own kind of processor.
#   PYTHON=python3.11 packaging/macos/build.sh
# Signed and notarised where these are set, else for trying out on this machine alone:
#   APPLE_APPLICATION_ID  "Developer ID Application: …"    APPLE_INSTALLER_ID  "Developer ID Installer: …"
#   APPLE_KEY_FILE, APPLE_KEY_ID, APPLE_KEY_ISSUER         a key of App Store Connect, for the notary
set -eu
cd "$(dirname "$0")/../.."
[ "$(uname -s)" = Darwin ] || {
    echo "An .app is made and signed on macOS." >&2
    exit 1
}
PYTHON=${PYTHON:-python3}
WORK=${WORK:-build/bundle}
OUT=${OUT:-dist}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export PYTHON WORK OUT SOURCE_DATE_EPOCH
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
architecture=$(uname -m)
here=packaging/macos
app="$OUT/Bookstore POS.app"
package=$OUT/bookstore-pos-$version-macos-$architecture.pkg
[ -n "${APPLE_APPLICATION_ID:-}" ] || package=$OUT/bookstore-pos-$version-macos-$architecture-unsigned.pkg

rm -rf "$app"
sh packaging/build.sh
# What the folder has beside the program; the seal of the whole is made anew over it, those of its parts stay.
resources="$app/Contents/Resources"
cp -R "$OUT/bookstore-pos/licences" "$OUT/bookstore-pos/sbom.cdx.json" packaging/config.toml "$resources/"
install -m 755 "$here/uninstall.sh" "$resources/uninstall.sh"
if [ -n "${APPLE_APPLICATION_ID:-}" ]; then
    codesign --force --options runtime --timestamp --entitlements "$here/entitlements.plist" \
        --sign "$APPLE_APPLICATION_ID" "$app"
else
    codesign --force --entitlements "$here/entitlements.plist" --sign - "$app"
fi
codesign --verify --deep --strict "$app"
QT_QPA_PLATFORM=offscreen "$app/Contents/MacOS/bookstore-pos" --smoke

stage=$WORK/package
rm -rf "$stage"
mkdir -p "$stage/root/Applications" "$stage/root/usr/local/bin" "$stage/scripts" "$stage/resources"
# ditto keeps signatures and links as they are.
ditto "$app" "$stage/root/Applications/Bookstore POS.app"
install -m 755 "$here/command" "$stage/root/usr/local/bin/bookstore-pos"
install -m 755 "$here/preinstall" "$stage/scripts/preinstall"
cp LICENSE "$stage/resources/LICENSE.txt"
pkgbuild --analyze --root "$stage/root" "$stage/parts.plist" >/dev/null
# Else the Installer upgrades whatever copy of the .app it finds first, wherever somebody moved it.
plutil -replace 0.BundleIsRelocatable -bool NO "$stage/parts.plist"
pkgbuild --root "$stage/root" --component-plist "$stage/parts.plist" --scripts "$stage/scripts" \
    --identifier org.bookstore-pos.till --version "$version" --install-location / "$stage/program.pkg" >/dev/null
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" "$here/distribution.xml.in" >"$stage/distribution.xml"
rm -f "$package"
set -- --distribution "$stage/distribution.xml" --resources "$stage/resources" --package-path "$stage"
[ -z "${APPLE_INSTALLER_ID:-}" ] || set -- "$@" --timestamp --sign "$APPLE_INSTALLER_ID"
productbuild "$@" "$package" >/dev/null

if [ -n "${APPLE_KEY_FILE:-}" ]; then
    set -- --key "$APPLE_KEY_FILE" --key-id "$APPLE_KEY_ID" --issuer "$APPLE_KEY_ISSUER"
    # The notary ends with 0 also where it refuses, so that its word is looked at.
    xcrun notarytool submit "$package" "$@" --wait --output-format json >"$stage/notary.json"
    said=$(plutil -extract status raw "$stage/notary.json")
    if [ "$said" != Accepted ]; then
        echo "The notary says: $said" >&2
        xcrun notarytool log "$(plutil -extract id raw "$stage/notary.json")" "$@" >&2 || true
        exit 1
    fi
    xcrun stapler staple "$package"
    spctl --assess --type install --verbose "$package"
fi
echo "$package: $(($(wc -c <"$package") / 1000000)) MB"
