#!/bin/sh
# Make the bundle: dist/bookstore-pos, one folder with its own Python, Qt and licences, from the commit that is checked
# out. Everything it is made of is pinned by requirements/bundle.lock.
#
#   packaging/build.sh          with Debian's Python 3.11, whose library is small and leaves no paths behind
#   PYTHON=python3.13 …         with another that has a shared library (as those of python.org have)
set -eu
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-/usr/bin/python3}
WORK=${WORK:-build/bundle}
OUT=${OUT:-dist}
# The same commit gives the same bytes: nothing takes the time, and sets come in one order.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
# Packages come from the environment, never from the folder this stands in.
export PYTHONSAFEPATH=1 PIP_DISABLE_PIP_VERSION_CHECK=1

sh packaging/build-tools.sh
mkdir -p "$WORK" "$OUT"
bin=$WORK/venv/bin
[ -d "$WORK/venv/Scripts" ] && bin=$WORK/venv/Scripts
if ! cmp -s requirements/bundle.lock "$WORK/venv/lock"; then
    rm -rf "$WORK/venv"
    "$PYTHON" -m venv "$WORK/venv"
    [ -d "$WORK/venv/Scripts" ] && bin=$WORK/venv/Scripts
    "$bin/python" -m pip install --quiet --no-compile --require-hashes -r requirements/bundle.lock
    cp requirements/bundle.lock "$WORK/venv/lock"
fi
# The program as it is committed, not what else lies about.
rm -rf "$WORK/tree" "$WORK/wheel"
mkdir -p "$WORK/tree"
git archive HEAD | tar -xf - -C "$WORK/tree"
"$bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$WORK/wheel" "$WORK/tree"
"$bin/python" -m pip install --quiet --no-compile --no-deps --force-reinstall "$WORK"/wheel/bookstore_pos-*.whl

sh packaging/freeze.sh "$bin/python" "$WORK/work" "$OUT"
