"""Cells changed in the list as in a spreadsheet: Enter and Tab, and cells copied from and pasted to one."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from pos_app.errors import Refused
from pos_app.services.book_edit import Change
from pos_app.services.book_list import SortBy
from pos_app.services.book_search import BookRow
from ui.format import Formatter
from ui.inventory.columns import PLACES
from ui.inventory.table import BooksModel
from ui.widgets.basic import restyle
from ui.widgets.table import ListTable

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
MOST_ROWS = 1_000
Cells = dict[int, dict[str, Change]]


class Host(Protocol):
    """What the editing needs of its page."""

    table: ListTable
    books: BooksModel
    fmt: Formatter

    def tell(self, error: BaseException) -> None:
        """Tell of an error."""


class CellEditing(QObject):
    """Edits the current cell in a field laid over it; `store` gets what is to become of which title."""

    def __init__(self, host: Host, store: Callable[[Cells], object]) -> None:
        """Watch the table's keys."""
        super().__init__(host.table)
        self._host, self._store = host, store
        # What is edited, as it was when that began: the list may be read anew meanwhile and its rows be other books.
        self._edited: tuple[BookRow, int] | None = None
        self.field = QLineEdit(host.table.viewport())
        self.field.setAccessibleName("Cell")
        self.field.setMaxLength(255)
        self.field.hide()
        self.field.installEventFilter(self)
        host.table.installEventFilter(self)
        host.table.verticalScrollBar().valueChanged.connect(lambda _: self.leave())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of a spreadsheet."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) and isinstance(event, QKeyEvent):
            take = self._in_field if watched is self.field else self._in_table
            if event.type() == QEvent.Type.ShortcutOverride:
                if watched is self.field and event.key() == Qt.Key.Key_Escape:
                    event.accept()
                    return True
                return False
            return take(event)
        if event.type() == QEvent.Type.FocusOut and watched is self.field:
            self.leave()
        return False

    def _in_table(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return True
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
            return True
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.begin()
        if plain and event.text().isdigit():
            return self.begin(event.text())
        return False

    def _in_field(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.leave()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Down:
                self._commit(1, 0)
            case Qt.Key.Key_Up:
                self._commit(-1, 0)
            case Qt.Key.Key_Tab:
                self._commit(0, 1)
            case Qt.Key.Key_Backtab:
                self._commit(0, -1)
            case _:
                return False
        return True

    def begin(self, text: str | None = None) -> bool:
        """Start editing the current cell, with what was typed or what it says; False where it cannot be edited."""
        index = self._host.table.currentIndex()
        row = self._host.books.row(index.row()) if index.isValid() else None
        if row is None or index.column() not in FIELDS:
            return False
        self._edited = (row, index.column())
        self.field.setText(self._said(row, index.column()) if text is None else text)
        self.field.setGeometry(self._host.table.visualRect(index).adjusted(2, 4, -2, -4))
        restyle(self.field, "invalid", value=False)
        self.field.show()
        self.field.setFocus()
        if text is None:
            self.field.selectAll()
        return True

    def leave(self) -> None:
        """Stop editing; what was typed is dropped."""
        if self.field.isVisible():
            self.field.hide()
            self._host.table.setFocus()

    def _commit(self, down: int, right: int) -> None:
        if self._edited is None:
            self.leave()
            return
        row, place = self._edited
        try:
            cells = self._cells([(row, place, self.field.text())])
        except Refused as error:
            restyle(self.field, "invalid", value=True)
            self._host.tell(error)
            return
        self.leave()
        if cells:
            self._store(cells)
        index = self._host.table.currentIndex()
        here = self._host.books.row(index.row()) if index.isValid() else None
        columns = [one for one in FIELDS if not self._host.table.isColumnHidden(one)]
        if here is None or here.id != row.id or place not in columns:
            return
        column = columns[(columns.index(place) + right) % len(columns)]
        number = min(max(index.row() + down, 0), self._host.books.rowCount() - 1)
        self._host.table.setCurrentIndex(self._host.books.index(number, column))

    def copy(self) -> None:
        """Put the chosen rows on the clipboard as a spreadsheet takes them; of one row, the current cell."""
        table, model = self._host.table, self._host.books
        numbers = sorted(index.row() for index in table.selectionModel().selectedRows())
        current = table.currentIndex()
        if len(numbers) <= 1 and current.isValid():
            QGuiApplication.clipboard().setText(_safe(str(current.data())))
            return
        columns = self._shown_from(0)
        rows = ("\t".join(_safe(str(model.index(row, column).data())) for column in columns) for row in numbers)
        QGuiApplication.clipboard().setText("\n".join(rows))

    def paste(self) -> None:
        """Take cells from the clipboard, from the current one to the right and down, as one change."""
        index = self._host.table.currentIndex()
        lines = QGuiApplication.clipboard().text()[:200_000].splitlines()
        try:
            if not index.isValid() or index.column() not in FIELDS:
                raise Refused("paste.columns")
            if len(lines) > MOST_ROWS:
                raise Refused("paste.too_many", limit=f"{MOST_ROWS:,}")
            given = []
            shown = self._shown_from(index.column())
            for below, line in enumerate(lines):
                row = self._host.books.row(index.row() + below)
                if row is None:
                    break
                for place, text in zip(shown, line.split("\t"), strict=False):
                    if place in FIELDS and text.strip():
                        given.append((row, place, text))
            cells = self._cells(given)
        except Refused as error:
            self._host.tell(error)
            return
        if cells:
            self._store(cells)

    def _shown_from(self, first: int) -> list[int]:
        """The columns that are shown, from one on: what a spreadsheet's cells beside each other stand for."""
        table = self._host.table
        return [place for place in range(first, self._host.books.columnCount()) if not table.isColumnHidden(place)]

    def _cells(self, given: list[tuple[BookRow, int, str]]) -> Cells:
        cells: Cells = {}
        for row, place, text in given:
            name = FIELDS[place]
            before, after = getattr(row, name), self._meant(name, text)
            if before != after:
                cells.setdefault(row.id, {})[name] = Change(before, after)
        return cells

    def _meant(self, name: str, text: str) -> int | str | None:
        if name in MONEY:
            return None if name == "cost" and not text.strip() else self._host.fmt.parse(text)
        return _whole(text) if name == "reorder_at" else " ".join(text.split()) or None

    def _said(self, row: BookRow, place: int) -> str:
        value = getattr(row, FIELDS[place])
        if value is None:
            return ""
        return self._host.fmt.plain(value) if FIELDS[place] in MONEY else str(value)


def _whole(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 7):  # noqa: PLR2004 - a million
        raise Refused("reorder.invalid", limit="1,000,000")
    return int(text)


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
