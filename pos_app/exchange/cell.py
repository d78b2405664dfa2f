"""Texts as cells of a spreadsheet, which can carry out nothing of them."""

import re

# How spreadsheets are kept from making numbers of codes: a formula that is nothing but the code in quotes.
_CODE = re.compile(r'="([0-9Xx -]*)"')
# A cell that begins with one of these is a formula to a spreadsheet; so is one that begins after blanks or a tab.
FORMULA = ("=", "+", "-", "@")


def cell(text: str) -> str:
    """Give a text as a cell that shows it: control characters become blanks, and what would compute is quoted."""
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def shown_text(cell: str) -> str:
    """Give the text that a cell shows: the quote in front of what would compute is no part of it."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(FORMULA) else unwrapped(cell)


def unwrapped(cell: str) -> str:
    """Give the code of a cell that is a formula of nothing but it (`="1250809061"`), else the cell as it is."""
    found = _CODE.fullmatch(cell)
    return found[1].strip() if found else cell
