"""Changing the catalogue: price, cost, reorder level, category, tax; and correcting stock, which is a ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind, StockReason
from pos_app.domain.permission import Permission
from pos_app.domain.pricing import check_price
from pos_app.domain.search import is_storable
from pos_app.errors import Conflict, Refused
from pos_app.models import Book, Category, StockMovement, TaxRate, table
from pos_app.services.book import BookDetail, book_detail
from pos_app.services.right import Operator, require

MAX_STOCK = 1_000_000
MAX_TEXT = 255
MAX_SHELF = 40
EDITABLE = frozenset(
    {"title", "author", "price", "cost", "reorder_at", "category_id", "tax_rate_id", "shelf", "publisher", "active"}
)


@dataclass(frozen=True, slots=True)
class StockCount:
    """A correction: how many were counted, and how many the person was told there are."""

    counted: int
    expected: int
    reason: str = "Corrected by hand"


async def edit_book(
    app: App, operator: Operator, book_id: int, version: int, changes: Mapping[str, object]
) -> BookDetail:
    """Change a title's fields, provided nobody else did since `version`.

    Raises Conflict("book.changed", current: BookDetail) or Refused("book.…" | "price.invalid" | "reorder.invalid" |
    "right.missing").
    """
    return await app.db.write(lambda session: _edit(session, operator, book_id, version, changes))


async def correct_stock(app: App, operator: Operator, book_id: int, count: StockCount) -> BookDetail:
    """Set a title's stock to what was counted, as a movement of the difference.

    A sale since the person looked is not overwritten: Refused("stock.changed", current_stock=…). Also raises
    Refused("stock.invalid" | "book.missing" | "book.service_stock" | "right.missing").
    """
    return await app.db.write(lambda session: _correct(session, app, operator, book_id, count))


def _edit(
    session: Session, operator: Operator, book_id: int, version: int, changes: Mapping[str, object]
) -> BookDetail:
    require(session, operator, Permission.EDIT_BOOKS)
    book = session.scalar(select(Book).where(Book.id == book_id).with_for_update())
    if book is None:
        raise Refused("book.missing", book_id=book_id)
    if book.version != version:
        raise Conflict("book.changed", current=book_detail(session, book_id))
    if unknown := set(changes) - EDITABLE:
        raise TypeError(f"not editable: {unknown}")
    _check(session, changes)
    for name, value in changes.items():
        setattr(book, name, value)
    book.fold_words()
    book.version += 1
    session.flush()
    return book_detail(session, book_id)


def _check(session: Session, changes: Mapping[str, object]) -> None:
    for name, value in changes.items():
        _check_text(name, value)
        match name:
            case "price" | "cost" if value is not None or name == "price":
                check_price(value if _is_whole(value) else -1)
            case "reorder_at" if not (_is_whole(value) and 0 <= value <= MAX_STOCK):
                raise Refused("reorder.invalid", limit=MAX_STOCK)
            case "active" if not isinstance(value, bool):
                raise TypeError(f"active is {value!r}")
            case "category_id" if value is not None and session.get(Category, value) is None:
                raise Refused("book.category")
            case "tax_rate_id" if value is None or session.get(TaxRate, value) is None:
                raise Refused("book.tax_rate")


def _check_text(name: str, value: object) -> None:
    match name:
        case "title" if not (_fits(value, MAX_TEXT) and value.strip()):
            raise Refused("book.title")
        case "author" if not _fits(value, MAX_TEXT):
            raise Refused("book.author")
        case "publisher" if value is not None and not _fits(value, MAX_TEXT):
            raise Refused("book.publisher")
        case "shelf" if value is not None and not _fits(value, MAX_SHELF):
            raise Refused("book.shelf")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _fits(value: object, length: int) -> TypeGuard[str]:
    """Whether a text can be kept in a column of so many letters, on either database."""
    return isinstance(value, str) and len(value) <= length and is_storable(value)


def _correct(session: Session, app: App, operator: Operator, book_id: int, count: StockCount) -> BookDetail:
    require(session, operator, Permission.CORRECT_STOCK)
    if not 0 <= count.counted <= MAX_STOCK:
        raise Refused("stock.invalid", limit=MAX_STOCK)
    book = session.scalar(select(Book).where(Book.id == book_id).with_for_update())
    if book is None:
        raise Refused("book.missing", book_id=book_id)
    if book.kind is BookKind.SERVICE:
        raise Refused("book.service_stock")
    if book.stock != count.expected:
        raise Refused("stock.changed", current_stock=book.stock, expected=count.expected)
    delta = count.counted - count.expected
    if delta:
        session.execute(
            update(table(Book)).where(table(Book).c.id == book_id).values(stock=table(Book).c.stock + delta)
        )
        session.execute(
            insert(table(StockMovement)).values(
                uid=app.ids.new(),
                book_id=book_id,
                delta=delta,
                reason=StockReason.CORRECTION,
                document=count.reason[:MAX_TEXT],
                user_id=operator.user_id,
                till_id=operator.till_id,
            )
        )
    session.expire_all()
    return book_detail(session, book_id)
