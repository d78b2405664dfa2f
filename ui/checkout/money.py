"""Questions about money: paying, gift cards, the card terminal, and giving back."""

from contextlib import suppress

from pos_app.devices.card_terminal import charge_safely
from pos_app.domain.card import CardOutcome
from pos_app.domain.document import OrderView
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.errors import Refused, Unavailable
from pos_app.services import cart as basket
from pos_app.services.card_charge import begin_charge, end_charge
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import get_gift_card, masked, sell_gift_card
from pos_app.services.order import PayRequest, pay
from pos_app.services.order_void import void_sale
from pos_app.services.receipt import keep_receipt
from pos_app.services.tender import list_tenders
from ui import dialogs
from ui.approval import with_approval
from ui.checkout.ask_dialog import AmountDialog, TextDialog
from ui.checkout.card_dialog import CardDialog
from ui.checkout.payment_dialog import PaymentDialog
from ui.checkout.question import Questions


class MoneyQuestions(Questions):
    """What is taken, and what goes back."""

    def gift_card(self) -> None:
        """F5: pay with a gift card, or any other tender that asks more than a key can answer."""
        self.page.ask(self.payment(Tender.GIFT_CARD))

    async def payment(self, first: str | None = None, code: str | None = None) -> None:
        """Open the payment dialog."""
        page = self.page
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
        page = self.page
        terminal = page.app.terminal
        if terminal is None or cart.training:
            return False
        if amount > cart.due:
            # Said before the terminal is asked: what it has taken it does not give back by itself.
            raise Refused("payment.over")
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
        page = self.page
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
        page = self.page
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

    async def _sell_gift_card(self) -> None:
        page = self.page
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
            await self.step(
                lambda cart, approval: sell_gift_card(
                    page.app, page.operator, cart.id, dialog.code, dialog.amount or 0, approval
                )
            )

    async def _balance(self) -> None:
        page = self.page
        dialog = TextDialog("Gift card balance", "Card code", "", page, go="Look it up")
        if await dialogs.show(dialog):
            card = await get_gift_card(page.app, dialog.text)
            page.message.say(f"Gift card {masked(card.code)} holds {page.fmt.money(card.balance)}.", "ok")

    async def _void(self) -> None:
        page = self.page
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
