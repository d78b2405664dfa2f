"""Papers in Epson's ESC/POS command language (Epson "ESC/POS Command Reference").

Letters go by code pages, changed within a line where that is needed; a line with letters that no page has is drawn as a
picture, by whatever the caller can draw with.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pos_app.receipts.layout import Barcode, Document, Line, Logo, lay_out, plain

INIT = b"\x1b@"
PULSE = b"\x1bp\x00\x19\xfa"  # pin 2 of the drawer's plug, 50 ms on, 500 ms off
FEED_AND_CUT = b"\x1bd\x04\x1dV\x01"
BOLD, TALL = b"\x1bE", b"\x1d!"
CENTRE, LEFT = b"\x1ba\x01", b"\x1ba\x00"
# Epson's number of each code page, the likeliest first: Western, Windows, Central European, Cyrillic, Greek.
PAGES = {19: "cp858", 16: "cp1252", 18: "cp852", 17: "cp866", 14: "cp737"}
DOTS_A_COLUMN, LINE_DOTS = 12, 24
MAX_BARCODE = 40


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture of one bit a dot, rows of whole bytes, the highest bit to the left; 1 is black."""

    width: int
    height: int
    rows: bytes


# Draws a line of letters so many dots wide, or a picture from a file.
Draw = Callable[[str, int, bool], Bitmap]
DrawFile = Callable[[str, int], Bitmap | None]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the caller can draw with."""

    line: Draw
    file: DrawFile


def encode(document: Document, drawing: Drawing | None = None, *, pulse: bool = False) -> bytes:
    """Give the bytes that print a paper and cut it, with the drawer's pulse first where it is to open."""
    made = bytearray(INIT)
    if pulse:
        made += PULSE
    page = 0
    dots = document.width * DOTS_A_COLUMN
    for block in document.blocks:
        if isinstance(block, Barcode):
            made += _barcode(block.text)
        elif isinstance(block, Logo):
            picture = drawing.file(block.path, dots) if drawing is not None else None
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
        return page, _raster(drawing.line(line.text, dots, line.bold))
    made = bytearray()
    made += (BOLD + b"\x01" if line.bold else b"") + (TALL + b"\x01" if line.tall else b"")
    for number, text in runs:
        if number is not None and number != page:
            page = number
            made += b"\x1bt" + bytes([page])
        made += text.encode(PAGES.get(page, "cp437"), errors="replace")
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


def _barcode(text: str) -> bytes:
    """Code 128, set B, its letters under it, in the middle; what set B has not is left out."""
    data = "".join(letter for letter in plain(text) if " " <= letter <= "~")[:MAX_BARCODE].replace("{", "{{")
    if not data:
        return b""
    content = b"{B" + data.encode("ascii")
    return CENTRE + b"\x1dh\x50\x1dw\x02\x1dH\x02\x1dk\x49" + bytes([len(content)]) + content + b"\n" + LEFT


def _raster(picture: Bitmap) -> bytes:
    """GS v 0: a picture as wide as its rows of bytes."""
    across = (picture.width + 7) // 8
    size = across.to_bytes(2, "little") + picture.height.to_bytes(2, "little")
    return b"\x1dv0\x00" + size + picture.rows[: across * picture.height]
