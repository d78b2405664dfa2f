"""What the counter asks questions for: each key's way from the question to the basket.

The questions stand by noun: prices, money, shift, papers; here are those about the basket and its customer.
"""

from pos_app.domain.gift_code import PREFIX
from pos_app.domain.isbn import CodeKind, parse_code
from pos_app.domain.payment import Tender
from pos_app.errors import Refused
from pos_app.receipts.order import order_of_code
from pos_app.services import cart as basket
from pos_app.services.cart_park import list_parked, park, recall
from pos_app.services.cart_view import CartView
from pos_app.services.customer import CustomerRow, bought_before, customer_by_card
from pos_app.services.customer_order import held_for
from pos_app.services.gift_card import get_gift_card, masked
from pos_app.services.quick_key import list_quick_keys
from ui import dialogs
from ui.checkout.ask_dialog import AmountDialog
from ui.checkout.money import MoneyQuestions
from ui.checkout.ordering import OrderQuestions
from ui.checkout.papers import PaperQuestions
from ui.checkout.prices import PriceQuestions
from ui.checkout.quick_keys import QuickKeysDialog
from ui.checkout.recall_dialog import RecallDialog
from ui.checkout.shift import ShiftQuestions
from ui.customers.dialog import pick_customer
from ui.widgets.sheet import Menu


class Flows(PriceQuestions, MoneyQuestions, ShiftQuestions, PaperQuestions, OrderQuestions):
    """All questions of one page; one at a time."""

    def park(self) -> None:
        """F6: set the sale aside; what is typed becomes its note."""
        page = self.page
        note = page.entry.text().strip()
        page.entry.clear()
        page.results.hide()
        page.act(lambda: self._park(note))

    async def _park(self, note: str) -> None:
        page = self.page
        cart = await page.open()
        page.returns.end()
        page.show_cart(await park(page.app, page.operator, cart.id, note))
        page.message.say("Parked. F7 takes it up again, at any till.", "ok")

    def recall(self) -> None:
        """F7: take the only parked sale up at once, or ask which."""
        self.page.ask(self._recall())

    async def _recall(self) -> None:
        page = self.page
        waiting = await list_parked(page.app, page.operator, training=page.training)
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
            said = f"“{chosen.note}” taken up." if chosen.note else "The parked sale is taken up."
            page.message.say(said + (" The other sale is parked." if had_lines else ""), "ok")
            await self.settle_cards()

        await page.in_turn(turn)

    async def takes(self, refused: Refused, code: str, times: int) -> bool:
        """See whether a code that is no book's is something else the counter knows, or can be added."""
        page = self.page
        if self.takes_unpriced(refused, times):
            return True
        if refused.code != "book.unknown":
            return False
        kind = parse_code(code).kind
        if kind is not CodeKind.ISBN and await self._takes_gift_card(code):
            return True
        if kind is not CodeKind.OTHER:
            page.tell(refused)
            page.adding.ask(code, times)
            return True
        if (order_id := order_of_code(code)) is not None:
            await self._take_ready(order_id)
            return True
        if (customer := await customer_by_card(page.app, code)) is not None:
            cart = await page.open()
            page.show_step(await basket.set_customer(page.app, page.operator, cart.id, customer.id))
            await self.attached(customer)
            return True
        return False

    async def _takes_gift_card(self, code: str) -> bool:
        """Pay with a gift card that is scanned: one of the shop's making, or one printed with a code of its own."""
        page = self.page
        try:
            card = await get_gift_card(page.app, code)
        except Refused as refused:
            if refused.code == "gift_card.expired" or code.strip().upper().startswith(PREFIX):
                raise
            return False
        cart = await page.open()
        if cart.lines and cart.due > 0:
            page.ask(self.payment(Tender.GIFT_CARD, card.code))
        else:
            page.message.say(f"Gift card {masked(card.code)} holds {page.fmt.money(card.balance)}.", "ok")
        return True

    def takes_unpriced(self, refused: Refused, times: int) -> bool:
        """See whether a title is refused only as it has no price, and ask for it then."""
        # While something else is asked, the refusal itself is told: the question would be dropped.
        if refused.code != "book.open_price" or self.busy:
            return False
        self.page.ask(self._ask_price(refused.params["book_id"], refused.params["title"], times))
        return True

    async def _ask_price(self, book_id: int, title: str, times: int) -> None:
        page = self.page
        ask = AmountDialog(title, page.fmt, page, go="Add it", name="Price", note="It has no price in the catalogue.")
        if await dialogs.show(ask):
            price = ask.amount
            await page.in_turn(lambda: page.add_book(book_id, times, price))

    def quick_keys(self) -> None:
        """Ctrl+K: the grid of what has no barcode."""
        self.page.ask(self._quick_keys())

    async def _quick_keys(self) -> None:
        page = self.page
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

    def customer(self) -> None:
        """F4: attach a customer, or nobody."""
        self.page.ask(self.ask_customer())

    async def ask_customer(self) -> None:
        """Ask whose sale it is, and say what waits for them."""
        page = self.page
        dialog = await pick_customer(page.context, (await page.open()).customer_id, page)
        if dialog.chosen is None and not dialog.detached:
            return
        customer_id = dialog.chosen.id if dialog.chosen is not None else None
        await self.step(lambda cart, _: basket.set_customer(page.app, page.operator, cart.id, customer_id))
        # What was refused has been told.
        if dialog.chosen is not None and page.cart is not None and page.cart.customer_id == customer_id:
            await self.attached(dialog.chosen)
            await self.remind(page.cart, everything=True)

    async def attached(self, customer: CustomerRow) -> None:
        """Say who is attached, and what is ready for them: nobody leaves without it."""
        page = self.page
        titles = await held_for(page.app, customer.id)
        if not titles:
            page.message.say(f"{customer.name} is attached.", "ok")
            return
        more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
        page.message.say(f"Held for {customer.name}: “{titles[0][:60]}”{more}. Ctrl+T takes it into the sale.", "warn")

    async def remind(self, cart: CartView, *, everything: bool = False) -> None:
        """Say where the customer bought a title of the sale before: nobody wants it twice unawares."""
        page = self.page
        touched = [line for line in cart.lines if (everything or line.key == cart.touched) and line.isbn]
        if cart.customer_id is None or not touched:
            return
        before = await bought_before(page.app, cart.customer_id, [line.book_id for line in touched])
        for line in touched:
            if (day := before.get(line.book_id)) is not None:
                page.message.say(f"{cart.customer} bought “{line.title}” on {page.fmt.date(day)}.", "warn")
                return

    # More

    def more(self) -> None:
        """F10: what has no key of its own."""
        self.page.ask(self._more())

    async def _more(self) -> None:
        page = self.page
        menu = Menu(
            "More",
            [
                ("E", "Explain this amount (=)", self._explain),
                ("P", "Another price", self._price),
                ("T", "Another tax", self._tax),
                ("U", "Customer order, quote…", self._order_menu),
                ("N", "Note on the line", lambda: self._note(on_line=True)),
                ("S", "Note on the sale", lambda: self._note(on_line=False)),
                ("Q", "Quick keys", self._quick_keys),
                ("W", "Payment…", self.payment),
                ("G", "Sell a gift card", self._sell_gift_card),
                ("B", "Gift card balance", self._balance),
                ("R", "Gift receipt", self._gift_receipt),
                ("V", "Void a sale", self._void),
                ("O", "Open the drawer", self._no_sale),
                ("C", "Cash in or out", self._cash),
                ("F", "Opening float", self._float),
                ("X", page.keys.named("X report (Shift F10)"), self._x_report),
                ("Z", page.keys.named("Close the shift (Ctrl F10)"), self._close_shift),
                ("M", "Leave training" if page.training else "Training mode", self._train),
                ("L", "Clear the sale", lambda: page.in_turn(page.clear)),
                ("D", "Delete the line", self._delete_line),
            ],
            page,
        )
        if await dialogs.show(menu) and menu.chosen is not None:
            await menu.chosen()

    async def _delete_line(self) -> None:
        self.page.remove_line()
