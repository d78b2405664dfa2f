"""What the documents of a sale were settled with, followed through every exchange, and what may still go back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.purse import Purse, Settled, settled_with
from pos_app.models import DepositMovement, Order, OrderItem, Payment, ShopTender, table

_O, _OI, _P, _D = table(Order).c, table(OrderItem).c, table(Payment).c, table(DepositMovement).c


def purse_of(session: Session, order_id: int, step: int) -> Purse:
    """What is left of what a document was settled with, inside an act; `step` is the smallest coin.

    An exchange took from the sale its books came from, and that perhaps from one before: all that touched them is
    followed in the order it happened.
    """
    documents = _documents(session, _chain(session, order_id))
    payments = _payments(session, [row.id for row in documents])
    purses: dict[int, Purse] = {}
    for row in documents:
        settled = Settled(
            row.total_amount - row.rounding_amount,
            row.rounding_amount,
            row.change_amount,
            int(row.proved or 0),  # PostgreSQL sums integers up as decimals
            int(row.unproved or 0),
            payments.get(row.id, ()),
            row.customer_id,
        )
        purses[row.id] = settled_with(settled, purses.get(row.refers_to_id), step)
    return purses[order_id]


def _chain(session: Session, order_id: int) -> Sequence[int]:
    """The document and those it goes back to."""
    orders = table(Order)
    chain = select(_O.id, _O.refers_to_id).where(_O.id == order_id).cte("chain", recursive=True)
    chain = chain.union_all(select(_O.id, _O.refers_to_id).join_from(orders, chain, _O.id == chain.c.refers_to_id))
    return session.scalars(select(chain.c.id)).all()


def _documents(session: Session, chain: Sequence[int]) -> Sequence[Any]:
    """The chain and what took from it, in the order it was written."""
    gross = -(_OI.net_amount + _OI.tax_amount)
    return session.execute(
        select(
            _O.id,
            _O.refers_to_id,
            _O.customer_id,
            _O.total_amount,
            _O.rounding_amount,
            _O.change_amount,
            func.sum(case((_OI.returned_item_id.is_not(None), gross))).label("proved"),
            func.sum(case((_OI.returned_item_id.is_(None) & (_OI.quantity < 0), gross))).label("unproved"),
        )
        .join_from(table(Order), table(OrderItem), _OI.order_id == _O.id)
        .where(_O.id.in_(chain) | _O.refers_to_id.in_(chain))
        .group_by(_O.id)
        .order_by(_O.id)
    ).all()


def _payments(session: Session, ids: Sequence[int]) -> dict[int, list[PaymentIn]]:
    """What each was paid with; a deposit counts as what it was paid with, so that it goes back there."""
    names = table(ShopTender)
    rows = session.execute(
        select(_P.order_id, _P.uid, _P.tender, _P.amount, _P.reference, _P.scheme, names.c.name)
        .join_from(table(Payment), names, names.c.code == _P.tender)
        .where(_P.order_id.in_(ids), _P.tender != Tender.DEPOSIT)
        .order_by(_P.id)
    )
    used = session.execute(
        select(_D.document_id, _D.uid, _D.tender, -_D.delta, _D.reference, _D.scheme, names.c.name)
        .join_from(table(DepositMovement), names, names.c.code == _D.tender)
        .where(_D.document_id.in_(ids))
        .order_by(_D.id)
    )
    found: dict[int, list[PaymentIn]] = {}
    for order_id, *payment in (*rows, *used):
        found.setdefault(order_id, []).append(PaymentIn(*payment))
    return found
