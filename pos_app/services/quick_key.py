"""The grid of what has no barcode: services, small goods, and departments asked for their price."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.free_text import free_text
from pos_app.domain.kinds import BookKind
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_price
from pos_app.domain.search import search_words, sort_key
from pos_app.errors import Refused
from pos_app.models import Book, QuickKey, TaxRate
from pos_app.services.right import Operator, require

MAX_KEYS, MAX_LABEL = 24, 40


@dataclass(frozen=True, slots=True)
class QuickKeyRow:
    """One key; `price` in minor units, asked for at the counter where `open_price` is true."""

    id: int
    position: int
    label: str
    book_id: int
    price: int
    open_price: bool


async def list_quick_keys(app: App) -> list[QuickKeyRow]:
    """Give the keys in their order."""
    return await app.db.read(_rows)


async def add_quick_key(
    app: App, operator: Operator, label: str, price: int | None, tax_rate_id: int
) -> list[QuickKeyRow]:
    """Add a thing without a barcode, or without a price a department; gives all keys.

    Raises Refused("quick_key.label" | "quick_key.full" | "price.invalid" | "book.tax_rate" | "right.missing").
    """
    label = _checked(label)
    if price is not None:
        check_price(price)

    def act(session: Session) -> list[QuickKeyRow]:
        require(session, operator, Permission.EDIT_BOOKS)
        _lock(session)
        rate = session.get(TaxRate, tax_rate_id)
        if rate is None or not rate.active:
            raise Refused("book.tax_rate")
        book = Book(
            title=label,
            author="",
            price=price or 0,
            kind=BookKind.SERVICE,
            tax_rate_id=tax_rate_id,
            title_key=sort_key(label),
            search_text=search_words(label, ""),
            open_price=price is None,
        )
        session.add(book)
        session.flush()
        return _put_last(session, book.id, label)

    return await app.db.write(act)


async def add_title_key(app: App, operator: Operator, book_id: int) -> list[QuickKeyRow]:
    """Put something of the catalogue on the grid, under its own title; gives all keys.

    Raises Refused("quick_key.there" | "quick_key.full" | "book.missing" | "book.inactive" | "right.missing").
    """

    def act(session: Session) -> list[QuickKeyRow]:
        require(session, operator, Permission.EDIT_BOOKS)
        _lock(session)
        book = session.get(Book, book_id)
        if book is None:
            raise Refused("book.missing")
        if not book.active:
            raise Refused("book.inactive", title=book.title)
        if session.scalar(select(QuickKey.id).where(QuickKey.book_id == book_id).limit(1)) is not None:
            raise Refused("quick_key.there", title=book.title)
        return _put_last(session, book_id, _shortened(book.title))

    return await app.db.write(act)


async def move_quick_key(app: App, operator: Operator, key_id: int, step: int) -> list[QuickKeyRow]:
    """Let a key change places with its neighbour; gives all keys. Raises Refused("right.missing")."""

    def act(session: Session) -> list[QuickKeyRow]:
        require(session, operator, Permission.EDIT_BOOKS)
        _lock(session)
        rows = _rows(session)
        place = next((place for place, row in enumerate(rows) if row.id == key_id), None)
        if place is None or not 0 <= place + step < len(rows):
            return rows
        first, second = rows[place], rows[place + step]
        for key, position in ((first.id, -1), (second.id, first.position), (first.id, second.position)):
            session.execute(update(QuickKey).where(QuickKey.id == key).values(position=position))
        return _rows(session)

    return await app.db.write(act)


async def remove_quick_key(app: App, operator: Operator, key_id: int) -> list[QuickKeyRow]:
    """Take a key off the grid; what it sold stays in the catalogue. Raises Refused("right.missing")."""

    def act(session: Session) -> list[QuickKeyRow]:
        require(session, operator, Permission.EDIT_BOOKS)
        session.execute(delete(QuickKey).where(QuickKey.id == key_id))
        return _rows(session)

    return await app.db.write(act)


def _lock(session: Session) -> None:
    """Let one manager arrange the grid at a time: positions are its keys."""
    session.execute(select(QuickKey.id).order_by(QuickKey.id).with_for_update())


def _put_last(session: Session, book_id: int, label: str) -> list[QuickKeyRow]:
    if (session.scalar(select(func.count()).select_from(QuickKey)) or 0) >= MAX_KEYS:
        raise Refused("quick_key.full", limit=MAX_KEYS)
    last = session.scalar(select(func.max(QuickKey.position))) or 0
    session.add(QuickKey(position=last + 1, label=label, book_id=book_id))
    session.flush()
    return _rows(session)


def _rows(session: Session) -> list[QuickKeyRow]:
    rows = session.execute(
        select(QuickKey.id, QuickKey.position, QuickKey.label, QuickKey.book_id, Book.price, Book.open_price)
        .join(Book, Book.id == QuickKey.book_id)
        .order_by(QuickKey.position)
    )
    return [QuickKeyRow(*row) for row in rows]


def _shortened(title: str) -> str:
    """A title as a key has room for it, whole words and …."""
    if len(title) <= MAX_LABEL:
        return title
    kept = title[:MAX_LABEL].rpartition(" ")[0] or title[: MAX_LABEL - 1]
    return kept.rstrip(" ,.:;(–-") + "…"


def _checked(label: str) -> str:
    return free_text(label, MAX_LABEL, "quick_key.label", needed=True)
