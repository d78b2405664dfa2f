"""Book numbers and barcodes: read in any usual form, repaired where that is safe, and told apart when wrong.

Check digits and ISBN ranges are python-stdnum's; the sentences about what is wrong start here.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum import ean, isbn, luhn
from stdnum.exceptions import ValidationError

from pos_app.errors import Refused

MAX_CODE_LENGTH = 64
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—]+")  # noqa: RUF001 - the dashes that word processors make of a hyphen
BOOK_PREFIXES = ("978", "979")
_CARD_LENGTHS = range(13, 20)


class CodeKind(StrEnum):
    """What a code is."""

    ISBN = "isbn"
    EAN = "ean"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Code:
    """A code as read: `value` is the 13 digits of an ISBN or EAN, or the text itself; `addon` has 2 or 5 digits."""

    kind: CodeKind
    value: str
    addon: str | None = None


def parse_code(text: str) -> Code:
    """Read a scanned or typed code.

    Raises Refused("code.too_long" | "code.empty" | "code.card_number" | "isbn.length" | "isbn.letters" |
    "isbn.check_digit" | "isbn.prefix").
    """
    if len(text) > MAX_CODE_LENGTH:
        raise Refused("code.too_long", limit=MAX_CODE_LENGTH)
    bare = _SEPARATORS.sub("", "".join(letter for letter in text if letter.isprintable() or letter.isspace())).upper()
    if not bare:
        raise Refused("code.empty")
    if not bare.isascii() or not re.fullmatch(r"\d+X?", bare):
        return Code(CodeKind.OTHER, text.strip())
    return _parse_digits(bare)


def _parse_digits(bare: str) -> Code:
    match len(bare):
        case 10 if _valid_isbn(bare):
            return Code(CodeKind.ISBN, isbn.to_isbn13(bare))
        case 13 if ean.is_valid(bare):
            return Code(CodeKind.ISBN if bare.startswith(BOOK_PREFIXES) else CodeKind.EAN, bare)
        case 15 | 18 if ean.is_valid(bare[:13]):
            return Code(CodeKind.ISBN if bare.startswith(BOOK_PREFIXES) else CodeKind.EAN, bare[:13], bare[13:])
        case 12 if ean.is_valid("0" + bare):
            return Code(CodeKind.EAN, "0" + bare)
        case 14 if ean.is_valid(bare):
            return _from_carton(bare)
        case 8 if ean.is_valid(bare):
            return Code(CodeKind.EAN, bare)
    if len(bare) in _CARD_LENGTHS and luhn.is_valid(bare):
        # The digits themselves stay out of the error, and so out of screens and logs.
        raise Refused("code.card_number")
    raise _what_is_wrong(bare)


def _from_carton(bare: str) -> Code:
    """GTIN-14 names a carton of the title whose GTIN-13 it holds."""
    inner = bare[1:13]
    value = inner + ean.calc_check_digit(inner)
    return Code(CodeKind.ISBN if value.startswith(BOOK_PREFIXES) else CodeKind.EAN, value)


def _valid_isbn(bare: str) -> bool:
    return bool(isbn.is_valid(bare))


def _what_is_wrong(bare: str) -> Refused:
    """Say exactly what keeps digits from being a book number."""
    if "X" in bare[:-1] or (bare.endswith("X") and len(bare) != 10):  # noqa: PLR2004 - an ISBN-10
        return Refused("isbn.letters", code=bare)
    if len(bare) == 13:  # noqa: PLR2004 - an ISBN-13 or EAN-13
        expected = ean.calc_check_digit(bare[:12])
        return Refused("isbn.check_digit", code=bare, given=bare[-1], expected=expected, hint=_swapped(bare, 13))
    if len(bare) == 10:  # noqa: PLR2004 - an ISBN-10
        expected = _isbn10_check_digit(bare[:9])
        return Refused("isbn.check_digit", code=bare, given=bare[-1], expected=expected, hint=_swapped(bare, 10))
    return Refused("isbn.length", code=bare, length=len(bare))


def _isbn10_check_digit(nine: str) -> str:
    total = sum((place + 1) * int(digit) for place, digit in enumerate(nine)) % 11
    return "X" if total == 10 else str(total)  # noqa: PLR2004 - ISBN-10 writes ten as X


def _swapped(bare: str, length: int) -> str | None:
    """The number that swapping two neighbours would give, if that is what went wrong and only one swap mends it."""
    found = []
    for place in range(length - 1):
        swapped = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
        if swapped != bare and "X" not in swapped[:-1] and _valid_isbn(swapped):
            found.append(swapped)
    return found[0] if len(found) == 1 else None


def try_isbn13(text: str) -> str | None:
    """Give the ISBN-13 or EAN-13 a text stands for, or None."""
    try:
        code = parse_code(text)
    except Refused:
        return None
    return None if code.kind is CodeKind.OTHER else code.value


def repair_isbn(text: str) -> str:
    """Give the ISBN-13 of a number that may have lost its leading zeros to a spreadsheet.

    Raises Refused as `parse_code` does.
    """
    if _is_isbn13(text):
        return text
    bare = _SEPARATORS.sub("", text).upper()
    if 1 <= len(bare) < 10 and re.fullmatch(r"\d+[\dX]", bare):  # noqa: PLR2004 - an ISBN-10
        padded = bare.zfill(10)
        if _valid_isbn(padded):
            return str(isbn.to_isbn13(padded))
        raise _what_is_wrong(padded)
    code = parse_code(text)
    if code.kind is CodeKind.OTHER:
        raise Refused("isbn.letters", code=text.strip()[:MAX_CODE_LENGTH])
    return code.value


def _is_isbn13(text: str) -> bool:
    """Whether a text is an ISBN-13 as it is: what nearly all of a file's are, told without looking any further."""
    if not (len(text) == 13 and text.startswith(BOOK_PREFIXES) and text.isascii() and text.isdigit()):  # noqa: PLR2004
        return False
    return (sum(map(int, text[::2])) + 3 * sum(map(int, text[1::2]))) % 10 == 0


def format_isbn(value: str) -> str:
    """Give an ISBN with its hyphens where its range is known, else as it is."""
    try:
        return str(isbn.format(value))
    except ValidationError:
        return value
