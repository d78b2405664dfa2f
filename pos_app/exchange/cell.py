"""Texts as cells of a spreadsheet, which can carry out nothing of them."""

import re
from string import whitespace

# How spreadsheets are kept from making numbers of codes: a formula that is nothing but the code in quotes.
_CODE = re.compile(r'="([0-9Xx -]*)"')
# A cell that begins with one of these is a formula to a spreadsheet; so is one that begins after blanks or a tab.
FORMULA = ("=", "+", "-", "@")
# Signs without a width that words are spelled with, Persian ones among them: joiners, and which way the text runs.
SPELLING = "\u200c\u200d\u200e\u200f"


def cell(text: str) -> str:
    """Give a text as a cell that shows it: control characters become blanks, and what would compute is quoted."""
    text = "".join(letter if letter.isprintable() or letter in SPELLING else " " for letter in text)
    return f"'{text}" if _computes(text) else text


def shown_text(cell: str) -> str:
    """Give the text that a cell shows: the quote in front of what would compute is no part of it."""
    return cell[1:] if cell.startswith("'") and _computes(cell[1:]) else unwrapped(cell)


def _computes(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula, whatever unseen signs stand before it."""
    return text.lstrip().lstrip(f"{SPELLING}{whitespace}").startswith(FORMULA)


def unwrapped(cell: str) -> str:
    """Give the code of a cell that is a formula of nothing but it (`="1250809061"`), else the cell as it is."""
    found = _CODE.fullmatch(cell)
    return found[1].strip() if found else cell
