"""Taking a delivery, a posted count or a publisher return back, whole or by the title.

A document of its own moves the other way, as far as the copies are still there. What was taken back stays as it was
posted. What was sold, carried elsewhere or sent back since stays, and so do titles that a count or a correction put
right since: of those the ledger is right as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import func, insert, null, select, update
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
    PublisherReturn,
    PublisherReturnLine,
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
D = TypeVar("D", Delivery, PublisherReturn)
_REVERSED, _UNDONE = table(StockReversal).c, table(StockReversalLine).c


class Posted(StrEnum):
    """What can be taken back."""

    DELIVERY = "delivery"
    COUNT = "count"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of document is called in the ledger, why it moves stock, and who may take it back."""

    name: str
    reason: StockReason
    permission: Permission
    document: type[Delivery | StockCountDocument | PublisherReturn]
    key: str


_KINDS = {
    Posted.DELIVERY: _Kind("Delivery", StockReason.DELIVERY, Permission.RECEIVE_DELIVERIES, Delivery, "delivery_id"),
    Posted.COUNT: _Kind("Count", StockReason.COUNT, Permission.CORRECT_STOCK, StockCountDocument, "stock_count_id"),
    Posted.RETURN: _Kind(
        "Return", StockReason.PUBLISHER_RETURN, Permission.BUY, PublisherReturn, "publisher_return_id"
    ),
}


class Stays(StrEnum):
    """Why copies are not taken back."""

    GONE = "gone"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class ReversalLine:
    """A title of a document: what it moved, what of that was taken back before, and what taking back moves now.

    `most` is what could be moved, `goes` what of that is; `stays` is why that is not all of the rest, else None.
    `cost` is what a copy of a publisher return was to be credited with, in minor units.
    """

    book_id: int
    isbn: str | None
    title: str
    moved: int
    before: int
    most: int
    goes: int
    stays: Stays | None
    cost: int | None = None

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
        return f"{_KINDS[self.kind].name} {self.document}"

    @property
    def goes(self) -> dict[int, int]:
        """What it moves, by title."""
        return {line.book_id: line.goes for line in self.lines if line.goes}

    @property
    def credit(self) -> int:
        """What the supplier was to credit for what goes of a publisher return, in minor units."""
        return sum(line.goes * (line.cost or 0) for line in self.lines)

    @property
    def permission(self) -> Permission:
        """What taking it back needs."""
        return _KINDS[self.kind].permission

    def with_pieces(self, pieces: Mapping[int, int]) -> "Reversal":
        """Give it with so many copies of some titles going, at most as many as can; of others as before.

        Of a count a title goes whole or not at all. Who is let go by it is read anew by `look_at_reversal`.
        """
        return replace(self, lines=tuple(self._line(line, pieces.get(line.book_id)) for line in self.lines))

    def _line(self, line: ReversalLine, pieces: int | None) -> ReversalLine:
        if pieces is None:
            return line
        goes = min(max(pieces, 0), abs(line.most))
        if self.kind is Posted.COUNT and goes:
            goes = abs(line.most)
        return replace(line, goes=-goes if line.most < 0 else goes)


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
    """Give the deliveries, counts and publisher returns posted last, newest first."""

    def act(session: Session) -> list[PostedRow]:
        rows = [*_deliveries(session, limit), *_counts(session, limit), *_returns(session, limit)]
        return sorted(rows, key=lambda row: row.posted_at, reverse=True)[:limit]

    return await app.db.read(act)


def _deliveries(session: Session, limit: int) -> list[PostedRow]:
    line = table(DeliveryLine).c
    came = select(func.sum(line.quantity)).where(line.delivery_id == Delivery.id).scalar_subquery()
    query = (
        select(Delivery.id, Delivery.number, Supplier.name, Delivery.posted_at, User.username, came)
        .join(Supplier, Supplier.id == Delivery.supplier_id)
        .join(User, User.id == Delivery.user_id)
        .order_by(Delivery.id.desc())
    )
    return _rows(session, Posted.DELIVERY, session.execute(query.limit(limit)).all())


def _counts(session: Session, limit: int) -> list[PostedRow]:
    entry, count = table(StockCountLine).c, StockCountDocument
    righted = select(func.sum(func.abs(entry.difference))).where(entry.stock_count_id == count.id).scalar_subquery()
    query = (
        select(count.id, count.number, Category.name, count.shelf, count.ended_at, User.username, righted)
        .join(User, User.id == count.ended_by_id)
        .join(Category, Category.id == count.category_id, isouter=True)
        .where(count.status == CountStatus.POSTED)
        .order_by(count.ended_at.desc(), count.id.desc())
    )
    found = session.execute(query.limit(limit)).all()
    return _rows(
        session, Posted.COUNT, [(row[0], row[1], scope_words(row[2], row[3]), row[4], row[5], row[6]) for row in found]
    )


def _returns(session: Session, limit: int) -> list[PostedRow]:
    line, sent = table(PublisherReturnLine).c, PublisherReturn
    went = select(func.sum(line.quantity)).where(line.publisher_return_id == sent.id).scalar_subquery()
    query = (
        select(sent.id, sent.number, Supplier.name, sent.posted_at, User.username, went)
        .join(Supplier, Supplier.id == sent.supplier_id)
        .join(User, User.id == sent.user_id)
        .order_by(sent.id.desc())
    )
    return _rows(session, Posted.RETURN, session.execute(query.limit(limit)).all())


def _rows(session: Session, kind: Posted, found: Sequence[Any]) -> list[PostedRow]:
    back = taken_back_of(session, kind, [row[0] for row in found])
    return [
        PostedRow(kind, number, document, whom, at, who, int(pieces or 0), back.get(number, 0))
        for number, document, whom, at, who, pieces in found
    ]


async def look_at_reversal(app: App, kind: Posted, document_id: int, chosen: Reversal | None = None) -> Reversal:
    """Give what taking a document back would do now; of what was looked at before only what is `chosen` goes.

    Raises Refused("delivery.missing" | "count.missing" | "publisher_return.missing").
    """
    return await app.db.read(lambda session: _plan(session, kind, document_id, chosen))


async def take_back(app: App, operator: Operator, uid: str, seen: Reversal) -> Reversal:
    """Take back what goes of a document as it was `seen`, by one of its own; the same uid again gives the stored one.

    What somebody else took back of it meanwhile counts for what was chosen here: nothing is taken back twice.
    Raises Conflict("reversal.changed", current: Reversal) where something was sold or counted since it was looked at,
    Refused("reversal.nothing" | "reversal.none_chosen") where nothing of it goes, and Refused("right.missing" |
    "document.other_content" | "delivery.missing" | "count.missing" | "publisher_return.missing").
    """
    now = app.clock.now()
    return await app.db.write(lambda session: _take_back(session, app, operator, uid, seen, now))


def _take_back(session: Session, app: App, operator: Operator, uid: str, seen: Reversal, now: datetime) -> Reversal:
    kind = _KINDS[seen.kind]
    require(session, operator, kind.permission)
    # The order before any title, and titles by their ids: as a delivery does.
    order = _locked_order(session, seen)
    lock_books(session, [line.book_id for line in seen.lines])
    hashed = content_hash([seen.kind, seen.id, sorted(seen.goes.items())])
    stored = session.execute(select(_REVERSED.number, _REVERSED.content_hash).where(_REVERSED.uid == uid)).one_or_none()
    if stored is not None:
        if stored.content_hash != hashed:
            raise Refused("document.other_content", uid=uid)
        return replace(seen, number=stored.number)
    plan = _plan(session, seen.kind, seen.id, seen, lock=True)
    if plan.goes != seen.goes or plan.released != seen.released:
        raise Conflict("reversal.changed", current=plan)
    if not plan.goes and any(line.most for line in plan.lines):
        raise Refused("reversal.none_chosen", document=plan.name)
    if not plan.goes:
        raise Refused("reversal.nothing", document=plan.name)
    number = draw_document_number(session, "stock_reversal")
    made = StockReversal(
        uid=uid,
        content_hash=hashed,
        number=number,
        **{kind.key: plan.id},
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
    move_books(session, app, operator, plan.goes, kind.reason, document, _place_of(session, plan))
    if plan.kind is Posted.DELIVERY:
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


def _plan(
    session: Session, kind: Posted, document_id: int, chosen: Reversal | None = None, *, lock: bool = False
) -> Reversal:
    match kind:
        case Posted.DELIVERY:
            return _plan_delivery(session, document_id, chosen, lock=lock)
        case Posted.COUNT:
            return _plan_count(session, document_id, chosen)
        case Posted.RETURN:
            return _plan_return(session, document_id, chosen)


def _plan_count(session: Session, document_id: int, chosen: Reversal | None) -> Reversal:
    count = count_view(session, document_id)
    document = session.get_one(StockCountDocument, document_id)
    if document.status is not CountStatus.POSTED:
        raise Refused("count.missing")
    entry = table(StockCountLine).c
    moved = _titles(session, entry.book_id, entry.difference, entry.stock_count_id == document_id)
    shown = Reversal(
        kind=Posted.COUNT,
        id=document_id,
        document=count.number,
        whom=count.scope,
        place=count.location,
        operator=session.scalar(select(User.username).where(User.id == document.ended_by_id)) or "",
        posted_at=document.ended_at or count.started_at,
        lines=(),
    )
    lines, _ = _lines(session, shown, moved, document.location_id, {}, chosen)
    return replace(shown, lines=lines)


def _plan_return(session: Session, return_id: int, chosen: Reversal | None) -> Reversal:
    sent, shown = _of_supplier(session, PublisherReturn, return_id, Posted.RETURN)
    line = table(PublisherReturnLine).c
    mine = line.publisher_return_id == return_id
    moved = _titles(session, line.book_id, -line.quantity, mine, line.cost)
    lines, _ = _lines(session, shown, moved, sent.location_id, {}, chosen)
    return replace(shown, lines=lines)


def _plan_delivery(session: Session, delivery_id: int, chosen: Reversal | None, *, lock: bool) -> Reversal:
    made, shown = _of_supplier(session, Delivery, delivery_id, Posted.DELIVERY)
    line = table(DeliveryLine).c
    moved = _titles(session, line.book_id, line.quantity, line.delivery_id == delivery_id)
    holds = holds_of(session, delivery_id, lock=lock)
    held: dict[int, int] = {}
    for hold in holds:
        held[hold.book_id] = held.get(hold.book_id, 0) + hold.pieces
    lines, short = _lines(session, shown, moved, made.location_id, held, chosen)
    plan = replace(shown, lines=lines, released=tuple(to_release(holds, short)))
    order = None if made.purchase_order_id is None else session.get_one(PurchaseOrder, made.purchase_order_id)
    waits = order is not None and _ordered(session, plan) and _waits(session, order)
    return replace(plan, purchase_order=order.number) if order is not None and waits else plan


def _of_supplier(session: Session, made: type[D], document_id: int, kind: Posted) -> tuple[D, Reversal]:
    """A document from or to a supplier, and how it is shown before its titles are looked at."""
    row = session.execute(
        select(made, Supplier.name, User.username, Location.name.label("place"))
        .join(Supplier, Supplier.id == made.supplier_id)
        .join(User, User.id == made.user_id)
        .join(Location, Location.id == func.coalesce(made.location_id, SHOP_FLOOR))
        .where(made.id == document_id)
    ).one_or_none()
    if row is None:
        raise Refused("delivery.missing" if kind is Posted.DELIVERY else "publisher_return.missing")
    document: D = row[0]
    shown = Reversal(
        kind=kind,
        id=document_id,
        document=document.number,
        whom=row.name,
        place=row.place,
        operator=row.username,
        posted_at=document.posted_at,
        lines=(),
    )
    return document, shown


def _titles(session: Session, book_id: Any, moved: Any, of_document: Any, cost: Any = None) -> list[Any]:
    """The titles of a document that it moved, by title, with what there is of them."""
    return list(
        session.execute(
            select(
                book_id,
                _BOOKS.isbn,
                _BOOKS.title,
                moved.label("moved"),
                _BOOKS.stock,
                _BOOKS.reserved,
                (null() if cost is None else cost).label("cost"),
            )
            .join_from(table(Book), book_id.table, _BOOKS.id == book_id)
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


def titles_taken_back(session: Session, kind: Posted, document_id: int) -> dict[int, int]:
    """Give by title how many copies of a document were taken back, with the ledger's sign, inside an act."""
    return _before(session, _REVERSED[_KINDS[kind].key] == document_id)


def taken_back_of(session: Session, kind: Posted, ids: Iterable[int]) -> dict[int, int]:
    """Give how many copies of some documents were taken back, inside an act."""
    key = _REVERSED[_KINDS[kind].key]
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
    location_id: int | None,
    held: Mapping[int, int],
    chosen: Reversal | None,
) -> tuple[tuple[ReversalLine, ...], dict[int, int]]:
    """What goes of each title; and of how many copies those held since the delivery are then missing."""
    kind = _KINDS[shown.kind]
    ids = [row.book_id for row in moved]
    back = _before(session, _REVERSED[kind.key] == shown.id)
    there = stock_at(session, ids, location_id)
    righted = _corrected_since(session, ids, shown.name, kind.reason, location_id)
    wanted = None if chosen is None else {line.book_id: line for line in chosen.lines}
    lines, short = [], {}
    for row in moved:
        book_id, before = row.book_id, back.get(row.book_id, 0)
        most = -(row.moved + before)
        stays: Stays | None = None
        if most and book_id in righted:
            most, stays = 0, Stays.CORRECTED
        elif most < 0:
            # What is set aside for others stays, and so does what lies elsewhere.
            free = min(there[book_id], row.stock - row.reserved + held.get(book_id, 0))
            if -most > free:
                most, stays = -max(free, 0), Stays.GONE
        goes = most if wanted is None else _as_chosen(most, before, wanted.get(book_id))
        lines.append(ReversalLine(book_id, row.isbn, row.title, row.moved, before, most, goes, stays, row.cost))
        if held.get(book_id):
            short[book_id] = max(row.reserved - (row.stock + goes), 0)
    return tuple(lines), short


def _as_chosen(most: int, before: int, seen: ReversalLine | None) -> int:
    """What was chosen of a title, as far as it can go still, less what somebody took back of it since it was seen."""
    if seen is None:
        return 0
    pieces = min(max(abs(seen.goes) - abs(before - seen.before), 0), abs(most))
    return -pieces if most < 0 else pieces


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
    made = _KINDS[plan.kind].document
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


def _ordered(session: Session, plan: Reversal) -> dict[int, int]:
    """The lines of a purchase order that what goes of a delivery came for, by title."""
    came = table(DeliveryLine).c
    rows = session.execute(
        select(came.book_id, came.purchase_order_line_id).where(
            came.delivery_id == plan.id, came.purchase_order_line_id.is_not(None)
        )
    )
    return {book_id: line_id for book_id, line_id in rows if book_id in plan.goes}


def _ask_again(session: Session, order: PurchaseOrder | None, plan: Reversal) -> None:
    """Count the copies as not received; an order that its deliveries had closed is open again."""
    if order is None:
        return
    line = table(PurchaseOrderLine)
    for book_id, line_id in _ordered(session, plan).items():
        received = {"received_quantity": line.c.received_quantity + plan.goes[book_id]}
        session.execute(update(line).where(line.c.id == line_id).values(**received))
    if plan.purchase_order is not None:
        order.status, order.ended_by_id, order.ended_at = PurchaseStatus.SENT, None, None
        order.version += 1


def _waits(session: Session, order: PurchaseOrder) -> bool:
    """Whether an order waits for what is taken back; closed by hand it does not, closed by a delivery it does again."""
    by_delivery = select(Delivery.id).where(
        Delivery.purchase_order_id == order.id, Delivery.posted_at == order.ended_at
    )
    closed = order.status is PurchaseStatus.CLOSED
    return order.status is PurchaseStatus.SENT or (closed and session.scalar(by_delivery.limit(1)) is not None)
