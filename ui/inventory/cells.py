"""Cells of the list that can be changed in place: which they are, what is meant by a text, what they say."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pos_app.errors import Refused
from pos_app.services.book import CategoryRow
from pos_app.services.book_edit import Change
from pos_app.services.book_list import SortBy
from pos_app.services.book_search import BookRow
from ui.format import Formatter
from ui.inventory.columns import PLACES

FIELDS = {
    PLACES[by]: name
    for by, name in (
        (SortBy.PUBLISHER, "publisher"),
        (SortBy.SHELF, "shelf"),
        (SortBy.PRICE, "price"),
        (SortBy.COST, "cost"),
        (SortBy.REORDER, "reorder_at"),
    )
}
# What is pasted beside that: letters typed on these go to the title that starts so.
PASTED = FIELDS | {
    PLACES[by]: name
    for by, name in (
        (SortBy.TITLE, "title"),
        (SortBy.AUTHOR, "author"),
        (SortBy.CATEGORY, "category_id"),
        (SortBy.FORMAT, "format"),
        (SortBy.LANGUAGE, "language"),
    )
}
MONEY = frozenset({"price", "cost"})
# What no title can be without.
NEEDED = frozenset({"title", "price", "reorder_at"})
Cells = Mapping[int, Mapping[str, Change]]


def cells_of(
    given: Iterable[tuple[BookRow, int, str]], fmt: Formatter, categories: Sequence[CategoryRow] = ()
) -> Cells:
    """Give what is to become of which title, of texts for cells.

    Raises Refused("amount.…" | "reorder.invalid" | "paste.category").
    """
    cells: dict[int, dict[str, Change]] = {}
    for row, place, text in given:
        name = PASTED[place]
        before = getattr(row, name)
        if name == "category_id":
            after = before if (row.category or "") == " ".join(text.split()) else _category(text, categories)
        else:
            after = _meant(name, text, fmt)
        if before != after:
            cells.setdefault(row.id, {})[name] = Change(before, after)
    return cells


def said(row: BookRow, place: int, fmt: Formatter) -> str:
    """What a cell says while it is changed."""
    return typed(FIELDS[place], getattr(row, FIELDS[place]), fmt)


def typed(name: str, value: Any, fmt: Formatter) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    return fmt.plain(value) if name in MONEY else str(value)


def _meant(name: str, text: str, fmt: Formatter) -> int | str | None:
    if name in MONEY:
        return None if name == "cost" and not text.strip() else fmt.parse(bare_amount(text, fmt))
    if name == "reorder_at":
        return _whole(text)
    return " ".join(text.split()) or ("" if name in ("title", "author") else None)


def _category(text: str, categories: Sequence[CategoryRow]) -> int | None:
    name = " ".join(text.split())
    if not name:
        return None
    named = [row.id for row in categories if row.name.casefold() == name.casefold()]
    if len(named) != 1:
        raise Refused("paste.category", name=name[:60])
    return named[0]


def bare_amount(text: str, fmt: Formatter) -> str:
    """Take the currency and the marks between thousands off an amount as spreadsheets show it: £1,234.50."""
    text = text.strip()
    for sign in (fmt.symbol, fmt.currency.code):
        text = text.removeprefix(sign).removesuffix(sign).strip()
    text = re.sub(r"\s", " ", text)
    marks = re.sub(r"[0-9]", "", text)
    if not marks:
        return text
    # The last of two kinds is the decimal mark; of one kind it is none where it comes twice, or the shop parts
    # thousands by it.
    group, last = marks[0], marks[-1]
    if group == last and len(marks) == 1 and group not in (fmt.group, " ", "’", "'"):
        return text
    whole, _, rest = (text, "", "") if group == last else text.rpartition(last)
    if not re.fullmatch(rf"[0-9]{{1,3}}({re.escape(group)}[0-9]{{3}})+", whole):
        return text
    return whole.replace(group, "") + (f".{rest}" if rest else "")


def _whole(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 7):  # noqa: PLR2004 - a million
        raise Refused("reorder.invalid", limit="1,000,000")
    return int(text)
