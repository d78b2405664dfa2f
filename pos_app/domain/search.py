"""Text as it is searched and sorted: without case, accents or punctuation."""

import unicodedata
from collections.abc import Iterator

# Letters that Unicode does not take apart, written as readers without them type them.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_SILENT = "'’ʼ`´"
_INSIDE_WORDS = str.maketrans("", "", _SILENT)


def _fold_letter(letter: str) -> str:
    """What a letter becomes: plain small letters and digits, nothing for marks, else blanks."""
    small = unicodedata.normalize("NFKD", letter.casefold().translate(_INSIDE_WORDS))
    # Again, because taking signs such as ℡ apart makes capitals.
    apart = unicodedata.normalize("NFKD", small.casefold()).translate(_PLAIN)
    kept = (part for part in apart if not unicodedata.combining(part))
    return "".join(part if part.isalnum() else " " for part in kept)


class _Folded(dict[int, str]):
    """What letters become, found out once for each: a file of a million titles folds a hundred million."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_letter(chr(code))
        return folded


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Give lower-case words of plain letters and digits, parted by single spaces."""
    return " ".join(text.translate(_FOLDED).split())


def search_words(title: str, author: str, publisher: str | None = None, series: str | None = None) -> str:
    """Give the folded words a book is found by: those of its title, author, publisher and series."""
    return fold(" ".join(part for part in (title, author, publisher, series) if part))


def sort_key(title: str) -> str:
    """Give what a title is sorted by, at most 255 characters; a title of signs only sorts by itself."""
    return (fold(title) or title.casefold())[:255]


GRAM = 3


def grams(words: str) -> list[str]:
    """Give every three letters or digits that follow one another in folded words, each once and marked with an x.

    What is part of a word has all of its own among the word's; the mark keeps a database from reading numbers in them.
    """
    return sorted({f"x{word[at : at + GRAM]}" for word in words.split() for at in range(len(word) - GRAM + 1)})


def customer_keys(
    name: str, phone: str | None = None, email: str | None = None, card: str | None = None, *texts: str | None
) -> dict[str, str]:
    """Give the columns that a customer is sorted and found by; `texts` are what else is written of them."""
    key, words = sort_key(name), customer_words(phone, email, card, *texts)
    return {"name_key": key, "search_text": words, "search_grams": " ".join(grams(f"{key} {words}"))}


def customer_words(phone: str | None, email: str | None, card: str | None, *texts: str | None) -> str:
    """Give what a customer is found by beside their name: the number's digits, then every word, folded."""
    digits = "".join(sign for sign in phone or "" if sign.isascii() and sign.isdigit())
    bare = "".join((card or "").split()).casefold()
    parts = (digits, fold(email or ""), bare, *(fold(text or "") for text in (card, *texts)))
    return " ".join(part for part in parts if part)


def is_storable(text: str) -> bool:
    """Tell whether both databases can keep a text: PostgreSQL takes no NUL, neither takes half a sign."""
    return "\0" not in text and not any(0xD800 <= ord(letter) <= 0xDFFF for letter in text)  # noqa: PLR2004 - surrogates


def matches(text: str, typed: str) -> list[tuple[int, int]]:
    """Give where in a text the words typed are, as starts and lengths: the last one as a prefix, the others whole.

    Of those, one that is nowhere a whole word is marked where words begin so, as it is found then.

    Digits typed as part of a number, with or without hyphens, match where the text starts so.
    """
    sought = fold(typed).split()
    if not sought:
        return []
    number = "".join(sought)
    if number.isdigit() and text.isdigit() and text.startswith(number):
        return [(0, len(number))]
    found = []
    there = list(_words_in(text))
    whole = {word for _, _, word, _ in there}
    begun = {sought[-1], *(each for each in sought if each not in whole)}
    for start, end, word, ends in there:
        best = max(
            (len(each) for each in sought if word == each or (each in begun and word.startswith(each))), default=0
        )
        if best:
            found.append((start, (ends[best - 1] if best < len(word) else end) - start))
    return found


def _words_in(text: str) -> Iterator[tuple[int, int, str, list[int]]]:
    """Each word of a text: where it starts and ends, folded, and where each folded letter ends in the text."""
    ends: list[int] = []
    word, start = "", 0
    for place, letter in enumerate(text):
        folded = fold(letter)
        if folded:
            start = start if word else place
            word += folded.replace(" ", "")
            ends += [place + 1] * (len(word) - len(ends))
        elif word and not (unicodedata.combining(letter) or letter in _SILENT):
            yield start, place, word, ends
            word, ends = "", []
    if word:
        yield start, len(text), word, ends


def book_keys(title: str, author: str, publisher: str | None, series: str | None) -> dict[str, str]:
    """Give the columns that a book is sorted and found by."""
    name, people = fold(title), fold(author)
    words = [name, people, *(fold(part) for part in (publisher, series) if part)]
    return {
        "title_key": (name or title.casefold())[:255],
        "author_key": (people or author.casefold())[:255],
        "search_text": " ".join(part for part in words if part),
    }
