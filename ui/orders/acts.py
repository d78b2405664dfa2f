"""What is done to orders beside moving them: telling the customer, papers, deposits, keeping longer."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QScrollArea, QWidget

from pos_app.domain.order_status import OrderStatus
from pos_app.errors import Refused
from pos_app.receipts.layout import Document
from pos_app.services.customer_order import give_back_deposit, keep_longer, note_told
from pos_app.services.invoice import invoice_paper, list_overdue
from pos_app.services.order_paper import (
    card_paper,
    message_of,
    order_paper,
    picking_list,
    print_papers,
    slips_of_order,
    write_draft,
)
from pos_app.services.order_view import OPEN_STATUSES
from pos_app.services.purchase_order import buy_missing
from pos_app.services.receipt import keep_receipt
from ui import dialogs
from ui.actions import shortcut
from ui.approval import with_approval
from ui.checkout.card import give_back_to_cards
from ui.customers.acts import sure
from ui.orders.edit_dialog import EditDialog
from ui.orders.quotes import QuotesDialog
from ui.orders.reminders import RemindersDialog
from ui.printing import write_paper
from ui.widgets.basic import caption, label
from ui.widgets.key_button import KeyButton
from ui.widgets.paper import PaperView
from ui.widgets.sheet import Menu, Sheet

if TYPE_CHECKING:
    from ui.orders.page import OrdersPage

TALLEST = 480


class Acts:
    """The questions of the page, each of the order shown or of those chosen."""

    def __init__(self, page: "OrdersPage") -> None:
        """Take the page."""
        self.page = page

    def more(self) -> None:
        """F10: what has no key of its own."""
        self.page.ask(self._more())

    async def _more(self) -> None:
        menu = Menu(
            "Orders",
            [
                ("E", "Change what is ordered (F8)", self.edit),
                ("M", "Tell the customer (F6)", self.tell),
                ("P", "Order on paper (Ctrl P)", self.paper),
                ("S", "Slips of what is held", self.slips),
                ("L", "Picking list of those chosen (F7)", self.picking),
                ("O", "Order what is missing from the suppliers", self.buy),
                ("K", "Keep it longer", self.keep),
                ("D", "Give the deposit back", self.deposit),
                ("Q", "Quotes", self.quotes),
                ("I", "Invoice of the sale on account", self.invoice),
                ("R", "Reminders of overdue accounts", self.reminders),
            ],
            self.page,
        )
        if await dialogs.show(menu) and menu.chosen is not None:
            await menu.chosen()

    async def edit(self) -> None:
        """F8: fewer, more, or other titles."""
        page = self.page
        page.shown_order()
        detail, stand = page.detail.shown, page.detail.stand
        assert detail is not None  # noqa: S101 - shown_order has refused it
        assert stand is not None  # noqa: S101 - as above
        if detail.order.status not in OPEN_STATUSES:
            raise Refused("order.ended", order_id=detail.order.id, status=detail.order.status.value)
        dialog = EditDialog(page.context, detail, stand, page)
        try:
            await dialogs.show(dialog)
        finally:
            await dialog.tasks.settled()
        await page.read_again(detail.order.id)

    async def quotes(self) -> None:
        """The quotes kept, to be written again."""
        dialog = QuotesDialog(self.page.context, self.page, sells=False)
        try:
            await dialogs.show(dialog)
        finally:
            await dialog.tasks.close()

    async def tell(self) -> None:
        """Tell the customer: words to copy, an e-mail draft, or a card."""
        page = self.page
        order_id = page.shown_id()
        name, email, words = await message_of(page.app, order_id)
        dialog = MessageDialog(page, name, email, words)
        if not await dialogs.show(dialog) or not dialog.how:
            return
        if dialog.how == "copied":
            QGuiApplication.clipboard().setText(words)
            said = "The words are copied: paste them where you write."
        elif dialog.how == "draft":
            path = await write_draft(page.app, order_id, page.app.config.data_dir / "drafts")
            said = f"The draft is in {path}. Open it in your mail program and send it."
        else:
            await self._show_paper("Card", f"Card of order {order_id}", [await card_paper(page.app, order_id)])
            said = "The card is made."
        await note_told(page.app, page.context.operator, order_id, HOW[dialog.how])
        await page.read_again(order_id)
        page.message.say(said, "ok")

    async def paper(self) -> None:
        """Ctrl+P: the order as its customer takes it home."""
        order_id = self.page.shown_id()
        await self._show_paper("Order", f"Order {order_id}", [await order_paper(self.page.app, order_id)])

    async def slips(self) -> None:
        """The slips of what is held, once more."""
        order_id = self.page.shown_id()
        papers = await slips_of_order(self.page.app, order_id)
        if not papers:
            raise Refused("order.nothing_ready")
        await self._show_paper("Slip", f"Slips of order {order_id}", papers)

    async def picking(self) -> None:
        """F7: what is to be fetched from the shelves for the orders chosen."""
        paper = await picking_list(self.page.app, self.page.chosen_ids())
        await self._show_paper("Picking list", "Picking list", [paper])

    async def buy(self) -> None:
        """Draw up purchase orders of what the orders chosen wait for."""
        page = self.page
        drafts, nobodys = await buy_missing(page.app, page.context.operator, page.chosen_ids())
        said = [f"Purchase order {one.number} to {one.supplier.name}: {one.pieces} copies." for one in drafts]
        said += ["Inventory, F8 sends them."] if drafts else []
        said += [f"{nobodys} titles come from no supplier yet."] if nobodys else []
        page.message.say(" ".join(said), "warn" if nobodys else "ok")

    async def keep(self) -> None:
        """Keep what is held for longer."""
        page = self.page
        order = page.shown_order()
        stand = await keep_longer(page.app, page.context.operator, order.id, order.version)
        await page.read_again(order.id)
        until = "" if stand.hold_until is None else f" until {page.fmt.date(stand.hold_until)}"
        page.message.say(f"Order {order.id} is kept{until}.", "ok")

    async def deposit(self) -> None:
        """Give what is left of a deposit back the way it came."""
        page = self.page
        order, stand = page.shown_order(), page.detail.stand
        if stand is None or not stand.deposit:
            raise Refused("deposit.none", order_id=order.id)
        if order.status not in (OrderStatus.CANCELLED, OrderStatus.DELIVERED):
            raise Refused("deposit.order_stands", order_id=order.id)
        amount = page.fmt.money(stand.deposit)
        note = f"The deposit of {amount} goes back the way it was paid. Esc keeps it; F10, D gives it back later."
        if not await sure(page, "Give the deposit back", note, f"Give back {amount}"):
            return
        uid = page.app.ids.new()
        given = await with_approval(
            page.context,
            page,
            lambda approval: give_back_deposit(page.app, page.context.operator, uid, order.id, approval),
        )
        await page.read_again(order.id)
        ways = ", ".join(f"{paid.name or paid.tender} {page.fmt.money(-paid.amount)}" for paid in given.payments[1:])
        page.message.say(f"Given back: {ways}. Receipt {given.number}.", "ok")
        await keep_receipt(page.app, given)
        if (said := await give_back_to_cards(page.context, given, page)) is not None:
            page.message.say(*said)

    async def invoice(self) -> None:
        """The invoice of the sale shown, as PDF."""
        page = self.page
        if page.detail.shown is None:
            raise Refused("invoice.not_on_account")
        sale = page.detail.shown.order
        self._write(await invoice_paper(page.app, sale.id), f"invoice-{sale.number}.pdf")

    async def reminders(self) -> None:
        """Who owes what is past the shop's terms; a letter to whoever is chosen, invoice by invoice."""
        page = self.page
        overdue = await list_overdue(page.app, page.context.operator)
        if not overdue:
            raise Refused("invoice.none_overdue")
        dialog = RemindersDialog(page.context, overdue, page)
        try:
            await dialogs.show(dialog)
        finally:
            await dialog.tasks.close()

    def _write(self, paper: Document, name: str) -> None:
        """Write a paper as PDF beside the receipts, and say where it is."""
        self.page.message.say(f"It is in {write_paper(paper, self.page.app.config.data_dir, name)}.", "ok")

    async def _show_paper(self, name: str, job: str, papers: list[Document]) -> None:
        """Print papers, or where this till has no printer, show them."""
        page = self.page
        if page.app.printing.printer != "none":
            await print_papers(page.app, job, papers)
            page.message.say(f"{job}: printed.", "ok")
            return
        for paper in papers:
            await dialogs.show(PaperDialog(name, paper, page))


HOW = {"copied": "words copied", "draft": "e-mail draft", "card": "card"}


class MessageDialog(Sheet):
    """The words for the customer, and how they go."""

    def __init__(self, page: "OrdersPage", name: str, email: str, words: str) -> None:
        """Show the words as the template made them."""
        super().__init__(f"Tell {name}", page, go="Copy the words", width=620)
        self.how = ""
        text = QPlainTextEdit(words)
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setAccessibleName("Message to the customer")
        text.setFixedHeight(150)
        self.body.addWidget(caption("From the template in Settings"))
        self.body.addWidget(text)
        self.body.addWidget(label(f"E-mail: {email}" if email else "No e-mail address is known.", "muted"))
        for place, (words_on, key, how) in enumerate(
            (("E-mail draft", "Ctrl E", "draft"), ("Card", "Ctrl P", "card")), 1
        ):
            button = KeyButton(words_on, key, size="big")
            shortcut(self, key.replace(" ", "+"), partial(self._choose, how), within=False)
            button.clicked.connect(partial(self._choose, how))
            self.foot.insertWidget(place, button)
        self.go.setFocus()

    def submit(self) -> None:
        """Enter copies them."""
        self._choose("copied")

    def _choose(self, how: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - as Qt tells it
        self.how = how
        self.accept()


class PaperDialog(Sheet):
    """A paper on the screen, where there is no printer."""

    def __init__(self, name: str, paper: Document, parent: QWidget) -> None:
        """Show it whole."""
        super().__init__(name, parent, go="Close", width=480)
        self.back.hide()
        view = PaperView(name)
        view.show_document(paper)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(view)
        area.setMinimumSize(view.width() + 24, min(view.sizeHint().height() + 8, TALLEST))
        self.body.addWidget(area)
        self.message.say("This till has no printer: the paper is shown.")
