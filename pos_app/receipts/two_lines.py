"""Two lines of twenty letters for the customer, in Epson's display commands (DM-D series)."""

import unicodedata

from pos_app.receipts.layout import plain

WIDTH = 20
CODE_PAGE = "cp858"
# Initialise, clear, code page 858; then the second line begins by itself after twenty letters.
START = b"\x1b@\x0c\x1bt\x13"


def two_lines(upper: str, lower: str, figure: str) -> bytes:
    """Give the bytes that show a text above, and one with a figure to its right below; the figure is never cut."""
    first, left, right = letters(upper)[:WIDTH], letters(lower), letters(figure)
    room = max(WIDTH - len(right) - 1, 0)
    second = f"{left[:room].rstrip():{WIDTH - len(right)}}{right}"[-WIDTH:] if len(right) < WIDTH else right[:WIDTH]
    return START + f"{first:{WIDTH}}{second}".encode(CODE_PAGE)


def letters(text: str) -> str:
    """Give a text in letters the display has, one column each; any other is a question mark.

    Marks are joined to their letters first: on the display each would take a column of its own.
    """
    joined = "".join(" " if one.isspace() else one for one in unicodedata.normalize("NFC", plain(text)))
    known = joined.encode(CODE_PAGE, errors="replace").decode(CODE_PAGE)
    return "".join(one for one in known if one.isprintable())
