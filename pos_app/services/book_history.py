"""The history of titles: every field that was changed, by whom, when, from what to what; and acts that undo others."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from pos_app.app import App
from pos_app.domain.book_act import Act, stacks
from pos_app.domain.permission import Permission
from pos_app.models import BookAct, BookChange, Category, Supplier, TaxRate, Till, User, table
from pos_app.services.bulk import insert_rows
from pos_app.services.right import Operator, require

REMEMBERED = 200
SHOWN = 100


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of one field. `old` and `new` are the values; categories and tax rates by name.

    `act` is the uid of what was done, `kind` what it was ("edit", "bulk", "merge", "undo", …), `undone` whether it
    was taken back since.
    """

    id: int
    act: str
    kind: str
    happened_at: datetime
    operator: str | None
    till: int | None
    field: str
    old: Any
    new: Any
    undone: bool


@dataclass(frozen=True, slots=True)
class UndoState:
    """What the person's next undo and redo would take back: uid and kind of the act, None where there is nothing."""

    undo: str | None = None
    redo: str | None = None
    undo_kind: str | None = None
    redo_kind: str | None = None


async def book_history(
    app: App, operator: Operator, book_id: int, *, field: str | None = None, before: int | None = None
) -> list[ChangeRow]:
    """Give a title's changes, newest first, a hundred at a time before the change `before`; `field` narrows to one.

    Raises Refused("right.missing").
    """

    def act(session: Session) -> list[ChangeRow]:
        require(session, operator, Permission.EDIT_BOOKS)
        changes, acts, undoing = table(BookChange).c, table(BookAct).c, aliased(BookAct)
        undone = select(undoing.id).where(undoing.undoes_uid == acts.uid).exists()
        query = (
            select(changes.id, acts.uid, acts.kind, changes.created_at, User.username, Till.number, changes.field,
                   changes.old, changes.new, undone)
            .join_from(table(BookChange), table(BookAct), acts.id == changes.act_id)
            .join(User, User.id == acts.user_id, isouter=True)
            .join(Till, Till.id == acts.till_id, isouter=True)
            .where(changes.book_id == book_id)
            .order_by(changes.id.desc())
            .limit(SHOWN)
        )  # fmt: skip
        if field is not None:
            query = query.where(changes.field == field)
        if before is not None:
            query = query.where(changes.id < before)
        names = _names(session)
        rows: Any = session.execute(query)
        return [_row(names, *row) for row in rows]

    return await app.db.read(act)


async def undo_state(app: App, operator: Operator) -> UndoState:
    """Give what this person can undo and redo."""
    return await app.db.read(lambda session: read_undo_state(session, operator))


def read_undo_state(session: Session, operator: Operator) -> UndoState:
    """Give what a person can undo and redo, inside an act: of the last two hundred things done."""
    rows = session.execute(
        select(BookAct.uid, BookAct.undoes_uid, BookAct.kind)
        .where(BookAct.user_id == operator.user_id, BookAct.kind != "import")
        .order_by(BookAct.id.desc())
        .limit(REMEMBERED)
    ).all()[::-1]
    kinds = {uid: kind for uid, _, kind in rows}
    undo, redo = stacks(Act(uid, undoes) for uid, undoes, _ in rows)
    last, next_ = (undo[-1] if undo else None), (redo[-1] if redo else None)
    return UndoState(last, next_, kinds.get(last or ""), kinds.get(next_ or ""))


def begin_act(session: Session, operator: Operator | None, uid: str, kind: str, undoes: str | None = None) -> int:
    """Give the id of an act, made if its uid is new; without an operator it is the shop's own machine that acts."""
    known = session.scalar(select(BookAct.id).where(BookAct.uid == uid))
    if known is not None:
        return known
    made = BookAct(
        uid=uid,
        kind=kind,
        undoes_uid=undoes,
        user_id=operator.user_id if operator else None,
        till_id=operator.till_id if operator else None,
    )
    session.add(made)
    session.flush()
    return made.id


def record_changes(
    session: Session,
    operator: Operator | None,
    act_uid: str,
    book: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    kind: str = "edit",
) -> int:
    """Write down what differs between two states of the title with id `book`; gives how many fields did.

    Many titles may be changed under one `act_uid`. Values are what JSON can hold.
    """
    act_id = begin_act(session, operator, act_uid, kind)
    rows = changed_rows(act_id, book, before, after)
    write_rows(session, rows)
    return len(rows)


def changed_rows(
    act_id: int, book_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Give the rows of history for what differs, to be written many at once with `write_rows`."""
    return [
        {"act_id": act_id, "book_id": book_id, "field": name, "old": _json(before.get(name)), "new": _json(value)}
        for name, value in after.items()
        if before.get(name) != value
    ]


def write_rows(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write rows of history."""
    insert_rows(session, table(BookChange), rows)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _names(session: Session) -> dict[str, dict[int, str]]:
    return {
        "category_id": {row.id: row.name for row in session.execute(select(Category.id, Category.name))},
        "tax_rate_id": {row.id: row.name for row in session.execute(select(TaxRate.id, TaxRate.name))},
        "usual_supplier": {row.id: row.name for row in session.execute(select(Supplier.id, Supplier.name))},
    }


def _row(names: dict[str, dict[int, str]], *given: Any) -> ChangeRow:
    number, uid, kind, moment, person, till, field, old, new, undone = given
    before, after = _said(names, field, json.loads(old)), _said(names, field, json.loads(new))
    return ChangeRow(number, uid, kind, moment, person, till, field, before, after, bool(undone))


def _said(names: dict[str, dict[int, str]], field: str, value: Any) -> Any:
    return names[field].get(value, value) if field in names and value is not None else value
