"""The tree of categories: added, renamed and moved; what is done to it is undone as changes of titles are."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.permission import Permission
from pos_app.errors import Conflict, Refused
from pos_app.models import Category, CategoryChange, table
from pos_app.services.book_history import begin_act
from pos_app.services.right import Operator, require

MAX_NAME = 255
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category in its tree; `depth` is 0 for those at the top, `path` the names from the top on."""

    id: int
    version: int
    name: str
    parent_id: int | None
    depth: int
    path: tuple[str, ...]


async def category_tree(app: App) -> list[CategoryNode]:
    """Give all categories, each followed by what is inside it, by name."""
    return await app.db.read(tree_of)


async def keep_category(
    app: App,
    operator: Operator,
    name: str,
    *,
    parent_id: int | None = None,
    category_id: int | None = None,
    version: int = 1,
) -> list[CategoryNode]:
    """Add a category, or rename and move one that still has `version`; gives the tree.

    Raises Refused("category.name" | "category.taken" | "category.circle" | "category.missing" | "code.card_number" |
    "right.missing"), Conflict("category.changed", current: the tree).
    """
    name = free_text(name, MAX_NAME, "category.name", needed=True)

    def act(session: Session) -> list[CategoryNode]:
        known = locked_categories(session, operator)
        if any(row.name.casefold() == name.casefold() and row.id != category_id for row in known.values()):
            raise Refused("category.taken", name=name)
        if parent_id is not None and parent_id not in known:
            raise Refused("category.missing")
        if category_id is None:
            made = new_category(session, name, parent_id)
            record_category(session, operator, app.ids.new(), made.id, None, state_of(made))
            return tree_of(session)
        stored = known.get(category_id)
        if stored is None:
            raise Refused("category.missing")
        if stored.version != version:
            raise Conflict("category.changed", current=tree_of(session))
        _refuse_circle(known, category_id, parent_id)
        change_category(session, operator, app.ids.new(), stored, {"name": name, "parent_id": parent_id})
        return tree_of(session)

    return await app.db.write(act)


def locked_categories(session: Session, operator: Operator) -> dict[int, Category]:
    """Give all categories, locked, so that two moves at once make no circle. Raises Refused("right.missing")."""
    require(session, operator, Permission.EDIT_BOOKS)
    rows = session.scalars(select(Category).order_by(Category.id).with_for_update())
    return {row.id: row for row in rows}


def new_category(session: Session, name: str, parent_id: int | None = None) -> Category:
    """Add a category inside an act."""
    made = Category(name=name, parent_id=parent_id)
    if session.get_bind().dialect.name == "sqlite":
        # It gives the number of a row that is gone again, and the history of titles would name the wrong one.
        used = [session.scalar(select(func.max(column))) or 0 for column in (Category.id, CategoryChange.category_id)]
        made.id = max(used) + 1
    session.add(made)
    session.flush()
    return made


def change_category(session: Session, operator: Operator, uid: str, stored: Category, wanted: State) -> None:
    """Rename or move a locked category inside an act, and write its history."""
    before = state_of(stored)
    stored.name, stored.parent_id = wanted["name"], wanted["parent_id"]
    if before != state_of(stored):
        stored.version += 1
        session.flush()
        record_category(session, operator, uid, stored.id, before, state_of(stored))


def state_of(stored: Category) -> State:
    """What an undo puts back."""
    return {"name": stored.name, "parent_id": stored.parent_id, "description": stored.description}


def record_category(
    session: Session, operator: Operator, uid: str, category_id: int, old: State | None, new: State | None
) -> None:
    """Write down what became of a category, under an act of changes of titles."""
    act_id = begin_act(session, operator, uid, "category")
    row = {"act_id": act_id, "category_id": category_id, "old": json.dumps(old), "new": json.dumps(new)}
    session.execute(insert(table(CategoryChange)), [row])


def _refuse_circle(known: dict[int, Category], category_id: int, parent_id: int | None) -> None:
    above, seen = parent_id, set[int]()
    while above is not None and above not in seen:
        if above == category_id:
            raise Refused("category.circle")
        seen.add(above)
        above = known[above].parent_id


def tree_of(session: Session) -> list[CategoryNode]:
    """Give the tree inside an act."""
    rows = session.execute(
        select(Category.id, Category.version, Category.name, Category.parent_id).order_by(Category.name)
    ).all()
    inside: dict[int | None, list[tuple[int, int, str]]] = {}
    for number, version, name, parent_id in rows:
        inside.setdefault(parent_id, []).append((number, version, name))
    found: list[CategoryNode] = []
    waiting = [(child, None, ()) for child in reversed(inside.get(None, []))]
    stack: list[tuple[tuple[int, int, str], int | None, tuple[str, ...]]] = list(waiting)
    while stack:
        (number, version, name), parent_id, path = stack.pop()
        found.append(CategoryNode(number, version, name, parent_id, len(path), (*path, name)))
        stack.extend((child, number, (*path, name)) for child in reversed(inside.get(number, [])))
    return found
