"""The catalogue: the queries every user of one expects, one book whole, and a book by its code."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.isbn import CodeKind, parse_code
from pos_app.domain.kinds import Availability
from pos_app.domain.used import Grade
from pos_app.errors import Refused
from pos_app.models import (
    Book,
    BookCode,
    BookKind,
    BookSupplier,
    Category,
    Review,
    StockMovement,
    StockReason,
    TaxRate,
    UsedCopy,
    User,
    table,
)
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_search import BookRow, book_rows, filtered

MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class BookDetail:
    """One title, whole; amounts in minor units, `usual_supplier` by its number, and what that one asks for a copy."""

    id: int
    version: int
    isbn: str | None
    title: str
    author: str
    description: str | None
    price: int
    cost: int | None
    stock: int
    reorder_at: int
    category_id: int | None
    category: str | None
    tax_rate_id: int
    tax_name: str
    tax_rate: Decimal
    publisher: str | None
    published_on: str | None
    format: str | None
    language: str | None
    shelf: str | None
    kind: BookKind
    active: bool
    rating: float | None
    reviews: int
    series: str | None = None
    series_number: str | None = None
    open_price: bool = False
    cover_image: str | None = None
    reserved: int = 0
    usual_supplier: int | None = None
    supplier_cost: int | None = None
    availability: Availability | None = None
    subjects: str | None = None
    # Of a used copy: how worn it is, what is noted of it, and the code on its label.
    grade: Grade | None = None
    copy_note: str | None = None
    label_code: str | None = None

    @property
    def available(self) -> int:
        """What can be sold: what is there less what is set aside."""
        return self.stock - self.reserved


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category; `parent_id` makes a tree."""

    id: int
    name: str
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class CategoryStats:
    """A category's size; the average price is in minor units and None where it is empty."""

    name: str
    books: int
    average_price: Decimal | None


@dataclass(frozen=True, slots=True)
class StockStep:
    """One movement of a title's stock."""

    id: int
    happened_at: datetime
    reason: StockReason
    document: str | None
    delta: int
    operator: str | None


async def get_all_books(app: App) -> list[BookRow]:
    """Give every book, by number. A whole catalogue: screens use `page_books`."""
    return await app.db.read(lambda session: book_rows(session, select(Book.id).order_by(Book.id)))


async def get_books_by_category(app: App, category_id: int) -> list[BookRow]:
    """Give a category's books by title."""
    wanted = select(Book.id).where(Book.category_id == category_id).order_by(Book.title_key, Book.id)
    return await app.db.read(lambda session: book_rows(session, wanted))


async def get_books_with_categories(app: App, limit: int = MAX_PAGE) -> list[tuple[BookRow, CategoryRow | None]]:
    """Give books, newest first, each with its category."""

    def act(session: Session) -> list[tuple[BookRow, CategoryRow | None]]:
        books = book_rows(session, select(Book.id).order_by(Book.created_at.desc(), Book.id.desc()).limit(limit))
        categories = {row.id: row for row in _categories(session)}
        return [(book, categories.get(book.category_id or 0)) for book in books]

    return await app.db.read(act)


async def search_books(
    app: App,
    query: str = "",
    min_price: int | None = None,
    max_price: int | None = None,
    in_stock: bool = False,  # noqa: FBT001, FBT002 - the specification's signature
    limit: int = 50,
) -> list[BookRow]:
    """Give books whose title, author or ISBN match, within prices (minor units), by title."""
    wanted = BookFilter(text=query, min_price=min_price, max_price=max_price, in_stock=in_stock)
    return await app.db.read(lambda session: filtered(session, wanted, limit))


async def get_books_paginated(app: App, page: int, page_size: int) -> tuple[list[BookRow], int]:
    """Give one page of the catalogue by number, counted from 1, and how many books there are.

    Raises Refused("page.invalid"). Far pages cost their offset: the screens page by key (`page_books`).
    """
    if page < 1 or not 1 <= page_size <= MAX_PAGE:
        raise Refused("page.invalid", limit=MAX_PAGE)

    def act(session: Session) -> tuple[list[BookRow], int]:
        wanted = select(Book.id).order_by(Book.id).offset((page - 1) * page_size).limit(page_size)
        return book_rows(session, wanted), session.scalar(select(func.count()).select_from(Book)) or 0

    return await app.db.read(act)


async def get_category_stats(app: App) -> list[CategoryStats]:
    """Give each category's number of books and average price, empty categories included, by name."""

    def act(session: Session) -> list[CategoryStats]:
        rows = session.execute(
            select(Category.name, func.count(Book.id), func.sum(Book.price))
            .join(Book, Book.category_id == Category.id, isouter=True)
            .group_by(Category.id, Category.name)
            .order_by(Category.name)
        )
        return [
            CategoryStats(name, books, Decimal(int(total)) / books if books else None) for name, books, total in rows
        ]

    return await app.db.read(act)


async def get_book(app: App, book_id: int) -> BookDetail:
    """Give one title, whole. Raises Refused("book.missing")."""
    return await app.db.read(lambda session: book_detail(session, book_id))


async def find_by_code(app: App, code: str | int) -> BookDetail:
    """Give the title a scanned or typed code stands for, or the one with a number of ours.

    Raises Refused("book.unknown") for a valid code nobody sells, or what is wrong with the code.
    """

    def act(session: Session) -> BookDetail:
        return book_detail(session, find_title(session, code).id)

    return await app.db.read(act)


async def stock_history(app: App, book_id: int, limit: int = 20) -> list[StockStep]:
    """Give a title's last stock movements, newest first."""

    def act(session: Session) -> list[StockStep]:
        moved = table(StockMovement).c
        rows = session.execute(
            select(moved.id, moved.created_at, moved.reason, moved.document, moved.delta, User.username)
            .join(User, User.id == moved.user_id, isouter=True)
            .where(moved.book_id == book_id)
            .order_by(moved.id.desc())
            .limit(limit)
        )
        return [StockStep(*row) for row in rows]

    return await app.db.read(act)


async def list_categories(app: App) -> list[CategoryRow]:
    """Give all categories by name."""
    return await app.db.read(_categories)


def find_sellable(session: Session, code: str) -> Book:
    """Find a title by a code inside an act. Raises as `find_by_code` does."""
    parsed = parse_code(code)
    book = session.scalar(select(Book).where(Book.isbn == parsed.value)) if parsed.kind is not CodeKind.OTHER else None
    if book is None:
        book = session.scalar(select(Book).join(BookCode).where(BookCode.code == parsed.value))
    if book is None:
        raise Refused("book.unknown", code=parsed.value)
    return book


def find_title(session: Session, title: str | int) -> Book:
    """Find a title by a code of it, or by its own number where it was chosen from a list, inside an act.

    Raises as `find_by_code` does, and Refused("book.missing").
    """
    if isinstance(title, str):
        return find_sellable(session, title)
    book = session.get(Book, title)
    if book is None:
        raise Refused("book.missing", book_id=title)
    return book


def book_detail(session: Session, book_id: int) -> BookDetail:
    """Read one title inside an act. Raises Refused("book.missing")."""
    row = session.execute(
        select(Book, Category.name.label("category"), TaxRate.name.label("tax"), TaxRate.rate)
        .add_columns(UsedCopy.grade, UsedCopy.note)
        .join(Category, Category.id == Book.category_id, isouter=True)
        .join(UsedCopy, UsedCopy.book_id == Book.id, isouter=True)
        .join(TaxRate, TaxRate.id == Book.tax_rate_id)
        .where(Book.id == book_id)
    ).one_or_none()
    if row is None:
        raise Refused("book.missing", book_id=book_id)
    rated = session.execute(
        select(func.count(), func.sum(Review.rating)).select_from(Review).where(Review.book_id == book_id)
    ).one()
    book = row.Book
    supplier_id, asked = usual_terms(session, book.id)
    return BookDetail(
        id=book.id,
        version=book.version,
        isbn=book.isbn,
        title=book.title,
        author=book.author,
        description=book.description,
        price=book.price,
        cost=book.cost,
        stock=book.stock,
        reorder_at=book.reorder_at,
        category_id=book.category_id,
        category=row.category,
        tax_rate_id=book.tax_rate_id,
        tax_name=row.tax,
        tax_rate=row.rate,
        publisher=book.publisher,
        published_on=book.published_on,
        format=book.format,
        language=book.language,
        shelf=book.shelf,
        kind=book.kind,
        active=book.active,
        rating=rated[1] / rated[0] if rated[0] else None,
        reviews=rated[0],
        series=book.series,
        series_number=book.series_number,
        open_price=book.open_price,
        cover_image=book.cover_image,
        reserved=book.reserved,
        usual_supplier=supplier_id,
        supplier_cost=asked,
        availability=book.availability,
        subjects=book.subjects,
        grade=row.grade,
        copy_note=row.note,
        label_code=None if row.grade is None else first_code(session, book.id),
    )


def first_code(session: Session, book_id: int) -> str | None:
    """Give the code that a title was given first beside its ISBN, inside an act."""
    return session.scalar(select(BookCode.code).where(BookCode.book_id == book_id).order_by(BookCode.id).limit(1))


def usual_terms(session: Session, book_id: int) -> tuple[int | None, int | None]:
    """Give whom a title usually comes from and what that one asks for a copy, inside an act."""
    usual = (BookSupplier.book_id == book_id) & (BookSupplier.position == 1)
    row = session.execute(select(BookSupplier.supplier_id, BookSupplier.cost).where(usual).limit(1)).first()
    return (None, None) if row is None else (row.supplier_id, row.cost)


def _categories(session: Session) -> list[CategoryRow]:
    rows = session.execute(select(Category.id, Category.name, Category.parent_id).order_by(Category.name))
    return [CategoryRow(*row) for row in rows]
