"""Checkout: scan, type, pay. What asks questions stands in flows.py, what takes books back in return_flow.py."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_app.domain.counter_key import read_counter_keys
from pos_app.domain.document import OrderView
from pos_app.domain.isbn import try_isbn13
from pos_app.domain.payment import PaymentIn, Tender, TenderRule
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.services import cart as basket
from pos_app.services.cart_park import count_parked
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_return import change_return
from pos_app.services.cart_view import CartLine, CartView
from pos_app.services.customer import customer_card
from pos_app.services.order import PayRequest, find_stored, pay
from pos_app.services.order_number import is_receipt_number
from pos_app.services.order_view import last_sale
from pos_app.services.receipt import keep_receipt
from pos_app.services.setting import get_settings
from pos_app.services.shift import business_date
from pos_app.services.tender import list_tenders
from ui.approval import with_approval
from ui.checkout.add_book import AddBookPanel
from ui.checkout.buttons import Buttons
from ui.checkout.customer_card import CustomerCard
from ui.checkout.entry import AMOUNT_LIKE, PROMPT, PROMPT_RETURNING, PROMPT_SHORT, Entry
from ui.checkout.flows import Flows
from ui.checkout.foot import Foot
from ui.checkout.keys import bind_keys
from ui.checkout.lines import LinesModel, LinesTable
from ui.checkout.own_keys import OwnKeys
from ui.checkout.paying import Paying
from ui.checkout.price_check import PriceCheckPanel
from ui.checkout.refusals import Refusals
from ui.checkout.return_flow import ReturnFlow
from ui.checkout.totals import NARROW_WIDTH, WIDTH, Totals
from ui.checkout.words import said_of_sale, said_of_step, said_of_waiting
from ui.context import Context
from ui.page import Page
from ui.scans import scans
from ui.style.theme import px
from ui.widgets.basic import EmptyState, panel

NARROW_WINDOW = 1200
PARKED_EVERY_MS = 3_000
# How often something may be lost on the way to the database in a row.
TRIES = 5

Act = Callable[[], Awaitable[object]]


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
        self.paid_shown = False
        # The day of the last document, at first that of the shift.
        self._day: date | None = business_date(context.fmt.settings, context.operator.shift_opened_at)
        # The uid of a basket whose last answer was lost.
        self._in_doubt: str | None = None
        # Once after signing in the till's basket is looked for; later each person's own is.
        self._taken_up = False
        self._turn = asyncio.Lock()
        # Acts wait in it for the scans made before them, in their own order.
        self._asked = asyncio.Lock()
        self._refusals = Refusals()
        self.entry = Entry(self)
        self.results = self.entry.results
        self.lines = LinesModel(self.fmt)
        self.table = LinesTable(self.lines)
        self.table.delegate.step.connect(self._step_row)
        self.totals = Totals(self.fmt)
        self.paying = Paying(self)
        self.totals.pay.connect(self.paying.clicked)
        self.entry.textEdited.connect(lambda _: self.paying.forget())
        self.returns = ReturnFlow(self)
        self.flows = Flows(self)
        self.buttons = Buttons(self)
        self.customer_card = CustomerCard(self.fmt)
        self.customer_card.clicked.connect(self.flows.customer)
        self.totals.above.addWidget(self.customer_card)
        self._customer_shown: tuple[int | None, tuple[PaymentIn, ...]] = (None, ())
        self.price_check = PriceCheckPanel(context, self.tasks)
        self.price_check.add.connect(lambda book_id: self.act(lambda: self.add_book(book_id)))
        self.price_check.left.connect(self.focus_home)
        self.adding = AddBookPanel(context, self.tasks)
        self.adding.added.connect(lambda book_id, copies: self.act(lambda: self.add_book(book_id, copies)))
        self.adding.left.connect(self.focus_home)
        self.totals.gift_card.connect(self.flows.gift_card)
        self.totals.all_in_cash.connect(self.paying.refund_in_cash)
        self._lay_out()
        self.foot = Foot(self)
        self.keys = OwnKeys()
        self.message.named = self.keys.named
        bind_keys(self)
        # Other tills park and take up too; nothing tells this one but a look.
        self._parked = QTimer(self)
        self._parked.setInterval(PARKED_EVERY_MS)
        self._parked.timeout.connect(self.look_for_parked)

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

    def foot_widgets(self) -> list[QWidget]:
        """Undo, and the last sale."""
        return self.foot.widgets

    @property
    def own_keys(self) -> Mapping[str, str]:
        """The keys that the shop has put in the place of the usual ones."""
        return self.keys.own

    def in_own_keys(self, text: str) -> str:
        """Give a text with the keys in force."""
        return self.keys.named(text)

    @property
    def narrow(self) -> bool:
        """Whether the screen is small for the text size in use."""
        return self.width() < px(NARROW_WINDOW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the lines their room on a small screen, and keep the results under the field."""
        self.totals.setFixedWidth(NARROW_WIDTH if self.width() < NARROW_WINDOW else WIDTH)
        for table in (self.table, self.returns.table):
            table.set_narrow(narrow=self.narrow)
        super().resizeEvent(event)
        self._show_prompt()
        self.entry.place_results()

    def showEvent(self, event: QShowEvent) -> None:
        """Look for parked sales while the counter is on the screen."""
        super().showEvent(event)
        self._parked.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no longer."""
        self._parked.stop()
        super().hideEvent(event)

    def look_for_parked(self) -> None:
        """Count the parked sales anew."""
        self.start(self._count_parked(), key="parked")

    async def _count_parked(self) -> None:
        # A database out of reach is asked again; that it is, the foot of the window says.
        with suppress(Unavailable):
            self.buttons.show_parked(await count_parked(self.app, self.operator, training=self.training))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Tell keys that are pressed again from keys that bounce: after an answer or a letter the next one is meant."""
        if event.text() or event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.paying.forget()
        else:
            self.paying.released()
        super().keyReleaseEvent(event)

    def activated(self) -> None:
        """Show the basket as it stands in the database."""
        self.focus_home()
        self.act(self._take_up)

    def focus_home(self) -> None:
        """Back to the scan field; what was found is put away."""
        self.results.hide()
        self.entry.setFocus()
        self.entry.selectAll()

    def typed(self, event: QKeyEvent) -> bool:
        """A letter typed beside the field is meant for it."""
        if self.price_check.isVisible() or self.adding.isVisible():
            return False
        self.entry.setFocus()
        QApplication.sendEvent(self.entry, QKeyEvent(event))
        return True

    def escape(self) -> None:
        """Leave what was begun: a search, a price check, a book to add, a return; else back to the scan field."""
        if self.price_check.isVisible():
            self.price_check.leave()
        elif self.adding.isVisible():
            self.adding.leave()
        elif self.returns.active and not self.results.isVisible() and not self.entry.text():
            self.returns.leave()
        else:
            self.entry.put_away()
        self.focus_home()

    async def scanned(self, code: str) -> None:
        """Take a scan: a price to show, a receipt to return from, a book that comes back, or one to sell."""
        self.paying.forget()
        code = self._whole(code)
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
        times = self.entry.take_times()
        await self.in_turn(lambda: self.add(code, times), code)

    def _whole(self, code: str) -> str:
        """A code whose first digits a stall of the machine tore off, put together again: they look like typing.

        Left in the field they would be money for the next tender's key. No number is made up: it must be right.
        """
        torn = self.entry.text()
        if try_isbn13(code) is None and torn.isdigit() and try_isbn13(torn + code) is not None:
            self.entry.put_away()
            return torn + code
        return code

    # Acts, one after the other

    def act(self, act: Act) -> None:
        """Start an act, carried out after the scans made and the acts asked for before it."""
        self.start(self._after_scans(act, scans.made))

    async def _after_scans(self, act: Act, made: int) -> None:
        async with self._asked:
            await scans.until(made)
            await self.in_turn(act)

    async def in_turn(self, act: Act, code: str | None = None) -> None:
        """Carry an act out after those asked for before it; a refusal is told beside the work.

        A scan, whose `code` is given, says with its own what was refused right before it.
        """
        async with self._turn:
            before = "" if code is None else self._refusals.unseen()
            try:
                await self.see_through(act)
            except PosError as error:
                self.tell(error)
                if code is not None:
                    self._refusals.keep(code, self.message.text(), self.cart)
                if isinstance(error, Unavailable):
                    # The same key at once is not a bounce but somebody who tries again.
                    self.paying.forget()
                    if self.cart is not None:
                        self._in_doubt = self.cart.uid
                if isinstance(error, Refused) and error.code == "cart.taken":
                    await self._count_parked()
                if isinstance(error, Refused) and error.code in {"cart.gone", "sale.changed"}:
                    await self.refresh(keep_message=True)
                if isinstance(error, Refused) and error.code in {"return.too_many", "sale.changed"}:
                    await self.returns.drop_lost()
            if before:
                self.message.say(f"{before} {self.message.text()}", "warn")

    async def see_through(self, act: Act) -> None:
        """Carry an act out; one whose commit was lost on the way is looked up, and done again if it is not there.

        Raises what the act does, and Unavailable where nobody looks after the connection.
        """
        for tries_left in reversed(range(TRIES)):
            before = self.cart
            try:
                await self.flows.settling(act)
            except Unavailable as error:
                if error.code != "database.in_doubt" or not self.app.db.link.started or not tries_left:
                    raise
                self.message.say("The connection was lost as this was stored. It is looked up once it is back.", "bad")
                if before is not None and await self._came_about(before):
                    return
            else:
                return

    async def _came_about(self, before: CartView) -> bool:
        """Ask the database by the basket's id whether what was asked for last is there, and show how it stands."""
        self._in_doubt = before.uid
        if await self.settle_doubt():
            said = f"The connection was lost meanwhile. {said_of_sale(self.last)}" if self.last is not None else ""
            self.message.say(said, "ok")
            return True
        return self.cart is not None and self.cart.last_step != before.last_step

    async def caught_up(self) -> None:
        """Wait until what was asked for before is carried out: a scan just made belongs to what is asked now."""
        made = scans.made
        async with self._asked:
            await scans.until(made)
        async with self._turn:
            pass

    @property
    def operator(self) -> Any:
        """Who is at the till."""
        return self.context.operator

    async def refresh(self, *, keep_message: bool = False, take_over: bool = False) -> None:
        """Read and show the basket; somebody else's that was on the screen of this till goes on, where asked."""
        self.tenders = await list_tenders(self.app)
        before = None if self.cart is None else self.cart.uid
        cart = await basket.open_cart(self.app, self.operator, training=self.training, take_over=take_over)
        self.show_cart(cart)
        if self.last is None or self.last.training is not self.training:
            await self.read_last()
        if not keep_message and cart.lines and cart.uid != before:
            self.message.say(*said_of_waiting(cart))

    async def read_last(self) -> None:
        """Name the till's last sale: training has its own."""
        self.show_last(await last_sale(self.app, self.operator.till_id, training=self.training))

    async def _take_up(self) -> None:
        """Show the basket, and end what a fault left half done: a card nobody knows of, a sale that is paid already."""
        own = read_counter_keys((await get_settings(self.app)).counter_keys)
        self.keys.use(own, [self, *self.foot.widgets])
        self.entry.leave(*own.values())
        if not self._taken_up:
            # What the person before scanned and paid is carried out before anybody looks at what is left.
            await self.context.left()
        await self.refresh(take_over=not self._taken_up)
        self._taken_up = True
        await self.flows.settle_cards()
        if self.cart is not None and self.cart.payments:
            await self.complete()

    async def open(self) -> CartView:
        """The basket shown, or a new one; where an answer was lost, as it really stands."""
        await self.settle_doubt()
        if self.cart is None:
            self.show_cart(await basket.open_cart(self.app, self.operator, training=self.training))
        assert self.cart is not None  # noqa: S101 - just shown
        return self.cart

    async def settle_doubt(self) -> bool:
        """After a lost answer, ask what became of the basket before anything else is done to it.

        Gives whether it was paid: then nothing of what was asked for is to be done again.
        """
        if self._in_doubt is None:
            return False
        stored = await find_stored(self.app, self._in_doubt)
        fresh = None if stored else await basket.open_cart(self.app, self.operator, training=self.training)
        self._in_doubt = None
        if stored is not None:
            self.finish(stored)
            return True
        assert fresh is not None  # noqa: S101 - one of the two
        self.show_cart(fresh)
        return False

    async def add(self, code: str, times: int) -> None:
        """Add what was scanned or typed."""
        cart = await self.open()
        try:
            shown = await with_approval(
                self.context,
                self,
                lambda approval: basket.add_scan(self.app, self.operator, cart.id, code, times, approval),
            )
        except Refused as refused:
            if not await self.flows.takes(refused, code, times):
                raise
            return
        self.show_step(shown)
        await self.flows.remind(shown)

    async def add_book(self, book_id: int, times: int = 1, price: int | None = None) -> None:
        """Add a book that was chosen."""
        cart = await self.open()
        try:
            shown = await with_approval(
                self.context,
                self,
                lambda approval: basket.add_book(
                    self.app, self.operator, cart.id, book_id, times, price=price, approval=approval
                ),
            )
        except Refused as refused:
            if not self.flows.takes_unpriced(refused, times):
                raise
            return
        self.show_step(shown)

    async def _change_quantity(self, key: str, change: int) -> None:
        cart = await self.open()
        line = next((line for line in cart.lines if line.key == key), None)
        if line is None:
            raise Refused("cart.no_line")
        wanted = max(abs(line.quantity) + change, 0)
        set_to = change_return if line.comes_back and change > 0 else basket.set_quantity
        shown = await with_approval(
            self.context, self, lambda approval: set_to(self.app, self.operator, cart.id, key, wanted, approval)
        )
        self.show_step(shown)

    async def _undo(self) -> None:
        cart = await self.open()
        try:
            self.show_step(await basket.undo(self.app, self.operator, cart.id))
        except Refused as refused:
            if refused.code != "card.charged":
                raise
            await self.flows.reverse(cart, **refused.params)
        await self.returns.refresh()

    async def clear(self) -> None:
        """Take everything out; Undo brings it back."""
        cart = await self.open()
        self.show_step(await basket.clear(self.app, self.operator, cart.id))

    async def pay(self, payment: PaymentIn, *, receipt: bool = True) -> CartView | None:
        """Take one payment; gives the basket while something is due, and None once the sale is finished."""
        cart = await self.open()
        due = cart.due
        if payment.tender == Tender.CASH:
            due, payment = cart.cash_due, replace(payment, amount=cart.in_coins(payment.amount))
        if payment.tender == Tender.CARD and await self.flows.charge(cart, payment, receipt=receipt):
            return self.cart
        if payment.amount < due:
            self.show_cart(await add_payment(self.app, self.operator, cart.id, payment))
            self.message.say(f"{payment.name or payment.tender} {self.fmt.money(payment.amount)} taken.", "ok")
            return self.cart
        request = PayRequest.of(cart, payment) if payment.amount else PayRequest.of(cart)
        if not payment.amount and cart.due:
            request = PayRequest.closing(cart)
        self.finish(await pay(self.app, self.operator, request), receipt=receipt)
        return None

    async def complete(self, *, receipt: bool = True) -> None:
        """Store the sale where what was taken covers it to the last coin."""
        if self.cart is not None and self.cart.lines and self.cart.due == 0:
            self.finish(await pay(self.app, self.operator, PayRequest.of(self.cart)), receipt=receipt)

    def finish(self, sale: OrderView, *, receipt: bool = True) -> None:
        """A document is stored: show it, print it, and start over."""
        self.show_sale(sale)
        if (said := self._said_of_day(sale)) is not None:
            self.message.say(f"{said_of_sale(sale)} {said}", "warn")
        self.start(keep_receipt(self.app, sale, printed=receipt))
        self.cart = None
        self.buttons.show_paid()
        self.foot.undo.setEnabled(False)
        self.lines.show_none()
        self._show_empty("Scan the next book to start a new sale.")
        self.show_subtitle("")

    def _said_of_day(self, sale: OrderView) -> str | None:
        """What is to be said of the day a document carries, once for each."""
        settings, before = self.fmt.settings, self._day
        self._day = sale.business_date
        if sale.business_date > business_date(settings, sale.placed_at):
            return (
                f"It carries the open shift's day, {self.fmt.date(sale.business_date)}. "
                "See to this machine's clock, or close the shift (Ctrl+F10)."
            )
        if before is not None and sale.business_date > before:
            return (
                f"A new business day began: the shift of {self.fmt.date(before)} was closed uncounted. "
                "Its Z report lies under Reports."
            )
        return None

    # What is shown

    def show_step(self, cart: CartView) -> None:
        """Show a basket after a step, and say what the step did."""
        self.show_cart(cart)
        if (said := said_of_step(cart, self.fmt)) is not None:
            self.message.say(*said)

    def show_cart(self, cart: CartView) -> None:
        """Show a basket; without a line that the step touched, the one chosen stays chosen."""
        line = self.current_line if self.cart is not None and self.cart.uid == cart.uid else None
        chosen = cart.touched or (line.key if line is not None else None)
        self.cart = cart
        self.displays.show_cart(cart)
        self.training = cart.training
        if (cart.customer_id, cart.payments) != self._customer_shown:
            self._read_customer(cart.customer_id, cart.payments)
        self.show_mode()
        if self.paid_shown and not cart.lines and not self.returns.active:
            self.buttons.show_cart(cart)
            return
        self.paid_shown = False
        self.lines.show(cart)
        if self.returns.shows_sale:
            self.returns.show_cart(cart)
            self._paper.setCurrentWidget(self.returns.table)
        elif cart.lines:
            self._paper.setCurrentWidget(self.table)
            row = next((row for row, line in enumerate(cart.lines) if line.key == chosen), None)
            self.table.choose(len(cart.lines) - 1 if row is None else row)
            self.totals.show_cart(cart)
        else:
            self._show_empty("Scan the first book to start a sale.")
            self.totals.show_cart(cart)
        self.foot.undo.setEnabled(cart.can_undo)
        self.buttons.show_cart(cart)
        count = cart.item_count
        if not self.returns.active:
            items = "" if not count else "1 item" if count == 1 else f"{count} items"
            self.show_subtitle(" · ".join(part for part in (items, cart.note or "") if part))

    def _read_customer(self, customer_id: int | None, payments: tuple[PaymentIn, ...] = ()) -> None:
        """Show a customer as they stand now, anew after each payment."""
        self._customer_shown = (customer_id, payments)
        self.start(self._show_customer(customer_id), key="customer")

    async def _show_customer(self, customer_id: int | None) -> None:
        row = None if customer_id is None else (await customer_card(self.app, customer_id)).customer
        self.customer_card.show_customer(row)

    def show_mode(self) -> None:
        """Say in the top bar and the field what is out of the ordinary."""
        text = "Training" if self.training else "Return" if self.returns.active else ""
        self.show_state(text)
        self._show_prompt()

    def _show_prompt(self) -> None:
        prompt = PROMPT_SHORT if self.narrow else PROMPT
        self.entry.setPlaceholderText(PROMPT_RETURNING if self.returns.active else prompt)

    def _show_empty(self, sentence: str) -> None:
        self._empty.say(sentence)
        self._paper.setCurrentWidget(self._empty)

    def show_sale(self, sale: OrderView) -> None:
        """Show a document just stored, its change large until the next scan."""
        self.paid_shown = True
        self.displays.show_sale(sale)
        self.returns.end()
        self.totals.show_paid(sale)
        # What they owe and what they collected is another sum now.
        self._read_customer(sale.customer_id)
        self.show_last(sale)
        self.message.say(said_of_sale(sale), "ok")
        self.entry.put_away()

    def show_void(self, voided: OrderView) -> None:
        """Show what a void gives back; a sale that is open stays on the screen, and is told apart from it."""
        if self.cart is None or not self.cart.lines:
            self.show_sale(voided)
            return
        self._read_customer(self.cart.customer_id, self.cart.payments)
        self.show_last(voided)
        self.message.say(f"{said_of_sale(voided)} Give back {self.fmt.money(voided.goes_back)}.", "ok")

    def show_last(self, sale: OrderView | None) -> None:
        """Name the last sale in the foot."""
        self.last = sale
        self.foot.show_last(sale, self.fmt)

    # Keys and buttons

    @property
    def current_line(self) -> CartLine | None:
        """The line chosen."""
        row = self.table.currentIndex().row()
        return self.lines.lines[row] if 0 <= row < len(self.lines.lines) else None

    def step(self, change: int) -> None:
        """Change how many there are of the chosen line."""
        line = self.current_line
        if line is None:
            self.tell(Refused("line.none"))
            return
        self.act(lambda: self._change_quantity(line.key, change))

    def _step_row(self, row: int, change: int) -> None:
        self.table.choose(row)
        self.step(change)

    def remove_line(self) -> None:
        """Take the chosen line out."""
        self.step(-(10**6))

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

    def ask(self, flow: Coroutine[Any, Any, None]) -> None:
        """Start something that asks questions; a second one waits for nobody and is dropped."""
        if self.flows.busy:
            flow.close()
            return
        # From this moment, not from when the task gets its turn: two keys may come at once.
        self.flows.busy = True
        self.start(self.flows.run(flow))
