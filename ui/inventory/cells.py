"""Cells of the list that can be changed in place: which they are, what is meant by a text, what they say."""

from collections.abc import Iterable, Mapping
from typing import Any

from pos_app.errors import Refused
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
MONEY = frozenset({"price", "cost"})
Cells = Mapping[int, Mapping[str, Change]]


def cells_of(given: Iterable[tuple[BookRow, int, str]], fmt: Formatter) -> Cells:
    """Give what is to become of which title, of texts for cells. Raises Refused("amount.…" | "reorder.invalid")."""
    cells: dict[int, dict[str, Change]] = {}
    for row, place, text in given:
        name = FIELDS[place]
        before, after = getattr(row, name), _meant(name, text, fmt)
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
        return None if name == "cost" and not text.strip() else fmt.parse(text)
    return _whole(text) if name == "reorder_at" else " ".join(text.split()) or None


def _whole(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 7):  # noqa: PLR2004 - a million
        raise Refused("reorder.invalid", limit="1,000,000")
    return int(text)
