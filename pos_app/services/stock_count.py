"""Counting stock while the shop sells: scanned by several people at once, reviewed, then posted.

Each scan keeps what the ledger held at that moment, read while the title is locked. The difference of a title is what
was counted less what the ledger held at its last scan; what was sold since is in the stock already and stays.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.kinds import StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import MAX_PIECES
from pos_app.domain.stock import CountStatus
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    Category,
    StockCountDocument,
    StockCountEntry,
    StockCountLine,
    table,
)
from pos_app.services.book import find_title
from pos_app.services.right import Operator, require
from pos_app.services.stock import (
    check_location,
    draw_document_number,
    lock_books,
    move_books,
    stock_at,
)
from pos_app.services.stock_count_view import CountedTitle, CountView, count_view, counted_titles, missing_titles

MAX_SHELF = 40
_ENTRY = table(StockCountEntry)


async def start_count(
    app: App,
    operator: Operator,
    uid: str,
    *,
    location_id: int | None = None,
    category_id: int | None = None,
    shelf: str | None = None,
) -> CountView:
    """Start a count of a shelf, a category, or everything. The same uid again gives the stored one.

    Raises Refused("location.missing" | "book.category" | "book.shelf" | "right.missing").
    """
    now = app.clock.now()
    shelf = free_text(shelf, MAX_SHELF, "book.shelf") or None

    def act(session: Session) -> CountView:
        require(session, operator, Permission.COUNT_STOCK)
        stored = session.scalar(select(StockCountDocument.id).where(StockCountDocument.uid == uid))
        if stored is not None:
            return count_view(session, stored)
        if category_id is not None and session.get(Category, category_id) is None:
            raise Refused("book.category")
        made = StockCountDocument(
            uid=uid,
            number=draw_document_number(session, "stock_count"),
            status=CountStatus.OPEN,
            location_id=check_location(session, location_id),
            category_id=category_id,
            shelf=shelf,
            user_id=operator.user_id,
            started_at=now,
        )
        session.add(made)
        session.flush()
        return count_view(session, made.id)

    return await app.db.write(act)


async def count_code(
    app: App, operator: Operator, uid: str, count_id: int, code: str | int, quantity: int = 1
) -> CountedTitle:
    """Count pieces of the title with a code, or chosen by its number; a quantity below zero takes some back.

    The same uid again counts nothing more. Raises Refused("count.ended" | "count.not_here" | "count.below_zero" |
    "count.quantity" | "count.missing" | "book.…" | "right.missing"), and what is wrong with the code.
    """
    now = app.clock.now()

    def act(session: Session) -> CountedTitle:
        require(session, operator, Permission.COUNT_STOCK)
        if not 1 <= abs(quantity) <= MAX_PIECES:
            raise Refused("count.quantity", limit=MAX_PIECES)
        # Shared among those who count, so that a posting waits for them and they for it.
        count = session.scalar(
            select(StockCountDocument).where(StockCountDocument.id == count_id).with_for_update(read=True)
        )
        if count is None:
            raise Refused("count.missing")
        book = find_title(session, code)
        row = lock_books(session, [book.id])
        if session.scalar(select(StockCountEntry.id).where(StockCountEntry.uid == uid)) is None:
            if count.status is not CountStatus.OPEN:
                raise Refused("count.ended", number=count.number)
            _check_scope(session, count, book)
            _add_entry(session, operator, uid, count, book, quantity, now)
        return counted_titles(session, count, row)[book.id]

    return await app.db.write(act)


async def post_count(
    app: App, operator: Operator, count_id: int, version: int, *, missing_are_gone: bool = False
) -> CountView:
    """Move each title by its difference and close the count; posted once, it is given as it is.

    With `missing_are_gone` titles nobody counted are set to nothing. Raises Conflict("count.changed"),
    Refused("count.ended" | "count.missing" | "right.missing").
    """
    now = app.clock.now()
    return await app.db.write(
        lambda session: _post(session, app, operator, count_id, version, now, missing_are_gone=missing_are_gone)
    )


async def cancel_count(app: App, operator: Operator, count_id: int, version: int) -> CountView:
    """Give a count up; nothing is moved. Raises as `post_count` does."""
    now = app.clock.now()

    def act(session: Session) -> CountView:
        require(session, operator, Permission.CORRECT_STOCK)
        count = _locked(session, count_id, version)
        _end(count, operator, CountStatus.CANCELLED, now)
        session.flush()
        return count_view(session, count_id)

    return await app.db.write(act)


def _locked(session: Session, count_id: int, version: int) -> StockCountDocument:
    count = session.scalar(select(StockCountDocument).where(StockCountDocument.id == count_id).with_for_update())
    if count is None:
        raise Refused("count.missing")
    if count.status is not CountStatus.OPEN:
        raise Refused("count.ended", number=count.number)
    if count.version != version:
        raise Conflict("count.changed", current=count_view(session, count_id))
    return count


def _end(count: StockCountDocument, operator: Operator, to: CountStatus, now: datetime) -> None:
    count.status = to
    count.ended_by_id, count.ended_at = operator.user_id, now
    count.version += 1


def _check_scope(session: Session, count: StockCountDocument, book: Book) -> None:
    """A title of another shelf has more copies there: counted here alone, they would be missed."""
    if count.shelf is not None and book.shelf != count.shelf:
        raise Refused("count.not_here", title=book.title, where=f"shelf {book.shelf}" if book.shelf else "no shelf")
    if count.category_id is not None and book.category_id != count.category_id:
        category = session.get(Category, book.category_id) if book.category_id else None
        raise Refused("count.not_here", title=book.title, where=category.name if category else "no category")


def _add_entry(
    session: Session,
    operator: Operator,
    uid: str,
    count: StockCountDocument,
    book: Book,
    quantity: int,
    now: datetime,
) -> None:
    mine = (_ENTRY.c.stock_count_id == count.id) & (_ENTRY.c.book_id == book.id)
    so_far = int(session.scalar(select(func.coalesce(func.sum(_ENTRY.c.quantity), 0)).where(mine)) or 0)
    if so_far + quantity < 0:
        raise Refused("count.below_zero", title=book.title, counted=so_far)
    values = {
        "uid": uid,
        "stock_count_id": count.id,
        "book_id": book.id,
        "quantity": quantity,
        "expected": stock_at(session, [book.id], count.location_id)[book.id],
        "user_id": operator.user_id,
        "till_id": operator.till_id,
        "counted_at": now,
    }
    session.execute(insert(_ENTRY), values)


def _post(
    session: Session,
    app: App,
    operator: Operator,
    count_id: int,
    version: int,
    now: datetime,
    *,
    missing_are_gone: bool,
) -> CountView:
    require(session, operator, Permission.CORRECT_STOCK)
    count = _locked(session, count_id, version)
    names: Iterable[int] = session.scalars(
        select(_ENTRY.c.book_id).where(_ENTRY.c.stock_count_id == count_id).distinct()
    ).all()
    gone = missing_titles(session, count) if missing_are_gone else {}
    lock_books(session, {*names, *gone})
    session.expire_all()
    found = counted_titles(session, count, None)
    rows = [(row.book_id, row.expected, row.counted, row.moved, row.difference) for row in found.values()]
    # Read again, since a sale may have come between.
    for number, pieces in stock_at(session, gone, count.location_id).items():
        if pieces > 0:
            rows.append((number, pieces, 0, 0, -pieces))
    if rows:
        columns = ("book_id", "expected", "counted", "moved", "difference")
        session.execute(
            insert(table(StockCountLine)),
            [{"stock_count_id": count_id, **dict(zip(columns, row, strict=True))} for row in rows],
        )
    deltas = {row[0]: row[4] for row in rows}
    move_books(session, app, operator, deltas, StockReason.COUNT, f"Count {count.number}", count.location_id)
    _end(count, operator, CountStatus.POSTED, now)
    session.flush()
    return count_view(session, count_id)
