#!/bin/sh
# Write the sums of everything to give away that lies in OUT: OUT/SHA256SUMS, which sha256sum --check reads.
set -eu
cd "$(dirname "$0")/.."
cd "${OUT:-dist}"
find . -maxdepth 1 -type f -name 'bookstore-pos[-_]*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum >SHA256SUMS.part
mv SHA256SUMS.part SHA256SUMS
