"""Questions about cards: what the till's own terminal is asked for, and what became of it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QApplication, QWidget

from pos_app.domain.card import CardKind, CardOutcome, CardResult
from pos_app.domain.document import OrderView
from pos_app.domain.payment import PaymentIn, Tender, TenderKind, TenderRule
from pos_app.errors import Refused
from pos_app.services.card import CardTask, begin_charge, begin_reversal, end_task, open_tasks
from pos_app.services.cart_payment import take_back_payment
from pos_app.services.cart_view import CartView
from pos_app.services.order import PayRequest
from ui import dialogs
from ui.checkout.card_dialog import CardDialog
from ui.checkout.question import Questions
from ui.context import Context
from ui.format import Formatter
from ui.widgets.basic import label
from ui.widgets.sheet import Sheet


class CardQuestions(Questions):
    """What goes by card. All of it runs within an act of the basket."""

    async def charge(self, cart: CartView, payment: PaymentIn, *, receipt: bool = True) -> bool:
        """Charge a card on the till's own terminal; false where it stands apart, or nothing is left to charge.

        Raises what keeps the payment from being taken before the terminal is asked.
        """
        page = self.page
        if page.app.terminal is None or cart.training or not payment.amount:
            return False
        task = await begin_charge(page.app, page.operator, PayRequest.of(cart), payment)
        page.displays.show_waiting(task.amount)
        try:
            await self._ask(task, receipt=receipt)
        finally:
            if page.cart is not None:
                page.displays.show_cart(page.cart)
        return True

    async def settling(self, act: Callable[[], Awaitable[object]]) -> None:
        """Carry an act out; where the terminal has not said what became of a charge, it is asked that first instead."""
        try:
            await act()
        except Refused as refused:
            if refused.code != "card.open":
                raise
            await self.settle_cards()

    async def settle_cards(self, fresh: Collection[str] = ()) -> None:
        """Ask the terminal about all that is open at this till; what is `fresh` has never been asked for."""
        page, all_said = self.page, list[tuple[str, str]]()
        for task in await open_tasks(page.app, page.operator, page.cart.id if page.cart is not None else None):
            said = await self._ask(replace(task, known=task.uid not in fresh))
            if said is not None:
                all_said.append(said)
                kind = "warn" if any(kind == "warn" for _, kind in all_said) else "ok"
                page.message.say(" ".join(text for text, _ in all_said), kind)

    async def take_back(self, cart: CartView, uid: str) -> CartView:
        """Take a payment out of the basket; one the terminal charged goes back to the card first."""
        page = self.page
        try:
            return await take_back_payment(page.app, page.operator, cart.id, uid)
        except Refused as refused:
            if refused.code != "card.charged":
                raise
            await self.reverse(cart, uid, refused.params["amount"])
            return page.cart or cart

    async def reverse(self, cart: CartView, uid: str, amount: int) -> None:
        """Give a charge of the basket back to the card, once the person has said so."""
        page = self.page
        if await dialogs.show(GiveBackDialog(page.fmt.money(amount), _parent(page))):
            task = await begin_reversal(page.app, page.operator, cart.id, uid, page.app.ids.new())
            if (said := await self._ask(task)) is not None:
                page.message.say(*said)

    async def refund_cards(self, sale: OrderView) -> None:
        """Give money back on the card terminal once the return is stored; by hand where the terminal stands apart."""
        page = self.page
        if vouchers := vouchers_back(sale, page.tenders, page.fmt):
            page.message.say(f"{page.message.text()} {vouchers}", "warn")
        if page.app.terminal is None or sale.training:
            if (said := by_hand(sale, page.fmt)) is not None:
                page.message.say(f"{said[0]} {vouchers}".strip(), said[1])
            return
        await self.settle_cards(fresh=owed_to_cards(sale))

    async def _ask(self, task: CardTask, *, receipt: bool = True) -> tuple[str, str] | None:
        """Ask, write down what became of it, and show it; a basket that is paid by it is stored.

        Gives what is to be said of money that goes back: there may be more than one such task.
        """
        page = self.page

        def show(cart: CartView) -> None:
            if page.cart is not None and cart.id == page.cart.id:
                page.show_cart(cart)

        result = await ask_terminal(page.context, task, _parent(page), show)
        if task.kind is CardKind.CHARGE:
            _refuse_charge(result.outcome)
            page.message.say(f"Card {page.fmt.money(task.amount)} taken.", "ok")
            await page.complete(receipt=receipt)
            return None
        return _said_of_money_back(task, result, page.fmt)


async def ask_terminal(
    context: Context, task: CardTask, parent: QWidget, show: Callable[[CartView], object] = lambda _: None
) -> CardResult:
    """Ask the terminal over a window and write down what became of it; `show` is told of the basket as it then stands.

    Raises what kept the terminal from being asked.
    """
    dialog = CardDialog(context, context.app.terminal, task, parent)
    dialog.begin()
    await dialogs.show(dialog)
    await dialog.tasks.close()
    cart = await end_task(context.app, context.operator, dialog.result_of_task, by_hand=dialog.by_hand)
    if cart is not None:
        show(cart)
    if dialog.failure is not None:
        raise dialog.failure
    return dialog.result_of_task


def owed_to_cards(document: OrderView) -> list[str]:
    """The payments of a document that are to go back to cards."""
    return [paid.uid for paid in document.payments if paid.tender == Tender.CARD and paid.amount < 0]


def by_hand(document: OrderView, fmt: Formatter) -> tuple[str, str] | None:
    """What is to be done where the terminal stands apart; None where no card is owed anything."""
    owed = sum(-paid.amount for paid in document.payments if paid.uid in owed_to_cards(document))
    if not owed or document.training:
        return None
    return f"{document.number} is stored. Give {fmt.money(owed)} back on the card terminal by hand.", "warn"


def vouchers_back(document: OrderView, rules: Sequence[TenderRule], fmt: Formatter) -> str:
    """What is handed out for vouchers that paid: the till keeps no account of them. Empty where nothing is."""
    kept = {Tender.LOYALTY, Tender.DEPOSIT}
    names = {rule.code: rule.name for rule in rules if rule.kind is TenderKind.VOUCHER and rule.code not in kept}
    owed: dict[str, int] = {}
    for paid in document.payments:
        if paid.amount < 0 and paid.tender in names and not document.training:
            owed[names[paid.tender]] = owed.get(names[paid.tender], 0) - paid.amount
    return " ".join(f"Hand out: {name} worth {fmt.money(amount)}." for name, amount in owed.items())


async def give_back_to_cards(context: Context, document: OrderView, parent: QWidget) -> tuple[str, str] | None:
    """Give what a document owes to cards back on the till's terminal; gives what is to be said of it."""
    if context.app.terminal is None:
        return by_hand(document, context.fmt)
    fresh = owed_to_cards(document)
    all_said = []
    for task in await open_tasks(context.app, context.operator):
        result = await ask_terminal(context, replace(task, known=task.uid not in fresh), parent)
        all_said.append(_said_of_money_back(task, result, context.fmt))
    if not all_said:
        return None
    kind = "warn" if any(kind == "warn" for _, kind in all_said) else "ok"
    return " ".join(text for text, _ in all_said), kind


def _said_of_money_back(task: CardTask, result: CardResult, fmt: Formatter) -> tuple[str, str]:
    said = fmt.money(task.amount)
    if result.outcome is CardOutcome.APPROVED:
        return f"{said} went back to the card.", "ok"
    if task.kind is CardKind.REFUND:
        return f"{said} is still to go back to the card. The till asks again when it starts.", "warn"
    if not result.final:
        raise Refused("card.unknown")
    return f"{said} did not go back to the card, and stays taken.", "warn"


def _refuse_charge(outcome: CardOutcome) -> None:
    match outcome:
        case CardOutcome.DECLINED:
            raise Refused("card.declined")
        case CardOutcome.CANCELLED:
            raise Refused("card.cancelled")
        case CardOutcome.UNKNOWN:
            raise Refused("card.unknown")


class GiveBackDialog(Sheet):
    """Whether a charge is to go back to the card."""

    def __init__(self, said: str, parent: QWidget) -> None:
        """Take the amount as it is said."""
        super().__init__("Back to the card?", parent, go="Give it back")
        line = label(f"{said} was charged to a card. The terminal gives it back to the same card.", "sum")
        line.setWordWrap(True)
        self.body.addWidget(line)
        self.go.setFocus()


def _parent(page: QWidget) -> QWidget:
    """What the question stands over: another question, or the page."""
    return QApplication.activeModalWidget() or page
