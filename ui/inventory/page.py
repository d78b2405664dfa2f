"""Inventory: every book, found as somebody types, changed in place."""

import asyncio
from collections.abc import Sequence
from time import monotonic

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from pos_app.domain.permission import Permission
from pos_app.errors import Conflict, PosError, Refused
from pos_app.services.book import (
    BookDetail,
    StockStep,
    get_book,
    list_categories,
    list_tax_rates,
    stock_history,
)
from pos_app.services.book_edit import StockCount, correct_stock, edit_book
from pos_app.services.book_search import (
    Anchors,
    BookFilter,
    BookRow,
    book_anchors,
    page_books,
)
from pos_app.services.cover import get_cover
from ui.actions import shortcut
from ui.context import Context
from ui.inventory.book_actions import BookActions
from ui.inventory.detail import Detail, Edits
from ui.inventory.table import (
    ROW_HEIGHT,
    WIDTHS,
    BooksDelegate,
    BooksModel,
    Column,
    with_changes,
)
from ui.models.paged import PAGE
from ui.page import Page
from ui.style.theme import px
from ui.widgets.basic import EmptyState, ThinProgress, label, panel
from ui.widgets.fields import Choice, IconField
from ui.widgets.key_button import KeyButton
from ui.widgets.table import ListTable

TYPING_PAUSE_S = 0.03
NARROW_WINDOW = 1200
SLOW_S = 0.15


class InventoryPage(Page):
    """The catalogue as a table with one book beside it."""

    title = "Inventory"

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self._filter = BookFilter()
        self._anchors: Anchors | None = None
        self._conflict: BookDetail | None = None
        self._choices_read = False
        self.search = IconField("search", "Search books", "Title, author or ISBN", icon="search", key="F2")
        self.search.textChanged.connect(lambda _: self._filters_changed())
        self.books = BooksModel(self.fmt, self.tasks.start)
        self.table = ListTable("Books", self.books, BooksDelegate(), WIDTHS, ROW_HEIGHT)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.detail = Detail(self.fmt, may_edit=context.operator.may(Permission.EDIT_BOOKS))
        self.detail.save.connect(self.save)
        self.detail.revert.connect(self.reload)
        self.detail.reload.connect(self.reload)
        self.detail.keep_mine.connect(self.keep_mine)
        self._lay_out()
        for keys, act in {"F2": self.focus_home, "Ctrl+S": self.save, "Esc": self.escape}.items():
            shortcut(self, keys, act)
        self.setTabOrder(self.search, self.table)
        self.search.leave("Ctrl+Z", "Ctrl+Y", "Ctrl+H", "Ctrl+B", "Ctrl+N", "Ctrl+E")
        self.book_actions = BookActions(self)

    @property
    def current_filter(self) -> BookFilter:
        """Which books the list shows."""
        return self._filter

    def read_again(self) -> None:
        """Read the list anew after titles were changed; the focus stays."""
        self._read_list()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(20, 16, 20, 12)
        left.setSpacing(8)
        left.addLayout(self._make_filters())
        self._bar = ThinProgress()
        left.addWidget(self._bar)
        paper = panel()
        self._paper = QStackedLayout(paper)
        self._paper.setContentsMargins(1, 1, 1, 1)
        self._empty = EmptyState("No books here.", "Show all books", self.clear_filters)
        self._paper.addWidget(self._empty)
        self._paper.addWidget(self.table)
        self._paper.setCurrentWidget(self.table)
        left.addWidget(paper, 1)
        left.addWidget(self.message)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(self.detail)

    def _make_filters(self) -> QBoxLayout:
        self._filters = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._filters.setSpacing(8)
        self._filters.addWidget(self.search, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._filters.addLayout(row)
        self._category = Choice()
        self._category.setAccessibleName("Category")
        self._category.addItem("Category: All", None)
        self._category.setMinimumWidth(150)
        self._category.currentIndexChanged.connect(lambda _: self._filters_changed())
        row.addWidget(self._category)
        self._from, self._to = QLineEdit(), QLineEdit()
        for field, name, text in ((self._from, "Price from", "Price from"), (self._to, "Price to", "to")):
            field.setAccessibleName(name)
            field.setPlaceholderText(text)
            field.setFixedWidth(104 if field is self._from else 72)
            field.setMaxLength(12)
            field.textChanged.connect(lambda _: self._filters_changed())
            row.addWidget(field)
        self._in_stock = KeyButton("In stock", role="chip")
        self._in_stock.setCheckable(True)
        self._in_stock.toggled.connect(lambda _: self._filters_changed())
        row.addWidget(self._in_stock)
        return self._filters

    def foot_widgets(self) -> list[QWidget]:
        """What the page is for, to those who may not edit."""
        return [label("Changes of other tills are shown when you come back or search again", "small")]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen leave out what can be read beside the list."""
        narrow = self.width() < px(NARROW_WINDOW)
        self.detail.setFixedWidth(300 if narrow else 340)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._filters.setDirection(down if narrow else across)
        for column in (Column.ISBN, Column.CATEGORY, Column.REORDER):
            self.table.setColumnHidden(column, narrow)
        super().resizeEvent(event)

    # Reading

    def activated(self) -> None:
        """Read what may have changed; the search stays."""
        self.search.setFocus()
        self.start(self._read_choices(), "choices")
        self._read_list()

    def focus_home(self) -> None:
        """Back to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def escape(self) -> None:
        """Esc reverts what is being changed, else empties the search."""
        if self.detail.dirty:
            self.reload()
        else:
            self.search.clear()
            self.focus_home()

    def clear_filters(self) -> None:
        """Show all books."""
        self.search.clear()
        self._category.setCurrentIndex(0)
        self._from.clear()
        self._to.clear()
        self._in_stock.setChecked(False)

    async def _read_choices(self) -> None:
        if self._choices_read:
            return
        categories, taxes = await list_categories(self.app), await list_tax_rates(self.app)
        self.detail.show_choices(categories, taxes)
        for category in categories:
            self._category.addItem(category.name, category.id)
        self._choices_read = True

    def _filters_changed(self) -> None:
        try:
            wanted = BookFilter(
                text=self.search.text(),
                category_id=self._category.currentData(),
                min_price=self.fmt.parse(self._from.text()) if self._from.text().strip() else None,
                max_price=self.fmt.parse(self._to.text()) if self._to.text().strip() else None,
                in_stock=self._in_stock.isChecked(),
            )
        except Refused as error:
            self.tell(error)
            return
        if wanted != self._filter:
            self._filter = wanted
            self._read_list(pause=TYPING_PAUSE_S)

    def _read_list(self, pause: float = 0) -> None:
        self.start(self._show_list(self._filter, pause), "list")

    async def _show_list(self, wanted: BookFilter, pause: float) -> None:
        await asyncio.sleep(pause)
        slow = asyncio.get_running_loop().call_later(SLOW_S, self._bar.busy, True)  # noqa: FBT003 - a switch
        try:
            started = monotonic()
            first = await page_books(self.app, wanted, limit=PAGE)
            took_ms = round((monotonic() - started) * 1000)
            self._anchors = None
            self.books.show(len(first), first, self._fetch)
            self._paper.setCurrentWidget(self.table if first else self._empty)
            self._empty.say("No book matches. Try fewer letters, or other filters.")
            self.message.say("")
            if first and not self.detail.dirty:
                self.table.setCurrentIndex(self.books.index(0, 0))
            self._anchors = await book_anchors(self.app, wanted)
            self.books.grow(min(self._anchors.total, 10**9))
            self._show_count(self._anchors, took_ms)
        finally:
            slow.cancel()
            self._bar.busy(False)  # noqa: FBT003 - a switch

    def _show_count(self, anchors: Anchors, took_ms: int) -> None:
        count = self.fmt.count(anchors.total) + ("+" if anchors.capped else "")
        titles = "1 title" if anchors.total == 1 else f"{count} titles"
        plain = self._filter == BookFilter()
        self.search.show_note("" if plain else f"{titles} · {took_ms} ms")
        self.show_subtitle(titles if plain else f"{titles} found")

    async def _fetch(self, first: int, count: int) -> Sequence[BookRow]:
        """Read rows from the nearest anchor, so that row 900,000 costs no more than row 900."""
        anchors = self._anchors
        if anchors is None or not anchors.keys or first < anchors.step:
            return await page_books(self.app, self._filter, skip=first, limit=count)
        place = min(first // anchors.step, len(anchors.keys))
        after = anchors.keys[place - 1]
        return await page_books(self.app, self._filter, after=after, skip=first - place * anchors.step, limit=count)

    # One book

    def _row_chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        row = self.books.row(now.row()) if now.isValid() else None
        if row is not None and (self.detail.book is None or row.id != self.detail.book.id):
            if self.detail.dirty:
                self.message.say("Save the book (Ctrl+S) or revert it (Esc) first.", "warn")
                return
            self.start(self._show_book(row.id), "book")

    async def _show_book(self, book_id: int) -> None:
        await self._read_choices()
        book = await get_book(self.app, book_id)
        self._show(book, await stock_history(self.app, book_id))
        if book.cover_image is not None:
            self.detail.cover.show_picture(await get_cover(self.app, book_id))

    def _show(self, book: BookDetail, steps: list[StockStep]) -> None:
        self._conflict = None
        self.detail.show_book(book, steps)
        number = self.table.currentIndex().row()
        row = self.books.row(number) if number >= 0 else None
        if row is not None and row.id == book.id:
            self.books.replace(number, with_changes(row, book))

    def reload(self) -> None:
        """Show the book as it is stored; what was typed is dropped."""
        if self.detail.book is not None:
            self.message.say("")
            self.start(self._show_book(self.detail.book.id), "book")

    def save(self) -> None:
        """Store what was changed."""
        if not self.detail.dirty or self.detail.book is None:
            return
        try:
            edits = self.detail.edits()
        except Refused as error:
            self.tell(error)
            return
        self.start(self._save(self.detail.book, edits))

    def keep_mine(self) -> None:
        """Store what was changed over what somebody else changed, only in the fields changed here."""
        if self._conflict is None or self.detail.book is None:
            return
        try:
            edits = self.detail.edits()
        except Refused as error:
            self.tell(error)
            return
        self.start(self._save(self._conflict, edits))

    async def _save(self, base: BookDetail, edits: Edits) -> None:
        operator = self.context.operator
        try:
            book = base
            if edits.fields:
                book = await edit_book(self.app, operator, base.id, base.version, edits.fields)
            if edits.counted is not None:
                count = StockCount(edits.counted, base.stock)
                book = await correct_stock(self.app, operator, base.id, count)
        except PosError as error:
            await self._meet_conflict(base, error)
            return
        self._show(book, await stock_history(self.app, book.id))
        self.message.say(f"“{book.title}” is saved.", "ok")

    async def _meet_conflict(self, base: BookDetail, error: PosError) -> None:
        """Somebody else was first: show what they changed and ask; anything else is told."""
        if isinstance(error, Conflict):
            self._conflict = error.current
        elif error.code == "stock.changed":
            self._conflict = await get_book(self.app, base.id)
        else:
            self.tell(error)
            return
        self.detail.show_conflict(f"Changed meanwhile. {self.detail.differences(self._conflict)}.")
