"""Copies held for the lines of customer orders, as reservations: set aside, arrived, collected, let go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.customer_order import LineStand, Way, is_whole, share_out
from pos_app.domain.document import OrderView
from pos_app.domain.kinds import BookKind
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Refused
from pos_app.models import Book, CustomerOrder, Delivery, Location, Order, OrderEvent, OrderItem, Reservation, table
from pos_app.services import journal
from pos_app.services.right import Operator
from pos_app.services.setting import shop_settings
from pos_app.services.shift import business_date

_B, _C, _I, _O, _R, _V = (table(model).c for model in (Book, CustomerOrder, OrderItem, Order, Reservation, OrderEvent))
_L = table(Location).c
LINE_PART = "order "
HELD, WAITING = ReservationStatus.HELD, ReservationStatus.WAITING
READY, REOPENED = "ready", "reopened"
# The steps that move an order on, or back.
MOVES = frozenset({status.value for status in OrderStatus} | {READY, REOPENED}) - {OrderStatus.PENDING.value}
OPEN = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.SHIPPED)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is put into a copy that came for somebody."""

    order_id: int | None
    customer: str
    title: str
    isbn: str | None
    pieces: int
    # Whether nothing of the order is still to come.
    whole: bool
    # Where it is to be fetched from, where that is not the shop floor.
    place: str = ""


def line_part(item_id: int) -> str:
    """What a basket's line says that sells a line of an order."""
    return f"{LINE_PART}{item_id}"


def item_of(key: str) -> int | None:
    """The line of an order that a basket's line sells, by that line's key or part."""
    part = key.partition(":")[2] or key
    return int(part.removeprefix(LINE_PART)) if part.startswith(LINE_PART) else None


def stands(session: Session, order_ids: Collection[int]) -> dict[int, dict[int, LineStand]]:
    """Give where the lines of some orders stand, by order and line, inside an act."""
    if not order_ids:
        # Most sales are of no order, and hold what they sell locked while anything is asked.
        return {}

    def pieces(status: ReservationStatus) -> Any:
        return func.coalesce(func.sum(case((_R.status == status, _R.quantity), else_=0)), 0)

    rows = session.execute(
        select(
            _I.order_id,
            _I.id,
            _I.title,
            _I.quantity,
            pieces(HELD),
            pieces(ReservationStatus.COLLECTED),
            _B.kind == BookKind.SERVICE,
        )
        .join_from(table(OrderItem), table(Book), _B.id == _I.book_id)
        .join(table(Reservation), _R.order_item_id == _I.id, isouter=True)
        .where(_I.order_id.in_(order_ids), _I.quantity > 0)
        .group_by(_I.order_id, _I.id, _I.title, _I.quantity, _I.position, _B.kind)
        .order_by(_I.order_id, _I.position)
    )
    found: dict[int, dict[int, LineStand]] = {order_id: {} for order_id in order_ids}
    for order_id, item_id, title, quantity, held, collected, service in rows:
        found[order_id][item_id] = LineStand(title, quantity, int(held), int(collected), bool(service))
    return found


def set_aside(session: Session, book_id: int, pieces: int) -> None:
    """Take copies from what can be sold, or give them back, inside an act; the title's row is locked."""
    books = table(Book)
    session.execute(update(books).where(_B.id == book_id).values(reserved=_B.reserved + pieces))


def reserve_line(
    session: Session,
    app: App,
    operator: Operator,
    line: tuple[int, int, int],
    free: int,
    whose: tuple[int | None, str],
    now: datetime,
) -> int:
    """Hold what is `free` of a line (item, book, pieces) and wait for the rest, inside an act; gives what is held."""
    item_id, book_id, wanted = line
    held = min(wanted, max(free, 0))
    for status, pieces in ((HELD, held), (WAITING, wanted - held)):
        if pieces:
            row = {"book_id": book_id, "quantity": pieces, "status": status, "order_item_id": item_id, "made_at": now}
            row |= {"uid": app.ids.new(), "customer_id": whose[0], "name": whose[1], "user_id": operator.user_id}
            session.execute(insert(table(Reservation)).values(row))
    if held:
        set_aside(session, book_id, held)
    return held


def hand_out(
    session: Session,
    app: App,
    operator: Operator,
    came: Mapping[int, int],
    now: datetime,
    delivery: tuple[int, str] | None = None,
) -> tuple[str, ...]:
    """Give copies that came, or were let go, to who waits longest, inside an act; the titles' rows are locked.

    No more than can be sold is given. Whatever order is whole by it is ready. Gives what is to be put aside for whom.
    """
    books = sorted(book_id for book_id, pieces in came.items() if pieces > 0)
    if not books:
        return ()
    free = {row.id: row.free for row in session.execute(_free(books))}
    queues: dict[int, list[Any]] = {}
    waiting = (
        select(table(Reservation))
        .where(_R.book_id.in_(books), _R.status == WAITING)
        .order_by(_R.made_at, _R.id)
        .with_for_update()
    )
    for row in session.execute(waiting):
        queues.setdefault(row.book_id, []).append(row)
    arrived: dict[int, list[str]] = {}
    aside: list[tuple[int, int, str]] = []
    for book_id in books:
        rows = {row.id: row for row in queues.get(book_id, ())}
        wants = [(row.id, row.quantity) for row in rows.values()]
        for reservation_id, pieces in share_out(min(free.get(book_id, 0), came[book_id]), wants):
            row = rows[reservation_id]
            _fill(session, app, row, pieces, None if delivery is None else delivery[0])
            set_aside(session, book_id, pieces)
            aside.append((book_id, pieces, row.name))
            if row.order_item_id is not None:
                arrived.setdefault(row.order_item_id, []).append(f"{pieces} ×")
    _tell_orders(session, operator, arrived, now, delivery)
    titles = dict(session.execute(select(_B.id, _B.title).where(_B.id.in_([book_id for book_id, *_ in aside]))).all())
    return tuple(f"{pieces} × {titles[book_id]} for {name}" for book_id, pieces, name in aside)


def promised(session: Session, books: Collection[int]) -> dict[int, int]:
    """How many pieces of some titles earlier orders wait for: a later one takes no copy before them."""
    wanted = select(_R.book_id, func.sum(_R.quantity)).where(_R.book_id.in_(books), _R.status == WAITING)
    return {book_id: int(pieces) for book_id, pieces in session.execute(wanted.group_by(_R.book_id))}


def _free(books: Sequence[int]) -> Any:
    return select(_B.id, (_B.stock - _B.reserved).label("free")).where(_B.id.in_(books))


def _fill(session: Session, app: App, row: Any, pieces: int, delivery_id: int | None) -> None:
    """Turn a waiting reservation, or a part of it, into a held one."""
    reservations = table(Reservation)
    if pieces == row.quantity:
        values = {"status": HELD, "delivery_id": delivery_id, "version": _R.version + 1}
        session.execute(update(reservations).where(_R.id == row.id).values(values))
        return
    left = {"quantity": _R.quantity - pieces, "version": _R.version + 1}
    session.execute(update(reservations).where(_R.id == row.id).values(left))
    kept = {name: getattr(row, name) for name in ("book_id", "customer_id", "name", "until", "user_id", "made_at")}
    kept |= {"uid": app.ids.new(), "quantity": pieces, "status": HELD, "delivery_id": delivery_id}
    session.execute(insert(reservations).values(order_item_id=row.order_item_id, **kept))


def _tell_orders(
    session: Session,
    operator: Operator,
    arrived: Mapping[int, Sequence[str]],
    now: datetime,
    delivery: tuple[int, str] | None,
) -> None:
    """Write into the orders' timelines what came, and take those that are whole on."""
    if not arrived:
        return
    items = session.execute(select(_I.id, _I.order_id, _I.title).where(_I.id.in_(arrived)).order_by(_I.order_id, _I.id))
    said: dict[int, list[str]] = {}
    for item_id, order_id, title in items:
        said.setdefault(order_id, []).append(f"{' '.join(arrived[item_id])} {title}")
    for order_id, words in said.items():
        told = ", ".join(words) + (f" ({delivery[1]})" if delivery else "")
        write_step(session, operator, order_id, "arrived", now, told)
        make_ready(session, operator, order_id, now)


def write_step(
    session: Session, operator: Operator, order_id: int, act: str, now: datetime, details: str | None = None
) -> None:
    """Write a step into an order's timeline, inside an act; who looks at the order sees that it changed.

    Where it moves the order on, the journal has it too.
    """
    row = {"order_id": order_id, "act": act, "details": details, "happened_at": now}
    session.execute(insert(table(OrderEvent)).values(row | {"user_id": operator.user_id, "till_id": operator.till_id}))
    changed = update(table(Order)).where(_O.id == order_id).values(version=_O.version + 1).returning(_O.uid)
    uid = session.execute(changed, execution_options={"synchronize_session": False}).scalar_one()
    if act in MOVES:
        journal.append(session, operator.till_id, "order_moved", now, user_id=operator.user_id, order=uid, to=act)


def make_ready(session: Session, operator: Operator, order_id: int, now: datetime) -> None:
    """Take an order on that has nothing to come any more: to be collected it is ready, to be sent it is confirmed."""
    lines = stands(session, [order_id])[order_id].values()
    kept = session.execute(select(_C.way, _C.ready_at).where(_C.order_id == order_id)).one_or_none()
    if kept is None or not is_whole(lines):
        return
    settings = shop_settings(session)
    until = business_date(settings, now) + timedelta(days=settings.hold_days) if settings.hold_days else None
    values = {"ready_at": now, "hold_until": until if kept.way is Way.COLLECT else None}
    session.execute(update(table(CustomerOrder)).where(_C.order_id == order_id).values(values))
    to = OrderStatus.SHIPPED if kept.way is Way.COLLECT else OrderStatus.CONFIRMED
    moved = session.scalar(
        update(table(Order))
        .where(_O.id == order_id, _O.status.in_((OrderStatus.PENDING, OrderStatus.CONFIRMED)), _O.status != to)
        .values(status=to)
        .returning(_O.id)
    )
    if moved is not None:
        write_step(session, operator, order_id, READY if to is OrderStatus.SHIPPED else to.value, now)


def let_go(session: Session, app: App, operator: Operator, order_id: int, now: datetime) -> None:
    """Give what an order holds back and wait for nothing more, inside an act; the next in line gets the copies.

    The titles' rows are locked by this.
    """
    items = select(_I.id).where(_I.order_id == order_id)
    mine = (_R.order_item_id.in_(items), _R.status.in_((HELD, WAITING)))
    books = session.scalars(select(_R.book_id).where(*mine).distinct()).all()
    lock(session, books)
    freed: dict[int, int] = {}
    for row in session.execute(select(_R.id, _R.book_id, _R.quantity, _R.status).where(*mine).order_by(_R.id)):
        if row.status is HELD:
            freed[row.book_id] = freed.get(row.book_id, 0) + row.quantity
    ended = {"status": ReservationStatus.CANCELLED, "ended_at": now, "version": _R.version + 1}
    session.execute(update(table(Reservation)).where(*mine).values(ended))
    for book_id, pieces in sorted(freed.items()):
        set_aside(session, book_id, -pieces)
    hand_out(session, app, operator, freed, now)


def lock(session: Session, book_ids: Collection[int]) -> None:
    """Lock titles in id order, as everywhere, inside an act; lines that name them may be written meanwhile."""
    locking = select(_B.id).where(_B.id.in_(book_ids)).order_by(_B.id).with_for_update(key_share=True)
    session.execute(locking).all()


def collect_lines(session: Session, app: App, sold: Mapping[int, int], now: datetime) -> list[int]:
    """Free held copies that a sale takes, (line of an order → pieces), before it takes them; gives the orders.

    The titles' rows are locked by the caller. Raises Refused("order.not_held" | "order.ended").
    """
    rows = session.execute(
        select(_I.id, _I.order_id, _I.title, _B.kind, _O.status)
        .join_from(table(OrderItem), table(Book), _B.id == _I.book_id)
        .join(table(Order), _O.id == _I.order_id)
        .where(_I.id.in_(sold))
        .order_by(_I.order_id, _I.id)
        .with_for_update(of=table(Order))
    ).all()
    if len(rows) < len(sold):
        raise Refused("order.missing", order_id=0)
    for row in rows:
        if row.status not in OPEN:
            raise Refused("order.ended", order_id=row.order_id, status=row.status.value)
        if row.kind is not BookKind.SERVICE:
            _take(session, app, row, sold[row.id], now)
    return list(dict.fromkeys(row.order_id for row in rows))


def _take(session: Session, app: App, item: Any, wanted: int, now: datetime) -> None:
    reservations = table(Reservation)
    held = session.execute(
        select(reservations).where(_R.order_item_id == item.id, _R.status == HELD).order_by(_R.id).with_for_update()
    ).all()
    if sum(row.quantity for row in held) < wanted:
        raise Refused("order.not_held", title=item.title, held=sum(row.quantity for row in held))
    gone = {"status": ReservationStatus.COLLECTED, "ended_at": now, "version": _R.version + 1}
    for row in held:
        pieces = min(wanted, row.quantity)
        if not pieces:
            break
        wanted -= pieces
        session.execute(update(reservations).where(_R.id == row.id).values(**gone, quantity=pieces))
        set_aside(session, row.book_id, -pieces)
        if pieces < row.quantity:
            names = ("book_id", "customer_id", "name", "until", "user_id", "made_at", "order_item_id", "delivery_id")
            kept = {name: getattr(row, name) for name in names}
            rest = {"uid": app.ids.new(), "quantity": row.quantity - pieces, "status": HELD}
            session.execute(insert(reservations).values(**kept, **rest))


def end_collected(
    session: Session, operator: Operator, order_ids: Collection[int], sale: OrderView, now: datetime
) -> None:
    """After a sale took lines of orders: those with nothing left are delivered, inside an act."""
    if not order_ids:
        return
    items = select(_I.id).where(_I.order_id.in_(order_ids))
    taken = (_R.order_item_id.in_(items), _R.status == ReservationStatus.COLLECTED, _R.ended_at == now)
    session.execute(update(table(Reservation)).where(*taken, _R.sale_id.is_(None)).values(sale_id=sale.id))
    for order_id, lines in stands(session, order_ids).items():
        write_step(session, operator, order_id, "collected", now, sale.number)
        if all(line.service or line.collected == line.quantity for line in lines.values()):
            end_delivered(session, operator, order_id, now)


def end_delivered(session: Session, operator: Operator, order_id: int, now: datetime) -> None:
    """An order with nothing left to collect is delivered, inside an act."""
    session.execute(
        update(table(Order)).where(_O.id == order_id).values(status=OrderStatus.DELIVERED),
        execution_options={"synchronize_session": False},
    )
    write_step(session, operator, order_id, OrderStatus.DELIVERED.value, now)


def collected_by(session: Session, sale: Any, number: str) -> list[Any]:
    """Give what a sale collected of orders that can stand again: its copies as they were held, inside an act.

    One that was cancelled since stays so. Copies collected by an earlier version are known by their moment.
    """
    stand = (
        select(_V.order_id)
        .join_from(table(OrderEvent), table(Order), _O.id == _V.order_id)
        .where(_V.act == "collected", _V.details == number, _O.status != OrderStatus.CANCELLED)
    )
    by_sale = (_R.sale_id == sale.id) | _R.sale_id.is_(None) & (_R.ended_at == sale.placed_at)
    query = select(_R.id, _R.book_id, _R.quantity, _I.order_id).join_from(
        table(Reservation), table(OrderItem), _I.id == _R.order_item_id
    )
    taken = (_I.order_id.in_(stand), _R.status == ReservationStatus.COLLECTED, by_sale)
    return list(session.execute(query.where(*taken).order_by(_R.id)).all())


def hold_again(session: Session, operator: Operator, freed: Sequence[Any], receipt: str, now: datetime) -> None:
    """Hold again what a voided sale had collected, once its copies are back in stock: the orders stand as before it.

    The titles' rows are locked by the caller.
    """
    for row in freed:
        values = {"status": HELD, "ended_at": None, "sale_id": None, "version": _R.version + 1}
        session.execute(update(table(Reservation)).where(_R.id == row.id).values(values))
        set_aside(session, row.book_id, row.quantity)
    for order_id in dict.fromkeys(row.order_id for row in freed):
        write_step(session, operator, order_id, REOPENED, now, receipt)
        sent = select(_V.id).where(_V.order_id == order_id, _V.act == OrderStatus.SHIPPED.value)
        collect = session.scalar(select(_C.way).where(_C.order_id == order_id)) is Way.COLLECT
        before = OrderStatus.SHIPPED if collect or session.scalar(sent) is not None else OrderStatus.CONFIRMED
        session.execute(
            update(table(Order)).where(_O.id == order_id, _O.status == OrderStatus.DELIVERED).values(status=before),
            execution_options={"synchronize_session": False},
        )


def slips_of(session: Session, delivery_id: int) -> list[Slip]:
    """Give the slips of what a delivery brought for customers, in the order of titles and of who came first."""
    rows = session.execute(
        select(_I.order_id, _R.name, _B.title, _B.isbn, _R.quantity, _L.name.label("place"))
        .join_from(table(Reservation), table(Book), _B.id == _R.book_id)
        .join(table(Delivery), table(Delivery).c.id == _R.delivery_id)
        .join(table(Location), _L.id == table(Delivery).c.location_id, isouter=True)
        .join(table(OrderItem), _I.id == _R.order_item_id, isouter=True)
        .where(_R.delivery_id == delivery_id)
        .order_by(_B.title_key, _B.id, _R.made_at, _R.id)
    ).all()
    whole = {
        order_id: is_whole(lines.values())
        for order_id, lines in stands(session, {row.order_id for row in rows if row.order_id is not None}).items()
    }
    return [Slip(*row[:5], whole.get(row.order_id, True), row.place or "") for row in rows]


def followed(session: Session, order_id: int) -> bool:
    """Tell whether an order's lines are held as reservations; older ones took their stock when they were placed."""
    return session.scalar(select(_C.id).where(_C.order_id == order_id)) is not None
