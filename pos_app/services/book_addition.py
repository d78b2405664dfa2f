"""Titles that an act added and stock that it set: written down with the act, and taken back as far as nobody minds.

What has been sold, moved, ordered or changed since stays; what has a history goes off sale, as history is never
deleted; the rest goes. Stock goes back by rows of the ledger, which is never rewritten.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, delete, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import StockReason
from pos_app.models import (
    Base,
    Book,
    BookAct,
    BookAddition,
    BookChange,
    BookCode,
    BookSubject,
    Category,
    StockMovement,
    UsedCopy,
    table,
)
from pos_app.services.book_history import begin_act, changed_rows, write_rows
from pos_app.services.bulk import insert_rows, update_rows
from pos_app.services.right import Operator

TAKEN_BACK = "Taken back"
# What the ledger says before the reason of a correction that was taken back.
BACK = f"{TAKEN_BACK}: "
# Why stock was set, and by how much it moved.
Step = tuple[str, int]
# How stock is set, and not moved from or to somewhere.
SETTING = (StockReason.OPENING, StockReason.IMPORT, StockReason.CORRECTION, StockReason.COUNT)
ADDITIONS = table(BookAddition)
COPIES = table(UsedCopy)
BOOKS = table(Book)
# What the database keeps for itself.
_OWN = ("id", "created_at", "updated_at", "stock_state")


@dataclass(slots=True)
class TakenBack:
    """What became of titles: gone, off sale, left to whoever did something with them since, or there again.

    `stock` counts those whose stock is what it was.
    """

    gone: int = 0
    inactive: int = 0
    left: int = 0
    back: int = 0
    stock: int = 0


@dataclass(slots=True)
class _Undo:
    """One undo under way, and what it came to."""

    app: App
    operator: Operator
    act_uid: str
    uid: str
    kind: str
    told: TakenBack = field(default_factory=TakenBack)


@dataclass(frozen=True, slots=True)
class Added:
    """Titles that were added: by ISBN, which is known before they are stored, else by number."""

    isbns: Sequence[str] = ()
    ids: Sequence[int] = ()

    def content(self, **more: Any) -> dict[str, Any]:
        """What is written down of them, and more."""
        return {"isbns": self.isbns, "ids": self.ids, **more}


def keep_additions(
    session: Session,
    operator: Operator | None,
    act_uid: str,
    kind: str,
    added: Added,
    moved: Mapping[int, int],
    act_id: int | None = None,
) -> None:
    """Write down inside an act which titles it added, and by how much it moved the stock of which."""
    if added.isbns or added.ids or moved:
        act_id = act_id or begin_act(session, operator, act_uid, kind)
        _keep(session, act_id, added.content(moved=moved))


def _keep(session: Session, act_id: int, content: Mapping[str, Any]) -> None:
    session.execute(insert(ADDITIONS).values(act_id=act_id, content=json.dumps(content)))


def additions_of(session: Session, act_uid: str) -> list[int]:
    """Give the numbers of what an act added, the newest first."""
    rows = select(ADDITIONS.c.id).join(BookAct, BookAct.id == ADDITIONS.c.act_id).where(BookAct.uid == act_uid)
    return list(session.scalars(rows.order_by(ADDITIONS.c.id.desc())))


def switched_off(session: Session, ids: Collection[int]) -> set[int]:
    """Give those of some titles that are off sale since the import that added them was taken back."""
    if not ids:
        return set()
    column = table(BookChange).c
    rows = (
        select(column.book_id, BookAct.kind, BookAct.undoes_uid)
        .join(BookAct, BookAct.id == column.act_id)
        .where(column.book_id.in_(ids), column.field == "active")
        .order_by(column.id)
    )
    last = {book_id: (kind, undoes) for book_id, kind, undoes in session.execute(rows)}
    return {book_id for book_id, (kind, undoes) in last.items() if kind == "import" and undoes is not None}


def take_back(
    session: Session, app: App, operator: Operator, addition: int, act_uid: str, uid: str, kind: str
) -> TakenBack:
    """Take one addition of an act back, inside the act `uid`; what is left to others is kept for another try."""
    here = ADDITIONS.c.id == addition
    text = session.scalar(select(ADDITIONS.c.content).where(here).with_for_update())
    if text is None:
        return TakenBack()
    content: dict[str, Any] = json.loads(text)
    undo = _Undo(app, operator, act_uid, uid, kind)
    moved = {int(book_id): delta for book_id, delta in content.get("moved", {}).items()}
    left = _take_out(session, undo, Added(content.get("isbns", []), content.get("ids", [])), moved)
    stays = _bring_back(session, undo, content.get("gone", []))
    if left.isbns or left.ids or moved or stays:
        rest = left.content(moved=moved, gone=stays)
        session.execute(update(ADDITIONS).where(here).values(content=json.dumps(rest)))
    else:
        session.execute(delete(ADDITIONS).where(here))
    return undo.told


def _take_out(session: Session, undo: _Undo, given: Added, moved: dict[int, int]) -> Added:
    """Take titles out and stock back; what is done leaves `moved`, and what is not done is given back."""
    added = set(session.scalars(select(Book.id).where(Book.isbn.in_(given.isbns) | Book.id.in_(given.ids))))
    ids = added | moved.keys()
    if not ids:
        return Added()
    # Locked in the order in which sales lock.
    columns = [column for column in BOOKS.c if column.name not in ("created_at", "updated_at")]
    locking = select(*columns).where(BOOKS.c.id.in_(ids)).order_by(BOOKS.c.id).with_for_update()
    books: dict[int, Mapping[str, Any]] = {row["id"]: dict(row) for row in session.execute(locking).mappings()}
    steps = _stock_steps(session, ids)
    used, copies = _used(session, added), _copies(session, added)
    changed, edited = _changes(session, added)
    gone: list[int] = []
    inactive: list[int] = []
    counter: dict[int, int] = {}
    # What has used copies after them, as it cannot go before they do.
    for book_id, book in sorted(books.items(), key=lambda one: one[0] in copies):
        on_sale = any(active and one not in gone and one not in inactive for one, active in copies.get(book_id, ()))
        has_copies = any(one not in gone for one, _ in copies.get(book_id, ()))
        delta, own = moved.get(book_id, 0), steps.get(book_id, [])
        if book_id not in added:
            if _set_last(own, delta) and book["stock"] - book["reserved"] >= delta:
                counter[book_id] = delta
            else:
                undo.told.left += 1
        elif on_sale or book_id in used or book_id in edited or not book["active"] or book["stock"] != delta:
            undo.told.left += 1
        else:
            counter |= {book_id: delta} if delta else {}
            (inactive if own or has_copies or book_id in changed else gone).append(book_id)
    _move(session, undo, counter)
    _switch_off(session, undo, inactive)
    _delete(session, undo, [books[book_id] for book_id in gone])
    done = {*counter, *inactive, *gone}
    for book_id in counter:
        moved.pop(book_id)
    rest = [book for book in books.values() if book["id"] in added - done]
    return Added([one["isbn"] for one in rest if one["isbn"]], [one["id"] for one in rest if not one["isbn"]])


def _stock_steps(session: Session, ids: Collection[int]) -> dict[int, list[Step]]:
    """By title the movements that set its stock, the newest last, but for imports and corrections taken back."""
    column = table(StockMovement).c
    rows = select(column.book_id, column.reason, column.delta, column.document).where(
        column.book_id.in_(ids), column.reason.in_(SETTING)
    )
    found: dict[int, list[Step]] = {}
    for book_id, reason, delta, document in session.execute(rows.order_by(column.id)):
        steps = found.setdefault(book_id, [])
        if document == TAKEN_BACK and (StockReason.IMPORT, -delta) in steps:
            steps.remove((StockReason.IMPORT, -delta))
        elif (document or "").startswith(BACK) and steps and steps[-1] == (StockReason.CORRECTION, -delta):
            steps.pop()
        else:
            steps.append((TAKEN_BACK if document == TAKEN_BACK else reason, delta))
    return found


def _set_last(steps: Sequence[Step], delta: int) -> bool:
    """Whether nobody set the stock since an import, an opening, or what took something back, moved it by so much."""
    return bool(steps) and steps[-1] in (
        (StockReason.IMPORT, delta), (StockReason.OPENING, delta), (TAKEN_BACK, delta),
    )  # fmt: skip


def _used(session: Session, ids: Collection[int]) -> set[int]:
    """Those of some titles that anything else in the shop points at, or whose stock moved."""
    column = table(StockMovement).c
    moved = select(column.book_id).where(column.book_id.in_(ids), column.reason.not_in(SETTING)).distinct()
    used = set(session.scalars(moved))
    for pointing in _pointing():
        used |= set(session.scalars(select(pointing).where(pointing.in_(ids)).distinct()))
    return used


def _copies(session: Session, ids: Collection[int]) -> dict[int, list[tuple[int, bool]]]:
    """The used copies of some titles, and whether they are on sale."""
    rows = select(COPIES.c.copy_of_id, COPIES.c.book_id, BOOKS.c.active).join(BOOKS, BOOKS.c.id == COPIES.c.book_id)
    found: dict[int, list[tuple[int, bool]]] = {}
    for original, copy, active in session.execute(rows.where(COPIES.c.copy_of_id.in_(ids))):
        found.setdefault(original, []).append((copy, active))
    return found


@lru_cache(maxsize=1)
def _pointing() -> list[Column[Any]]:
    """Every column that points at a title, but for its history, stock, subjects, further codes and used copies."""
    own = (table(BookChange), table(StockMovement), table(BookSubject), table(BookCode), COPIES)
    return [
        key.parent
        for one in Base.metadata.sorted_tables
        if one not in own
        for key in one.foreign_keys
        if key.column.table is BOOKS
    ]


def _changes(session: Session, ids: Collection[int]) -> tuple[set[int], set[int]]:
    """Those of some titles that have a history, and those of which a field is no longer what it was."""
    column = table(BookChange).c
    rows = select(column.book_id, column.field, column.old, column.new).where(column.book_id.in_(ids))
    spans: dict[tuple[int, str], tuple[str, str]] = {}
    for book_id, name, old, new in session.execute(rows.order_by(column.id)):
        first, _ = spans.get((book_id, name), (old, new))
        spans[book_id, name] = (first, new)
    edited = {book_id for (book_id, _), (first, last) in spans.items() if first != last}
    return {book_id for book_id, _ in spans}, edited


def _move(session: Session, undo: _Undo, counter: Mapping[int, int]) -> None:
    if not counter:
        return
    act_id = begin_act(session, undo.operator, undo.uid, undo.kind, undoes=undo.act_uid)
    if undo.kind != "import":
        # Done again, or taken back once more, the stock comes back too.
        _keep(session, act_id, Added().content(moved={book_id: -delta for book_id, delta in counter.items()}))
    ordered, operator = sorted(counter.items()), undo.operator
    update_rows(session, BOOKS, [{"id": book_id, "stock": -delta} for book_id, delta in ordered], added=("stock",))
    insert_rows(
        session,
        table(StockMovement),
        [
            {
                "uid": undo.app.ids.new(),
                "book_id": book_id,
                "delta": -delta,
                "reason": StockReason.CORRECTION,
                "document": TAKEN_BACK,
                "user_id": operator.user_id,
                "till_id": operator.till_id,
            }
            for book_id, delta in ordered
        ],
    )
    undo.told.stock += len(counter)


def _switch_off(session: Session, undo: _Undo, ids: Sequence[int]) -> None:
    if not ids:
        return
    switching = update(BOOKS).where(BOOKS.c.id.in_(ids)).values(active=False, version=BOOKS.c.version + 1)
    session.execute(switching)
    act_id = begin_act(session, undo.operator, undo.uid, undo.kind, undoes=undo.act_uid)
    write_rows(session, [row for one in ids for row in changed_rows(act_id, one, {"active": True}, {"active": False})])
    undo.told.inactive += len(ids)


def _delete(session: Session, undo: _Undo, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    ids = [row["id"] for row in rows]
    session.execute(delete(COPIES).where(COPIES.c.book_id.in_(ids)))
    session.execute(delete(BOOKS).where(BOOKS.c.id.in_(ids)))
    act_id = begin_act(session, undo.operator, undo.uid, undo.kind, undoes=undo.act_uid)
    if undo.kind != "import":
        gone = [{name: value for name, value in row.items() if name not in _OWN} for row in rows]
        _keep(session, act_id, {"gone": gone})
    undo.told.gone += len(rows)


def _bring_back(session: Session, undo: _Undo, gone: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add titles again that were taken out; gives those whose ISBN is another's by now."""
    stays = []
    back, numbers = [], []
    for row in gone:
        isbn = row["isbn"]
        taken = select(Book.id).where(Book.isbn == isbn).limit(1)
        as_code = select(BookCode.id).where(BookCode.code == isbn).limit(1)
        if isbn is not None and (session.scalar(taken) is not None or session.scalar(as_code) is not None):
            undo.told.left += 1
            stays.append(row)
            continue
        if row["category_id"] is not None and session.get(Category, row["category_id"]) is None:
            row["category_id"] = None
        number = session.execute(insert(BOOKS).values(**row).returning(BOOKS.c.id)).scalar_one()
        if isbn is None:
            numbers.append(number)
        else:
            back.append(isbn)
    if back or numbers:
        act_id = begin_act(session, undo.operator, undo.uid, undo.kind, undoes=undo.act_uid)
        _keep(session, act_id, Added(back, numbers).content())
        undo.told.back += len(back) + len(numbers)
    return stays


def move_stock(
    session: Session,
    app: App,
    operator: Operator,
    book_id: int,
    delta: int,
    document: str,
    reason: StockReason = StockReason.CORRECTION,
    uid: str | None = None,
) -> None:
    """Move a title's stock inside an act by a row of the ledger, which is never rewritten; `uid` is the row's."""
    if not delta:
        return
    session.execute(update(BOOKS).where(BOOKS.c.id == book_id).values(stock=BOOKS.c.stock + delta))
    session.execute(
        insert(table(StockMovement)).values(
            uid=uid or app.ids.new(),
            book_id=book_id,
            delta=delta,
            reason=reason,
            document=document,
            user_id=operator.user_id,
            till_id=operator.till_id,
        )
    )
