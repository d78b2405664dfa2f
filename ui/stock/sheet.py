"""What the windows of stock have in common: a scan field, a list of titles, and an end that F12 carries out."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from pos_app.errors import PosError, Refused
from pos_app.services.book_search import suggest
from ui import dialogs
from ui.actions import shortcut
from ui.context import Context
from ui.errors import kind_of, sentence
from ui.stock.choose import TitleChooser
from ui.stock.table import Column, RowsTable
from ui.stock.words import pieces
from ui.style.theme import WIDEST, px
from ui.tasks import Tasks
from ui.widgets.basic import EmptyState, caption, panel
from ui.widgets.fields import Choice, IconField
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Sheet

WIDTH = 940
# What may be wrong with a code that is words of a title, or a title like "1984".
NO_CODE = ("isbn.", "book.unknown", "code.empty")
FOUND = 50
TYPE = "Scan, or type an ISBN or words of a title and press Enter"


class StockSheet(Sheet):
    """A question with work of its own; F12 ends it, Enter takes what is typed, Esc leaves.

    Where titles are listed, Esc is pressed twice: a delivery half scanned is not lost by one key.
    """

    def __init__(self, context: Context, title: str, parent: QWidget, *, end: str, width: int = WIDTH) -> None:
        """Take what the end is called."""
        super().__init__(title, parent, width=width)
        self.context, self.app, self.operator, self.fmt = context, context.app, context.operator, context.fmt
        self.tasks = Tasks(self._tell)
        self.uid = self.app.ids.new()
        self.made: Any = None
        self._leaving = self._ending = False
        # Scans and the end take turns in the order in which they were made.
        self.turn = asyncio.Lock()
        self.go.hide()
        # Between Back and the end; in two lines where the text is too large for one.
        self._acts = QGridLayout()
        self._acts.setSpacing(8)
        self._offered: dict[KeyButton, bool] = {}
        self._ends = True
        self.foot.insertLayout(1, self._acts)
        self.end = KeyButton(end, "F12", role="primary", size="big")
        self.end.clicked.connect(self.finish)
        self.foot.addWidget(self.end)
        shortcut(self, "F12", self.finish, within=False)

    def add_act(self, text: str, key: str, act: Callable[[], object]) -> KeyButton:
        """Add a button to the foot, with its key."""
        button = KeyButton(text, key, size="quick")
        button.clicked.connect(lambda _=False: act())
        self._add(button)
        shortcut(self, key, act, within=False)
        return button

    def add_toggle(self, text: str, key: str, changed: Callable[[], object]) -> KeyButton:
        """Add a button to the foot that is on or off, with its key."""
        button = KeyButton(text, key, size="quick", role="chip")
        button.setCheckable(True)
        button.toggled.connect(lambda _: changed())
        self._add(button)
        shortcut(self, key, button.toggle, within=False)
        return button

    def _add(self, button: KeyButton) -> None:
        self._offered[button] = True
        self._lay_acts()

    def show_act(self, button: KeyButton, *, shown: bool) -> None:
        """Show a button of the foot or not; those shown close up."""
        self._offered[button] = shown
        button.setVisible(shown)
        self._lay_acts()

    def show_end(self, *, shown: bool) -> None:
        """Show the end or not; the acts take its room."""
        self._ends = shown
        self.end.setVisible(shown)
        self._lay_acts()

    def _lay_acts(self) -> None:
        columns = (4 if px(WIDTH) <= WIDEST else 2) + (0 if self._ends else 1)
        for button in self._offered:
            self._acts.removeWidget(button)
        for place, button in enumerate(button for button, shown in self._offered.items() if shown):
            self._acts.addWidget(button, *divmod(place, columns))

    def add_row(self, *fields: tuple[str, QWidget, int]) -> None:
        """Add captioned fields side by side: name, field, share of the width."""
        row = QHBoxLayout()
        row.setSpacing(12)
        for name, field, share in fields:
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(caption(name))
            field.setAccessibleName(name)
            column.addWidget(field)
            row.addLayout(column, share)
            # Names stand in one line, also beside a field that is taller.
            row.setAlignment(column, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)

    def start(self, work: Coroutine[Any, Any, Any], key: str | None = None) -> None:
        """Start work of this question."""
        self._leaving = False
        self.tasks.start(work, key=key)

    def read_again(self) -> None:
        """Read what could not be read."""
        self.message.say("")
        load: Callable[[], Coroutine[Any, Any, None]] = getattr(self, "load")  # noqa: B009 - of those that have a list
        self.start(load(), "load")

    def scanned(self, code: str) -> None:
        """Refuse a scan where nothing is being scanned yet: left to wait it would be sold once this closes."""
        QApplication.beep()
        self.message.say(f"{code} was not taken: nothing is scanned here yet. Go on first, then scan it again.", "warn")

    async def _take(self, title: str | int) -> None:
        """Take a title by a code, or by its number where it was chosen."""
        raise NotImplementedError

    async def _take_typed(self, text: str) -> None:
        """Take what was typed: a code, or words of a title, of which one is chosen where several have them."""
        try:
            await self._take(text)
        except Refused as told:
            if not told.code.startswith(NO_CODE):
                raise
            found = await suggest(self.app, text, FOUND)
            if not found:
                raise
            if len(found) == 1:
                await self._take(found[0].id)
                return
            chooser = TitleChooser(text, found, self.fmt, self)
            if await dialogs.show(chooser) and chooser.chosen is not None:
                await self._take(chooser.chosen.id)

    def finish(self) -> None:
        """F12: post, once, however often it is pressed, and after every scan made before it."""
        if not self._ending and self.end.isEnabled() and self.end.isVisible():
            self._ending = True
            self.start(self._finish())

    async def _finish(self) -> None:
        try:
            async with self.turn:
                await self.post()
        finally:
            self._ending = False

    async def post(self) -> None:
        """Carry the end out."""
        self.accept()

    @property
    def unsaved(self) -> str:
        """What leaving would lose, in words; empty for nothing."""
        return ""

    def reject(self) -> None:
        """Leave; where something would be lost, only when asked twice."""
        if self.unsaved and not self._leaving:
            self._leaving = True
            self.message.say(f"{self.unsaved} would be lost. Esc again leaves.", "warn")
            return
        super().reject()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, PosError):
            self.message.say(sentence(error), kind_of(error))
        else:
            self.context.on_error(error)


class ScanSheet(StockSheet):
    """A stock question about titles: each scan lands in its list, whatever has the focus."""

    def __init__(
        self,
        context: Context,
        title: str,
        parent: QWidget,
        *,
        end: str,
        columns: Sequence[Column[Any]],
        empty: str,
    ) -> None:
        """Take the list's columns and what it says while it is empty."""
        super().__init__(context, title, parent, end=end)
        self.empty = empty
        self.lines: dict[int, Any] = {}
        self.editing = False
        self.entry = IconField("search", "Scan, or type an ISBN or title", TYPE, key="F2")
        self.table = RowsTable("Titles", columns, height=190)
        self.paper = panel()
        self._stack = QStackedLayout(self.paper)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self.nothing = EmptyState(empty)
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(self.table)
        self.paper.setMinimumHeight(self.table.minimumHeight())
        self.fill(parent)
        shortcut(self, "F2", self.home, within=False)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self.row_chosen())

    def lay_list(self) -> None:
        """Put scan field and list below what was added so far."""
        self.body.addWidget(self.entry)
        self.body.addWidget(self.paper, 1)

    def home(self) -> None:
        """Back to the scan field."""
        self.entry.setFocus(Qt.FocusReason.OtherFocusReason)
        self.entry.selectAll()

    def submit(self) -> None:
        """Enter takes what is typed."""
        if text := self.entry.text().strip():
            self.entry.clear()
            self.start(self._take_typed(text))

    def scanned(self, code: str) -> None:
        """Take a scan."""
        self.start(self._take(code))

    async def _take(self, title: str | int) -> None:
        async with self.turn:
            await self.take(title)

    async def take(self, title: str | int) -> None:
        """Put a title on the list: by a code, or by its number where it was chosen."""
        raise NotImplementedError

    def show_lines(self, book_id: int | None = None) -> None:
        """Show the list as it is, the title just taken chosen."""
        rows = list(self.lines.values())
        place = list(self.lines).index(book_id) if book_id in self.lines else None
        self.table.show_rows(rows, place)
        self._stack.setCurrentWidget(self.table if rows else self.nothing)
        self.row_chosen()

    def show_edited(self, book_id: int) -> None:
        """Show the list after a field of the title chosen was typed in; the field is left as it is typed."""
        self.editing = True
        self.show_lines(book_id)
        self.editing = False

    def row_chosen(self) -> None:
        """Another row is chosen; while `editing`, the same one as before."""

    @property
    def unsaved(self) -> str:
        """The titles listed."""
        count = len(self.lines)
        return "" if not count else "The title listed" if count == 1 else f"The {count} titles listed"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose a title from the scan field too."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.table.rows.rowCount():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            place = min(max(self.table.currentIndex().row() + step, 0), self.table.rows.rowCount() - 1)
            self.table.setCurrentIndex(self.table.rows.index(place, 0))
            return
        super().keyPressEvent(event)


def number_field(name: str) -> QLineEdit:
    """Make a field for a number of pieces."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setMaxLength(7)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    return field


def fill(field: QLineEdit, text: str) -> None:
    """Show what is stored; what is typed next replaces it."""
    field.setText(text)
    if field.hasFocus():
        field.selectAll()


def read_number(text: str) -> int | None:
    """Give a whole number as typed, None where it is none; an empty field is nothing."""
    text = text.strip()
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() else None


__all__ = ["TYPE", "Choice", "ScanSheet", "StockSheet", "fill", "number_field", "pieces", "read_number"]
