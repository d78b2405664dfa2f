#!/bin/sh
# Write the package's copyright file: ours, and that the parts' texts lie in the bundle.
#   packaging/copyright.sh BUNDLE
set -eu
cat <<'END'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Bookstore POS
Comment: The folder /usr/lib/bookstore-pos holds Python, Qt and other parts.
 /usr/lib/bookstore-pos/licences/PARTS.txt names each with its licence and
 where its source is; the full texts lie in the folders beside it.

Files: *
Copyright: 2026 The Bookstore POS developers
License: Apache-2.0
 On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.

Files: usr/lib/bookstore-pos/lib/*
Copyright: the authors of each part
License: various
 The parts, in their versions:
 .
END
sed -n '6,$p' "$1/licences/PARTS.txt" | awk 'BEGIN { RS = ""; FS = "\n" }
    { for (i = 1; i <= NF; i++) sub(/^ +/, "", $i); printf " %s: %s\n  %s\n", $1, $2, $3 }'
