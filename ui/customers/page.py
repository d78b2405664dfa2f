"""Customers: found by any part of anything, one of them beside the list."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_app.errors import Conflict, PosError, Refused
from pos_app.services.account_ledger import page_account
from pos_app.services.customer import CustomerRow, customer_card, set_credit_limit
from pos_app.services.customer_edit import edit_customer, get_customer, list_consents
from pos_app.services.customer_list import (
    COUNTED,
    Key,
    count_customers,
    outstanding,
    page_customers,
    page_documents,
    page_loyalty,
)
from pos_app.services.receipt import read_receipt
from ui.actions import shortcut
from ui.checkout.receipt_dialog import show_receipt
from ui.context import Context
from ui.customers.acts import CustomerActs
from ui.customers.detail import PARTS, Detail, Shown
from ui.customers.table import ROW_HEIGHT, WIDTHS, Column, CustomersRowDelegate, CustomersTable
from ui.models.growing import GrowingList
from ui.models.paged import PAGE
from ui.page import Page
from ui.style.theme import px
from ui.widgets.arrows import ArrowsToList
from ui.widgets.basic import EmptyState, ThinProgress, label, panel
from ui.widgets.fields import IconField
from ui.widgets.flow import FlowLayout
from ui.widgets.key_button import KeyButton
from ui.widgets.table import ListTable

TYPING_PAUSE_S = 0.03
NARROW_WINDOW, TIGHT_WINDOW, TINY_WINDOW = 1200, 900, 650
STEPS_KEPT = 50
UNSAVED = "Save the customer (Ctrl+S) or revert them (Esc) first."
NOBODY, NONE_FOUND = "No customers yet.", "Nobody has all of that: in a name, number, card, address or note."
# What was changed of whom, and what it was before.
Step = tuple[int, str, Any]


class CustomersPage(Page):
    """The list, the one who is chosen, and what can be done with them."""

    title = "Customers"
    watches = frozenset({"customers"})

    def __init__(self, context: Context) -> None:
        """Lay out; nothing is read before the page is shown."""
        super().__init__(context)
        self.steps: list[Step] = []
        self._wanted_id: int | None = None
        self._asking: asyncio.Task[Any] | None = None
        self.acts = CustomerActs(self)
        self.search = IconField("search", "Search customers", "Any part of anything", icon="search", key="F2")
        self.search.leave("Ctrl+N", "Ctrl+R", "Ctrl+S")
        self.search.textChanged.connect(lambda _: self.read_list(pause=TYPING_PAUSE_S))
        self.customers = CustomersTable(self.fmt, self.tasks.start)
        self.table = ListTable("Customers", self.customers, CustomersRowDelegate(), WIDTHS, px(ROW_HEIGHT))
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        ArrowsToList(self.search, lambda: self.table)
        self._read = GrowingList(self.table, self.customers, self._read_on, self.start)
        self.detail = Detail(self.fmt)
        self.detail.save.connect(self.save)
        self.detail.settled.connect(self.save)
        self.detail.revert.connect(self.escape)
        self.detail.find_bought.connect(lambda text: self.start(self._find_bought(text), "bought"))
        self.detail.show_receipt.connect(lambda number: self._ask(self._show_receipt(number)))
        self._lay_out()
        for keys, act in self._keys().items():
            shortcut(self, keys, act)
        for place, name in enumerate(PARTS, 1):
            shortcut(self, f"Alt+{place}", partial(self.choose_part, name))

    def _keys(self) -> dict[str, Callable[[], object]]:
        asked = {
            "Ctrl+N": self.acts.new,
            "F6": self.acts.receive,
            "F7": self.acts.statement,
            "F8": self.acts.limit,
            "F9": self.acts.consent,
            "F10": self.acts.more,
        }
        keys: dict[str, Callable[[], object]] = {
            "F2": self.focus_home,
            "Esc": self.escape,
            "Ctrl+S": self.save,
            "Ctrl+Z": self.undo,
            "Ctrl+R": self.detail.open_chosen,
        }
        return keys | {key: partial(self._begin, act) for key, act in asked.items()}

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(20, 16, 20, 12)
        left.setSpacing(12)
        left.addWidget(self.search)
        buttons = FlowLayout(spacing=8)
        for text, key, act in (
            ("New customer", "Ctrl N", self.acts.new),
            ("Take payment", "F6", self.acts.receive),
            ("Statement", "F7", self.acts.statement),
            ("Credit limit", "F8", self.acts.limit),
            ("Consent", "F9", self.acts.consent),
            ("More", "F10", self.acts.more),
        ):
            button = KeyButton(text, key)
            button.clicked.connect(lambda _=False, act=act: self._begin(act))
            buttons.addWidget(button)
        left.addLayout(buttons)
        self._progress = ThinProgress()
        left.addWidget(self._progress)
        paper = panel()
        self._paper = QStackedLayout(paper)
        self._paper.setContentsMargins(1, 1, 1, 1)
        self._empty = EmptyState(NOBODY, "Add somebody", lambda: self._begin(self.acts.new), "Alt+A")
        self._failed = EmptyState("The customers could not be read.", "Read again", self._read_again, "Alt+A")
        # The first, blank: what is not read yet is not empty.
        for widget in (QWidget(), self._empty, self.table, self._failed):
            self._paper.addWidget(widget)
        left.addWidget(paper, 1)
        left.addWidget(self.message)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(self.detail)

    def foot_widgets(self) -> list[QWidget]:
        """What the search looks at."""
        return [label("Found by any part of name, phone, email, card, address and notes", "small")]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the list keeps its words."""
        narrow = self.width() < px(NARROW_WINDOW)
        self.detail.setFixedWidth(min(px(380) if narrow else px(430), self.width() // 2))
        self._show_columns()
        super().resizeEvent(event)

    def _show_columns(self) -> None:
        """Those that have something to say, where there is room; what they leave is the names' and contacts'."""
        rows, wide = self._read.rows, self.width()
        said = {
            Column.ACCOUNT: any(row.credit_limit or row.balance for row in rows) and wide >= px(TINY_WINDOW),
            Column.LOYALTY: any(row.loyalty is not None for row in rows) and wide >= px(NARROW_WINDOW),
            Column.WAITING: any(row.waiting for row in rows) and wide >= px(TIGHT_WINDOW),
        }
        for column, shown in said.items():
            self.table.setColumnHidden(column, not shown)

    def activated(self) -> None:
        """Read what may have changed."""
        self.search.setFocus()
        self.read_list()

    def focus_home(self) -> None:
        """Back to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def escape(self) -> None:
        """Esc drops what is typed of the customer, else empties the search."""
        self.message.say("")
        if self.detail.dirty or self.detail.asked:
            self.detail.drop()
            return
        self.search.clear()
        self.focus_home()

    def choose_part(self, name: str) -> None:
        """Alt and a number: a part of the customer."""
        self.detail.choose_part(name)
        self.detail.focus_part()

    # Reading

    def changed_elsewhere(self) -> None:
        """Read the list anew where nothing is lost by it: not under somebody who writes, or reads further down."""
        focus = QApplication.focusWidget()
        writing = self.detail.dirty or (focus is not None and self.detail.isAncestorOf(focus))
        if (
            self.tasks.idle
            and not writing
            and len(self._read.rows) <= PAGE
            and not self.table.verticalScrollBar().value()
        ):
            self.read_list()

    def read_list(self, pause: float = 0) -> None:
        """Read the list anew."""
        self.start(self._show_list(pause), "list")

    def _read_again(self) -> None:
        self.message.say("")
        self.read_list()

    async def _show_list(self, pause: float = 0) -> None:
        await asyncio.sleep(pause)
        self._progress.busy(busy=True)
        try:
            text = self.search.text()
            page = await page_customers(self.app, text, limit=PAGE)
            count = await count_customers(self.app, text)
        except PosError as error:
            self._paper.setCurrentWidget(self._failed)
            self.tell(error)
            return
        finally:
            self._progress.busy(busy=False)
        self._read.show(page.rows, page.after)
        self._show_columns()
        self._empty.say(NONE_FOUND if text.strip() else NOBODY)
        self._paper.setCurrentWidget(self.table if self._read.rows else self._empty)
        more = "+" if text.strip() and count >= COUNTED else ""
        self.show_subtitle(f"{self.fmt.count(count)}{more} {'found' if text.strip() else 'in all'}")
        self._choose_again()

    def _choose_again(self) -> None:
        """Stay with who was shown, where they are in the list; else show the first."""
        shown = self.detail.shown
        wanted = self._wanted_id or (shown.row.id if shown is not None else None)
        place = next((place for place, row in enumerate(self._read.rows) if row.id == wanted), None)
        self._wanted_id = None
        if self.detail.dirty:
            return
        if not self._read.rows:
            self.detail.show_nobody()
        else:
            self.table.setCurrentIndex(self.customers.index(place or 0, 0))

    async def _read_on(self, after: Key) -> tuple[Sequence[CustomerRow], Key | None]:
        page = await page_customers(self.app, self.search.text(), after, limit=PAGE)
        return page.rows, page.after

    def show_one(self, customer_id: int, name: str) -> None:
        """Find a customer and show them."""
        self._wanted_id = customer_id
        if self.search.text() != name:
            self.search.setText(name)
        else:
            self.read_list()

    # The one who is chosen

    @property
    def unsaved(self) -> str:
        """What is typed in the customer's fields."""
        shown = self.detail.shown
        return "" if shown is None or not self.detail.dirty else shown.row.name

    def _row_chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        row = self.customers.row(now.row()) if now.isValid() else None
        if row is None:
            return
        if self.detail.dirty:
            if self.detail.shown is not None and self.detail.shown.row.id != row.id:
                self.message.say(UNSAVED, "warn")
            return
        self.start(self.show_customer(row.id), "customer")

    async def show_customer(self, customer_id: int) -> None:
        """Show a customer as they are stored."""
        app = self.app
        card = await customer_card(app, customer_id)
        shown = Shown(
            card.customer,
            await get_customer(app, customer_id),
            await list_consents(app, customer_id),
            await page_account(app, customer_id),
            await page_loyalty(app, customer_id),
            await page_documents(app, customer_id, self.detail.bought.text()),
            await outstanding(app, customer_id),
        )
        self.detail.show_customer(shown)
        place = next((place for place, row in enumerate(self._read.rows) if row.id == customer_id), None)
        if place is not None:
            self._read.replace(place, card.customer)

    async def _find_bought(self, text: str) -> None:
        if self.detail.shown is not None:
            await asyncio.sleep(TYPING_PAUSE_S)
            self.detail.show_documents(await page_documents(self.app, self.detail.shown.row.id, text))

    async def _show_receipt(self, number: str) -> None:
        await show_receipt(await read_receipt(self.app, number), self.fmt, self)

    # Changing

    def save(self) -> None:
        """Ctrl+S: keep what was typed."""
        if self.detail.asked:
            self.message.say("Say first whose stays: theirs (Alt+R) or mine (Alt+K).", "warn")
        elif self.detail.dirty:
            self.start(self._save(), "save")

    async def _save(self) -> None:
        shown = self.detail.shown
        if shown is None:
            return
        mine = self.detail.edits()
        before = {field: shown.file.value(field) for field in mine}
        try:
            await edit_customer(self.app, self.context.operator, shown.file.id, shown.file.version, mine)
        except Conflict as conflict:
            self.detail.meet(mine, conflict.current)
            self.tell(conflict)
            if not self.detail.asked:
                # Different fields: both stay.
                await self._save()
            return
        except Refused as refused:
            self.tell(refused)
            self.detail.show_wrong(refused.code)
            return
        self.detail.show_wrong("")
        self.steps = [*self.steps, (shown.file.id, "edit", before)][-STEPS_KEPT:]
        self.detail.shown = None
        await self.show_customer(shown.file.id)
        self.message.say("Saved. Undo: Ctrl+Z.", "ok")
        if "name" in mine:
            self._wanted_id = shown.file.id
            self.read_list()

    def undo(self) -> None:
        """Ctrl+Z: take the last change of this page back."""
        if self.detail.dirty:
            self.message.say(UNSAVED, "warn")
        elif not self.steps:
            self.message.say("There is nothing to undo.", "none")
        else:
            self.start(self._undo(self.steps.pop()), "save")

    async def _undo(self, step: Step) -> None:
        customer_id, what, before = step
        if what == "limit":
            await set_credit_limit(self.app, self.context.operator, customer_id, before)
        else:
            now = await get_customer(self.app, customer_id)
            await edit_customer(self.app, self.context.operator, customer_id, now.version, before)
        self.detail.shown = None
        self._wanted_id = customer_id
        await self.show_customer(customer_id)
        self.message.say("Taken back.", "ok")
        self.read_list()

    # Asking

    def _begin(self, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self.detail.dirty:
            self.message.say(UNSAVED, "warn")
        else:
            self._ask(act())

    def _ask(self, question: Coroutine[Any, Any, None]) -> None:
        """Start what shows something over the page; a second one at a time is dropped."""
        if self._asking is not None and not self._asking.done():
            question.close()
            return
        self.message.say("")
        self._asking = self.tasks.start(question)
