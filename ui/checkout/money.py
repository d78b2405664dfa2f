"""Questions about money: paying, gift cards, and giving back."""

from pos_app.domain.document import OrderView
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.errors import Refused
from pos_app.services.cart_view import CartView
from pos_app.services.customer import customer_card
from pos_app.services.gift_card import get_gift_card, masked, sell_gift_card
from pos_app.services.order import PayRequest, pay
from pos_app.services.order_void import void_sale
from pos_app.services.receipt import keep_receipt
from pos_app.services.tender import list_tenders
from ui import dialogs
from ui.approval import with_approval
from ui.checkout.ask_dialog import AmountDialog, TextDialog, VoidDialog
from ui.checkout.card import CardQuestions
from ui.checkout.payment_dialog import PaymentDialog


class MoneyQuestions(CardQuestions):
    """What is taken, and what goes back."""

    def gift_card(self) -> None:
        """F5: pay with a gift card, or any other tender that asks more than a key can answer."""
        self.page.ask(self.payment(Tender.GIFT_CARD))

    async def payment(self, first: str | None = None, code: str | None = None) -> None:
        """Open the payment dialog."""
        page = self.page
        await page.caught_up()
        cart = await page.open()
        if not cart.lines:
            raise Refused("cart.empty")
        if cart.due < 0:
            raise Refused("payment.nothing_due")
        typed = page.entry.text()
        page.entry.clear()

        async def take(payment: PaymentIn) -> CartView | None:
            await page.see_through(lambda: page.pay(payment, receipt=dialog.receipt))
            return page.cart

        async def undo() -> CartView:
            now = await page.open()
            shown = await self.take_back(now, now.payments[-1].uid)
            page.show_step(shown)
            return shown

        page.tenders = await list_tenders(page.app)
        owner = None if cart.customer_id is None else (await customer_card(page.app, cart.customer_id)).customer
        spendable = owner.loyalty.spendable if owner is not None and owner.loyalty is not None else 0
        dialog = PaymentDialog(
            page.context, cart, page.tenders, take, undo, page, first=first, typed=typed, spendable=spendable
        )
        if code is not None:
            dialog.scanned(code)
        await dialogs.show(dialog)
        await dialog.tasks.close()

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
        request = PayRequest.refund(cart, *payments)
        return await with_approval(page.context, page, lambda approval: pay(page.app, page.operator, request, approval))

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
        dialog = VoidDialog("" if page.last is None else page.last.number, page)
        if not await dialogs.show(dialog):
            return
        uid = page.app.ids.new()

        async def turn() -> None:
            voided = await with_approval(
                page.context,
                page,
                lambda approval: void_sale(
                    page.app, page.operator, dialog.number, dialog.reason, approval, training=page.training, uid=uid
                ),
            )
            page.show_void(voided)
            page.start(keep_receipt(page.app, voided))
            await self.refund_cards(voided)

        await page.in_turn(turn)
