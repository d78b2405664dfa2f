#!/bin/sh
# Give everything in a folder the commit's time and plain rights, so that archives of it are the same bytes each time.
#   packaging/stamp.sh FOLDER
set -eu
# In words that the tools of Linux, of git for Windows and of macOS share.
moment=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M.%S 2>/dev/null || date -u -r "$SOURCE_DATE_EPOCH" +%Y%m%d%H%M.%S)
find "$1" -type d -exec chmod 755 {} +
find "$1" -type f -perm -u+x ! -name '*.so*' -exec chmod 755 {} +
find "$1" -type f \( ! -perm -u+x -o -name '*.so*' \) -exec chmod 644 {} +
find "$1" -exec env TZ=UTC touch -h -t "$moment" {} +
