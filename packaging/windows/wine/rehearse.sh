#!/bin/sh
# Rehearse the packages for Windows on Linux, under wine: the same spec, the same installer and MSI, tried out as on
# Windows (packaging/windows/try.sh). What comes of it is never given out: parts of it are made here.
# Ends with 0 where all of it held, 1 where not, 77 where wine is missing and cannot be installed here.
#   packaging/windows/wine/rehearse.sh        TEST_PYTHON names a Python with what the tests need
set -eu
cd "$(dirname "$0")/../../.."
PYTHON=${PYTHON:-/usr/bin/python3}
TEST_PYTHON=${TEST_PYTHON:-.venv/bin/python}
WORK=${WORK:-build/rehearsal-windows}
MISSING=77
if command -v dpkg-query >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    sh packaging/build-tools.sh wine64 wine nsis wixl gcc-mingw-w64-x86-64 xvfb xdotool
fi
missing=""
for command in wine wineserver makensis wixl x86_64-w64-mingw32-gcc Xvfb xdotool git; do
    command -v "$command" >/dev/null 2>&1 || missing="$missing $command"
done
if [ -n "$missing" ]; then
    echo "SKIPPED: the packages for Windows were not rehearsed, since this is missing:$missing" \
        "(Debian: sudo apt-get install wine64 wine nsis wixl gcc-mingw-w64-x86-64 xvfb xdotool)" >&2
    exit $MISSING
fi
mkdir -p "$WORK"
WORK=$(cd "$WORK" && pwd)
SCREEN=${SCREEN:-76}
export WORK PYTHON SCREEN
. packaging/windows/wine/wine.sh
screen=""
leave() {
    close_session
    [ -z "$screen" ] || kill "$screen" 2>/dev/null || true
}
trap leave EXIT
trap 'exit 1' INT TERM
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH PYTHONDONTWRITEBYTECODE=1
began=$(date +%s)
step() {
    echo "== $(($(date +%s) - began)) s: $1"
}

step "A Windows Python under $(wine --version 2>/dev/null)"
sh packaging/windows/wine/make-python.sh requirements/bundle.lock
Xvfb ":$SCREEN" -screen 0 1366x768x24 -nolisten tcp >"$WORK/xvfb.log" 2>&1 &
screen=$!
tries=0
until xdotool getmouselocation >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || {
        cat "$WORK/xvfb.log" >&2
        exit 1
    }
    sleep 0.1
done
open_session

step "The bundle, from the one spec"
rm -rf "$WORK/tree" "$WORK/wheel" "$WORK/out"
mkdir -p "$WORK/tree" "$WORK/out"
git archive HEAD | tar -xf - -C "$WORK/tree"
(cd "$WORK/tree" && "$OLDPWD/packaging/windows/wine/python.sh" -m hatchling build -t wheel -d ../wheel >/dev/null)
rm -rf "$drive"/python/Lib/site-packages/bookstore_pos-*.dist-info
"$WORK/pip/bin/python" -m pip --disable-pip-version-check --quiet install --no-deps --no-index --no-compile --upgrade \
    --target "$drive/python/Lib/site-packages" "$WORK"/wheel/bookstore_pos-*.whl
sh packaging/freeze.sh "$PWD/packaging/windows/wine/python.sh" "$WORK/work" "$WORK/out" >"$WORK/freeze.log" 2>&1 || {
    tail -n 20 "$WORK/freeze.log" >&2
    exit 1
}
tail -n 1 "$WORK/freeze.log"

step "Nothing made for the rehearsal is in it but the one library it cannot do without"
"$PYTHON" packaging/windows/check_parts.py --rehearsal "$WORK/out/bookstore-pos"
if "$PYTHON" packaging/windows/check_parts.py "$WORK/out/bookstore-pos" 2>/dev/null; then
    echo "The check would let a rehearsal's bundle go out." >&2
    exit 1
fi

step "What is in it, what is not, and that each part is told of"
checks=tests/bundle/check_bundle.py
BUNDLE=$WORK/out/bookstore-pos PYTHONPATH=$PWD "$TEST_PYTHON" -m pytest -q --no-header \
    $checks::test_there_is_a_bundle $checks::test_nothing_of_gtk_qml_or_another_toolkit_is_in_it \
    $checks::test_none_of_qts_gpl_only_parts_is_in_it $checks::test_no_tests_sources_or_build_tools_are_in_it \
    $checks::test_the_programs_own_data_is_whole $checks::test_every_part_has_its_licence_its_text_and_its_source \
    $checks::test_the_list_of_parts_names_what_is_in_it $checks::test_the_sums_are_those_of_the_files \
    $checks::test_it_is_no_larger_than_it_may_be

step "Both installers, and older ones"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
icon=$WORK/work/bookstore-pos/bookstore-pos.ico
name=$WORK/out/bookstore-pos-$version-rehearsal
sh packaging/windows/pack.sh "$WORK/out/bookstore-pos" "$icon" "$version" "$name"
sh packaging/windows/older.sh "$WORK/out/bookstore-pos" "$icon" "$WORK/out/older"

rm -rf "$drive/users/$(id -un)/AppData/Local/bookstore-pos" "$drive/ProgramData/Bookstore POS"
PYTHONPATH=$PWD "$TEST_PYTHON" -W ignore packaging/windows/wine/with_server.py sh packaging/windows/try.sh "$name" "$WORK/out/older"
step "The rehearsal is over"
