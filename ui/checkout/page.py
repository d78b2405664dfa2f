"""Checkout: scan, type, pay."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QRect, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from pos_app.domain.document import OrderView
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.errors import PosError, Refused
from pos_app.services import cart as basket
from pos_app.services.book_search import BookRow, suggest
from pos_app.services.cart import CartView
from pos_app.services.order import PayRequest, pay
from pos_app.services.order_view import last_sale
from pos_app.services.receipt import keep_receipt, read_receipt, reprint
from ui import dialogs
from ui.actions import shortcut
from ui.checkout.lines import LinesModel, LinesTable
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.checkout.results import ResultsList, ResultsModel
from ui.checkout.totals import NARROW_WIDTH, TENDER_NAMES, WIDTH, Totals
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

Act = Callable[[], Awaitable[None]]


class CheckoutPage(Page):
    """The counter. Acts on the basket run one after the other, in the order of the keys that asked for them."""

    title = "Checkout"

    def __init__(self, context: Context) -> None:
        """Lay out; the basket is read when the page is shown."""
        super().__init__(context)
        self.cart: CartView | None = None
        self._last: OrderView | None = None
        self._paid_shown = False
        self._turn = asyncio.Lock()
        self._clicks: dict[str, QElapsedTimer] = {}
        self.entry = IconField("entry", "Scan or search", "Scan a book, or type title, author or ISBN", key="F2")
        self.entry.leave("Ctrl+Z")
        self.entry.installEventFilter(self)
        self.entry.textEdited.connect(self._typed)
        self.lines = LinesModel(self.fmt)
        self.table = LinesTable(self.lines)
        self.table.delegate.step.connect(self._step_row)
        self.totals = Totals(self.fmt)
        self.totals.pay.connect(self._pay_clicked)
        self._lay_out()
        self.results = ResultsList(self, ResultsModel(self.fmt))
        self.results.clicked.connect(lambda _: self._add_chosen())
        self._make_foot()
        for keys, act in {
            "F2": self.focus_home,
            "Esc": self.focus_home,
            "F12": lambda: self.take(Tender.CASH),
            "F11": lambda: self.take(Tender.CARD),
            "Ctrl+Z": self.undo,
            "Ctrl+R": self.show_receipt,
            "Ctrl+P": self.reprint,
        }.items():
            shortcut(self, keys, act)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(20, 16, 20, 16)
        left.setSpacing(8)
        left.addWidget(self.entry)
        left.addWidget(self.message)
        self.message.say("Ready for the first scan.")
        paper = panel()
        self._paper = QStackedLayout(paper)
        self._paper.setContentsMargins(1, 1, 1, 1)
        self._empty = EmptyState("Scan the first book to start a sale.")
        self._paper.addWidget(self._empty)
        self._paper.addWidget(self.table)
        left.addWidget(paper, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._buttons: dict[str, KeyButton] = {}
        for name, key, act in (
            ("Less", "−", lambda: self._step(-1)),
            ("More of it", "+", lambda: self._step(1)),
            ("Remove line", "Del", self.remove_line),
            ("Undo", "Ctrl Z", self.undo),
            ("Clear sale", "", self.clear),
        ):
            button = KeyButton(name.removesuffix(" line"), key, name=name)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(act)
            self._buttons[name] = button
            row.addWidget(button, 1)
        left.addLayout(row)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addLayout(left, 1)
        across.addWidget(self.totals)

    def _make_foot(self) -> None:
        self._last_label = label("", "small")
        self._receipt_button = KeyButton("Receipt", "Ctrl R", role="quiet", name="Show receipt")
        self._reprint_button = KeyButton("Reprint", "Ctrl P", role="quiet")
        self._receipt_button.clicked.connect(self.show_receipt)
        self._reprint_button.clicked.connect(self.reprint)

    def foot_widgets(self) -> list[QWidget]:
        """The last sale."""
        return [self._last_label, self._receipt_button, self._reprint_button]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the lines their room on a small screen, and keep the results under the field."""
        self.totals.setFixedWidth(NARROW_WIDTH if self.width() < NARROW_WINDOW else WIDTH)
        self.table.set_narrow(narrow=self.width() < px(NARROW_WINDOW))
        super().resizeEvent(event)
        self._place_results()

    def _place_results(self) -> None:
        below = self.entry.geometry()
        self.results.setGeometry(QRect(below.left(), below.bottom() + 4, below.width(), self.results.height()))

    # What the page is asked from outside

    def activated(self) -> None:
        """Show the basket as it stands in the database."""
        self.focus_home()
        self._act(self._refresh)

    def focus_home(self) -> None:
        """Back to the scan field; what was found is put away."""
        self.results.hide()
        self.entry.setFocus()
        self.entry.selectAll()

    async def scanned(self, code: str) -> None:
        """Add what was scanned, as often as "3*" in the field says."""
        match = MULTIPLIED.fullmatch(self.entry.text())
        times = int(match[1]) if match and not match[2] else 1
        if match and not match[2]:
            self.entry.clear()
        await self._in_turn(lambda: self._add(code, times))

    # Acts, one after the other

    def _act(self, act: Act) -> None:
        self.start(self._in_turn(act))

    async def _in_turn(self, act: Act) -> None:
        async with self._turn:
            try:
                await act()
            except PosError as error:
                self.tell(error)
                if isinstance(error, Refused) and error.code in {"cart.gone", "sale.changed"}:
                    await self._refresh(keep_message=True)

    async def _refresh(self, *, keep_message: bool = False) -> None:
        self._show(await basket.open_cart(self.app, self.context.operator))
        if self._last is None:
            self._show_last(await last_sale(self.app, self.context.operator.till_id))
        if not keep_message and self.cart is not None and self.cart.lines:
            self.message.say("This basket was waiting here.", "none")

    async def _open(self) -> CartView:
        if self.cart is None:
            self._show(await basket.open_cart(self.app, self.context.operator))
        assert self.cart is not None  # noqa: S101 - just shown
        return self.cart

    async def _add(self, code: str, times: int) -> None:
        cart = await self._open()
        shown = await basket.add_scan(self.app, self.context.operator, cart.id, code, times)
        self._show_step(shown)

    async def _add_book(self, book_id: int, times: int) -> None:
        cart = await self._open()
        self._show_step(await basket.add_book(self.app, self.context.operator, cart.id, book_id, times))

    async def _change_quantity(self, book_id: int, change: int) -> None:
        cart = await self._open()
        line = next((line for line in cart.lines if line.book_id == book_id), None)
        if line is None:
            raise Refused("cart.no_line")
        operator = self.context.operator
        self._show_step(await basket.set_quantity(self.app, operator, cart.id, book_id, max(line.quantity + change, 0)))

    async def _undo(self) -> None:
        cart = await self._open()
        self._show_step(await basket.undo(self.app, self.context.operator, cart.id))

    async def _clear(self) -> None:
        cart = await self._open()
        self._show_step(await basket.clear(self.app, self.context.operator, cart.id))

    async def _take(self, payment: PaymentIn | None, tender: Tender, uid: str) -> None:
        """Take an amount, or all that is due; when nothing is due any more the sale is completed there and then."""
        cart = await self._open()
        if not cart.lines:
            raise Refused("cart.empty")
        operator = self.context.operator
        payment = payment or PaymentIn(uid, tender, cart.due)
        if payment.amount < cart.due:
            self._show(await basket.add_payment(self.app, operator, cart.id, payment))
            taken = self.fmt.money(payment.amount)
            self.message.say(f"{TENDER_NAMES[tender]} {taken} taken.", "ok")
            return
        payments = (payment,) if payment.amount else ()
        sale = await pay(self.app, operator, PayRequest.of(cart, *payments))
        self._show_sale(sale)
        self.start(keep_receipt(self.app, sale))
        self.cart = None
        self.lines.show_none()
        self._show_empty("Scan the next book to start a new sale.")
        self.show_subtitle("")

    # What is shown

    def _show_step(self, cart: CartView) -> None:
        self._show(cart)
        line = next((line for line in cart.lines if line.book_id == cart.touched), None)
        if cart.message:
            self.message.say(self._undone(cart), "none")
        elif line is not None:
            self.message.say(f"{line.title} · {line.quantity} × {self.fmt.amount(line.price)}", "ok")
        elif not cart.lines:
            self.message.say("The basket is empty. Ctrl+Z brings the lines back.", "none")
        else:
            self.message.say("Line removed. Ctrl+Z brings it back.", "none")

    def _undone(self, cart: CartView) -> str:
        if cart.message == "undone.payment":
            text = f"{TENDER_NAMES[cart.params['tender']]} {self.fmt.money(cart.params['amount'])} taken back."
            return text + (" Cancel it on the card terminal too." if cart.params["tender"] == Tender.CARD else "")
        return "Undone."

    def _show(self, cart: CartView) -> None:
        self.cart = cart
        if self._paid_shown and not cart.lines:
            return
        self._paid_shown = False
        self.lines.show(cart)
        if cart.lines:
            self._paper.setCurrentWidget(self.table)
            row = next((row for row, line in enumerate(cart.lines) if line.book_id == cart.touched), None)
            self._choose_row(len(cart.lines) - 1 if row is None else row)
        else:
            self._show_empty("Scan the first book to start a sale.")
        self.totals.show_cart(cart)
        self._show_buttons(cart)
        count = cart.item_count
        self.show_subtitle("" if not count else "1 item" if count == 1 else f"{count} items")

    def _show_buttons(self, cart: CartView | None) -> None:
        lines = bool(cart and cart.lines)
        for name, button in self._buttons.items():
            button.setEnabled(bool(cart and cart.can_undo) if name == "Undo" else lines)

    def _show_empty(self, sentence: str) -> None:
        self._empty.say(sentence)
        self._paper.setCurrentWidget(self._empty)

    def _show_sale(self, sale: OrderView) -> None:
        self._paid_shown = True
        self.totals.show_paid(sale)
        self._show_buttons(None)
        self._show_last(sale)
        self.message.say(f"Sale {sale.number} is paid and stored.", "ok")
        self.entry.clear()
        self.results.hide()

    def _show_last(self, sale: OrderView | None) -> None:
        self._last = sale
        for button in (self._receipt_button, self._reprint_button):
            button.setEnabled(sale is not None)
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

    def _current_book(self) -> int | None:
        row = self.table.currentIndex().row()
        return self.lines.lines[row].book_id if 0 <= row < len(self.lines.lines) else None

    def _step(self, change: int) -> None:
        book_id = self._current_book()
        if book_id is not None:
            self._act(lambda: self._change_quantity(book_id, change))

    def _step_row(self, row: int, change: int) -> None:
        self._choose_row(row)
        self._step(change)

    def remove_line(self) -> None:
        """Take the chosen line out."""
        book_id = self._current_book()
        if book_id is not None:
            self._act(lambda: self._change_quantity(book_id, -(10**6)))

    def undo(self) -> None:
        """Take the last step back."""
        self._act(self._undo)

    def clear(self) -> None:
        """Take all lines out; Undo brings them back."""
        self._act(self._clear)

    def take(self, tender: Tender, amount: int | None = None) -> None:
        """Take what is typed, an amount given, or all that is due; the payment's id is made here."""
        typed = self.entry.text().strip()
        uid = self.app.ids.new()
        payment: PaymentIn | None = None
        try:
            if amount is None and typed:
                if not AMOUNT_LIKE.fullmatch(typed):
                    raise Refused("amount.invalid", text=typed[:40])
                amount = self.fmt.parse(typed)
            if amount is not None:
                if amount == 0:
                    raise Refused("payment.invalid")
                payment = PaymentIn(uid, tender, amount)
        except Refused as error:
            self.tell(error)
            self.entry.setFocus()
            self.entry.selectAll()
            return
        self.entry.clear()
        self.results.hide()
        self._act(lambda: self._take(payment, tender, uid))

    def _pay_clicked(self, tender: Tender, amount: int | None) -> None:
        """A double click is one payment: the second of two quick clicks on the same button is not counted."""
        name = f"{tender} {amount}"
        timer = self._clicks.setdefault(name, QElapsedTimer())
        quick = timer.isValid() and timer.elapsed() < QApplication.doubleClickInterval()
        timer.restart()
        if not quick:
            self.take(tender, amount)
        self.entry.setFocus()

    def show_receipt(self) -> None:
        """Show the last sale's receipt."""
        if self._last is not None:
            self.start(self._show_receipt(self._last.number))

    async def _show_receipt(self, number: str) -> None:
        receipt = await read_receipt(self.app, number)
        await dialogs.show(ReceiptDialog(receipt, self))
        self.entry.setFocus()

    def reprint(self) -> None:
        """Print the last receipt again, marked COPY; without a printer it is shown."""
        self.start(self._reprint())

    async def _reprint(self) -> None:
        receipt = await reprint(self.app, self.context.operator)
        if self.app.config.printer == "none":
            await dialogs.show(ReceiptDialog(receipt, self))
            self.entry.setFocus()
        else:
            self.message.say(f"Receipt {receipt.number} printed again, marked COPY.", "ok")

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
        if CODE_LIKE.fullmatch(wanted):
            self.entry.clear()
            self.results.hide()
            self._act(lambda: self._add_typed(wanted, times, text))
        elif self.results.chosen() is not None:
            self._add_chosen()
        else:
            self.tasks.start(self._find_and_add(wanted), key="search")

    async def _add_typed(self, code: str, times: int, text: str) -> None:
        """Add a typed code; a mistyped one stays in the field to be corrected."""
        try:
            await self._add(code, times)
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
        self._act(lambda: self._add_book(book.id, times))
