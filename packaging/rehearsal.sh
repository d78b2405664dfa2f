# Shared by the rehearsals: a bare Debian 12 in $ROOT with a plain user, ana, and a shop sold in through a real window.
# shellcheck shell=sh
ROOT=$WORK/root
SCREEN=${SCREEN:-77}
ISBN=9780141439518

step() {
    echo "== $1"
}

fail() {
    [ ! -f "$1" ] || tail -n 40 "$1" >&2
    echo "The rehearsal ended at the step above." >&2
    exit 1
}

leave() {
    [ -z "${window:-}" ] || kill "$window" 2>/dev/null || true
    [ -z "${screen:-}" ] || kill "$screen" 2>/dev/null || true
    for place in tmp/.X11-unix dev/pts dev proc; do
        if mountpoint -q "$ROOT/$place"; then umount "$ROOT/$place"; fi
    done
}
trap leave EXIT
trap 'exit 1' INT TERM

# Make the system anew from a kept one, which takes a minute to fetch.
bare_root() {
    leave
    if [ ! -f "$WORK/bare.tar" ]; then
        rm -rf "$WORK/bare"
        # shellcheck disable=SC2086 # one word or none
        debootstrap --variant=minbase bookworm "$WORK/bare" ${MIRROR:-} >"$WORK/debootstrap.log" 2>&1 ||
            fail "$WORK/debootstrap.log"
        tar -C "$WORK/bare" -cf "$WORK/bare.tar" .
        rm -rf "$WORK/bare"
    fi
    rm -rf "$ROOT"
    mkdir -p "$ROOT"
    tar -C "$ROOT" -xf "$WORK/bare.tar"
    cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d; do
        [ ! -e "$file" ] || cp -rf "$file" "$ROOT/etc/apt/"
    done
    mount --bind /proc "$ROOT/proc"
    mount --bind /dev "$ROOT/dev"
    mount --bind /dev/pts "$ROOT/dev/pts"
    in_root useradd --create-home --shell /bin/sh ana
    in_root apt-get update -qq >"$WORK/apt.log" 2>&1 || fail "$WORK/apt.log"
    if in_root sh -c 'command -v python3' >/dev/null; then
        echo "The bare system has a Python, so it proves nothing." >&2
        exit 1
    fi
}

in_root() {
    chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# As a plain user, with a screen.
as_user() {
    chroot --userspec=ana:ana "$ROOT" env -i "PATH=${USER_PATH:-/usr/bin:/bin}" HOME=/home/ana LC_ALL=C.UTF-8 \
        "DISPLAY=:$SCREEN" XDG_RUNTIME_DIR=/tmp/run-ana "$@"
}

set_shop_up() {
    mkdir -p "$ROOT/tmp/run-ana" "$ROOT/tmp/.X11-unix"
    chroot "$ROOT" chown ana:ana /tmp/run-ana
    chmod 700 "$ROOT/tmp/run-ana"
    cat >"$ROOT/home/ana/shop.toml" <<END
shop_name = "Marlow & Daughters"
currency = "GBP"
locale = "en_GB"
time_zone = "Europe/London"
tax_name = "Books 0 %"
tax_rate = 0
admin_name = "Max"
END
    echo "isbn13,title,price,stock
$ISBN,Pride and Prejudice,8.99,5" >"$ROOT/home/ana/books.csv"
    echo 4444 | as_user bookstore-pos set-up /home/ana/shop.toml
    as_user bookstore-pos import /home/ana/books.csv
    Xvfb ":$SCREEN" -screen 0 1366x768x24 -nolisten tcp >"$WORK/xvfb.log" 2>&1 &
    screen=$!
    waited=0
    until DISPLAY=:$SCREEN xdpyinfo >/dev/null 2>&1; do
        waited=$((waited + 1))
        [ "$waited" -lt 100 ] || fail "$WORK/xvfb.log"
        sleep 0.1
    done
    mount --bind /tmp/.X11-unix "$ROOT/tmp/.X11-unix"
}

# sell NUMBER: open the window, scan, take cash, and wait for the kept receipt of that number.
sell() {
    as_user bookstore-pos --sign-in Max:4444 >"$WORK/window.log" 2>&1 &
    window=$!
    # Nothing on this screen gives windows the focus, so that it is given here.
    DISPLAY=:$SCREEN timeout 120 xdotool search --sync --onlyvisible --name '^Checkout' windowfocus --sync ||
        fail "$WORK/window.log"
    receipt=$ROOT/home/ana/.local/share/bookstore-pos/receipts/$1.txt
    tries=0
    until [ -s "$receipt" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || fail "$WORK/window.log"
        # A scan before the basket is there is refused, so that it is made again; the key takes what there is to pay.
        if [ $((tries % 5)) = 1 ]; then
            DISPLAY=:$SCREEN xdotool key Escape
            # shellcheck disable=SC2046 # a key for each digit
            DISPLAY=:$SCREEN xdotool key --delay 1 $(echo "$ISBN" | sed 's/./& /g') Return
        fi
        sleep 0.7
        DISPLAY=:$SCREEN xdotool key F12
        sleep 0.7
    done
    DISPLAY=:$SCREEN xdotool key ctrl+q
    wait "$window" || fail "$WORK/window.log"
    window=""
    grep -q 'Pride and Prejudice' "$receipt" || fail "$receipt"
    echo "Receipt $1 is kept."
}

# Give the shop's file the tables of the version before, as an older program leaves them.
older_tables() {
    PYTHONPATH=. "${ALEMBIC_PYTHON:-build/bundle/venv/bin/python}" -m alembic \
        -x "url=sqlite:///$ROOT/home/ana/.local/share/bookstore-pos/shop.db" downgrade -1 >"$WORK/alembic.log" 2>&1 ||
        fail "$WORK/alembic.log"
    chroot "$ROOT" sh -c 'chown ana:ana /home/ana/.local/share/bookstore-pos/shop.db*'
}
