#!/bin/sh
# Try an installer and an MSI out, as an administrator's script does: silent install over an older version, the program's
# own trial, a shop, sales on SQLite and on a server, silent removal, the data kept.
#   packaging/windows/try.sh NAME OLDER      NAME-setup.exe and NAME.msi, and what older.sh made of them
# On Windows it runs in git's shell as an administrator, on a machine that has no shop; under wine, rehearse.sh calls it.
# POS_SERVER_URL, where set, is an empty PostgreSQL database; SCREEN the number of an X screen that wine draws on.
set -eu
name=$1 older=$2
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$(dirname "$0")/../../pyproject.toml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -n "${WINEPREFIX:-}" ]; then
    . "$(dirname "$0")/wine/wine.sh"
    local_data=$drive/users/$(id -un)/AppData/Local
    programs="$drive/Program Files"
    program_data=$drive/ProgramData
else
    MSYS_NO_PATHCONV=1 QT_QPA_PLATFORM=offscreen
    export MSYS_NO_PATHCONV QT_QPA_PLATFORM
    windows() {
        rm -f "$work/code"
        { "$@" 2>&1 || echo $? >"$work/code"; } | tr -d '\r'
        [ ! -s "$work/code" ] || return "$(cat "$work/code")"
    }
    path_of() { cygpath -w "$1"; }
    local_data=$(cygpath "$LOCALAPPDATA")
    programs=$(cygpath "$PROGRAMFILES")
    program_data=$(cygpath "$PROGRAMDATA")
fi
shop=$local_data/bookstore-pos/bookstore-pos
all="$programs/Bookstore POS"
mine="$local_data/Programs/Bookstore POS"
menu="$program_data/Microsoft/Windows/Start Menu/Programs/Bookstore POS.lnk"
key='Software\Microsoft\Windows\CurrentVersion\Uninstall\Bookstore POS'

step() {
    echo "== $1"
}

fail() {
    echo "The trial ended at the step above: $1" >&2
    exit 1
}

# registered KEY VALUE: what the registry holds there.
registered() {
    windows reg query "$1" /v "$2" /reg:64 2>/dev/null | sed -n "s/^ *$2 *REG_[A-Z]* *//p"
}

# An installer's own copy goes on removing after the one that was started has ended.
gone() {
    tries=0
    while [ -e "$1" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 120 ] || fail "$1 is still there"
        sleep 0.5
    done
}

# works FOLDER: the installed program tries itself out, with a console and without one.
works() {
    for program in bookstore-pos bookstore-pos-window; do
        rm -f "$work/report.json"
        windows "$1/$program.exe" --smoke --smoke-report "$(path_of "$work/report.json")" || fail "$program"
        grep -q '"ok": true' "$work/report.json" || fail "$program: $(cat "$work/report.json")"
        grep -q '"bundled": true' "$work/report.json"
    done
    [ ! -e "$1/lib/of-an-older-version.txt" ] || fail "the older version's files are still there"
    # Nothing of the trials is left: Windows removes no file that is open.
    left=$(find "$local_data/Temp" "$local_data/../../Temp" -maxdepth 1 -name 'bookstore-pos-smoke-*' 2>/dev/null || true)
    [ -z "$left" ] || fail "the trial leaves $left"
}

# A shop in the usual place, with a sale in its SQLite file.
sells_on_a_file() {
    [ ! -e "$shop" ] || fail "$shop is there before"
    mkdir -p "$shop"
    windows "$1/bookstore-pos.exe" --smoke --database-url "sqlite:///$(path_of "$shop/shop.db")"
    windows "$1/bookstore-pos.exe" receipt 1-000001 | grep -q '8\.99' || fail "the receipt is not there"
    windows "$1/bookstore-pos.exe" verify | grep -c '^ok' | grep -qx '[4-9].' || fail "verify"
    windows "$1/bookstore-pos.exe" doctor | grep '^ok' | grep -q 'qt: Version 6' || fail "doctor"
    windows "$1/bookstore-pos.exe" backup "$(path_of "$work/copy.db")"
    windows "$1/bookstore-pos.exe" restore "$(path_of "$work/copy.db")"
}

sells_on_a_server() {
    if [ -z "${POS_SERVER_URL:-}" ]; then
        echo "No POS_SERVER_URL: no sale on a server is tried."
        return
    fi
    windows "$1/bookstore-pos.exe" --smoke --database-url "$POS_SERVER_URL"
    windows "$1/bookstore-pos.exe" receipt 1-000001 --database-url "$POS_SERVER_URL" --data-dir "$(path_of "$work/till")" |
        grep -q '8\.99' || fail "the receipt is not there"
    windows "$1/bookstore-pos.exe" doctor --database-url "$POS_SERVER_URL" --data-dir "$(path_of "$work/till")" |
        grep -q '^ok *database: postgresql' || fail "doctor"
}

# In the window itself, by keys alone: scanned, paid in cash, and closed.
sells_in_the_window() {
    if [ -z "${SCREEN:-}" ]; then
        echo "No SCREEN: no sale is made in the window."
        return
    fi
    till=$work/till-in-the-window
    mkdir -p "$till"
    printf '%s\n' 'shop_name = "Marlow & Daughters"' 'currency = "GBP"' 'locale = "en_GB"' 'time_zone = "Europe/London"' \
        'tax_name = "Books 0 %"' 'tax_rate = 0' 'admin_name = "Max"' 'admin_pin = "4444"' >"$work/shop.toml"
    printf '%s\n' 'isbn13,title,price,stock' '9780141439518,Pride and Prejudice,8.99,5' >"$work/books.csv"
    windows "$1/bookstore-pos.exe" set-up "$(path_of "$work/shop.toml")" --data-dir "$(path_of "$till")"
    windows "$1/bookstore-pos.exe" import "$(path_of "$work/books.csv")" --data-dir "$(path_of "$till")"
    (
        QT_QPA_PLATFORM=windows
        export QT_QPA_PLATFORM
        windows "$1/bookstore-pos-window.exe" --data-dir "$(path_of "$till")" --sign-in Max:4444 >"$work/window.log" 2>&1
    ) &
    window=$!
    timeout 180 xdotool search --sync --onlyvisible --name '^Checkout' windowfocus --sync || fail "$(cat "$work/window.log")"
    receipt=$till/receipts/1-000001.txt
    tries=0
    until [ -s "$receipt" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || fail "no receipt: $(cat "$work/window.log")"
        # A scan before the basket is there is refused, so that it is made again; the key takes what there is to pay.
        if [ $((tries % 5)) = 1 ]; then
            xdotool key Escape
            xdotool key --delay 1 9 7 8 0 1 4 1 4 3 9 5 1 8 Return
        fi
        sleep 0.7
        xdotool key F12
        sleep 0.7
    done
    xdotool key ctrl+q
    wait "$window" || fail "$(cat "$work/window.log")"
    grep -q 'Pride and Prejudice' "$receipt" || fail "$(cat "$receipt")"
    windows "$1/bookstore-pos.exe" verify --data-dir "$(path_of "$till")" >/dev/null || fail "verify"
    echo "Receipt 1-000001 is kept."
}

kept() {
    [ -s "$shop/shop.db" ] || fail "the shop's data is gone"
    [ -s "$program_data/Bookstore POS/config.toml" ] || fail "the machine's settings are gone"
}

step "The installer, for everybody: an older version first"
windows "$older-setup.exe" /S /AllUsers || fail "code $?"
[ "$(registered "HKLM\\$key" DisplayVersion)" = 0.0.9 ] || fail "the registry does not name the older version"
[ -s "$all/lib/of-an-older-version.txt" ] || fail "the older version lacks what marks it"
echo 'text_scale = 110' >>"$program_data/Bookstore POS/config.toml"
sells_on_a_file "$all"

step "What cannot be done leaves the older version as it was"
rm "$all/sbom.cdx.json"
mkdir -p "$all/sbom.cdx.json/in-the-way"
code=0
windows "$name-setup.exe" /S /AllUsers || code=$?
[ "$code" = 2 ] || fail "it installed over what is in its way, code $code"
[ -s "$all/lib/of-an-older-version.txt" ] && [ ! -e "$all/older" ] || fail "the older version is not back"
windows "$all/bookstore-pos.exe" verify >/dev/null || fail "the older version does not run"
rm -r "$all/sbom.cdx.json"

step "This version over it, data and settings kept"
windows "$name-setup.exe" /S /AllUsers || fail "code $?"
[ "$(registered "HKLM\\$key" DisplayVersion)" = "$version" ] || fail "the registry does not name this version"
[ "$(registered "HKLM\\$key" Publisher)" = "The Bookstore POS developers" ] || fail "the registry names no maker"
[ -s "$menu" ] || fail "the Start menu has it not"
works "$all"
windows "$all/bookstore-pos.exe" config show | grep -q '^text_scale = 110$' || fail "the machine's settings are not in force"
windows "$all/bookstore-pos.exe" verify >/dev/null || fail "verify"
sells_on_a_server "$all"
sells_in_the_window "$all"

step "Not while a till is open"
rm -f "$shop/till-1.lock"
windows "$all/bookstore-pos-window.exe" >"$work/window.log" 2>&1 &
window=$!
tries=0
until [ -e "$shop/till-1.lock" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || fail "the window does not come: $(cat "$work/window.log")"
    sleep 0.5
done
code=0
windows "$name-setup.exe" /S /AllUsers || code=$?
[ "$code" = 3 ] || fail "it installed over an open till, code $code"
windows taskkill /F /IM bookstore-pos-window.exe >/dev/null 2>&1 || true
wait "$window" 2>/dev/null || true
[ -x "$all/bookstore-pos-window.exe" ] && [ -d "$all/lib" ] || fail "what was there is not whole"

step "Taken away as the registry says"
[ "$(registered "HKLM\\$key" QuietUninstallString)" = '"C:\Program Files\Bookstore POS\uninstall.exe" /S /AllUsers' ] ||
    fail "$(registered "HKLM\\$key" QuietUninstallString)"
windows "$all/uninstall.exe" /S /AllUsers
gone "$all"
[ -z "$(registered "HKLM\\$key" DisplayVersion)" ] || fail "the registry still names it"
[ ! -e "$menu" ] || fail "the Start menu still has it"
kept

step "For one person, without a trace for others"
windows "$name-setup.exe" /S /CurrentUser || fail "code $?"
[ "$(registered "HKCU\\$key" DisplayVersion)" = "$version" ] || fail "the registry does not name this version"
[ ! -e "$all" ] || fail "it lies in the place for everybody"
works "$mine"
windows "$mine/bookstore-pos.exe" verify >/dev/null || fail "verify"
windows "$mine/uninstall.exe" /S /CurrentUser
gone "$mine"
kept

step "Not into a folder that holds something else"
mkdir -p "$work/full"
echo mine >"$work/full/letter.txt"
code=0
windows "$name-setup.exe" /S /AllUsers "/D=$(path_of "$work/full")" || code=$?
[ "$code" = 2 ] && [ "$(ls "$work/full")" = letter.txt ] || fail "code $code, $(ls "$work/full")"

step "Into a folder that the command names"
windows "$name-setup.exe" /S /CurrentUser "/D=$(path_of "$work/here")" || fail "code $?"
windows "$work/here/bookstore-pos.exe" --version >/dev/null || fail "it is not there"
windows "$work/here/uninstall.exe" /S /CurrentUser
gone "$work/here"
kept

step "The MSI: an older version, then this one over it"
windows msiexec /i "$(path_of "$older.msi")" /qn || fail "code $?"
[ -s "$all/lib/of-an-older-version.txt" ] || fail "the older version lacks what marks it"
windows msiexec /i "$(path_of "$name.msi")" /qn || fail "code $?"
works "$all"
windows "$all/bookstore-pos.exe" verify >/dev/null || fail "verify"
[ "$(registered 'HKLM\Software\Bookstore POS' Package)" = msi ] || fail "it does not say that it is an MSI"
code=0
windows "$name-setup.exe" /S /AllUsers || code=$?
[ "$code" = 2 ] || fail "the other installer went over the MSI, code $code"
windows msiexec /x "$(path_of "$name.msi")" /qn || fail "code $?"
[ ! -e "$all/bookstore-pos.exe" ] || fail "the program is still there"
kept

step "All of it held"
