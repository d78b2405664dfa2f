#!/bin/sh
# Give everything in a folder the commit's time and plain rights, so that archives of it are the same bytes each time.
#   packaging/stamp.sh FOLDER
set -eu
find "$1" -type d -exec chmod 755 {} +
find "$1" -type f -perm -u+x ! -name '*.so*' -exec chmod 755 {} +
find "$1" -type f \( ! -perm -u+x -o -name '*.so*' \) -exec chmod 644 {} +
find "$1" -exec touch --no-dereference --date "@$SOURCE_DATE_EPOCH" {} +
