"""Changing what is ordered until it is in the customer's hands: fewer, more, other titles, each at its agreed price."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.customer_order import Way, is_whole
from pos_app.domain.kinds import BookKind
from pos_app.domain.money import round_half_away
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_quantity
from pos_app.domain.purchase import PurchaseStatus
from pos_app.domain.sale import SaleLine, compute_sale
from pos_app.domain.stock import ReservationStatus
from pos_app.domain.tax import TaxPolicy
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    Customer,
    CustomerOrder,
    Order,
    OrderChange,
    OrderEvent,
    OrderItem,
    OrderTax,
    PurchaseOrder,
    PurchaseOrderLine,
    Reservation,
    TaxRate,
    table,
)
from pos_app.services.deposit import deposits_of
from pos_app.services.journal import CHANGED
from pos_app.services.journal_document import note_ordered
from pos_app.services.order_hold import (
    HELD,
    OPEN,
    WAITING,
    end_delivered,
    hand_out,
    lock,
    make_ready,
    reserve_line,
    set_aside,
    stands,
    write_step,
)
from pos_app.services.order_view import OrderDetail, order_detail
from pos_app.services.right import Operator, require

_B, _C, _I, _O, _R, _T = (table(model).c for model in (Book, CustomerOrder, OrderItem, Order, Reservation, OrderTax))
_P, _L, _V = (table(model).c for model in (PurchaseOrder, PurchaseOrderLine, OrderEvent))


@dataclass(frozen=True, slots=True)
class Changed:
    """An order after a change: what is paid in advance beyond what it comes to now, in minor units.

    `bought` are the numbers of purchase orders, not delivered yet, that have a title of which fewer are wanted now.
    """

    detail: OrderDetail
    over: int
    bought: tuple[int, ...] = ()


async def change_line(
    app: App, operator: Operator, order_id: int, version: int, item_id: int, quantity: int
) -> Changed:
    """Have fewer or more of a line, or with 0 none, at the price agreed; what is let go is the next customer's.

    Raises Conflict("order.changed", current: OrderDetail), Refused("order.ended" | "order.sent" | "order.as_placed" |
    "order.no_line" | "order.collected" | "order.nothing_left" | "order.missing" | "quantity.…" | "right.missing").
    """
    if quantity:
        check_quantity(quantity)
    now = app.clock.now()

    def act(session: Session) -> Changed:
        order = _order(session, operator, order_id, version, ())
        item = session.execute(
            select(table(OrderItem), _B.kind.label("book_kind"))
            .join_from(table(OrderItem), table(Book), _B.id == _I.book_id)
            .where(_I.id == item_id, _I.order_id == order_id, _I.quantity > 0)
        ).one_or_none()
        if item is None:
            raise Refused("order.no_line")
        collected = stands(session, [order_id])[order_id][item_id].collected
        if quantity < collected:
            raise Refused("order.collected", title=item.title, collected=collected)
        if quantity == item.quantity:
            return Changed(order_detail(session, order_id), 0)
        said = (
            f"{item.title}: {item.quantity} → {quantity}" if quantity else f"{item.quantity} × {item.title} no longer"
        )

        def hold() -> None:
            if item.book_kind is BookKind.SERVICE:
                return
            if quantity > item.quantity:
                _hold_more(session, app, operator, order, (item_id, item.book_id, quantity - item.quantity), now)
            else:
                _let_go(session, app, operator, item_id, item.book_id, item.quantity - quantity, now)

        done = _carry_out(session, operator, order, {item_id: quantity}, said, hold, now)
        fewer = quantity < item.quantity
        return Changed(done, _over(session, order_id), _bought(session, item.book_id) if fewer else ())

    return await app.db.write(act)


async def add_title(
    app: App, operator: Operator, order_id: int, version: int, book_id: int, quantity: int = 1
) -> Changed:
    """Order one more title, at today's price. Raises as `change_line` does, and Refused("book.…")."""
    check_quantity(quantity)
    now = app.clock.now()

    def act(session: Session) -> Changed:
        order = _order(session, operator, order_id, version, (book_id,))
        book = session.execute(
            select(table(Book), table(TaxRate).c.name.label("tax_name"), table(TaxRate).c.rate.label("tax_rate"))
            .join_from(table(Book), table(TaxRate), table(TaxRate).c.id == _B.tax_rate_id)
            .where(_B.id == book_id)
        ).one_or_none()
        if book is None:
            raise Refused("book.missing", book_id=book_id)
        if not book.active:
            raise Refused("book.inactive", title=book.title)
        if book.open_price:
            raise Refused("order.open_price", title=book.title)
        item_id = _insert_line(session, order, book, quantity)

        def hold() -> None:
            if book.kind is not BookKind.SERVICE:
                _hold_more(session, app, operator, order, (item_id, book_id, quantity), now)

        said = f"{quantity} × {book.title} added"
        done = _carry_out(session, operator, order, {item_id: quantity}, said, hold, now)
        return Changed(done, _over(session, order_id))

    return await app.db.write(act)


def _order(session: Session, operator: Operator, order_id: int, version: int, books: Sequence[int]) -> Any:
    """The order, locked after its titles as a delivery locks them, provided that it may be changed."""
    require(session, operator, Permission.MOVE_ORDERS)
    ordered = session.scalars(select(_I.book_id).where(_I.order_id == order_id)).all()
    lock(session, {*ordered, *books})
    order = session.execute(select(table(Order)).where(_O.id == order_id).with_for_update()).one_or_none()
    if order is None:
        raise Refused("order.missing", order_id=order_id)
    if order.version != version:
        raise Conflict("order.changed", current=order_detail(session, order_id))
    if order.status not in OPEN:
        raise Refused("order.ended", order_id=order_id, status=order.status.value)
    way = session.scalar(select(_C.way).where(_C.order_id == order_id))
    if way is None:
        raise Refused("order.as_placed", order_id=order_id)
    if order.status is OrderStatus.SHIPPED and way is Way.SHIP:
        raise Refused("order.sent", order_id=order_id)
    return order


def _insert_line(session: Session, order: Any, book: Any, quantity: int) -> int:
    """Write a line whose amounts come with the change that follows."""
    position = session.scalar(select(func.max(_I.position)).where(_I.order_id == order.id)) or 0
    nothing = dict.fromkeys(("discount_amount", "amount", "net_amount", "tax_amount"), 0)
    item_id: int = session.execute(
        insert(table(OrderItem))
        .values(
            order_id=order.id,
            position=position + 1,
            book_id=book.id,
            title=book.title,
            isbn=book.isbn,
            quantity=quantity,
            price=book.price,
            cost=book.cost,
            tax_name=book.tax_name,
            tax_rate=book.tax_rate,
            **nothing,
        )
        .returning(_I.id)
    ).scalar_one()
    taxed = select(_T.id).where(_T.order_id == order.id, _T.name == book.tax_name, _T.rate == book.tax_rate)
    if session.scalar(taxed) is None:
        tax = {"order_id": order.id, "name": book.tax_name, "rate": book.tax_rate, "net_amount": 0, "tax_amount": 0}
        session.execute(insert(table(OrderTax)).values(tax))
    return item_id


def _carry_out(
    session: Session,
    operator: Operator,
    order: Any,
    wanted: dict[int, int],
    said: str,
    hold: Callable[[], None],
    now: datetime,
) -> OrderDetail:
    """Write how the lines stand now, hold and let go, and take the order where it stands by that."""
    _write_changes(session, operator, order, wanted, now)
    hold()
    write_step(session, operator, order.id, CHANGED, now, said)
    count = session.scalar(select(func.count()).where(_V.order_id == order.id, _V.act == CHANGED)) or 0
    note_ordered(session, operator.till_id, "order_changed", order.id, now, user_id=operator.user_id, changes=count)
    lines = stands(session, [order.id])[order.id].values()
    if not any(line.service or line.collected < line.quantity for line in lines):
        if not any(line.collected for line in lines):
            raise Refused("order.nothing_left", order_id=order.id)
        end_delivered(session, operator, order.id, now)
    elif is_whole(lines):
        make_ready(session, operator, order.id, now)
    elif order.status is OrderStatus.SHIPPED:
        # It was ready, and waits again.
        no_longer = {"ready_at": None, "hold_until": None}
        session.execute(update(table(CustomerOrder)).where(_C.order_id == order.id).values(no_longer))
        session.execute(update(table(Order)).where(_O.id == order.id).values(status=OrderStatus.CONFIRMED))
        write_step(session, operator, order.id, OrderStatus.CONFIRMED.value, now)
    session.expire_all()
    return order_detail(session, order.id)


def _write_changes(session: Session, operator: Operator, order: Any, wanted: dict[int, int], now: datetime) -> None:
    """Compute the order anew by its own tax policy, and write down each line that is another by it."""
    rows = session.execute(
        select(table(OrderItem)).where(_I.order_id == order.id, _I.quantity > 0).order_by(_I.position)
    ).all()
    left = [(row, wanted.get(row.id, row.quantity)) for row in rows]
    live = [(row, pieces) for row, pieces in left if pieces]
    if not live:
        raise Refused("order.nothing_left", order_id=order.id)
    totals = compute_sale(
        TaxPolicy(order.prices_include_tax, order.tax_level),
        [SaleLine(pieces, row.price, _discount(row, pieces), row.tax_name, row.tax_rate) for row, pieces in live],
    )
    stand = {row.id: total for (row, _), total in zip(live, totals.lines, strict=True)}
    changes = []
    for row, pieces in left:
        total = stand.get(row.id)
        amounts = (0, 0, 0, 0) if total is None else (total.discount, total.amount, total.net, total.tax)
        if row.id in wanted or (row.discount_amount, row.amount, row.net_amount, row.tax_amount) != amounts:
            names = ("discount_amount", "amount", "net_amount", "tax_amount")
            changes.append({"order_item_id": row.id, "quantity": pieces, **dict(zip(names, amounts, strict=True))})
    common = {"order_id": order.id, "user_id": operator.user_id, "till_id": operator.till_id, "happened_at": now}
    session.execute(insert(table(OrderChange)), [common | change for change in changes])


def _discount(row: Any, pieces: int) -> int | None:
    """What is taken off so many pieces: their share of what was taken off the line."""
    return round_half_away(Decimal(row.discount_amount) * pieces / row.quantity) or None


def _hold_more(
    session: Session, app: App, operator: Operator, order: Any, line: tuple[int, int, int], now: datetime
) -> None:
    free = session.scalar(select(_B.stock - _B.reserved).where(_B.id == line[1])) or 0
    name = session.scalar(select(table(Customer).c.name).where(table(Customer).c.id == order.customer_id))
    whose = (order.customer_id, (name or f"Order {order.id}")[:120])
    reserve_line(session, app, operator, line, free, whose, now)


def _let_go(
    session: Session, app: App, operator: Operator, item_id: int, book_id: int, pieces: int, now: datetime
) -> None:
    """Wait for fewer, and where that is not enough hold fewer; the youngest first."""
    reservations = table(Reservation)
    rows = session.execute(
        select(reservations)
        .where(_R.order_item_id == item_id, _R.status.in_((WAITING, HELD)))
        .order_by(_R.status == HELD, _R.id.desc())
        .with_for_update()
    ).all()
    freed = 0
    for row in rows:
        gone = min(pieces, row.quantity)
        if not gone:
            break
        pieces -= gone
        freed += gone if row.status is HELD else 0
        ended = {"status": ReservationStatus.CANCELLED, "ended_at": now}
        values = ended if gone == row.quantity else {"quantity": _R.quantity - gone}
        session.execute(update(reservations).where(_R.id == row.id).values(version=_R.version + 1, **values))
    if freed:
        set_aside(session, book_id, -freed)
        hand_out(session, app, operator, {book_id: freed}, now)


def _over(session: Session, order_id: int) -> int:
    total = session.scalar(select(_O.total_amount).where(_O.id == order_id)) or 0
    return max(deposits_of(session, [order_id])[order_id] - total, 0)


def _bought(session: Session, book_id: int) -> tuple[int, ...]:
    """The purchase orders that are still to bring more of a title than anybody waits for."""
    coming = session.execute(
        select(_P.number, _L.quantity - _L.received_quantity)
        .join_from(table(PurchaseOrder), table(PurchaseOrderLine), _L.purchase_order_id == _P.id)
        .where(
            _L.book_id == book_id,
            _L.quantity > _L.received_quantity,
            _P.status.in_((PurchaseStatus.DRAFT, PurchaseStatus.SENT)),
        )
        .order_by(_P.number)
    ).all()
    waits = select(func.coalesce(func.sum(_R.quantity), 0)).where(_R.book_id == book_id, _R.status == WAITING)
    if sum(pieces for _, pieces in coming) <= int(session.scalar(waits) or 0):
        return ()
    return tuple(number for number, _ in coming)
