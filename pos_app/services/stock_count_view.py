"""Stock counts as they are read: how far they are, what differs, what nobody has counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind
from pos_app.domain.stock import CountStatus, count_difference
from pos_app.errors import Refused
from pos_app.models import (
    SHOP_FLOOR,
    Book,
    Category,
    Location,
    StockCountDocument,
    StockCountEntry,
    StockMovement,
    StockReason,
    User,
    table,
)
from pos_app.services.stock import is_strict, stock_at

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
        return scope_words(self.category, self.shelf)


def scope_words(category: str | None, shelf: str | None) -> str:
    """Say what a count is of."""
    return f"Shelf {shelf}" if shelf else category or "Everything"


@dataclass(frozen=True, slots=True)
class CountedTitle:
    """A title as far as it is counted.

    `expected` is what the ledger held at its last scan, put right by what was corrected or posted by another count
    since, `moved` what was sold or came since, `difference` what posting would change, `value` that in minor units at
    cost (at price where no cost is known). `moved_between` says that it was sold or came between its first and its last
    scan, so that it should be counted again.
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


async def list_counts(app: App, *, only_open: bool = True, limit: int = 50) -> list[CountView]:
    """Give counts, newest first."""

    def act(session: Session) -> list[CountView]:
        wanted = select(StockCountDocument.id).order_by(StockCountDocument.id.desc()).limit(limit)
        if only_open:
            wanted = wanted.where(StockCountDocument.status == CountStatus.OPEN)
        return count_views(session, session.scalars(wanted).all())

    return await app.db.read(act)


async def review_count(
    app: App, count_id: int, *, only_differences: bool = True, limit: int = 500
) -> list[CountedTitle]:
    """Give what was counted, the largest differences first. Raises Refused("count.missing")."""

    def act(session: Session) -> list[CountedTitle]:
        count = read_count(session, count_id)
        rows = counted_titles(session, count, None).values()
        shown = [row for row in rows if row.difference or row.moved_between] if only_differences else list(rows)
        return sorted(shown, key=lambda row: (-abs(row.difference), row.title))[:limit]

    return await app.db.read(act)


async def last_counted(app: App, count_id: int, limit: int = 100) -> list[CountedTitle]:
    """Give the titles counted last, the last one first. Raises Refused("count.missing")."""

    def act(session: Session) -> list[CountedTitle]:
        count = read_count(session, count_id)
        last = (
            select(_ENTRY.c.book_id)
            .where(_ENTRY.c.stock_count_id == count_id)
            .group_by(_ENTRY.c.book_id)
            .order_by(func.max(_ENTRY.c.id).desc())
            .limit(limit)
        )
        ids = session.scalars(last).all()
        found = counted_titles(session, count, dict.fromkeys(ids)) if ids else {}
        return [found[number] for number in ids]

    return await app.db.read(act)


async def uncounted(app: App, count_id: int, limit: int = 200) -> list[CountedTitle]:
    """Give titles that should lie there and nobody has counted, by title; posting can take them for gone."""

    def act(session: Session) -> list[CountedTitle]:
        count = read_count(session, count_id)
        missing = missing_titles(session, count, limit)
        rows = session.execute(
            select(Book.id, Book.isbn, Book.title, func.coalesce(Book.cost, Book.price)).where(Book.id.in_(missing))
        )
        found = [
            CountedTitle(number, isbn, title, missing[number], 0, 0, -missing[number], -missing[number] * worth, False)  # noqa: FBT003
            for number, isbn, title, worth in rows
        ]
        return sorted(found, key=lambda row: row.title)

    return await app.db.read(act)


@dataclass(frozen=True, slots=True)
class Uncounted:
    """What should lie there and nobody has counted; `value` in minor units at cost, at price where none is known."""

    titles: int
    pieces: int
    value: int


async def sum_uncounted(app: App, count_id: int) -> Uncounted:
    """Give how much posting would write off that took what nobody counted for gone. Raises Refused("count.missing")."""

    def act(session: Session) -> Uncounted:
        missing = missing_titles(session, read_count(session, count_id))
        worth = dict(session.execute(select(Book.id, func.coalesce(Book.cost, Book.price)).where(Book.stock > 0)).all())
        value = sum(pieces * worth.get(number, 0) for number, pieces in missing.items())
        return Uncounted(len(missing), sum(missing.values()), value)

    return await app.db.read(act)


def count_view(session: Session, count_id: int) -> CountView:
    """Read a count inside an act. Raises Refused("count.missing")."""
    found = count_views(session, [count_id])
    if not found:
        raise Refused("count.missing")
    return found[0]


def count_views(session: Session, ids: Collection[int]) -> list[CountView]:
    """Read counts inside an act, newest first."""
    rows = session.execute(
        select(StockCountDocument, Location.name, Category.name, User.username)
        .join(Location, Location.id == func.coalesce(StockCountDocument.location_id, SHOP_FLOOR))
        .join(Category, Category.id == StockCountDocument.category_id, isouter=True)
        .join(User, User.id == StockCountDocument.user_id)
        .where(StockCountDocument.id.in_(ids))
        .order_by(StockCountDocument.id.desc())
    ).all()
    counted = select(_ENTRY.c.stock_count_id, func.count(_ENTRY.c.book_id.distinct()), func.sum(_ENTRY.c.quantity))
    counted = counted.where(_ENTRY.c.stock_count_id.in_(ids)).group_by(_ENTRY.c.stock_count_id)
    sums = {count_id: (titles, int(pieces)) for count_id, titles, pieces in session.execute(counted)}
    views = []
    for count, location, category, who in rows:
        titles, pieces = sums.get(count.id, (0, 0))
        views.append(
            CountView(
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
                pieces=pieces,
            )
        )
    return views


def read_count(session: Session, count_id: int) -> StockCountDocument:
    """Read a count's row inside an act. Raises Refused("count.missing")."""
    count = session.get(StockCountDocument, count_id)
    if count is None:
        raise Refused("count.missing")
    return count


def counted_titles(
    session: Session, count: StockCountDocument, books: Mapping[int, Any] | None
) -> dict[int, CountedTitle]:
    """Give what is counted of titles inside an act, of all where none are named."""
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
            (_ENTRY.c.expected + _corrected_since(count.location_id)).label("expected"),
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


def _corrected_since(location_id: int | None) -> Any:
    """What another count or a correction put right of a title after its last scan: no copy moved by it.

    Ids are made in the order of time, as far as the tills' clocks agree.
    """
    moved = table(StockMovement).c
    place = moved.location_id.is_(None) if location_id is None else moved.location_id == location_id
    of_title = (moved.book_id == _ENTRY.c.book_id) & (moved.uid > _ENTRY.c.uid) & place
    said = moved.reason.in_((StockReason.COUNT, StockReason.CORRECTION))
    return select(func.coalesce(func.sum(moved.delta), 0)).where(of_title, said).scalar_subquery()


def missing_titles(session: Session, count: StockCountDocument, limit: int | None = None) -> dict[int, int]:
    """Give what the ledger says lies at the place and nobody has counted, by title, inside an act."""
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
