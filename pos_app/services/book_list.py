"""Lists of books of any length: in any order, any row at once, and what changed in them (docs/decisions/0012)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from math import prod
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from pos_app.app import App
from pos_app.database import as_stored
from pos_app.domain.search import fold
from pos_app.models import Book, Category, Supplier
from pos_app.models.base import UtcDateTime
from pos_app.services.book_filter import (
    GATHERED,
    MANY,
    BookFilter,
    Sample,
    among,
    category_ids,
    conditions,
    draw,
    draw_of,
    failing,
    few_parts,
    gather,
    lacking,
    looked_at,
    not_among,
    parts,
    passing,
    passing_all,
    rest_of,
    within,
)
from pos_app.services.book_search import RANKED, BookRow, found, rows_of
from pos_app.sqlite_library import version

PAGE_SIZE = 200
# An unfiltered list knows the key of every so many-th row.
MARK_STEP = 5_000
# Lists up to this length are sorted whole as they are opened; longer ones are read along the index of their order.
FEW = 1_500
# Where less than so much of the first books of an order passes a filter, the numbers of all that pass are gathered,
# so that no book need be looked at to see whether it passes. To know it, each so many-th of them is looked at.
SPARSE = 0.03
PROBED = 4_000
PROBED_EACH = 20
# So many times as many where most books pass, but not the first.
DEEPER = 4
# A list of several things asked for is read along its order where so many books at most are looked at for a page.
LOOKED_AT = 7_000
# Of so many expected of a sample one at least is seen.
SEEN = 4
# So much of what a probe found may be chance.
SURE = 0.6
CHANGES_AT_ONCE = 500
NOTHING = BookFilter()
# A row is stamped as its transaction starts and seen as it commits; sales commit in milliseconds.
OVERLAP = timedelta(seconds=5)
AGGREGATES_SORT = (3, 44)
Column = InstrumentedAttribute[Any]
Key = tuple[Any, int]


_NOW = select(type_coerce(func.now(), UtcDateTime))


class SortBy(StrEnum):
    """What a list is sorted by. MATCH is how well a search fits; without a search it is by title."""

    MATCH = "match"
    TITLE = "title"
    AUTHOR = "author"
    ISBN = "isbn"
    CATEGORY = "category"
    PRICE = "price"
    COST = "cost"
    STOCK = "stock"
    REORDER = "reorder"
    STATE = "state"
    PUBLISHER = "publisher"
    SERIES = "series"
    PUBLISHED = "published"
    FORMAT = "format"
    LANGUAGE = "language"
    SHELF = "shelf"
    SOLD = "sold"
    CHANGED = "changed"


# Their rows are compared by something else than the index has.
KEYED_OTHERWISE = (SortBy.AUTHOR, SortBy.CATEGORY, SortBy.STATE)


@dataclass(frozen=True, slots=True)
class ListOrder:
    """An order; books that lack what is sorted by come last either way."""

    by: SortBy = SortBy.MATCH
    descending: bool = False


_COLUMNS: dict[SortBy, Column] = {
    SortBy.AUTHOR: Book.author_key,
    SortBy.ISBN: Book.isbn,
    SortBy.PRICE: Book.price,
    SortBy.COST: Book.cost,
    SortBy.STOCK: Book.stock,
    SortBy.REORDER: Book.reorder_at,
    SortBy.PUBLISHER: Book.publisher,
    SortBy.SERIES: Book.series,
    SortBy.PUBLISHED: Book.published_on,
    SortBy.FORMAT: Book.format,
    SortBy.LANGUAGE: Book.language,
    SortBy.SHELF: Book.shelf,
    SortBy.SOLD: Book.sold_count,
    SortBy.CHANGED: Book.updated_at,
}


@dataclass(frozen=True, eq=False)
class _Run:
    """A part of a list that one index holds in its order; `walked` is the column that the index starts with."""

    key: ColumnElement[Any]
    walked: Column
    where: tuple[ColumnElement[bool], ...] = ()
    descending: bool = False

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        return (self.key.desc(), Book.id.desc()) if self.descending else (self.key, Book.id.expression)

    def before(self, key: Key) -> ColumnElement[bool]:
        """What comes before a row."""
        value, book_id = key
        if value is None:
            return Book.id > book_id if self.descending else Book.id < book_id
        # As a pair: else an index of few different keys is read from the first of the equal ones.
        here, there = tuple_(self.key, Book.id), tuple_(literal(value, self.key.type), literal(book_id))
        return here > there if self.descending else here < there

    @cached_property
    def whole(self) -> "_Walk":
        """All of it; made once, since to put a statement together takes longer than to ask it."""
        return _Walk(select(Book.id, self.key.label("key")).where(*self.where).order_by(*self.order), self)


class _Walk:
    """The statements that read on along a run from any key, each taking `skip` and `count`."""

    def __init__(self, query: Select[Any], run: _Run) -> None:
        """Take what is read of a run, in its order."""
        self.query, self._run = query, run
        self._value = bindparam("value", type_=run.key.type)
        self._id = bindparam("id", type_=Integer)

    @staticmethod
    def _part(query: Select[Any]) -> Select[Any]:
        return query.offset(bindparam("skip", type_=Integer)).limit(bindparam("count", type_=Integer))

    def _greater(self, here: ColumnElement[Any], there: ColumnElement[Any]) -> ColumnElement[bool]:
        return here < there if self._run.descending else here > there

    @cached_property
    def first(self) -> Select[Any]:
        """From the start."""
        return self._part(self.query)

    @cached_property
    def beyond(self) -> Select[Any]:
        """After a pair of key and number; as one, or an index of few different keys is read from the first alike."""
        here, there = tuple_(self._run.key, Book.id), tuple_(self._value, self._id)
        return self._part(self.query.where(self._greater(here, there)))

    @cached_property
    def lacking(self) -> Select[Any]:
        """After a number, where all lack the key."""
        return self._part(self.query.where(self._greater(Book.id.expression, self._id)))

    @cached_property
    def _same(self) -> Select[Any]:
        return self.query.where(self._run.key == self._value, self._greater(Book.id.expression, self._id))

    @cached_property
    def alike(self) -> Select[Any]:
        """After a number, those of the same key."""
        return self._part(self._same)

    @cached_property
    def passed(self) -> Select[Any]:
        """How many of those alike were passed by in skipping."""
        # Without an offset, which would take some away.
        some = self._same.order_by(None).limit(bindparam("most", type_=Integer)).subquery()
        return select(func.count()).select_from(some)

    @cached_property
    def others(self) -> Select[Any]:
        """After all of a key."""
        return self._part(self.query.where(self._greater(self._run.key, self._value)))


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a list: `row` is the number of the first row after `key` in the run with number `run`."""

    row: int
    run: int
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class BookList:
    """A list as it was read.

    Its rows are known by number (`ids`, or `pages` of them, joined by commas), or are read from the nearest of `marks`.
    Of `gathered` parts of its filter the numbers that pass are gathered first; each book is asked for the `rest`. Where
    nearly all pass, the numbers of those that do not are gathered (`but_few`).
    `total` is None until it is measured; there are at least so many where it is `capped`.
    """

    wanted: BookFilter
    order: ListOrder
    total: int | None = None
    capped: bool = False
    ids: tuple[int, ...] | None = None
    pages: tuple[str, ...] | None = None
    marks: tuple[Mark, ...] = (Mark(0, 0),)
    gathered: tuple[BookFilter, ...] = ()
    rest: BookFilter = NOTHING
    but_few: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What other tills changed: the rows as they are now, None where there are too many to tell.

    `newest_id` grows as titles are added.
    """

    seen: datetime | None
    newest_id: int
    rows: tuple[BookRow, ...] | None = ()


async def open_list(app: App, wanted: BookFilter, order: ListOrder | None = None) -> tuple[BookList, list[BookRow]]:
    """Open a list: its first page, and of a short list or a search all that is needed to go anywhere."""
    order = order or ListOrder()

    def act(session: Session) -> tuple[BookList, list[BookRow]]:
        opened = _opened(session, wanted, order)
        return opened, rows_of(session, _ids_at(session, opened, 0, PAGE_SIZE))

    return await app.db.read(act)


async def measure_list(app: App, opened: BookList, *, aside: bool = False) -> BookList:
    """Learn how long a list is and how to reach each of its rows: some 0.2 s for a million titles, seconds if filtered.

    The database does it; nothing here waits for it. It is done `aside` where nobody asked for the list.
    """
    if opened.ids is not None:
        return opened

    def act(session: Session) -> BookList:
        runs = _runs(session, opened.wanted, opened.order)
        if replace(opened.wanted, text="") == BookFilter():
            marks, total = _marks(session, opened, runs)
            return replace(opened, marks=marks, total=total)
        pages = tuple(page for run in runs for page in _walk(session, opened, run))
        # The last page of each run may be short: pages are cut anew where there is more than one run.
        if len(runs) > 1:
            numbers = [number for page in pages for number in page.split(",")]
            pages = tuple(",".join(numbers[at : at + PAGE_SIZE]) for at in range(0, len(numbers), PAGE_SIZE))
        total = PAGE_SIZE * (len(pages) - 1) + pages[-1].count(",") + 1 if pages else 0
        return replace(opened, pages=pages, total=total)

    return await app.db.read(act, aside=aside)


async def rows_at(app: App, opened: BookList, first: int, count: int = PAGE_SIZE) -> list[BookRow]:
    """Give rows by their place in a list that was measured; row 900,000 costs no more than row 900."""
    return await app.db.read(lambda session: rows_of(session, _ids_at(session, opened, first, count)))


async def ids_at(app: App, opened: BookList, first: int, count: int) -> Sequence[int]:
    """Give the numbers of books by their place in a list."""
    return await app.db.read(lambda session: _ids_at(session, opened, first, count))


async def place_of(app: App, opened: BookList, typed: str | int) -> int | None:
    """Give the first row that starts with what is typed in the column the list is sorted by, or else the next one.

    Of figures and of a state `typed` is the value. None where a search's own order has no title that starts so.
    """
    by, down = opened.order.by, opened.order.descending

    def act(session: Session) -> int | None:
        if isinstance(typed, str) and by is SortBy.MATCH and opened.wanted.text.strip() and opened.ids is not None:
            titles = {row.id: row.title_key for row in rows_of(session, opened.ids)}
            starts = (place for place, number in enumerate(opened.ids) if titles[number].startswith(fold(typed)))
            return next(starts, None)
        key, sought = _sought(session, opened, typed)
        last, found, place = max((opened.total or 0) - 1, 0), [], 0
        for value in sought:
            place = min(_bisect(session, opened, key, value, down=down and by is not SortBy.CATEGORY), last)
            rows = rows_of(session, _ids_at(session, opened, place, 1))
            if rows and isinstance(value, str) and str(key(rows[0]) or "").startswith(value):
                found.append(place)
        return min(found, default=place)

    return await app.db.read(act)


def _bisect(session: Session, opened: BookList, key: Callable[[BookRow], Any], value: str | int, *, down: bool) -> int:
    """The first row that does not come before a value."""
    highest = value + "\U0010ffff" if isinstance(value, str) else value

    def before(here: Any) -> bool:
        return here is not None and bool(here > highest if down else here < value)

    low, high = 0, opened.total or 0
    if opened.order.by not in KEYED_OTHERWISE:
        # Known already is each so many-th row, whose key is what its rows are compared by.
        marks = [mark for mark in opened.marks if mark.run == 0 and mark.key and type(mark.key[0]) is type(value)]
        place = bisect_left(marks, x=True, key=lambda mark: not before(mark.key and mark.key[0]))
        low = marks[place - 1].row if place else low
        high = marks[place].row - 1 if place < len(marks) else high
    while low < high:
        middle = (low + high) // 2
        rows = rows_of(session, _ids_at(session, opened, middle, 1))
        low, high = (middle + 1, high) if before(key(rows[0]) if rows else None) else (low, middle)
    return low


def _sought(
    session: Session, opened: BookList, typed: str | int
) -> tuple[Callable[[BookRow], Any], Sequence[str | int]]:
    """What rows of a list are compared by, None at its end where there is none, and the values that typing may mean."""
    by = opened.order.by
    match by:
        case SortBy.MATCH | SortBy.TITLE:
            return (lambda row: row.title_key), [fold(str(typed))]
        case SortBy.AUTHOR:
            return (lambda row: fold(row.author)), [fold(str(typed))]
        case SortBy.CATEGORY:
            return _sought_category(session, fold(str(typed)), down=opened.order.descending)
        case SortBy.STATE:
            state = select(Book.stock_state)
            return (lambda row: session.scalar(state.where(Book.id == row.id))), [typed]
    name = {SortBy.REORDER: "reorder_at", SortBy.SOLD: "sold_count", SortBy.PUBLISHED: "published_on"}.get(by, by.value)
    if isinstance(typed, int):
        return (lambda row: getattr(row, name)), [typed]
    # Sorted as written, capitals before small letters; names mostly start with one, and nobody types it.
    words = typed.strip()
    return (lambda row: getattr(row, name)), list(
        dict.fromkeys((words, words.upper(), words.title(), words[:1].upper() + words[1:]))
    )


def _sought_category(
    session: Session, typed: str, *, down: bool
) -> tuple[Callable[[BookRow], Any], Sequence[str | int]]:
    """The same of categories, which are compared by their place among all."""
    order = Category.name.desc() if down else Category.name
    names = [
        (number, fold(name)) for number, name in session.execute(select(Category.id, Category.name).order_by(order))
    ]
    places = {number: place for place, (number, _) in enumerate(names)}
    starts = [place for place, (_, name) in enumerate(names) if name.startswith(typed)]
    after = [place for place, (_, name) in enumerate(names) if (name < typed if down else name > typed)]
    return (lambda row: places.get(row.category_id or 0, len(places))), [(starts or after or [len(places)])[0]]


async def row_of(app: App, opened: BookList, book_id: int) -> int | None:
    """Give the row a book has in a list, None where it is not in it; read aside, as `measure_list` may be."""
    if opened.ids is not None:
        return opened.ids.index(book_id) if book_id in opened.ids else None
    if opened.pages is not None:
        sought = str(book_id)
        for number, page in enumerate(opened.pages):
            if f",{sought}," in f",{page},":
                return number * PAGE_SIZE + page.split(",").index(sought)
        return None
    return await app.db.read(lambda session: _row_of(session, opened, book_id), aside=True)


async def changes_since(app: App, seen: datetime | None) -> Changes:
    """Give what changed since a time; asks for one entry of an index where nothing did.

    `seen` is None at first, when nothing has to be told.
    """

    def act(session: Session) -> Changes:
        newest = session.scalar(select(Book.updated_at).order_by(Book.updated_at.desc()).limit(1))
        last = session.scalar(select(func.max(Book.id))) or 0
        if seen is None or newest is None or newest <= seen - OVERLAP:
            return Changes(newest, last)
        if newest <= seen and (session.scalar(_NOW) or newest) > newest + 2 * OVERLAP:
            # Told before, and whatever was under way then is here: an import would else be told for ever.
            return Changes(newest, last)
        changed = select(Book.id).where(Book.updated_at > seen - OVERLAP).order_by(Book.updated_at, Book.id)
        ids = session.scalars(changed.limit(CHANGES_AT_ONCE + 1)).all()
        if len(ids) > CHANGES_AT_ONCE:
            return Changes(newest, last, None)
        return Changes(newest, last, tuple(rows_of(session, ids)))

    return await app.db.read(act)


async def count_each(app: App, filters: Sequence[BookFilter], most: int = RANKED) -> list[int]:
    """Give how many books each filter leaves by itself, `most` + 1 for more: never a scan of the whole catalogue."""

    def act(session: Session) -> list[int]:
        counts = []
        for wanted in filters:
            query = passing(session, wanted, few_parts(session, wanted)).limit(most + 1)
            counts.append(session.scalar(select(func.count()).select_from(query.subquery())) or 0)
        return counts

    return await app.db.read(act)


async def values_of(app: App, by: SortBy, typed: str = "", limit: int = 30) -> list[str]:
    """Give the different publishers (formats, languages, series …) from what is typed on, hopping along their index."""
    column = _COLUMNS[by]

    def act(session: Session) -> list[str]:
        found: list[str] = []
        query = select(func.min(column))
        value = session.scalar(query.where(column >= typed))
        while value is not None and len(found) < limit:
            found.append(value)
            value = session.scalar(query.where(column > value))
        return found

    return await app.db.read(act)


async def publishers_in_use(app: App) -> list[tuple[str, str]]:
    """Give every publisher once, and how each reads folded: some 100 ms for a million titles."""
    query = select(Book.publisher).where(Book.publisher.is_not(None)).distinct().order_by(Book.publisher)
    return await app.db.read(lambda session: [(name, fold(name)) for name in session.scalars(query) if name])


def _opened(session: Session, wanted: BookFilter, order: ListOrder) -> BookList:
    """A list as it is opened: the numbers of all rows of a search or a short list, and how a longer one is read."""
    if wanted.text.strip():
        ids, capped = found(session, wanted)
        if order.by is not SortBy.MATCH:
            ids = _sorted(session, order, [Book.id.in_(ids)])
        return BookList(wanted, order, len(ids), capped, tuple(ids))
    if wanted == BookFilter():
        return BookList(wanted, order)
    runs = _runs(session, wanted, order)
    if not runs:
        return BookList(wanted, order, 0, ids=())
    if len(parts(wanted)) > 1:
        return _opened_of_several(session, wanted, order, runs[0])
    few = few_parts(session, wanted)
    # Counted: an index tells that without the rows.
    some = passing(session, wanted, few).limit(FEW + 1).subquery()
    if (session.scalar(select(func.count()).select_from(some)) or 0) <= FEW:
        return _known(session, wanted, order, conditions(session, wanted))
    first = draw_of(session, wanted, _first_of(session, wanted, runs[0]))
    if not first.looked_at:
        # A category without titles says nothing of the next.
        first = draw(session, wanted)
    if first.passed > SPARSE * first.looked_at:
        return BookList(wanted, order, rest=wanted)
    every = draw(session, wanted)
    if every.passed <= every.few:
        return BookList(wanted, order, gathered=few)
    # Most books pass, but not the first of an order: those that do are more than anybody waits for.
    deeper = draw_of(session, wanted, _first_of(session, wanted, runs[0], DEEPER))
    near = SURE * DEEPER * PROBED_EACH * deeper.passed >= PAGE_SIZE
    but_few = not near and failing(wanted) is not None and every.looked_at - every.passed <= every.few
    return BookList(wanted, order, rest=wanted, but_few=but_few)


def _known(session: Session, wanted: BookFilter, order: ListOrder, passes: Sequence[ColumnElement[bool]]) -> BookList:
    ids = _sorted(session, order, passes)
    return BookList(wanted, order, len(ids), ids=tuple(ids))


def _opened_of_several(session: Session, wanted: BookFilter, order: ListOrder, run: _Run) -> BookList:
    """A list of several things asked for at once; how many books pass is drawn, not counted."""
    every = draw(session, wanted)
    if _walks(draw_of(session, wanted, _first_of(session, wanted, run)), every):
        return BookList(wanted, order, rest=wanted)
    few = few_parts(session, wanted, every)
    rest = rest_of(wanted, few)
    gathered = few
    if len(few) > 1 or dict(every.parts).get(few[0], MANY) < MANY:
        given = BookFilter(ids=gather(session, few))
        gathered = (given,)
        if len(given.ids or ()) <= FEW:
            passes = [*conditions(session, given), *conditions(session, rest, walked=Book.id)]
            return _known(session, wanted, order, passes)
    if _may_be_none(every):
        # Whoever looks for a page of next to none looks at all.
        found = as_stored(session, passing_all(session, gathered, rest).limit(FEW + 1))
        if len(found) <= FEW:
            return _known(session, wanted, order, conditions(session, BookFilter(ids=tuple(row[0] for row in found))))
    return BookList(wanted, order, gathered=gathered, rest=rest)


def _may_be_none(every: Sample) -> bool:
    """Whether next to no book may pass: none of those drawn does, and that is no chance.

    It is where a few would pass if what is asked for had nothing to do with each other; "in stock" has with "no shelf".
    """
    hits = every.looked_at * prod(count / max(every.looked_at, 1) for _, count in every.parts)
    return not every.passed and not FEW * every.few / GATHERED < hits < SEEN


def _walks(first: Sample, every: Sample) -> bool:
    """Whether a page is full before many books of an order are looked at: the first of it, then such as any."""
    there = PROBED_EACH * first.passed
    if SURE * there >= PAGE_SIZE:
        return True
    further = max(LOOKED_AT - PROBED_EACH * first.looked_at, 0)
    return there + further * every.passed / max(every.looked_at, 1) >= PAGE_SIZE and every.passed > 1


def _first_of(session: Session, wanted: BookFilter, run: _Run, deeper: int = 1) -> Select[Any]:
    """The numbers of some of an order's first books, or of so many times as many.

    Of all books they would say little: what changed lately are the last entered, and come last of all in one language.
    """
    first = select(Book.id).where(*run.where, *within(session, wanted, run.walked)).order_by(*run.order)
    read = first.limit(deeper * PROBED).correlate(None).subquery()
    return select(read.c.id).where(read.c.id % literal_column(str(deeper * PROBED_EACH)) == 0)


def _sorted(session: Session, order: ListOrder, passes: Sequence[ColumnElement[bool]]) -> list[int]:
    """Sort few books here: asked for an order, SQLite would read all books along its index."""
    columns: tuple[ColumnElement[Any], ...]
    match order.by:
        case SortBy.MATCH | SortBy.TITLE:
            columns = (literal(0), Book.title_key.expression)
        case SortBy.STATE:
            columns = (Book.stock_state.expression, Book.title_key.expression)
        case SortBy.CATEGORY:
            columns = (Book.category_id.expression, Book.title_key.expression)
        case _:
            columns = (literal(0), _COLUMNS[order.by].expression)
    rows = as_stored(session, select(Book.id, *columns).where(*passes))
    names = _by_name(session, down=order.descending) if order.by is SortBy.CATEGORY else ()
    places = {number: place for place, number in enumerate(names)}
    runs: dict[tuple[bool, int], list[Any]] = {}
    for row in rows:
        # What is sorted by is missing: a run of its own, at the end.
        place = places.get(row[1], len(places)) if order.by is SortBy.CATEGORY else row[1]
        runs.setdefault((row[2] is None, -place if order.descending and not places else place), []).append(row)
    ids: list[int] = []
    down = order.descending and order.by not in (SortBy.CATEGORY, SortBy.STATE)
    for (missing, _), alike in sorted(runs.items(), key=itemgetter(0)):
        alike.sort(key=itemgetter(0) if missing else itemgetter(2, 0), reverse=down)
        ids += [row[0] for row in alike]
    return ids


def _by_name(session: Session, *, down: bool) -> Sequence[int]:
    return session.scalars(select(Category.id).order_by(Category.name.desc() if down else Category.name)).all()


def _runs(session: Session, wanted: BookFilter, order: ListOrder) -> list[_Run]:
    """The parts of a list, each of which an index holds in its order."""
    down = order.descending
    match order.by:
        case SortBy.MATCH | SortBy.TITLE:
            if wanted.state is not None:
                return [_run("title_key", "stock_state", int(wanted.state), descending=down)]
            ids = [] if wanted.category_id is None else category_ids(session, wanted.category_id)
            if len(ids) == 1:
                return [_run("title_key", "category_id", ids[0], descending=down)]
            return [_run("title_key", descending=down)]
        case SortBy.STATE:
            states = [int(wanted.state)] if wanted.state is not None else range(4)
            return [
                _run("title_key", "stock_state", state)
                for state in sorted(states, reverse=down)
                # What is out is not in stock: reading along all that is out would find nothing.
                if not (wanted.in_stock and state == 2)  # noqa: PLR2004 - StockState.OUT
            ]
        case SortBy.CATEGORY:
            return _category_runs(session, wanted, down=down)
    column = _COLUMNS[order.by]
    as_text = column is Book.updated_at and session.get_bind().dialect.name == "sqlite"
    if not column.expression.nullable:
        return [_run(column.key, descending=down, as_text=as_text)]
    missing = _run(column.key, part="missing", descending=down)
    # Where all lack it, those that have it would be read to the last.
    return [missing] if lacking(wanted) is column else [_run(column.key, part="there", descending=down), missing]


def _category_runs(session: Session, wanted: BookFilter, *, down: bool) -> list[_Run]:
    below = None if wanted.category_id is None else set(category_ids(session, wanted.category_id))
    ids = [number for number in _by_name(session, down=down) if below is None or number in below]
    runs = [_run("title_key", "category_id", number) for number in ids]
    return runs if below is not None else [*runs, _run("title_key", "category_id", "missing")]


@lru_cache(maxsize=256)
def _run(
    key: str,
    walked: str = "",
    part: int | Literal["all", "there", "missing"] = "all",
    *,
    descending: bool = False,
    as_text: bool = False,
) -> _Run:
    """The part of an index where the column walked has a value, has one at all, or lacks it; kept with its statements.

    With `as_text` a key is as SQLite keeps times, with and without fractions.
    """
    sorted_by: Column = getattr(Book, key)
    column: Column = getattr(Book, walked or key)
    match part:
        case "all":
            where: tuple[ColumnElement[bool], ...] = ()
        case "there":
            where = (column.is_not(None),)
        case "missing":
            where = (column.is_(None),)
        case _:
            where = (column == part,)
    return _Run(type_coerce(sorted_by, String) if as_text else sorted_by.expression, column, where, descending)


def _walk_of(session: Session, opened: BookList, run: _Run) -> _Walk:
    """What of a run is in a list."""
    if not opened.gathered and opened.rest == NOTHING:
        return run.whole
    others = failing(opened.wanted) if opened.but_few else None
    if others is not None:
        return _Walk(
            run.whole.query.where(not_among(session, others), *within(session, opened.wanted, run.walked)), run
        )
    passes = [among(session, part) for part in opened.gathered]
    if not passes:
        passes = conditions(session, opened.rest, walked=run.walked)
    passes += within(session, opened.wanted, run.walked)
    if opened.gathered:
        passes += [looked_at(session, opened.rest)] if opened.rest != NOTHING else []
    return _Walk(run.whole.query.where(*passes), run)


def _page(session: Session, opened: BookList, mark: Mark, skip: int, count: int) -> list[int]:
    """Numbers of the rows from a mark on, over as many runs as it takes."""
    ids: list[int] = []
    key = mark.key
    for run in _runs(session, opened.wanted, opened.order)[mark.run :]:
        walk = _walk_of(session, opened, run)
        ids += [row[0] for row in _after(session, walk, run, key, skip, count - len(ids))]
        if len(ids) >= count:
            break
        skip, key = 0, None
    return ids


def _ids_at(session: Session, opened: BookList, first: int, count: int) -> Sequence[int]:
    if opened.ids is not None:
        return opened.ids[first : first + count]
    if opened.pages is not None:
        page, skip = divmod(first, PAGE_SIZE)
        wanted = ",".join(opened.pages[page : (first + count - 1) // PAGE_SIZE + 1]).split(",")
        return [int(number) for number in wanted[skip : skip + count] if number]
    mark = opened.marks[bisect_right(opened.marks, first, key=lambda mark: mark.row) - 1]
    return _page(session, opened, mark, first - mark.row, count)


def _marks(session: Session, opened: BookList, runs: Sequence[_Run]) -> tuple[tuple[Mark, ...], int]:
    """The length of an unfiltered list and its marks: from each to the next without leaving the index."""
    marks: list[Mark] = []
    total = 0
    for number, run in enumerate(runs):
        size = session.scalar(select(func.count()).select_from(Book).where(*run.where)) or 0
        if size == 0 and number:
            continue
        marks.append(Mark(total, number))
        marks += [
            Mark(total + MARK_STEP * (place + 1), number, key) for place, key in enumerate(_hop(session, opened, run))
        ]
        total += size
    return tuple(marks), total


def _hop(session: Session, opened: BookList, run: _Run) -> Iterator[Key]:
    walk = _walk_of(session, opened, run)
    rows = _after(session, walk, run, None, MARK_STEP - 1, 1)
    while rows:
        book_id, value = rows[0]
        key = (value, book_id)
        yield key
        rows = _after(session, walk, run, key, MARK_STEP - 1, 1)


def _after(session: Session, walk: _Walk, run: _Run, key: Key | None, skip: int, count: int) -> list[Any]:
    """Rows of a run after a key.

    In two steps where many rows share a key: SQLite finds a pair in an index only by its first half.
    """
    asked = {"skip": skip, "count": count}
    if key is None:
        return as_stored(session, walk.first, asked)
    value, book_id = key
    if value is None:
        return as_stored(session, walk.lacking, asked | {"id": book_id})
    if run.key is Book.title_key.expression:
        return as_stored(session, walk.beyond, asked | {"value": value, "id": book_id})
    rows = as_stored(session, walk.alike, asked | {"value": value, "id": book_id})
    if len(rows) < count:
        most = {"value": value, "id": book_id, "most": skip + count}
        skip = 0 if rows else skip - (session.connection().scalar(walk.passed, most) or 0)
        rows += as_stored(session, walk.others, {"value": value, "skip": skip, "count": count - len(rows)})
    return rows


def _walk(session: Session, opened: BookList, run: _Run) -> Iterator[str]:
    """The numbers of a filtered list, a page a text: counted and joined by the database, which stalls nobody here."""
    rows = (
        _walk_of(session, replace(opened, gathered=(), rest=opened.wanted, but_few=False), run)
        .query.order_by(None)
        .subquery()
    )
    order = (rows.c.key.desc(), rows.c.id.desc()) if run.descending else (rows.c.key, rows.c.id)
    placed = select(rows.c.id, func.row_number().over(order_by=order).label("place")).subquery()
    page = ((placed.c.place - 1) // literal_column(str(PAGE_SIZE), Integer)).label("page")
    in_order: ColumnElement[str] = literal_column("',' ORDER BY place")
    if session.get_bind().dialect.name == "postgresql":
        joined = func.string_agg(placed.c.id.cast(String), in_order)
    else:
        # Older libraries take no order there, and join rows as they come, which is in order.
        joined = func.group_concat(placed.c.id, in_order if version() >= AGGREGATES_SORT else literal_column("','"))
    return (text for _, text in session.execute(select(page, joined).group_by(page).order_by(page)))


def _row_of(session: Session, opened: BookList, book_id: int) -> int | None:
    for number, run in enumerate(_runs(session, opened.wanted, opened.order)):
        found = session.execute(select(run.key.label("key")).where(Book.id == book_id, *run.where)).one_or_none()
        if found is None:
            continue
        start = next((mark.row for mark in opened.marks if mark.run == number), 0)
        query = select(func.count()).select_from(Book).where(*run.where, run.before((found.key, book_id)))
        return start + (session.scalar(query) or 0)
    return None


@dataclass(frozen=True, slots=True)
class Choices:
    """What filters can be set to: formats and languages in use, suppliers by number and name.

    Where en-GB or en-US are in use, en is there too, which finds them all.
    """

    formats: tuple[str, ...]
    languages: tuple[str, ...]
    suppliers: tuple[tuple[int, str], ...]


async def filter_choices(app: App) -> Choices:
    """Give what a list can be filtered by."""
    formats, used = await values_of(app, SortBy.FORMAT), await values_of(app, SortBy.LANGUAGE)
    languages = sorted({*used, *(tag.partition("-")[0] for tag in used)})
    query = select(Supplier.id, Supplier.name).where(Supplier.active).order_by(Supplier.name)
    suppliers = await app.db.read(lambda session: [(number, name) for number, name in session.execute(query)])
    return Choices(tuple(formats), tuple(languages), tuple(suppliers))
