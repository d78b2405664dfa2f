"""Purchase orders: suggested from need, edited as a draft, sent, received, closed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_lines
from pos_app.domain.kinds import BookKind, StockReason, StockState
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import Need, PurchaseStatus, check_pieces, check_purchase_move
from pos_app.domain.stock import ReservationStatus
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    BookSupplier,
    OrderItem,
    PurchaseOrder,
    PurchaseOrderLine,
    Reservation,
    StockMovement,
    Supplier,
    User,
    table,
)
from pos_app.services.book_filter import from_nobody
from pos_app.services.reservation import Waiting, waiting_for
from pos_app.services.right import Operator, require
from pos_app.services.stock import draw_document_number
from pos_app.services.supplier import SupplierView, expected_cost, supplier_view

MOST_LINES = 2_000
NOTE_LIMIT = 2_000
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """One title of a purchase order; `cost` is what a copy is expected to cost, in minor units."""

    id: int
    book_id: int
    isbn: str | None
    title: str
    quantity: int
    received: int
    cost: int | None

    @property
    def open(self) -> int:
        """How many are still to come."""
        return max(self.quantity - self.received, 0)


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase order, whole."""

    id: int
    uid: str
    number: int
    version: int
    status: PurchaseStatus
    supplier: SupplierView
    operator: str
    made_at: datetime
    sent_at: datetime | None
    expected_on: date | None
    note: str | None
    lines: tuple[PurchaseLine, ...]

    @property
    def total(self) -> int:
        """What it comes to at the costs expected."""
        return sum(line.quantity * (line.cost or 0) for line in self.lines)

    @property
    def pieces(self) -> int:
        """How many copies it asks for."""
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """A purchase order in a list; `total` is what it comes to at the costs expected, in minor units."""

    id: int
    number: int
    status: PurchaseStatus
    supplier: str
    made_at: datetime
    pieces: int
    received: int
    expected_on: date | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class Coming:
    """Copies of a title that a sent order still waits for; `waiting` is how many customers wait for."""

    order_id: int
    number: int
    supplier: str
    expected_on: date | None
    book_id: int
    isbn: str | None
    title: str
    pieces: int
    cost: int | None
    waiting: int

    @property
    def amount(self) -> int:
        """What they come to at the cost expected."""
        return self.pieces * (self.cost or 0)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title to order, why, and at what expected cost."""

    book_id: int
    isbn: str | None
    title: str
    need: Need
    cost: int
    waiting: tuple[Waiting, ...]


async def suggest(app: App, operator: Operator, supplier_id: int, *, days: int = 28) -> list[Suggestion]:
    """Give what should be ordered from a supplier, most wanted first; `days` is how far back sales are looked at.

    Only titles that usually come from it. Raises Refused("supplier.missing" | "right.missing").
    """
    since = app.clock.now() - timedelta(days=days)

    def act(session: Session) -> list[Suggestion]:
        require(session, operator, Permission.BUY)
        supplier = session.get(Supplier, supplier_id)
        if supplier is None:
            raise Refused("supplier.missing")
        rows = session.execute(
            select(
                Book.id,
                Book.isbn,
                Book.title,
                Book.price,
                Book.stock,
                Book.reserved,
                Book.reorder_at,
                BookSupplier.cost,
            )
            .join(BookSupplier, and_(BookSupplier.book_id == Book.id, BookSupplier.position == 1))
            .where(BookSupplier.supplier_id == supplier_id, Book.active, Book.kind != BookKind.SERVICE)
            .order_by(Book.id)
        ).all()
        ids = [row.id for row in rows]
        sold, coming = _sold_since(session, supplier_id, since), _on_order(session, supplier_id)
        waiting: dict[int, list[Waiting]] = {}
        for start in range(0, len(ids), MOST_LINES):
            for one in waiting_for(session, ids[start : start + MOST_LINES]):
                waiting.setdefault(one.book_id, []).append(one)
        found = []
        for row in rows:
            asked = tuple(waiting.get(row.id, ()))
            need = Need(
                reorder_at=row.reorder_at,
                stock=row.stock,
                reserved=row.reserved,
                on_order=coming.get(row.id, 0),
                waiting=sum(one.quantity for one in asked),
                sold=sold.get(row.id, 0),
                sold_days=days,
                lead_days=supplier.lead_days,
            )
            if need.suggested:
                cost = expected_cost(row.price, row.cost, supplier.discount_rate)
                found.append(Suggestion(row.id, row.isbn, row.title, need, cost, asked))
        return sorted(found, key=lambda one: (-one.need.suggested, one.title))

    return await app.db.read(act)


async def buy_missing(app: App, operator: Operator, order_ids: Collection[int]) -> tuple[list[PurchaseView], int]:
    """Draw up a draft for each supplier of what some customer orders wait for and nobody has ordered yet.

    Gives the drafts, and how many titles come from no supplier. What other orders wait for of these titles counts with
    them, so that copies on their way are not taken for two. Raises Refused("purchase.nothing_missing" |
    "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> tuple[list[PurchaseView], int]:
        require(session, operator, Permission.BUY)
        of_orders = (
            select(Reservation.book_id)
            .join(OrderItem, OrderItem.id == Reservation.order_item_id)
            .where(OrderItem.order_id.in_(order_ids), Reservation.status == ReservationStatus.WAITING)
        )
        waits = select(Reservation.book_id, func.sum(Reservation.quantity)).where(
            Reservation.book_id.in_(of_orders), Reservation.status == ReservationStatus.WAITING
        )
        missing: dict[int, int] = {
            book: int(pieces) for book, pieces in session.execute(waits.group_by(Reservation.book_id))
        }
        line = PurchaseOrderLine
        coming = (
            select(line.book_id, func.sum(line.quantity - line.received_quantity))
            .join(PurchaseOrder, PurchaseOrder.id == line.purchase_order_id)
            .where(
                line.book_id.in_(missing),
                PurchaseOrder.status.in_([PurchaseStatus.DRAFT, PurchaseStatus.SENT]),
                line.quantity > line.received_quantity,
            )
            .group_by(line.book_id)
        )
        for book_id, pieces in session.execute(coming):
            missing[book_id] -= int(pieces)
        missing = {book_id: pieces for book_id, pieces in missing.items() if pieces > 0}
        if not missing:
            raise Refused("purchase.nothing_missing")
        by_supplier: dict[int, dict[int, int]] = {}
        usual = select(BookSupplier.book_id, BookSupplier.supplier_id)
        for book_id, supplier_id in session.execute(
            usual.where(BookSupplier.book_id.in_(missing), BookSupplier.position == 1).order_by(
                BookSupplier.supplier_id
            )
        ):
            by_supplier.setdefault(supplier_id, {})[book_id] = missing.pop(book_id)
        drafts = [_draft(session, app, operator, supplier, lines, now) for supplier, lines in by_supplier.items()]
        return drafts, len(missing)

    return await app.db.write(act)


def _draft(
    session: Session, app: App, operator: Operator, supplier_id: int, lines: Mapping[int, int], now: datetime
) -> PurchaseView:
    made = PurchaseOrder(
        uid=app.ids.new(),
        number=draw_document_number(session, "purchase_order"),
        supplier_id=supplier_id,
        status=PurchaseStatus.DRAFT,
        user_id=operator.user_id,
        made_at=now,
        note="For customer orders",
    )
    session.add(made)
    session.flush()
    _write_lines(session, made, session.get_one(Supplier, supplier_id), lines)
    return purchase_view(session, made.id)


async def count_nobodys(app: App) -> int:
    """Tell how many titles are below their reorder level and come from no supplier, so that none is asked for them.

    At most `MOST_COUNTED` are counted.
    """

    def act(session: Session) -> int:
        wanted = select(Book.id).where(
            Book.stock_state.in_([StockState.LOW, StockState.OUT]),
            Book.reorder_at > Book.stock,
            Book.kind != BookKind.SERVICE,
            from_nobody(),
        )
        return session.scalar(select(func.count()).select_from(wanted.limit(MOST_COUNTED).subquery())) or 0

    return await app.db.read(act)


async def make_purchase_order(
    app: App, operator: Operator, uid: str, supplier_id: int, lines: Mapping[int, int], note: str | None = None
) -> PurchaseView:
    """Draw up a purchase order of `lines` (book id → pieces) as a draft.

    The same uid again gives the stored one. Raises Refused("purchase.empty" | "purchase.too_long" | "pieces.invalid" |
    "supplier.missing" | "book.…" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> PurchaseView:
        require(session, operator, Permission.BUY)
        stored = session.scalar(select(PurchaseOrder.id).where(PurchaseOrder.uid == uid))
        if stored is not None:
            return purchase_view(session, stored)
        supplier = session.get(Supplier, supplier_id)
        if supplier is None:
            raise Refused("supplier.missing")
        made = PurchaseOrder(
            uid=uid,
            number=draw_document_number(session, "purchase_order"),
            supplier_id=supplier_id,
            status=PurchaseStatus.DRAFT,
            user_id=operator.user_id,
            made_at=now,
            note=_note(note),
        )
        session.add(made)
        session.flush()
        _write_lines(session, made, supplier, lines)
        return purchase_view(session, made.id)

    return await app.db.write(act)


async def edit_purchase_order(
    app: App, operator: Operator, order_id: int, version: int, lines: Mapping[int, int], note: str | None = None
) -> PurchaseView:
    """Change what a draft orders.

    Raises Conflict("purchase.changed", current: PurchaseView), Refused("purchase.sent") and what making one raises.
    """

    def act(session: Session) -> PurchaseView:
        order = _locked(session, operator, order_id, version)
        if order.status is not PurchaseStatus.DRAFT:
            raise Refused("purchase.sent")
        session.execute(delete(PurchaseOrderLine).where(PurchaseOrderLine.purchase_order_id == order_id))
        supplier = session.get_one(Supplier, order.supplier_id)
        order.note = _note(note)
        order.version += 1
        _write_lines(session, order, supplier, lines)
        return purchase_view(session, order_id)

    return await app.db.write(act)


async def move_purchase_order(
    app: App, operator: Operator, order_id: int, version: int, to: PurchaseStatus
) -> PurchaseView:
    """Send a draft, or close or cancel an order; a sent one expects its delivery after the supplier's lead time.

    Raises Conflict("purchase.changed", current: PurchaseView), Refused("purchase.move" | "purchase.received" |
    "purchase.missing" | "right.missing").
    """
    now = app.clock.now()

    def act(session: Session) -> PurchaseView:
        order = _locked(session, operator, order_id, version)
        check_purchase_move(order.status, to)
        lines = PurchaseOrderLine.purchase_order_id == order_id
        received = session.scalar(select(func.sum(PurchaseOrderLine.received_quantity)).where(lines))
        if to is PurchaseStatus.CANCELLED and received:
            raise Refused("purchase.received")
        if to is PurchaseStatus.SENT:
            lead_days = session.get_one(Supplier, order.supplier_id).lead_days
            order.sent_by_id, order.sent_at = operator.user_id, now
            order.expected_on = (now + timedelta(days=lead_days)).date()
        else:
            order.ended_by_id, order.ended_at = operator.user_id, now
        order.status = to
        order.version += 1
        session.flush()
        return purchase_view(session, order_id)

    return await app.db.write(act)


async def get_purchase_order(app: App, order_id: int) -> PurchaseView:
    """Give a purchase order. Raises Refused("purchase.missing")."""
    return await app.db.read(lambda session: purchase_view(session, order_id))


async def list_purchase_orders(
    app: App, *, statuses: tuple[PurchaseStatus, ...] = (), limit: int = 200
) -> list[PurchaseRow]:
    """Give purchase orders, newest first."""

    def act(session: Session) -> list[PurchaseRow]:
        line = PurchaseOrderLine
        wanted = (
            select(
                PurchaseOrder.id,
                PurchaseOrder.number,
                PurchaseOrder.status,
                Supplier.name,
                PurchaseOrder.made_at,
                func.coalesce(func.sum(line.quantity), 0),
                func.coalesce(func.sum(line.received_quantity), 0),
                PurchaseOrder.expected_on,
                func.coalesce(func.sum(line.quantity * line.cost), 0),
            )
            .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
            .join(line, line.purchase_order_id == PurchaseOrder.id, isouter=True)
            .group_by(PurchaseOrder.id, Supplier.name)
            .order_by(PurchaseOrder.id.desc())
            .limit(limit)
        )
        if statuses:
            wanted = wanted.where(PurchaseOrder.status.in_(statuses))
        return [PurchaseRow(*row[:5], int(row[5]), int(row[6]), row[7], int(row[8])) for row in session.execute(wanted)]

    return await app.db.read(act)


async def still_to_come(app: App, limit: int = MOST_LINES) -> list[Coming]:
    """Give what sent orders still wait for: by supplier, what was expected first at the top."""

    def act(session: Session) -> list[Coming]:
        line = PurchaseOrderLine
        waits = (
            select(func.coalesce(func.sum(Reservation.quantity), 0))
            .where(Reservation.book_id == line.book_id, Reservation.status == ReservationStatus.WAITING)
            .correlate(line)
            .scalar_subquery()
        )
        rows = session.execute(
            select(
                PurchaseOrder.id,
                PurchaseOrder.number,
                Supplier.name,
                PurchaseOrder.expected_on,
                line.book_id,
                Book.isbn,
                Book.title,
                line.quantity - line.received_quantity,
                line.cost,
                waits,
            )
            .join(PurchaseOrder, PurchaseOrder.id == line.purchase_order_id)
            .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
            .join(Book, Book.id == line.book_id)
            .where(PurchaseOrder.status == PurchaseStatus.SENT, line.quantity > line.received_quantity)
            .order_by(func.lower(Supplier.name), PurchaseOrder.expected_on, PurchaseOrder.id, Book.title_key, Book.id)
            .limit(limit)
        )
        return [Coming(*row) for row in rows]

    return await app.db.read(act)


def purchase_view(session: Session, order_id: int) -> PurchaseView:
    """Read a purchase order inside an act. Raises Refused("purchase.missing")."""
    row = session.execute(
        select(PurchaseOrder, Supplier, User.username)
        .join(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .join(User, User.id == PurchaseOrder.user_id)
        .where(PurchaseOrder.id == order_id)
    ).one_or_none()
    if row is None:
        raise Refused("purchase.missing")
    order = row.PurchaseOrder
    line = table(PurchaseOrderLine).c
    lines = session.execute(
        select(line.id, line.book_id, Book.isbn, Book.title, line.quantity, line.received_quantity, line.cost)
        .join(Book, Book.id == line.book_id)
        .where(line.purchase_order_id == order_id)
        .order_by(Book.title_key, Book.id)
    )
    return PurchaseView(
        id=order.id,
        uid=order.uid,
        number=order.number,
        version=order.version,
        status=order.status,
        supplier=supplier_view(row.Supplier),
        operator=row.username,
        made_at=order.made_at,
        sent_at=order.sent_at,
        expected_on=order.expected_on,
        note=order.note,
        lines=tuple(PurchaseLine(*each) for each in lines),
    )


def _locked(session: Session, operator: Operator, order_id: int, version: int) -> PurchaseOrder:
    require(session, operator, Permission.BUY)
    order = session.scalar(select(PurchaseOrder).where(PurchaseOrder.id == order_id).with_for_update())
    if order is None:
        raise Refused("purchase.missing")
    if order.version != version:
        raise Conflict("purchase.changed", current=purchase_view(session, order_id))
    return order


def _write_lines(session: Session, order: PurchaseOrder, supplier: Supplier, lines: Mapping[int, int]) -> None:
    if not lines:
        raise Refused("purchase.empty")
    if len(lines) > MOST_LINES:
        raise Refused("purchase.too_long", limit=MOST_LINES)
    noted = {
        row.book_id: row.cost
        for row in session.scalars(
            select(BookSupplier).where(BookSupplier.supplier_id == supplier.id, BookSupplier.book_id.in_(lines))
        )
    }
    books = {row.id: row for row in session.execute(select(Book.id, Book.price, Book.kind).where(Book.id.in_(lines)))}
    for book_id, pieces in sorted(lines.items()):
        check_pieces(pieces, least=1)
        if book_id not in books:
            raise Refused("book.missing", book_id=book_id)
        if books[book_id].kind is BookKind.SERVICE:
            raise Refused("book.service_stock")
        cost = expected_cost(books[book_id].price, noted.get(book_id), supplier.discount_rate)
        session.add(PurchaseOrderLine(purchase_order_id=order.id, book_id=book_id, quantity=pieces, cost=cost))
    session.flush()


def _sold_since(session: Session, supplier_id: int, since: datetime) -> dict[int, int]:
    """How many copies of a supplier's titles were sold, less what came back."""
    moved = table(StockMovement).c
    reasons = [StockReason.SALE, StockReason.ORDER, StockReason.RETURN, StockReason.CANCELLATION]
    rows = session.execute(
        select(moved.book_id, func.sum(-moved.delta))
        .join(BookSupplier, and_(BookSupplier.book_id == moved.book_id, BookSupplier.position == 1))
        .where(BookSupplier.supplier_id == supplier_id, moved.created_at >= since, moved.reason.in_(reasons))
        .group_by(moved.book_id)
    )
    return {book_id: int(pieces) for book_id, pieces in rows}


def _on_order(session: Session, supplier_id: int) -> dict[int, int]:
    """How many copies of a supplier's titles drafts and sent orders, whosever, still bring."""
    line = PurchaseOrderLine
    rows = session.execute(
        select(line.book_id, line.quantity - line.received_quantity)
        .join(PurchaseOrder, PurchaseOrder.id == line.purchase_order_id)
        .join(BookSupplier, and_(BookSupplier.book_id == line.book_id, BookSupplier.position == 1))
        .where(
            BookSupplier.supplier_id == supplier_id,
            PurchaseOrder.status.in_([PurchaseStatus.DRAFT, PurchaseStatus.SENT]),
            line.quantity > line.received_quantity,
        )
    )
    coming: dict[int, int] = {}
    for book_id, pieces in rows:
        coming[book_id] = coming.get(book_id, 0) + pieces
    return coming


def _note(text: str | None) -> str | None:
    """A note as it is stored, which may have lines. Raises Refused("note.invalid" | "code.card_number")."""
    return free_lines(text, NOTE_LIMIT, "note.invalid") or None
