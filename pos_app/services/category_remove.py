"""Taking a category away: its titles go elsewhere, what is inside it one level up, all of it undone by one undo."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import Permission
from pos_app.errors import Conflict, Refused
from pos_app.models import Book, Category, Promotion, StockCountDocument
from pos_app.services.book_bulk import BATCH, BulkChange, Progress, store
from pos_app.services.category import (
    CategoryNode,
    change_category,
    locked_categories,
    record_category,
    state_of,
    tree_of,
)
from pos_app.services.right import Operator, require


@dataclass(frozen=True, slots=True)
class CategoryUse:
    """How many titles a category has, and how many categories are right inside it."""

    titles: int
    inside: int


async def category_use(app: App, category_id: int) -> CategoryUse:
    """Give what taking a category away would move."""

    def act(session: Session) -> CategoryUse:
        titles = session.scalar(select(func.count()).select_from(Book).where(Book.category_id == category_id))
        inside = session.scalar(select(func.count()).select_from(Category).where(Category.parent_id == category_id))
        return CategoryUse(titles or 0, inside or 0)

    return await app.db.read(act)


async def remove_category(
    app: App,
    operator: Operator,
    category_id: int,
    version: int,
    *,
    titles_to: int | None = None,
    progress: Progress = lambda _done, _total: None,
) -> list[CategoryNode]:
    """Take a category away, five hundred titles a transaction, and at last itself; gives the tree.

    Its titles get the category `titles_to`, or none; what is inside it goes one level up. One undo takes it all back,
    also where this was broken off. Raises Refused("category.bound" | "category.missing" | "right.missing"),
    Conflict("category.changed", current: the tree).
    """
    uid, moved = app.ids.new(), BulkChange(fields={"category_id": titles_to})
    held = select(Book.id).where(Book.category_id == category_id).order_by(Book.id).limit(BATCH)

    def check(session: Session) -> None:
        _check(session, operator, category_id, version, titles_to)

    def move(session: Session) -> int:
        return store(session, operator, uid, session.scalars(held).all(), moved, kind="category")

    def take_away(session: Session) -> list[CategoryNode] | None:
        known = locked_categories(session, operator)
        check(session)
        # What was put into it meanwhile is carried out first: a reference would else be lost.
        if move(session) == BATCH:
            return None
        stored = known[category_id]
        for child in known.values():
            if child.parent_id == category_id:
                change_category(session, operator, uid, child, state_of(child) | {"parent_id": stored.parent_id})
        session.delete(stored)
        session.flush()
        record_category(session, operator, uid, category_id, state_of(stored), None)
        return tree_of(session)

    await app.db.read(check)
    total, done, count = (await category_use(app, category_id)).titles, 0, BATCH
    while count == BATCH:
        count = await app.db.write(move)
        done += count
        progress(done, max(total, done))
        await asyncio.sleep(0)
    while True:
        tree = await app.db.write(take_away)
        if tree is not None:
            return tree


def _check(session: Session, operator: Operator, category_id: int, version: int, titles_to: int | None) -> None:
    require(session, operator, Permission.EDIT_BOOKS)
    stored = session.get(Category, category_id)
    if stored is None or titles_to == category_id or (titles_to and session.get(Category, titles_to) is None):
        raise Refused("category.missing")
    if stored.version != version:
        raise Conflict("category.changed", current=tree_of(session))
    refuse_bound(session, stored)


def refuse_bound(session: Session, stored: Category) -> None:
    """Raise Refused("category.bound") where a promotion or a count names the category."""
    for table in (Promotion, StockCountDocument):
        if session.scalar(select(table.id).where(table.category_id == stored.id).limit(1)) is not None:
            raise Refused("category.bound", name=stored.name)
