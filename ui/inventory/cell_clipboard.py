"""Cells copied to a spreadsheet and pasted from one, as one change."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from PySide6.QtGui import QGuiApplication

from pos_app.errors import Refused
from pos_app.services.book_search import BookRow
from ui.format import Formatter
from ui.inventory.cells import FIELDS, Cells, cells_of
from ui.inventory.choice import Choice, ChoosingTable
from ui.inventory.table import BooksModel

MOST_ROWS = 1_000
MOST_LETTERS = 1_000_000


class Host(Protocol):
    """What the clipboard needs of its page."""

    @property
    def table(self) -> ChoosingTable:
        """The list."""

    books: BooksModel
    choice: Choice
    fmt: Formatter

    def start(self, work: Coroutine[Any, Any, Any], key: str | None = None) -> None:
        """Start work."""

    async def rows_from(self, first: int, count: int) -> Sequence[BookRow]:
        """Give rows of the list from one on."""

    async def rows_chosen(self) -> Sequence[BookRow]:
        """Give the rows of the titles chosen."""


class CellClipboard:
    """Ctrl+C and Ctrl+V in the list."""

    def __init__(self, host: Host, store: Callable[[Cells], object]) -> None:
        """Take what is given the cells that were pasted."""
        self._host, self._store = host, store

    def copy(self) -> None:
        """Copy the current cell, or of several rows chosen the columns that are shown."""
        current = self._host.table.currentIndex()
        if self._host.choice.several:
            self._host.start(self._copy_rows(), "copy")
        elif current.isValid():
            QGuiApplication.clipboard().setText(_safe(str(current.data())))

    async def _copy_rows(self) -> None:
        await self._host.choice.settled()
        if self._host.choice.count > MOST_ROWS:
            raise Refused("copy.too_many", limit=f"{MOST_ROWS:,}")
        columns, text = self._shown_from(0), self._host.books.text
        rows = await self._host.rows_chosen()
        lines = ("\t".join(_safe(text(row, column)) for column in columns) for row in rows)
        QGuiApplication.clipboard().setText("\n".join(lines))

    def paste(self) -> None:
        """Take cells from the clipboard."""
        self._host.start(self._paste(QGuiApplication.clipboard().text()), "paste")

    async def _paste(self, text: str) -> None:
        """From the current cell to the right and down, each line a row; one cell goes to all rows chosen."""
        host, index = self._host, self._host.table.currentIndex()
        lines = text.splitlines() if len(text) <= MOST_LETTERS else []
        if not index.isValid() or index.column() not in FIELDS:
            raise Refused("paste.columns")
        await host.choice.settled()
        fill = host.choice.several and len(lines) == 1 and "\t" not in lines[0]
        if (host.choice.count if fill else len(lines)) > MOST_ROWS or len(text) > MOST_LETTERS:
            raise Refused("paste.too_many", limit=f"{MOST_ROWS:,}")
        if fill:
            rows = await host.rows_chosen()
            lines = lines * len(rows)
        else:
            rows = await host.rows_from(index.row(), len(lines))
        if len(rows) < len(lines):
            raise Refused("paste.beyond", rows=f"{len(lines):,}")
        shown = self._shown_from(index.column())
        given = [
            (row, place, cell)
            for row, line in zip(rows, lines, strict=False)
            for place, cell in zip(shown, line.split("\t"), strict=False)
            if place in FIELDS and cell.strip()
        ]
        if cells := cells_of(given, host.fmt):
            self._store(cells)

    def _shown_from(self, first: int) -> list[int]:
        """The columns that are shown, from one on: what a spreadsheet's cells beside each other stand for."""
        table, model = self._host.table, self._host.books
        return [place for place in range(first, model.columnCount()) if not table.isColumnHidden(place)]


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
