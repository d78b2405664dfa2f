"""Changing many titles at once: the rows chosen, or all that a filter finds; one act, taken back by one undo."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, func, literal, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.book_act import change_price, check_rate
from pos_app.domain.kinds import BookKind
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Book, BookAct, BookChange
from pos_app.services.book_bulk_left import Left, drop, find_left, keep
from pos_app.services.book_edit import EDITABLE, check_changes, set_fields
from pos_app.services.book_filter import BookFilter, conditions
from pos_app.services.book_history import begin_act, changed_rows, write_rows
from pos_app.services.book_search import found_ids
from pos_app.services.right import Operator, require
from pos_app.services.supplier import USUAL, check_supplier, set_usual, usual_suppliers

BATCH = 500
PREVIEWED = 20
SINGLE = frozenset({"title", "author", "isbn"})
Progress = Callable[[int, int], None]
Scope = BookFilter | Sequence[int]


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What becomes of each title: its price raised by a fraction and rounded to `round_to` minor units, fields set.

    `usual_supplier` is whom it comes from, by number, None to leave that as it is.
    """

    price_rate: Decimal | None = None
    round_to: int = 1
    fields: Mapping[str, Any] = field(default_factory=dict)
    usual_supplier: int | None = None

    def of(self, book: Book) -> dict[str, Any]:
        """Give what the change sets in one title."""
        wanted = dict(self.fields)
        if self.price_rate is not None:
            wanted["price"] = min(change_price(book.price, self.price_rate, self.round_to), MAX_AMOUNT)
        return {name: value for name, value in wanted.items() if getattr(book, name) != value}


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What would change in one title: field by field, before and after."""

    book_id: int
    title: str
    changes: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first titles of a change of many, and how many titles it is made to.

    Of all of them, `free` would cost nothing and `below` less than their copies did.
    """

    total: int
    rows: tuple[PreviewRow, ...]
    free: int = 0
    below: int = 0


@dataclass(slots=True)
class BulkReport:
    """What a change of many came to; `act` is what undoes it all."""

    act: str
    changed: int = 0
    unchanged: int = 0
    cancelled: bool = False


async def preview_bulk(app: App, operator: Operator, scope: Scope, change: BulkChange) -> Preview:
    """Give the first titles as they would become. Raises as `bulk_edit`."""
    left = await _begun(app, operator, "", _bare(scope), change)

    def act(session: Session) -> Preview:
        require(session, operator, Permission.EDIT_BOOKS)
        _check(session, operator, change)
        ids = _next(session, left)
        usual = _to_supply(session, ids[:PREVIEWED], change)
        books = {book.id: book for book in session.scalars(select(Book).where(Book.id.in_(ids[:PREVIEWED])))}
        found = (books[book_id] for book_id in ids[:PREVIEWED] if book_id in books)
        rows = tuple(
            PreviewRow(
                book.id,
                book.title,
                {name: (getattr(book, name), value) for name, value in change.of(book).items()}
                | ({USUAL: (usual[book.id], change.usual_supplier)} if book.id in usual else {}),
            )
            for book in found
        )
        return Preview(left.total, rows, *_priced_low(session, left, change))

    return await app.db.read(act)


def _priced_low(session: Session, left: Left, change: BulkChange) -> tuple[int, int]:
    """How many titles a change of prices leaves at nothing, and how many below their cost."""
    rate = change.price_rate
    if rate is None:
        return 0, 0
    # By what could be so, told a little too widely in whole thousandths: the program then rounds as it will store.
    factor = int((1 + rate) * 1_000)
    about = Book.price * literal(factor, BigInteger)
    low = about < (func.coalesce(Book.cost, 0) + change.round_to) * literal(1_000, BigInteger)
    wanted = (
        select(Book.price, Book.cost, func.count())
        .where(low, ~Book.open_price, Book.kind != BookKind.SERVICE)
        .group_by(Book.price, Book.cost)
    )
    if left.wanted is not None:
        parts = [wanted.where(*conditions(session, left.wanted))]
    else:
        ids = left.ids or ()
        parts = [wanted.where(Book.id.in_(ids[at : at + BATCH])) for at in range(0, len(ids), BATCH)]
    free = below = 0
    for part in parts:
        for price, cost, titles in session.execute(part):
            now = change_price(price, rate, change.round_to)
            free += titles * (now == 0)
            below += titles * (cost is not None and 0 < now < cost)
    return free, below


async def bulk_edit(
    app: App,
    operator: Operator,
    scope: Scope,
    change: BulkChange,
    *,
    uid: str | None = None,
    progress: Progress = lambda _done, _total: None,
    cancel: asyncio.Event | None = None,
) -> BulkReport:
    """Change the titles of given ids, or all a filter finds, five hundred a transaction; one undo takes all back.

    Cancelled, what was done so far stays, and one undo takes it back. Cut off, it goes on where it stopped when it is
    asked for with the same `uid` again, or by `go_on`. A search's words find a thousand titles at most, as its list
    does. Raises Refused("bulk.nothing" | "bulk.rate" | "bulk.isbn" | "book.…" | "price.invalid" | "reorder.invalid" |
    "right.missing").
    """
    scope = _bare(scope)
    await app.db.read(lambda session: _check(session, operator, change))
    known = None if uid is None else await app.db.read(lambda session: _known_as(session, operator, uid))
    if isinstance(known, BulkReport):
        return known
    left = known or await _begun(app, operator, uid or app.ids.new(), scope, change)
    return await _carry_out(app, operator, left, change, progress, cancel)


async def go_on(
    app: App,
    operator: Operator,
    left: Left,
    *,
    progress: Progress = lambda _done, _total: None,
    cancel: asyncio.Event | None = None,
) -> BulkReport:
    """Do what a change that was cut off has left to do. Raises as `bulk_edit`."""
    change = _read_change(left.change)
    await app.db.read(lambda session: _check(session, operator, change))
    return await _carry_out(app, operator, left, change, progress, cancel)


def _known_as(session: Session, operator: Operator, uid: str) -> Left | BulkReport | None:
    """What is known of a change: what it has left to do, or what it came to; None where it is not begun."""
    if (left := find_left(session, operator, uid)) is not None:
        return left
    act_id = session.scalar(select(BookAct.id).where(BookAct.uid == uid))
    if act_id is None:
        return None
    titles = select(func.count(BookChange.book_id.distinct())).where(BookChange.act_id == act_id)
    return BulkReport(uid, session.scalar(titles) or 0)


async def _begun(app: App, operator: Operator, uid: str, scope: Scope, change: BulkChange) -> Left:
    """A change about to be made, with all of it left to do."""
    walked = isinstance(scope, BookFilter) and not scope.text.strip()
    # What a search found is read whole at first: what is changed may no longer be found after.
    ids = None if walked else tuple(await _known(app, scope))
    total = len(ids) if ids is not None else await _total(app, scope)
    wanted = scope if walked and isinstance(scope, BookFilter) else None
    return Left(uid, operator.till_id, app.clock.now(), _written(change), total, ids=ids, wanted=wanted)


async def _carry_out(
    app: App,
    operator: Operator,
    left: Left,
    change: BulkChange,
    progress: Progress,
    cancel: asyncio.Event | None,
) -> BulkReport:
    """Do what is left; what takes more than one transaction is kept until all of it is done."""
    report = BulkReport(left.uid, left.changed, left.done - left.changed)
    if left.total > BATCH:
        await app.db.write(lambda session: keep(session, operator, left))
    while ids := await app.db.read(partial(_next, left=left)):
        if cancel is not None and cancel.is_set():
            report.cancelled = True
            break
        left = await app.db.write(partial(_step, operator=operator, left=left, ids=ids, change=change))
        report.changed, report.unchanged = left.changed, left.done - left.changed
        progress(min(left.done, left.total), left.total)
    if left.total > BATCH:
        await app.db.write(lambda session: drop(session, operator, left.uid))
    return report


def _next(session: Session, left: Left) -> list[int]:
    """The titles whose turn it is."""
    if left.wanted is None:
        return list((left.ids or ())[:BATCH])
    wanted = select(Book.id).where(*conditions(session, left.wanted, walked=Book.id), Book.id > left.last)
    return list(session.scalars(wanted.order_by(Book.id).limit(BATCH)))


def _step(session: Session, *, operator: Operator, left: Left, ids: Sequence[int], change: BulkChange) -> Left:
    """Change some of the titles that are left, and keep what is left after."""
    changed = store(session, operator, left.uid, ids, change)
    rest = None if left.ids is None else left.ids[len(ids) :]
    left = replace(left, done=left.done + len(ids), changed=left.changed + changed, last=ids[-1], ids=rest)
    if left.total > BATCH:
        keep(session, operator, left)
    return left


def _written(change: BulkChange) -> dict[str, Any]:
    return asdict(change) | {"price_rate": None if change.price_rate is None else str(change.price_rate)}


def _read_change(given: Mapping[str, Any]) -> BulkChange:
    rate = given["price_rate"]
    return BulkChange(**{**given, "price_rate": None if rate is None else Decimal(rate)})


def _bare(scope: Scope) -> Scope:
    """Titles chosen one by one are known, and need no asking for."""
    return scope.ids if isinstance(scope, BookFilter) and scope.ids is not None else scope


async def _total(app: App, scope: Scope) -> int:
    if not isinstance(scope, BookFilter):
        return len(set(scope))

    def act(session: Session) -> int:
        if scope.text.strip():
            return len(found_ids(session, scope))
        return session.scalar(select(func.count()).select_from(Book).where(*conditions(session, scope))) or 0

    return await app.db.read(act)


async def _known(app: App, scope: Scope) -> list[int]:
    if isinstance(scope, BookFilter):
        return await app.db.read(lambda session: list(found_ids(session, scope)))
    return list(dict.fromkeys(scope))


def _to_supply(session: Session, ids: Sequence[int], change: BulkChange) -> dict[int, int | None]:
    """Of some titles those that come from somebody else so far, or from nobody, and from whom."""
    if change.usual_supplier is None:
        return {}
    now = usual_suppliers(session, ids)
    return {number: now.get(number) for number in ids if now.get(number) != change.usual_supplier}


def _check(session: Session, operator: Operator, change: BulkChange) -> None:
    if change.usual_supplier is not None:
        require(session, operator, Permission.BUY)
        check_supplier(session, change.usual_supplier)
    elif change.price_rate is None and not change.fields:
        raise Refused("bulk.nothing")
    if change.price_rate is not None:
        check_rate(change.price_rate, change.round_to)
    if set(change.fields) & SINGLE:
        raise Refused("bulk.isbn")
    if unknown := set(change.fields) - EDITABLE:
        raise TypeError(f"not editable: {unknown}")
    check_changes(session, change.fields)


def store(
    session: Session, operator: Operator, uid: str, ids: Sequence[int], change: BulkChange, kind: str = "bulk"
) -> int:
    """Change titles inside an act; gives how many did."""
    require(session, operator, Permission.EDIT_BOOKS)
    # Locked in the order in which sales lock.
    locking = select(Book).where(Book.id.in_(ids)).order_by(Book.id).with_for_update()
    rows: list[dict[str, Any]] = []
    changed = 0
    books = session.scalars(locking.execution_options(populate_existing=True)).all()
    usual = _to_supply(session, [book.id for book in books], change)
    for book in books:
        wanted = change.of(book)
        if wanted or book.id in usual:
            if book.id in usual:
                rows += changed_rows(0, book.id, {USUAL: usual[book.id]}, {USUAL: change.usual_supplier})
            rows += changed_rows(0, book.id, {name: getattr(book, name) for name in wanted}, wanted)
            set_fields(book, wanted)
            changed += 1
    if usual:
        set_usual(session, list(usual), change.usual_supplier)
    if rows:
        act_id = begin_act(session, operator, uid, kind)
        write_rows(session, [{**row, "act_id": act_id} for row in rows])
    session.flush()
    return changed
