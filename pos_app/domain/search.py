"""Text as it is searched and sorted: without case, accents or punctuation."""

import unicodedata

# Letters that Unicode does not take apart, written as readers without them type them.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_INSIDE_WORDS = str.maketrans("", "", "'’ʼ`´")


def fold(text: str) -> str:
    """Give lower-case words of plain letters and digits, parted by single spaces."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_INSIDE_WORDS))
    # Again, because taking signs such as ℡ apart makes capitals.
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    kept = (letter for letter in apart if not unicodedata.combining(letter))
    return " ".join("".join(letter if letter.isalnum() else " " for letter in kept).split())


def search_words(title: str, author: str, publisher: str | None = None, series: str | None = None) -> str:
    """Give the folded words a book is found by: those of its title, author, publisher and series."""
    return fold(" ".join(part for part in (title, author, publisher, series) if part))


def sort_key(title: str) -> str:
    """Give what a title is sorted by, at most 255 characters; a title of signs only sorts by itself."""
    return (fold(title) or title.casefold())[:255]


def is_storable(text: str) -> bool:
    """Tell whether both databases can keep a text: PostgreSQL takes no NUL, neither takes half a sign."""
    return "\0" not in text and not any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)  # noqa: PLR2004 - surrogates
