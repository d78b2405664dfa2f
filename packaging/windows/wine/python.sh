#!/bin/sh
# Stands for a Python of this machine where a script wants one: runs the one for Windows that make-python.sh made.
set -eu
. "$(dirname "$0")/wine.sh"
windows "$drive/python/python.exe" "$@"
