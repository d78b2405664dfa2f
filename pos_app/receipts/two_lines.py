"""Two lines of twenty letters for the customer, in Epson's display commands (DM-D series)."""

import unicodedata

from pos_app.receipts.layout import plain

WIDTH = 20
CODE_PAGE = "cp858"
# Initialise, clear, code page 858; then the second line begins by itself after twenty letters.
START = b"\x1b@\x0c\x1bt\x13"
# How letters of other alphabets, and Latin ones that are not a letter with a mark, are written in plain Latin.
LATIN: dict[str, str] = {
    **dict(zip("абвгдезийклмнопрстуфцыэієґ", "abvgdeziyklmnoprstufcyeieg", strict=True)),
    **dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True)),
    **dict(zip("łđøħı’‘“”„–—", 'ldohi\'\'"""--', strict=True)),
    "ё": "yo",
    "ж": "zh",
    "х": "kh",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "ї": "yi",
    "ў": "u",
    "ј": "j",
    "љ": "lj",
    "њ": "nj",
    "ћ": "c",
    "ђ": "dj",
    "џ": "dz",
    "θ": "th",
    "χ": "ch",
    "ψ": "ps",
    "œ": "oe",
    "…": "...",
}


def two_lines(upper: str, lower: str, figure: str) -> bytes:
    """Give the bytes that show a text above, and one with a figure to its right below; the figure is never cut."""
    first, left, right = letters(upper)[:WIDTH], letters(lower), letters(figure)
    room = max(WIDTH - len(right) - 1, 0)
    second = f"{left[:room].rstrip():{WIDTH - len(right)}}{right}"[-WIDTH:] if len(right) < WIDTH else right[:WIDTH]
    return START + f"{first:{WIDTH}}{second}".encode(CODE_PAGE)


def letters(text: str) -> str:
    """Give a text in letters the display has, one column each; others as Latin ones, or left out: no question marks.

    Marks are joined to their letters first: on the display each would take a column of its own.
    """
    joined = "".join(" " if one.isspace() else one for one in unicodedata.normalize("NFC", plain(text)))
    known = "".join(_known(one) for one in joined)
    return " ".join("".join(one for one in known if one.isprintable()).split())


def _known(letter: str) -> str:
    """A letter as the display has it: itself, its Latin sound, without its mark, or nothing."""
    if letter.encode(CODE_PAGE, errors="ignore"):
        return letter
    small = letter.lower()
    if small in LATIN:
        return LATIN[small] if letter == small else LATIN[small].capitalize()
    bare = unicodedata.normalize("NFKD", letter)
    sounds = (LATIN.get(one.lower(), one) for one in bare if not unicodedata.combining(one))
    found = "".join(sounds).encode(CODE_PAGE, errors="ignore").decode(CODE_PAGE)
    return found.capitalize() if letter != small else found
