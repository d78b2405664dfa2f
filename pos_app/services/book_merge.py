"""Titles that are one under two records: found, and merged into the one that stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind
from pos_app.domain.permission import Permission
from pos_app.domain.same_book import same_author, same_language, same_year
from pos_app.domain.search import fold
from pos_app.errors import Refused
from pos_app.models import Book, BookMerge, BookSupplier, UsedCopy, table
from pos_app.services.book import BookDetail, book_detail
from pos_app.services.book_addition import move_stock
from pos_app.services.book_code import CODES, codes_of, give_code
from pos_app.services.book_edit import set_fields
from pos_app.services.book_history import begin_act, changed_rows, write_rows
from pos_app.services.book_search import BookRow, book_rows
from pos_app.services.right import Operator, require

GROUPS = 50
# Titles that several have, of which so many are looked at: most are other books of the same name.
TITLES = 2_000
SUPPLIED = ("supplier_id", "position", "article_number", "cost")


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Titles that look like one: same words in the title, the same author, the one most stocked first."""

    books: tuple[BookRow, ...]


async def find_duplicates(app: App, operator: Operator, limit: int = GROUPS) -> list[Duplicates]:
    """Give groups of titles on sale that look like one; reads the whole catalogue once.

    Used copies are no duplicates of each other, nor are a hardback and a paperback, two years, languages or volumes,
    nor a book whose author is not known and any other. Raises Refused("right.missing").
    """

    def act(session: Session) -> list[Duplicates]:
        require(session, operator, Permission.EDIT_BOOKS)
        used = select(UsedCopy.id).where(UsedCopy.book_id == Book.id).exists()
        keys = session.execute(
            select(Book.title_key, Book.kind)
            .where(Book.active, ~used)
            .group_by(Book.title_key, Book.kind)
            .having(func.count() > 1)
            .order_by(Book.title_key, Book.kind)
            .limit(TITLES)
        ).all()
        found: list[Duplicates] = []
        for key, kind in keys:
            same = select(Book.id).where(Book.title_key == key, Book.kind == kind, Book.active, ~used)
            found += _alike(book_rows(session, same.order_by(Book.stock.desc(), Book.id).limit(20)))
            if len(found) >= limit:
                break
        return found[:limit]

    return await app.db.read(act)


def _alike(rows: Sequence[BookRow]) -> list[Duplicates]:
    """Group titles of the same words by author, as far as they may be one."""
    groups: list[list[BookRow]] = []
    for row in rows:
        group = next((group for group in groups if _may_be_one(group[0], row)), None)
        if group is None:
            groups.append([row])
        else:
            group.append(row)
    return [Duplicates(tuple(group)) for group in groups if len(group) > 1]


def _may_be_one(one: BookRow, other: BookRow) -> bool:
    if not (fold(one.author) and fold(other.author)) and BookKind.BOOK in (one.kind, other.kind):
        return False
    return (
        same_author(one.author, other.author)
        and (not one.format or not other.format or one.format == other.format)
        and (not one.series_number or not other.series_number or one.series_number == other.series_number)
        and same_language(one.language, other.language)
        and same_year(one.published_on, other.published_on)
    )


async def merge_books(app: App, operator: Operator, into_id: int, book_id: int) -> BookDetail:
    """Merge a title into another, which gets its codes, used copies, suppliers and stock; the old one is sold no more.

    What was sold stays with the old title. One undo takes it back. Raises Refused("merge.itself" | "merge.kind" |
    "merge.done" | "book.missing" | "right.missing").
    """
    if into_id == book_id:
        raise Refused("merge.itself")

    def act(session: Session) -> BookDetail:
        require(session, operator, Permission.EDIT_BOOKS)
        # Locked in the order in which sales lock.
        locking = select(Book).where(Book.id.in_((into_id, book_id))).order_by(Book.id).with_for_update()
        books = {book.id: book for book in session.scalars(locking.execution_options(populate_existing=True))}
        if len(books) < 2:  # noqa: PLR2004 - both
            raise Refused("book.missing")
        into, old = books[into_id], books[book_id]
        _check(session, into, old)
        act_id = begin_act(session, operator, app.ids.new(), "merge")
        _move_codes(session, act_id, into, old)
        _move_suppliers(session, act_id, into, old)
        _move_stock(session, app, operator, act_id, into, old)
        used = table(UsedCopy)
        session.execute(update(used).where(used.c.copy_of_id == old.id).values(copy_of_id=into.id))
        session.add(BookMerge(book_id=old.id, into_id=into.id))
        rows = changed_rows(act_id, old.id, {"active": old.active}, {"active": False, "merged_into": into.id})
        write_rows(session, rows)
        set_fields(old, {"active": False})
        set_fields(into, {})
        session.flush()
        session.expire_all()
        return book_detail(session, into_id)

    return await app.db.write(act)


async def merged_into(app: App, book_id: int) -> int | None:
    """Give the id of the title another was merged into, or None."""
    return await app.db.read(
        lambda session: session.scalar(select(BookMerge.into_id).where(BookMerge.book_id == book_id))
    )


def _check(session: Session, into: Book, old: Book) -> None:
    if into.kind is not old.kind:
        raise Refused("merge.kind", title=old.title)
    merged = set(session.scalars(select(BookMerge.book_id).where(BookMerge.book_id.in_((into.id, old.id)))))
    if merged:
        raise Refused("merge.done", title=(old if old.id in merged else into).title)
    copies = set(session.scalars(select(UsedCopy.book_id).where(UsedCopy.book_id.in_((into.id, old.id)))))
    if copies:
        raise Refused("copy.of_copy")


def _move_codes(session: Session, act_id: int, into: Book, old: Book) -> None:
    codes = codes_of(session, old.id)
    session.execute(delete(CODES).where(CODES.c.book_id == old.id))
    # Undone from the last row to the first: the new title loses a code before the old one gets it back.
    for code in codes:
        write_rows(session, changed_rows(act_id, old.id, {"code": code}, {"code": None}))
    if old.isbn is not None:
        codes.append(old.isbn)
        write_rows(session, changed_rows(act_id, old.id, {"isbn": old.isbn}, {"isbn": None}))
        set_fields(old, {"isbn": None})
        session.flush()
    for code in codes:
        give_code(session, into.id, code)
        write_rows(session, changed_rows(act_id, into.id, {}, {"code": code}))


def _move_suppliers(session: Session, act_id: int, into: Book, old: Book) -> None:
    rows = table(BookSupplier)
    columns = [rows.c[name] for name in SUPPLIED]
    known = set(session.scalars(select(rows.c.supplier_id).where(rows.c.book_id == into.id)))
    for row in session.execute(select(*columns).where(rows.c.book_id == old.id).order_by(rows.c.position)).all():
        if row.supplier_id not in known:
            supplied = dict(zip(SUPPLIED, row, strict=True))
            session.execute(insert(rows).values(book_id=into.id, **supplied))
            write_rows(session, changed_rows(act_id, into.id, {}, {"supplier": supplied}))


def _move_stock(session: Session, app: App, operator: Operator, act_id: int, into: Book, old: Book) -> None:
    """As a pair of rows of the ledger, which is never rewritten."""
    moved = old.stock
    if moved:
        move_stock(session, app, operator, old.id, -moved, f"Merged into {into.id}")
        move_stock(session, app, operator, into.id, moved, f"Merged from {old.id}")
        write_rows(session, changed_rows(act_id, old.id, {"moved_stock": 0}, {"moved_stock": -moved}))
        write_rows(session, changed_rows(act_id, into.id, {"moved_stock": 0}, {"moved_stock": moved}))
