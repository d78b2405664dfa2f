"""Changing many titles at once: the rows chosen, or all that a filter finds; one act, taken back by one undo."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.book_act import change_price, check_rate
from pos_app.domain.money import MAX_AMOUNT
from pos_app.domain.permission import Permission
from pos_app.errors import Refused
from pos_app.models import Book
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
    """The first titles of a change of many, and how many titles it is made to."""

    total: int
    rows: tuple[PreviewRow, ...]


@dataclass(slots=True)
class BulkReport:
    """What a change of many came to; `act` is what undoes it all."""

    act: str
    changed: int = 0
    unchanged: int = 0
    cancelled: bool = False


async def preview_bulk(app: App, operator: Operator, scope: Scope, change: BulkChange) -> Preview:
    """Give the first titles as they would become. Raises as `bulk_edit`."""
    scope = _bare(scope)
    total = await _total(app, scope)
    ids: list[int] = await anext(_batches(app, scope), [])

    def act(session: Session) -> tuple[PreviewRow, ...]:
        require(session, operator, Permission.EDIT_BOOKS)
        _check(session, operator, change)
        usual = _to_supply(session, ids[:PREVIEWED], change)
        books = {book.id: book for book in session.scalars(select(Book).where(Book.id.in_(ids[:PREVIEWED])))}
        found = (books[book_id] for book_id in ids[:PREVIEWED] if book_id in books)
        return tuple(
            PreviewRow(
                book.id,
                book.title,
                {name: (getattr(book, name), value) for name, value in change.of(book).items()}
                | ({USUAL: (usual[book.id], change.usual_supplier)} if book.id in usual else {}),
            )
            for book in found
        )

    return Preview(total, await app.db.read(act))


async def bulk_edit(
    app: App,
    operator: Operator,
    scope: Scope,
    change: BulkChange,
    *,
    progress: Progress = lambda _done, _total: None,
    cancel: asyncio.Event | None = None,
) -> BulkReport:
    """Change the titles of given ids, or all a filter finds, five hundred a transaction; one undo takes all back.

    Cancelled, what was done so far stays, and one undo takes it back. A search's words find a thousand titles at most,
    as its list does. Raises Refused("bulk.nothing" | "bulk.rate" | "bulk.isbn" | "book.…" | "price.invalid" |
    "reorder.invalid" | "right.missing").
    """
    scope = _bare(scope)
    report = BulkReport(app.ids.new())
    await app.db.read(lambda session: _check(session, operator, change))
    total, done = await _total(app, scope), 0
    async for ids in _batches(app, scope):
        if cancel is not None and cancel.is_set():
            report.cancelled = True
            break
        changed = await app.db.write(lambda session, ids=ids: store(session, operator, report.act, ids, change))  # type: ignore[misc] # bound now
        report.changed += changed
        report.unchanged += len(ids) - changed
        done += len(ids)
        progress(min(done, total), total)
    return report


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


async def _batches(app: App, scope: Scope) -> AsyncIterator[list[int]]:
    if not isinstance(scope, BookFilter) or scope.text.strip():
        # What a search found is read whole at first: what is changed may no longer be found after.
        known = await _known(app, scope)
        for first in range(0, len(known), BATCH):
            yield known[first : first + BATCH]
        return
    last = 0

    def act(session: Session) -> list[int]:
        wanted = select(Book.id).where(*conditions(session, scope, walked=Book.id), Book.id > last)
        return list(session.scalars(wanted.order_by(Book.id).limit(BATCH)))

    while ids := await app.db.read(act):
        yield ids
        last = ids[-1]


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
