#!/bin/sh
# Put Bookstore POS in place, or take it away again. The shop's data and settings are left alone either way.
#
#   ./install.sh --user                 for you alone: ~/.local
#   sudo ./install.sh --system          for everybody on this machine: /opt, /usr/local, /etc
#   ./install.sh --user --uninstall     (or --system) take it away
set -eu

usage() {
    sed -n '4,6s/^# *//p' "$0" >&2
    exit 2
}

complain() {
    echo "install.sh: $1" >&2
    exit 1
}

where="" act=install
for word in "$@"; do
    case $word in
        --user | --system) [ -z "$where" ] || usage; where=${word#--} ;;
        --uninstall) act=uninstall ;;
        *) usage ;;
    esac
done
here=$(cd "$(dirname "$0")" && pwd)
case $where in
    user)
        [ -n "${HOME:-}" ] || complain "HOME is not set."
        program=$HOME/.local/lib/bookstore-pos prefix=$HOME/.local
        ;;
    system)
        [ "$(id -u)" = 0 ] || complain "--system changes /opt and /etc: run it with sudo, or install with --user."
        program=/opt/bookstore-pos prefix=/usr/local
        ;;
    *) usage ;;
esac
command=$prefix/bin/bookstore-pos
files="share/applications/bookstore-pos.desktop share/icons/hicolor/scalable/apps/bookstore-pos.svg
share/metainfo/bookstore-pos.metainfo.xml share/man/man1/bookstore-pos.1.gz
share/bash-completion/completions/bookstore-pos"
rules=/etc/udev/rules.d/60-bookstore-pos.rules

uninstall() {
    rm -rf "$program" "$program.new" "$program.old"
    for file in $files; do rm -f "$prefix/$file"; done
    if [ -L "$command" ]; then rm -f "$command"; fi
    if [ "$where" = system ]; then rm -f "$rules"; fi
    echo "Bookstore POS is taken away. Left alone: the shops' data (.local/share/bookstore-pos of whoever used it, or"
    echo "where data_dir said)$([ "$where" = user ] || echo ", and /etc/bookstore-pos/config.toml")."
}

install_it() {
    [ -x "$here/bookstore-pos/bookstore-pos" ] || complain "the folder bookstore-pos is not beside this script."
    (cd "$here/bookstore-pos" && sha256sum --quiet --check SHA256SUMS) ||
        complain "the files are not those that were packed. Fetch and unpack the archive again."
    if [ -e "$command" ] && [ ! -L "$command" ]; then complain "$command is there and not ours. Move it away first."; fi
    mkdir -p "$(dirname "$program")" "$prefix/bin"
    # A till that runs meanwhile keeps the old files until it is closed; what fails half way changes nothing.
    rm -rf "$program.new" "$program.old"
    cp -R "$here/bookstore-pos" "$program.new"
    if [ -e "$program" ]; then mv "$program" "$program.old"; fi
    mv "$program.new" "$program"
    rm -rf "$program.old"
    for file in $files; do
        mkdir -p "$prefix/$(dirname "$file")"
        cp "$here/share-files/$file" "$prefix/$file"
    done
    # Menus look for the command in folders that ~/.local/bin need not be one of.
    sed -i -e "s|^Exec=bookstore-pos|Exec=\"$command\"|" -e "s|^TryExec=.*|TryExec=$command|" \
        "$prefix/share/applications/bookstore-pos.desktop"
    ln -sfn "$program/bookstore-pos" "$command"
    if [ "$where" = system ]; then
        mkdir -p /etc/bookstore-pos
        if [ ! -e /etc/bookstore-pos/config.toml ]; then
            cp "$here/config.toml" /etc/bookstore-pos/config.toml
        elif ! cmp -s "$here/config.toml" /etc/bookstore-pos/config.toml; then
            cp "$here/config.toml" /etc/bookstore-pos/config.toml.new
            echo "/etc/bookstore-pos/config.toml is kept as it is; the new one lies beside it as config.toml.new."
        fi
        if [ -d /etc/udev/rules.d ]; then
            cp "$here/60-bookstore-pos.rules" "$rules"
            if command -v udevadm >/dev/null 2>&1; then udevadm control --reload 2>/dev/null || true; fi
        fi
    fi
    missing=$(find "$program/lib" -name '*.so*' -exec ldd {} + 2>/dev/null | sed -n 's/^[[:space:]]*\(lib[^ ]*\) => not found$/\1/p' |
        sort -u | tr '\n' ' ')
    if [ -n "$missing" ]; then
        echo "The system lacks libraries that the window needs: $missing"
        echo "On Debian and Ubuntu: sudo apt-get install libegl1 libgl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libssl3 libcups2 \\"
        echo "    libwayland-cursor0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 \\"
        echo "    libxcb-shape0"
    fi
    echo "Bookstore POS is in place: $command"
    case ":$PATH:" in *":$prefix/bin:"*) ;; *) echo "$prefix/bin is not in PATH; the menu has the program all the same." ;; esac
}

if [ "$act" = uninstall ]; then uninstall; else install_it; fi
