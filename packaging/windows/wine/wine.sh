# Shared by what runs under wine: the prefix in $WORK/prefix, and how a Windows program is run in it.
# shellcheck shell=sh
WINEPREFIX=$WORK/prefix
WINEARCH=win64
WINEDEBUG=${WINEDEBUG:--all}
# No Mono, no browser, no entries in the menus of this machine.
WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d"
# Programs draw off the screen but for the one that is worked by keys, on the screen :$SCREEN where there is one.
QT_QPA_PLATFORM=offscreen
DISPLAY=${SCREEN:+:$SCREEN}
export WINEPREFIX WINEARCH WINEDEBUG WINEDLLOVERRIDES QT_QPA_PLATFORM DISPLAY
unset WAYLAND_DISPLAY
drive=$WINEPREFIX/drive_c

# windows PROGRAM WORDS…: run it to its end. Its streams are pipes: on a file some programs cannot open theirs.
windows() {
    rm -f "$WORK/code"
    { wine "$@" </dev/null 2>&1 || echo $? >"$WORK/code"; } | tr -d '\r'
    [ ! -s "$WORK/code" ] || return "$(cat "$WORK/code")"
}

# Where a file of this machine is for Windows.
path_of() {
    printf 'Z:%s\n' "$(realpath -m "$1" | sed 's|/|\\|g')"
}

# Keep one session of wine up, with its desktop: else the first program that asks for a desktop starts one, which goes
# on holding the pipes of that program, and whoever reads them waits for an end that does not come.
open_session() {
    wineserver -p
    wine explorer.exe /desktop=rehearsal </dev/null >/dev/null 2>&1 &
    wine "$drive/python/python.exe" -c "import ctypes; ctypes.windll.user32.GetDesktopWindow()" </dev/null >/dev/null 2>&1
}

close_session() {
    wineserver -k 2>/dev/null || true
}
