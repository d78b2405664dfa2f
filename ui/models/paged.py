"""A table of any length that reads only the pages it shows."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex

from ui.models.table import Index as Index  # noqa: PLC0414 - taken from here by those that draw its rows
from ui.models.table import TableModel

PAGE = 200
PAGES_KEPT = 40
PAGES_WAITING = 4
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
        self._asked: list[int] = []
        self._reading = False
        self._stale: set[int] = set()
        self._generation = 0

    def show(self, total: int, first: Sequence[Row], fetch: Fetch[Row]) -> None:
        """Show another list: its length, its first page, and how to get `count` rows from row `first`."""
        self.beginResetModel()
        self._generation += 1
        self._total, self._fetch = total, fetch
        self._pages = {0: first} if first else {}
        self._asked, self._stale = [], set()
        self.endResetModel()

    def renew(self, total: int, fetch: Fetch[Row]) -> None:
        """Show the same list after it changed: what is here stays until it is read anew, and nothing moves."""
        self._generation += 1
        self._fetch = fetch
        self._asked, self._stale = [], set(self._pages)
        self.grow(total)
        if total:
            self.changed(0, total - 1)

    def loaded(self) -> Iterator[tuple[int, Row]]:
        """Every row that is here, with its number."""
        for page, rows in self._pages.items():
            for place, row in enumerate(rows):
                yield page * PAGE + place, row

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
        if rows is None or page in self._stale:
            self._ask(page)
        if rows is None:
            return None
        place = number - page * PAGE
        return rows[place] if place < len(rows) else None

    def here(self, number: int, *, stale: bool = False) -> Row | None:
        """Give a row if it is here as it stands now, or is still shown (`stale`); nothing is asked for."""
        page, place = divmod(number, PAGE)
        rows = self._pages.get(page, ()) if stale or page not in self._stale else ()
        return rows[place] if place < len(rows) else None

    def replace(self, number: int, row: Row) -> None:
        """Show a changed row."""
        page, place = divmod(number, PAGE)
        rows = self._pages.get(page)
        if rows is not None and place < len(rows):
            self._pages[page] = [*rows[:place], row, *rows[place + 1 :]]
            self.changed(number, number)

    def _ask(self, page: int) -> None:
        """Have a page read; of many that scroll by, those asked for last come first and the oldest not at all."""
        if page in self._asked or self._fetch is None or page * PAGE >= self._total:
            return
        self._asked = [*self._asked, page][-PAGES_WAITING:]
        if not self._reading:
            self._reading = True
            self._start(self._read_asked())

    async def _read_asked(self) -> None:
        try:
            while self._asked and self._fetch is not None:
                page, generation = self._asked[-1], self._generation
                rows = await self._fetch(page * PAGE, PAGE)
                if generation == self._generation:
                    self._asked = [asked for asked in self._asked if asked != page]
                    self._keep(page, rows)
        finally:
            # What could not be read is asked for again when it is looked at again.
            self._reading, self._asked = False, []

    def _keep(self, page: int, rows: Sequence[Row]) -> None:
        self._stale.discard(page)
        self._pages.pop(page, None)
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
