#!/bin/sh
# See to it that what builds the bundle is there: install it as root on Debian and Ubuntu, else name the command.
# Does nothing elsewhere.   packaging/build-tools.sh [MORE PACKAGES]
set -eu
command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=""
for package in python3-venv libpython3-dev binutils xz-utils git "$@"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "Building needs packages that are missing. Run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing what building needs:$missing"
apt-get update -qq
# shellcheck disable=SC2086 # a list of names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
