"""Customers at the counter: found by whatever they say of themselves, added in a moment, and what waits for them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import refuse_card_number
from pos_app.domain.loyalty import LoyaltyStand
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.order_status import OrderKind, OrderStatus
from pos_app.domain.permission import Permission
from pos_app.domain.search import customer_keys, is_storable
from pos_app.errors import Refused
from pos_app.models import Customer, CustomerMerge, Order, OrderItem, Payment, Till, table
from pos_app.services import journal
from pos_app.services.customer_family import family, kept_id
from pos_app.services.customer_search import (
    LIMIT,
    PHONE_LIKE,
    SHORTEST_NUMBER,
    alike_ids,
    bare_card,
    digits_of,
    found_ids,
)
from pos_app.services.loyalty import stand
from pos_app.services.order_number import document_number
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings

MAX_NAME, MAX_EMAIL, MAX_PHONE, MAX_CARD = 255, 255, 40, 64
PURCHASES = 10
WAITING = (OrderStatus.CONFIRMED, OrderStatus.SHIPPED)
# The most digits a telephone number has with its country (ITU-T E.164).
LONGEST_NUMBER = 15
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_C, _O, _I, _M = table(Customer).c, table(Order).c, table(OrderItem).c, table(CustomerMerge).c


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer in a list; amounts in minor units.

    `waiting` counts their orders that are confirmed or on their way, `ready` those of them to be collected here.
    `duplicates` are others they may be, known when one has just been added.
    """

    id: int
    version: int
    name: str
    phone: str | None
    email: str | None
    card: str | None
    balance: int
    credit_limit: int
    waiting: int = 0
    ready: int = 0
    duplicates: tuple["CustomerRow", ...] = ()
    loyalty: LoyaltyStand | None = None


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits for a customer: its titles, and what is still to pay, in minor units.

    `ready` is true of a confirmed order that is to be collected: its books were set aside when it was placed.
    """

    id: int
    number: str
    status: OrderStatus
    titles: tuple[str, ...]
    ready: bool
    due: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Purchase:
    """A title a customer bought and kept, on a business day."""

    book_id: int
    title: str
    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer, what waits for them, oldest first, and what they bought last, newest first."""

    customer: CustomerRow
    waiting: tuple[WaitingOrder, ...]
    purchases: tuple[Purchase, ...]


async def find_customers(app: App, text: str, limit: int = LIMIT) -> list[CustomerRow]:
    """Give customers by any part of name, phone, email or card: a whole card or number first, then names that start so.

    Names are compared without case and accents, numbers by their digits. An empty text finds nobody.
    """

    def act(session: Session) -> list[CustomerRow]:
        return customer_rows(session, found_ids(session, text, limit))

    return await app.db.read(act)


async def customer_by_card(app: App, code: str) -> CustomerRow | None:
    """Give the customer a scanned card belongs to, if there is one.

    Raises Refused("customer.card" | "code.card_number") for what can be nobody's.
    """
    card = _checked_card(code)

    def act(session: Session) -> CustomerRow | None:
        owner = session.scalar(select(_C.id).where(_C.card == card, _C.erased_at.is_(None)))
        if owner is None:
            return None
        kept = select(_C.id).where(_C.id == kept_id(session, owner), _C.active)
        found = customer_rows(session, session.scalars(kept))
        return found[0] if found else None

    return await app.db.read(act)


async def likely_duplicates(app: App, name: str, phone: str = "", email: str = "") -> list[CustomerRow]:
    """Give customers who may be the same person: the same number, address, or name in any order of its words."""
    return await app.db.read(lambda session: customer_rows(session, alike_ids(session, name, phone, email)))


async def add_customer(
    app: App, operator: Operator, name: str, phone: str = "", email: str = "", card: str = ""
) -> CustomerRow:
    """Add a customer; who may be the same person already is given back in `duplicates`, and never stands in the way.

    Raises Refused("customer.name" | "customer.phone" | "customer.email" | "customer.card" | "customer.card_taken" |
    "code.card_number" | "right.missing").
    """
    values = checked(name, phone, email, card)
    keys = customer_keys(values["name"], values["phone"], values["email"], values["card"])

    def act(session: Session) -> CustomerRow:
        require(session, operator, Permission.ADD_CUSTOMERS)
        alike = tuple(customer_rows(session, alike_ids(session, values["name"], phone, email)))
        check_card_free(session, values["card"])
        made = Customer(**values, **keys)
        try:
            with session.begin_nested():
                session.add(made)
                session.flush()
        except IntegrityError:
            # Another till gave the card out a moment ago.
            check_card_free(session, values["card"])
            raise
        return replace(customer_rows(session, [made.id])[0], duplicates=alike)

    return await app.db.write(act)


async def set_credit_limit(app: App, operator: Operator, customer_id: int, amount: int) -> CustomerRow:
    """Set up to what a customer may owe, in minor units; what they owe already stays.

    Raises Refused("customer.limit" | "customer.missing" | "right.missing").
    """
    now = app.clock.now()
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= MAX_AMOUNT:
        raise Refused("customer.limit")

    def act(session: Session) -> CustomerRow:
        require(session, operator, Permission.SET_CREDIT_LIMITS)
        changed = update(table(Customer)).where(_C.id == customer_id, _C.active)
        done = session.execute(changed.values(credit_limit=amount, version=_C.version + 1).returning(_C.id))
        if done.scalar_one_or_none() is None:
            raise Refused("customer.missing")
        journal.append(
            session, operator.till_id, "credit_limit", now, user_id=operator.user_id, customer=customer_id, limit=amount
        )
        return customer_rows(session, [customer_id])[0]

    return await app.db.write(act)


async def customer_card(app: App, customer_id: int) -> CustomerCard:
    """Give a customer with what waits for them and what they bought last. Raises Refused("customer.missing")."""

    def act(session: Session) -> CustomerCard:
        found = customer_rows(session, [customer_id])
        if not found:
            raise Refused("customer.missing")
        return CustomerCard(found[0], waiting_orders(session, customer_id), _purchases(session, customer_id))

    return await app.db.read(act)


async def bought_before(app: App, customer_id: int, book_ids: Collection[int]) -> dict[int, date]:
    """Give, of some titles, those a customer bought and kept, each with the last business day they did."""
    if not book_ids:
        return {}

    def act(session: Session) -> dict[int, date]:
        last = func.max(_O.business_date)
        query = _bought(select(_I.book_id, last), customer_id).where(_I.book_id.in_(set(book_ids)))
        return dict(session.execute(query.group_by(_I.book_id)).all())

    return await app.db.read(act)


# Reading


def customer_rows(session: Session, ids: Iterable[int]) -> list[CustomerRow]:
    """Read customers in the order of their ids, with what waits for each, inside an act."""
    ids = list(ids)
    if not ids:
        return []
    columns = (_C.id, _C.version, _C.name, _C.phone, _C.email, _C.card, _C.balance, _C.credit_limit, _C.points)
    rule = shop_settings(session).loyalty_rule
    people = {
        row.id: CustomerRow(*row[:-1], loyalty=stand(row.points, rule))
        for row in session.execute(select(*columns).where(_C.id.in_(ids)))
    }
    ready = func.sum(case((_is_ready(), 1), else_=0))
    owner = func.coalesce(_M.into_id, _O.customer_id)
    counts = (
        select(owner, func.count(), ready)
        .join_from(table(Order), table(CustomerMerge), _M.customer_id == _O.customer_id, isouter=True)
        .where(*_waits(_O.customer_id.in_(ids) | _M.into_id.in_(ids)))
        .group_by(owner)
    )
    for customer_id, waiting, collectable in session.execute(counts):
        if customer_id in people:
            people[customer_id] = replace(people[customer_id], waiting=waiting, ready=int(collectable))
    return [people[customer_id] for customer_id in ids if customer_id in people]


def _waits(whose: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (whose, _O.kind == OrderKind.CUSTOMER_ORDER, _O.status.in_(WAITING))


def _is_ready() -> ColumnElement[bool]:
    return (_O.status == OrderStatus.CONFIRMED) & (func.coalesce(_O.shipping_address, "") == "")


def waiting_orders(session: Session, customer_id: int) -> tuple[WaitingOrder, ...]:
    """Give what waits for a customer, oldest first, inside an act."""
    paid = select(func.coalesce(func.sum(Payment.amount), 0)).where(Payment.order_id == _O.id).scalar_subquery()
    query = (
        select(
            _O.id,
            _O.receipt_number,
            _O.training,
            _O.status,
            _O.placed_at,
            _is_ready().label("ready"),
            (_O.total_amount + _O.rounding_amount + _O.change_amount - paid).label("due"),
            Till.number,
        )
        .join_from(table(Order), Till, Till.id == _O.till_id, isouter=True)
        .where(*_waits(_O.customer_id.in_(family(customer_id))))
        .order_by(_O.id)
    )
    orders = session.execute(query).all()
    titles: dict[int, list[str]] = {order.id: [] for order in orders}
    items = select(_I.order_id, _I.title).where(_I.order_id.in_(titles)).order_by(_I.order_id, _I.position)
    for order_id, title in session.execute(items) if titles else ():
        titles[order_id].append(title)
    return tuple(
        WaitingOrder(
            id=order.id,
            number=document_number(order.id, order.number, order.receipt_number, training=order.training),
            status=order.status,
            titles=tuple(titles[order.id]),
            ready=bool(order.ready),
            due=max(int(order.due), 0),
            placed_at=order.placed_at,
        )
        for order in orders
    )


def _bought(query: Select[Any], customer_id: int) -> Select[Any]:
    """Lines of a customer's documents that were paid for and kept."""
    return query.join_from(table(OrderItem), table(Order), _O.id == _I.order_id).where(
        _O.customer_id.in_(family(customer_id)),
        _O.training == false(),
        _O.receipt_number.is_not(None),
        _I.quantity > _I.returned_quantity,
        _I.gift_card.is_(None),
    )


def _purchases(session: Session, customer_id: int) -> tuple[Purchase, ...]:
    kept = (_I.quantity - _I.returned_quantity).label("kept")
    query = _bought(select(_I.book_id, _I.title, _O.business_date, kept), customer_id)
    rows = session.execute(query.order_by(_O.id.desc(), _I.position).limit(PURCHASES))
    return tuple(Purchase(*row) for row in rows)


# Checking


def checked(name: str, phone: str, email: str, card: str) -> dict[str, Any]:
    """Give what a customer is called and reached by as it is stored. Raises as `add_customer` does."""
    name, phone, email = (" ".join(text.split()) for text in (name, phone, email))
    international = phone.startswith(("+", "00")) and len(digits_of(phone)) <= LONGEST_NUMBER
    for text in (name, email) if international else (name, phone, email):
        refuse_card_number(text)
    if not name or len(name) > MAX_NAME or not _says_something(name):
        raise Refused("customer.name", limit=MAX_NAME)
    if phone and not (
        PHONE_LIKE.fullmatch(phone) and len(digits_of(phone)) >= SHORTEST_NUMBER and len(phone) <= MAX_PHONE
    ):
        raise Refused("customer.phone", limit=MAX_PHONE)
    if email and not (_EMAIL.fullmatch(email) and len(email) <= MAX_EMAIL and email.isprintable()):
        raise Refused("customer.email", email=email[:MAX_PHONE])
    return {
        "name": name,
        "phone": phone or None,
        "email": email or None,
        "card": _checked_card(card) if card.strip() else None,
    }


def _says_something(name: str) -> bool:
    return name.isprintable() and is_storable(name) and any(sign.isalnum() for sign in name)


def _checked_card(code: str) -> str:
    """A customer's card as it is stored. Raises Refused("customer.card" | "code.card_number")."""
    bare = bare_card(code)
    if not 0 < len(bare) <= MAX_CARD or not bare.isprintable() or not is_storable(bare):
        raise Refused("customer.card", limit=MAX_CARD)
    refuse_card_number(bare)
    return bare


def check_card_free(session: Session, card: str | None, but_id: int | None = None) -> None:
    """Raise Refused("customer.card_taken") where a card belongs to somebody else, inside an act."""
    if card is None:
        return
    owner = session.scalar(select(_C.name).where(_C.card == card, _C.id != (but_id or 0)))
    if owner is not None:
        raise Refused("customer.card_taken", name=owner)
