"""Inventory: every book, found as somebody types, in any order, changed in place."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from time import monotonic
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_app.domain.isbn import parse_code
from pos_app.domain.permission import Permission
from pos_app.errors import PosError, Refused
from pos_app.services.book import CategoryRow, list_categories
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import (
    BookList,
    Changes,
    Choices,
    ListOrder,
    SortBy,
    count_each,
    filter_choices,
    ids_at,
    measure_list,
    open_list,
    place_of,
    publishers_in_use,
    row_of,
    rows_at,
)
from pos_app.services.book_search import BookRow
from pos_app.services.cover import get_covers
from pos_app.services.saved_view import LEFT, View, drop_view, keep_view, list_views
from pos_app.services.subject import list_subjects
from pos_app.services.tax_rate import list_tax_rates
from ui import dialogs
from ui.actions import shortcut
from ui.context import Context
from ui.errors import sentence
from ui.format import Formatter
from ui.inventory.actions import Action, ActionBar
from ui.inventory.book_actions import BookActions
from ui.inventory.choice import Choice, ChoosingTable
from ui.inventory.columns import COLUMNS, PLACES, USUAL, fitting, left_out, meant, sorted_words
from ui.inventory.detail import PAGE_KEYS, Detail
from ui.inventory.export_dialog import ask_export
from ui.inventory.filters import MOST_COUNTED, ChipRow, FiltersDialog, Shown, chips
from ui.inventory.import_sheet import ask_import, dropped_file, import_from, may_import
from ui.inventory.label_dialog import ask_labels
from ui.inventory.live import Live
from ui.inventory.one_book import OneBook
from ui.inventory.order import Orders
from ui.inventory.table import ROW_HEIGHT, WIDTHS, BooksDelegate, BooksModel
from ui.inventory.views import ColumnsDialog, ViewsDialog
from ui.page import Page
from ui.stock import flows
from ui.style.theme import px
from ui.widgets.basic import EmptyState, ThinProgress, label, panel
from ui.widgets.fields import IconField
from ui.widgets.key_button import KeyButton
from ui.widgets.table import ListTable

TYPING_PAUSE_S = 0.03
# Letters typed in the list within this time of each other are one word.
WORD_S = 1.0
NARROW_WINDOW = 1200
SLOW_S, SAID_S = 0.15, 0.6
STORING = "Being stored; the database is busy. Nothing typed is lost."
LONG_TITLE = 40


@dataclass(frozen=True)
class Picked:
    """What is done to many titles at once is done to these; `words` say which, `total` how many, once counted."""

    wanted: BookFilter
    order: ListOrder
    words: str
    total: int | None


class InventoryPage(Page):
    """The catalogue as a table with one book beside it."""

    title = "Inventory"
    watches = frozenset({"books"})

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self._shown = Shown()
        self._orders = Orders()
        self._columns: tuple[str, ...] = USUAL
        # What is to be said of columns that do not fit, where somebody asks for them.
        self._left_out = ""
        self._list: BookList | None = None
        self._choices: Choices | None = None
        self.categories: Sequence[CategoryRow] = ()
        # What the list was last asked for, and how many that are.
        self._listed: BookFilter | None = None
        self._counted = ""
        self._chosen_said = ""
        self._may_edit = context.operator.may(Permission.EDIT_BOOKS)
        self._word, self._word_at = "", 0.0
        self.search = IconField(
            "search", "Search books", "Title, author, ISBN, publisher or series", icon="search", key="F2"
        )
        self.search.leave("Ctrl+Z", "Ctrl+Y", *PAGE_KEYS)
        self.search.textChanged.connect(self._search_changed)
        self.books = BooksModel(self.fmt, self.tasks.start, lambda digests: get_covers(self.app, digests))
        self.table = ChoosingTable("Books", self.books, BooksDelegate(), WIDTHS, ROW_HEIGHT)
        self.choice = Choice(self, self._read_ids)
        self.choice.told.connect(self._say_chosen)
        self.table.take(self.choice)
        self.table.typed.connect(self._typed_in_list)
        self.table.horizontalHeader().setProperty("role", "close")
        self.table.horizontalHeader().setSectionsClickable(True)
        self.table.horizontalHeader().sectionClicked.connect(self._head_clicked)
        self.detail = Detail(self.fmt, self.app.clock.now, may_edit=self._may_edit)
        self.detail.ledger.connect(self.show_ledger)
        self.one_book = OneBook(self)
        self.table.selectionModel().currentRowChanged.connect(self.one_book.row_chosen)
        self.live = Live(self.app, self.tasks, self._changed_elsewhere, self._came_back)
        self.book_actions = BookActions(self)
        self._lay_out()
        if self._may_edit:
            # Beside those of the row under the list, which has no room for all; F10 names them.
            shortcut(self, "Ctrl+E", lambda: self.start(ask_export(self)))
            if may_import(self.context):
                shortcut(self, "Ctrl+I", self._import)
        self.setAcceptDrops(may_import(self.context))
        keys = {"F2": self.focus_home, "Ctrl+S": self.save, "Esc": self.escape}
        keys |= {
            "F3": self.ask_filters,
            "F4": self.ask_columns,
            "F5": self.ask_views,
            "F9": self.show_ledger,
            "F11": self.turn_scans,
        }
        for key, act in keys.items():
            shortcut(self, key, act)
        # From a title on to what can be changed of it, and only then to what is done with many.
        for first, following in pairwise((self.search, self.table, *self.detail.by_tab)):
            self.setTabOrder(first, following)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(20, 16, 20, 12)
        left.setSpacing(8)
        left.addLayout(self._make_filters())
        self.chip_row = ChipRow(self.show_only)
        left.addWidget(self.chip_row)
        self._bar = ThinProgress()
        left.addWidget(self._bar)
        paper = panel()
        self._paper = QStackedLayout(paper)
        self._paper.setContentsMargins(1, 1, 1, 1)
        self._empty = EmptyState("No books here.", "Show all books", self.clear_filters, "Alt+A")
        self._failed = EmptyState("The list could not be read.", "Read again", self._read_list, "Alt+A")
        for widget in (self._empty, self._failed, self.table):
            self._paper.addWidget(widget)
        self._paper.setCurrentWidget(self.table)
        left.addWidget(paper, 1)
        if self.book_actions.cells is not None:
            left.addWidget(self.book_actions.cells.bar)
        left.addWidget(self.message)
        self.action_bar = ActionBar(self, self._actions())
        left.addWidget(self.action_bar)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(self.detail)
        self._scans = KeyButton("Scans are sold", "F11", role="quiet", name="What scans do")
        self._scans.setCheckable(True)
        self._scans.clicked.connect(self.turn_scans)
        self._live_note = label("Changes at other tills appear by themselves", "small")

    def _actions(self) -> list[Action]:
        """What the page offers under the list, in this order; what has no act is not there and not shown.

        An act is a method of the page or `lambda: work(self)` of a module of its own. Those who lack the right for one
        get None. `self.one_book.chosen()` gives the title of the current row, `self.start(…)` starts a coroutine,
        `self.show_again()` reads the list anew where it stands.
        """
        return [
            Action("New book", "Ctrl+N", self._act(self.book_actions.new_book), role="primary"),
            Action("Delivery", "F6", lambda: self.start(self._after_stock(flows.receive_delivery(self)))),
            Action("Count", "F7", lambda: self.start(self._after_stock(flows.count_stock(self)))),
            Action("Stock", "F8", lambda: self.start(self._stock())),
            Action("Import…", "Ctrl+I", self._import if not self._may_edit and may_import(self.context) else None),
            Action("Labels", "Ctrl+P", self._act(lambda: ask_labels(self))),
            Action("More", "F10", self._act(self.book_actions.more)),
            Action("Undo", "Ctrl+Z", self._act(self.book_actions.undo)),
        ]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file of titles may be dropped in."""
        if dropped_file(event.mimeData()) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Show what the file would do, as Ctrl+I does."""
        if (path := dropped_file(event.mimeData())) is not None:
            # Moved, the file manager might take the original away.
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.start(import_from(self, path))

    def paste_cover(self) -> None:
        """Give the title chosen the picture of the clipboard as its cover."""
        self.start(self.book_actions.cover_paste())

    def _import(self) -> None:
        self.start(ask_import(self))

    def show_ledger(self) -> None:
        """F9: how the stock of the title chosen moved."""
        self.start(self._ledger())

    async def _ledger(self) -> None:
        if (book := await self.one_book.chosen()) is not None:
            await self._after_stock(flows.show_ledger(self, book))

    async def _stock(self) -> None:
        await self._after_stock(flows.choose_act(self, await self.one_book.chosen(needed=False)))

    async def _after_stock(self, flow: Coroutine[Any, Any, object]) -> None:
        """Show the title as it is after something was done to its stock."""
        try:
            await flow
        finally:
            self._show_stock()

    def _show_stock(self) -> None:
        if self.detail.book is not None:
            # Not by `reload`, which takes away what the flow said.
            self.one_book.changed(self.detail.book.id)

    def _act(self, act: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None] | None:
        """An act on titles, for those who may edit them."""
        return (lambda: self.start(act())) if self._may_edit else None

    def _make_filters(self) -> QBoxLayout:
        self._filters = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._filters.setSpacing(8)
        self._filters.addWidget(self.search, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._filters.addLayout(row)
        for text, key, act in (
            ("Filters", "F3", self.ask_filters),
            ("Columns", "F4", self.ask_columns),
            ("Views", "F5", self.ask_views),
        ):
            button = KeyButton(text, key)
            button.clicked.connect(lambda _, act=act: act())
            row.addWidget(button)
        return self._filters

    def foot_widgets(self) -> list[QWidget]:
        """Where scans go, and what other tills did last."""
        return [self._scans, self._live_note]

    def turn_scans(self) -> None:
        """F11: let scans find titles here, or sell them as everywhere else."""
        self.takes_scans = not self.takes_scans
        self._show_scans()
        self.message.say("Scans find their title here now. F11 lets them be sold again." if self.takes_scans else "")

    def _show_scans(self) -> None:
        here = self.takes_scans
        self._scans.show_text("Scans find titles" if here else "Scans are sold", name="What scans do")
        self._scans.setChecked(here)

    async def scanned(self, code: str) -> None:
        """Find what was scanned."""
        try:
            self.find_book(parse_code(code).value)
        except Refused as refused:
            self.tell(refused)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen leave out what can be read beside the list."""
        narrow = self.width() < px(NARROW_WINDOW)
        # Large text needs a wider panel, of a small screen at most a good third.
        wide = 300 if narrow else 340
        self.detail.setFixedWidth(max(wide, min(px(wide), self.width() * 9 // 25)))
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._filters.setDirection(down if narrow else across)
        super().resizeEvent(event)
        self._show_columns()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask no longer what other tills do."""
        self.live.stop()
        super().hideEvent(event)

    def _show_columns(self) -> None:
        # Beside the list: the book, the page's edges, the scroll bar.
        room = self.width() - self.detail.width() - 40 - 16
        shown = fitting(self._columns, room, px)
        self._left_out = left_out(self._columns, shown)
        for place, column in enumerate(COLUMNS):
            self.table.setColumnHidden(place, column.by not in shown)

    def _choose_columns(self, columns: tuple[str, ...]) -> None:
        """Show the columns that somebody asked for, and say which of them there is no room for."""
        self._columns = columns
        self._show_columns()
        self.message.say(self._left_out)

    # Reading

    def activated(self) -> None:
        """Read what may have changed; the search stays."""
        if self.book_actions.cells is None or not self.book_actions.cells.go_on():
            self.search.setFocus()
        if self._choices is None:
            self.start(self.read_choices(), "choices")
            self._read_list()
            if self._may_edit:
                self.start(self.book_actions.go_on_with_left())
        else:
            self.start(self._reread(), "list")
        self.live.start()

    def show_again(self) -> None:
        """Read the list anew where it stands, after something was added to it or changed in many rows."""
        self.start(self._reread(), "list")

    @property
    def shown_filter(self) -> BookFilter:
        """Which books the list shows, for what is done with all of them."""
        return self._shown.wanted

    async def picked(self) -> Picked:
        """Give what is done to many: to the rows chosen, or to all that the list shows where but one is."""
        titles = await self.choice.settled()
        if self.choice.several:
            return Picked(titles.within(self._shown.wanted), self.order, self._chosen_words(), self.choice.count)
        total = None if self._list is None else self._list.total
        return Picked(self._shown.wanted, self.order, _shown_words(total, self.fmt), total)

    @property
    def unsaved(self) -> str:
        """What is typed in the panel, or in a cell."""
        if self.detail.dirty and self.detail.book is not None:
            return f"“{self.detail.book.title[:LONG_TITLE]}”"
        return "" if self.book_actions.cells is None else self.book_actions.cells.unsaved

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """Which columns the list shows, or would on a wider window."""
        return self._columns

    @property
    def order(self) -> ListOrder:
        """The order it is in."""
        return self._orders.now

    def focus_home(self) -> None:
        """Back to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def escape(self) -> None:
        """Esc stops an undo, else reverts what is changed, else chooses one row again, else empties the search."""
        if self.book_actions.stop():
            return
        if self.detail.dirty:
            self.reload()
        elif self.choice.several:
            self.choice.choose_one()
        else:
            self.search.clear()
            self.focus_home()

    def clear_filters(self) -> None:
        """Show all books."""
        self.search.clear()
        self.show_only(Shown())

    async def read_choices(self, *, anew: bool = False) -> None:
        """What can be chosen, and how the person left the list; once, unless it is to be read `anew`."""
        known = self._choices is not None
        if known and not anew:
            return
        categories, taxes = await list_categories(self.app), await list_tax_rates(self.app)
        self.detail.show_choices(categories, taxes)
        self.categories, choices = categories, await filter_choices(self.app)
        left = (await list_views(self.app, self.context.operator)).get(LEFT)
        self._choices = choices
        if left is not None and left.columns and not known:
            self._columns = left.columns
            self._show_columns()
            if left.order != self._orders.left:
                self._orders.left = left.order
                self._show_order()

    def find_book(self, text: str) -> None:
        """Show what a search finds among all books, whatever the list was narrowed by."""
        self.search.setText(text)
        self.show_only(Shown())

    def _search_changed(self, text: str) -> None:
        self.message.say("")
        self._show(replace(self._shown, wanted=replace(self._shown.wanted, text=text)), pause=TYPING_PAUSE_S)

    def show_only(self, shown: Shown) -> None:
        """Show the books that pass other filters; the search stays."""
        self._show(replace(shown, wanted=replace(shown.wanted, text=self.search.text())))

    def _show(self, shown: Shown, pause: float = 0) -> None:
        days = shown.changed_days
        since = None if days is None else self._day_back(days)
        if days is not None and days == self._shown.changed_days:
            since = self._shown.wanted.changed_since
        shown = replace(shown, wanted=replace(shown.wanted, changed_since=since))
        if shown == self._shown:
            return
        before, self._shown = self._shown, shown
        self._orders.search(shown.wanted.text)
        if replace(before.wanted, text="") != replace(shown.wanted, text=""):
            self._show_chips()
        self._read_list(pause)

    def _day_back(self, days: int) -> datetime:
        """When the first of so many days began, today being the last: at the shop's midnight."""
        zone = self.fmt.settings.zone
        today = self.app.clock.now().astimezone(zone).date()
        return datetime.combine(today - timedelta(days=days - 1), time(), zone)

    def sort_by(self, order: ListOrder) -> None:
        """Show the list in another order."""
        self._orders.choose(order)
        self._show_order()

    def _show_order(self) -> None:
        self.books.show_order(self.order)
        self._read_list()

    def _head_clicked(self, place: int) -> None:
        """By a column, the second time from its end, the third time as the list usually is."""
        column = COLUMNS[place]
        again, down = self.order.by is column.by, self.order.descending
        self.sort_by(ListOrder() if again and down else ListOrder(column.by, descending=again))
        if self.order.by is SortBy.MATCH:
            self.message.say("What matches best comes first, else by title.")
        else:
            back = "Once more goes" if again else "Two more clicks go"
            held = ", for this search" if self._orders.searching else ""
            self.message.say(f"{sorted_words(self.order)}{held}. {back} back to what matches best.")
        self._keep_left()

    def _show_chips(self) -> None:
        suppliers = self._choices.suppliers if self._choices else ()
        made = chips(self._shown, self.fmt, self.categories, suppliers)
        focus = self.window().focusWidget()
        if focus is not None and self.chip_row.isAncestorOf(focus):
            # The chips are made anew: left to Qt, the focus would leave the page.
            (self.table if self.table.isVisible() else self.search).setFocus()
        self.chip_row.show_chips(made)
        if made:
            self.start(self._count_chips([chip.alone for chip in made]), "chips")

    async def _count_chips(self, filters: list[BookFilter]) -> None:
        self.chip_row.show_counts(await count_each(self.app, filters, MOST_COUNTED), self.fmt)

    def _read_list(self, pause: float = 0) -> None:
        self.start(self._show_list(self._shown.wanted, self.order, pause), "list")

    async def _show_list(self, wanted: BookFilter, order: ListOrder, pause: float) -> None:
        await asyncio.sleep(pause)
        slow = asyncio.get_running_loop().call_later(SLOW_S, self._bar.busy, True)  # noqa: FBT003 - a switch
        try:
            started = monotonic()
            opened, first = await open_list(self.app, wanted, order)
            took_ms = round((monotonic() - started) * 1000)
            self._list = opened
            self.books.typed = wanted.text
            self.books.show_order(order)
            self.books.show(opened.total or len(first), first, self._fetch)
            if self._paper.currentWidget() is self._failed:
                self.message.say("")
            self._paper.setCurrentWidget(self.table if first else self._empty)
            self._empty.say(self._nothing_found(wanted))
            if opened.total is None:
                self.show_subtitle("Counting…")
            kept, self._listed = self.choice.several and wanted == self._listed, wanted
            if not kept:
                self.choice.forget()
            if first and not self.detail.dirty:
                self.table.stand_at(self.books.index(0, 0))
            self.one_book.follow()
            self._list = await measure_list(self.app, opened)
            self.books.grow(self._list.total or 0)
            self._show_count(self._list, took_ms)
        except PosError as error:
            self._failed.say(sentence(error))
            self._paper.setCurrentWidget(self._failed)
            raise
        finally:
            slow.cancel()
            self._bar.busy(False)  # noqa: FBT003 - a switch

    def _nothing_found(self, wanted: BookFilter) -> str:
        """Say why the list is empty, and what of it can be changed."""
        others = replace(wanted, text="") != BookFilter()
        tries = ["fewer letters"] * bool(wanted.text.strip()) + ["other filters"] * others
        if tries:
            return f"No book matches. Try {', or '.join(tries)}."
        return "No books yet. Ctrl+N adds one." if self._may_edit else "No books yet."

    def storing(self) -> AbstractContextManager[None]:
        """Show that something is being stored while that takes longer than a moment, and then say so.

        What is said of it, a price below cost say, comes once it is stored; until then it is not to look forgotten.
        """
        return self.waiting(STORING)

    @contextmanager
    def waiting(self, said: str) -> Iterator[None]:
        """Show that something is under way, and after a moment say what."""
        loop = asyncio.get_running_loop()
        waits = [
            loop.call_later(SLOW_S, self._bar.busy, True),  # noqa: FBT003 - a switch
            loop.call_later(SAID_S, self.message.say, said),
        ]
        try:
            yield
        finally:
            for wait in waits:
                wait.cancel()
            self._bar.busy(False)  # noqa: FBT003 - a switch
            if self.message.text() == said:
                self.message.say("")

    def _show_count(self, shown: BookList, took_ms: int | None = None) -> None:
        count = self.fmt.count(shown.total or 0) + ("+" if shown.capped else "")
        titles = "1 title" if shown.total == 1 else f"{count} titles"
        plain = shown.wanted == BookFilter()
        took = "" if took_ms is None else f" · {took_ms} ms"
        self.search.show_note("" if plain else f"{titles}{took}")
        self._counted = titles if plain else f"{titles} found"
        self._say_counted()

    def _say_counted(self) -> None:
        chosen = f" · {self.fmt.count(self.choice.count)} chosen" if self.choice.several else ""
        self.show_subtitle(self._counted + chosen)

    def _chosen_words(self) -> str:
        if self.choice.all_shown:
            return _shown_words(self.choice.count, self.fmt)
        return f"{self.fmt.count(self.choice.count)} titles chosen"

    def _say_chosen(self) -> None:
        """Say how many are chosen, and what can be done with them."""
        self._say_counted()
        if self.choice.several:
            may = "Ctrl+B change, Ctrl+P labels, Ctrl+E export, " if self._may_edit else ""
            self.message.say(f"{self._chosen_words()}. {may}Esc one again.")
            self._chosen_said = self.message.text()
        elif self.message.text() == self._chosen_said:
            self.message.say("")

    async def _read_ids(self, first: int, count: int) -> Sequence[int]:
        return [] if self._list is None else await ids_at(self.app, self._list, first, count)

    async def _fetch(self, first: int, count: int) -> Sequence[BookRow]:
        return [] if self._list is None else await rows_at(self.app, self._list, first, count)

    async def rows_from(self, first: int, count: int) -> Sequence[BookRow]:
        """Give rows of the list from one on, whether they are shown or not."""
        return await self._fetch(first, count)

    async def rows_chosen(self) -> Sequence[BookRow]:
        """Give the rows of the titles chosen, in the list's order; meant for few."""
        picked = await self.picked()
        opened, _ = await open_list(self.app, picked.wanted, picked.order)
        opened = await measure_list(self.app, opened)
        return await rows_at(self.app, opened, 0, opened.total or 0)

    # Where the list stands

    def _typed_in_list(self, letters: str) -> None:
        """Go to the first row that starts with what is typed, in the column that the list is sorted by."""
        now = monotonic()
        self._word = self._word + letters if now - self._word_at < WORD_S else letters
        self._word_at = now
        if self._word.strip():
            self.start(self._go_to(self._word), "jump")

    async def _go_to(self, word: str) -> None:
        sought = meant(word, self.order.by, self.fmt)
        if sought is None:
            head = COLUMNS[PLACES[self.order.by]].head
            self.message.say(f"The list is sorted by {head}: “{word}” says nothing there. F2 searches titles.", "warn")
        if self._list is not None and self._list.total and sought is not None:
            place = await place_of(self.app, self._list, sought)
            if place is not None:
                self._choose(place)

    def _choose(self, number: int) -> None:
        index = self.books.index(number, max(self.table.currentIndex().column(), 0))
        self.table.setCurrentIndex(index)
        self.table.scrollTo(index, ListTable.ScrollHint.PositionAtTop)

    def changed_elsewhere(self) -> None:
        """Look what changed, at once."""
        self.live.look_at_once()

    def _changed_elsewhere(self, changes: Changes, grown: bool) -> None:  # noqa: FBT001 - as Live tells it
        """Show what another till changed where it stands; read the list anew only where rows may have moved."""
        moved = changes.rows is None or self._replace(changes.rows)
        if changes.rows is None and self.detail.book is not None:
            # Too many to be told one by one: the one beside the list may be among them.
            self.one_book.changed(self.detail.book.id)
        if moved or grown:
            self.start(self._reread(aside=True), "list")

    def _came_back(self) -> None:
        """The database can be reached again: read what could not be read meanwhile."""
        if self.message.property("kind") == "bad":
            self.message.say("The database can be reached again.", "ok")
        self.start(self._reread(), "list")

    def _replace(self, rows: Sequence[BookRow]) -> bool:
        """Show rows as they are now; tells whether the order or the filter may now say otherwise."""
        here = {row.id: (number, row) for number, row in self.books.loaded()}
        moved = False
        for row in rows:
            number, before = here.get(row.id, (-1, None))
            if before is None or before == row:
                continue
            self.books.replace(number, row)
            if before._replace(updated=row.updated) == row:
                continue
            self._live_note.setText(f"Changed just now: {_difference(before, row, self.fmt.amount)}")
            self.one_book.changed(row.id)
            moved |= self._list is not None and self._list.wanted != BookFilter()
            moved |= self._key_of(before) != self._key_of(row)
        return moved

    def _key_of(self, row: BookRow) -> str:
        by = SortBy.TITLE if self.order.by is SortBy.MATCH else self.order.by
        return COLUMNS[PLACES[by]].text(row, self.fmt)

    async def _reread(self, *, aside: bool = False) -> None:
        """Read the list anew and stay where it stands: the same book chosen, the same book at the top.

        It is read `aside` where nobody waits for it.
        """
        started = monotonic()
        await self.choice.settled()
        opened, first = await open_list(self.app, self._shown.wanted, self.order)
        renewed = await measure_list(self.app, opened, aside=aside)
        top = self.table.rowAt(0)
        chosen = self.table.currentIndex().row()
        top_row, chosen_row = (self.books.row(number) if number >= 0 else None for number in (top, chosen))
        self._list = renewed
        self.books.typed = renewed.wanted.text
        self.books.renew(renewed.total or 0, self._fetch)
        self._paper.setCurrentWidget(self.table if first else self._empty)
        self._empty.say(self._nothing_found(renewed.wanted))
        self._show_count(renewed)
        if top_row is not None and top > 0:
            now = await row_of(self.app, renewed, top_row.id)
            if now is not None and now != top:
                bar = self.table.verticalScrollBar()
                bar.setValue(bar.value() + (now - top) * self.table.rowHeight(0))
        if chosen_row is not None:
            now = await row_of(self.app, renewed, chosen_row.id)
            if now is not None and now != chosen:
                self.table.stand_at(self.books.index(now, max(self.table.currentIndex().column(), 0)))
        elif first and not self.detail.dirty:
            self.table.stand_at(self.books.index(0, 0))
        self.one_book.follow()
        self.live.rest(monotonic() - started)

    # How it is looked at

    def ask_filters(self) -> None:
        """F3: what the list is narrowed by."""
        self.start(self._ask_filters(), "ask")

    async def _ask_filters(self) -> None:
        await self.read_choices()
        if self._choices is None:
            return
        dialog = FiltersDialog(self._shown, self._choices, self.categories, self.fmt, self)

        # An answer may come when the dialog is gone.
        ended: list[int] = []
        dialog.finished.connect(ended.append)

        async def offer_publishers() -> None:
            try:
                names = await publishers_in_use(self.app)
            except PosError as error:
                if not ended:
                    dialog.lack_publishers(error)
            else:
                if not ended:
                    dialog.take_publishers(names)

        async def offer_subjects(typed: str) -> None:
            found = await list_subjects(self.app, typed)
            if not ended:
                dialog.offer_subjects(typed, found)

        dialog.publishers_asked.connect(lambda: self.start(offer_publishers(), "publishers"))
        dialog.asked.connect(lambda typed: self.start(offer_subjects(typed), "subjects"))
        if await dialogs.show(dialog):
            self.show_only(dialog.answer)

    def ask_columns(self) -> None:
        """F4: what is shown, and in which order."""
        self.start(self._ask_columns(), "ask")

    async def _ask_columns(self) -> None:
        dialog = ColumnsDialog(self._columns, self.order, self)
        if await dialogs.show(dialog):
            self._choose_columns(dialog.columns)
            if dialog.order != self.order:
                self.sort_by(dialog.order)
            self._keep_left()

    def _keep_left(self) -> None:
        left = View(order=self._orders.left, columns=self._columns)
        self.start(keep_view(self.app, self.context.operator, LEFT, left), "left")

    def ask_views(self) -> None:
        """F5: views kept by name."""
        self.start(self._ask_views(), "ask")

    async def _ask_views(self) -> None:
        views = await list_views(self.app, self.context.operator)
        dialog = ViewsDialog([name for name in views if name != LEFT], self)
        if not await dialogs.show(dialog):
            return
        if dialog.kept is not None:
            view = View(self._shown.wanted, self.order, self._columns, self._shown.changed_days)
            await keep_view(self.app, self.context.operator, dialog.kept, view)
            self.message.say(f"The view “{dialog.kept}” is kept.", "ok")
        elif dialog.dropped is not None:
            await drop_view(self.app, self.context.operator, dialog.dropped)
            self.message.say(f"The view “{dialog.dropped}” is taken away.", "ok")
        elif dialog.chosen is not None:
            self._show_view(views[dialog.chosen])

    def _show_view(self, view: View) -> None:
        self.search.setText(view.wanted.text)
        self.show_only(Shown(view.wanted, view.changed_days))
        # Last, since another search has its own order and takes away what is said.
        self.sort_by(view.order)
        self._choose_columns(view.columns or self._columns)

    def reload(self) -> None:
        """Show the book beside the list as it is stored."""
        self.one_book.reload()

    def save(self) -> None:
        """Store what was changed in it."""
        self.one_book.save()


def _shown_words(total: int | None, fmt: Formatter) -> str:
    if total == 1:
        return "The 1 title that the list shows"
    return f"All{'' if total is None else f' {fmt.count(total)}'} titles that the list shows"


def _difference(before: BookRow, now: BookRow, amount: Callable[[int], str]) -> str:
    """Say in a few words what changed in a row."""
    said = []
    if before.price != now.price:
        said.append(f"price {amount(before.price)} → {amount(now.price)}")
    if before.stock != now.stock:
        said.append(f"stock {before.stock} → {now.stock}")
    title = now.title if len(now.title) <= LONG_TITLE else now.title[: LONG_TITLE - 1] + "…"
    return f"“{title}”" + (f", {', '.join(said)}" if said else "")
