"""The list of customers, paged by key, and one customer's documents and ledgers beside it."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, extract, func, select, tuple_
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.loyalty import LoyaltyReason
from pos_app.domain.order_status import OrderKind
from pos_app.domain.search import fold
from pos_app.domain.stock import ReservationStatus
from pos_app.models import (
    Book,
    Customer,
    LoyaltyMovement,
    Order,
    OrderItem,
    Reservation,
    Till,
    table,
)
from pos_app.services.customer import CustomerRow, WaitingOrder, customer_rows, waiting_orders
from pos_app.services.customer_family import family
from pos_app.services.customer_search import MAX_QUERY, holding
from pos_app.services.order_number import document_number

PAGE = 200
COUNTED = 1_000
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
LEAST_LETTERS = 3
_C, _O, _I, _L, _R, _T = (table(model).c for model in (Customer, Order, OrderItem, LoyaltyMovement, Reservation, Till))
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Some customers in the order of their names, and the key to go on after; None at the end."""

    rows: tuple[CustomerRow, ...]
    after: Key | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One of a customer's paid documents; `titles` are those of its lines."""

    id: int
    number: str
    kind: OrderKind
    day: date
    total: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One change of an account or of points: `delta`, and what stood after it."""

    at: datetime
    number: str
    delta: int
    balance: int
    reason: LoyaltyReason | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Copies set aside for a customer, or waited for."""

    id: int
    title: str
    quantity: int
    status: ReservationStatus
    until: date | None


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What still waits for a customer: their orders, and copies held."""

    orders: tuple[WaitingOrder, ...]
    holds: tuple[Hold, ...]


async def page_customers(app: App, text: str = "", after: Key | None = None, limit: int = PAGE) -> CustomerPage:
    """Give customers by name, those of whom every word typed is part of anything kept of them."""

    def act(session: Session) -> CustomerPage:
        query = _wanted(session, select(_C.id, _C.name_key), text)
        if after is not None:
            query = query.where(tuple_(_C.name_key, _C.id) > after)
        found = session.execute(query.order_by(_C.name_key, _C.id).limit(limit + 1)).all()
        rows = found[:limit]
        following = (rows[-1].name_key, rows[-1].id) if len(found) > limit else None
        return CustomerPage(tuple(customer_rows(session, [row.id for row in rows])), following)

    return await app.db.read(act)


async def count_customers(app: App, text: str = "") -> int:
    """Give how many customers a text finds, counted up to 1,000 where one is typed."""

    def act(session: Session) -> int:
        wanted = _wanted(session, select(_C.id), text)
        inner = wanted.limit(COUNTED).subquery() if text.strip() else wanted.subquery()
        return session.scalar(select(func.count()).select_from(inner)) or 0

    return await app.db.read(act)


def _wanted(session: Session, query: Select[Any], text: str) -> Select[Any]:
    text = text.strip()[:MAX_QUERY]
    query = query.where(_C.active)
    if text:
        query = query.where(*holding(session, text))
    return query


async def page_documents(
    app: App, customer_id: int, text: str = "", before: int | None = None, limit: int = 50
) -> list[DocumentRow]:
    """Give what a customer bought and brought back, newest first; `text` is part of a title, an ISBN or a month.

    A month is its name or its first letters, a year its four digits; `before` is the id to go on from.
    """

    def act(session: Session) -> list[DocumentRow]:
        query = (
            select(_O.id, _O.receipt_number, _O.training, _O.kind, _O.business_date, _O.total_amount, _T.number)
            .join_from(table(Order), table(Till), _T.id == _O.till_id)
            .where(_O.customer_id.in_(family(customer_id)), _O.paid_at.is_not(None), ~_O.training)
        )
        if before is not None:
            query = query.where(_O.id < before)
        if text.strip():
            query = query.where(*_about(session, text.strip()[:MAX_QUERY]))
        rows = session.execute(query.order_by(_O.id.desc()).limit(limit)).all()
        titles: dict[int, list[str]] = {row.id: [] for row in rows}
        lines = select(_I.order_id, _I.title).where(_I.order_id.in_(titles)).order_by(_I.order_id, _I.position)
        for order_id, title in session.execute(lines) if titles else ():
            titles[order_id].append(title)
        return [
            DocumentRow(
                row.id,
                document_number(row.id, row.number, row.receipt_number, training=row.training),
                row.kind,
                row.business_date,
                row.total_amount,
                tuple(titles[row.id]),
            )
            for row in rows
        ]

    return await app.db.read(act)


def _about(session: Session, text: str) -> list[ColumnElement[bool]]:
    """Documents of a month, a year or both, that hold titles of which the other words are part."""
    conditions: list[ColumnElement[bool]] = []
    words = []
    for word in fold(text).split():
        month = next((number for number, name in enumerate(MONTHS, 1) if _names(word, name)), None)
        if month is not None:
            conditions.append(extract("month", _O.business_date) == month)
        elif re.fullmatch(r"20\d\d", word):
            conditions.append(extract("year", _O.business_date) == int(word))
        else:
            words.append(word)
    if words:
        book = table(Book).c
        holds = func.strpos if session.get_bind().dialect.name == "postgresql" else func.instr
        said = book.search_text + " " + func.coalesce(_I.isbn, "")
        lines = select(_I.id).join_from(table(OrderItem), table(Book), book.id == _I.book_id)
        hit = lines.where(_I.order_id == _O.id, *(holds(said, word) > 0 for word in words))
        conditions.append(hit.correlate(table(Order)).exists())
    return conditions


def _names(word: str, month: str) -> bool:
    """Whether a word is a month's name or its first letters, three at least."""
    return len(word) >= LEAST_LETTERS and month.startswith(word)


async def outstanding(app: App, customer_id: int) -> Outstanding:
    """Give what still waits for a customer."""
    return await app.db.read(lambda session: outstanding_of(session, customer_id))


def outstanding_of(session: Session, customer_id: int) -> Outstanding:
    """Read what still waits for a customer, inside an act."""
    query = (
        select(_R.id, table(Book).c.title, _R.quantity, _R.status, _R.until)
        .join_from(table(Reservation), table(Book), table(Book).c.id == _R.book_id)
        .where(
            _R.customer_id.in_(family(customer_id)), _R.status.in_((ReservationStatus.HELD, ReservationStatus.WAITING))
        )
        .order_by(_R.id)
    )
    return Outstanding(waiting_orders(session, customer_id), tuple(Hold(*row) for row in session.execute(query)))


async def page_loyalty(app: App, customer_id: int, limit: int = 50) -> list[LedgerRow]:
    """Give the last changes of a customer's points, newest first."""

    def act(session: Session) -> list[LedgerRow]:
        query = (
            select(_L.created_at, _O.id, _T.number, _O.receipt_number, _O.training, _L.delta, _L.balance, _L.reason)
            .join_from(table(LoyaltyMovement), table(Order), _O.id == _L.order_id)
            .join(table(Till), _T.id == _O.till_id)
            .where(_L.customer_id.in_(family(customer_id)))
            .order_by(_L.id.desc())
            .limit(limit)
        )
        return [
            LedgerRow(
                row.created_at,
                document_number(row.id, row.number, row.receipt_number, training=row.training),
                row.delta,
                row.balance,
                row.reason,
            )
            for row in session.execute(query)
        ]

    return await app.db.read(act)
