"""Documents as they are shown: one order whole, pages of orders, counts by status."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from pos_app.app import App
from pos_app.domain.customer_order import Way
from pos_app.domain.document import Adjustment, OrderLine, OrderView
from pos_app.domain.isbn import try_isbn13
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.payment import PaymentIn
from pos_app.domain.sale import TaxTotal
from pos_app.domain.search import fold
from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    BookSupplier,
    Customer,
    CustomerMerge,
    CustomerOrder,
    DepositMovement,
    Order,
    OrderAdjustment,
    OrderEvent,
    OrderItem,
    OrderTax,
    Payment,
    Reservation,
    ShopTender,
    Till,
    User,
    table,
)
from pos_app.services.deposit import deposits_of
from pos_app.services.loyalty import loyalty_of
from pos_app.services.order_number import MAX_DIGITS, document_number, parse_receipt_number, receipt_text_number

PAGE_SIZE = 100
# More changed at once than anybody follows: the list is read anew.
MOST_CHANGED = 1_000
OPEN_STATUSES = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.SHIPPED)


@dataclass(frozen=True, slots=True)
class OrderStep:
    """One entry of a document's timeline; `details` is the receipt number or the status moved to."""

    happened_at: datetime
    act: str
    operator: str | None
    till: int | None
    details: str | None


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """A document and how it came to be."""

    order: OrderView
    steps: tuple[OrderStep, ...]


class Only(StrEnum):
    """What a list of customer orders can be narrowed to."""

    MINE = "mine"
    LATE = "late"
    READY = "ready"
    UNPAID = "unpaid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which documents a list shows: a kind, some statuses (all when empty), a text, and what else must be true.

    `user_id` and `today` say whose and what is late; `supplier_id` is who copies are still to come from.
    """

    kind: OrderKind | None = None
    statuses: tuple[OrderStatus, ...] = ()
    text: str = ""
    only: frozenset[Only] = frozenset()
    user_id: int | None = None
    today: date | None = None
    supplier_id: int | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One document in a list."""

    id: int
    version: int
    number: str
    kind: OrderKind
    status: OrderStatus
    customer: str | None
    item_count: int
    total: int
    currency: str
    placed_at: datetime
    # How it is fulfilled; None for sales, and for orders that took their stock when they were placed.
    follow: "Followed | None" = None


@dataclass(frozen=True, slots=True)
class Followed:
    """How far an order of a list is: pieces held and still to come, and what was paid for it in advance."""

    way: Way
    promised_on: date | None
    hold_until: date | None
    told: bool
    held: int
    to_come: int
    deposit: int


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Documents, newest first; `before` asks for the next page and is None after the last."""

    rows: tuple[OrderRow, ...]
    before: int | None


async def get_order(app: App, order_id: int) -> OrderDetail:
    """Give one document with its timeline. Raises Refused("order.missing")."""
    return await app.db.read(lambda session: order_detail(session, order_id))


async def get_sale(app: App, number: str) -> OrderView:
    """Give a paid document by its printed receipt number. Raises Refused("receipt.number" | "receipt.missing")."""
    return await app.db.read(lambda session: sale_by_number(session, number))


def sale_by_number(session: Session, number: str) -> OrderView:
    """Read a paid document by its printed receipt number inside an act. Raises as `get_sale` does."""
    till, serial, training = parse_receipt_number(number)
    order_id = session.scalar(
        select(Order.id)
        .join(Till, Till.id == Order.till_id)
        .where(Till.number == till, Order.receipt_number == serial, Order.training.is_(training))
    )
    if order_id is None:
        raise Refused("receipt.missing", number=receipt_text_number(till, serial, training=training))
    return order_view(session, order_id)


async def last_sale(app: App, till_id: int, *, training: bool = False) -> OrderView | None:
    """Give the last document paid at a till, if there is one; training has its own."""

    def act(session: Session) -> OrderView | None:
        order_id = session.scalar(
            select(Order.id)
            .where(Order.till_id == till_id, Order.training.is_(training), Order.receipt_number.is_not(None))
            .order_by(Order.receipt_number.desc())
            .limit(1)
        )
        return None if order_id is None else order_view(session, order_id)

    return await app.db.read(act)


async def last_sales(app: App, till: int, limit: int) -> list[OrderView]:
    """Give the last real documents paid at a till, known by its number, the newest first; for the program itself."""

    def act(session: Session) -> list[OrderView]:
        ids = session.scalars(
            select(Order.id)
            .join(Till, Till.id == Order.till_id)
            .where(Till.number == till, Order.training.is_(False), Order.receipt_number.is_not(None))
            .order_by(Order.receipt_number.desc())
            .limit(limit)
        ).all()
        return [order_view(session, order_id) for order_id in ids]

    return await app.db.read(act)


async def page_orders(app: App, wanted: OrderFilter, *, before: int | None = None, limit: int = PAGE_SIZE) -> OrderPage:
    """Give a page of documents, newest first, those with an id below `before`."""

    def act(session: Session) -> OrderPage:
        query = (
            _filtered(
                select(
                    Order.id,
                    Order.version,
                    Order.receipt_number,
                    Order.training,
                    Order.kind,
                    Order.status,
                    Order.item_count,
                    Order.total_amount,
                    Order.currency,
                    Order.placed_at,
                    Customer.name,
                    Till.number,
                ),
                wanted,
            )
            .join(Customer, Customer.id == Order.customer_id, isouter=True)
            .join(Till, Till.id == Order.till_id, isouter=True)
            .order_by(Order.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(Order.id < before)
        found = session.execute(query).all()
        follow = _followed(session, [row.id for row in found if row.kind is OrderKind.CUSTOMER_ORDER])
        rows = tuple(
            OrderRow(
                id=row.id,
                version=row.version,
                number=document_number(row.id, row.number, row.receipt_number, training=row.training),
                kind=row.kind,
                status=row.status,
                customer=row.name,
                item_count=row.item_count,
                total=row.total_amount,
                currency=row.currency,
                placed_at=row.placed_at,
                follow=follow.get(row.id),
            )
            for row in found
        )
        return OrderPage(rows, rows[-1].id if len(rows) == limit else None)

    return await app.db.read(act)


async def count_by_status(app: App, wanted: OrderFilter | None = None) -> dict[OrderStatus, int]:
    """Give how many documents of a kind, matching a text, stand in each status; every status is there."""
    wanted = wanted or OrderFilter()

    def act(session: Session) -> dict[OrderStatus, int]:
        query = _filtered(select(Order.status, func.count()), replace(wanted, statuses=()))
        counted = dict(session.execute(query.group_by(Order.status)).all())
        return {status: counted.get(status, 0) for status in OrderStatus}

    return await app.db.read(act)


async def newest_step(app: App) -> int:
    """Give the number of the last step of any document: while it stands, nothing has changed."""
    return await app.db.read(lambda session: session.scalar(select(func.max(OrderEvent.id))) or 0)


async def changed_since(app: App, step: int, kind: OrderKind | None = None) -> tuple[int, frozenset[int]]:
    """Give the number of the last step, and which documents, of a kind or of any, have one after `step`."""

    def act(session: Session) -> tuple[int, frozenset[int]]:
        newest = session.scalar(select(func.max(OrderEvent.id))) or 0
        if newest <= step:
            return newest, frozenset()
        ids = select(OrderEvent.order_id).where(OrderEvent.id > step)
        if kind is not None:
            ids = ids.join(Order, Order.id == OrderEvent.order_id).where(Order.kind == kind)
        return newest, frozenset(session.scalars(ids.limit(MOST_CHANGED)))

    return await app.db.read(act)


def _followed(session: Session, ids: list[int]) -> dict[int, Followed]:
    """How far some orders are, in three statements however many they are."""
    if not ids:
        return {}
    kept = session.scalars(select(CustomerOrder).where(CustomerOrder.order_id.in_(ids))).all()
    pieces = {
        order_id: (int(held), int(waiting))
        for order_id, held, waiting in session.execute(
            select(
                OrderItem.order_id,
                func.sum(case((Reservation.status == ReservationStatus.HELD, Reservation.quantity), else_=0)),
                func.sum(case((Reservation.status == ReservationStatus.WAITING, Reservation.quantity), else_=0)),
            )
            .join(Reservation, Reservation.order_item_id == OrderItem.id)
            .where(OrderItem.order_id.in_(ids))
            .group_by(OrderItem.order_id)
        )
    }
    deposits = deposits_of(session, ids)
    return {
        one.order_id: Followed(
            one.way,
            one.promised_on,
            one.hold_until,
            one.told_at is not None,
            *pieces.get(one.order_id, (0, 0)),
            deposits[one.order_id],
        )
        for one in kept
    }


def order_detail(session: Session, order_id: int) -> OrderDetail:
    """Read a document and its timeline inside an act."""
    order = order_view(session, order_id)
    steps = session.execute(
        select(OrderEvent.happened_at, OrderEvent.act, User.username, Till.number, OrderEvent.details)
        .join(User, User.id == OrderEvent.user_id, isouter=True)
        .join(Till, Till.id == OrderEvent.till_id, isouter=True)
        .where(OrderEvent.order_id == order_id)
        .order_by(OrderEvent.id.desc())
    )
    return OrderDetail(order, tuple(OrderStep(*step) for step in steps))


def order_view(session: Session, order_id: int) -> OrderView:
    """Read a document inside an act. Raises Refused("order.missing")."""
    allowing = aliased(User)
    row = session.execute(
        select(Order, User.username, Till.number, Customer.name, allowing.username.label("allowed_by"))
        .join(User, User.id == Order.user_id)
        .join(allowing, allowing.id == Order.allowed_by_id, isouter=True)
        .join(Till, Till.id == Order.till_id, isouter=True)
        .join(Customer, Customer.id == Order.customer_id, isouter=True)
        .where(Order.id == order_id)
    ).one_or_none()
    if row is None:
        raise Refused("order.missing", order_id=order_id)
    order = row.Order
    return OrderView(
        id=order.id,
        uid=order.uid,
        kind=order.kind,
        status=order.status,
        version=order.version,
        number=document_number(order.id, row.number, order.receipt_number, training=order.training),
        currency=order.currency,
        prices_include_tax=order.prices_include_tax,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        business_date=order.business_date,
        operator=row.username,
        till=row.number,
        customer=row.name,
        shipping_address=order.shipping_address,
        note=order.note,
        discount=order.discount_amount,
        net=order.net_amount,
        tax=order.tax_amount,
        rounding=order.rounding_amount,
        total=order.total_amount,
        change=order.change_amount,
        lines=_lines(session, order_id),
        # One that nothing is left of, since lines are no longer wanted, is none.
        taxes=tuple(tax for tax in _taxes(session, order_id) if order.paid_at is not None or tax.net or tax.tax),
        payments=_payments(session, order_id),
        training=order.training,
        customer_id=order.customer_id,
        refers_to=_refers_to(session, order.refers_to_id),
        reason=order.reason,
        allowed_by=row.allowed_by,
        loyalty=loyalty_of(session, order_id, order.customer_id),
    )


def _lines(session: Session, order_id: int) -> tuple[OrderLine, ...]:
    item = table(OrderItem).c
    rows: Any = session.execute(
        select(
            item.book_id,
            item.title,
            item.isbn,
            item.quantity,
            item.price,
            item.discount_amount,
            item.amount,
            item.tax_name,
            item.tax_rate,
            item.returned_quantity,
            item.id,
            item.note,
            item.gift_card,
            item.restock,
            item.returned_item_id,
            item.net_amount,
            item.tax_amount,
        )
        # What is no longer wanted of an order is told by its timeline.
        .where(item.order_id == order_id, item.quantity != 0)
        .order_by(item.position)
    )
    adjustments = _adjustments(session, order_id)
    return tuple(replace(OrderLine(*row), adjustments=tuple(adjustments.get(row.id, ()))) for row in rows)


def _adjustments(session: Session, order_id: int) -> dict[int, list[Adjustment]]:
    why, item = table(OrderAdjustment).c, table(OrderItem).c
    rows = session.execute(
        select(why.order_item_id, why.kind, why.name, why.amount, why.was, User.username)
        .join(table(OrderItem), item.id == why.order_item_id)
        .join(User, User.id == why.allowed_by_id, isouter=True)
        .where(item.order_id == order_id)
        .order_by(why.id)
    )
    found: dict[int, list[Adjustment]] = {}
    for item_id, *parts in rows:
        found.setdefault(item_id, []).append(Adjustment(*parts))
    return found


def _refers_to(session: Session, order_id: int | None) -> str | None:
    if order_id is None:
        return None
    order = session.execute(
        select(Order.id, Till.number, Order.receipt_number, Order.training)
        .join(Till, Till.id == Order.till_id, isouter=True)
        .where(Order.id == order_id)
    ).one()
    return document_number(order.id, order.number, order.receipt_number, training=order.training)


def _taxes(session: Session, order_id: int) -> tuple[TaxTotal, ...]:
    tax = table(OrderTax).c
    rows = session.execute(
        select(tax.name, tax.rate, tax.net_amount, tax.tax_amount).where(tax.order_id == order_id).order_by(tax.id)
    )
    return tuple(TaxTotal(*row) for row in rows)


def _payments(session: Session, order_id: int) -> tuple[PaymentIn, ...]:
    paid = table(Payment).c
    rows = session.execute(
        select(paid.uid, paid.tender, paid.amount, paid.reference, paid.scheme, ShopTender.name)
        .join(ShopTender, ShopTender.code == paid.tender)
        .where(paid.order_id == order_id)
        .order_by(paid.id)
    )
    return tuple(PaymentIn(*row) for row in rows)


def _filtered(query: Select[*tuple[Any, ...]], wanted: OrderFilter) -> Select[*tuple[Any, ...]]:
    if wanted.kind is not None:
        query = query.where(Order.kind == wanted.kind)
    if wanted.statuses:
        query = query.where(Order.status.in_(wanted.statuses))
    for only in sorted(wanted.only):
        query = query.where(_is(only, wanted))
    if wanted.supplier_id is not None:
        coming = (
            select(OrderItem.id)
            .join(Reservation, Reservation.order_item_id == OrderItem.id)
            .join(BookSupplier, BookSupplier.book_id == OrderItem.book_id)
            .where(
                OrderItem.order_id == Order.id,
                Reservation.status == ReservationStatus.WAITING,
                BookSupplier.position == 1,
                BookSupplier.supplier_id == wanted.supplier_id,
            )
        )
        query = query.where(Order.status.in_(OPEN_STATUSES), coming.exists())
    return query.where(_matches(wanted.text)) if wanted.text.strip() else query


def _is(only: Only, wanted: OrderFilter) -> ColumnElement[bool]:
    """The condition that a list is narrowed by; few orders stand, and each is looked up by its number."""
    stands = Order.status.in_(OPEN_STATUSES)
    follow = select(CustomerOrder.id).where(CustomerOrder.order_id == Order.id)
    match only:
        case Only.MINE:
            return Order.user_id == wanted.user_id
        case Only.LATE:
            return stands & follow.where(CustomerOrder.promised_on < wanted.today).exists()
        case Only.READY:
            return (Order.status == OrderStatus.SHIPPED) & follow.where(CustomerOrder.way == Way.COLLECT).exists()
        case Only.EXPIRED:
            return (Order.status == OrderStatus.SHIPPED) & follow.where(
                CustomerOrder.hold_until < wanted.today
            ).exists()
        case _:
            paid = select(func.coalesce(func.sum(DepositMovement.delta), 0)).where(DepositMovement.order_id == Order.id)
            return stands & follow.exists() & (Order.total_amount > paid.scalar_subquery())


def _matches(text: str) -> ColumnElement[bool]:
    """A number, a receipt number, an ISBN, or words of the customer's name."""
    text = text.strip()[:100]
    found: list[ColumnElement[bool]] = []
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        found += [Order.id == int(text), Order.receipt_number == int(text)]
    with suppress(Refused, OverflowError):
        till, serial, training = parse_receipt_number(text)
        till_ids = select(Till.id).where(Till.number == till)
        found.append((Order.receipt_number == serial) & Order.till_id.in_(till_ids) & Order.training.is_(training))
    if isbn := try_isbn13(text):
        books = select(Book.id).where(Book.isbn == isbn)
        found.append(Order.id.in_(select(OrderItem.order_id).where(OrderItem.book_id.in_(books))))
    if words := fold(text).split():
        named = select(Customer.id).where(*(Customer.name_key.contains(word, autoescape=True) for word in words))
        joined = select(CustomerMerge.customer_id).where(CustomerMerge.into_id.in_(named))
        found += [Order.customer_id.in_(named), Order.customer_id.in_(joined)]
    return or_(false(), *found)
