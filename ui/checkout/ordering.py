"""Customer orders at the counter: the basket becomes one, and what is held comes into the basket."""

from functools import partial

from pos_app.domain.payment import PaymentIn, Tender, TenderKind
from pos_app.errors import Refused
from pos_app.services.cart_view import CartView
from pos_app.services.customer_edit import get_customer
from pos_app.services.customer_order import OrderRequest, Placed, held_now, place_from_cart, take_ready
from pos_app.services.order_paper import order_paper, print_papers, slips_of_order
from pos_app.services.quote import make_quote, take_quote
from pos_app.services.receipt import keep_receipt
from pos_app.services.shift import business_date
from pos_app.services.tender import list_tenders
from ui import dialogs
from ui.checkout.order_dialog import Answer, OrderDialog
from ui.checkout.question import Questions
from ui.errors import sentence
from ui.orders.quotes import QuotesDialog, write_quote
from ui.widgets.sheet import Menu

# What is wrong with what was typed into the question, rather than with the basket.
OF_THE_QUESTION = ("account.", "deposit.", "payment.", "order.address")
# These ask for more than an amount: they are taken into the sale before.
APART = (TenderKind.GIFT_CARD, TenderKind.VOUCHER)


class OrderQuestions(Questions):
    """Orders of the customer attached."""

    def order(self) -> None:
        """Ctrl+O: the basket becomes an order of its customer."""
        self.page.ask(self._order())

    async def _order(self) -> None:
        page = self.page
        await page.caught_up()
        cart = await page.open()
        if not cart.lines:
            raise Refused("cart.empty")
        if cart.customer_id is None:
            raise Refused("order.nobody")
        typed = page.entry.text().strip()
        page.entry.clear()
        page.results.hide()
        address = (await get_customer(page.app, cart.customer_id)).address
        tenders = [
            rule
            for rule in await list_tenders(page.app)
            if rule.active
            and rule.kind not in APART
            and not rule.asks_reference
            and not (rule.code == Tender.CARD and page.app.terminal is not None)
        ]
        today = business_date(page.fmt.settings, page.app.clock.now())
        held = await held_now(page.app, cart)
        said, refusal = Answer(address=address, deposit=typed), ""
        while True:
            dialog = OrderDialog(cart, held, said, tenders, today, page.fmt, page)
            dialog.message.say(refusal, "warn")
            if not await dialogs.show(dialog):
                return
            said = dialog.answer
            refused = await self._place(cart, dialog)
            if refused is None:
                return
            refusal = sentence(refused)

    async def _place(self, cart: CartView, dialog: OrderDialog) -> Refused | None:
        """Place what was asked for; gives the refusal of what was typed, which is asked for again."""
        page = self.page
        paid = [PaymentIn(page.app.ids.new(), dialog.tender, dialog.deposit)] if dialog.deposit else []
        request = OrderRequest.of(
            cart,
            page.app.ids.new(),
            *paid,
            way=dialog.way,
            promised_on=dialog.promised_on,
            address=dialog.address,
            note=dialog.note,
        )
        refusals: list[Refused] = []

        async def place(_approval: str | None) -> Placed:
            placed = await place_from_cart(page.app, page.operator, request)
            await self._placed(placed)
            return placed

        async def once() -> None:
            try:
                await self.insist(place)
            except Refused as refused:
                if not refused.code.startswith(OF_THE_QUESTION):
                    raise
                refusals.append(refused)

        await page.in_turn(once)
        return refusals[0] if refusals else None

    async def _placed(self, placed: Placed) -> None:
        page, order = self.page, placed.detail.order
        said = "all of it is held" if placed.stand.whole else f"{placed.stand.held} held, the rest to come"
        money = f" Deposit {page.fmt.money(placed.stand.deposit)}." if placed.stand.deposit else ""
        if placed.deposit is not None:
            page.show_last(placed.deposit)
            page.start(keep_receipt(page.app, placed.deposit))
        page.cart = None
        await page.refresh(keep_message=True)
        page.message.say(f"Order {order.id} of {order.customer} is placed: {said}.{money}", "ok")
        papers = [await order_paper(page.app, order.id), *await slips_of_order(page.app, order.id)]
        await print_papers(page.app, f"Order {order.id}", papers)

    async def _order_menu(self) -> None:
        page = self.page
        acts = [
            ("O", page.keys.named("Order for the customer (Ctrl O)"), self._order),
            ("T", page.keys.named("Take what is held (Ctrl T)"), lambda: page.in_turn(self._take_ready)),
            ("Q", "Keep as a quote for the customer", self._quote),
            ("K", "Quotes kept", self._quotes),
        ]
        menu = Menu("Customer order", acts, page, columns=1)
        if await dialogs.show(menu) and menu.chosen is not None:
            await menu.chosen()

    async def _quote(self) -> None:
        """Keep what the basket comes to for its customer as a quote, and write it; the basket stays what it is."""
        page = self.page
        cart = await page.open()
        made = await make_quote(page.app, page.operator, page.app.ids.new(), cart.id)
        path = await write_quote(page.context, made.id)
        until = page.fmt.date(made.valid_until)
        page.message.say(f"Quote {made.id} holds until {until}. It is in {path}; F10, U, K finds it again.", "ok")

    async def _quotes(self) -> None:
        """The quotes kept; the one chosen comes into the basket, to be sold or ordered."""
        page = self.page
        dialog = QuotesDialog(page.context, page, sells=True)
        try:
            if not await dialogs.show(dialog) or dialog.chosen is None:
                return
        finally:
            await dialog.tasks.close()
        await page.in_turn(partial(self._take_quote, dialog.chosen.id))

    async def _take_quote(self, quote_id: int) -> None:
        page = self.page
        cart = await page.open()
        shown = await take_quote(page.app, page.operator, cart.id, quote_id)
        page.show_cart(shown)
        if shown.message == "quote.today":
            until = page.fmt.date(shown.params["until"])
            page.message.say(f"Quote {quote_id} held until {until}: these are today's prices.", "warn")
            return
        said = f"Quote {quote_id} for {shown.customer}: sell it, or Ctrl+O orders it. Ctrl+Z takes it out."
        page.message.say(said, "ok")

    def take_ready(self) -> None:
        """Ctrl+T: what is held for the customer comes into the basket."""
        self.page.act(self._take_ready)

    async def _take_ready(self, order_id: int | None = None) -> None:
        page = self.page
        cart = await page.open()
        shown = await take_ready(page.app, page.operator, cart.id, order_id)
        page.show_cart(shown)
        if not shown.due:
            page.message.say("It is paid in full.", "ok")
            await page.complete()
            return
        deposit = sum(paid.amount for paid in shown.payments if paid.tender == Tender.DEPOSIT)
        netted = f" Deposit {page.fmt.money(deposit)} is taken off." if deposit else ""
        page.message.say(f"Taken into the sale for {shown.customer}.{netted}", "ok")
