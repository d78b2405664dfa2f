"""Taking a delivery or a posted count back: a document that moves the other way, as far as the copies are still there.

Both stay as they were posted. What was sold, carried elsewhere or sent back since stays, and so do titles that a count
or a correction put right since: of those the ledger is right as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import PurchaseStatus
from pos_app.domain.stock import CountStatus
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    SHOP_FLOOR,
    Book,
    BookSupplier,
    Category,
    Delivery,
    DeliveryLine,
    Location,
    PurchaseOrder,
    PurchaseOrderLine,
    StockCountDocument,
    StockCountLine,
    StockMovement,
    StockReversal,
    StockReversalLine,
    Supplier,
    User,
    table,
)
from pos_app.services import journal
from pos_app.services.hold_release import Hold, holds_of, release, to_release
from pos_app.services.right import Operator, require
from pos_app.services.stock import AT_ONCE, content_hash, draw_document_number, lock_books, move_books, stock_at
from pos_app.services.stock_count_view import count_view, scope_words

_BOOKS, _MOVED = table(Book).c, table(StockMovement).c
_REVERSED, _UNDONE = table(StockReversal).c, table(StockReversalLine).c


class Posted(StrEnum):
    """What can be taken back."""

    DELIVERY = "delivery"
    COUNT = "count"


class Stays(StrEnum):
    """Why copies are not taken back."""

    GONE = "gone"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class ReversalLine:
    """A title of a document: what it moved, what of that was taken back before, and what taking back moves now.

    `stays` is why not all of the rest goes, None where it does.
    """

    book_id: int
    isbn: str | None
    title: str
    moved: int
    before: int
    goes: int
    stays: Stays | None

    @property
    def left(self) -> int:
        """What of the document's movement stands once it is taken back."""
        return self.moved + self.before + self.goes


@dataclass(frozen=True, slots=True)
class Reversal:
    """A posted document with what taking it back does; `number` is that of the document which did, None before.

    `released` are customers whose copies it takes; `purchase_order` asks for its copies again.
    """

    kind: Posted
    id: int
    document: int
    whom: str
    place: str
    operator: str
    posted_at: datetime
    lines: tuple[ReversalLine, ...]
    released: tuple[Hold, ...] = ()
    purchase_order: int | None = None
    number: int | None = None

    @property
    def name(self) -> str:
        """What the ledger calls the document."""
        return f"{'Delivery' if self.kind is Posted.DELIVERY else 'Count'} {self.document}"

    @property
    def goes(self) -> dict[int, int]:
        """What it moves, by title."""
        return {line.book_id: line.goes for line in self.lines if line.goes}


@dataclass(frozen=True, slots=True)
class PostedRow:
    """A posted document in a list.

    `pieces` are copies that came or that a count put right, `back` how many of them were taken back.
    """

    kind: Posted
    id: int
    number: int
    whom: str
    posted_at: datetime
    operator: str
    pieces: int
    back: int


async def list_posted(app: App, limit: int = 100) -> list[PostedRow]:
    """Give the deliveries and counts posted last, newest first."""

    def act(session: Session) -> list[PostedRow]:
        line, entry = table(DeliveryLine).c, table(StockCountLine).c
        came = select(func.sum(line.quantity)).where(line.delivery_id == Delivery.id).scalar_subquery()
        deliveries = session.execute(
            select(Delivery.id, Delivery.number, Supplier.name, Delivery.posted_at, User.username, came)
            .join(Supplier, Supplier.id == Delivery.supplier_id)
            .join(User, User.id == Delivery.user_id)
            .order_by(Delivery.id.desc())
            .limit(limit)
        ).all()
        count = StockCountDocument
        righted = (
            select(func.coalesce(func.sum(func.abs(entry.difference)), 0))
            .where(entry.stock_count_id == count.id)
            .scalar_subquery()
        )
        counts = session.execute(
            select(count.id, count.number, Category.name, count.shelf, count.ended_at, User.username, righted)
            .join(User, User.id == count.ended_by_id)
            .join(Category, Category.id == count.category_id, isouter=True)
            .where(count.status == CountStatus.POSTED)
            .order_by(count.ended_at.desc(), count.id.desc())
            .limit(limit)
        ).all()
        back = _taken_back_of(session, _REVERSED.delivery_id, [row[0] for row in deliveries])
        rows = [
            PostedRow(Posted.DELIVERY, row[0], row[1], row[2], row[3], row[4], int(row[5] or 0), back.get(row[0], 0))
            for row in deliveries
        ]
        back = _taken_back_of(session, _REVERSED.stock_count_id, [row[0] for row in counts])
        for number, document, category, shelf, at, who, pieces in counts:
            scope = scope_words(category, shelf)
            rows.append(PostedRow(Posted.COUNT, number, document, scope, at, who, int(pieces), back.get(number, 0)))
        return sorted(rows, key=lambda row: row.posted_at, reverse=True)[:limit]

    return await app.db.read(act)


async def look_at_reversal(app: App, kind: Posted, document_id: int) -> Reversal:
    """Give what taking a document back would do now. Raises Refused("delivery.missing" | "count.missing")."""
    return await app.db.read(lambda session: _plan(session, kind, document_id))


async def take_back(app: App, operator: Operator, uid: str, seen: Reversal) -> Reversal:
    """Take a document back as it was `seen`, by a document of its own; the same uid again gives the stored one.

    Raises Conflict("reversal.changed", current: Reversal) where something was sold or counted since it was looked at,
    Refused("reversal.nothing") where nothing of it can go, and Refused("document.other_content" | "delivery.missing" |
    "count.missing" | "right.missing").
    """
    now = app.clock.now()
    return await app.db.write(lambda session: _take_back(session, app, operator, uid, seen, now))


def _take_back(session: Session, app: App, operator: Operator, uid: str, seen: Reversal, now: datetime) -> Reversal:
    needed = Permission.RECEIVE_DELIVERIES if seen.kind is Posted.DELIVERY else Permission.CORRECT_STOCK
    require(session, operator, needed)
    # The order before any title, and titles by their ids: as a delivery does.
    order = _locked_order(session, seen)
    lock_books(session, [line.book_id for line in seen.lines])
    hashed = content_hash([seen.kind, seen.id, sorted(seen.goes.items())])
    stored = session.execute(select(_REVERSED.number, _REVERSED.content_hash).where(_REVERSED.uid == uid)).one_or_none()
    if stored is not None:
        if stored.content_hash != hashed:
            raise Refused("document.other_content", uid=uid)
        return replace(seen, number=stored.number)
    plan = _plan(session, seen.kind, seen.id, lock=True)
    if plan.goes != seen.goes or plan.released != seen.released:
        raise Conflict("reversal.changed", current=plan)
    if not plan.goes:
        raise Refused("reversal.nothing", document=plan.name)
    is_delivery = plan.kind is Posted.DELIVERY
    number = draw_document_number(session, "stock_reversal")
    made = StockReversal(
        uid=uid,
        content_hash=hashed,
        number=number,
        delivery_id=plan.id if is_delivery else None,
        stock_count_id=None if is_delivery else plan.id,
        user_id=operator.user_id,
        till_id=operator.till_id,
        posted_at=now,
    )
    session.add(made)
    session.flush()
    rows = [{"stock_reversal_id": made.id, "book_id": book, "quantity": goes} for book, goes in plan.goes.items()]
    session.execute(insert(table(StockReversalLine)), rows)
    document = f"{plan.name} taken back"
    release(session, app, operator, list(plan.released), document, now)
    reason = StockReason.DELIVERY if is_delivery else StockReason.COUNT
    move_books(session, app, operator, plan.goes, reason, document, _place_of(session, plan))
    if is_delivery:
        _put_costs_back(session, plan)
        _ask_again(session, order, plan)
    journal.append(
        session,
        operator.till_id,
        f"{plan.kind}_taken_back",
        now,
        user_id=operator.user_id,
        document=plan.document,
        number=number,
        pieces=sum(map(abs, plan.goes.values())),
    )
    return replace(plan, number=number)


def _plan(session: Session, kind: Posted, document_id: int, *, lock: bool = False) -> Reversal:
    if kind is Posted.DELIVERY:
        return _plan_delivery(session, document_id, lock=lock)
    count = count_view(session, document_id)
    document = session.get_one(StockCountDocument, document_id)
    if document.status is not CountStatus.POSTED:
        raise Refused("count.missing")
    entry = table(StockCountLine).c
    moved = _titles(session, entry.book_id, entry.difference, entry.stock_count_id == document_id)
    shown = Reversal(
        kind=kind,
        id=document_id,
        document=count.number,
        whom=count.scope,
        place=count.location,
        operator=session.scalar(select(User.username).where(User.id == document.ended_by_id)) or "",
        posted_at=document.ended_at or count.started_at,
        lines=(),
    )
    back = _before(session, _REVERSED.stock_count_id == document_id)
    lines, _ = _lines(session, shown, moved, back, StockReason.COUNT, document.location_id, {})
    return replace(shown, lines=lines)


def _plan_delivery(session: Session, delivery_id: int, *, lock: bool) -> Reversal:
    row = session.execute(
        select(Delivery, Supplier.name, User.username, Location.name.label("place"), PurchaseOrder)
        .join(Supplier, Supplier.id == Delivery.supplier_id)
        .join(User, User.id == Delivery.user_id)
        .join(Location, Location.id == func.coalesce(Delivery.location_id, SHOP_FLOOR))
        .join(PurchaseOrder, PurchaseOrder.id == Delivery.purchase_order_id, isouter=True)
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    if row is None:
        raise Refused("delivery.missing")
    made, order, line = row.Delivery, row.PurchaseOrder, table(DeliveryLine).c
    moved = _titles(session, line.book_id, line.quantity, line.delivery_id == delivery_id)
    shown = Reversal(
        kind=Posted.DELIVERY,
        id=delivery_id,
        document=made.number,
        whom=row.name,
        place=row.place,
        operator=row.username,
        posted_at=made.posted_at,
        lines=(),
        purchase_order=order.number if order is not None and _waits(session, order) else None,
    )
    holds = holds_of(session, delivery_id, lock=lock)
    held: dict[int, int] = {}
    for hold in holds:
        held[hold.book_id] = held.get(hold.book_id, 0) + hold.pieces
    back = _before(session, _REVERSED.delivery_id == delivery_id)
    lines, short = _lines(session, shown, moved, back, StockReason.DELIVERY, made.location_id, held)
    return replace(shown, lines=lines, released=tuple(to_release(holds, short)))


def _titles(session: Session, book_id: Any, moved: Any, of_document: Any) -> list[Any]:
    """The titles of a document that it moved, by title, with what there is of them."""
    return list(
        session.execute(
            select(book_id, _BOOKS.isbn, _BOOKS.title, moved.label("moved"), _BOOKS.stock, _BOOKS.reserved)
            .join_from(table(Book), moved.table, _BOOKS.id == book_id)
            .where(of_document, moved != 0)
            .order_by(_BOOKS.title_key, _BOOKS.id)
        )
    )


def _before(session: Session, of_document: Any) -> dict[int, int]:
    """What of a document was taken back already, by title."""
    rows = session.execute(
        select(_UNDONE.book_id, func.sum(_UNDONE.quantity))
        .join_from(table(StockReversalLine), table(StockReversal), _REVERSED.id == _UNDONE.stock_reversal_id)
        .where(of_document)
        .group_by(_UNDONE.book_id)
    )
    return {book_id: int(pieces) for book_id, pieces in rows}


def _taken_back_of(session: Session, key: Any, ids: Iterable[int]) -> dict[int, int]:
    """How many copies of some documents were taken back."""
    rows = session.execute(
        select(key, func.sum(func.abs(_UNDONE.quantity)))
        .join_from(table(StockReversalLine), table(StockReversal), _REVERSED.id == _UNDONE.stock_reversal_id)
        .where(key.in_(list(ids)))
        .group_by(key)
    )
    return {number: int(pieces) for number, pieces in rows}


def _lines(
    session: Session,
    shown: Reversal,
    moved: list[Any],
    back: Mapping[int, int],
    reason: StockReason,
    location_id: int | None,
    held: Mapping[int, int],
) -> tuple[tuple[ReversalLine, ...], dict[int, int]]:
    """What goes of each title; and of how many copies those held since the delivery are then missing."""
    ids = [row.book_id for row in moved]
    there = stock_at(session, ids, location_id)
    righted = _corrected_since(session, ids, shown.name, reason, location_id)
    lines, short = [], {}
    for row in moved:
        book_id, before = row.book_id, back.get(row.book_id, 0)
        goes = -(row.moved + before)
        stays: Stays | None = None
        if goes and book_id in righted:
            goes, stays = 0, Stays.CORRECTED
        elif goes < 0:
            # What is set aside for others stays, and so does what lies elsewhere.
            free = min(there[book_id], row.stock - row.reserved + held.get(book_id, 0))
            if -goes > free:
                goes, stays = -max(free, 0), Stays.GONE
        lines.append(ReversalLine(book_id, row.isbn, row.title, row.moved, before, goes, stays))
        if held.get(book_id):
            short[book_id] = max(row.reserved - (row.stock + goes), 0)
    return tuple(lines), short


def _corrected_since(
    session: Session, ids: list[int], name: str, reason: StockReason, location_id: int | None
) -> set[int]:
    """Which titles a count or a correction put right at the place after a document moved them.

    One that was taken back since, or itself undone, put nothing right.
    """
    here = _MOVED.location_id.is_(None) if location_id is None else _MOVED.location_id == location_id
    first = table(StockMovement).alias("first")
    since = (
        select(func.max(first.c.id))
        .where(first.c.book_id == _MOVED.book_id, first.c.reason == reason, first.c.document == name)
        .scalar_subquery()
    )
    found: set[int] = set()
    for start in range(0, len(ids), AT_ONCE):
        found |= set(
            session.scalars(
                select(_MOVED.book_id)
                .where(_MOVED.book_id.in_(ids[start : start + AT_ONCE]), here, _MOVED.id > since)
                .where(_MOVED.reason.in_((StockReason.COUNT, StockReason.CORRECTION)))
                .where(func.coalesce(_MOVED.document, "") != f"{name} taken back")
                .group_by(_MOVED.book_id)
                .having(func.sum(_MOVED.delta) != 0)
            )
        )
    return found


def _place_of(session: Session, plan: Reversal) -> int | None:
    made = Delivery if plan.kind is Posted.DELIVERY else StockCountDocument
    return session.scalar(select(made.location_id).where(made.id == plan.id))


def _put_costs_back(session: Session, plan: Reversal) -> None:
    """Where all copies of a title go, it costs what it did before, unless it costs something else by now."""
    line, books, known = table(DeliveryLine).c, table(Book), table(BookSupplier)
    supplier_id = session.scalar(select(Delivery.supplier_id).where(Delivery.id == plan.id))
    whole = [one.book_id for one in plan.lines if one.goes and not one.left]
    rows = session.execute(
        select(line.book_id, line.cost, line.cost_before, line.cost_after, line.asked_before).where(
            line.delivery_id == plan.id, line.book_id.in_(whole), line.cost_after.is_not(None)
        )
    )
    for row in rows.all():
        session.execute(
            update(books)
            .where(books.c.id == row.book_id, books.c.cost == row.cost_after, books.c.cost != row.cost_before)
            .values(cost=row.cost_before, version=books.c.version + 1)
        )
        mine = (known.c.book_id == row.book_id, known.c.supplier_id == supplier_id, known.c.cost == row.cost)
        session.execute(update(known).where(*mine).values(cost=row.asked_before))


def _locked_order(session: Session, seen: Reversal) -> PurchaseOrder | None:
    if seen.kind is not Posted.DELIVERY:
        return None
    number = session.scalar(select(Delivery.purchase_order_id).where(Delivery.id == seen.id))
    return session.scalar(select(PurchaseOrder).where(PurchaseOrder.id == number).with_for_update())


def _ask_again(session: Session, order: PurchaseOrder | None, plan: Reversal) -> None:
    """Count the copies as not received; an order that its deliveries had closed is open again."""
    if order is None:
        return
    came, line = table(DeliveryLine).c, table(PurchaseOrderLine)
    numbers = session.execute(
        select(came.book_id, came.purchase_order_line_id).where(
            came.delivery_id == plan.id, came.purchase_order_line_id.is_not(None)
        )
    )
    for book_id, line_id in numbers.all():
        if goes := plan.goes.get(book_id):
            received = {"received_quantity": line.c.received_quantity + goes}
            session.execute(update(line).where(line.c.id == line_id).values(**received))
    if _waits(session, order):
        order.status, order.ended_by_id, order.ended_at = PurchaseStatus.SENT, None, None
        order.version += 1


def _waits(session: Session, order: PurchaseOrder) -> bool:
    """Whether an order waits for what is taken back; closed by hand it does not, closed by a delivery it does again."""
    by_delivery = select(Delivery.id).where(
        Delivery.purchase_order_id == order.id, Delivery.posted_at == order.ended_at
    )
    closed = order.status is PurchaseStatus.CLOSED
    return order.status is PurchaseStatus.SENT or (closed and session.scalar(by_delivery.limit(1)) is not None)
