#!/bin/sh
# Make what is given out for Windows: the bundle, the installer and the MSI, in dist/. Runs on Windows in the shell that
# comes with git, with Python of python.org, NSIS 3 and WiX 3.
#   PYTHON=python packaging/windows/build.sh
#   SIGN="powershell -NoProfile -ExecutionPolicy Bypass -File packaging/windows/sign.ps1"    signs all of it
set -eu
cd "$(dirname "$0")/../.."
case $(uname -s) in
    MINGW* | MSYS* | CYGWIN*) ;;
    *)
        echo "What is shipped is made on Windows; here, rehearse it: make rehearse-windows" >&2
        exit 1
        ;;
esac
PYTHON=${PYTHON:-python}
export PYTHON
WORK=${WORK:-build/bundle}
OUT=${OUT:-dist}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
sh packaging/build.sh
"$PYTHON" packaging/windows/check_parts.py "$OUT/bookstore-pos"
sh packaging/windows/pack.sh "$OUT/bookstore-pos" "$WORK/work/bookstore-pos/bookstore-pos.ico" "$version" \
    "$OUT/bookstore-pos-$version-windows-x86_64"
