"""Putting categories back as they were, within the undo of an act."""

import json
from collections.abc import Iterable

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from pos_app.errors import Refused
from pos_app.models import Book, BookAct, Category, CategoryChange, table
from pos_app.services.book_history import begin_act
from pos_app.services.category import State, change_category, locked_categories, record_category, state_of
from pos_app.services.category_remove import refuse_bound
from pos_app.services.right import Operator


def count_category_changes(session: Session, act_uid: str) -> int:
    """How many changes of categories an act holds."""
    query = select(func.count()).select_from(CategoryChange).join(BookAct, BookAct.id == CategoryChange.act_id)
    return session.scalar(query.where(BookAct.uid == act_uid)) or 0


def put_categories_back(
    session: Session, operator: Operator, act_uid: str, uid: str, kind: str, *, made: bool
) -> tuple[int, list[str]]:
    """Put back what an act did to categories, newest first: those it made (`made`), or all others.

    Gives how many were put back, and the names of those that somebody changed or needs since. Titles go between: they
    need the category that was taken away, and leave the one that was made.
    """
    query = select(CategoryChange).join(BookAct, BookAct.id == CategoryChange.act_id).where(BookAct.uid == act_uid)
    changes = session.scalars(query.order_by(CategoryChange.id.desc())).all()
    known = locked_categories(session, operator)
    done, kept = 0, list[str]()
    for change in changes:
        old, new = json.loads(change.old), json.loads(change.new)
        if (old is None) != made:
            continue
        begin_act(session, operator, uid, kind, undoes=act_uid)
        if _put_back(session, operator, uid, known, change.category_id, old, new):
            done += 1
        else:
            kept.append(str((old or new)["name"]))
    return done, kept


def _put_back(
    session: Session, operator: Operator, uid: str, known: dict[int, Category], number: int, old: State | None,
    new: State | None,
) -> bool:  # fmt: skip
    stored = known.get(number)
    if old is not None and old["parent_id"] not in known:
        # A parent that is gone since leaves it at the top.
        old = old | {"parent_id": None}
    if (None if stored is None else state_of(stored)) != new:
        return False
    if old is not None and (_taken(known.values(), number, old["name"]) or _goes_round(known, number, old)):
        return False
    if stored is None:
        assert old is not None  # noqa: S101 - an act changes something
        session.execute(insert(table(Category)).values(id=number, version=1, **old))
        known[number] = session.scalars(select(Category).where(Category.id == number)).one()
        record_category(session, operator, uid, number, None, old)
    elif old is None:
        return _take_away(session, operator, uid, known, stored)
    else:
        change_category(session, operator, uid, stored, old)
    return True


def _taken(known: Iterable[Category], number: int, name: str) -> bool:
    return any(row.name.casefold() == name.casefold() and row.id != number for row in known)


def _goes_round(known: dict[int, Category], number: int, wanted: State) -> bool:
    """Whether a category would be inside itself."""
    above, seen = wanted["parent_id"], set[int]()
    while above is not None and above in known and above not in seen:
        if above == number:
            return True
        seen.add(above)
        above = known[above].parent_id
    return False


def _take_away(session: Session, operator: Operator, uid: str, known: dict[int, Category], stored: Category) -> bool:
    try:
        refuse_bound(session, stored)
    except Refused:
        return False
    held = session.scalar(select(Book.id).where(Book.category_id == stored.id).limit(1))
    if held is not None or any(row.parent_id == stored.id for row in known.values()):
        return False
    session.delete(stored)
    session.flush()
    del known[stored.id]
    record_category(session, operator, uid, stored.id, state_of(stored), None)
    return True
