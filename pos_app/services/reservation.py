"""Setting copies aside for somebody, which takes them from what can be sold, and noting who waits for a delivery."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import one_line, refuse_card_number
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import check_pieces
from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    Customer,
    CustomerOrder,
    Order,
    OrderItem,
    Reservation,
    StockMovement,
    table,
)
from pos_app.services.right import Operator, require
from pos_app.services.stock import lock_books

NAME_LIMIT = 120
_OPEN = (OrderStatus.PENDING, OrderStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class ReservationView:
    """Copies set aside or waited for."""

    id: int
    uid: str
    version: int
    book_id: int
    title: str
    quantity: int
    status: ReservationStatus
    name: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits for copies: a reservation, or a customer order that holds fewer than it asks for."""

    book_id: int
    name: str
    quantity: int
    reservation_id: int | None
    order_id: int | None


async def reserve(
    app: App,
    operator: Operator,
    uid: str,
    book_id: int,
    quantity: int,
    name: str,
    *,
    customer_id: int | None = None,
    until: date | None = None,
    wait: bool = False,
) -> ReservationView:
    """Set copies aside for somebody; with `wait`, note instead that they wait where too few are there.

    The same uid again gives the stored one. Raises Refused("stock.short" | "reservation.name" | "pieces.invalid" |
    "book.…" | "right.missing").
    """
    now = app.clock.now()
    name = one_line(name)
    refuse_card_number(name)

    def act(session: Session) -> ReservationView:
        require(session, operator, Permission.RESERVE)
        stored = session.scalar(select(Reservation).where(Reservation.uid == uid))
        if stored is not None:
            return _view(session, stored)
        if not 1 <= len(name) <= NAME_LIMIT:
            raise Refused("reservation.name", limit=NAME_LIMIT)
        check_pieces(quantity, least=1)
        book = lock_books(session, [book_id])[book_id]
        there = book.stock - book.reserved >= quantity
        if not there and not wait:
            raise Refused(
                "stock.short",
                book_id=book_id,
                title=book.title,
                wanted=quantity,
                available=max(book.stock - book.reserved, 0),
            )
        made = Reservation(
            uid=uid,
            book_id=book_id,
            quantity=quantity,
            status=ReservationStatus.HELD if there else ReservationStatus.WAITING,
            customer_id=customer_id,
            name=name,
            until=until,
            user_id=operator.user_id,
            made_at=now,
        )
        session.add(made)
        session.flush()
        if there:
            _set_aside(session, book_id, quantity)
        return _view(session, made)

    return await app.db.write(act)


async def hold(app: App, operator: Operator, reservation_id: int, version: int) -> ReservationView:
    """Set copies aside that somebody waited for, now that they are there. Raises as `reserve` does, and Conflict."""
    return await _end(app, operator, reservation_id, version, ReservationStatus.HELD)


async def collect(app: App, operator: Operator, reservation_id: int, version: int) -> ReservationView:
    """Free copies for the till, since whoever they were kept for is there to buy them."""
    return await _end(app, operator, reservation_id, version, ReservationStatus.COLLECTED)


async def cancel_reservation(app: App, operator: Operator, reservation_id: int, version: int) -> ReservationView:
    """Give copies back to what can be sold, or wait no longer."""
    return await _end(app, operator, reservation_id, version, ReservationStatus.CANCELLED)


async def list_reservations(app: App, book_id: int | None = None) -> list[ReservationView]:
    """Give the reservations that stand, oldest first."""

    def act(session: Session) -> list[ReservationView]:
        wanted = select(Reservation).where(Reservation.status.in_([ReservationStatus.HELD, ReservationStatus.WAITING]))
        if book_id is not None:
            wanted = wanted.where(Reservation.book_id == book_id)
        return [_view(session, row) for row in session.scalars(wanted.order_by(Reservation.id).limit(500))]

    return await app.db.read(act)


def waiting_for(session: Session, book_ids: list[int]) -> list[Waiting]:
    """Give who waits for titles, first come first, inside an act."""
    if not book_ids:
        return []
    asked = session.execute(
        select(Reservation.book_id, Reservation.name, Reservation.quantity, Reservation.id, OrderItem.order_id)
        .join(OrderItem, OrderItem.id == Reservation.order_item_id, isouter=True)
        .where(Reservation.book_id.in_(book_ids), Reservation.status == ReservationStatus.WAITING)
        .order_by(Reservation.made_at, Reservation.id)
    )
    found = [Waiting(*row) for row in asked]
    moved = table(StockMovement).c
    holds = (
        select(func.coalesce(func.sum(-moved.delta), 0))
        .where(moved.order_id == OrderItem.order_id, moved.book_id == OrderItem.book_id)
        .scalar_subquery()
    )
    orders = session.execute(
        select(OrderItem.book_id, Customer.name, OrderItem.quantity, holds.label("holds"), Order.id)
        .join(Order, Order.id == OrderItem.order_id)
        .join(Customer, Customer.id == Order.customer_id, isouter=True)
        .where(
            OrderItem.book_id.in_(book_ids),
            Order.kind == OrderKind.CUSTOMER_ORDER,
            Order.status.in_(_OPEN),
            # What others wait for is noted as reservations.
            Order.id.not_in(select(CustomerOrder.order_id)),
        )
        .order_by(Order.id)
    )
    for book_id, name, quantity, held, order_id in orders:
        if quantity > held:
            found.append(Waiting(book_id, name or f"Order {order_id}", quantity - int(held), None, order_id))
    return found


async def _end(
    app: App, operator: Operator, reservation_id: int, version: int, to: ReservationStatus
) -> ReservationView:
    now = app.clock.now()

    def act(session: Session) -> ReservationView:
        require(session, operator, Permission.RESERVE)
        book_id = session.scalar(select(Reservation.book_id).where(Reservation.id == reservation_id))
        if book_id is None:
            raise Refused("reservation.missing")
        # The title's row first, as everywhere: two tills never wait for each other crosswise.
        book = lock_books(session, [book_id])[book_id]
        kept = session.scalars(select(Reservation).where(Reservation.id == reservation_id).with_for_update()).one()
        if kept.version != version:
            raise Conflict("reservation.changed", current=_view(session, kept))
        if kept.order_item_id is not None:
            raise Refused("reservation.of_order")
        held = kept.status is ReservationStatus.HELD
        if (not held and kept.status is not ReservationStatus.WAITING) or to is kept.status:
            raise Refused("reservation.ended")
        if to is ReservationStatus.HELD:
            if book.stock - book.reserved < kept.quantity:
                raise Refused(
                    "stock.short",
                    book_id=book_id,
                    title=book.title,
                    wanted=kept.quantity,
                    available=max(book.stock - book.reserved, 0),
                )
            _set_aside(session, book_id, kept.quantity)
        else:
            kept.ended_at = now
            if held:
                _set_aside(session, book_id, -kept.quantity)
        kept.status = to
        kept.version += 1
        session.flush()
        return _view(session, kept)

    return await app.db.write(act)


def _set_aside(session: Session, book_id: int, pieces: int) -> None:
    book = table(Book)
    session.execute(update(book).where(book.c.id == book_id).values(reserved=book.c.reserved + pieces))


def _view(session: Session, kept: Reservation) -> ReservationView:
    title = session.scalar(select(Book.title).where(Book.id == kept.book_id)) or ""
    return ReservationView(
        kept.id, kept.uid, kept.version, kept.book_id, title, kept.quantity, kept.status, kept.name, kept.until
    )
