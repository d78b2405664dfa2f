#!/bin/sh
# Let the program draw every page, light and dark, at both sizes, into docs/images.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p docs/images
draw() {
    # shellcheck disable=SC2086 # a list of words
    .venv/bin/bookstore-pos --demo --data-dir "$folder" --theme "$theme" --size "$size" --screenshot \
        "docs/images/$1-$theme-$size.png" $2
}
theme=light size=1366x768
draw sign-in ""
.venv/bin/python packaging/fill_basket.py "$folder"
for size in 1366x768 1024x768; do
    for theme in light dark; do
        .venv/bin/bookstore-pos --data-dir "$folder/new" --theme "$theme" --size "$size" --screenshot \
            "docs/images/first-start-$theme-$size.png"
        draw sign-in ""
        draw checkout "--sign-in Ana:1111 --page checkout"
        draw inventory "--sign-in Sam:3333 --page inventory"
        draw orders "--sign-in Ana:1111 --page orders"
        draw reports "--sign-in Sam:3333 --page reports"
        draw settings "--sign-in Max:4444 --page settings"
    done
done
for theme in light dark; do
    QT_QPA_PLATFORM=offscreen .venv/bin/python packaging/draw_guide.py "$folder" "$theme" 1366x768 \
        "docs/images/guide-$theme-1366x768.png"
done
.venv/bin/python packaging/fewer_colours.py docs/images/*.png
# What is asked leaves something behind, a count begun say: each look has a shop of its own.
for theme in light dark; do
    mkdir "$folder/$theme"
    cp -r "$folder"/*.* "$folder/$theme"
    QT_QPA_PLATFORM=offscreen .venv/bin/python packaging/draw_questions.py "$folder/$theme" "$theme"
done
# The guide goes into every package, but for the picture of itself: the same pictures in three quarters of the bytes.
if command -v optipng >/dev/null; then
    optipng -quiet -o2 docs/images/*.png
else
    echo "optipng is not installed: the pictures are larger than they need be" >&2
fi
