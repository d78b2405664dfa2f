"""Orders: what customers wait for, and what was sold."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_app.domain.document import OrderView
from pos_app.domain.order_status import OrderKind, OrderStatus, allowed_moves
from pos_app.errors import Conflict
from pos_app.services.order import move_order
from pos_app.services.order_view import (
    OPEN_STATUSES,
    OrderDetail,
    OrderFilter,
    OrderRow,
    count_by_status,
    get_order,
    page_orders,
)
from pos_app.services.receipt import read_receipt
from ui import dialogs
from ui.actions import plain, shortcut
from ui.checkout.explain import explain_document
from ui.checkout.explain_dialog import ExplainDialog
from ui.checkout.receipt_dialog import show_receipt
from ui.context import Context
from ui.models.paged import PAGE
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
from ui.widgets.basic import EmptyState, label, panel
from ui.widgets.fields import IconField
from ui.widgets.key_button import KeyButton
from ui.widgets.table import ListTable

TYPING_PAUSE_S = 0.03
NARROW_WINDOW, TIGHT_WINDOW = 1200, 780
REFRESH_MS = 5_000
CHIPS_IN_FIRST_ROW = 4
ORDERS = OrderKind.CUSTOMER_ORDER
LISTS: dict[str, OrderFilter] = {
    "Open": OrderFilter(ORDERS, OPEN_STATUSES),
    **{name: OrderFilter(ORDERS, (status,)) for status, (name, _) in STATUS.items()},
    "Sales": OrderFilter(OrderKind.SALE),
}


class OrdersPage(Page):
    """Orders by status, one of them beside the list."""

    title = "Orders"
    watches = frozenset({"orders"})

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self._list = "Open"
        self._next: int | None = None
        self._asking: asyncio.Task[Any] | None = None
        self._rows: list[OrderRow] = []
        self.search = IconField("search", "Search orders", "Order, customer, ISBN", icon="search", key="F2")
        self.search.leave("Ctrl+Right")
        self.search.setMaximumWidth(300)
        self.search.textChanged.connect(lambda _: self._read_list(pause=TYPING_PAUSE_S))
        self.orders = OrdersModel(self.fmt, self.app.clock, self.tasks.start)
        self.table = ListTable("Orders", self.orders, OrdersDelegate(), WIDTHS, ROW_HEIGHT)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.detail = Detail(self.fmt)
        self.detail.move_to.connect(self.move_to)
        self.detail.explain.connect(self.explain)
        self.detail.show_receipt.connect(self.show_receipt)
        self._lay_out()
        self._refresh = QTimer(self)
        self._refresh.timeout.connect(self._look_again)
        for keys, act in {
            "F2": self.focus_home,
            "Ctrl+Right": self.move_on,
            "Esc": self.escape,
            "Ctrl+R": self.show_receipt,
        }.items():
            shortcut(self, keys, act)
        for widget in (self.search, self.table):
            widget.installEventFilter(self)

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
        left.setContentsMargins(20, 16, 20, 12)
        left.setSpacing(12)
        self._chip_rows = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._chip_rows.setSpacing(8)
        rows = (QHBoxLayout(), QHBoxLayout())
        self._chips: dict[str, KeyButton] = {}
        for place, name in enumerate(LISTS):
            chip = KeyButton(name, role="chip", name=name)
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, name=name: self.choose_list(name))
            self._chips[name] = chip
            rows[place >= CHIPS_IN_FIRST_ROW].addWidget(chip)
        for row in rows:
            row.setSpacing(8)
            self._chip_rows.addLayout(row)
        rows[1].addStretch(1)
        left.addLayout(self._chip_rows)
        left.addWidget(self.search)
        paper = panel()
        self._paper = QStackedLayout(paper)
        self._paper.setContentsMargins(1, 1, 1, 1)
        self._empty = EmptyState("No orders here.", "Show open orders", lambda: self.choose_list("Open"), "Alt+O")
        self._paper.addWidget(self._empty)
        self._paper.addWidget(self.table)
        left.addWidget(paper, 1)
        left.addWidget(self.message)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(self.detail)

    def foot_widgets(self) -> list[QWidget]:
        """How fresh the list is."""
        return [label("Changes at other tills appear by themselves", "small")]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the list keeps its words."""
        narrow = self.width() < px(NARROW_WINDOW)
        self.detail.setFixedWidth(330 if narrow else 400)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._chip_rows.setDirection(down if narrow else across)
        self.table.setColumnHidden(Column.ITEMS, narrow)
        for column, width in (NARROW_WIDTHS if narrow else WIDTHS).items():
            self.table.setColumnWidth(column, px(width))
        self.table.setColumnHidden(Column.PLACED, self.width() < px(TIGHT_WINDOW))
        super().resizeEvent(event)

    def activated(self) -> None:
        """Read what may have changed, and go on looking."""
        self.search.setFocus()
        self._read_list()
        self._refresh.start(REFRESH_MS)

    def changed_elsewhere(self) -> None:
        """Look at once."""
        self._look_again()

    def focus_home(self) -> None:
        """Back to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def escape(self) -> None:
        """Esc empties the search."""
        self.search.clear()
        self.focus_home()

    def choose_list(self, name: str) -> None:
        """Show the orders of a status, the open ones, or the sales."""
        self._list = name
        self.message.say("")
        self._read_list()

    async def close_page(self) -> None:
        """Stop looking for changes."""
        self._refresh.stop()
        await super().close_page()

    # Reading

    def _wanted(self) -> OrderFilter:
        chosen = LISTS[self._list]
        return OrderFilter(chosen.kind, chosen.statuses, self.search.text())

    def _read_list(self, pause: float = 0) -> None:
        self.start(self._show_list(pause), "list")

    def _look_again(self) -> None:
        if not self.isVisible():
            self._refresh.stop()
        elif self.tasks.idle and len(self._rows) <= PAGE and not self.table.verticalScrollBar().value():
            self._read_list()

    async def _show_list(self, pause: float) -> None:
        await asyncio.sleep(pause)
        wanted = self._wanted()
        page = await page_orders(self.app, wanted, limit=PAGE)
        counts = await count_by_status(self.app, OrderFilter(ORDERS, (), wanted.text))
        sales = await count_by_status(self.app, OrderFilter(OrderKind.SALE, (), wanted.text))
        self._show_counts(counts, sum(sales.values()))
        if list(page.rows) != self._rows:
            self._show_rows(list(page.rows))
        self._next = page.before
        shown = self.detail.shown
        if not page.rows:
            self.detail.show_nothing()
        elif shown is None or shown.order.id not in {row.id for row in page.rows}:
            self.table.setCurrentIndex(self.orders.index(0, 0))
        else:
            row = next(row for row in page.rows if row.id == shown.order.id)
            if row.version != shown.order.version:
                await self._show_order(row.id)

    def _show_rows(self, rows: list[OrderRow]) -> None:
        chosen = self.detail.shown.order.id if self.detail.shown is not None else None
        self._rows = rows
        self.orders.show(len(rows), rows[:PAGE], self._fetch)
        self._paper.setCurrentWidget(self.table if rows else self._empty)
        place = next((place for place, row in enumerate(rows) if row.id == chosen), None)
        if place is not None:
            self.table.setCurrentIndex(self.orders.index(place, 0))

    async def _fetch(self, first: int, count: int) -> list[OrderRow]:
        return self._rows[first : first + count]

    def _scrolled(self, value: int) -> None:
        """Near the end of what is read, read on."""
        bar = self.table.verticalScrollBar()
        if self._next is not None and value >= bar.maximum() - bar.pageStep():
            before, self._next = self._next, None
            self.start(self._read_more(before), "more")

    async def _read_more(self, before: int) -> None:
        page = await page_orders(self.app, self._wanted(), before=before, limit=PAGE)
        self._rows += page.rows
        self.orders.grow(len(self._rows))
        self._next = page.before

    def _show_counts(self, counts: dict[OrderStatus, int], sales: int) -> None:
        by_name = {name: counts[status] for status, (name, _) in STATUS.items()}
        by_name["Open"] = sum(counts[status] for status in OPEN_STATUSES)
        by_name["Sales"] = sales
        for name, chip in self._chips.items():
            chip.show_text(f"{name} {self.fmt.count(by_name[name])}", name=name)
            chip.setAccessibleDescription(str(by_name[name]))
            chip.setChecked(name == self._list)
        waiting = by_name["Pending"]
        self.show_subtitle(f"{waiting} waiting for you" if waiting else "Nothing is waiting")

    # One order

    def _row_chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        row = self.orders.row(now.row()) if now.isValid() else None
        if row is not None:
            self.start(self._show_order(row.id), "order")

    async def _show_order(self, order_id: int) -> None:
        self.detail.show_order(await get_order(self.app, order_id))

    def move_on(self) -> None:
        """Take the order the usual step on."""
        shown = self.detail.shown
        forward = (
            [] if shown is None else [to for to in allowed_moves(shown.order.status) if to != OrderStatus.CANCELLED]
        )
        if forward:
            self.move_to(forward[0])

    def move_to(self, to: OrderStatus) -> None:
        """Move the order shown."""
        if self.detail.shown is not None:
            self.start(self._move(self.detail.shown, to), "move")

    async def _move(self, shown: OrderDetail, to: OrderStatus) -> None:
        order = shown.order
        try:
            moved = await move_order(self.app, self.context.operator, order.id, order.version, to)
        except Conflict as conflict:
            self.detail.show_order(conflict.current)
            self.tell(conflict)
        else:
            self.detail.show_order(moved)
            self.message.say(f"Order {order.number} is {STATUS[to][0].lower()} now.", "ok")
        self._read_list()

    def explain(self) -> None:
        """=: show how the amounts of the order shown came about."""
        if self.detail.shown is not None:
            self._ask(self._explain(self.detail.shown.order))

    async def _explain(self, order: OrderView) -> None:
        await dialogs.show(ExplainDialog(explain_document(order, self.fmt), self))

    def show_receipt(self) -> None:
        """Ctrl+R: the receipt of what is shown, once it is paid."""
        shown = self.detail.shown
        if shown is not None and shown.order.paid_at is not None:
            self._ask(self._show_receipt(shown.order.number))

    def _ask(self, question: Coroutine[Any, Any, None]) -> None:
        """Start what shows something over the page; a second one at a time is dropped."""
        if self._asking is not None and not self._asking.done():
            question.close()
            return
        self._asking = self.tasks.start(question)

    async def _show_receipt(self, number: str) -> None:
        await show_receipt(await read_receipt(self.app, number), self.fmt, self)
