"""Orders: what customers wait for, and what was sold."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QSignalBlocker, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_app.domain.document import OrderView
from pos_app.domain.order_status import OrderKind, OrderStatus, allowed_moves
from pos_app.errors import Conflict, PosError, Refused, Unavailable
from pos_app.services.customer_order import get_stand
from pos_app.services.order_move import move_order
from pos_app.services.order_view import (
    OPEN_STATUSES,
    Only,
    OrderDetail,
    OrderFilter,
    OrderRow,
    changed_since,
    count_by_status,
    get_order,
    newest_step,
    page_orders,
)
from pos_app.services.receipt import read_receipt
from pos_app.services.shift import business_date
from pos_app.services.supplier import list_suppliers
from ui import dialogs
from ui.actions import plain, shortcut
from ui.checkout.explain import explain_document
from ui.checkout.explain_dialog import ExplainDialog
from ui.checkout.receipt_dialog import show_receipt
from ui.context import Context
from ui.customers.acts import sure
from ui.errors import sentence
from ui.models.growing import GrowingList
from ui.models.paged import PAGE
from ui.orders.acts import Acts
from ui.orders.board import MOST_CARDS, Board
from ui.orders.detail import Detail
from ui.orders.table import (
    NARROW_WIDTHS,
    ROW_HEIGHT,
    STATUS,
    WIDTHS,
    Column,
    OrdersDelegate,
    OrdersModel,
)
from ui.page import Page
from ui.style.theme import px
from ui.widgets.arrows import ArrowsToList
from ui.widgets.basic import EmptyState, label, panel
from ui.widgets.fields import IconField
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton
from ui.widgets.sheet import Act, Menu
from ui.widgets.table import ListTable

TYPING_PAUSE_S = 0.03
EDGE, CHIP_GAP = 20, 6
# Rows of chips that a list can spare.
MOST_ROWS = 3
NARROW_WINDOW, TIGHT_WINDOW = 1200, 780
# For what no bell rings for: one question of one entry of an index.
LOOK_MS = 400
MARKED_MS = 4_000
# More than anybody scrolls through: a longer list is read anew only by a key.
MOST_READ_AGAIN = 1_000
ORDERS = OrderKind.CUSTOMER_ORDER
LISTS: dict[str, OrderFilter] = {
    "Open": OrderFilter(ORDERS, OPEN_STATUSES),
    **{name: OrderFilter(ORDERS, (status,)) for status, (name, _) in STATUS.items()},
    "Sales": OrderFilter(OrderKind.SALE),
}
ONLY = {"Mine": Only.MINE, "Late": Only.LATE, "Ready": Only.READY, "Unpaid": Only.UNPAID, "Expired": Only.EXPIRED}
# What is told whichever orders are shown.
URGENT = ("Late", "Expired")


def usual_step(status: OrderStatus) -> OrderStatus | None:
    """The next step of an order's way; None where it has ended."""
    return next((to for to in allowed_moves(status) if to is not OrderStatus.CANCELLED), None)


def rows_of(widgets: Iterable[QWidget], room: int) -> int:
    """How many rows some widgets take."""
    rows, left = 1, room
    for width in (widget.sizeHint().width() for widget in widgets):
        if width > left and left < room:
            rows, left = rows + 1, room
        left -= width + CHIP_GAP
    return rows


class OrdersPage(Page):
    """Orders by status, as a list or as a board, one of them beside it."""

    title = "Orders"
    watches = frozenset({"orders"})

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self._list = "Open"
        self._only: set[str] = set()
        self._supplier: tuple[int, str] | None = None
        self._step = 0
        self._stopped = False
        self._sales: int | None = None
        self._elsewhere: list[str] = []
        self._asking: asyncio.Task[Any] | None = None
        self.acts = Acts(self)
        self.search = IconField("search", "Search orders", "Order, customer, ISBN", icon="search", key="F2")
        self.search.leave("Ctrl+Right", "Ctrl+Del")
        self.search.setFixedWidth(px(262))
        self.search.textChanged.connect(lambda _: self._read_list(pause=TYPING_PAUSE_S))
        self.search.returnPressed.connect(self._go_elsewhere)
        self.orders = OrdersModel(self.fmt, self.app.clock, self.tasks.start)
        self.table = ListTable("Orders", self.orders, OrdersDelegate(), WIDTHS, ROW_HEIGHT)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._say_chosen())
        self._read = GrowingList(self.table, self.orders, self._read_on, self.start)
        self.board = Board(self.fmt, self.app.clock, self.tasks.start)
        self.board.chosen.connect(lambda order_id: self.start(self._show_order(order_id), "order"))
        self.detail = Detail(self.fmt, self.app.clock.now)
        self.detail.move_to.connect(self.move_to)
        self.detail.move_on.connect(self.move_on)
        self.detail.cancel.connect(partial(self.move_to, OrderStatus.CANCELLED))
        self.detail.explain.connect(self.explain)
        self.detail.show_receipt.connect(self.show_receipt)
        self.detail.more.connect(self.acts.more)
        self._live = label("Live: changes at other tills appear by themselves", "small")
        self._lay_out()
        self._refresh = QTimer(self)
        self._refresh.timeout.connect(self._look_again)
        self._unmark = QTimer(self)
        self._unmark.setSingleShot(True)
        self._unmark.timeout.connect(lambda: self._mark(frozenset()))
        for keys, act in {
            "F2": self.focus_home,
            "F3": self.choose_supplier,
            "F4": self.turn_board,
            "F5": self.list_menu,
            "F6": lambda: self.ask(self.acts.tell()),
            "F7": lambda: self.ask(self.acts.picking()),
            "F8": lambda: self.ask(self.acts.edit()),
            "F9": self.filter_menu,
            "F10": self.acts.more,
            "Ctrl+P": lambda: self.ask(self.acts.paper()),
            "Ctrl+Right": self.move_on,
            "Ctrl+Del": lambda: self.move_to(OrderStatus.CANCELLED),
            "Esc": self.escape,
            "Ctrl+R": self.show_receipt,
        }.items():
            shortcut(self, keys, act)
        for widget in (self.search, self.table):
            widget.installEventFilter(self)
        ArrowsToList(self.search, lambda: self.table)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Explain by = before the search or the list take it: no number, name or ISBN has one in it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.text() == "=":
            self.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Explain by =, wherever on the page the focus is."""
        if event.text() == "=" and plain(event):
            self.explain()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(EDGE, 16, EDGE, 12)
        left.setSpacing(10)
        left.addLayout(self._lay_out_lists())
        left.addLayout(self._lay_out_filters())
        paper = panel()
        self._paper = QStackedLayout(paper)
        self._paper.setContentsMargins(1, 1, 1, 1)
        self._empty = EmptyState("No orders here.", "Show open orders", self.show_open, "Alt+O")
        for widget in (self._empty, self.table, self.board):
            self._paper.addWidget(widget)
        left.addWidget(paper, 1)
        left.addWidget(self.message)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(self.detail)

    def _lay_out_lists(self) -> FlowLayout:
        chips = FlowLayout(spacing=CHIP_GAP)
        self._chips: dict[str, KeyButton] = {}
        for name in LISTS:
            chip = KeyButton(name, role="chip", name=name)
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, name=name: self.choose_list(name))
            self._chips[name] = chip
            chips.addWidget(chip)
        return chips

    def _lay_out_filters(self) -> FlowLayout:
        filters = FlowLayout(spacing=CHIP_GAP)
        filters.addWidget(self.search)
        self._lists_button = KeyButton("Open", "F5", name="Which orders")
        self._lists_button.clicked.connect(self.list_menu)
        filters.addWidget(self._lists_button)
        self._filters: dict[str, KeyButton] = {}
        for place, name in enumerate(ONLY, 1):
            chip = KeyButton(name, f"Alt {place}", role="chip", name=f"Only {name.lower()}")
            chip.setCheckable(True)
            chip.clicked.connect(partial(self._only_clicked, name))
            shortcut(self, f"Alt+{place}", partial(self.turn_only, name))
            filters.addWidget(chip)
            self._filters[name] = chip
        self._supplier_chip = KeyButton("Supplier", "F3", role="chip", name="Supplier")
        self._supplier_chip.setCheckable(True)
        self._supplier_chip.clicked.connect(self.choose_supplier)
        filters.addWidget(self._supplier_chip)
        self._filters_button = KeyButton("Filters", "F9", role="chip", name="Filters")
        self._filters_button.setCheckable(True)
        self._filters_button.clicked.connect(self.filter_menu)
        filters.addWidget(self._filters_button)
        self._board_chip = KeyButton("Board", "F4", role="chip", name="Board")
        self._board_chip.setCheckable(True)
        self._board_chip.clicked.connect(self.turn_board)
        filters.addWidget(self._board_chip)
        return filters

    def _fold(self) -> None:
        """Where chips would take more rows than the list can spare, one button stands for those of a kind."""
        room = self.width() - self.detail.width() * self.detail.isVisibleTo(self) - 2 * EDGE
        chips = [*self._filters.values(), self._supplier_chip]
        lists = rows_of(self._chips.values(), room)
        filters = rows_of([self.search, *chips, self._board_chip], room)
        fold_filters = lists + filters > MOST_ROWS
        if fold_filters:
            filters = rows_of([self.search, self._filters_button, self._board_chip], room)
        fold_lists = lists + filters > MOST_ROWS
        for widgets, shown in (
            (chips, not fold_filters),
            ([self._filters_button], fold_filters),
            (self._chips.values(), not fold_lists),
            ([self._lists_button], fold_lists),
        ):
            for widget in widgets:
                widget.setVisible(shown)

    def list_menu(self) -> None:
        """F5: which orders, where there is no room for a chip each."""
        acts = [(str(place), chip.words, partial(self._listed, name)) for place, (name, chip) in self._numbered()]
        self.ask(self._choose_of("Which orders", acts))

    def _numbered(self) -> Iterator[tuple[int, tuple[str, KeyButton]]]:
        return enumerate(self._chips.items(), 1)

    async def _listed(self, name: str) -> None:
        self.choose_list(name)

    def filter_menu(self) -> None:
        """F9: the filters, where there is no room for a chip each."""
        self._show_filters_button()
        acts: list[tuple[str, str, Act]] = [
            (str(place), f"{'✓ ' if name in self._only else ''}{chip.words}", partial(self._turned, name))
            for place, (name, chip) in enumerate(self._filters.items(), 1)
        ]
        if self._supplier is None:
            acts.append(("S", "To come from a supplier…", self._choose_supplier))
        else:
            acts.append(("S", f"✓ {self._supplier_chip.words}", self._no_supplier))
        self.ask(self._choose_of("Filters", acts))

    async def _turned(self, name: str) -> None:
        self.turn_only(name)

    async def _no_supplier(self) -> None:
        self._supplier = None
        self._read_list()

    async def _choose_of(self, title: str, acts: Sequence[tuple[str, str, Act]]) -> None:
        menu = Menu(title, acts, self)
        if await dialogs.show(menu) and menu.chosen is not None:
            await menu.chosen()

    def _show_filters_button(self) -> None:
        count = len(self._only) + (self._supplier is not None)
        self._filters_button.setChecked(bool(count))
        self._filters_button.show_text(f"Filters {count}" if count else "Filters", name=f"Filters: {count} on")

    def foot_widgets(self) -> list[QWidget]:
        """How fresh the list is."""
        return [self._live]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the list keeps its words."""
        narrow = self.width() < px(NARROW_WINDOW)
        self.detail.setFixedWidth(min(max(px(330), 330), int(self.width() * 0.42)) if narrow else 400)
        self.table.setColumnHidden(Column.ITEMS, narrow)
        for column, width in (NARROW_WIDTHS if narrow else WIDTHS).items():
            self.table.setColumnWidth(column, px(width))
        self._show_detail()
        # What is to be known of an order stands under its customer's name, who keeps the room for it.
        self.table.setColumnHidden(Column.PLACED, narrow)
        for column in (Column.ORDER, Column.TOTAL):
            self.table.setColumnHidden(column, self.width() < px(TIGHT_WINDOW))
        self._fold()
        super().resizeEvent(event)

    def _show_detail(self) -> None:
        """Where there is hardly any room, the board has it all."""
        self.detail.setVisible(not (self.shows_board and self.width() < px(TIGHT_WINDOW)))

    def activated(self) -> None:
        """Read what may have changed, and go on looking."""
        self.search.setFocus()
        self.start(self._begin(), "list")
        self._refresh.start(LOOK_MS)

    async def _begin(self) -> None:
        self._sales = None
        self._step = await newest_step(self.app)
        await self._show_list(0)

    def changed_elsewhere(self) -> None:
        """Look at once."""
        self._look_again()

    def focus_home(self) -> None:
        """Back to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def escape(self) -> None:
        """Esc stops a move of many, else empties the search, or where it is empty already takes the filters off."""
        if self.tasks.running("move"):
            self._stopped = True
            return
        if not self.search.text() and (self._only or self._supplier):
            self._only.clear()
            self._supplier = None
            self._read_list()
        self.search.clear()
        self.focus_home()

    def show_open(self) -> None:
        """The open orders, without any filter."""
        self._only.clear()
        self._supplier = None
        self.search.clear()
        self.choose_list("Open")

    def choose_list(self, name: str) -> None:
        """Show the orders of a status, the open ones, or the sales."""
        self._list = name
        self.message.say("")
        self._read_list()

    def turn_only(self, name: str) -> None:
        """Alt+1 …: narrow the list, or no longer."""
        self._only ^= {name}
        self._read_list()

    def _only_clicked(self, name: str, _checked: bool) -> None:  # noqa: FBT001 - as Qt tells it
        self.turn_only(name)

    def turn_board(self) -> None:
        """F4: the board, or the list."""
        board = self._paper.currentWidget() is not self.board
        self._board_chip.setChecked(board)
        self._list = "Open"
        self._paper.setCurrentWidget(self.board if board else self.table)
        self._show_detail()
        self.start(self._turn(), "list")

    async def _turn(self) -> None:
        await self._show_list(0)
        (self.board.focus_board if self.shows_board else self.table.setFocus)()

    @property
    def shows_board(self) -> bool:
        """Whether the board is shown, and not the list."""
        return self._board_chip.isChecked()

    def choose_supplier(self) -> None:
        """F3: only what is still to come from a supplier; pressed again, from anybody."""
        if self._supplier is not None:
            self._supplier = None
            self._read_list()
            return
        self._supplier_chip.setChecked(False)
        self.ask(self._choose_supplier())

    async def _choose_supplier(self) -> None:
        suppliers = await list_suppliers(self.app)
        if not suppliers:
            raise Refused("order.no_suppliers")
        letters = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

        def choosing(number: int, name: str) -> Any:
            async def act() -> None:
                self._supplier = (number, name)
                self._read_list()

            return act

        acts = [(letter, one.name, choosing(one.id, one.name)) for letter, one in zip(letters, suppliers, strict=False)]
        await self._choose_of("Still to come from", acts)

    async def close_page(self) -> None:
        """Stop looking for changes."""
        self._refresh.stop()
        self._unmark.stop()
        await super().close_page()

    # Reading

    def _wanted(self) -> OrderFilter:
        chosen = LISTS[self._list]
        return OrderFilter(
            chosen.kind,
            chosen.statuses,
            self.search.text(),
            frozenset(ONLY[name] for name in self._only) if chosen.kind is ORDERS else frozenset(),
            self.context.operator.user_id,
            business_date(self.fmt.settings, self.app.clock.now()),
            self._supplier[0] if self._supplier is not None and chosen.kind is ORDERS else None,
        )

    def _read_list(self, pause: float = 0) -> None:
        self.start(self._show_list(pause), "list")

    def _look_again(self) -> None:
        if not self.isVisible():
            self._refresh.stop()
        elif self.tasks.idle:
            self.start(self._look(), "look")

    async def _look(self) -> None:
        """Ask whether anything changed, and read the list anew where it did; what is chosen stays chosen."""
        try:
            # What the counters sell meanwhile moves no list but that of the sales.
            newest, ids = await changed_since(self.app, self._step, LISTS[self._list].kind)
        except Unavailable:
            # The foot of the window says so; the list stands until the database is back.
            return
        if newest == self._step:
            return
        self._step = newest
        if not ids:
            return
        await self._show_list(0)
        self._mark(ids)
        shown = self.detail.shown
        if shown is not None and shown.order.id in ids:
            await self._show_order(shown.order.id)

    def _mark(self, ids: frozenset[int]) -> None:
        self.orders.mark(ids)
        self.board.mark(ids)
        if ids:
            self._unmark.start(MARKED_MS)

    async def read_again(self, order_id: int) -> None:
        """After an act of one's own: show how it stands now, unmarked."""
        self._step = await newest_step(self.app)
        await self._show_order(order_id)
        await self._show_list(0)

    async def _show_list(self, pause: float) -> None:
        await asyncio.sleep(pause)
        wanted = self._wanted()
        counts = await count_by_status(self.app, replace(wanted, kind=ORDERS))
        if self._sales is None or pause or self._list == "Sales":
            # A year's are many: they are counted anew where somebody asks for them.
            of_sales = await count_by_status(self.app, OrderFilter(OrderKind.SALE, (), wanted.text))
            self._sales = sum(of_sales.values())
        urgent = {}
        for name in URGENT:
            only = replace(wanted, kind=ORDERS, text="", only=frozenset({ONLY[name]}), supplier_id=None)
            urgent[name] = sum((await count_by_status(self.app, only)).values())
        self._show_counts(counts, self._sales, urgent)
        if self.shows_board:
            await self._show_board(wanted, counts)
            return
        limit = min(max(PAGE, len(self._rows)), MOST_READ_AGAIN) if not pause else PAGE
        page = await page_orders(self.app, wanted, limit=limit)
        if list(page.rows) != self._rows:
            self._show_rows(list(page.rows), page.before)
        self._read.after = page.before
        self._paper.setCurrentWidget(self.table if page.rows else self._empty)
        shown = self.detail.shown
        if not page.rows:
            self.detail.show_nothing()
        elif shown is None or shown.order.id not in {row.id for row in page.rows}:
            self.table.setCurrentIndex(self.orders.index(0, 0))
        else:
            row = next(row for row in page.rows if row.id == shown.order.id)
            if row.version != shown.order.version:
                await self._show_order(row.id)

    async def _show_board(self, wanted: OrderFilter, counts: dict[OrderStatus, int]) -> None:
        rows = {}
        for status in OPEN_STATUSES:
            page = await page_orders(self.app, replace(wanted, kind=ORDERS, statuses=(status,)), limit=MOST_CARDS)
            rows[status] = page.rows
        self.board.show_rows(rows, counts)
        self._read.rows = [row for status in OPEN_STATUSES for row in rows[status]]
        self._paper.setCurrentWidget(self.board if self._rows else self._empty)
        if self.board.current_id is None and self._rows:
            self.board.choose(self._rows[0].id)

    @property
    def _rows(self) -> list[OrderRow]:
        """What is read so far, be it the list's or the board's."""
        return self._read.rows

    def _show_rows(self, rows: list[OrderRow], after: int | None) -> None:
        """Show other rows: those that stand where they stood are replaced there, so that nothing moves."""
        before, chosen, current = self._rows, set(self.chosen_ids()), self._current_id()
        if [row.id for row in before] == [row.id for row in rows]:
            for place, row in enumerate(rows):
                if row != before[place]:
                    self._read.replace(place, row)
            return
        scrolled = self.table.verticalScrollBar().value()
        self._read.show(rows, after)
        places = {row.id: place for place, row in enumerate(rows)}
        selection = self.table.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        if current in places:
            # Chosen again, and not read again.
            with QSignalBlocker(selection):
                selection.setCurrentIndex(self.orders.index(places[current], 0), flags.NoUpdate)
                for order_id in chosen & places.keys():
                    selection.select(self.orders.index(places[order_id], 0), flags.Select | flags.Rows)
        if chosen - places.keys():
            self._say_chosen()
        self.table.verticalScrollBar().setValue(scrolled)
        self.table.viewport().update()

    async def _read_on(self, before: int) -> tuple[Sequence[OrderRow], int | None]:
        page = await page_orders(self.app, self._wanted(), before=before, limit=PAGE)
        return page.rows, page.before

    def _show_counts(self, counts: dict[OrderStatus, int], sales: int, urgent: dict[str, int]) -> None:
        by_name = {name: counts[status] for status, (name, _) in STATUS.items()}
        by_name["Open"] = sum(counts[status] for status in OPEN_STATUSES)
        by_name["Sales"] = sales
        self._say_empty(by_name)
        for name, chip in self._chips.items():
            chip.show_text(f"{name} {self.fmt.count(by_name[name])}", name=name)
            chip.setAccessibleDescription(str(by_name[name]))
            chip.setChecked(name == self._list)
        for name, chip in self._filters.items():
            chip.setChecked(name in self._only)
            if name in urgent:
                count = f" {self.fmt.count(urgent[name])}" if urgent[name] else ""
                chip.show_text(f"{name}{count}", name=f"Only {name.lower()}")
        self._supplier_chip.setChecked(self._supplier is not None)
        whose = "Supplier" if self._supplier is None else f"From {self._supplier[1][:14]}"
        self._supplier_chip.show_text(whose, name=whose)
        self._show_filters_button()
        shown = self._chips[self._list].words
        self._lists_button.show_text(shown, name=f"Which orders: {shown}")
        self._fold()
        waiting = by_name["Pending"]
        said = [f"{waiting} waiting for you"] if waiting else []
        said += [f"{urgent[name]} {name.lower()}" for name in URGENT if urgent[name]]
        self.show_subtitle(" · ".join(said) or "Nothing is waiting")

    def _say_empty(self, counts: dict[str, int]) -> None:
        """Say where else what is searched for is found; Enter goes there."""
        text = self.search.text().strip()
        shown = (
            {"Open", *(STATUS[status][0] for status in OPEN_STATUSES)} if self._list == "Open" else {self._list, "Open"}
        )
        self._elsewhere = [name for name, count in counts.items() if count and name not in shown] if text else []
        said = f"Nothing here matches “{text}”." if text else "No orders here."
        if self._elsewhere:
            found = ", ".join(f"{self.fmt.count(counts[name])} under {name}" for name in self._elsewhere)
            said += f" There is {found}: Enter shows {self._elsewhere[0]}."
        self._empty.say(said)

    def _go_elsewhere(self) -> None:
        """Enter in the search: where nothing is found here, go where something is."""
        if not self._rows and self._elsewhere:
            self.choose_list(self._elsewhere[0])

    # One order

    def _row_chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        row = self.orders.row(now.row()) if now.isValid() else None
        if row is not None:
            self.start(self._show_order(row.id), "order")

    def _current_id(self) -> int | None:
        index = self.table.currentIndex()
        row = self.orders.row(index.row()) if index.isValid() else None
        return None if row is None else row.id

    def chosen_ids(self) -> list[int]:
        """The orders chosen, from the top."""
        if self.shows_board:
            return [] if self.board.current_id is None else [self.board.current_id]
        rows = [self.orders.row(index.row()) for index in self.table.selectionModel().selectedRows()]
        return [row.id for row in rows if row is not None]

    def _say_chosen(self) -> None:
        if not self._show_chosen() and self.detail.shown is None and (current := self._current_id()) is not None:
            self.start(self._show_order(current), "order")

    def _show_chosen(self) -> bool:
        """Show that several are chosen, where they are."""
        rows = [row for row in self._rows if row.id in set(self.chosen_ids())]
        if len(rows) > 1:
            self.detail.show_many(len(rows), self.fmt.money(sum(row.total for row in rows)))
        return len(rows) > 1

    def shown_order(self) -> OrderView:
        """The order beside the list. Raises Refused("order.none")."""
        if self.detail.shown is None or self.detail.shown.order.kind is not ORDERS or self.detail.stand is None:
            raise Refused("order.none")
        return self.detail.shown.order

    def shown_id(self) -> int:
        """Its number. Raises as `shown_order` does."""
        return self.shown_order().id

    async def _show_order(self, order_id: int) -> None:
        detail = await get_order(self.app, order_id)
        followed = detail.order.kind is ORDERS
        stand = await get_stand(self.app, order_id) if followed else None
        if not self._show_chosen():
            self.detail.show_order(detail, stand)

    def move_on(self) -> None:
        """Take the order the usual step on, or all those chosen, each its own."""
        chosen = self.chosen_ids()
        if len(chosen) > 1:
            self.start(self._move_all([row for row in self._rows if row.id in set(chosen)], None), "move")
            return
        row = next((row for row in self._rows if row.id in chosen), None)
        stands = row.status if row is not None else self.detail.shown.order.status if self.detail.shown else None
        if stands is not None and (step := usual_step(stands)) is not None:
            self.move_to(step)

    def move_to(self, to: OrderStatus) -> None:
        """Move the order shown, or all those chosen."""
        chosen = self.chosen_ids()
        if len(chosen) > 1:
            rows = [row for row in self._rows if row.id in set(chosen)]
            if to is OrderStatus.CANCELLED:
                self.ask(self._cancel_all(rows))
            else:
                self.start(self._move_all(rows, to), "move")
        elif self.detail.shown is not None:
            self.start(self._move(self.detail.shown, to), "move")

    async def _move(self, shown: OrderDetail, to: OrderStatus) -> None:
        if (chosen := self.chosen_ids()) and shown.order.id not in chosen:
            # Chosen a moment ago, and not read yet: the key is meant for it.
            shown = await get_order(self.app, chosen[0])
        order = shown.order
        try:
            moved = await move_order(self.app, self.context.operator, order.id, order.version, to)
        except Conflict as conflict:
            self.detail.show_order(conflict.current, await get_stand(self.app, order.id))
            self.tell(conflict)
        else:
            stand = await get_stand(self.app, order.id)
            self.detail.show_order(moved, stand)
            left = f" Its deposit of {self.fmt.money(stand.deposit)} is left." if stand and stand.deposit else ""
            self.message.say(f"Order {order.number} is {STATUS[to][0].lower()} now.{left}", "ok")
            if to is OrderStatus.CANCELLED and left:
                self.ask(self.acts.deposit())
        self._step = await newest_step(self.app)
        self._read_list()

    async def _cancel_all(self, rows: list[OrderRow]) -> None:
        """Ask once before many are cancelled: none of them stands again by itself."""
        deposits = sum(row.follow.deposit for row in rows if row.follow is not None)
        held = "Copies held go to who waits next. "
        paid = f"Deposits of {self.fmt.money(deposits)} are then to be given back: F10, D of each." if deposits else ""
        if await sure(self, f"Cancel {len(rows)} orders", held + paid, f"Cancel {len(rows)} orders", key="C"):
            self.start(self._move_all(rows, OrderStatus.CANCELLED), "move")

    async def _move_all(self, rows: list[OrderRow], to: OrderStatus | None) -> None:
        """Move many, each by itself and, without `to`, its usual step on; those that may not are told, and stay."""
        told, done, self._stopped = list[str](), 0, False
        for row in rows:
            if self._stopped:
                break
            try:
                step = usual_step(row.status) if to is None else to
                if step is None:
                    raise Refused("order.ended", order_id=row.id, status=row.status.value)
                await move_order(self.app, self.context.operator, row.id, row.version, step)
                done += 1
            except PosError as error:
                told.append(f"Order {row.number}: {sentence(error)}")
            self.message.say(f"{done} of {len(rows)} orders are moved. Esc stops.", aloud=False)
        stopped = " Stopped; the rest stay as they were." if self._stopped else ""
        moved = f"{done} of {len(rows)} orders are {'a step on' if to is None else STATUS[to][0].lower()} now.{stopped}"
        self.message.say(
            " ".join((moved, *told[:2], *(["…"] if told[2:] else []))), "warn" if told or stopped else "ok"
        )
        self._step = await newest_step(self.app)
        await self._show_list(0)

    def explain(self) -> None:
        """=: show how the amounts of the order shown came about."""
        if self.detail.shown is not None:
            self.ask(self._explain(self.detail.shown.order))

    async def _explain(self, order: OrderView) -> None:
        await dialogs.show(ExplainDialog(explain_document(order, self.fmt), self))

    def show_receipt(self) -> None:
        """Ctrl+R: the receipt of what is shown, once it is paid."""
        shown = self.detail.shown
        if shown is not None and shown.order.paid_at is not None:
            self.ask(self._show_receipt(shown.order.number))

    def ask(self, question: Coroutine[Any, Any, None]) -> None:
        """Start what shows something over the page; a second one at a time is dropped."""
        if self._asking is not None and not self._asking.done():
            question.close()
            return
        self._asking = self.tasks.start(question)

    async def _show_receipt(self, number: str) -> None:
        await show_receipt(await read_receipt(self.app, number), self.fmt, self)
