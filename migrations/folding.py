"""Text as steps fold it to be searched and sorted: as the program did when they were written."""

import unicodedata

_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_INSIDE_WORDS = str.maketrans("", "", "'’ʼ`´")


def fold(text: str) -> str:
    """Give lower-case words of plain letters and digits, parted by single spaces."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_INSIDE_WORDS))
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    kept = (letter for letter in apart if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).split())


def sort_key(text: str) -> str:
    """Give what a text is sorted by, at most 255 characters."""
    return (fold(text) or text.casefold())[:255]
