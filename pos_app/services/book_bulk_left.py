"""What a change of many titles, or its undo, has left to do: kept until it is done, so that one cut off can go on.

It stands with what a person keeps of the list, for as long as the change takes.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import Missing, StockState
from pos_app.domain.permission import Permission
from pos_app.models import BookAct, SavedView, table
from pos_app.services.book_filter import BookFilter
from pos_app.services.right import Operator

LIST = "bulk"


@dataclass(frozen=True, slots=True)
class Left:
    """A change of many under way: of `total` titles `done` are behind it, `changed` of them other than before.

    What is left are the titles `ids`, or those of the filter whose number is above `last`; `change` is as JSON has it.
    Of an undo it is `undoes` that is taken back, change by change, and what is left are those before number `last`;
    `others` were not put back. Then come additions: what is left are those before `addition`, and `titles` counts what
    became of the titles of the others.
    """

    uid: str
    till_id: int
    begun_at: datetime
    change: dict[str, Any]
    total: int
    done: int = 0
    changed: int = 0
    last: int = 0
    ids: tuple[int, ...] | None = None
    wanted: BookFilter | None = None
    undoes: str | None = None
    others: int = 0
    addition: int | None = None
    titles: dict[str, int] = field(default_factory=dict)


async def list_left(app: App, operator: Operator) -> list[Left]:
    """Give what this person began at this till and was cut off, what was taken back since aside."""

    def act(session: Session) -> list[Left]:
        if not operator.may(Permission.EDIT_BOOKS):
            return []
        return [
            left for left in _read(session, operator) if left.till_id == operator.till_id and not _undone(session, left)
        ]

    return await app.db.read(act)


async def leave(app: App, operator: Operator, uid: str) -> None:
    """Leave undone what a change that was cut off has left to do."""
    await app.db.write(lambda session: drop(session, operator, uid))


def find_left(session: Session, operator: Operator, uid: str) -> Left | None:
    """Give what a change has left to do, None where that is nothing."""
    return next((left for left in _read(session, operator) if left.uid == uid), None)


def keep(session: Session, operator: Operator, left: Left) -> None:
    """Keep what is left to do, in the transaction that did the rest."""
    content = json.dumps(
        {
            **asdict(left),
            "begun_at": left.begun_at.isoformat(),
            "wanted": None if left.wanted is None else _written(left.wanted),
        }
    )
    where = _mine(operator, left.uid)
    kept = session.execute(update(table(SavedView)).where(*where).values(content=content))
    if not getattr(kept, "rowcount", 0):
        mine = {"user_id": operator.user_id, "list_name": LIST, "name": left.uid}
        session.execute(insert(table(SavedView)).values(**mine, content=content))


def drop(session: Session, operator: Operator, uid: str) -> None:
    """Nothing is left to do."""
    session.execute(delete(table(SavedView)).where(*_mine(operator, uid)))


def drop_undos(session: Session, acts: Collection[str]) -> None:
    """Leave undone what anybody's undo of some acts has left to do."""
    column = table(SavedView).c
    kept = session.execute(select(column.id, column.content).where(column.list_name == LIST)).all()
    ids = [number for number, content in kept if json.loads(content).get("undoes") in acts]
    if ids:
        session.execute(delete(table(SavedView)).where(column.id.in_(ids)))


def hold(session: Session, operator: Operator, uid: str) -> bool:
    """Keep others from dropping what is left to do until this transaction ends; False where they did."""
    column = table(SavedView).c
    return session.scalar(select(column.id).where(*_mine(operator, uid)).with_for_update()) is not None


def _mine(operator: Operator, uid: str) -> tuple[Any, ...]:
    column = table(SavedView).c
    return column.user_id == operator.user_id, column.list_name == LIST, column.name == uid


def _undone(session: Session, left: Left) -> bool:
    return session.scalar(select(BookAct.id).where(BookAct.undoes_uid == left.uid).limit(1)) is not None


def _read(session: Session, operator: Operator) -> Iterator[Left]:
    column = table(SavedView).c
    mine = select(column.content).where(column.user_id == operator.user_id, column.list_name == LIST)
    for content in session.scalars(mine.order_by(column.id)):
        given = json.loads(content)
        given["begun_at"] = datetime.fromisoformat(given["begun_at"])
        given["ids"] = None if given["ids"] is None else tuple(given["ids"])
        given["wanted"] = None if given["wanted"] is None else _filter(given["wanted"])
        yield Left(**given)


def _written(wanted: BookFilter) -> dict[str, Any]:
    given = {one.name: getattr(wanted, one.name) for one in fields(wanted)}
    if wanted.changed_since is not None:
        given["changed_since"] = wanted.changed_since.isoformat()
    return given


def _filter(given: dict[str, Any]) -> BookFilter:
    read: dict[str, Callable[[Any], Any]] = {
        "state": StockState,
        "missing": Missing,
        "changed_since": datetime.fromisoformat,
        "ids": tuple,
        "without": tuple,
    }
    values = {name: read[name](value) if name in read and value is not None else value for name, value in given.items()}
    return replace(BookFilter(), **values)
