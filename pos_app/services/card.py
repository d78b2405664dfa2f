"""What is asked of the card terminal: written down before it is asked, so that no fault can forget it.

A charge that was approved is a payment of its basket in the same transaction; taken back, it is first given back on the
terminal. While something is asked, its basket stands still.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.card import UNANSWERED, CardKind, CardOutcome, CardResult
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.errors import Refused
from pos_app.models import CardAttempt, Cart, CartPayment, CartStatus, table
from pos_app.services.cart import drop_payment, owned
from pos_app.services.cart_payment import add_payment_within, keep_payment
from pos_app.services.cart_view import CartView, content, settlement_of, view_of
from pos_app.services.order import PayRequest, pay_within, seen
from pos_app.services.setting import shop_settings
from pos_app.services.sign_in import Operator

_A = table(CardAttempt).c
# A refund stays open until the money went back, be it by hand.
_IS_OPEN = _A.outcome.in_(UNANSWERED) | (_A.kind == CardKind.REFUND) & (_A.outcome != "approved")


@dataclass(frozen=True, slots=True)
class CardTask:
    """Something to ask of the terminal, in minor units; `known` where it may have been asked before.

    `uid` is what the terminal knows it by. One that is known is asked about, and never just done again.
    """

    uid: str
    kind: CardKind
    amount: int
    known: bool = False


async def begin_charge(app: App, operator: Operator, request: PayRequest, payment: PaymentIn) -> CardTask:
    """Write a charge down, provided the payment it would make would be taken now.

    Everything a payment is checked for is checked before the terminal is asked: stock, prices, the shift, the tender.
    `request` is the basket as the person saw it. Raises what `services.order.pay` and `services.cart.add_payment` do,
    and Refused("card.open") while something else is open.
    """
    now = app.clock.now()
    # The terminal's own number for the charge is not known yet.
    would_be = replace(payment, reference=payment.reference or payment.uid)

    def act(session: Session) -> CardTask:
        cart = owned(session, operator, request.cart_id)
        settings = shop_settings(session)
        read = content(session, cart.id, settings, now)
        covers = payment.amount >= settlement_of(read, settings).due
        rehearsal = session.begin_nested()
        try:
            if covers:
                whole = replace(request, payments=(*read.payments, would_be))
                pay_within(session, app, operator, whole, now, rehearsed=True)
            elif seen(read.lines) != request.lines or read.totals.total != request.total:
                raise Refused("sale.changed", total=read.totals.total)
            else:
                add_payment_within(session, app, cart, would_be)
        finally:
            rehearsal.rollback()
        _write(session, operator, CardTask(payment.uid, CardKind.CHARGE, payment.amount), cart.id)
        return CardTask(payment.uid, CardKind.CHARGE, payment.amount)

    return await app.db.write(act)


async def begin_reversal(app: App, operator: Operator, cart_id: int, charge_uid: str, uid: str) -> CardTask:
    """Write down that a basket's charge is to go back to the card.

    Raises Refused("card.missing" | "card.open" | "cart.…").
    """

    def act(session: Session) -> CardTask:
        cart = owned(session, operator, cart_id)
        charge = session.scalar(
            select(CardAttempt)
            .join(CartPayment, CartPayment.uid == CardAttempt.uid)
            .where(CardAttempt.uid == charge_uid, CartPayment.cart_id == cart.id)
        )
        if charge is None:
            raise Refused("card.missing")
        task = CardTask(uid, CardKind.REVERSAL, charge.amount)
        _write(session, operator, task, cart.id, of_uid=charge_uid)
        return task

    return await app.db.write(act)


async def open_tasks(app: App, operator: Operator, cart_id: int | None = None) -> list[CardTask]:
    """Give what the terminal of this till is still to be asked about: for a basket, and for documents."""

    def act(session: Session) -> list[CardTask]:
        mine = (_A.cart_id == cart_id) & (_A.kind != CardKind.REFUND)
        rows = session.execute(
            select(_A.uid, _A.kind, _A.amount)
            .where(_A.till_id == operator.till_id, _IS_OPEN, mine | (_A.kind == CardKind.REFUND))
            .order_by(_A.id)
        )
        return [CardTask(row.uid, row.kind, row.amount, known=True) for row in rows]

    return await app.db.read(act)


async def end_task(app: App, operator: Operator, result: CardResult, *, by_hand: bool = False) -> CartView | None:
    """Write down what became of a task; what is final stays so. Gives its basket as it then stands, where it has one.

    A charge that was approved is a payment of the basket from now on, and a reversal takes one away. `by_hand` is a
    person's word where the terminal gives none. Raises Refused("card.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> CartView | None:
        attempt = session.scalar(select(CardAttempt).where(CardAttempt.uid == result.reference).with_for_update())
        if attempt is None:
            raise Refused("card.missing")
        if _is_open(attempt):
            attempt.outcome, attempt.tries = result.outcome.value, attempt.tries + 1
            attempt.scheme, attempt.terminal_reference = result.card, result.authorisation
            attempt.said_by_id = operator.user_id if by_hand else None
            session.flush()
            if result.outcome is CardOutcome.APPROVED:
                _book(session, attempt, now)
        cart = session.get(Cart, attempt.cart_id) if attempt.cart_id is not None else None
        if cart is None or cart.status is not CartStatus.OPEN:
            return None
        return view_of(session, cart, now)

    return await app.db.write(act)


def _is_open(attempt: CardAttempt) -> bool:
    waits = attempt.outcome in UNANSWERED
    return waits or (attempt.kind is CardKind.REFUND and attempt.outcome != CardOutcome.APPROVED)


def _write(session: Session, operator: Operator, task: CardTask, cart_id: int, of_uid: str | None = None) -> None:
    session.execute(
        insert(CardAttempt).values(
            uid=task.uid,
            kind=task.kind,
            of_uid=of_uid,
            cart_id=cart_id,
            till_id=operator.till_id,
            user_id=operator.user_id,
            amount=task.amount,
        )
    )


def _book(session: Session, attempt: CardAttempt, now: datetime) -> None:
    """What an approval changes in the basket."""
    if attempt.cart_id is None:
        return
    cart = session.get_one(Cart, attempt.cart_id)
    if attempt.kind is CardKind.REVERSAL:
        drop_payment(session, cart, attempt.of_uid or "", now)
        return
    payment = PaymentIn(attempt.uid, Tender.CARD, attempt.amount, attempt.terminal_reference, attempt.scheme)
    keep_payment(session, cart, payment)
