"""Cells changed in the list as in a spreadsheet: Enter and Tab, and cells copied from and pasted to one."""

from typing import Protocol

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from pos_app.errors import Refused
from pos_app.services.book_search import BookRow
from ui.inventory import cell_clipboard
from ui.inventory.cell_clipboard import CellClipboard, Store
from ui.inventory.cells import FIELDS, Cells, cells_of, said, typed
from ui.inventory.columns import COLUMNS
from ui.style.theme import px
from ui.widgets.basic import ElidedLabel, label, restyle

LONGEST = 255
SIDES: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
# The window is left for another one, and comes back to the same cell.
AWAY = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class Host(cell_clipboard.Host, Protocol):
    """What the editing needs of its page."""

    def tell(self, error: BaseException) -> None:
        """Tell of an error."""


class CellBar(QWidget):
    """Under the list, the cell whose row is out of sight: scrolled away, moved, or no longer in the list."""

    def __init__(self) -> None:
        """Start hidden."""
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        self.which = ElidedLabel()
        self.field = QLineEdit()
        self.field.setFixedWidth(px(160))
        grid.addWidget(self.which, 0, 0, 1, 2)
        grid.addWidget(self.field, 1, 0)
        grid.addWidget(label("Enter keeps it, Esc drops it", "small"), 1, 1)
        grid.setColumnStretch(1, 1)
        self.hide()


class CellEditing(QObject):
    """Edits the current cell in a field laid over it; `store` gets what is to become of which title."""

    def __init__(self, host: Host, store: Store) -> None:
        """Watch the table's keys."""
        super().__init__(host.table)
        self._host, self._store = host, store
        self._clipboard = CellClipboard(host, store)
        # What is edited, as it was when that began: the list may be read anew meanwhile and its rows be other books.
        self._edited: tuple[BookRow, int] | None = None
        self._viewport = host.table.viewport()
        self._number = -1
        # Cells that could not be stored while another was typed in already, and the title whose cell was sent last.
        self._waiting: list[tuple[BookRow, int, str]] = []
        self._sent: BookRow | None = None
        self._moving = False
        self.over, self.bar = QLineEdit(host.table.viewport()), CellBar()
        # The one of the two that is typed in.
        self.field = self.over
        for field in (self.over, self.bar.field):
            field.setAccessibleName("Cell")
            field.setMaxLength(LONGEST)
            field.installEventFilter(self)
        self.over.hide()
        host.table.installEventFilter(self)
        self._viewport.installEventFilter(self)
        host.table.verticalScrollBar().valueChanged.connect(lambda _: self._place())
        for changed in (host.books.dataChanged, host.books.modelReset, host.books.rowsInserted, host.books.rowsRemoved):
            changed.connect(lambda *_: self._place())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of a spreadsheet."""
        if watched is self._viewport:
            if event.type() == QEvent.Type.Resize:
                self._place()
            return False
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) and isinstance(event, QKeyEvent):
            take = self._in_table if watched is self._host.table else self._in_field
            if event.type() == QEvent.Type.ShortcutOverride:
                if watched is self.field and event.key() == Qt.Key.Key_Escape:
                    event.accept()
                    return True
                return False
            return take(event)
        if watched is self.field and isinstance(event, QFocusEvent) and event.lostFocus():
            self._left(event.reason())
        return False

    def _in_table(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._clipboard.copy()
            return True
        if QKeySequence(event.keyCombination()) == QKeySequence("Ctrl+Shift+C"):
            self._clipboard.copy(column=True)
            return True
        if event.matches(QKeySequence.StandardKey.Paste):
            self._clipboard.paste()
            return True
        if event.key() in SIDES and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self._host.table.widen(SIDES[event.key()])
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
        if self._edited is not None:
            # Still there because it could not be stored: it is not dropped for another.
            self._host.message.say(f"{self._which()} is not stored yet. Enter stores it, Esc drops it.", "warn")
            return self.go_on()
        self._begin(
            row, index.column(), index.row(), said(row, index.column(), self._host.fmt) if text is None else text
        )
        self.field.setFocus()
        if text is None:
            self.field.selectAll()
        return True

    def _begin(self, row: BookRow, place: int, number: int, text: str) -> None:
        self._edited, self._number = (row, place), number
        self.over.setText(text)
        self.bar.field.setText(text)
        self.bar.which.show_text(self._which())
        for field in (self.over, self.bar.field):
            restyle(field, "invalid", value=False)
        self.field = self.over
        self._place()
        self.field.show()

    def _which(self) -> str:
        assert self._edited is not None  # noqa: S101 - asked for while one is edited
        row, place = self._edited
        return f"{row.title} · {COLUMNS[place].head}"

    @property
    def unsaved(self) -> str:
        """The cell that is typed in, where it says something else than is stored; empty for none."""
        if self._edited is None or self.field.text().strip() == said(*self._edited, self._host.fmt):
            return ""
        return self._which()

    def take_up(self, cells: Cells, row: BookRow | None = None) -> None:
        """Have the one cell typed in again that could not be stored, of a title that is now so (`row`).

        Another that is being typed in comes first; who went on elsewhere is left there.
        """
        changed = [(book_id, name, cell) for book_id, fields in cells.items() for name, cell in fields.items()]
        if len(changed) != 1:
            return
        book_id, name, cell = changed[0]
        place = next((place for place, field in FIELDS.items() if field == name), None)
        row = row or self._row(book_id)
        if place is not None and row is not None:
            self._waiting.append((row, place, typed(name, cell.after, self._host.fmt)))
            self._next()

    def _row(self, book_id: int) -> BookRow | None:
        here = next((row for _, row in self._host.books.loaded() if row.id == book_id), None)
        return here or (self._sent if self._sent is not None and self._sent.id == book_id else None)

    def _next(self) -> None:
        if self._edited is not None or not self._waiting:
            return
        row, place, text = self._waiting.pop(0)
        table, books = self._host.table, self._host.books
        number = next((number for number, one in books.loaded() if one.id == row.id), -1)
        here = table.hasFocus()
        if here and number >= 0:
            table.setCurrentIndex(books.index(number, place))
        self._begin(row, place, number, text)
        if here:
            self.field.setFocus()

    def leave(self) -> None:
        """Stop editing; what was typed is dropped."""
        if self._edited is None:
            return
        self._edited = None
        focused = self.field.hasFocus()
        self.over.hide()
        self.bar.hide()
        if focused:
            self._host.table.setFocus()
        self._next()

    # Where the field is

    def _place(self) -> None:
        """Keep the field over its own book, whatever rows the list has now; else under the list."""
        if self._edited is None or self._moving:
            return
        table, index = self._host.table, self._index()
        where = table.visualRect(index)
        if index.isValid() and not where.isEmpty() and table.viewport().rect().contains(where.center()):
            self.over.setGeometry(where.adjusted(2, 4, -2, -4))
            self._type_in(self.over)
        else:
            self._type_in(self.bar.field)

    def _index(self) -> QModelIndex:
        """The cell of the book that is edited, where it is among the rows here."""
        assert self._edited is not None  # noqa: S101 - asked for while one is edited
        row, place = self._edited
        here = self._host.books.here(self._number)
        if here is None or here.id != row.id:
            self._number = next((number for number, one in self._host.books.loaded() if one.id == row.id), -1)
        return self._host.books.index(self._number, place) if self._number >= 0 else QModelIndex()

    def _type_in(self, field: QLineEdit) -> None:
        before = self.field
        if before is field:
            return
        self._moving = True
        try:
            field.setText(before.text())
            field.setCursorPosition(before.cursorPosition())
            self.field = field
            (self.over if field is self.over else self.bar).show()
            if before.hasFocus():
                field.setFocus()
            (self.bar if field is self.over else self.over).hide()
        finally:
            self._moving = False

    # What becomes of it

    def _left(self, reason: Qt.FocusReason) -> None:
        """The person went on elsewhere: what can be kept is, as in a spreadsheet."""
        if self._edited is None or self._moving or reason in AWAY or not self._host.table.isVisible():
            # Another page is turned to: nothing half typed is stored, and nothing typed is lost.
            return
        if self._keep():
            self.leave()

    def go_on(self) -> bool:
        """Type on in the cell that was edited when the page was left; False where none was."""
        if self._edited is not None:
            self._place()
            self.field.setFocus()
        return self._edited is not None

    def _keep(self) -> bool:
        """Store what was typed; False where it cannot be, which is told."""
        assert self._edited is not None  # noqa: S101 - the callers look
        row, place = self._edited
        try:
            cells = cells_of([(row, place, self.field.text())], self._host.fmt)
        except Refused as error:
            restyle(self.field, "invalid", value=True)
            self._host.tell(error)
            return False
        if cells:
            self._sent = row
            self._host.start(self._store(cells))
        return True

    def _commit(self, down: int, right: int) -> None:
        if self._edited is None or not self._keep():
            return
        row, place = self._edited
        self.leave()
        table, books = self._host.table, self._host.books
        index = table.currentIndex()
        here = books.row(index.row()) if index.isValid() else None
        columns = [one for one in FIELDS if not table.isColumnHidden(one)]
        if here is None or here.id != row.id or place not in columns:
            return
        column = columns[(columns.index(place) + right) % len(columns)]
        number = min(max(index.row() + down, 0), books.rowCount() - 1)
        table.setCurrentIndex(books.index(number, column))
