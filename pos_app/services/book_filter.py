"""Which books a list shows, and what of that the database is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from pos_app.domain.kinds import Missing, StockState
from pos_app.models import Book, BookSupplier, Category

# As many can be chosen one by one; more are all that a filter finds, but for some.
MOST_CHOSEN = 10_000
# More than there are: a limit keeps PostgreSQL from joining what it should gather.
_ALL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Which books a list shows; prices in minor units; a category with all below it.

    `ids` leaves those books only, `without` leaves some out: what was chosen in a list, at most `MOST_CHOSEN` of them.
    """

    text: str = ""
    category_id: int | None = None
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False
    on_sale: bool = False
    state: StockState | None = None
    publisher: str | None = None
    format: str | None = None
    language: str | None = None
    supplier_id: int | None = None
    changed_since: datetime | None = None
    missing: Missing | None = None
    ids: tuple[int, ...] | None = None
    without: tuple[int, ...] = ()


Column = InstrumentedAttribute[Any]
Test = Callable[[ColumnElement[Any]], ColumnElement[bool]]
_NULLABLE: dict[Missing, Column] = {
    Missing.ISBN: Book.isbn,
    Missing.CATEGORY: Book.category_id,
    Missing.PUBLISHER: Book.publisher,
    Missing.COST: Book.cost,
    Missing.FORMAT: Book.format,
    Missing.LANGUAGE: Book.language,
    Missing.SHELF: Book.shelf,
    Missing.YEAR: Book.published_on,
}


def conditions(session: Session, wanted: BookFilter, *, walked: Column | None = None) -> list[ColumnElement[bool]]:
    """Give a filter's conditions, its text aside.

    `walked` is the column along whose index the books are read: SQLite would else take the index of a condition that
    most books meet, and sort them all.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"

    def column(asked: Column) -> ColumnElement[Any]:
        if walked is None or walked is asked or not sqlite:
            return asked.expression
        return UnaryExpression(asked.expression, operator=custom_op("+"), type_=asked.type)

    made = [test(column(asked)) for asked, test in _tests(session, wanted)]
    made += _chosen(wanted)
    if wanted.supplier_id is not None:
        made.append(_supplied(wanted.supplier_id, one_by_one=walked is not None))
    if wanted.missing is Missing.SUPPLIER:
        made.append(from_nobody())
    return made


def from_nobody() -> ColumnElement[bool]:
    """Whether a title usually comes from no supplier."""
    usual = select(BookSupplier.id).where(BookSupplier.book_id == Book.id, BookSupplier.position == 1)
    return ~usual.correlate(Book).exists()


def passing(session: Session, wanted: BookFilter) -> Select[int]:
    """The numbers of the books that pass a filter, its text aside."""
    if wanted.supplier_id is not None and wanted == BookFilter(text=wanted.text, supplier_id=wanted.supplier_id):
        # Their numbers stand beside the supplier's: no book need be looked at.
        return _supplied_by(wanted.supplier_id)
    return select(Book.id).where(*conditions(session, wanted))


def gathered(session: Session, wanted: BookFilter, walked: Column) -> list[ColumnElement[bool]]:
    """Whether a book is among those that pass a filter, whose numbers the database gathers first.

    Written so that neither planner starts from them: the books are to be read along the index of `walked`, and of that
    only the part in which some can be.
    """
    numbers = passing(session, wanted).limit(_ALL).correlate(None)
    among: ColumnElement[bool]
    if session.get_bind().dialect.name == "postgresql":
        among = Book.id.in_(numbers).is_(true())
    else:
        among = UnaryExpression(Book.id.expression, operator=custom_op("+"), type_=Book.id.type).in_(numbers)
    return [among, *within(session, wanted, walked)]


def within(session: Session, wanted: BookFilter, walked: Column) -> list[ColumnElement[bool]]:
    """The part of a column's index in which books can be that pass a filter."""
    part = [test(asked.expression) for asked, test in _tests(session, wanted) if asked is walked]
    if wanted.state is StockState.LOW and (walked is Book.stock or walked is Book.reorder_at):
        part.append(walked > 0)
    return part


def lacking(wanted: BookFilter) -> Column | None:
    """The column that all books lack which pass a filter."""
    return None if wanted.missing is None else _NULLABLE.get(wanted.missing)


def _is(value: object, asked: ColumnElement[Any]) -> ColumnElement[bool]:
    return asked == value


def _tests(session: Session, wanted: BookFilter) -> list[tuple[Column, Test]]:
    """What is asked of which column."""
    equal: dict[Column, object] = {
        Book.active: True if wanted.on_sale else None,
        Book.stock_state: wanted.state,
        Book.publisher: wanted.publisher,
        Book.format: wanted.format,
        Book.author_key: "" if wanted.missing is Missing.AUTHOR else None,
    }
    tests: list[tuple[Column, Test]] = [
        (column, partial(_is, value)) for column, value in equal.items() if value is not None
    ]
    if wanted.category_id is not None:
        ids = category_ids(session, wanted.category_id)
        tests.append((Book.category_id, lambda asked: asked == ids[0] if len(ids) == 1 else asked.in_(ids)))
    if wanted.language is not None:
        tags = _languages(session, wanted.language)
        tests.append((Book.language, lambda asked: asked == tags[0] if len(tags) == 1 else asked.in_(tags)))
    if wanted.min_price is not None:
        tests.append((Book.price, lambda asked: asked >= wanted.min_price))
    if wanted.max_price is not None:
        tests.append((Book.price, lambda asked: asked <= wanted.max_price))
    if wanted.in_stock:
        tests.append((Book.stock, lambda asked: asked > 0))
    if wanted.changed_since is not None:
        tests.append((Book.updated_at, lambda asked: asked >= wanted.changed_since))
    if wanted.missing in _NULLABLE:
        tests.append((_NULLABLE[wanted.missing], lambda asked: asked.is_(None)))
    return tests


def _languages(session: Session, tag: str) -> list[str]:
    """A language and, of those in use, what is spoken of it elsewhere: en-GB and en-US are en. Hops along the index."""
    found, value = [tag], session.scalar(select(func.min(Book.language)).where(Book.language > tag))
    # Whatever way a database sorts the hyphen, all of them begin so.
    while value is not None and value.startswith(tag):
        if value.startswith(f"{tag}-"):
            found.append(value)
        value = session.scalar(select(func.min(Book.language)).where(Book.language > value))
    return found


def _chosen(wanted: BookFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.ids is not None:
        yield Book.id.in_(wanted.ids)
    if wanted.without:
        yield Book.id.not_in(wanted.without)


def _supplied(supplier_id: int, *, one_by_one: bool) -> ColumnElement[bool]:
    supplied = _supplied_by(supplier_id)
    return supplied.where(BookSupplier.book_id == Book.id).exists() if one_by_one else Book.id.in_(supplied)


def _supplied_by(supplier_id: int) -> Select[int]:
    return select(BookSupplier.book_id).where(BookSupplier.supplier_id == supplier_id)


def category_ids(session: Session, category_id: int) -> list[int]:
    """Give a category's number and those of all below it."""
    below: dict[int | None, list[int]] = {}
    for child, parent in session.execute(select(Category.id, Category.parent_id)):
        below.setdefault(parent, []).append(child)
    ids = [category_id]
    for number in ids:
        ids += [child for child in below.get(number, ()) if child not in ids]
    return ids
