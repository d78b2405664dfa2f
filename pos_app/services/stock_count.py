"""Counting stock while the shop sells: scanned by several people at once, reviewed, then posted.

Each scan keeps what the ledger held at that moment, read while the title is locked. The difference of a title is what
was counted less what the ledger held at its last scan; what was sold since is in the stock already and stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.purchase import MAX_PIECES
from pos_app.domain.stock import CountStatus, count_difference
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    Category,
    Location,
    StockCountDocument,
    StockCountEntry,
    StockCountLine,
    User,
    table,
)
from pos_app.services.book import find_sellable
from pos_app.services.right import Operator, require
from pos_app.services.stock import (
    check_location,
    draw_document_number,
    is_strict,
    lock_books,
    move_books,
    stock_at,
)

MAX_SHELF = 40
_ENTRY = table(StockCountEntry)


@dataclass(frozen=True, slots=True)
class CountView:
    """A count: where, of what, and how far it is."""

    id: int
    uid: str
    number: int
    version: int
    status: CountStatus
    location: str
    category: str | None
    shelf: str | None
    operator: str
    started_at: datetime
    titles: int
    pieces: int

    @property
    def scope(self) -> str:
        """What is counted, in words."""
        if self.shelf:
            return f"Shelf {self.shelf}"
        return self.category or "Everything"


@dataclass(frozen=True, slots=True)
class CountedTitle:
    """A title as far as it is counted.

    `expected` is what the ledger held at its last scan, `moved` what was sold or came since, `difference` what posting
    would change, `value` that in minor units at cost (at price where no cost is known). `moved_between` says that it
    was sold or came between its first and its last scan, so that it should be counted again.
    """

    book_id: int
    isbn: str | None
    title: str
    expected: int
    counted: int
    moved: int
    difference: int
    value: int
    moved_between: bool


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
    shelf = (shelf or "").strip() or None

    def act(session: Session) -> CountView:
        require(session, operator, Permission.COUNT_STOCK)
        stored = session.scalar(select(StockCountDocument.id).where(StockCountDocument.uid == uid))
        if stored is not None:
            return count_view(session, stored)
        if category_id is not None and session.get(Category, category_id) is None:
            raise Refused("book.category")
        if shelf is not None and len(shelf) > MAX_SHELF:
            raise Refused("book.shelf")
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


async def list_counts(app: App, *, only_open: bool = True, limit: int = 50) -> list[CountView]:
    """Give counts, newest first."""

    def act(session: Session) -> list[CountView]:
        wanted = select(StockCountDocument.id).order_by(StockCountDocument.id.desc()).limit(limit)
        if only_open:
            wanted = wanted.where(StockCountDocument.status == CountStatus.OPEN)
        return [count_view(session, number) for number in session.scalars(wanted)]

    return await app.db.read(act)


async def count_code(
    app: App, operator: Operator, uid: str, count_id: int, code: str, quantity: int = 1
) -> CountedTitle:
    """Count pieces of the title with a code; a quantity below zero takes some back.

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
        book = find_sellable(session, code)
        row = lock_books(session, [book.id])
        if session.scalar(select(StockCountEntry.id).where(StockCountEntry.uid == uid)) is None:
            if count.status is not CountStatus.OPEN:
                raise Refused("count.ended", number=count.number)
            _check_scope(session, count, book)
            _add_entry(session, operator, uid, count, book, quantity, now)
        return _counted(session, count, row)[book.id]

    return await app.db.write(act)


async def review_count(
    app: App, count_id: int, *, only_differences: bool = True, limit: int = 500
) -> list[CountedTitle]:
    """Give what was counted, the largest differences first. Raises Refused("count.missing")."""

    def act(session: Session) -> list[CountedTitle]:
        count = _get(session, count_id)
        rows = _counted(session, count, None).values()
        shown = [row for row in rows if row.difference or row.moved_between] if only_differences else list(rows)
        return sorted(shown, key=lambda row: (-abs(row.difference), row.title))[:limit]

    return await app.db.read(act)


async def uncounted(app: App, count_id: int, limit: int = 200) -> list[CountedTitle]:
    """Give titles that should lie there and nobody has counted, by title; posting can take them for gone."""

    def act(session: Session) -> list[CountedTitle]:
        count = _get(session, count_id)
        missing = _missing(session, count, limit)
        rows = session.execute(
            select(Book.id, Book.isbn, Book.title, func.coalesce(Book.cost, Book.price)).where(Book.id.in_(missing))
        )
        found = [
            CountedTitle(number, isbn, title, missing[number], 0, 0, -missing[number], -missing[number] * worth, False)  # noqa: FBT003
            for number, isbn, title, worth in rows
        ]
        return sorted(found, key=lambda row: row.title)

    return await app.db.read(act)


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


def count_view(session: Session, count_id: int) -> CountView:
    """Read a count inside an act. Raises Refused("count.missing")."""
    row = session.execute(
        select(StockCountDocument, Location.name, Category.name, User.username)
        .join(Location, Location.id == func.coalesce(StockCountDocument.location_id, 1))
        .join(Category, Category.id == StockCountDocument.category_id, isouter=True)
        .join(User, User.id == StockCountDocument.user_id)
        .where(StockCountDocument.id == count_id)
    ).one_or_none()
    if row is None:
        raise Refused("count.missing")
    count, location, category, who = row
    titles, pieces = session.execute(
        select(func.count(_ENTRY.c.book_id.distinct()), func.coalesce(func.sum(_ENTRY.c.quantity), 0)).where(
            _ENTRY.c.stock_count_id == count_id
        )
    ).one()
    return CountView(
        id=count.id,
        uid=count.uid,
        number=count.number,
        version=count.version,
        status=count.status,
        location=location,
        category=category,
        shelf=count.shelf,
        operator=who,
        started_at=count.started_at,
        titles=titles,
        pieces=int(pieces),
    )


def _get(session: Session, count_id: int) -> StockCountDocument:
    count = session.get(StockCountDocument, count_id)
    if count is None:
        raise Refused("count.missing")
    return count


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


def _counted(session: Session, count: StockCountDocument, books: Mapping[int, Any] | None) -> dict[int, CountedTitle]:
    """What is counted of titles, of all where none are named."""
    wanted: Select[Any] = select(
        _ENTRY.c.book_id,
        func.sum(_ENTRY.c.quantity).label("counted"),
        func.max(_ENTRY.c.id).label("last"),
        func.min(_ENTRY.c.expected).label("least"),
        func.max(_ENTRY.c.expected).label("most"),
    ).where(_ENTRY.c.stock_count_id == count.id)
    if books is not None:
        wanted = wanted.where(_ENTRY.c.book_id.in_(books))
    sums = wanted.group_by(_ENTRY.c.book_id).subquery()
    rows = session.execute(
        select(
            sums,
            _ENTRY.c.expected,
            Book.isbn,
            Book.title,
            Book.stock,
            func.coalesce(Book.cost, Book.price).label("worth"),
        )
        .join(_ENTRY, _ENTRY.c.id == sums.c.last)
        .join(Book, Book.id == sums.c.book_id)
    ).all()
    there = stock_at(session, [row.book_id for row in rows], count.location_id)
    strict = is_strict(session)
    found = {}
    for row in rows:
        counted = int(row.counted)
        difference = count_difference(counted, row.expected, row.stock, strict=strict)
        found[row.book_id] = CountedTitle(
            book_id=row.book_id,
            isbn=row.isbn,
            title=row.title,
            expected=row.expected,
            counted=counted,
            moved=there[row.book_id] - row.expected,
            difference=difference,
            value=difference * row.worth,
            moved_between=row.least != row.most,
        )
    return found


def _missing(session: Session, count: StockCountDocument, limit: int | None = None) -> dict[int, int]:
    """What the ledger says lies at the place and nobody has counted, by title."""
    entries = select(_ENTRY.c.id).where(_ENTRY.c.stock_count_id == count.id, _ENTRY.c.book_id == Book.id)
    wanted = select(Book.id).where(Book.stock > 0, Book.kind != BookKind.SERVICE, ~entries.exists())
    if count.shelf is not None:
        wanted = wanted.where(Book.shelf == count.shelf)
    if count.category_id is not None:
        wanted = wanted.where(Book.category_id == count.category_id)
    wanted = wanted.order_by(Book.title_key, Book.id)
    if limit is not None:
        wanted = wanted.limit(limit)
    there = stock_at(session, session.scalars(wanted).all(), count.location_id)
    return {number: pieces for number, pieces in there.items() if pieces > 0}


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
    gone = _missing(session, count) if missing_are_gone else {}
    lock_books(session, {*names, *gone})
    session.expire_all()
    found = _counted(session, count, None)
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
