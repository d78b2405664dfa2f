"""Cells copied to a spreadsheet and pasted from one, as one change."""

import csv
import io
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol

from PySide6.QtGui import QGuiApplication

from pos_app.errors import Refused
from pos_app.messages import sentence
from pos_app.services.book import CategoryRow
from pos_app.services.book_search import BookRow
from ui.format import Formatter
from ui.inventory.cells import NEEDED, PASTED, Cells, cells_of
from ui.inventory.choice import Choice, ChoosingTable
from ui.inventory.columns import COLUMNS
from ui.inventory.table import BooksModel
from ui.widgets.basic import Message

MOST_ROWS = 1_000
MOST_LETTERS = 1_000_000
# What a spreadsheet takes for the start of a formula.
FORMULA = ("=", "+", "-", "@")
Store = Callable[[Cells], Coroutine[Any, Any, bool]]


class Host(Protocol):
    """What the clipboard needs of its page."""

    @property
    def table(self) -> ChoosingTable:
        """The list."""

    books: BooksModel
    choice: Choice
    fmt: Formatter
    message: Message
    categories: Sequence[CategoryRow]

    def start(self, work: Coroutine[Any, Any, Any], key: str | None = None) -> None:
        """Start work."""

    def paste_cover(self) -> None:
        """Give the title chosen the picture of the clipboard as its cover."""

    async def rows_from(self, first: int, count: int) -> Sequence[BookRow]:
        """Give rows of the list from one on."""

    async def rows_chosen(self) -> Sequence[BookRow]:
        """Give the rows of the titles chosen."""


class CellClipboard:
    """Ctrl+C and Ctrl+V in the list."""

    def __init__(self, host: Host, store: Store) -> None:
        """Take what stores the cells that were pasted, and tells whether it did."""
        self._host, self._store = host, store
        # Rows copied here are whole: wherever they are pasted, their cells go to the columns they came from.
        self._copied, self._columns = "", list[int]()

    def copy(self, *, column: bool = False) -> None:
        """Copy the current cell; of several rows chosen the columns that are shown, or the current `column` alone.

        Of columns marked beside each other those, whatever rows are chosen.
        """
        current, block = self._host.table.currentIndex(), self._host.table.block
        if block and not column:
            self._host.start(self._copy_block(block, current.row()), "copy")
        elif self._host.choice.several:
            self._host.start(self._copy_rows([current.column()] if column else self._shown_from(0)), "copy")
        elif current.isValid():
            QGuiApplication.clipboard().setText(written([[_safe(str(current.data()))]]))

    async def _copy_rows(self, columns: list[int]) -> None:
        host = self._host
        await host.choice.settled()
        if host.choice.count > MOST_ROWS:
            raise Refused("copy.too_many", limit=f"{MOST_ROWS:,}")
        text = host.books.text
        rows = await host.rows_chosen()
        copied = written([_safe(text(row, column)) for column in columns] for row in rows)
        QGuiApplication.clipboard().setText(copied)
        self._copied, self._columns = (copied, columns) if len(columns) > 1 else ("", [])
        what = f"{host.fmt.count(len(rows))} rows are copied"
        head = COLUMNS[host.table.currentIndex().column()].head
        if len(columns) == 1:
            host.message.say(f"{what}: {head}.", "ok")
        else:
            host.message.say(f"{what}, with all columns shown. Ctrl+Shift+C copies {head} alone.", "ok")

    async def _copy_block(self, block: list[int], current: int) -> None:
        """Copy a block: it is pasted where somebody stands, as a spreadsheet's own is."""
        host = self._host
        await host.choice.settled()
        if host.choice.count > MOST_ROWS:
            raise Refused("copy.too_many", limit=f"{MOST_ROWS:,}")
        rows = await host.rows_chosen() if host.choice.several else await host.rows_from(current, 1)
        text = host.books.text
        QGuiApplication.clipboard().setText(written([_safe(text(row, column)) for column in block] for row in rows))
        self._copied, self._columns = "", []
        many = "1 row" if len(rows) == 1 else f"{host.fmt.count(len(rows))} rows"
        are = "is" if len(rows) == 1 else "are"
        host.message.say(f"{many} {are} copied: {', '.join(COLUMNS[column].head for column in block)}.", "ok")

    def paste(self) -> None:
        """Take cells from the clipboard, or a picture as the cover of the title chosen."""
        clipboard = QGuiApplication.clipboard()
        if clipboard.mimeData().hasImage() and not clipboard.text():
            self._host.paste_cover()
        else:
            self._host.start(self._paste(clipboard.text()), "paste")

    async def _paste(self, text: str) -> None:
        """From the current cell to the right and down, each line a row; into the rows chosen where those are several.

        One line goes to all rows chosen.
        """
        host, index = self._host, self._host.table.currentIndex()
        whole = bool(self._columns) and text == self._copied
        lines = read(text) if len(text) <= MOST_LETTERS else []
        if not index.isValid() or not (whole or index.column() in PASTED):
            raise Refused("paste.columns")
        await host.choice.settled()
        several = host.choice.several
        fill = several and len(lines) == 1
        if (host.choice.count if fill else len(lines)) > MOST_ROWS or len(text) > MOST_LETTERS:
            raise Refused("paste.too_many", limit=f"{MOST_ROWS:,}")
        if several and not fill and len(lines) > host.choice.count:
            raise Refused("paste.chosen", rows=f"{len(lines):,}", chosen=f"{host.choice.count:,}")
        rows = await host.rows_chosen() if several else await host.rows_from(index.row(), len(lines))
        # As the person sees them: what somebody else changed meanwhile is not overwritten unseen.
        seen = {row.id: row for _, row in host.books.loaded()}
        rows = [seen.get(row.id, row) for row in rows]
        lines = lines * len(rows) if fill else lines
        if len(rows) < len(lines):
            raise Refused("paste.beyond", rows=f"{len(lines):,}")
        shown = self._columns if whole else self._shown_from(index.column())
        cells, left = self._cells(list(zip(rows, lines, strict=False)), shown)
        if cells and not await self._store(cells):
            return
        host.message.say(self._said(cells, left), "warn" if left else "ok")

    def _cells(
        self, lines: Sequence[tuple[BookRow, Sequence[str]]], shown: Sequence[int]
    ) -> tuple[Cells, dict[str, int]]:
        """What becomes of which title, and of how many cells nothing can, by what stands over them."""
        fmt, text = self._host.fmt, self._host.books.text
        cells: dict[int, Any] = {}
        left: dict[str, int] = {}
        for row, line in lines:
            for at, given in enumerate(line):
                place = shown[at] if at < len(shown) else None
                cell = _plain(given)
                if place is not None and " ".join(text(row, place).split()) == cell:
                    continue
                if place is None or place not in PASTED or (not cell and PASTED[place] in NEEDED):
                    head = "beyond the last column" if place is None else COLUMNS[place].head
                    if cell or place is not None:
                        left[head] = left.get(head, 0) + 1
                    continue
                try:
                    one = cells_of([(row, place, cell)], fmt, self._host.categories)
                except Refused as error:
                    head, title = COLUMNS[place].head, row.title[:40]
                    raise Refused("paste.cell", title=title, column=head, why=sentence(error)) from error
                for book_id, changes in one.items():
                    cells.setdefault(book_id, {}).update(changes)
        return cells, left

    def _said(self, cells: Cells, left: dict[str, int]) -> str:
        count, titles = sum(map(len, cells.values())), len(cells)
        said = "The cells say that already: nothing was changed."
        if count:
            what = "1 cell" if count == 1 else f"{self._host.fmt.count(count)} cells"
            of = "1 title" if titles == 1 else f"{self._host.fmt.count(titles)} titles"
            said = f"{what} of {of} changed. Ctrl+Z takes it back."
        if left:
            names = ", ".join(f"{head} ({self._host.fmt.count(times)})" for head, times in left.items())
            said = f"{said if count else 'Nothing was changed.'} Not taken: {names}."
            said += " Stock is counted (F7)." if "Stock" in left else ""
        return said

    def _shown_from(self, first: int) -> list[int]:
        """The columns that are shown, from one on: what a spreadsheet's cells beside each other stand for."""
        table, model = self._host.table, self._host.books
        return [place for place in range(first, model.columnCount()) if not table.isColumnHidden(place)]


def written(rows: Iterable[Sequence[str]]) -> str:
    """Cells as spreadsheets take them: tabs between them, those in quotes that have a quote themselves."""
    text = io.StringIO()
    writer = csv.writer(text, "excel-tab", lineterminator="\n")
    for row in rows:
        if any(row) or len(row) != 1:
            writer.writerow(row)
        else:
            # One empty cell would be written as a pair of quotes.
            text.write("\n")
    return text.getvalue().removesuffix("\n")


def read(text: str) -> list[list[str]]:
    """Cells as spreadsheets give them: one that has a tab, a line break or quotes may stand in quotes.

    Where the quotes do not come in pairs around whole cells, they are part of what the cells say.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), "excel-tab", strict=True))
    except csv.Error:
        lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
        return [line.split("\t") for line in lines]
    return [row or [""] for row in rows]


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in FORMULA else text


def _plain(text: str) -> str:
    """A cell as it was before it was made safe."""
    text = " ".join(text.split())
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text
