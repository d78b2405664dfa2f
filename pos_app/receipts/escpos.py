"""Papers in Epson's ESC/POS command language (Epson "ESC/POS Command Reference").

Letters go by code pages, changed within a line where that is needed; a line with letters that no page has is drawn as a
picture, by whatever the caller can draw with.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pos_app.receipts.layout import Barcode, Document, Line, Logo, Text, lay_out, plain

INIT = b"\x1b@\x1bR\x00"  # as new, and no letters of ASCII changed for those of a country
PULSE = b"\x1bp\x00\x19\xfa"  # pin 2 of the drawer's plug, 50 ms on, 500 ms off
FEED_AND_CUT = b"\x1bd\x04\x1dV\x01"
BOLD, TALL = b"\x1bE", b"\x1d!"
CENTRE, LEFT = b"\x1ba\x01", b"\x1ba\x00"
# Epson's number of each code page, those that the simplest printers have first: American, Western, Western with the
# euro, Windows, Central European, Cyrillic, Greek.
PAGES = {0: "cp437", 2: "cp850", 19: "cp858", 16: "cp1252", 18: "cp852", 17: "cp866", 14: "cp737"}
DOTS_A_COLUMN, LINE_DOTS = 12, 24
MODULE_DOTS = 2


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture of one bit a dot, rows of whole bytes, the highest bit to the left; 1 is black."""

    width: int
    height: int
    rows: bytes


# Draws a line of letters so many dots wide, or a picture of its file's bytes.
Draw = Callable[[str, int, bool], Bitmap]
DrawPicture = Callable[[bytes, int], Bitmap | None]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the caller can draw with."""

    line: Draw
    picture: DrawPicture


def encode(document: Document, drawing: Drawing | None = None, *, pulse: bool = False) -> bytes:
    """Give the bytes that print a paper and cut it, with the drawer's pulse first where it is to open."""
    made = bytearray(INIT)
    if pulse:
        made += PULSE
    page = 0
    dots = document.width * DOTS_A_COLUMN
    for block in document.blocks:
        if isinstance(block, Barcode):
            page, printed = _barcode(block.text, page, drawing, document.width)
            made += printed
        elif isinstance(block, Logo):
            picture = drawing.picture(block.content, dots) if drawing is not None else None
            made += _raster(picture) if picture is not None else b""
        else:
            for line in lay_out(block, document.width):
                page, printed = _line(line, page, drawing, dots)
                made += printed
    return bytes(made + FEED_AND_CUT)


def _line(line: Line, page: int, drawing: Drawing | None, dots: int) -> tuple[int, bytes]:
    """One line's bytes, and the code page that is in force after it."""
    runs = list(_runs(line.text, page))
    if any(number is None for number, _ in runs) and drawing is not None:
        picture = drawing.line(line.text, dots, line.bold)
        return page, _raster(_twice_as_tall(picture) if line.tall else picture)
    made = bytearray()
    made += (BOLD + b"\x01" if line.bold else b"") + (TALL + b"\x01" if line.tall else b"")
    for number, text in runs:
        if number is not None and number != page:
            page = number
            made += b"\x1bt" + bytes([page])
        made += text.encode(PAGES[page], errors="replace")
    made += b"\n" + (TALL + b"\x00" if line.tall else b"") + (BOLD + b"\x00" if line.bold else b"")
    return page, bytes(made)


def _runs(text: str, page: int) -> Iterable[tuple[int | None, str]]:
    """The line in runs of one code page each; None where no page has the letters. ASCII stays on any page."""
    run = ""
    now: int | None = page
    for letter in text:
        number = now if letter.isascii() else _page_of(letter, now)
        if number != now and run:
            yield now, run
            run = ""
        run += letter
        now = number
    if run:
        yield now, run


def _page_of(letter: str, now: int | None) -> int | None:
    """The page a letter is on, the one in force if it can be."""
    wanted = sorted(PAGES, key=lambda number: number != now)
    return next((number for number in wanted if _has(PAGES[number], letter)), None)


def _has(codec: str, letter: str) -> bool:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _barcode(text: str, page: int, drawing: Drawing | None, width: int) -> tuple[int, bytes]:
    """Code 128, set B, its letters under it, in the middle; only letters where it cannot be or would not fit."""
    data = plain(text)
    modules = 11 * (len(data) + 2) + 13
    if not data or any(not " " <= letter <= "~" for letter in data) or modules * MODULE_DOTS > width * DOTS_A_COLUMN:
        made = b""
        for line in lay_out(Text(data, "centre"), width):
            page, printed = _line(line, page, drawing, width * DOTS_A_COLUMN)
            made += printed
        return page, made
    content = b"{B" + data.replace("{", "{{").encode("ascii")
    command = b"\x1dh\x50\x1dw" + bytes([MODULE_DOTS]) + b"\x1dH\x02\x1dk\x49" + bytes([len(content)])
    return page, CENTRE + command + content + b"\n" + LEFT


def _twice_as_tall(picture: Bitmap) -> Bitmap:
    across = (picture.width + 7) // 8
    rows = (picture.rows[row * across : (row + 1) * across] * 2 for row in range(picture.height))
    return Bitmap(picture.width, picture.height * 2, b"".join(rows))


def _raster(picture: Bitmap) -> bytes:
    """GS v 0: a picture as wide as its rows of bytes."""
    across = (picture.width + 7) // 8
    size = across.to_bytes(2, "little") + picture.height.to_bytes(2, "little")
    rows = picture.rows[: across * picture.height]
    # A printer heeds real-time commands (DLE EOT, ENQ, DC4) in the middle of a picture too: DC4 opens the drawer. One
    # dot more keeps them out.
    for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        rows = rows.replace(command, b"\x10" + bytes([command[1] | 0x20]))
    return b"\x1dv0\x00" + size + rows
