"""Two lines of twenty letters for the customer, in Epson's display commands (DM-D series)."""

from pos_app.receipts.layout import columns, cut, plain

WIDTH = 20
# Initialise, clear, code page 858; then the second line begins by itself after twenty letters.
START = b"\x1b@\x0c\x1bt\x13"


def two_lines(upper: str, lower: str, figure: str) -> bytes:
    """Give the bytes that show a text above, and one with a figure to its right below; the figure is never cut."""
    first = cut(plain(upper), WIDTH)
    left = cut(plain(lower), max(WIDTH - columns(figure) - 1, 0))
    second = f"{left}{' ' * (WIDTH - columns(left) - columns(figure))}{figure}"[:WIDTH]
    text = f"{first}{' ' * (WIDTH - columns(first))}{second}"
    return START + text.encode("cp858", errors="replace")
