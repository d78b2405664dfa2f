"""Taking books back at the counter: scan the receipt, scan the books, F12."""

from contextlib import suppress
from typing import TYPE_CHECKING

from pos_app.domain.document import Restock
from pos_app.domain.isbn import try_isbn13
from pos_app.errors import Refused
from pos_app.services import cart as basket
from pos_app.services.book import find_by_code
from pos_app.services.cart_return import ReturnView, find_return, take_back, take_back_without_receipt
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import checked_code
from ui import dialogs
from ui.approval import with_approval
from ui.checkout.ask_dialog import RETURN_REASONS, ReceiptNumberDialog
from ui.checkout.returning import ReturnModel, ReturnTable

if TYPE_CHECKING:
    from ui.checkout.page import CheckoutPage

RESTOCK = {Restock.SELLABLE: "Sellable", Restock.DAMAGED: "Damaged", Restock.PUBLISHER: "To publisher"}


class ReturnFlow:
    """What a page knows while books come back. The lines that come back stand in the page's basket."""

    def __init__(self, page: "CheckoutPage") -> None:
        """Take the page."""
        self._page = page
        self._model = ReturnModel(page.fmt)
        self.table = ReturnTable(self._model)
        self.table.delegate.ticked.connect(lambda row: page.act(lambda: self._tick(row)))
        self._sale: ReturnView | None = None
        self._without = False
        # The line taken back last: where its books go and why can still be told after the scan.
        self._taken: int | None = None
        self._restock, self._reason = Restock.SELLABLE, RETURN_REASONS[0]

    @property
    def active(self) -> bool:
        """Whether books are being taken back."""
        return self._sale is not None or self._without

    def key(self) -> None:
        """F9: start a return; while one is under way, go on to what the customer takes instead."""
        page = self._page
        if self.active:
            self.end()
            page.act(self._exchange)
        else:
            page.ask(self._ask())

    async def _ask(self) -> None:
        page = self._page
        dialog = ReceiptNumberDialog(page.entry.text().strip(), page)
        page.entry.clear()
        await dialogs.show(dialog)
        page.focus_home()
        if dialog.without_receipt:
            self.without_receipt()
        elif dialog.number:
            await page.in_turn(lambda: self.start(dialog.number))

    async def _exchange(self) -> None:
        self._page.show_cart(await self._page.open())
        self._page.message.say("Scan what the customer takes instead, then F12.", "none")

    async def start(self, number: str) -> None:
        """Show the sale of a receipt, to tick what comes back."""
        page = self._page
        cart = await page.open()
        sale = await find_return(page.app, number, cart.id)
        if cart.returns_of and cart.returns_of[0] != sale.number:
            raise Refused("return.one_sale")
        self._sale, self._without, self._taken = sale, False, None
        page.buttons.show_returning(RESTOCK[self._restock], self._reason)
        self._model.show(sale)
        page.show_mode()
        page.show_cart(cart)
        when = f"{page.fmt.day(sale.placed_at)}, {page.fmt.time(sale.placed_at)}"
        # A small screen has room for which sale and when; that it is a return the state beside it says.
        wide = f"Return of sale {sale.number} · {when} · {sale.operator}"
        page.show_subtitle(f"{sale.number} · {when}" if page.narrow else wide, sale.number)
        page.message.say(f"Scan the books that come back, or touch their lines. {_said_of_f12(cart)}", "none")

    def without_receipt(self) -> None:
        """Take the next scanned books back at today's price; a manager's PIN is asked for."""
        self._sale, self._without = None, True
        page = self._page
        self._model.show(None)
        page.buttons.show_returning(RESTOCK[self._restock], self._reason)
        page.show_mode()
        page.show_subtitle("Return without receipt")
        page.act(self._show_without)

    async def _show_without(self) -> None:
        self._page.show_cart(await self._page.open())
        self._page.message.say("Scan the books that come back without a receipt.", "none")

    async def scanned(self, code: str) -> None:
        """Take a scan as a book that comes back."""
        if self._sale is None:
            await self._take_unproved(code)
            return
        found = await self._lines_of(code)
        row = next((row for row in found if self._sale.lines[row].coming < self._sale.lines[row].left), None)
        if row is not None:
            await self._set(row, self._sale.lines[row].coming + 1)
        elif found:
            line = self._sale.lines[found[0]]
            if line.left:
                raise Refused("return.all_ticked", title=line.title, left=line.left)
            raise Refused("return.too_many", title=line.title, left=0)
        else:
            raise Refused("return.not_on_it", number=self._sale.number)

    async def _lines_of(self, code: str) -> list[int]:
        """The lines of the sale that a code stands for: a gift card's, or those of the title that has it."""
        assert self._sale is not None  # noqa: S101 - a scan without a sale goes elsewhere
        lines = list(enumerate(self._sale.lines))
        with suppress(Refused):
            card = checked_code(code)
            if cards := [row for row, line in lines if line.gift_card == card]:
                return cards
        try:
            title = (await find_by_code(self._page.app, code)).id
        except Refused as refused:
            # A title that was removed or joined since is on its receipts still.
            isbn = try_isbn13(code)
            if isbn is None and refused.code != "book.unknown":
                raise
            return [row for row, line in lines if isbn and line.isbn == isbn]
        return [row for row, line in lines if line.book_id == title]

    async def _tick(self, row: int) -> None:
        if self._sale is None:
            return
        line = self._sale.lines[row]
        if not line.left:
            raise Refused("return.too_many", title=line.title, left=0)
        await self._set(row, line.coming + 1 if line.coming < line.left else 0)

    async def _set(self, row: int, quantity: int) -> None:
        assert self._sale is not None  # noqa: S101 - a row is of a sale
        page, line = self._page, self._sale.lines[row]
        cart = await page.open()
        shown = await with_approval(
            page.context,
            page,
            lambda approval: take_back(
                page.app,
                page.operator,
                cart.id,
                line.item_id,
                quantity,
                restock=self._restock,
                reason=self._reason,
                approval=approval,
            ),
        )
        self._taken = row
        await self._reread(shown)
        where = f" · put: {RESTOCK[self._restock]} · why: {self._reason}" if quantity else ""
        coming = f"{quantity} come{'s' if quantity == 1 else ''} back" if quantity else "does not come back"
        page.message.say(f"{line.title} · {coming}{where}", "ok")

    async def _take_unproved(self, code: str) -> None:
        page = self._page
        cart = await page.open()
        shown = await with_approval(
            page.context,
            page,
            lambda approval: take_back_without_receipt(
                page.app,
                page.operator,
                cart.id,
                code,
                restock=self._restock,
                reason=self._reason,
                approval=approval,
            ),
        )
        page.show_cart(shown)
        page.show_step(shown)

    def all(self) -> None:
        """Ctrl+A: everything that still can comes back."""
        if self._sale is not None:
            self._page.act(self._all)

    async def _all(self) -> None:
        for row in range(len(self._sale.lines) if self._sale else 0):
            assert self._sale is not None  # noqa: S101 - just looked at
            if self._sale.lines[row].coming < self._sale.lines[row].left:
                await self._set(row, self._sale.lines[row].left)

    async def refresh(self) -> None:
        """Read the sale again after the basket changed by other means."""
        if self._sale is not None and self._page.cart is not None:
            await self._reread(self._page.cart)

    async def drop_lost(self) -> None:
        """Take out of the basket what came back at another till meanwhile, and name it."""
        page = self._page
        cart = page.cart
        if cart is None or not cart.returns_of:
            return
        sale = await find_return(page.app, cart.returns_of[0], cart.id)
        lost = [line for line in sale.lines if line.coming > line.left]
        for line in lost:
            cart = await take_back(page.app, page.operator, cart.id, line.item_id, line.left)
        if self._sale is not None:
            await self._reread(cart)
        else:
            page.show_cart(cart)
        if lost:
            named = ", ".join(f"“{line.title}”" for line in lost)
            page.message.say(f"{named} came back at another till meanwhile, and not here once more.", "warn")

    async def _reread(self, cart: CartView) -> None:
        if self._sale is None:
            return
        self._sale = await find_return(self._page.app, self._sale.number, cart.id)
        self._model.show(self._sale)
        self._page.show_cart(cart)

    def show_cart(self, cart: CartView) -> None:
        """Show what goes back beside the lines."""
        if self._sale is not None:
            self._page.totals.show_return(self._sale, cart)
        else:
            self._page.totals.show_cart(cart)

    @property
    def shows_sale(self) -> bool:
        """Whether a sale's lines are shown to tick; without a receipt the basket's own are."""
        return self._sale is not None

    def next_restock(self) -> None:
        """Choose where the books that come back go: those taken last, and those that follow."""
        kinds = list(Restock)
        self._restock = kinds[(kinds.index(self._restock) + 1) % len(kinds)]
        self._tell_again()

    def next_reason(self) -> None:
        """Choose why they come back."""
        place = RETURN_REASONS.index(self._reason)
        self._reason = RETURN_REASONS[(place + 1) % len(RETURN_REASONS)]
        self._tell_again()

    def _tell_again(self) -> None:
        self._page.buttons.show_returning(RESTOCK[self._restock], self._reason)
        if self._sale is not None and self._taken is not None and self._sale.lines[self._taken].coming:
            row, coming = self._taken, self._sale.lines[self._taken].coming
            self._page.act(lambda: self._set(row, coming))

    def leave(self) -> None:
        """Leave the return: nothing comes back; Undo brings the ticks back."""
        if self.active:
            self.end()
            self._page.act(self._leave)

    async def _leave(self) -> None:
        page = self._page
        cart = await page.open()
        for line in cart.lines:
            if line.comes_back:
                cart = await basket.remove_line(page.app, page.operator, cart.id, line.key)
        page.show_cart(cart)
        page.message.say("The return was left. Nothing was refunded.", "none")

    def end(self) -> None:
        """Go back to selling."""
        self._sale, self._without = None, False
        self._restock, self._reason = Restock.SELLABLE, RETURN_REASONS[0]
        self._model.show(None)
        self._page.buttons.show_selling()
        self._page.show_mode()


def _said_of_f12(cart: CartView) -> str:
    """What F12 does after the books that come back: what was in the basket before is paid with the same key."""
    sold = sum(line.quantity for line in cart.lines if not line.comes_back)
    if not sold:
        return "F12 refunds."
    stay = "1 item to be sold stays" if sold == 1 else f"{sold} items to be sold stay"
    return f"{stay} in the basket: F12 takes or gives back the difference."
