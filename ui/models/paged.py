"""A table of any length that reads only the pages it shows."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex

from ui.models.table import Index as Index  # noqa: PLC0414 - taken from here by those that draw its rows
from ui.models.table import TableModel

PAGE = 200
PAGES_KEPT = 40
Row = TypeVar("Row")
Fetch = Callable[[int, int], Awaitable[Sequence[Row]]]
Start = Callable[[Coroutine[Any, Any, None]], object]


class PagedTableModel(TableModel, Generic[Row]):
    """Rows come in pages as they are looked at; until then a row is None and its cells are empty."""

    def __init__(self, heads: Sequence[str], right: frozenset[int], start: Start) -> None:
        """Take the columns' names, which of them hold figures, and what starts a coroutine."""
        super().__init__(heads, right)
        self._start = start
        self._fetch: Fetch[Row] | None = None
        self._total = 0
        self._pages: dict[int, Sequence[Row]] = {}
        self._asked: set[int] = set()
        self._generation = 0

    def show(self, total: int, first: Sequence[Row], fetch: Fetch[Row]) -> None:
        """Show another list: its length, its first page, and how to get `count` rows from row `first`."""
        self.beginResetModel()
        self._generation += 1
        self._total, self._fetch = total, fetch
        self._pages = {0: first} if first else {}
        self._asked = set()
        self.endResetModel()

    def grow(self, total: int) -> None:
        """Learn the list's length after its first page is shown."""
        if total > self._total:
            self.beginInsertRows(QModelIndex(), self._total, total - 1)
            self._total = total
            self.endInsertRows()
        elif total < self._total:
            self.beginRemoveRows(QModelIndex(), total, self._total - 1)
            self._total = total
            self.endRemoveRows()

    def row(self, number: int) -> Row | None:
        """Give a row if it is here, and ask for its page if it is not."""
        page = number // PAGE
        rows = self._pages.get(page)
        if rows is None:
            self._ask(page)
            return None
        place = number - page * PAGE
        return rows[place] if place < len(rows) else None

    def replace(self, number: int, row: Row) -> None:
        """Show a changed row."""
        page, place = divmod(number, PAGE)
        rows = self._pages.get(page)
        if rows is not None and place < len(rows):
            self._pages[page] = [*rows[:place], row, *rows[place + 1 :]]
            self.changed(number, number)

    def _ask(self, page: int) -> None:
        if page not in self._asked and self._fetch is not None and page * PAGE < self._total:
            self._asked.add(page)
            self._start(self._read(page, self._generation, self._fetch))

    async def _read(self, page: int, generation: int, fetch: Fetch[Row]) -> None:
        try:
            rows = await fetch(page * PAGE, PAGE)
        finally:
            self._asked.discard(page)
        if generation != self._generation:
            return
        while len(self._pages) >= PAGES_KEPT:
            self._pages.pop(next(iter(self._pages)))
        self._pages[page] = rows
        last = min(page * PAGE + max(len(rows), 1), self._total) - 1
        self.changed(page * PAGE, last)

    def row_count(self) -> int:
        """The list's whole length."""
        return self._total

    def cell(self, row: int, column: int) -> str:
        """Say a cell; nothing while its page is on the way."""
        there = self.row(row)
        return "" if there is None else self.text(there, column)

    def text(self, row: Row, column: int) -> str:
        """Say a cell."""
        raise NotImplementedError
