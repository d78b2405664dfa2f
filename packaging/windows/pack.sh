#!/bin/sh
# Wrap a bundle made for Windows into an installer (NSIS) and a package for group policy (MSI).
#   packaging/windows/pack.sh BUNDLE ICON VERSION OUT/NAME
# gives OUT/NAME-setup.exe and OUT/NAME.msi. On Windows (in git's shell) WiX 3 makes the MSI, elsewhere wixl: both read
# the source that make_wxs.py writes. QUICK=1 packs loosely, for rehearsals; SIGN is a command that signs a file.
set -eu
bundle=$1 icon=$2 version=$3 name=$4
here=$(cd "$(dirname "$0")" && pwd)
PYTHON=${PYTHON:-python3}
folder=$name.folder
rm -rf "$folder"
mkdir -p "$folder"
cp -R "$bundle" "$folder/bookstore-pos"
cp "$icon" "$folder/bookstore-pos.ico"
"$PYTHON" "$here/settings.py" "$here/../config.toml" >"$folder/config.toml"

case $(uname -s) in
    MINGW* | MSYS* | CYGWIN*)
        target=""
        PATH=$PATH:/c/Program\ Files\ \(x86\)/NSIS
        native() { cygpath -w "$(realpath -m "$1")"; }
        ;;
    *)
        # Debian's NSIS has both kinds; the 64-bit one runs where wine has no 32-bit part.
        target=-DTARGET=amd64-unicode
        native() { realpath -m "$1"; }
        ;;
esac
command -v makensis >/dev/null 2>&1 || {
    echo "NSIS is missing: choco install nsis, or apt-get install nsis." >&2
    exit 1
}
size=$(du -sk "$folder/bookstore-pos" | cut -f1)
makensis -V2 -WX -NOCD $target ${QUICK:+-DQUICK=1} ${SIGN:+"-DSIGN=$SIGN"} "-DVERSION=$version" "-DSIZE_KB=$size" \
    "-DFOLDER=$(native "$folder")" "-DOUTFILE=$(native "$name-setup.exe")" "$(native "$here/bookstore-pos.nsi")"

"$PYTHON" "$here/make_wxs.py" "$folder" "$version" >"$folder/bookstore-pos.wxs"
package=$(native "$name.msi")
(
    cd "$folder"
    if [ -n "$target" ]; then
        wixl -a x64 -o "$package" bookstore-pos.wxs
    else
        # No validation: its rules ask that what is put into the Start menu for everybody be each person's own.
        "${WIX:?WiX 3 is missing}/bin/candle.exe" -nologo -arch x64 -out bookstore-pos.wixobj bookstore-pos.wxs
        "$WIX/bin/light.exe" -nologo -sval -spdb -out "$package" bookstore-pos.wixobj
    fi
)
# shellcheck disable=SC2086 # a command with its words
[ -z "${SIGN:-}" ] || $SIGN "$package"
rm -rf "$folder"
for made in "$name-setup.exe" "$name.msi"; do
    echo "$made: $(($(wc -c <"$made") / 1000000)) MB"
done
