"""What the tender keys and buttons do: an amount typed, a note touched, or all that is due."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QApplication

from pos_app.domain.payment import PaymentIn, Tender
from pos_app.errors import Refused

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage

# The same tender's key so soon after it was let go, with nothing done between, is the key and not the person.
BOUNCE_MS = 300


class Paying:
    """One press is one payment; what is taken is carried out by the page."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page."""
        self._page = page
        self._clicks: dict[str, QElapsedTimer] = {}
        # The tender whose key was pressed last, and since when it has been let go.
        self._pressed: Tender | None = None
        self._since = QElapsedTimer()

    def pressed(self, tender: Tender) -> None:
        """A tender's key: one that bounces, is hit twice or is held down is one payment."""
        again = tender is self._pressed and not self._page.entry.text() and self._since.elapsed() < BOUNCE_MS
        self._pressed = tender
        self._since.start()
        if not again:
            self.take(tender)

    def released(self) -> None:
        """A key was let go."""
        if self._pressed is not None:
            self._since.start()

    def forget(self) -> None:
        """Something else was done: the next key is meant."""
        self._pressed = None

    def take(self, tender: Tender, amount: int | None = None) -> None:
        """Take what is typed, an amount given, or all that is due; the payment's id is made here."""
        page = self._page
        if page.adding.isVisible():
            # What was typed there may be the money that was handed over, and the book is not in the sale.
            self.forget()
            page.tell(Refused("book.waits"))
            page.adding.setFocus()
            return
        if page.price_check.isVisible():
            # Digits before a tender's key are an amount, wherever they were typed.
            typed = page.price_check.field.text()
            page.price_check.leave()
            page.entry.setText(typed)
        uid = page.app.ids.new()
        rule = next((rule for rule in page.tenders if rule.code == tender), None)
        if rule is not None and rule.asks_reference and page.app.terminal is None and page.cart and page.cart.due > 0:
            self.forget()
            page.ask(page.flows.payment(tender))
            return
        try:
            amount = page.typed_amount() if amount is None else amount
        except Refused as error:
            # What is still searched for must not say another thing over it.
            page.tasks.cancel("search")
            self.forget()
            page.tell(error)
            page.focus_home()
            return
        payment = None if amount is None else PaymentIn(uid, tender, amount, name=tender.value.capitalize())
        page.entry.put_away()
        page.act(lambda: self._take_or_forget(payment, tender, uid))

    def clicked(self, tender: Tender, amount: int | None) -> None:
        """A double click is one payment: the second of two quick clicks on the same button is not counted."""
        name = f"{tender} {amount}"
        timer = self._clicks.setdefault(name, QElapsedTimer())
        quick = timer.isValid() and timer.elapsed() < QApplication.doubleClickInterval()
        timer.restart()
        if not quick:
            self.take(tender, amount)
        self._page.entry.setFocus()

    def refund_in_cash(self) -> None:
        """Give everything back in cash, whatever it was paid with."""
        self._page.act(lambda: self._refund(all_in_cash=True))

    async def _take_or_forget(self, payment: PaymentIn | None, tender: Tender, uid: str) -> None:
        """Take a payment; where none came of it, the same key is somebody who tries again."""
        page, taken = self._page, False
        before = 0 if page.cart is None else len(page.cart.payments)
        try:
            await self._take(payment, tender, uid)
            taken = page.cart is None or len(page.cart.payments) > before
        finally:
            if not taken:
                self.forget()

    async def _take(self, payment: PaymentIn | None, tender: Tender, uid: str) -> None:
        """Take an amount, or all that is due; when nothing is due any more the sale is completed there and then."""
        page = self._page
        if await page.settle_doubt():
            return
        if page.adding.isVisible():
            # The scan before the key found no book.
            raise Refused("book.waits")
        if page.cart is None and page.paid_shown and not page.returns.active:
            return  # the same key once more: it is paid
        cart = await page.open()
        if not cart.lines:
            raise Refused("return.tick" if page.returns.active else "cart.empty")
        if cart.due < 0:
            await self._refund()
            return
        due = cart.cash_due if tender is Tender.CASH else cart.due
        await page.pay(payment or PaymentIn(uid, tender, due, name=tender.value.capitalize()))

    async def _refund(self, *, all_in_cash: bool = False) -> None:
        page = self._page
        cart = await page.open()
        if cart.due >= 0:
            raise Refused("return.tick")
        sale = await page.flows.refund(cart, all_in_cash=all_in_cash)
        page.finish(sale)
        await page.flows.refund_cards(sale)
