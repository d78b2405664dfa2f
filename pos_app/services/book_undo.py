"""Undo and redo of what was done to titles: new acts that point at what they take back, field by field."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session, aliased

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.errors import Conflict, Refused
from pos_app.models import (
    Book,
    BookAct,
    BookChange,
    BookCode,
    BookImport,
    BookMerge,
    BookSupplier,
    Category,
    Supplier,
    table,
)
from pos_app.services.book import usual_terms
from pos_app.services.book_addition import TakenBack, additions_of, move_stock, take_back
from pos_app.services.book_bulk_left import Left, drop, hold, keep
from pos_app.services.book_edit import set_fields
from pos_app.services.book_history import begin_act, changed_rows, read_undo_state, write_rows
from pos_app.services.category_undo import count_category_changes, put_categories_back
from pos_app.services.review import REVIEW, restore_review
from pos_app.services.right import Operator, require
from pos_app.services.stock_correction import CORRECTED, take_correction_back
from pos_app.services.supplier import set_asked, set_usual

BATCH = 500
FIELDS_KEPT = 50
# In the place of the change before which it goes on: every field is put back, and what was added is left.
_FIELDS_DONE = -1
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class KeptField:
    """A field that was not put back, since somebody changed it after."""

    book_id: int
    title: str
    field: str
    now: Any


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo came to: fields put back, fields left to whoever changed them since (the first fifty of them).

    `titles` is what became of the titles that the act added, and of stock that it set. `rest` is what is left to do of
    one that was stopped: `undo_act` goes on with it.
    """

    act: str
    undone: int
    left: int
    kept: tuple[KeptField, ...]
    titles: TakenBack = field(default_factory=TakenBack)
    # Of the fields put back: those of how many titles, which ones, and the first, as it is now.
    of_titles: int = 0
    fields: tuple[str, ...] = ()
    first: KeptField | None = None
    rest: Left | None = None


async def undo(app: App, operator: Operator, progress: Progress = lambda _done, _total: None) -> UndoReport:
    """Take back this person's last act. Raises as `undo_act`, and Refused("undo.nothing")."""
    state = await app.db.read(lambda session: read_undo_state(session, operator))
    if state.undo is None:
        raise Refused("undo.nothing")
    return await undo_act(app, operator, state.undo, progress, kind="undo")


@dataclass(frozen=True, slots=True)
class LastImport:
    """A file this person took in and that was not taken back: `undo_act` with its `act` and the kind "import" does."""

    act: str
    file_name: str
    happened_at: datetime


async def last_import(app: App, operator: Operator, *, since_undo: bool = False) -> LastImport | None:
    """Give the last import of this person that is not taken back; with `since_undo` only where undo would pass it over.

    An import is no step of undo, as it may have changed the whole catalogue.
    """

    def act(session: Session) -> LastImport | None:
        undoing = aliased(BookAct)
        found = session.execute(
            select(BookAct.id, BookAct.uid, BookImport.file_name, BookAct.created_at)
            .join(BookImport, BookImport.uid == BookAct.uid)
            .where(BookAct.user_id == operator.user_id, BookAct.kind == "import")
            .where(~select(undoing.id).where(undoing.undoes_uid == BookAct.uid).exists())
            .order_by(BookAct.id.desc())
            .limit(1)
        ).one_or_none()
        if found is None:
            return None
        if since_undo and (last := read_undo_state(session, operator).undo) is not None:
            number = session.scalars(select(BookAct.id).where(BookAct.uid == last)).one()
            if number > found.id:
                return None
        return LastImport(found.uid, found.file_name, found.created_at)

    return await app.db.read(act)


async def redo(app: App, operator: Operator, progress: Progress = lambda _done, _total: None) -> UndoReport:
    """Do again what this person took back last. Raises as `undo_act`, and Refused("redo.nothing")."""
    state = await app.db.read(lambda session: read_undo_state(session, operator))
    if state.redo is None:
        raise Refused("redo.nothing")
    return await undo_act(app, operator, state.redo, progress, kind="redo")


async def undo_act(
    app: App,
    operator: Operator,
    act_uid: str,
    progress: Progress = lambda _done, _total: None,
    *,
    kind: str = "undo",
    left: Left | None = None,
    cancel: asyncio.Event | None = None,
) -> UndoReport:
    """Take an act back, five hundred fields or an addition a transaction; what somebody changed since stays theirs.

    What is `left` of an undo that was stopped or cut off goes on where that stopped: what it took back stays so, the
    report is of the whole. Raises Refused("undo.nothing" | "undo.over" | "right.missing"), and without `left`
    Conflict("undo.changed", current: UndoReport) where nothing could be put back, "undo.stock" where that is a
    correction of stock alone.
    """
    uid = app.ids.new() if left is None else left.uid
    cancel = cancel or asyncio.Event()
    kept = list[KeptField]()
    changes, additions = await app.db.read(lambda session: _size(session, act_uid, left))
    total = changes + len(additions) * BATCH
    if not total:
        await _pass_over(app, operator, act_uid, uid, kind)
        raise Refused("undo.nothing")
    if left is None:
        done = await _put_categories_back(app, operator, act_uid, uid, kind, kept, made=False)
        last, now = 0 if changes else _FIELDS_DONE, app.clock.now()
        at = Left(uid, operator.till_id, now, {"kind": kind}, total, changed=done, last=last, undoes=act_uid)
    else:
        at = left
    whole = at.total
    if at.last != _FIELDS_DONE:
        at = await _put_all_back(
            app, operator, at, kept, lambda done: progress(done, whole), cancel, more=bool(additions)
        )
        if at.last == _FIELDS_DONE:
            done = await _put_categories_back(app, operator, act_uid, uid, kind, kept, made=True)
            at = replace(at, changed=at.changed + done)
    acts = (act_uid, uid, kind)
    while additions and at.last == _FIELDS_DONE and not (cancel.is_set() and at.done):
        take = partial(_take, app=app, operator=operator, additions=additions, acts=acts, left=at)
        at = await app.db.write(take, aside=_aside(kind))
        additions = additions[1:]
        progress(min(at.done, whole), whole)
        await asyncio.sleep(0)
    rest = at if additions or at.last != _FIELDS_DONE else None
    titles = TakenBack(**at.titles)
    report = UndoReport(uid, at.changed, max(at.others, len(kept)), tuple(kept), titles, rest=rest)
    done_any = report.undone or titles.gone or titles.inactive or titles.back or titles.stock
    if rest is None and (left is not None or not done_any):
        await _pass_over(app, operator, act_uid, uid, kind)
        if left is None:
            raise _nothing_done(report)
    return await app.db.read(lambda session: _with_words(session, report))


def _aside(kind: str) -> bool:
    """Whether its batches leave the machine to others, as those of an import: it is taken back behind the window."""
    return kind == "import"


async def _pass_over(app: App, operator: Operator, act_uid: str, uid: str, kind: str) -> None:
    """Leave what is left of an act as it is: what was done before it can be undone next."""

    def act(session: Session) -> None:
        # Another undo of the act, begun after this one was cut off, may have done its rest.
        drop(session, operator, uid)
        if kind != "import":
            begin_act(session, operator, uid, kind, undoes=act_uid)

    await app.db.write(act)


def _nothing_done(report: UndoReport) -> Conflict:
    if len(report.kept) == 1 and report.kept[0].field == CORRECTED:
        return Conflict("undo.stock", current=report, title=report.kept[0].title, stock=report.kept[0].now)
    return Conflict("undo.changed", current=report)


def _with_words(session: Session, report: UndoReport) -> UndoReport:
    """A report that says which fields were put back."""
    changes = select(BookChange).join(BookAct, BookAct.id == BookChange.act_id).where(BookAct.uid == report.act)
    first = session.scalars(changes.order_by(BookChange.id).limit(1)).one_or_none()
    if first is None:
        return report
    books = changes.with_only_columns(func.count(BookChange.book_id.distinct()))
    names = changes.with_only_columns(BookChange.field).distinct().order_by(BookChange.field)
    title = session.scalars(select(Book.title).where(Book.id == first.book_id)).one_or_none() or ""
    return replace(
        report,
        of_titles=session.scalar(books) or 0,
        fields=tuple(session.scalars(names)),
        first=KeptField(first.book_id, title, first.field, json.loads(first.new)),
    )


async def _put_all_back(
    app: App,
    operator: Operator,
    left: Left,
    kept: list[KeptField],
    progress: Callable[[int], None],
    cancel: asyncio.Event,
    *,
    more: bool,
) -> Left:
    """Put back every field that is left, newest first: within an act later changes rest on earlier ones.

    Gives how far it came. With `more` there is something to take back after the last of them.
    """

    def act(session: Session, left: Left, met: list[KeptField]) -> Left:
        met.clear()
        _hold_rest(session, operator, left)
        count, seen, before = _put_back(
            session, app, operator, left.undoes or "", left.uid, left.change["kind"], left.last or None, met
        )
        last = _FIELDS_DONE if before is None else before
        others = left.others + len(met)
        left = replace(left, done=left.done + seen, changed=left.changed + count, others=others, last=last)
        _keep_rest(session, operator, left, more=more or before is not None)
        return left

    while left.last != _FIELDS_DONE and not (cancel.is_set() and left.done):
        met: list[KeptField] = []
        left = await app.db.write(partial(act, left=left, met=met), aside=_aside(left.change["kind"]))
        kept.extend(met[: FIELDS_KEPT - len(kept)])
        progress(left.done)
        await asyncio.sleep(0)
    return left


def _keep_rest(session: Session, operator: Operator, left: Left, *, more: bool) -> None:
    """Keep what is left of a long undo, in the transaction that did the rest: stopped or killed, it can go on."""
    # Whether exactly one batch is all, only the next looks.
    if left.total >= BATCH and more:
        keep(session, operator, left)
    elif left.total >= BATCH:
        drop(session, operator, left.uid)


def _hold_rest(session: Session, operator: Operator, left: Left) -> None:
    # Dropped since it began, it was left so, or the file that it takes back was imported again.
    if left.done and not hold(session, operator, left.uid):
        raise Refused("undo.over")


async def go_on_undoing(
    app: App, operator: Operator, left: Left, progress: Progress, cancel: asyncio.Event | None = None
) -> UndoReport:
    """Take back what an undo that was stopped or cut off has left. Raises as `undo_act`."""
    assert left.undoes is not None  # noqa: S101 - it is what makes it an undo
    return await undo_act(app, operator, left.undoes, progress, kind=left.change["kind"], left=left, cancel=cancel)


async def _put_categories_back(
    app: App, operator: Operator, act_uid: str, uid: str, kind: str, kept: list[KeptField], *, made: bool
) -> int:
    def act(session: Session) -> tuple[int, list[str]]:
        if not count_category_changes(session, act_uid):
            return 0, []
        return put_categories_back(session, operator, act_uid, uid, kind, made=made)

    done, left = await app.db.write(act)
    kept.extend(KeptField(0, name, "category", name) for name in left[: FIELDS_KEPT - len(kept)])
    return done


def _size(session: Session, act_uid: str, left: Left | None) -> tuple[int, list[int]]:
    """How many fields and categories an act changed, and the numbers of what it added and is left."""
    query = select(func.count()).select_from(BookChange).join(BookAct, BookAct.id == BookChange.act_id)
    changes = (session.scalar(query.where(BookAct.uid == act_uid)) or 0) + count_category_changes(session, act_uid)
    additions = additions_of(session, act_uid)
    if left is not None and (before := left.addition) is not None:
        # One of which something stayed with others is still there, and was counted.
        additions = [number for number in additions if number < before]
    return changes, additions


def _take(
    session: Session, app: App, operator: Operator, additions: list[int], acts: tuple[str, str, str], left: Left
) -> Left:
    """Take the first of some additions back; gives what is left, and what became of those before."""
    require(session, operator, Permission.EDIT_BOOKS)
    _hold_rest(session, operator, left)
    taken = take_back(session, app, operator, additions[0], *acts)
    titles = {name: left.titles.get(name, 0) + count for name, count in asdict(taken).items()}
    left = replace(left, done=left.done + BATCH, addition=additions[0], titles=titles)
    _keep_rest(session, operator, left, more=len(additions) > 1)
    return left


def _put_back(
    session: Session, app: App, operator: Operator, act_uid: str, uid: str, kind: str, before: int | None,
    kept: list[KeptField],
) -> tuple[int, int, int | None]:  # fmt: skip
    """Put one batch back; gives fields put back, fields looked at, and where to go on."""
    require(session, operator, Permission.EDIT_BOOKS)
    query = select(BookChange).join(BookAct, BookAct.id == BookChange.act_id).where(BookAct.uid == act_uid)
    if before is not None:
        query = query.where(BookChange.id < before)
    changes = session.scalars(query.order_by(BookChange.id.desc()).limit(BATCH)).all()
    ids = {change.book_id for change in changes}
    # Locked in the order in which sales lock.
    locking = select(Book).where(Book.id.in_(ids)).order_by(Book.id).with_for_update()
    books = {book.id: book for book in session.scalars(locking.execution_options(populate_existing=True))}
    rows: list[dict[str, Any]] = []
    for change in changes:
        book, was, now = books[change.book_id], json.loads(change.old), json.loads(change.new)
        if change.field == CORRECTED:
            delta = was - now
            done = take_correction_back(session, app, operator, book, act_uid, uid, delta)
            current = None if done else (book.stock,)
            # As it is by now: copies may have been sold since.
            now, was = book.stock - delta, book.stock
        else:
            current = _restore(session, app, operator, book, change.field, was, now)
        if current is None:
            rows += changed_rows(0, book.id, {change.field: now}, {change.field: was})
        else:
            kept.append(KeptField(book.id, book.title, change.field, current[0]))
    if rows:
        act_id = begin_act(session, operator, uid, kind, undoes=act_uid)
        write_rows(session, [{**row, "act_id": act_id} for row in rows])
    session.flush()
    return len(rows), len(changes), changes[-1].id if len(changes) == BATCH else None


def _restore(
    session: Session, app: App, operator: Operator, book: Book, field: str, was: Any, now: Any
) -> tuple[Any] | None:
    """Put one field back; else give what stands there instead, in a tuple, as it may be None."""
    if field == "moved_stock":
        return _restore_stock(session, app, operator, book, (was or 0) - (now or 0))
    if (other := _OTHERS.get(field)) is not None:
        return other(session, book, was, now)
    current = getattr(book, field)
    if current != now:
        return (current,)
    if field == "isbn" and was is not None and _taken(session, book.id, was):
        return (current,)
    if field == "category_id" and was is not None and session.get(Category, was) is None:
        return (current,)
    set_fields(book, {field: was})
    # Written at the end of the batch, all titles at once.
    return None


def _taken(session: Session, book_id: int, code: str) -> bool:
    # What other titles of the batch give back is not taken.
    session.flush()
    by_isbn = session.scalar(select(Book.id).where(Book.isbn == code, Book.id != book_id))
    return by_isbn is not None or session.scalar(select(BookCode.id).where(BookCode.code == code)) is not None


def _restore_code(session: Session, book: Book, was: str | None, now: str | None) -> tuple[Any] | None:
    codes = table(BookCode)
    if now is not None:
        gone = session.execute(
            delete(codes).where(codes.c.book_id == book.id, codes.c.code == now).returning(codes.c.id)
        )
        if gone.first() is None:
            return (None,)
    if was is not None:
        if _taken(session, book.id, was) or book.isbn == was:
            return (was,)
        session.execute(insert(codes).values(book_id=book.id, code=was))
    return None


def _restore_merge(session: Session, book: Book, was: int | None, now: int | None) -> tuple[Any] | None:
    current = session.scalar(select(BookMerge.into_id).where(BookMerge.book_id == book.id))
    if current != now:
        return (current,)
    session.execute(delete(table(BookMerge)).where(table(BookMerge).c.book_id == book.id))
    if was is not None:
        session.execute(insert(table(BookMerge)).values(book_id=book.id, into_id=was))
    return None


def _restore_supplier(session: Session, book: Book, was: dict[str, Any] | None, now: Any) -> tuple[Any] | None:
    rows = table(BookSupplier)
    wanted = (was or now)["supplier_id"]
    here = (rows.c.book_id == book.id) & (rows.c.supplier_id == wanted)
    there = session.execute(select(rows.c.id).where(here)).first() is not None
    if there != (now is not None):
        return (wanted if there else None,)
    if was is not None:
        session.execute(insert(rows).values(book_id=book.id, **was))
    else:
        session.execute(delete(rows).where(here))
    return None


def _restore_usual(session: Session, book: Book, was: int | None, now: int | None) -> tuple[Any] | None:
    current = usual_terms(session, book.id)[0]
    if current != now or (was is not None and session.get(Supplier, was) is None):
        return (current,)
    set_usual(session, [book.id], was)
    set_fields(book, {})
    session.flush()
    return None


def _restore_asked(session: Session, book: Book, was: int | None, now: int | None) -> tuple[Any] | None:
    supplier_id, current = usual_terms(session, book.id)
    if supplier_id is None or current != now:
        return (current,)
    set_asked(session, book.id, was)
    set_fields(book, {})
    session.flush()
    return None


def _restore_stock(session: Session, app: App, operator: Operator, book: Book, delta: int) -> tuple[Any] | None:
    move_stock(session, app, operator, book.id, delta, "Merge undone" if delta else "")
    session.refresh(book, ["stock"])
    return None


def _restore_review(session: Session, book: Book, was: Any, now: Any) -> tuple[Any] | None:
    return restore_review(session, book.id, was, now)


# What is no field of the title itself.
_OTHERS: dict[str, Callable[[Session, Book, Any, Any], tuple[Any] | None]] = {
    "code": _restore_code,
    "merged_into": _restore_merge,
    "supplier": _restore_supplier,
    "usual_supplier": _restore_usual,
    "supplier_cost": _restore_asked,
    REVIEW: _restore_review,
}
