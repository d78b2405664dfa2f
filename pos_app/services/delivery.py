"""Receiving deliveries: against a purchase order or without one, partial, over, damaged, at other prices.

The cost of a title becomes the weighted average of what is on hand and what came (domain.stock.weighted_cost), so that
the stock's value at cost changes by what was paid; what the supplier asked last is kept beside it, for the next order.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.kinds import StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_price
from pos_app.domain.purchase import PurchaseStatus, check_pieces
from pos_app.domain.stock import weighted_cost
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    BookSupplier,
    Delivery,
    DeliveryLine,
    Location,
    PurchaseOrder,
    PurchaseOrderLine,
    StockReversal,
    StockReversalLine,
    Supplier,
    User,
    table,
)
from pos_app.services.book import find_title
from pos_app.services.order_hold import Slip, hand_out, slips_of
from pos_app.services.reservation import Waiting, waiting_for
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings
from pos_app.services.stock import (
    check_location,
    content_hash,
    draw_document_number,
    lock_books,
    move_books,
)
from pos_app.services.supplier import expected_cost, note_cost

REFERENCE_LIMIT = 80
MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a title: good pieces, damaged ones, and what a piece costs in minor units, None where not said.

    `accept_over` takes more than was ordered.
    """

    book_id: int
    quantity: int
    damaged: int = 0
    cost: int | None = None
    accept_over: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """A delivery as the person saw it; the same `uid` sent again gives the stored one."""

    uid: str
    supplier_id: int
    lines: tuple[Came, ...]
    purchase_order_id: int | None = None
    location_id: int | None = None
    reference: str = ""
    # Taken although the supplier's note of that number was taken in before: no part of its content.
    note_again: bool = False

    @property
    def content_hash(self) -> str:
        """The content in a fixed form."""
        lines = [list(astuple(line)) for line in self.lines]
        return content_hash([self.supplier_id, self.purchase_order_id, self.location_id, self.reference, lines])


@dataclass(frozen=True, slots=True)
class ExpectedTitle:
    """What is known of a title that comes in: how many are still to come, and what a copy should cost."""

    book_id: int
    isbn: str | None
    title: str
    price: int
    ordered: int
    expected_cost: int
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class DeliveryLineView:
    """A title of a stored delivery."""

    book_id: int
    isbn: str | None
    title: str
    quantity: int
    damaged: int
    cost: int | None
    expected_cost: int | None
    over: bool

    @property
    def dearer(self) -> int:
        """How much more a copy costs than was expected, in minor units; below zero where it is cheaper."""
        return 0 if self.cost is None or self.expected_cost is None else self.cost - self.expected_cost


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery as stored, and who waits for what came."""

    id: int
    uid: str
    number: int
    supplier: str
    purchase_order: int | None
    reference: str | None
    operator: str
    posted_at: datetime
    lines: tuple[DeliveryLineView, ...]
    waiting: tuple[Waiting, ...]
    # What it brought for customers, held for them now.
    slips: tuple[Slip, ...] = ()

    @property
    def pieces(self) -> int:
        """How many copies went into stock."""
        return sum(line.quantity for line in self.lines)


async def expect_title(app: App, supplier_id: int, purchase_order_id: int | None, code: str | int) -> ExpectedTitle:
    """Give what is expected of a title by a code of it or its number.

    Raises as `find_by_code` does, and Refused("supplier.missing").
    """

    def act(session: Session) -> ExpectedTitle:
        return _expected(session, supplier_id, purchase_order_id, find_title(session, code))

    return await app.db.read(act)


async def receive_delivery(app: App, operator: Operator, request: DeliveryRequest) -> DeliveryView:
    """Take a delivery into stock; a purchase order that has all it ordered is closed by it.

    Damaged copies are noted and are neither stock nor received. Raises Refused("delivery.over") for more than was
    ordered unless the line accepts it, Refused("delivery.known_note") where a note of that number was taken in before
    unless the request says again, and Refused("delivery.empty" | "delivery.twice" | "delivery.too_long" |
    "delivery.order" | "delivery.reference" | "document.other_content" | "pieces.invalid" | "price.invalid" |
    "supplier.missing" | "location.missing" | "book.…" | "right.missing").
    """
    now = app.clock.now()
    return await app.db.write(lambda session: _receive(session, app, operator, request, now))


async def get_delivery(app: App, delivery_id: int) -> DeliveryView:
    """Give a stored delivery. Raises Refused("delivery.missing")."""
    return await app.db.read(lambda session: _view(session, delivery_id))


async def list_deliveries(app: App, limit: int = 100) -> list[DeliveryView]:
    """Give the last deliveries, newest first."""

    def act(session: Session) -> list[DeliveryView]:
        ids = session.scalars(select(Delivery.id).order_by(Delivery.id.desc()).limit(limit)).all()
        return [_view(session, one) for one in ids]

    return await app.db.read(act)


def _receive(session: Session, app: App, operator: Operator, request: DeliveryRequest, now: datetime) -> DeliveryView:
    require(session, operator, Permission.RECEIVE_DELIVERIES)
    order = _locked_order(session, request)
    stored = session.execute(
        select(Delivery.id, Delivery.content_hash).where(Delivery.uid == request.uid)
    ).one_or_none()
    if stored is not None:
        if stored.content_hash != request.content_hash:
            raise Refused("document.other_content", uid=request.uid)
        return _view(session, stored.id)
    _check(session, request, order)
    location = check_location(session, request.location_id)
    books = lock_books(session, [line.book_id for line in request.lines])
    supplier = session.get_one(Supplier, request.supplier_id)
    ordered = _open_lines(session, request.purchase_order_id)
    noted = _noted(session, request.supplier_id, list(books))
    # Drawn first: deliveries take turns by it, so that one of two tills with the same note sees the other's.
    number = draw_document_number(session, "delivery")
    reference = free_text(request.reference, REFERENCE_LIMIT, "delivery.reference") or None
    if reference is not None and not request.note_again:
        _check_note(session, supplier, reference, request)
    made = Delivery(
        uid=request.uid,
        content_hash=request.content_hash,
        number=number,
        supplier_id=request.supplier_id,
        purchase_order_id=request.purchase_order_id,
        location_id=location,
        reference=reference,
        user_id=operator.user_id,
        till_id=operator.till_id,
        posted_at=now,
    )
    session.add(made)
    session.flush()
    rows = []
    for came in sorted(request.lines, key=lambda line: line.book_id):
        book, line = books[came.book_id], ordered.get(came.book_id)
        over = order is not None and came.quantity > (line.open if line else 0)
        if over and not came.accept_over:
            raise Refused("delivery.over", title=book.title, came=came.quantity, open=max(line.open if line else 0, 0))
        expected = expected_cost(book.price, noted.get(came.book_id), supplier.discount_rate)
        if line is not None and line.cost is not None:
            expected = line.cost
        rows.append(
            {
                "delivery_id": made.id,
                "book_id": came.book_id,
                "purchase_order_line_id": line.id if line else None,
                "quantity": came.quantity,
                "damaged": came.damaged,
                "cost": came.cost,
                "expected_cost": expected,
                "over": over,
                "cost_before": None,
                "cost_after": None,
                "asked_before": None,
            }
        )
        if line is not None:
            _count_received(session, line.id, came.quantity)
        cost = _set_cost(session, book, came)
        if cost is not None:
            rows[-1] |= {"cost_before": book.cost, "cost_after": cost, "asked_before": noted.get(came.book_id)}
        note_cost(session, came.book_id, request.supplier_id, came.cost)
    session.execute(insert(table(DeliveryLine)), rows)
    deltas = {came.book_id: came.quantity for came in request.lines}
    move_books(session, app, operator, deltas, StockReason.DELIVERY, f"Delivery {made.number}", location)
    # Wherever they lie: a sale fetches them from there, and the slip says so.
    where = "" if location is None else f", in {session.scalar(select(Location.name).where(Location.id == location))}"
    hand_out(session, app, operator, deltas, now, (made.id, f"delivery {made.number}{where}"))
    if order is not None:
        _close_if_complete(session, operator, order, now)
    return _view(session, made.id)


def _locked_order(session: Session, request: DeliveryRequest) -> PurchaseOrder | None:
    """The purchase order, before any title: two deliveries of one order take turns."""
    if request.purchase_order_id is None:
        return None
    wanted = select(PurchaseOrder).where(PurchaseOrder.id == request.purchase_order_id).with_for_update()
    order = session.scalar(wanted)
    if order is None:
        raise Refused("purchase.missing")
    return order


def _check(session: Session, request: DeliveryRequest, order: PurchaseOrder | None) -> None:
    if order is not None and (order.status is not PurchaseStatus.SENT or order.supplier_id != request.supplier_id):
        raise Refused("delivery.order")
    if session.scalar(select(Supplier.id).where(Supplier.id == request.supplier_id)) is None:
        raise Refused("supplier.missing")
    if not request.lines:
        raise Refused("delivery.empty")
    if len(request.lines) > MOST_LINES:
        raise Refused("delivery.too_long", limit=MOST_LINES)
    if len({line.book_id for line in request.lines}) < len(request.lines):
        raise Refused("delivery.twice")
    free_text(request.reference, REFERENCE_LIMIT, "delivery.reference")
    for line in request.lines:
        check_pieces(line.quantity)
        check_pieces(line.damaged, least=0 if line.quantity else 1)
        if line.cost is not None:
            check_price(line.cost)


def _check_note(session: Session, supplier: Supplier, reference: str, request: DeliveryRequest) -> None:
    """A note of the same number was most likely taken in already; some suppliers begin their numbers anew."""
    came, undone = table(DeliveryLine).c, table(StockReversalLine).c
    back = (
        select(func.sum(undone.quantity))
        .join_from(table(StockReversalLine), table(StockReversal))
        .where(table(StockReversal).c.delivery_id == came.delivery_id, undone.book_id == came.book_id)
    )
    stands = select(came.id).where(
        came.delivery_id == Delivery.id, came.quantity + func.coalesce(back.scalar_subquery(), 0) > 0
    )
    before = session.scalar(
        select(Delivery)
        .where(Delivery.supplier_id == supplier.id, func.lower(Delivery.reference) == reference.lower())
        # One that was taken back whole is to be taken in anew, as it should have been.
        .where(stands.exists())
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    if before is not None:
        raise Refused(
            "delivery.known_note",
            reference=reference,
            supplier=supplier.name,
            number=before.number,
            day=before.posted_at.astimezone(shop_settings(session).zone).date().isoformat(),
            posted_at=before.posted_at,
            same=before.content_hash == request.content_hash,
        )


def _open_lines(session: Session, order_id: int | None) -> dict[int, Any]:
    """The lines of a purchase order by title, with how many are still to come."""
    if order_id is None:
        return {}
    line = table(PurchaseOrderLine).c
    rows = session.execute(
        select(line.id, line.book_id, line.cost, (line.quantity - line.received_quantity).label("open")).where(
            line.purchase_order_id == order_id
        )
    )
    return {row.book_id: row for row in rows}


def _noted(session: Session, supplier_id: int, book_ids: Sequence[int]) -> dict[int, int | None]:
    """What the supplier asked last, by title."""
    rows = session.execute(
        select(BookSupplier.book_id, BookSupplier.cost).where(
            BookSupplier.supplier_id == supplier_id, BookSupplier.book_id.in_(book_ids)
        )
    )
    return {number: cost for number, cost in rows}  # noqa: C416 - rows are no pairs to a type checker


def _count_received(session: Session, line_id: int, pieces: int) -> None:
    line = table(PurchaseOrderLine)
    session.execute(
        update(line).where(line.c.id == line_id).values(received_quantity=line.c.received_quantity + pieces)
    )


def _set_cost(session: Session, book: Any, came: Came) -> int | None:
    """Make the title's cost the average of what is on hand and what came, as an edit that other editors are told of.

    Gives that cost, None where none was told.
    """
    if came.cost is None or not came.quantity:
        return None
    cost = weighted_cost(book.stock, book.cost, came.quantity, came.cost)
    if cost != book.cost:
        books = table(Book)
        session.execute(update(books).where(books.c.id == book.id).values(cost=cost, version=books.c.version + 1))
    return cost


def _close_if_complete(session: Session, operator: Operator, order: PurchaseOrder, now: datetime) -> None:
    if any(line.open > 0 for line in _open_lines(session, order.id).values()):
        order.version += 1
        return
    order.status = PurchaseStatus.CLOSED
    order.ended_by_id, order.ended_at = operator.user_id, now
    order.version += 1


def _expected(session: Session, supplier_id: int, order_id: int | None, book: Book) -> ExpectedTitle:
    supplier = session.get(Supplier, supplier_id)
    if supplier is None:
        raise Refused("supplier.missing")
    line = _open_lines(session, order_id).get(book.id)
    noted = _noted(session, supplier_id, [book.id]).get(book.id)
    cost = expected_cost(book.price, noted, supplier.discount_rate)
    if line is not None and line.cost is not None:
        cost = line.cost
    return ExpectedTitle(
        book_id=book.id,
        isbn=book.isbn,
        title=book.title,
        price=book.price,
        ordered=max(line.open, 0) if line is not None else 0,
        expected_cost=cost,
        waiting=tuple(waiting_for(session, [book.id])),
    )


def _view(session: Session, delivery_id: int) -> DeliveryView:
    session.flush()
    row = session.execute(
        select(Delivery, Supplier.name, PurchaseOrder.number, User.username)
        .join(Supplier, Supplier.id == Delivery.supplier_id)
        .join(User, User.id == Delivery.user_id)
        .join(PurchaseOrder, PurchaseOrder.id == Delivery.purchase_order_id, isouter=True)
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    if row is None:
        raise Refused("delivery.missing")
    line = table(DeliveryLine).c
    lines = [
        DeliveryLineView(*each)
        for each in session.execute(
            select(
                line.book_id,
                Book.isbn,
                Book.title,
                line.quantity,
                line.damaged,
                line.cost,
                line.expected_cost,
                line.over,
            )
            .join(Book, Book.id == line.book_id)
            .where(line.delivery_id == delivery_id)
            .order_by(Book.title_key, Book.id)
        )
    ]
    made = row.Delivery
    return DeliveryView(
        id=made.id,
        uid=made.uid,
        number=made.number,
        supplier=row.name,
        purchase_order=row.number,
        reference=made.reference,
        operator=row.username,
        posted_at=made.posted_at,
        lines=tuple(lines),
        waiting=tuple(waiting_for(session, [each.book_id for each in lines if each.quantity])),
        slips=tuple(slips_of(session, made.id)),
    )
