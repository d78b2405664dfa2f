"""The tree of categories: added, renamed, moved, and taken away when empty."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.domain.search import is_storable
from pos_app.errors import Conflict, Refused
from pos_app.models import Book, Category
from pos_app.services.right import Operator, require

MAX_NAME = 255


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
    return await app.db.read(_tree)


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

    Raises Refused("category.name" | "category.taken" | "category.circle" | "category.missing" | "right.missing"),
    Conflict("category.changed", current: the tree).
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not is_storable(name):
        raise Refused("category.name")

    def act(session: Session) -> list[CategoryNode]:
        require(session, operator, Permission.EDIT_BOOKS)
        # All of them, so that two moves at once make no circle.
        known = {row.id: row for row in session.scalars(select(Category).order_by(Category.id).with_for_update())}
        if any(row.name.casefold() == name.casefold() and row.id != category_id for row in known.values()):
            raise Refused("category.taken", name=name)
        if parent_id is not None and parent_id not in known:
            raise Refused("category.missing")
        if category_id is None:
            session.add(Category(name=name, parent_id=parent_id))
        else:
            stored = known.get(category_id)
            if stored is None:
                raise Refused("category.missing")
            if stored.version != version:
                raise Conflict("category.changed", current=_tree(session))
            _refuse_circle(known, category_id, parent_id)
            stored.name, stored.parent_id, stored.version = name, parent_id, version + 1
        session.flush()
        return _tree(session)

    return await app.db.write(act)


async def remove_category(app: App, operator: Operator, category_id: int) -> list[CategoryNode]:
    """Take an empty category away; gives the tree.

    Raises Refused("category.used" | "category.missing" | "right.missing").
    """

    def act(session: Session) -> list[CategoryNode]:
        require(session, operator, Permission.EDIT_BOOKS)
        stored = session.scalar(select(Category).where(Category.id == category_id).with_for_update())
        if stored is None:
            raise Refused("category.missing")
        held = session.scalar(select(Book.id).where(Book.category_id == category_id).limit(1))
        inside = session.scalar(select(Category.id).where(Category.parent_id == category_id).limit(1))
        if held is not None or inside is not None:
            raise Refused("category.used", name=stored.name)
        session.delete(stored)
        session.flush()
        return _tree(session)

    return await app.db.write(act)


def _refuse_circle(known: dict[int, Category], category_id: int, parent_id: int | None) -> None:
    above, seen = parent_id, set[int]()
    while above is not None and above not in seen:
        if above == category_id:
            raise Refused("category.circle")
        seen.add(above)
        above = known[above].parent_id


def _tree(session: Session) -> list[CategoryNode]:
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
