"""Finding books among a million as somebody types, and paging through them by key (docs/decisions/0006)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.isbn import try_isbn13
from pos_app.domain.search import fold, is_storable, sort_key
from pos_app.models import Book, BookCode, Category

PAGE_SIZE = 200
ANCHOR_STEP = 5_000
COUNT_LIMIT = 1_000
FEW = 2_000
MAX_WORDS = 8
ISBN_LENGTH = 13
MAX_QUERY = 200
# PostgreSQL refuses words of more than 2,046 bytes, and one sign may fold to many letters.
MAX_WORD = 100
# The highest code point: every key that starts with a prefix sorts below the prefix and this.
_AFTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Which books a list shows; prices in minor units."""

    text: str = ""
    category_id: int | None = None
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False
    on_sale: bool = False


@dataclass(frozen=True, slots=True)
class BookRow:
    """One title in a list."""

    id: int
    version: int
    isbn: str | None
    title: str
    author: str
    category_id: int | None
    category: str | None
    price: int
    stock: int
    reorder_at: int
    shelf: str | None
    active: bool
    title_key: str

    @property
    def key(self) -> "Key":
        """Where the row stands in a list by title."""
        return self.title_key, self.id


Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Anchors:
    """A list's size and the keys of every so many-th row, from which any row is a short way.

    `total` is exact unless `capped`, when there are at least so many.
    """

    total: int
    step: int
    keys: tuple[Key, ...]
    capped: bool = False


async def suggest(app: App, typed: str, limit: int = 12) -> list[BookRow]:
    """Give the titles on sale a cashier may mean: titles that start so first, then those with all the words."""
    return await app.db.read(lambda session: filtered(session, BookFilter(text=typed, on_sale=True), limit))


async def page_books(
    app: App, wanted: BookFilter, *, after: Key | None = None, skip: int = 0, limit: int = PAGE_SIZE
) -> list[BookRow]:
    """Give a page by title: the rows after a key, less the first `skip`; a search gives its best rows only."""

    def act(session: Session) -> list[BookRow]:
        if wanted.text.strip():
            # All pages are cut from one list: with another limit the database may go another way about it.
            return _in_order(session, _found_ids(session, wanted, COUNT_LIMIT)[skip : skip + limit])
        query = select(Book.id).where(*_conditions(wanted)).order_by(Book.title_key, Book.id).limit(limit)
        if after is not None:
            query = query.where(_beyond(after))
        return book_rows(session, query.offset(skip) if skip else query)

    return await app.db.read(act)


async def last_page(app: App, wanted: BookFilter, limit: int = PAGE_SIZE) -> list[BookRow]:
    """Give a list's last rows, in its order, without walking through the rest."""

    def act(session: Session) -> list[BookRow]:
        query = select(Book.id).where(*_conditions(wanted)).order_by(Book.title_key.desc(), Book.id.desc())
        return book_rows(session, query.limit(limit))[::-1]

    return await app.db.read(act)


async def book_anchors(app: App, wanted: BookFilter) -> Anchors:
    """Count a list and give its anchors; reads the index once, some 0.1 s for a million titles."""

    def act(session: Session) -> Anchors:
        if wanted.text.strip():
            found = len(_found_ids(session, wanted, COUNT_LIMIT + 1))
            return Anchors(min(found, COUNT_LIMIT), COUNT_LIMIT, (), capped=found > COUNT_LIMIT)
        total = session.scalar(select(func.count()).select_from(Book).where(*_conditions(wanted)))
        by_index = BookFilter(category_id=wanted.category_id) == wanted
        keys = _hop(session, wanted) if by_index else _walk(session, wanted)
        return Anchors(total or 0, ANCHOR_STEP, tuple(keys))

    return await app.db.read(act)


def _hop(session: Session, wanted: BookFilter) -> Iterator[Key]:
    """Anchors of a list that an index holds in its order: from each to the next without leaving the index."""
    query = select(Book.title_key, Book.id).where(*_conditions(wanted)).order_by(Book.title_key, Book.id)
    query = query.offset(ANCHOR_STEP - 1).limit(1)
    row = session.execute(query).one_or_none()
    while row is not None:
        key = (row.title_key, row.id)
        yield key
        row = session.execute(query.where(_beyond(key))).one_or_none()


def _walk(session: Session, wanted: BookFilter) -> Iterator[Key]:
    """Anchors of any other list: hopping would sort what is left of it at each hop."""
    place = func.row_number().over(order_by=(Book.title_key, Book.id)).label("place")
    rows = select(Book.title_key, Book.id, place).where(*_conditions(wanted)).subquery()
    query = select(rows.c.title_key, rows.c.id).where(rows.c.place % ANCHOR_STEP == 0).order_by(rows.c.place)
    return ((row.title_key, row.id) for row in session.execute(query))


def words(query: str) -> list[str]:
    """Give the folded words of a query; syntax of any search engine in it is only punctuation."""
    return [word[:MAX_WORD] for word in fold(query[:MAX_QUERY]).split()[:MAX_WORDS]]


def filtered(session: Session, wanted: BookFilter, limit: int) -> list[BookRow]:
    """Give the books a filter finds, the best first, inside an act."""
    if wanted.text.strip():
        return _in_order(session, _found_ids(session, wanted, limit))
    query = select(Book.id).where(*_conditions(wanted)).order_by(Book.title_key, Book.id).limit(limit)
    return book_rows(session, query)


def _in_order(session: Session, ids: list[int]) -> list[BookRow]:
    by_id = {row.id: row for row in book_rows(session, select(Book.id).where(Book.id.in_(ids)))}
    return [by_id[book_id] for book_id in ids if book_id in by_id]


def book_rows(session: Session, ids: Select[int]) -> list[BookRow]:
    """Read list rows for a query of ids, in its order."""
    rows: Any = session.execute(
        ids.with_only_columns(
            Book.id,
            Book.version,
            Book.isbn,
            Book.title,
            Book.author,
            Book.category_id,
            Category.name,
            Book.price,
            Book.stock,
            Book.reorder_at,
            Book.shelf,
            Book.active,
            Book.title_key,
        ).join_from(Book, Category, Category.id == Book.category_id, isouter=True)
    )
    return [BookRow(*row) for row in rows]


def _conditions(wanted: BookFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.category_id is not None:
        conditions.append(Book.category_id == wanted.category_id)
    if wanted.min_price is not None:
        conditions.append(Book.price >= wanted.min_price)
    if wanted.max_price is not None:
        conditions.append(Book.price <= wanted.max_price)
    if wanted.in_stock:
        conditions.append(Book.stock > 0)
    if wanted.on_sale:
        conditions.append(Book.active.is_(True))
    return conditions


def _beyond(key: Key) -> ColumnElement[bool]:
    title_key, book_id = key
    return and_(Book.title_key >= title_key, or_(Book.title_key > title_key, Book.id > book_id))


def _found_ids(session: Session, wanted: BookFilter, limit: int) -> list[int]:
    """The ids a search finds: by number, by the start of the title, then by words, each once."""
    conditions = _conditions(wanted)
    number = wanted.text.strip().replace("-", "").replace(" ", "")
    found: dict[int, None] = {}
    if number.isascii() and number.isdigit() and len(number) >= 3:  # noqa: PLR2004 - shorter is a word like "84"
        found |= dict.fromkeys(_by_number(session, number, conditions, limit))
        if found and len(number) >= 9:  # noqa: PLR2004 - no word of a title
            return list(found)
    start = " ".join(words(wanted.text))
    signs = wanted.text[:MAX_QUERY].strip()
    if start and wanted.in_stock | (wanted.min_price is not None) | (wanted.max_price is not None):
        few = _among_few(session, start, conditions)
        if few is not None:
            return list(found | dict.fromkeys(few))[:limit]
    if start or is_storable(signs):
        found |= dict.fromkeys(_by_title_start(session, start or sort_key(signs), conditions, limit))
    if start and len(found) < limit:
        found |= dict.fromkeys(_by_words(session, start, conditions, limit))
    return list(found)[:limit]


def _by_number(session: Session, number: str, conditions: Iterable[ColumnElement[bool]], limit: int) -> Sequence[int]:
    """By ISBN, whole in any form or its first digits; else by another barcode."""
    isbn = try_isbn13(number)
    # Digits up to digits: other signs sort differently from one server's language to the next.
    matched = Book.isbn == isbn if isbn else Book.isbn.between(number, number.ljust(ISBN_LENGTH, "9"))
    query = select(Book.id).where(matched, *conditions).order_by(Book.isbn).limit(limit)
    ids = session.scalars(query).all()
    by_code = select(Book.id).join(BookCode).where(BookCode.code == number, *conditions)
    return ids or session.scalars(by_code).all()


def _among_few(session: Session, start: str, conditions: Iterable[ColumnElement[bool]]) -> list[int] | None:
    """What a search finds where a filter leaves few books: cheaper than asking of every hit whether it is one of them.

    None where the filter leaves many. The order is that of the other way: titles that start so, then by id.
    """
    query = select(Book.title_key, Book.id, Book.search_text).where(*conditions).limit(FEW + 1)
    rows = session.execute(query).all()
    if len(rows) > FEW:
        return None
    *whole, last = start.split()
    starting = sorted((row.title_key, row.id) for row in rows if row.title_key.startswith(start))
    having = sorted(
        row.id
        for row in rows
        if set(whole) <= set(there := row.search_text.split()) and any(word.startswith(last) for word in there)
    )
    return [book_id for _, book_id in starting] + having


def _by_title_start(
    session: Session, start: str, conditions: Iterable[ColumnElement[bool]], limit: int
) -> Sequence[int]:
    query = select(Book.id).where(Book.title_key >= start, Book.title_key < start + _AFTER, *conditions)
    return session.scalars(query.order_by(Book.title_key, Book.id).limit(limit)).all()


def _by_words(session: Session, start: str, conditions: Iterable[ColumnElement[bool]], limit: int) -> Sequence[int]:
    """All words anywhere in title and author, the last one as a prefix, in id order: ranking would read every hit."""
    if session.get_bind().dialect.name == "sqlite":
        match = " ".join(f'"{word}"' for word in start.split()) + "*"
        hits = text("SELECT rowid AS id FROM books_fts WHERE books_fts MATCH :match").columns(Book.id)
        query = select(Book.id).join(hits.subquery(), literal_column("anon_1.id") == Book.id)
        return session.scalars(query.where(*conditions).limit(limit), {"match": match}).all()
    match = " & ".join(start.split()) + ":*"
    vector = func.to_tsvector(literal_column("'simple'::regconfig"), Book.search_text)
    query = select(Book.id).where(vector.op("@@")(func.to_tsquery(literal_column("'simple'::regconfig"), match)))
    return session.scalars(query.where(*conditions).limit(limit)).all()
