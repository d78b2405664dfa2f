"""Copies that a delivery brought for customers, let go again because the delivery is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.customer_order import Way
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.stock import ReservationStatus
from pos_app.models import Book, CustomerOrder, Order, OrderItem, Reservation, table
from pos_app.services.order_hold import set_aside, write_step
from pos_app.services.right import Operator

_B, _C, _I, _O, _R = (table(model).c for model in (Book, CustomerOrder, OrderItem, Order, Reservation))
RELEASED = "taken back"


@dataclass(frozen=True, slots=True)
class Hold:
    """Copies of a title held for somebody since a delivery; `order_id` None where no order asked for them."""

    reservation_id: int
    book_id: int
    title: str
    name: str
    pieces: int
    order_id: int | None


def holds_of(session: Session, delivery_id: int, *, lock: bool = False) -> list[Hold]:
    """Give what is still held of what a delivery brought, inside an act; who came last stands first.

    What was sent to its customer is held until it is paid, and lies here no more: it is left out.
    """
    rows = (
        select(_R.id, _R.book_id, _B.title, _R.name, _R.quantity, _I.order_id)
        .join_from(table(Reservation), table(Book), _B.id == _R.book_id)
        .join(table(OrderItem), _I.id == _R.order_item_id, isouter=True)
        .join(table(Order), _O.id == _I.order_id, isouter=True)
        .join(table(CustomerOrder), _C.order_id == _I.order_id, isouter=True)
        .where(_R.delivery_id == delivery_id, _R.status == ReservationStatus.HELD)
        .where(or_(_C.way.is_(None), _C.way != Way.SHIP, _O.status != OrderStatus.SHIPPED))
        .order_by(_R.made_at.desc(), _R.id.desc())
    )
    if lock:
        rows = rows.with_for_update(of=table(Reservation))
    return [Hold(*row) for row in session.execute(rows)]


def to_release(holds: list[Hold], short: Mapping[int, int]) -> list[Hold]:
    """Give which of the holds cannot stand, and how many copies of each, where so many of a title are `short`."""
    left, going = dict(short), []
    for hold in holds:
        pieces = min(left.get(hold.book_id, 0), hold.pieces)
        if pieces > 0:
            left[hold.book_id] -= pieces
            going.append(Hold(hold.reservation_id, hold.book_id, hold.title, hold.name, pieces, hold.order_id))
    return going


def release(session: Session, app: App, operator: Operator, going: list[Hold], document: str, now: datetime) -> None:
    """Let them wait again as before the delivery, inside an act; an order that was ready by it is so no longer.

    The titles' rows are locked by the caller. The orders' timelines say which document took the copies.
    """
    reservations = table(Reservation)
    told: dict[int, list[str]] = {}
    for hold in going:
        row = session.execute(select(reservations).where(_R.id == hold.reservation_id)).one()
        waits = {"status": ReservationStatus.WAITING, "delivery_id": None, "version": _R.version + 1}
        if hold.pieces < row.quantity:
            names = ("book_id", "customer_id", "name", "until", "user_id", "made_at", "order_item_id")
            rest: dict[str, Any] = {name: getattr(row, name) for name in names}
            rest |= {"uid": app.ids.new(), "quantity": hold.pieces, "status": ReservationStatus.WAITING}
            session.execute(insert(reservations).values(**rest))
            waits = {"quantity": _R.quantity - hold.pieces, "version": _R.version + 1}
        session.execute(update(reservations).where(_R.id == hold.reservation_id).values(**waits))
        set_aside(session, hold.book_id, -hold.pieces)
        if hold.order_id is not None:
            told.setdefault(hold.order_id, []).append(f"{hold.pieces} × {hold.title}")
    for order_id, words in sorted(told.items()):
        write_step(session, operator, order_id, RELEASED, now, f"{', '.join(words)} ({document})")
        _not_ready(session, operator, order_id, now)


def _not_ready(session: Session, operator: Operator, order_id: int, now: datetime) -> None:
    values = {"ready_at": None, "hold_until": None}
    session.execute(update(table(CustomerOrder)).where(_C.order_id == order_id).values(**values))
    moved = session.scalar(
        update(table(Order))
        .where(_O.id == order_id, _O.status == OrderStatus.SHIPPED)
        .values(status=OrderStatus.CONFIRMED)
        .returning(_O.id)
    )
    if moved is not None:
        write_step(session, operator, order_id, OrderStatus.CONFIRMED.value, now)
