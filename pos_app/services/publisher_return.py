"""Sending unsold copies back to a supplier, within the window it grants."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.kinds import StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import check_pieces
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    BookSupplier,
    Delivery,
    DeliveryLine,
    Location,
    PublisherReturn,
    PublisherReturnLine,
    StockReversal,
    StockReversalLine,
    Supplier,
    User,
    table,
)
from pos_app.services.right import Operator, require
from pos_app.services.stock import (
    check_location,
    content_hash,
    draw_document_number,
    lock_books,
    move_books,
    stock_at,
)
from pos_app.services.stock_reversal import Posted, taken_back_of, titles_taken_back
from pos_app.services.supplier import SupplierView, expected_cost, supplier_view

NOTE_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Returnable:
    """A title that a supplier delivered: when last, until when it goes back, and what is at hand at a place.

    `return_by` is None where the supplier takes nothing back; `cost` is minor units a copy; `delivered` is less what
    went back before.
    """

    book_id: int
    isbn: str | None
    title: str
    available: int
    delivered_at: datetime
    return_by: date | None
    cost: int | None
    delivered: int


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Copies of a title that went back, and how many of them were taken back since.

    `delivery` is the supplier's note of the last one before, or our number.
    """

    book_id: int
    isbn: str | None
    title: str
    quantity: int
    cost: int | None
    return_by: date | None
    delivery: str | None = None
    taken_back: int = 0

    @property
    def gone(self) -> int:
        """How many copies went back for good."""
        return self.quantity - self.taken_back


@dataclass(frozen=True, slots=True)
class PublisherReturnView:
    """A return as stored."""

    id: int
    uid: str
    number: int
    supplier: SupplierView
    note: str | None
    operator: str
    posted_at: datetime
    lines: tuple[ReturnLine, ...]
    place: str | None = None

    @property
    def total(self) -> int:
        """What is to be credited, in minor units."""
        return sum(line.gone * (line.cost or 0) for line in self.lines)


@dataclass(frozen=True, slots=True)
class PublisherReturnRow:
    """A return in a list; `back` is how many of its copies were taken back."""

    id: int
    number: int
    supplier: str
    posted_at: datetime
    pieces: int
    back: int = 0


async def list_returnable(
    app: App, operator: Operator, supplier_id: int, location_id: int | None = None, limit: int = 500
) -> list[Returnable]:
    """Give what a supplier delivered and is still at a place, None the shop floor; what closes first at the top.

    Raises Refused("supplier.missing" | "location.missing" | "right.missing").
    """

    def act(session: Session) -> list[Returnable]:
        require(session, operator, Permission.BUY)
        supplier = session.get(Supplier, supplier_id)
        if supplier is None:
            raise Refused("supplier.missing")
        at_place = check_location(session, location_id)
        rows = session.execute(
            select(Book.id, Book.isbn, Book.title, Book.stock - Book.reserved, func.max(Delivery.posted_at), Book.price)
            .join(DeliveryLine, DeliveryLine.book_id == Book.id)
            .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
            .where(Delivery.supplier_id == supplier_id, DeliveryLine.quantity > 0, Book.stock > Book.reserved)
            .group_by(Book.id)
            .order_by(func.max(Delivery.posted_at), Book.id)
            .limit(limit)
        ).all()
        costs = _costs(session, supplier, {row[0]: row[5] for row in rows})
        there = stock_at(session, costs, at_place)
        delivered = _delivered(session, supplier_id, costs)
        return [
            Returnable(
                number, isbn, title, min(free, there[number]), at, _return_by(supplier, at), costs[number],
                delivered[number],
            )
            for number, isbn, title, free, at, _ in rows
            if there[number] > 0 and delivered[number] > 0
        ]  # fmt: skip

    return await app.db.read(act)


async def return_to_publisher(
    app: App,
    operator: Operator,
    uid: str,
    supplier_id: int,
    lines: Mapping[int, int],
    *,
    note: str = "",
    accept_late: bool = False,
    location_id: int | None = None,
) -> PublisherReturnView:
    """Send `lines` (book id → pieces) back from a place, None the shop floor; what is set aside stays.

    The same uid again gives the stored one. Raises Refused("publisher_return.never") where the supplier takes nothing
    back, Refused("publisher_return.late") where a title's window is over, Refused("publisher_return.more") where more
    goes back than it delivered, all unless `accept_late`, and Refused("publisher_return.empty" |
    "publisher_return.note" | "publisher_return.short" | "pieces.invalid" | "location.missing" | "supplier.missing" |
    "document.other_content" | "book.…" | "right.missing").
    """
    now = app.clock.now()
    note = free_text(note, NOTE_LIMIT, "publisher_return.note")

    def act(session: Session) -> PublisherReturnView:
        require(session, operator, Permission.BUY)
        at_place = check_location(session, location_id)
        hashed = content_hash([supplier_id, sorted(lines.items()), note, *([] if at_place is None else [at_place])])
        stored = session.scalar(select(PublisherReturn).where(PublisherReturn.uid == uid))
        if stored is not None:
            if stored.content_hash != hashed:
                raise Refused("document.other_content", uid=uid)
            return _view(session, stored.id)
        supplier = session.get(Supplier, supplier_id)
        if supplier is None:
            raise Refused("supplier.missing")
        if not lines:
            raise Refused("publisher_return.empty")
        for pieces in lines.values():
            check_pieces(pieces, least=1)
        books = lock_books(session, lines)
        _check_there(session, books, lines, at_place)
        ends = _check_window(session, supplier, books, now, accept_late=accept_late)
        if not accept_late:
            _check_delivered(session, supplier_id, books, lines)
        costs = _costs(session, supplier, {number: book.price for number, book in books.items()})
        made = PublisherReturn(
            uid=uid,
            content_hash=hashed,
            number=draw_document_number(session, "publisher_return"),
            supplier_id=supplier_id,
            user_id=operator.user_id,
            till_id=operator.till_id,
            posted_at=now,
            note=note or None,
            location_id=at_place,
        )
        session.add(made)
        session.flush()
        session.execute(
            insert(table(PublisherReturnLine)),
            [
                {
                    "publisher_return_id": made.id,
                    "book_id": number,
                    "quantity": pieces,
                    "cost": costs[number],
                    "return_by": ends[number],
                }
                for number, pieces in sorted(lines.items())
            ],
        )
        away = {number: -pieces for number, pieces in lines.items()}
        name = f"Return {made.number}"
        move_books(session, app, operator, away, StockReason.PUBLISHER_RETURN, name, at_place, take_reserved=False)
        return _view(session, made.id)

    return await app.db.write(act)


async def get_publisher_return(app: App, return_id: int) -> PublisherReturnView:
    """Give a stored return. Raises Refused("publisher_return.missing")."""
    return await app.db.read(lambda session: _view(session, return_id))


async def list_publisher_returns(app: App, limit: int = 200) -> list[PublisherReturnRow]:
    """Give the returns made last, the newest first."""

    def act(session: Session) -> list[PublisherReturnRow]:
        line = table(PublisherReturnLine).c
        pieces = select(func.sum(line.quantity)).where(line.publisher_return_id == PublisherReturn.id).scalar_subquery()
        rows = session.execute(
            select(PublisherReturn.id, PublisherReturn.number, Supplier.name, PublisherReturn.posted_at, pieces)
            .join(Supplier, Supplier.id == PublisherReturn.supplier_id)
            .order_by(PublisherReturn.number.desc())
            .limit(limit)
        ).all()
        back = taken_back_of(session, Posted.RETURN, [row[0] for row in rows])
        return [
            PublisherReturnRow(number, made, name, at, int(count), back.get(number, 0))
            for number, made, name, at, count in rows
        ]

    return await app.db.read(act)


def _delivered(session: Session, supplier_id: int, ids: Iterable[int]) -> dict[int, int]:
    """How many copies of each title a supplier delivered, less what went back to it; neither where it was an error."""
    wanted = list(ids)
    came, line = table(DeliveryLine).c, table(PublisherReturnLine).c
    into = (
        select(came.book_id, func.sum(came.quantity))
        .join(Delivery, Delivery.id == came.delivery_id)
        .where(Delivery.supplier_id == supplier_id, came.book_id.in_(wanted))
        .group_by(came.book_id)
    )
    back = (
        select(line.book_id, func.sum(line.quantity))
        .join(PublisherReturn, PublisherReturn.id == line.publisher_return_id)
        .where(PublisherReturn.supplier_id == supplier_id, line.book_id.in_(wanted))
        .group_by(line.book_id)
    )
    undone = table(StockReversalLine).c
    taken_back = (
        select(undone.book_id, func.sum(undone.quantity))
        .join(StockReversal, StockReversal.id == undone.stock_reversal_id)
        .join(Delivery, Delivery.id == StockReversal.delivery_id, isouter=True)
        .join(PublisherReturn, PublisherReturn.id == StockReversal.publisher_return_id, isouter=True)
        .where(func.coalesce(Delivery.supplier_id, PublisherReturn.supplier_id) == supplier_id)
        .where(undone.book_id.in_(wanted))
        .group_by(undone.book_id)
    )
    left = dict.fromkeys(wanted, 0)
    for query, sign in ((into, 1), (back, -1), (taken_back, 1)):
        for number, pieces in session.execute(query):
            left[number] += sign * int(pieces)
    return left


def _check_delivered(session: Session, supplier_id: int, books: Mapping[int, Any], lines: Mapping[int, int]) -> None:
    delivered = _delivered(session, supplier_id, lines)
    for number, pieces in lines.items():
        if pieces > delivered[number]:
            raise Refused("publisher_return.more", title=books[number].title, delivered=max(delivered[number], 0))


def _check_there(session: Session, books: Mapping[int, Any], lines: Mapping[int, int], location_id: int | None) -> None:
    there = stock_at(session, lines, location_id)
    for number, pieces in lines.items():
        free = min(there[number], books[number].stock - books[number].reserved)
        if free < pieces:
            raise Refused("publisher_return.short", title=books[number].title, wanted=pieces, available=max(free, 0))


def _check_window(
    session: Session, supplier: Supplier, books: Mapping[int, Any], now: datetime, *, accept_late: bool
) -> dict[int, date | None]:
    """The last day of each title's window."""
    if supplier.return_days is None and not accept_late:
        raise Refused("publisher_return.never", name=supplier.name)
    rows = session.execute(
        select(DeliveryLine.book_id, func.max(Delivery.posted_at))
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(Delivery.supplier_id == supplier.id, DeliveryLine.book_id.in_(books), DeliveryLine.quantity > 0)
        .group_by(DeliveryLine.book_id)
    )
    last = {number: at for number, at in rows}  # noqa: C416 - rows are no pairs to a type checker
    ends = {number: _return_by(supplier, last[number]) if number in last else None for number in books}
    for number, book in books.items():
        end = ends[number]
        if not accept_late and (end is None or end < now.date()):
            raise Refused("publisher_return.late", title=book.title, day=end.isoformat() if end else "never delivered")
    return ends


def _return_by(supplier: Supplier, delivered_at: datetime) -> date | None:
    return None if supplier.return_days is None else (delivered_at + timedelta(days=supplier.return_days)).date()


def _costs(session: Session, supplier: Supplier, prices: Mapping[int, int]) -> dict[int, int]:
    rows = session.execute(
        select(BookSupplier.book_id, BookSupplier.cost).where(
            BookSupplier.supplier_id == supplier.id, BookSupplier.book_id.in_(prices)
        )
    )
    noted = {number: cost for number, cost in rows}  # noqa: C416 - rows are no pairs to a type checker
    return {number: expected_cost(price, noted.get(number), supplier.discount_rate) for number, price in prices.items()}


def _last_deliveries(session: Session, made: PublisherReturn) -> dict[int, str]:
    """By title the delivery of its supplier that came last before a return."""
    line, back = table(DeliveryLine).c, table(PublisherReturnLine).c
    rows = session.execute(
        select(line.book_id, Delivery.number, Delivery.reference)
        .join(Delivery, Delivery.id == line.delivery_id)
        .where(
            Delivery.supplier_id == made.supplier_id,
            Delivery.posted_at <= made.posted_at,
            line.book_id.in_(select(back.book_id).where(back.publisher_return_id == made.id)),
        )
        .order_by(Delivery.number)
    )
    return {book_id: reference or f"Delivery {number}" for book_id, number, reference in rows}


def _view(session: Session, return_id: int) -> PublisherReturnView:
    row = session.execute(
        select(PublisherReturn, Supplier, User.username, Location.name)
        .join(Supplier, Supplier.id == PublisherReturn.supplier_id)
        .join(Location, Location.id == PublisherReturn.location_id, isouter=True)
        .join(User, User.id == PublisherReturn.user_id)
        .where(PublisherReturn.id == return_id)
    ).one_or_none()
    if row is None:
        raise Refused("publisher_return.missing")
    line = table(PublisherReturnLine).c
    lines = session.execute(
        select(line.book_id, Book.isbn, Book.title, line.quantity, line.cost, line.return_by)
        .join(Book, Book.id == line.book_id)
        .where(line.publisher_return_id == return_id)
        .order_by(Book.title_key, Book.id)
    )
    made = row.PublisherReturn
    came = _last_deliveries(session, made)
    back = titles_taken_back(session, Posted.RETURN, made.id)
    return PublisherReturnView(
        id=made.id,
        uid=made.uid,
        number=made.number,
        supplier=supplier_view(row.Supplier),
        note=made.note,
        operator=row.username,
        posted_at=made.posted_at,
        lines=tuple(
            replace(ReturnLine(*each), delivery=came.get(each[0]), taken_back=back.get(each[0], 0)) for each in lines
        ),
        place=row.name,
    )
