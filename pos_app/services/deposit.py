"""The ledger of deposits: what was paid for an order in advance, by which tender, and what became of it."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.customer_order import draw
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.errors import Refused
from pos_app.models import DepositMovement, Order, table

_D, _O = table(DepositMovement).c, table(Order).c


def deposits_of(session: Session, order_ids: Collection[int]) -> dict[int, int]:
    """Give what is left of the deposits of some orders, inside an act."""
    rows = session.execute(
        select(_D.order_id, func.sum(_D.delta)).where(_D.order_id.in_(order_ids)).group_by(_D.order_id)
    )
    return dict.fromkeys(order_ids, 0) | {order_id: int(left) for order_id, left in rows}


def parts_left(session: Session, order_id: int) -> list[PaidPart]:
    """Give what is left of an order's deposits by the tender it came by, the oldest first, inside an act."""
    rows = session.execute(
        select(_D.tender, func.sum(_D.delta), _D.reference, func.max(_D.scheme))
        .where(_D.order_id == order_id)
        .group_by(_D.tender, _D.reference)
        .having(func.sum(_D.delta) > 0)
        .order_by(func.min(_D.id))
    )
    return [PaidPart(tender, int(left), reference, scheme) for tender, left, reference, scheme in rows]


def used_by(session: Session, document_id: int, order_ids: Collection[int]) -> dict[int, list[PaidPart]]:
    """Give what a document used of the deposits of some orders, by order and by the tender they came by."""
    rows = session.execute(
        select(_D.order_id, _D.tender, -_D.delta, _D.reference, _D.scheme)
        .where(_D.document_id == document_id, _D.order_id.in_(order_ids), _D.delta < 0)
        .order_by(_D.id)
    )
    found: dict[int, list[PaidPart]] = {}
    for order_id, *part in rows:
        found.setdefault(order_id, []).append(PaidPart(*part))
    return found


def move_deposits(
    session: Session, app: App, document_id: int, payments: Sequence[PaymentIn], voids: int | None = None
) -> None:
    """Write what a document does to deposits, inside its act: its payments by deposit say for which order.

    Below zero it takes one: what it was paid with is kept beside it, or where it `voids` a sale, what that sale had
    used is there again. Above zero it uses or gives back, the oldest first. Raises Refused("deposit.spent").
    """
    rows: list[dict[str, object]] = []
    for payment in payments:
        if payment.tender != Tender.DEPOSIT:
            continue
        order_id = int(payment.reference or 0)
        # Locked, so that two tills do not use one deposit.
        session.execute(select(_O.id).where(_O.id == order_id).with_for_update()).all()
        if payment.amount < 0 and voids is not None:
            parts, sign = used_by(session, voids, [order_id])[order_id], 1
        elif payment.amount < 0:
            parts = [
                PaidPart(paid.tender, paid.amount, paid.reference, paid.scheme) for paid in payments if paid.amount > 0
            ]
            sign = 1
        else:
            parts, sign = draw(parts_left(session, order_id), payment.amount), -1
        rows += [
            {
                "uid": app.ids.new(),
                "order_id": order_id,
                "document_id": document_id,
                "delta": sign * part.amount,
                "tender": part.tender,
                "reference": part.reference,
                "scheme": part.scheme,
            }
            for part in parts
        ]
    if rows:
        session.execute(insert(table(DepositMovement)), rows)


def refuse_typed(payment: PaymentIn) -> None:
    """See that nobody hands a deposit over: it comes with the order. Raises Refused("payment.tender")."""
    if payment.tender == Tender.DEPOSIT:
        raise Refused("payment.tender", tender=payment.tender)
