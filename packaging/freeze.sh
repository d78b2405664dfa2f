#!/bin/sh
# Make OUT/bookstore-pos with a Python that has the program and all it needs: frozen, with licences, list and sums.
#   packaging/freeze.sh PYTHON WORK OUT        from packaging/build.sh, or from what makes such a Python elsewhere
set -eu
python=$1 work=$2 out=$3
cd "$(dirname "$0")/.."
bundle=$out/bookstore-pos
COMMIT=$(git rev-parse HEAD)
# The same commit gives the same bytes: nothing takes the time, and sets come in one order.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONSAFEPATH=1

sums=sha256sum
command -v sha256sum >/dev/null 2>&1 || sums="shasum -a 256" # macOS

rm -rf "$bundle"
"$python" -m PyInstaller --noconfirm --clean --log-level WARN --workpath "$work" --distpath "$out" \
    packaging/bookstore-pos.spec
"$python" packaging/parts.py "$work/bookstore-pos/sources.json" "$bundle" "$COMMIT" "$SOURCE_DATE_EPOCH"
# shellcheck disable=SC2086 # a command with its words
[ -z "${SIGN:-}" ] || $SIGN "$bundle"/*.exe
sh packaging/stamp.sh "$bundle"
# shellcheck disable=SC2086,SC2094 # a command with its words; the file that is written is not among those read
(cd "$bundle" && find . -type f ! -name SHA256SUMS -print | LC_ALL=C sort | sed 's|^\./||' | tr '\n' '\0' |
    xargs -0 $sums >SHA256SUMS)
sh packaging/stamp.sh "$bundle"
echo "$bundle is made: $(du -sm "$bundle" | cut -f1) MB"
