"""A list that is read on by key where somebody scrolls near its end."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtWidgets import QTableView

from ui.models.paged import PAGE, PagedTableModel

Row = TypeVar("Row")
Key = TypeVar("Key")
Read = Callable[[Key], Awaitable[tuple[Sequence[Row], Key | None]]]


class GrowingList(Generic[Row, Key]):
    """What is read so far of a list; `after` asks for the next page, and is None after the last."""

    def __init__(
        self,
        table: QTableView,
        model: PagedTableModel[Row],
        read: Read[Key, Row],
        start: Callable[[Coroutine[Any, Any, None], str], None],
    ) -> None:
        """Take what reads the page after a key, and what starts a coroutine under a name."""
        self.rows: list[Row] = []
        self.after: Key | None = None
        self._table, self._model, self._read, self._start = table, model, read, start
        table.verticalScrollBar().valueChanged.connect(self._scrolled)

    def show(self, rows: Sequence[Row], after: Key | None) -> None:
        """Show another list from its top."""
        self.rows, self.after = list(rows), after
        self._model.show(len(self.rows), self.rows[:PAGE], self._fetch)

    def replace(self, place: int, row: Row) -> None:
        """Show a row as it is now."""
        self.rows[place] = row
        self._model.replace(place, row)

    async def _fetch(self, first: int, count: int) -> list[Row]:
        return self.rows[first : first + count]

    def _scrolled(self, value: int) -> None:
        """Near the end of what is read, read on."""
        bar = self._table.verticalScrollBar()
        if self.after is not None and value >= bar.maximum() - bar.pageStep():
            after, self.after = self.after, None
            self._start(self._read_on(after), "more")

    async def _read_on(self, after: Key) -> None:
        shown = self.rows
        rows, following = await self._read(after)
        if shown is not self.rows:
            return  # another list is shown meanwhile
        self.rows += rows
        self._model.grow(len(self.rows))
        self.after = following
