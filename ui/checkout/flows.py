"""What the counter asks questions for: each key's way from the question to the basket."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pos_app.devices.card_terminal import charge_safely
from pos_app.domain.card import CardOutcome
from pos_app.domain.document import OrderView
from pos_app.domain.isbn import CodeKind, parse_code
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.services import cart as basket
from pos_app.services.book import list_tax_rates
from pos_app.services.card_charge import begin_charge, end_charge
from pos_app.services.cart_park import list_parked, park, recall
from pos_app.services.cart_price import discount_line, discount_sale, override_price, override_tax
from pos_app.services.cart_view import CartView
from pos_app.services.customer import bought_before, customer_by_card
from pos_app.services.drawer import move_cash, no_sale
from pos_app.services.gift_card import PREFIX, get_gift_card, masked, sell_gift_card
from pos_app.services.order import PayRequest, pay
from pos_app.services.order_void import void_sale
from pos_app.services.quick_key import list_quick_keys
from pos_app.services.receipt import (
    Receipt,
    gift_receipt,
    keep_receipt,
    keep_report,
    open_drawer,
    read_receipt,
    reprint,
)
from pos_app.services.shift import set_float, x_report
from pos_app.services.tender import list_tenders
from ui import dialogs
from ui.approval import with_approval
from ui.checkout.ask_dialog import PRICE_REASONS, AmountDialog, DiscountDialog, TaxDialog, TextDialog
from ui.checkout.card_dialog import CardDialog
from ui.checkout.explain_dialog import ExplainDialog
from ui.checkout.payment_dialog import PaymentDialog
from ui.checkout.quick_keys import QuickKeysDialog
from ui.checkout.recall_dialog import RecallDialog
from ui.checkout.receipt_dialog import ReceiptDialog
from ui.customers.dialog import pick_customer
from ui.shift.cash_dialog import CashDialog, NoSaleDialog
from ui.shift.close_dialog import CloseShiftDialog
from ui.widgets.sheet import Menu

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage


class Flows:
    """The questions of one page; one at a time."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page."""
        self._page = page
        self.busy = False

    async def run(self, flow: Coroutine[Any, Any, None]) -> None:
        """Carry a question out; a refusal is told beside the work."""
        self.busy = True
        try:
            await flow
        except PosError as error:
            self._page.tell(error)
        finally:
            self.busy = False
            self._page.entry.setFocus()

    async def _step(self, act: Callable[[CartView, str | None], Awaitable[CartView]]) -> None:
        """Change the basket, asking a manager where it takes one."""
        page = self._page

        async def turn() -> None:
            cart = await page.open()
            page.show_step(await with_approval(page.context, page, lambda approval: act(cart, approval)))

        await page.in_turn(turn)

    # Park and recall

    def park(self) -> None:
        """F6: set the sale aside; what is typed becomes its note."""
        page = self._page
        note = page.entry.text().strip()
        page.entry.clear()
        page.results.hide()
        page.act(lambda: self._park(note))

    async def _park(self, note: str) -> None:
        page = self._page
        cart = await page.open()
        page.returns.end()
        page.show_cart(await park(page.app, page.operator, cart.id, note))
        page.message.say("Parked. F7 takes it up again, at any till.", "ok")

    def recall(self) -> None:
        """F7: take the only parked sale up at once, or ask which."""
        self._page.ask(self._recall())

    async def _recall(self) -> None:
        page = self._page
        waiting = await list_parked(page.app, page.operator)
        if not waiting:
            raise Refused("cart.none_parked")
        chosen = waiting[0]
        if len(waiting) > 1:
            dialog = RecallDialog(waiting, page.fmt, page.app.clock.now(), page)
            if not await dialogs.show(dialog):
                return
            chosen = dialog.chosen

        async def turn() -> None:
            cart = await page.open()
            had_lines = bool(cart.lines)
            page.returns.end()
            page.show_cart(await recall(page.app, page.operator, cart.id, chosen.id))
            said = f"“{chosen.note}” taken up." if chosen.note else "Taken up."
            page.message.say(said + (" The other sale is parked." if had_lines else ""), "ok")

        await page.in_turn(turn)

    # Prices

    def discount(self) -> None:
        """F8: off the line or the whole sale; what is typed is the per cent to start with."""
        self._page.ask(self._discount())

    async def _discount(self) -> None:
        page = self._page
        cart = await page.open()
        if not cart.lines:
            raise Refused("cart.empty")
        line = page.current_line
        dialog = DiscountDialog(cart, line, page.fmt, page.entry.text(), page)
        page.entry.clear()
        if not await dialogs.show(dialog):
            return
        discount: Decimal | int | None = dialog.discount

        async def give(cart: CartView, approval: str | None) -> CartView:
            if dialog.on_line and line is not None:
                return await discount_line(
                    page.app, page.operator, cart.id, line.key, discount, dialog.reason, approval
                )
            return await discount_sale(page.app, page.operator, cart.id, discount, dialog.reason, approval)

        await self._step(give)

    async def _price(self) -> None:
        page, line = self._page, self._page.current_line
        if line is None:
            raise Refused("cart.no_line")
        dialog = AmountDialog(
            "Another price",
            page.fmt,
            page,
            go="Sell at this price",
            amount=line.price,
            name="Unit price",
            note=line.title,
            reasons=PRICE_REASONS,
        )
        if await dialogs.show(dialog):
            await self._step(
                lambda cart, approval: override_price(
                    page.app, page.operator, cart.id, line.key, dialog.amount, dialog.reason, approval
                )
            )

    async def _tax(self) -> None:
        page, line = self._page, self._page.current_line
        if line is None:
            raise Refused("cart.no_line")
        rates = await list_tax_rates(page.app)
        dialog = TaxDialog(line, [(rate.id, f"{rate.name} · {page.fmt.percent(rate.rate)}") for rate in rates], page)
        if await dialogs.show(dialog):
            await self._step(
                lambda cart, approval: override_tax(
                    page.app, page.operator, cart.id, line.key, dialog.rate_id, dialog.reason, approval
                )
            )

    async def _note(self, *, on_line: bool) -> None:
        page, line = self._page, self._page.current_line
        cart = await page.open()
        if on_line and line is None:
            raise Refused("cart.no_line")
        old = (line.note if on_line and line is not None else cart.note) or ""
        title = "Note on the line" if on_line else "Note on the sale"
        dialog = TextDialog(title, "Note, printed on the receipt", old, page)
        if await dialogs.show(dialog):
            key = line.key if on_line and line is not None else None
            await self._step(lambda cart, _: basket.set_note(page.app, page.operator, cart.id, dialog.text, key))

    def explain(self) -> None:
        """=: show how the line's and the sale's amounts came about."""
        self._page.ask(self._explain())

    async def _explain(self) -> None:
        page = self._page
        cart = await page.open()
        if not cart.lines:
            raise Refused("cart.empty")
        await dialogs.show(ExplainDialog(cart, page.current_line, page.fmt, page))

    # Money

    def gift_card(self) -> None:
        """F5: pay with a gift card, or any other tender that asks more than a key can answer."""
        self._page.ask(self.payment(Tender.GIFT_CARD))

    async def payment(self, first: str | None = None, code: str | None = None) -> None:
        """Open the payment dialog."""
        page = self._page
        cart = await page.open()
        if not cart.lines:
            raise Refused("cart.empty")
        if cart.due < 0:
            raise Refused("payment.nothing_due")
        typed = page.entry.text()
        page.entry.clear()

        async def take(payment: PaymentIn) -> CartView | None:
            return await page.pay(payment, receipt=dialog.receipt)

        async def undo() -> CartView:
            shown = await basket.undo(page.app, page.operator, (await page.open()).id)
            page.show_step(shown)
            return shown

        page.tenders = await list_tenders(page.app)
        dialog = PaymentDialog(page.context, cart, page.tenders, take, undo, page, first=first, typed=typed)
        if code is not None:
            dialog.scanned(code)
        await dialogs.show(dialog)
        await dialog.tasks.close()

    async def charges(self, cart: CartView, amount: int, uid: str) -> bool:
        """Charge a card on the till's own terminal; false where the terminal stands apart.

        Runs within an act of the basket. A charge that is still open is asked about before anything else is charged.
        """
        page = self._page
        terminal = page.app.terminal
        if terminal is None or cart.training:
            return False
        before = await begin_charge(page.app, page.operator, cart.id, uid, amount)
        if before is not None:
            uid, amount = before.uid, before.amount
        dialog = CardDialog(page.context, terminal, uid, amount, known=before is not None, parent=page)
        dialog.begin()
        page.displays.show_waiting(amount)
        await dialogs.show(dialog)
        await dialog.tasks.close()
        page.displays.show_cart(cart)
        result = dialog.result_of_charge
        if result is None:
            raise Refused("card.unknown")
        await end_charge(page.app, result)
        if dialog.failure is not None:
            raise dialog.failure
        match result.outcome:
            case CardOutcome.APPROVED:
                await page.pay(PaymentIn(uid, Tender.CARD, amount, result.authorisation, result.card, "Card"))
            case CardOutcome.DECLINED:
                raise Refused("card.declined")
            case CardOutcome.CANCELLED:
                raise Refused("card.cancelled")
            case _:
                raise Refused("card.unknown")
        return True

    async def refund(self, cart: CartView, *, all_in_cash: bool) -> OrderView:
        """Pay back what a basket comes to below nothing."""
        page = self._page
        parts = cart.refunds
        if all_in_cash:
            parts = (PaidPart(Tender.CASH, -cart.cash_due),) if cart.cash_due else ()
        payments = [
            PaymentIn(page.app.ids.new(), part.tender, -part.amount, part.reference, part.scheme, part.name)
            for part in parts
        ]
        return await pay(page.app, page.operator, PayRequest.refund(cart, *payments))

    async def refund_cards(self, sale: OrderView) -> None:
        """Give money back on the card terminal once the return is stored; by hand where the terminal stands apart."""
        page = self._page
        for paid in sale.payments:
            if paid.tender != Tender.CARD or paid.amount >= 0 or sale.training:
                continue
            said, terminal = page.fmt.money(-paid.amount), page.app.terminal
            outcome = None
            if terminal is not None:
                with suppress(Unavailable):
                    result = await terminal.refund(paid.uid, -paid.amount, page.fmt.currency.code)
                    if not result.final:
                        result = await charge_safely(
                            terminal, paid.uid, -paid.amount, page.fmt.currency.code, page.message.say, known=True
                        )
                    outcome = result.outcome
            if outcome is CardOutcome.APPROVED:
                page.message.say(f"{sale.number} is stored, and {said} went back to the card.", "ok")
            elif outcome is CardOutcome.UNKNOWN:
                # It may have gone back: given by hand as well, the customer would have it twice.
                page.message.say(
                    f"{sale.number} is stored. The terminal does not say whether {said} went back: look at its journal "
                    "before giving anything by hand.",
                    "warn",
                )
            else:
                page.message.say(f"{sale.number} is stored. Give {said} back on the card terminal by hand.", "warn")

    async def takes(self, refused: Refused, code: str, times: int) -> bool:
        """See whether a code that is no book's is something else the counter knows, or can be added."""
        page = self._page
        if refused.code != "book.unknown":
            return False
        if parse_code(code).kind is not CodeKind.OTHER:
            page.tell(refused)
            page.adding.ask(code, times)
            return True
        if (customer := await customer_by_card(page.app, code)) is not None:
            cart = await page.open()
            page.show_step(await basket.set_customer(page.app, page.operator, cart.id, customer.id))
            page.message.say(f"{customer.name} is attached.", "ok")
            return True
        if code.strip().upper().startswith(PREFIX):
            card = await get_gift_card(page.app, code)
            cart = await page.open()
            if cart.lines and cart.due > 0:
                page.ask(self.payment(Tender.GIFT_CARD, card.code))
            else:
                page.message.say(f"Gift card {masked(card.code)} holds {page.fmt.money(card.balance)}.", "ok")
            return True
        return False

    async def _sell_gift_card(self) -> None:
        page = self._page
        typed = page.entry.text()
        page.entry.clear()
        dialog = AmountDialog(
            "Sell a gift card",
            page.fmt,
            page,
            go="Add it",
            code="Card code",
            note="A new code is made where none is given.",
        )
        if typed:
            dialog.prefill(typed)
        if await dialogs.show(dialog):
            await self._step(
                lambda cart, _: sell_gift_card(page.app, page.operator, cart.id, dialog.code, dialog.amount or 0)
            )

    def quick_keys(self) -> None:
        """Ctrl+K: the grid of what has no barcode."""
        self._page.ask(self._quick_keys())

    async def _quick_keys(self) -> None:
        page = self._page
        typed = page.typed_amount()
        page.entry.clear()
        dialog = QuickKeysDialog(await list_quick_keys(page.app), page.fmt, page)
        await dialogs.show(dialog)
        key = dialog.chosen
        if key is None:
            return
        price = typed
        if key.open_price and price is None:
            ask = AmountDialog(key.label, page.fmt, page, go="Add it", name="Price")
            if not await dialogs.show(ask):
                return
            price = ask.amount
        await page.in_turn(lambda: page.add_book(key.book_id, price=price))

    async def _balance(self) -> None:
        page = self._page
        dialog = TextDialog("Gift card balance", "Card code", "", page, go="Look it up")
        if await dialogs.show(dialog):
            card = await get_gift_card(page.app, dialog.text)
            page.message.say(f"Gift card {masked(card.code)} holds {page.fmt.money(card.balance)}.", "ok")

    async def _void(self) -> None:
        page = self._page
        if page.last is None:
            raise Refused("receipt.none")
        number = page.last.number
        dialog = TextDialog(f"Void sale {number}?", "Why", "", page, go="Void it")
        if not await dialogs.show(dialog):
            return

        async def turn() -> None:
            voided = await with_approval(
                page.context,
                page,
                lambda approval: void_sale(page.app, page.operator, number, dialog.text, approval),
            )
            page.show_sale(voided)
            page.start(keep_receipt(page.app, voided))
            await self.refund_cards(voided)

        await page.in_turn(turn)

    # Customers, shift, training, paper

    def customer(self) -> None:
        """F4: attach a customer, or nobody."""
        self._page.ask(self._customer())

    async def _customer(self) -> None:
        page = self._page
        dialog = await pick_customer(page.context, (await page.open()).customer_id, page)
        if dialog.chosen is None and not dialog.detached:
            return
        customer_id = dialog.chosen.id if dialog.chosen is not None else None
        await self._step(lambda cart, _: basket.set_customer(page.app, page.operator, cart.id, customer_id))
        if dialog.chosen is not None and page.cart is not None:
            page.message.say(f"{dialog.chosen.name} is attached.", "ok")
            await self.remind(page.cart, everything=True)

    async def remind(self, cart: CartView, *, everything: bool = False) -> None:
        """Say where the customer bought a title of the sale before: nobody wants it twice unawares."""
        page = self._page
        touched = [line for line in cart.lines if (everything or line.key == cart.touched) and line.isbn]
        if cart.customer_id is None or not touched:
            return
        before = await bought_before(page.app, cart.customer_id, [line.book_id for line in touched])
        for line in touched:
            if (day := before.get(line.book_id)) is not None:
                page.message.say(f"{cart.customer} bought “{line.title}” on {page.fmt.date(day)}.", "warn")
                return

    def x_report(self) -> None:
        """Shift+F10: the shift so far, on paper and on the screen."""
        self._page.ask(self._x_report())

    async def _x_report(self) -> None:
        page = self._page
        report = await with_approval(page.context, page, lambda _: x_report(page.app, page.operator))
        await dialogs.show(ReceiptDialog(await keep_report(page.app, report), page))

    def close_shift(self) -> None:
        """Ctrl+F10: count, close, and leave the till."""
        self._page.ask(self._close_shift())

    async def _close_shift(self) -> None:
        page = self._page
        dialog = CloseShiftDialog(page.context, await x_report(page.app, page.operator), page)
        await dialogs.show(dialog)
        await dialog.tasks.close()
        if dialog.wants_x:
            await self._x_report()
        elif dialog.report is not None:
            await dialogs.show(ReceiptDialog(await keep_report(page.app, dialog.report), page))
            page.finished.emit()

    async def _cash(self) -> None:
        page = self._page
        dialog = CashDialog(page.fmt, page)
        if await dialogs.show(dialog):
            await with_approval(
                page.context,
                page,
                lambda approval: move_cash(page.app, page.operator, dialog.amount, dialog.reason, approval),
            )
            word = "put in" if dialog.amount > 0 else "taken out"
            page.message.say(f"{page.fmt.money(abs(dialog.amount))} {word}: {dialog.reason}.", "ok")

    async def _float(self) -> None:
        page = self._page
        report = await x_report(page.app, page.operator)
        dialog = AmountDialog(
            "Opening float", page.fmt, page, amount=report.opening_float, name="In the drawer at first"
        )
        if await dialogs.show(dialog) and dialog.amount is not None:
            await set_float(page.app, page.operator, dialog.amount)
            page.message.say(f"The shift opened with {page.fmt.money(dialog.amount)}.", "ok")

    async def _no_sale(self) -> None:
        page = self._page
        dialog = NoSaleDialog(page)
        if await dialogs.show(dialog):
            await with_approval(
                page.context, page, lambda approval: no_sale(page.app, page.operator, dialog.reason, approval)
            )
            page.start(open_drawer(page.app))
            page.message.say(f"The drawer is opened: {dialog.reason}.", "ok")

    def train(self) -> None:
        """Turn training on or off; a basket with lines is parked first."""
        self._page.ask(self._train())

    async def _train(self) -> None:
        page = self._page

        async def turn() -> None:
            cart = await page.open()
            wanted = not cart.training
            if cart.lines:
                await park(page.app, page.operator, cart.id)
            page.returns.end()
            page.cart, page.training, page.last = None, wanted, None
            page.show_cart(await basket.open_cart(page.app, page.operator, training=wanted))
            said = "Training: nothing is really sold. F10 leaves it." if wanted else "Training is over."
            page.message.say(said + (" The sale before is parked." if cart.lines else ""), "warn" if wanted else "ok")

        await page.in_turn(turn)

    def show_receipt(self) -> None:
        """Ctrl+R: the last receipt on the screen."""
        if self._page.last is not None:
            self._page.ask(self._show_receipt(self._page.last.number))

    async def _show_receipt(self, number: str) -> None:
        await dialogs.show(ReceiptDialog(await read_receipt(self._page.app, number), self._page))

    def reprint(self) -> None:
        """Ctrl+P: the last receipt again, marked COPY; without a printer it is shown."""
        self._page.ask(self._reprint())

    async def _reprint(self) -> None:
        page = self._page
        receipt = await reprint(page.app, page.operator)
        await self._shown_or_told(receipt, f"Receipt {receipt.number} printed again, marked COPY.")

    async def _gift_receipt(self) -> None:
        page = self._page
        receipt = await gift_receipt(page.app, page.operator)
        await self._shown_or_told(receipt, f"Gift receipt of {receipt.number} printed.")

    async def _shown_or_told(self, receipt: Receipt, told: str) -> None:
        """Show a paper where no printer is set; else say that it is printed."""
        page = self._page
        if page.app.printing.printer == "none":
            await dialogs.show(ReceiptDialog(receipt, page))
        else:
            page.message.say(told, "ok")

    # More

    def more(self) -> None:
        """F10: what has no key of its own."""
        self._page.ask(self._more())

    async def _more(self) -> None:
        page = self._page
        menu = Menu(
            "More",
            [
                ("E", "Explain this amount (=)", self._explain),
                ("P", "Another price", self._price),
                ("T", "Another tax", self._tax),
                ("N", "Note on the line", lambda: self._note(on_line=True)),
                ("S", "Note on the sale", lambda: self._note(on_line=False)),
                ("Q", "Quick keys", self._quick_keys),
                ("W", "Payment…", self.payment),
                ("G", "Sell a gift card", self._sell_gift_card),
                ("B", "Gift card balance", self._balance),
                ("R", "Gift receipt", self._gift_receipt),
                ("V", "Void the last sale", self._void),
                ("O", "Open the drawer", self._no_sale),
                ("C", "Cash in or out", self._cash),
                ("F", "Opening float", self._float),
                ("X", "X report (Shift F10)", self._x_report),
                ("Z", "Close the shift (Ctrl F10)", self._close_shift),
                ("M", "Leave training" if page.training else "Training mode", self._train),
                ("L", "Clear the sale", lambda: page.in_turn(page.clear)),
                ("D", "Delete the line", self._delete_line),
            ],
            page,
        )
        if await dialogs.show(menu) and menu.chosen is not None:
            await menu.chosen()

    async def _delete_line(self) -> None:
        self._page.remove_line()
