"""What people type in their own words, as it may be stored, shown and printed."""

import re
from collections.abc import Iterator

from stdnum import ean, luhn

from pos_app.errors import Refused

# Any longer word is no remark any more; a column that holds less has its own limit.
MAX_TEXT = 300
_LENGTHS = range(13, 20)
# Groups of digits, parted by one or two of the signs that people part the digits of a card with.
_RUN = re.compile(r"\d+(?:[ .,_/\u00a0\u2010-\u2015-]{1,3}\d+)*")
# Ids that this program makes: their digits are nobody's card.
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_GROUP = re.compile(r"\d+")
# What a card's number can begin with, by ISO/IEC 7812: travel, banks, and shops.
_FIRST = frozenset("23456")


def holds_card_number(text: str) -> bool:
    """Tell whether a text has a payment card's number in it: 13 to 19 digits that pass Luhn and are no ISBN or EAN.

    Groups of digits count as parted however they are. A part of a longer run is one only where it begins as a card's.
    """
    return any(_is_card(digits, whole=whole) for digits, whole in _candidates(text))


def _candidates(text: str) -> Iterator[tuple[str, bool]]:
    """Digits that could be a card's number, and whether they are all of their run."""
    for run in _RUN.findall(_UUID.sub("#", text)):
        groups = ["".join(str(int(sign)) for sign in group) for group in _GROUP.findall(run)]
        for first in range(len(groups)):
            digits = ""
            for last in range(first, len(groups)):
                digits += groups[last]
                if len(digits) >= _LENGTHS.stop:
                    break
                if len(digits) in _LENGTHS:
                    yield digits, first == 0 and last == len(groups) - 1


def _is_card(digits: str, *, whole: bool) -> bool:
    if len(digits) in (13, 14) and ean.is_valid(digits):
        return False
    if len(digits) in (15, 18) and ean.is_valid(digits[:13]):
        # An ISBN or EAN with the two or five digits beside it.
        return False
    return luhn.is_valid(digits) and bool(digits.strip("0")) and (whole or digits[0] in _FIRST)


def refuse_card_number(text: str | None) -> None:
    """Keep the numbers of payment cards out. Raises Refused("code.card_number"), which does not repeat them."""
    if text is not None and holds_card_number(text):
        raise Refused("code.card_number")


def one_line(text: str) -> str:
    """A text without what only a printer or a terminal would act on: control signs are left out, white space is one."""
    parted = "".join(" " if sign.isspace() else sign for sign in text)
    return " ".join("".join(sign for sign in parted if sign.isprintable()).split())


def free_lines(text: str | None, limit: int, code: str) -> str:
    """Give a text of several lines as it may be stored: each line as `free_text` has it. Raises the same."""
    if text is not None and len(text) > 100 * limit:
        raise Refused(code, limit=limit)
    kept = "\n".join(one_line(line) for line in (text or "").splitlines()).strip()
    if len(kept) > limit:
        raise Refused(code, limit=limit)
    refuse_card_number(kept)
    return kept


def free_text(text: str | None, limit: int, code: str, *, needed: bool = False) -> str:
    """Give a text as it may be stored: one line without control signs, perhaps with nothing left of it.

    Raises Refused(code, limit) where it is longer than `limit`, or empty where it is `needed`, and
    Refused("code.card_number").
    """
    # What is far too long is not looked through.
    if text is not None and len(text) > 100 * limit:
        raise Refused(code, limit=limit)
    kept = one_line(text or "")
    if len(kept) > limit or (needed and not kept):
        raise Refused(code, limit=limit)
    refuse_card_number(kept)
    return kept
