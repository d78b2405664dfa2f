"""Questions about what things cost: discounts, other prices and taxes, notes, and how an amount came about."""

from decimal import Decimal

from pos_app.errors import Refused
from pos_app.services import cart as basket
from pos_app.services.cart_price import discount_line, discount_sale, override_price, override_tax
from pos_app.services.cart_view import CartLine, CartView
from pos_app.services.order_view import get_sale
from pos_app.services.tax_rate import list_tax_rates
from ui import dialogs
from ui.checkout.ask_dialog import PRICE_REASONS, AmountDialog, DiscountDialog, TaxDialog, TextDialog
from ui.checkout.explain import explain_cart, explain_document
from ui.checkout.explain_dialog import ExplainDialog
from ui.checkout.question import Questions


class PriceQuestions(Questions):
    """Each changes the line chosen, or the whole sale."""

    def discount(self) -> None:
        """F8: off the line or the whole sale; what is typed is the per cent to start with."""
        self.page.ask(self._discount())

    async def _discount(self) -> None:
        page = self.page
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

        await self.step(give)

    async def _price(self) -> None:
        page, line = self.page, self._line()
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
            await self.step(
                lambda cart, approval: override_price(
                    page.app, page.operator, cart.id, line.key, dialog.amount, dialog.reason, approval
                )
            )

    async def _tax(self) -> None:
        page, line = self.page, self._line()
        rates = await list_tax_rates(page.app)
        dialog = TaxDialog(line, [(rate.id, f"{rate.name} · {page.fmt.percent(rate.rate)}") for rate in rates], page)
        if await dialogs.show(dialog):
            await self.step(
                lambda cart, approval: override_tax(
                    page.app, page.operator, cart.id, line.key, dialog.rate_id, dialog.reason, approval
                )
            )

    async def _note(self, *, on_line: bool) -> None:
        page, line = self.page, self._line() if on_line else None
        cart = await page.open()
        old = (line.note if line is not None else cart.note) or ""
        title = "Note on the line" if on_line else "Note on the sale"
        dialog = TextDialog(title, "Note, printed on the receipt", old, page)
        if await dialogs.show(dialog):
            key = line.key if line is not None else None
            await self.step(lambda cart, _: basket.set_note(page.app, page.operator, cart.id, dialog.text, key))

    def _line(self) -> CartLine:
        """The line chosen. Raises Refused("line.none")."""
        line = self.page.current_line
        if line is None:
            raise Refused("line.none")
        return line

    def explain(self) -> None:
        """=: show how the line's and the sale's amounts came about."""
        self.page.ask(self._explain())

    async def _explain(self) -> None:
        page = self.page
        if page.paid_shown and page.last is not None:
            # Read anew: what was just stored does not name the manager who let it pass.
            stored = await get_sale(page.app, page.last.number)
            await dialogs.show(ExplainDialog(explain_document(stored, page.fmt), page))
            return
        cart = await page.open()
        if not cart.lines:
            raise Refused("explain.nothing")
        await dialogs.show(ExplainDialog(explain_cart(cart, page.current_line, page.fmt), page))
