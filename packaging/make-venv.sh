#!/bin/sh
# Make .venv with a Python from 3.11 up; on Debian and Ubuntu the part that makes environments is a package of its own.
set -eu

PYTHON=${PYTHON:-python3}
"$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || {
    echo "Python 3.11 to 3.14 is needed. Name one: make PYTHON=python3.13 …" >&2
    exit 1
}
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing $package"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
    else
        echo "Python cannot make environments here. Run: sudo apt-get install $package" >&2
        exit 1
    fi
fi
"$PYTHON" -m venv .venv
