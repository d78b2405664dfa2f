"""The ledger of stock: moving it, reading it, and what it is worth.

Every change of stock updates the title's row in `books` first, in id order, so that whoever holds that row's lock reads
a ledger that stands still.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.shop import StockPolicy
from pos_app.domain.stock import taken_from
from pos_app.errors import Refused
from pos_app.models import (
    DOCUMENT_SERIES,
    SHOP_FLOOR,
    Base,
    Book,
    Category,
    DocumentSeries,
    Location,
    StockMovement,
    User,
    table,
)
from pos_app.services.right import Operator, require
from pos_app.services.setting import shop_settings

_BOOKS, _MOVED, _SERIES = table(Book), table(StockMovement), table(DocumentSeries)
# Fewer than the variables a statement may have on SQLite.
AT_ONCE = 1_000
_LOCK = (
    select(
        _BOOKS.c.id,
        _BOOKS.c.title,
        _BOOKS.c.isbn,
        _BOOKS.c.kind,
        _BOOKS.c.stock,
        _BOOKS.c.reserved,
        _BOOKS.c.cost,
        _BOOKS.c.price,
    )
    .where(_BOOKS.c.id.in_(bindparam("books", expanding=True)))
    .order_by(_BOOKS.c.id)
    # A line that names a title may be written meanwhile, in the order of its basket: only its numbers change here.
    .with_for_update(key_share=True)
)
_MOVE = update(_BOOKS).where(_BOOKS.c.id == bindparam("book_id")).values(stock=_BOOKS.c.stock + bindparam("delta"))
_TAKE = _MOVE.where(_BOOKS.c.stock - _BOOKS.c.reserved + bindparam("delta") >= 0)
_INSERT = insert(_MOVED)
_ELSEWHERE = (
    select(_BOOKS.c.id, _BOOKS.c.stock, table(Location).c.id, table(Location).c.name, func.sum(_MOVED.c.delta))
    .join_from(_MOVED, _BOOKS, _BOOKS.c.id == _MOVED.c.book_id)
    .join(table(Location), table(Location).c.id == _MOVED.c.location_id)
    .where(_MOVED.c.book_id.in_(bindparam("books", expanding=True)), _MOVED.c.location_id.is_not(None))
    .group_by(_BOOKS.c.id, _BOOKS.c.stock, table(Location).c.id, table(Location).c.name)
    .order_by(_BOOKS.c.id, table(Location).c.id)
)
_DRAW = (
    update(_SERIES)
    .where(_SERIES.c.name == bindparam("series"))
    .values(next_number=_SERIES.c.next_number + 1)
    .returning(_SERIES.c.next_number - 1)
)


@dataclass(frozen=True, slots=True)
class StockStep:
    """A movement with the stock it left; `location` is None for the shop floor."""

    id: int
    happened_at: datetime
    reason: StockReason
    document: str | None
    delta: int
    balance: int
    location: str | None
    operator: str | None


@dataclass(frozen=True, slots=True)
class Availability:
    """A title's pieces: all of them, those set aside, and where they lie; `movements` is how long its ledger is."""

    book_id: int
    stock: int
    reserved: int
    places: tuple[tuple[str, int], ...]
    movements: int = 0

    @property
    def available(self) -> int:
        """What can be sold."""
        return self.stock - self.reserved


@dataclass(frozen=True, slots=True)
class StockValue:
    """What the stock of a category is worth in minor units; copies below zero are worth nothing.

    `without_cost` is how many copies have no cost and are left out of `at_cost`.
    """

    category: str | None
    titles: int
    pieces: int
    at_cost: int
    at_price: int
    without_cost: int


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A place that holds stock."""

    id: int
    name: str


def content_hash(content: Any) -> str:
    """SHA-256 (hex) of a request's content, so that one uid never stands for two."""
    return hashlib.sha256(json.dumps(content, separators=(",", ":"), default=str).encode()).hexdigest()


def draw_document_number(session: Session, series: str) -> int:
    """Draw the next number of a series inside an act; an act that fails gives it back.

    A series that somebody deleted is made anew, behind the last of its documents.
    """
    number = session.connection().scalar(_DRAW, {"series": series})
    if number is None:
        documents = Base.metadata.tables[DOCUMENT_SERIES[series]]
        following = session.scalar(select(func.coalesce(func.max(documents.c.number), 0) + 1))
        try:
            with session.begin_nested():
                session.execute(insert(_SERIES).values(name=series, next_number=following))
        except IntegrityError:
            pass  # another till made it meanwhile
        number = session.connection().execute(_DRAW, {"series": series}).scalar_one()
    return int(number)


def lock_books(session: Session, book_ids: Iterable[int]) -> dict[int, Any]:
    """Lock titles in id order inside an act, and give their rows by id.

    Raises Refused("book.missing" | "book.service_stock").
    """
    wanted = sorted(set(book_ids))
    found: dict[int, Any] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.connection().execute(_LOCK, {"books": wanted[start : start + AT_ONCE]})
        found |= {row.id: row for row in rows}
    for book_id in wanted:
        if book_id not in found:
            raise Refused("book.missing", book_id=book_id)
        if found[book_id].kind is BookKind.SERVICE:
            raise Refused("book.service_stock")
    return found


def stock_at(session: Session, book_ids: Iterable[int], location_id: int | None) -> dict[int, int]:
    """Give what a location holds of titles inside an act; None is the shop floor, which has what no other has."""
    wanted = sorted(set(book_ids))
    there: dict[int, int] = {}
    for start in range(0, len(wanted), AT_ONCE):
        there |= _stock_at(session, wanted[start : start + AT_ONCE], location_id)
    return there


def _stock_at(session: Session, wanted: list[int], location_id: int | None) -> dict[int, int]:
    query = (
        select(_MOVED.c.book_id, func.sum(_MOVED.c.delta))
        .where(_MOVED.c.book_id.in_(wanted), _MOVED.c.location_id.is_not(None))
        .group_by(_MOVED.c.book_id)
    )
    if location_id is not None:
        query = query.where(_MOVED.c.location_id == location_id)
    elsewhere = {book_id: int(pieces) for book_id, pieces in session.execute(query)}
    if location_id is not None:
        return {book_id: elsewhere.get(book_id, 0) for book_id in wanted}
    stocks = session.execute(select(_BOOKS.c.id, _BOOKS.c.stock).where(_BOOKS.c.id.in_(wanted)))
    return {book_id: stock - elsewhere.get(book_id, 0) for book_id, stock in stocks}


@dataclass(slots=True)
class Held:
    """What the shop floor holds of a title, and what each other place that has some: (id, pieces), by id."""

    floor: int
    elsewhere: list[tuple[int, int]]

    def take(self, pieces: int) -> list[tuple[int | None, int]]:
        """Take pieces for sale, below zero where they come back to the shop floor: how many from where."""
        if pieces < 0:
            self.floor -= pieces
            return [(None, pieces)]
        parts = taken_from(self.floor, self.elsewhere, pieces)
        gone = dict(parts)
        self.floor -= gone.get(None, 0)
        self.elsewhere = [(number, held - gone.get(number, 0)) for number, held in self.elsewhere]
        return parts


def held_elsewhere(session: Session, book_ids: Iterable[int]) -> tuple[dict[int, Held], dict[int, str]]:
    """Give where those of some titles lie inside an act that do not all lie on the shop floor; and the places' names.

    Who holds the titles' locks, as whoever moved their stock does, reads what stays so until the end of the act.
    """
    found: dict[int, Held] = {}
    names: dict[int, str] = {}
    wanted = sorted(set(book_ids))
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.connection().execute(_ELSEWHERE, {"books": wanted[start : start + AT_ONCE]})
        for book_id, stock, location_id, name, pieces in rows:
            here = found.setdefault(book_id, Held(stock, []))
            here.floor -= int(pieces)
            here.elsewhere.append((location_id, int(pieces)))
            names[location_id] = name
    return found, names


def place(location_id: int | None) -> int | None:
    """The location as the ledger has it: the shop floor is None."""
    return None if location_id == SHOP_FLOOR else location_id


def check_location(session: Session, location_id: int | None) -> int | None:
    """Give a location as the ledger has it, inside an act. Raises Refused("location.missing")."""
    if (
        location_id is not None
        and session.scalar(select(Location.active).where(Location.id == location_id)) is not True
    ):
        raise Refused("location.missing")
    return place(location_id)


def is_strict(session: Session) -> bool:
    """Whether the shop's stock may not fall below zero."""
    return shop_settings(session).stock_policy is StockPolicy.STRICT


def move_books(
    session: Session,
    app: App,
    operator: Operator,
    deltas: Mapping[int, int],
    reason: StockReason,
    document: str,
    location_id: int | None = None,
    *,
    take_reserved: bool = True,
) -> None:
    """Move stock inside an act, title by title in id order, and write the ledger.

    Unless `take_reserved`, what is set aside is not taken: Refused("stock.short").
    """
    rows = []
    for book_id, delta in sorted(deltas.items()):
        if not delta:
            continue
        statement = _MOVE if take_reserved or delta > 0 else _TAKE
        if session.connection().execute(statement, {"book_id": book_id, "delta": delta}).rowcount != 1:
            raise _short(session, book_id, -delta)
        rows.append(movement(app, operator, book_id, delta, reason, document, location_id))
    write_ledger(session, rows)


def movement(
    app: App,
    operator: Operator,
    book_id: int,
    delta: int,
    reason: StockReason,
    document: str,
    location_id: int | None,
) -> dict[str, Any]:
    """One row of the ledger."""
    return {
        "uid": app.ids.new(),
        "book_id": book_id,
        "delta": delta,
        "reason": reason,
        "document": document,
        "user_id": operator.user_id,
        "till_id": operator.till_id,
        "location_id": location_id,
    }


def write_ledger(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of the ledger inside an act."""
    if rows:
        session.connection().execute(_INSERT, rows)


def _short(session: Session, book_id: int, wanted: int) -> Refused:
    row = session.execute(
        select(_BOOKS.c.title, _BOOKS.c.stock - _BOOKS.c.reserved).where(_BOOKS.c.id == book_id)
    ).one_or_none()
    if row is None:
        return Refused("book.missing", book_id=book_id)
    return Refused("stock.short", book_id=book_id, title=row[0], wanted=wanted, available=max(row[1], 0))


async def list_locations(app: App) -> list[LocationRow]:
    """Give the places that hold stock, the shop floor first."""

    def act(session: Session) -> list[LocationRow]:
        rows = session.execute(select(Location.id, Location.name).where(Location.active).order_by(Location.id))
        return [LocationRow(*row) for row in rows]

    return await app.db.read(act)


async def add_location(app: App, operator: Operator, name: str) -> list[LocationRow]:
    """Add a place that holds stock. Raises Refused("location.name" | "right.missing")."""
    name = name.strip()

    def act(session: Session) -> None:
        require(session, operator, Permission.BUY)
        if not 1 <= len(name) <= 80 or session.scalar(select(Location.id).where(Location.name == name)):  # noqa: PLR2004
            raise Refused("location.name", limit=80)
        session.add(Location(name=name))

    await app.db.write(act)
    return await list_locations(app)


async def stock_ledger(app: App, book_id: int, *, before: int | None = None, limit: int = 100) -> list[StockStep]:
    """Give a title's movements, newest first, each with the stock it left; `before` is the id of the last one shown.

    The balance is counted back from today's stock, so that a page costs no more than its rows and a sum.
    """

    def act(session: Session) -> list[StockStep]:
        now = session.scalar(select(_BOOKS.c.stock).where(_BOOKS.c.id == book_id))
        if now is None:
            raise Refused("book.missing", book_id=book_id)
        mine = _MOVED.c.book_id == book_id
        if before is not None:
            later = select(func.coalesce(func.sum(_MOVED.c.delta), 0)).where(mine, _MOVED.c.id >= before)
            now -= int(session.scalar(later) or 0)
            mine &= _MOVED.c.id < before
        rows = session.execute(
            select(
                _MOVED.c.id,
                _MOVED.c.created_at,
                _MOVED.c.reason,
                _MOVED.c.document,
                _MOVED.c.delta,
                Location.name,
                User.username,
            )
            .join(Location, Location.id == _MOVED.c.location_id, isouter=True)
            .join(User, User.id == _MOVED.c.user_id, isouter=True)
            .where(mine)
            .order_by(_MOVED.c.id.desc())
            .limit(limit)
        )
        steps = []
        for number, at, reason, document, delta, location, who in rows:
            steps.append(StockStep(number, at, reason, document, delta, now, location, who))
            now -= delta
        return steps

    return await app.db.read(act)


async def availability(app: App, book_id: int) -> Availability:
    """Give what there is of a title, what is set aside and where it lies. Raises Refused("book.missing")."""

    def act(session: Session) -> Availability:
        row = session.execute(select(_BOOKS.c.stock, _BOOKS.c.reserved).where(_BOOKS.c.id == book_id)).one_or_none()
        if row is None:
            raise Refused("book.missing", book_id=book_id)
        found = session.execute(
            select(
                func.coalesce(_MOVED.c.location_id, SHOP_FLOOR).label("place"), func.sum(_MOVED.c.delta), func.count()
            )
            .where(_MOVED.c.book_id == book_id)
            .group_by("place")
        ).all()
        held = {number: int(pieces) for number, pieces, _ in found}
        names = session.execute(select(Location.id, Location.name, Location.active).order_by(Location.id))
        places = tuple((name, held.get(number, 0)) for number, name, active in names if active or held.get(number))
        return Availability(book_id, row.stock, row.reserved, places, sum(count for *_, count in found))

    return await app.db.read(act)


async def stock_value(app: App, operator: Operator) -> list[StockValue]:
    """Give what the stock is worth at cost and at price, by category. Raises Refused("right.missing")."""

    def act(session: Session) -> list[StockValue]:
        require(session, operator, Permission.SEE_REPORTS)
        has_cost = case((_BOOKS.c.cost.is_(None), _BOOKS.c.stock), else_=0)
        rows = session.execute(
            select(
                Category.name,
                func.count(),
                func.sum(_BOOKS.c.stock),
                func.sum(_BOOKS.c.stock * func.coalesce(_BOOKS.c.cost, 0)),
                func.sum(_BOOKS.c.stock * _BOOKS.c.price),
                func.sum(has_cost),
            )
            .select_from(_BOOKS)
            .join(Category, Category.id == _BOOKS.c.category_id, isouter=True)
            .where(_BOOKS.c.stock > 0)
            .group_by(Category.name)
            .order_by(Category.name)
        )
        return [StockValue(name, *(int(figure) for figure in figures)) for name, *figures in rows]

    return await app.db.read(act)
