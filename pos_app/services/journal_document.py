"""What the journal binds of a document, read from how the document stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from pos_app.domain.journal import Fact, rows_hash
from pos_app.models import Order, OrderAdjustment, OrderItem, table
from pos_app.services import journal

_O, _I, _A = (table(model).c for model in (Order, OrderItem, OrderAdjustment))


def note_ordered(
    session: Session, till_id: int, act: str, order_id: int, now: datetime, *, user_id: int, changes: int = 0
) -> None:
    """Write into the journal what was ordered, or how it stands after some changes, inside the act.

    Such a document has no number yet, and is changed until it is sold: the newest entry has it as it stands.
    """
    order = session.execute(select(table(Order)).where(_O.id == order_id)).one()
    facts = facts_of(session, [order])[order.uid]
    journal.append(session, till_id, act, now, user_id=user_id, order=order.uid, changes=changes, **facts)


def rows_of(session: Session, uids: Collection[str]) -> dict[str, Row[Any]]:
    """Give some documents' own rows by their uid, inside an act."""
    return {row.uid: row for row in session.execute(select(table(Order)).where(_O.uid.in_(uids)))}


def facts_of(session: Session, orders: Collection[Row[Any]]) -> dict[str, dict[str, Fact]]:
    """Give what some documents say of themselves now, by their uid and in the journal's words, inside an act."""
    lines = _lines(session, [order.id for order in orders])
    return {order.uid: _stands(order, lines[order.id]) for order in orders}


def _stands(order: Row[Any], lines: Iterable[tuple[Fact | Decimal, ...]]) -> dict[str, Fact]:
    return {
        "kind": order.kind.value,
        "receipt": order.receipt_number,
        "training": order.training,
        "day": order.business_date.isoformat(),
        "total": order.total_amount,
        "tax": order.tax_amount,
        "change": order.change_amount,
        "customer": order.customer_id,
        "allowed_by": order.allowed_by_id,
        "content": order.content_hash,
        "lines": rows_hash(lines),
    }


def _lines(session: Session, ids: list[int]) -> dict[int, list[tuple[Fact | Decimal, ...]]]:
    """Documents' lines as `order_write.line_facts` gave them."""
    columns = (
        _I.position, _I.book_id, _I.title, _I.isbn, _I.quantity, _I.price, _I.discount_amount, _I.amount, _I.tax_name,
        _I.tax_rate, _I.net_amount, _I.tax_amount, _I.returned_item_id, _I.note, _I.gift_card, _I.restock,
    )  # fmt: skip
    whys = defaultdict(list)
    of_these = _I.order_id.in_(ids)
    reasons = select(_A.order_item_id, _A.kind, _A.name, _A.amount, _A.was, _A.allowed_by_id)
    for item_id, *why in session.execute(
        reasons.join_from(table(OrderAdjustment), table(OrderItem), _I.id == _A.order_item_id)
        .where(of_these)
        .order_by(_A.id)
    ):
        whys[item_id].append(why)
    found: dict[int, list[tuple[Fact | Decimal, ...]]] = defaultdict(list)
    for order_id, item_id, position, *rest in session.execute(
        select(_I.order_id, _I.id, *columns).where(of_these).order_by(_I.order_id, _I.position)
    ):
        found[order_id].append((position, *rest))
        found[order_id] += [(position, *why) for why in whys[item_id]]
    return found
