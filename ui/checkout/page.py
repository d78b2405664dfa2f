"""Checkout: scan, type, pay. What asks questions stands in flows.py, what takes books back in return_flow.py."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_app.domain.document import OrderView
from pos_app.domain.order_status import OrderKind
from pos_app.domain.payment import PaymentIn, Tender, TenderRule
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.services import cart as basket
from pos_app.services.book_search import BookRow, suggest
from pos_app.services.cart_view import CartLine, CartView
from pos_app.services.customer import customer_card
from pos_app.services.order import PayRequest, find_stored, pay
from pos_app.services.order_number import is_receipt_number
from pos_app.services.order_view import last_sale
from pos_app.services.receipt import keep_receipt
from pos_app.services.tender import list_tenders
from ui.actions import shortcut
from ui.checkout.add_book import AddBookPanel
from ui.checkout.buttons import Buttons
from ui.checkout.customer_card import CustomerCard
from ui.checkout.flows import Flows
from ui.checkout.lines import LinesModel, LinesTable
from ui.checkout.price_check import PriceCheckPanel
from ui.checkout.results import ResultsList, ResultsModel
from ui.checkout.return_flow import ReturnFlow
from ui.checkout.totals import NARROW_WIDTH, WIDTH, Totals
from ui.context import Context
from ui.page import Page
from ui.style.theme import px
from ui.widgets.basic import EmptyState, label, panel
from ui.widgets.fields import IconField
from ui.widgets.key_button import KeyButton

# "3*", or "3*" before what is to be added three times.
MULTIPLIED = re.compile(r"\s*(\d{1,9})\s*\*\s*(.*)", re.DOTALL)
CODE_LIKE = re.compile(r"[\d\s-]{7,}[\dXx]")
AMOUNT_LIKE = re.compile(r"\s*\d*[.,]?\d*\s*")
TYPING_PAUSE_S = 0.03
SHORTEST_SEARCH = 2
NARROW_WINDOW = 1200
PROMPT = "Scan a book, or type title, author or ISBN"

Act = Callable[[], Awaitable[None]]


class CheckoutPage(Page):
    """The counter. Acts on the basket run one after the other, in the order of the keys that asked for them."""

    title = "Checkout"

    def __init__(self, context: Context) -> None:
        """Lay out; the basket is read when the page is shown."""
        super().__init__(context)
        self.cart: CartView | None = None
        self.tenders: list[TenderRule] = []
        self.displays = context.displays
        self.training = False
        self.last: OrderView | None = None
        self._paid_shown = False
        # The uid of a basket whose last answer was lost.
        self._in_doubt: str | None = None
        self._turn = asyncio.Lock()
        self._clicks: dict[str, QElapsedTimer] = {}
        self.entry = IconField("entry", "Scan or search", PROMPT, key="F2")
        self.entry.leave("Ctrl+Z", "Ctrl+A", "Ctrl+K")
        self.entry.installEventFilter(self)
        self.entry.textEdited.connect(self._typed)
        self.lines = LinesModel(self.fmt)
        self.table = LinesTable(self.lines)
        self.table.delegate.step.connect(self._step_row)
        self.totals = Totals(self.fmt)
        self.totals.pay.connect(self._pay_clicked)
        self.returns = ReturnFlow(self)
        self.flows = Flows(self)
        self.buttons = Buttons(self)
        self.customer_card = CustomerCard(self.fmt)
        self.customer_card.clicked.connect(self.flows.customer)
        self.totals.above.addWidget(self.customer_card)
        self._customer_shown: int | None = None
        self.price_check = PriceCheckPanel(context, self.tasks)
        self.price_check.add.connect(lambda book_id: self.act(lambda: self.add_book(book_id)))
        self.price_check.left.connect(self.focus_home)
        self.adding = AddBookPanel(context, self.tasks)
        self.adding.added.connect(lambda book_id, copies: self.act(lambda: self.add_book(book_id, copies)))
        self.adding.left.connect(self.focus_home)
        self.totals.gift_card.connect(self.flows.gift_card)
        self.totals.all_in_cash.connect(lambda: self.act(lambda: self._refund(all_in_cash=True)))
        self._lay_out()
        self.results = ResultsList(self, ResultsModel(self.fmt))
        self.results.clicked.connect(lambda _: self._add_chosen())
        self._make_foot()
        for keys, act in {
            "F2": self.focus_home,
            "Esc": self.escape,
            "F3": self.check_price,
            "F4": self.flows.customer,
            "F5": self.flows.gift_card,
            "F6": lambda: self.returns.next_restock() if self.returns.active else self.flows.park(),
            "F7": lambda: self.returns.next_reason() if self.returns.active else self.flows.recall(),
            "F8": lambda: self.returns.without_receipt() if self.returns.active else self.flows.discount(),
            "F9": self.returns.key,
            "F10": self.flows.more,
            "Shift+F10": self.flows.x_report,
            "Ctrl+F10": self.flows.close_shift,
            "F11": lambda: self.take(Tender.CARD),
            "F12": lambda: self.take(Tender.CASH),
            "Ctrl+F12": self.totals.all_in_cash.emit,
            "Ctrl+K": self.flows.quick_keys,
            "Ctrl+A": self.returns.all,
            "Ctrl+Z": self.undo,
            "Ctrl+R": self.flows.show_receipt,
            "Ctrl+P": self.flows.reprint,
        }.items():
            shortcut(self, keys, act)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(20, 16, 20, 16)
        left.setSpacing(8)
        left.addWidget(self.entry)
        left.addWidget(self.message)
        self.message.say("Ready for the first scan.")
        left.addWidget(self.price_check)
        left.addWidget(self.adding)
        paper = panel()
        self._paper = QStackedLayout(paper)
        self._paper.setContentsMargins(1, 1, 1, 1)
        self._empty = EmptyState("Scan the first book to start a sale.")
        for widget in (self._empty, self.table, self.returns.table):
            self._paper.addWidget(widget)
        left.addWidget(paper, 1)
        left.addWidget(self.buttons)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(self.totals)

    def _make_foot(self) -> None:
        self._last_label = label("", "small")
        self._foot: dict[str, KeyButton] = {}
        for name, key, shown, act in (
            ("Undo", "Ctrl Z", "Undo", self.undo),
            ("Receipt", "Ctrl R", "Show receipt", self.flows.show_receipt),
            ("Reprint", "Ctrl P", "Reprint", self.flows.reprint),
        ):
            button = KeyButton(name, key, role="quiet", name=shown)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(act)
            self._foot[name] = button

    def foot_widgets(self) -> list[QWidget]:
        """Undo, and the last sale."""
        return [self._foot["Undo"], self._last_label, self._foot["Receipt"], self._foot["Reprint"]]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the lines their room on a small screen, and keep the results under the field."""
        self.totals.setFixedWidth(NARROW_WIDTH if self.width() < NARROW_WINDOW else WIDTH)
        self.table.set_narrow(narrow=self.width() < px(NARROW_WINDOW))
        super().resizeEvent(event)
        self._place_results()

    def _place_results(self) -> None:
        below = self.entry.geometry()
        self.results.setGeometry(QRect(below.left(), below.bottom() + 4, below.width(), self.results.height()))

    def activated(self) -> None:
        """Show the basket as it stands in the database."""
        self.focus_home()
        self.act(self.refresh)

    def focus_home(self) -> None:
        """Back to the scan field; what was found is put away."""
        self.results.hide()
        self.entry.setFocus()
        self.entry.selectAll()

    def escape(self) -> None:
        """Leave what was begun: a search, a price check, a book to add, a return; else back to the scan field."""
        if self.price_check.isVisible():
            self.price_check.leave()
        elif self.adding.isVisible():
            self.adding.leave()
        elif self.returns.active and not self.results.isVisible() and not self.entry.text():
            self.returns.leave()
        self.focus_home()

    async def scanned(self, code: str) -> None:
        """Take a scan: a price to show, a receipt to return from, a book that comes back, or one to sell."""
        if self.price_check.isVisible() and self.price_check.tag is None:
            await self.in_turn(lambda: self.price_check.show_code(code))
            return
        if self.price_check.isVisible():
            self.price_check.leave()
        if is_receipt_number(code):
            await self.in_turn(lambda: self.returns.start(code))
            return
        if self.returns.active:
            await self.in_turn(lambda: self.returns.scanned(code))
            return
        match = MULTIPLIED.fullmatch(self.entry.text())
        times = int(match[1]) if match and not match[2] else 1
        if match and not match[2]:
            self.entry.clear()
        await self.in_turn(lambda: self.add(code, times))

    # Acts, one after the other

    def act(self, act: Act) -> None:
        """Start an act, carried out after those asked for before it."""
        self.start(self.in_turn(act))

    async def in_turn(self, act: Act) -> None:
        """Carry an act out after those asked for before it; a refusal is told beside the work."""
        async with self._turn:
            try:
                await act()
            except PosError as error:
                self.tell(error)
                if isinstance(error, Unavailable) and self.cart is not None:
                    self._in_doubt = self.cart.uid
                if isinstance(error, Refused) and error.code in {"cart.gone", "sale.changed"}:
                    await self.refresh(keep_message=True)

    @property
    def operator(self) -> Any:
        """Who is at the till."""
        return self.context.operator

    async def refresh(self, *, keep_message: bool = False) -> None:
        """Read and show the basket."""
        if not self.tenders:
            self.tenders = await list_tenders(self.app)
        self.show_cart(await basket.open_cart(self.app, self.operator, training=self.training))
        if self.last is None:
            self.show_last(await last_sale(self.app, self.operator.till_id, training=self.training))
        if not keep_message and self.cart is not None and self.cart.lines:
            self.message.say("This basket was waiting here.", "none")

    async def open(self) -> CartView:
        """The basket shown, or a new one; where an answer was lost, as it really stands."""
        await self._settle_doubt()
        if self.cart is None:
            self.show_cart(await basket.open_cart(self.app, self.operator, training=self.training))
        assert self.cart is not None  # noqa: S101 - just shown
        return self.cart

    async def _settle_doubt(self) -> bool:
        """After a lost answer, ask what became of the basket before anything else is done to it.

        Gives whether it was paid: then nothing of what was asked for is to be done again.
        """
        if self._in_doubt is None:
            return False
        stored = await find_stored(self.app, self._in_doubt)
        fresh = None if stored else await basket.open_cart(self.app, self.operator, training=self.training)
        self._in_doubt = None
        if stored is not None:
            self._finish(stored)
            return True
        assert fresh is not None  # noqa: S101 - one of the two
        self.show_cart(fresh)
        return False

    async def add(self, code: str, times: int) -> None:
        """Add what was scanned or typed."""
        cart = await self.open()
        try:
            shown = await basket.add_scan(self.app, self.operator, cart.id, code, times)
        except Refused as refused:
            if not await self.flows.takes(refused, code, times):
                raise
            return
        self.show_step(shown)
        await self.flows.remind(shown)

    async def add_book(self, book_id: int, times: int = 1, price: int | None = None) -> None:
        """Add a book that was chosen."""
        cart = await self.open()
        self.show_step(await basket.add_book(self.app, self.operator, cart.id, book_id, times, price=price))

    async def _change_quantity(self, key: str, change: int) -> None:
        cart = await self.open()
        line = next((line for line in cart.lines if line.key == key), None)
        if line is None:
            raise Refused("cart.no_line")
        wanted = max(abs(line.quantity) + change, 0)
        self.show_step(await basket.set_quantity(self.app, self.operator, cart.id, key, wanted))

    async def _undo(self) -> None:
        cart = await self.open()
        self.show_step(await basket.undo(self.app, self.operator, cart.id))
        await self.returns.refresh()

    async def clear(self) -> None:
        """Take everything out; Undo brings it back."""
        cart = await self.open()
        self.show_step(await basket.clear(self.app, self.operator, cart.id))

    async def _take(self, payment: PaymentIn | None, tender: Tender, uid: str) -> None:
        """Take an amount, or all that is due; when nothing is due any more the sale is completed there and then."""
        if await self._settle_doubt():
            return
        if self.cart is None and self._paid_shown and not self.returns.active:
            return  # the same key once more: it is paid
        cart = await self.open()
        if not cart.lines:
            raise Refused("return.tick" if self.returns.active else "cart.empty")
        if cart.due < 0:
            await self._refund()
            return
        due = cart.cash_due if tender is Tender.CASH else cart.due
        if tender is Tender.CARD and await self.flows.charges(cart, payment.amount if payment else due, uid):
            return
        await self.pay(payment or PaymentIn(uid, tender, due, name=tender.value.capitalize()))

    async def pay(self, payment: PaymentIn, *, receipt: bool = True) -> CartView | None:
        """Take one payment; gives the basket while something is due, and None once the sale is finished."""
        cart = await self.open()
        due = cart.cash_due if payment.tender == Tender.CASH else cart.due
        if payment.amount < due:
            self.show_cart(await basket.add_payment(self.app, self.operator, cart.id, payment))
            self.message.say(f"{payment.name or payment.tender} {self.fmt.money(payment.amount)} taken.", "ok")
            return self.cart
        request = PayRequest.of(cart, payment) if payment.amount else PayRequest.of(cart)
        if not payment.amount and cart.due:
            request = PayRequest.closing(cart)
        self._finish(await pay(self.app, self.operator, request), receipt=receipt)
        return None

    async def _refund(self, *, all_in_cash: bool = False) -> None:
        cart = await self.open()
        if cart.due >= 0:
            raise Refused("return.tick")
        sale = await self.flows.refund(cart, all_in_cash=all_in_cash)
        self._finish(sale)
        await self.flows.refund_cards(sale)

    def _finish(self, sale: OrderView, *, receipt: bool = True) -> None:
        """A document is stored: show it, print it, and start over."""
        self.show_sale(sale)
        if receipt:
            self.start(keep_receipt(self.app, sale))
        self.cart = None
        self.lines.show_none()
        self._show_empty("Scan the next book to start a new sale.")
        self.show_subtitle("")

    # What is shown

    def show_step(self, cart: CartView) -> None:
        """Show a basket after a step, and say what the step did."""
        self.show_cart(cart)
        line = next((line for line in cart.lines if line.key == cart.touched), None)
        if cart.message:
            self.message.say(self._undone(cart), "none")
        elif line is not None:
            self.message.say(self._said(line), "ok" if line.cover_price in (None, line.list_price) else "warn")
        elif not cart.lines:
            self.message.say("The basket is empty. Ctrl+Z brings the lines back.", "none")
        elif cart.touched is not None:
            self.message.say("Line removed. Ctrl+Z brings it back.", "none")

    def _said(self, line: CartLine) -> str:
        text = f"{line.title} · {line.quantity} × {self.fmt.amount(line.price)}"
        if line.cover_price is not None and line.cover_price != line.list_price:
            text += f". The cover says {self.fmt.money(line.cover_price)}: check the price."
        return text

    def _undone(self, cart: CartView) -> str:
        if cart.message == "undone.payment":
            text = f"{cart.params['name']} {self.fmt.money(cart.params['amount'])} taken back."
            return text + (" Cancel it on the card terminal too." if cart.params["tender"] == Tender.CARD else "")
        return "Undone."

    def show_cart(self, cart: CartView) -> None:
        """Show a basket."""
        self.cart = cart
        self.displays.show_cart(cart)
        self.training = cart.training
        if cart.customer_id != self._customer_shown:
            self._customer_shown = cart.customer_id
            self.start(self._show_customer(cart.customer_id), key="customer")
        self.show_mode()
        if self._paid_shown and not cart.lines and not self.returns.active:
            self.buttons.show_cart(cart)
            return
        self._paid_shown = False
        self.lines.show(cart)
        if self.returns.shows_sale:
            self.returns.show_cart(cart)
            self._paper.setCurrentWidget(self.returns.table)
        elif cart.lines:
            self._paper.setCurrentWidget(self.table)
            row = next((row for row, line in enumerate(cart.lines) if line.key == cart.touched), None)
            self._choose_row(len(cart.lines) - 1 if row is None else row)
            self.totals.show_cart(cart)
        else:
            self._show_empty("Scan the first book to start a sale.")
            self.totals.show_cart(cart)
        self._foot["Undo"].setEnabled(cart.can_undo)
        self.buttons.show_cart(cart)
        count = cart.item_count
        if not self.returns.active:
            items = "" if not count else "1 item" if count == 1 else f"{count} items"
            self.show_subtitle(" · ".join(part for part in (items, cart.note or "") if part))

    async def _show_customer(self, customer_id: int | None) -> None:
        row = None if customer_id is None else (await customer_card(self.app, customer_id)).customer
        self.customer_card.show_customer(row)

    def show_mode(self) -> None:
        """Say in the top bar and the field what is out of the ordinary."""
        text = "Training" if self.training else "Return" if self.returns.active else ""
        self.show_state(text)
        self.entry.setPlaceholderText("Scan the books that come back" if self.returns.active else PROMPT)

    def _show_empty(self, sentence: str) -> None:
        self._empty.say(sentence)
        self._paper.setCurrentWidget(self._empty)

    def show_sale(self, sale: OrderView) -> None:
        """Show a document just stored, its change large until the next scan."""
        self._paid_shown = True
        self.displays.show_sale(sale)
        self.returns.end()
        self.totals.show_paid(sale)
        self.show_last(sale)
        word = {OrderKind.RETURN: "Return", OrderKind.EXCHANGE: "Exchange", OrderKind.VOID: "Void"}.get(sale.kind)
        practice = " It was training: nothing was sold." if sale.training else ""
        done = "is stored" if word else "is paid and stored"
        self.message.say(f"{word or 'Sale'} {sale.number} {done}.{practice}", "ok")
        self.entry.clear()
        self.results.hide()

    def show_last(self, sale: OrderView | None) -> None:
        """Name the last sale in the foot."""
        self.last = sale
        for name in ("Receipt", "Reprint"):
            self._foot[name].setEnabled(sale is not None)
        if sale is None:
            self._last_label.setText("No sale at this till yet")
            return
        parts = [f"Last sale {sale.number}", self.fmt.money(sale.total)]
        if sale.change:
            parts.append(f"change {self.fmt.money(sale.change)}")
        self._last_label.setText(" · ".join(parts))

    # Keys and buttons

    def _choose_row(self, row: int) -> None:
        if 0 <= row < self.lines.rowCount():
            self.table.setCurrentIndex(self.lines.index(row, 0))
            self.table.scrollTo(self.lines.index(row, 0))

    @property
    def current_line(self) -> CartLine | None:
        """The line chosen."""
        row = self.table.currentIndex().row()
        return self.lines.lines[row] if 0 <= row < len(self.lines.lines) else None

    def _step(self, change: int) -> None:
        line = self.current_line
        if line is not None:
            self.act(lambda: self._change_quantity(line.key, change))

    def _step_row(self, row: int, change: int) -> None:
        self._choose_row(row)
        self._step(change)

    def remove_line(self) -> None:
        """Take the chosen line out."""
        self._step(-(10**6))

    def undo(self) -> None:
        """Take the last step back."""
        self.act(self._undo)

    def check_price(self) -> None:
        """F3: the next scan is shown and not sold."""
        self.results.hide()
        self.price_check.ask()

    def typed_amount(self) -> int | None:
        """What is typed as an amount; None for nothing. Raises Refused("amount.…" | "payment.invalid")."""
        typed = self.entry.text().strip()
        if not typed:
            return None
        if not AMOUNT_LIKE.fullmatch(typed):
            raise Refused("amount.invalid", text=typed[:40])
        amount = self.fmt.parse(typed)
        if amount == 0:
            raise Refused("payment.invalid")
        return amount

    def take(self, tender: Tender, amount: int | None = None) -> None:
        """Take what is typed, an amount given, or all that is due; the payment's id is made here."""
        uid = self.app.ids.new()
        try:
            amount = self.typed_amount() if amount is None else amount
        except Refused as error:
            self.tell(error)
            self.focus_home()
            return
        payment = None if amount is None else PaymentIn(uid, tender, amount, name=tender.value.capitalize())
        self.entry.clear()
        self.results.hide()
        self.act(lambda: self._take(payment, tender, uid))

    def _pay_clicked(self, tender: Tender, amount: int | None) -> None:
        """A double click is one payment: the second of two quick clicks on the same button is not counted."""
        name = f"{tender} {amount}"
        timer = self._clicks.setdefault(name, QElapsedTimer())
        quick = timer.isValid() and timer.elapsed() < QApplication.doubleClickInterval()
        timer.restart()
        if not quick:
            self.take(tender, amount)
        self.entry.setFocus()

    def ask(self, flow: Coroutine[Any, Any, None]) -> None:
        """Start something that asks questions; a second one waits for nobody and is dropped."""
        if self.flows.busy:
            flow.close()
            return
        self.start(self.flows.run(flow))

    # Typing

    def _typed(self, text: str) -> None:
        match = MULTIPLIED.fullmatch(text)
        wanted = (match[2] if match else text).strip()
        if match and not wanted:
            self.message.say(f"{match[1]} of the next book.", "none")
        if len(wanted) < SHORTEST_SEARCH or (AMOUNT_LIKE.fullmatch(wanted) and len(wanted) < 7):  # noqa: PLR2004 - an amount
            self.results.hide()
            return
        self.tasks.start(self._search(wanted), key="search")

    async def _search(self, wanted: str) -> None:
        await asyncio.sleep(TYPING_PAUSE_S)
        await self._find(wanted)

    async def _find(self, wanted: str) -> list[BookRow]:
        books = await suggest(self.app, wanted)
        if wanted in self.entry.text():
            self.results.show_books(books)
            self._place_results()
            if not books:
                self.message.say(f"Nothing found for “{wanted[:60]}”.", "none")
        return books

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The entry field's own keys: Enter, arrows, and those that work on the chosen line while it is empty."""
        if watched is self.entry and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key, empty = Qt.Key(event.key()), not self.entry.text()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._entered()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            if self.results.isVisible():
                self.results.move_choice(step)
            else:
                self._choose_row(self.table.currentIndex().row() + step)
        elif empty and key == Qt.Key.Key_Plus:
            self._step(1)
        elif empty and key == Qt.Key.Key_Minus:
            self._step(-1)
        elif empty and key == Qt.Key.Key_Delete:
            self.remove_line()
        elif empty and key == Qt.Key.Key_Equal:
            self.flows.explain()
        else:
            return False
        return True

    def _entered(self) -> None:
        """Enter: a code is added; of what was found the chosen book; else it is searched for now."""
        text = self.entry.text()
        match = MULTIPLIED.fullmatch(text)
        times, wanted = (int(match[1]), match[2].strip()) if match else (1, text.strip())
        if not wanted:
            return
        if is_receipt_number(wanted):
            self.entry.clear()
            self.act(lambda: self.returns.start(wanted))
            return
        if CODE_LIKE.fullmatch(wanted):
            self.entry.clear()
            self.results.hide()
            self.act(lambda: self._add_typed(wanted, times, text))
        elif self.results.chosen() is not None:
            self._add_chosen()
        else:
            self.tasks.start(self._find_and_add(wanted), key="search")

    async def _add_typed(self, code: str, times: int, text: str) -> None:
        """Add a typed code; a mistyped one stays in the field to be corrected."""
        try:
            await self.add(code, times)
        except Refused as error:
            if error.code != "code.card_number" and not self.entry.text():
                self.entry.setText(text)
                self.entry.selectAll()
            raise

    async def _find_and_add(self, wanted: str) -> None:
        if await self._find(wanted):
            self._add_chosen()

    def _add_chosen(self) -> None:
        book = self.results.chosen()
        if book is None:
            return
        match = MULTIPLIED.fullmatch(self.entry.text())
        times = int(match[1]) if match else 1
        self.entry.clear()
        self.results.hide()
        self.entry.setFocus()
        self.act(lambda: self.add_book(book.id, times))
