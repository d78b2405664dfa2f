"""How a person likes to look at the list of books: views by name, and the view they left the list with."""

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.kinds import Missing, StockState
from pos_app.errors import Refused
from pos_app.models import SavedView, table
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import ListOrder, SortBy
from pos_app.services.right import Operator

BOOKS = "books"
MAX_NAME = 80
MAX_VIEWS = 50
# The view without a name: how the list was left.
LEFT = ""
# What of a filter is of the moment: a time, and titles chosen in the list.
PASSING = frozenset({"changed_since", "ids", "without"})


@dataclass(frozen=True, slots=True)
class View:
    """Filters, order and columns; `changed_days` is how far back changes are shown, from the day it is looked at."""

    wanted: BookFilter = field(default_factory=BookFilter)
    order: ListOrder = field(default_factory=ListOrder)
    columns: tuple[str, ...] = ()
    changed_days: int | None = None


async def list_views(app: App, operator: Operator) -> dict[str, View]:
    """Give a person's views by name, the one they left the list with under `LEFT`."""
    column = table(SavedView).c
    mine = select(column.name, column.content).where(column.user_id == operator.user_id, column.list_name == BOOKS)

    def act(session: Session) -> dict[str, View]:
        return {name: _read(content) for name, content in session.execute(mine.order_by(column.name))}

    return await app.db.read(act)


async def keep_view(app: App, operator: Operator, name: str, view: View) -> None:
    """Keep a view under a name, in place of one of that name.

    Raises Refused("view.name" | "view.many" | "code.card_number").
    """
    name = free_text(name, MAX_NAME, "view.name")

    def act(session: Session) -> None:
        column = table(SavedView).c
        mine = (column.user_id == operator.user_id, column.list_name == BOOKS)
        content = _written(view)
        kept = session.execute(update(table(SavedView)).where(*mine, column.name == name).values(content=content))
        # An update of nothing is no error on either engine; both say how many rows they found.
        if getattr(kept, "rowcount", 0):
            return
        if len(session.scalars(select(column.id).where(*mine)).all()) > MAX_VIEWS:
            raise Refused("view.many", limit=MAX_VIEWS)
        session.execute(
            insert(table(SavedView)).values(user_id=operator.user_id, list_name=BOOKS, name=name, content=content)
        )

    await app.db.write(act)


async def drop_view(app: App, operator: Operator, name: str) -> None:
    """Forget a view; nothing happens where there is none."""
    column = table(SavedView).c
    gone = delete(table(SavedView)).where(
        column.user_id == operator.user_id, column.list_name == BOOKS, column.name == name
    )
    await app.db.write(lambda session: session.execute(gone))


async def kept_text(app: App, operator: Operator, list_name: str, name: str) -> str | None:
    """Give what a person chose once elsewhere than for the list of books, as it was kept."""
    column = table(SavedView).c
    mine = (column.user_id == operator.user_id, column.list_name == list_name, column.name == name)
    return await app.db.read(lambda session: session.scalar(select(column.content).where(*mine)))


async def keep_text(app: App, operator: Operator, list_name: str, name: str, content: str) -> None:
    """Keep what a person chose, in place of what they chose before."""
    column = table(SavedView).c
    mine = {"user_id": operator.user_id, "list_name": list_name, "name": name}

    def act(session: Session) -> None:
        here = [column[name] == value for name, value in mine.items()]
        kept = session.execute(update(table(SavedView)).where(*here).values(content=content).returning(column.id))
        if kept.first() is None:
            session.execute(insert(table(SavedView)).values(**mine, content=content))

    await app.db.write(act)


def _written(view: View) -> str:
    wanted = {name: value for name, value in asdict(view.wanted).items() if name not in PASSING}
    order = {"by": view.order.by, "descending": view.order.descending}
    return json.dumps({"wanted": wanted, "order": order, "columns": view.columns, "changed_days": view.changed_days})


def _read(content: str) -> View:
    """What can be read of a view: one of a newer program may hold what this one does not know."""
    try:
        given: dict[str, Any] = json.loads(content)
        known = {each.name for each in fields(BookFilter)} - PASSING
        wanted = {name: value for name, value in given["wanted"].items() if name in known and value is not None}
        if "state" in wanted:
            wanted["state"] = StockState(wanted["state"])
        if "missing" in wanted:
            wanted["missing"] = Missing(wanted["missing"])
        order = ListOrder(SortBy(given["order"]["by"]), bool(given["order"]["descending"]))
        columns = tuple(str(name) for name in given["columns"])
        return View(replace(BookFilter(), **wanted), order, columns, given.get("changed_days"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return View()
