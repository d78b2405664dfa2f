"""Which books a list shows, and what of that the database is asked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from pos_app.database import as_stored
from pos_app.domain.kinds import Missing, StockState
from pos_app.domain.subject import below
from pos_app.models import Book, BookSubject, BookSupplier, Category, table

# So many titles drawn from all tell how many pass: of what 2 in 100 have, some six are among them. Where most numbers
# are no title's, so many times more are drawn at most.
SAMPLED, AGAIN = 300, 20
# As many can be chosen one by one; more are all that a filter finds, but for some.
MOST_CHOSEN = 10_000
# A subject that so many codes belong to is not gathered where something else is asked for too.
BROAD = 10_000
# Of several things asked for, those that so many titles pass at most are gathered, and the others looked at one by one.
GATHERED = 120_000
# Of what so many of a sample pass at least, there are more than fit a short list.
MANY = 4
# More than there are: a limit keeps PostgreSQL from joining what it should gather.
_ALL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class BookFilter:
    """Which books a list shows; prices in minor units; a category, and a subject ("93:FB"), with all below it.

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
    subject: str | None = None
    changed_since: datetime | None = None
    missing: Missing | None = None
    ids: tuple[int, ...] | None = None
    without: tuple[int, ...] = ()


T = TypeVar("T")
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
    Missing.COVER: Book.cover_image,
    Missing.DESCRIPTION: Book.description,
}


def conditions(
    session: Session, wanted: BookFilter, *, walked: Column | None = None, one: type[Book] = Book
) -> list[ColumnElement[bool]]:
    """Give a filter's conditions, its text aside, or those of `one` other book.

    `walked` is the column along whose index the books are read: SQLite would else take the index of a condition that
    most books meet, and sort them all.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    one_by_one = walked is not None or one is not Book

    def column(asked: Column) -> ColumnElement[Any]:
        if walked is None or walked is asked or not sqlite:
            mine: Column = asked if one is Book else getattr(one, asked.key)
            return mine.expression
        return UnaryExpression(asked.expression, operator=custom_op("+"), type_=asked.type)

    def exists(numbers: Select[int]) -> ColumnElement[bool]:
        there = numbers.correlate(one)
        if sqlite or not one_by_one:
            return there.exists()
        # PostgreSQL would else start from all that is there, however many.
        return there.limit(1).scalar_subquery().is_not(None)

    made = [test(column(each)) for each, test in _tests(session, wanted)]
    made += _chosen(session, wanted, one)
    if wanted.supplier_id is not None:
        supplied = _supplied_by(wanted.supplier_id)
        there = supplied.where(BookSupplier.book_id == one.id)
        made.append(exists(there) if one_by_one else one.id.in_(supplied))
    if wanted.subject is not None:
        # Where words are searched for, or the subject is broad, few others are left to be looked at one by one.
        each = one_by_one or bool(wanted.text.strip()) or _is_broad(session, wanted.subject)
        coded = _coded(wanted.subject)
        about = coded.where(table(BookSubject).c.book_id == one.id)
        made.append(exists(about) if each else one.id.in_(coded))
    if wanted.missing is Missing.SUPPLIER:
        made.append(from_nobody(one))
    return made


# Made once: each new one would have its columns made anew.
_ONE = aliased(Book)


def looked_at(session: Session, wanted: BookFilter) -> ColumnElement[bool]:
    """Whether a book passes a filter, asked by itself after all that an index tells.

    PostgreSQL would else fetch each book to learn whether to look at it.
    """
    passes = and_(true(), *conditions(session, wanted, one=_ONE))
    return select(passes).where(_ONE.id == Book.id).correlate(Book).scalar_subquery()


def from_nobody(one: type[Book] = Book) -> ColumnElement[bool]:
    """Whether a title usually comes from no supplier."""
    usual = select(BookSupplier.id).where(BookSupplier.book_id == one.id, BookSupplier.position == 1)
    return ~usual.correlate(one).exists()


def parts(wanted: BookFilter) -> list[BookFilter]:
    """Take a filter apart, its text aside: each part asks for one thing. One index holds both ends of a price."""
    asked = _asked(wanted)
    prices: dict[str, Any] = {name: asked.pop(name) for name in ("min_price", "max_price") if name in asked}
    each: list[dict[str, Any]] = [prices] if prices else []
    return [BookFilter(**one) for one in [*each, *({name: value} for name, value in asked.items())]]


def _asked(wanted: BookFilter) -> dict[str, Any]:
    """What a filter asks for, its text aside."""
    named = [(field.name, field.default, getattr(wanted, field.name)) for field in fields(wanted)]
    return {name: value for name, default, value in named if value != default and name != "text"}


@dataclass(frozen=True, slots=True)
class Sample:
    """How many titles were looked at, and how many of them pass a filter, its text aside, and each of its parts.

    `few` are as many of them as `GATHERED` is of all.
    """

    looked_at: int
    passed: int
    parts: tuple[tuple[BookFilter, int], ...] = ()
    few: float = 0


def draw(session: Session, wanted: BookFilter, count: int = SAMPLED) -> Sample:
    """Look at some titles, drawn from all, and tell how many pass a filter, and each of its parts."""
    last = session.scalar(select(func.max(Book.id))) or 1
    # At equal distances: what a shop entered together often is alike.
    some = dict.fromkeys(1 + (2 * number + 1) * last // (2 * count) for number in range(count))
    sample = draw_of(session, wanted, _given(session, list(some)), parts(wanted))
    if sample.looked_at < count // 2 and count == SAMPLED < last:
        return draw(session, wanted, min(SAMPLED * SAMPLED // max(sample.looked_at, 1), AGAIN * SAMPLED))
    return replace(sample, few=GATHERED / last * count)


def draw_of(session: Session, wanted: BookFilter, some: Select[Any], several: Sequence[BookFilter] = ()) -> Sample:
    """Look at some titles by number, and tell how many pass a filter, and each of several parts of it."""

    def passed(one: BookFilter) -> ColumnElement[int]:
        passes = and_(true(), *conditions(session, one, walked=Book.id))
        return func.coalesce(func.sum(case((passes, 1), else_=0)), 0)

    query = select(func.count(), passed(wanted), *map(passed, several)).where(Book.id.in_(some))
    looked_at, all_of_it, *each = map(int, as_stored(session, query)[0])
    return Sample(looked_at, all_of_it, tuple(zip(several, each, strict=True)))


def few_parts(session: Session, wanted: BookFilter, sample: Sample | None = None) -> tuple[BookFilter, ...]:
    """The parts of a filter that few titles pass, the fewest first, as a sample of all tells.

    The whole filter where it has one part, or none that few pass.
    """
    whole = BookFilter(**_asked(wanted))
    if len(parts(wanted)) == 1:
        return (whole,)
    sample = sample or draw(session, wanted)
    few = [pair for pair in sample.parts if pair[1] <= sample.few and _has_index(pair[0])]
    return tuple(part for part, _ in sorted(few, key=itemgetter(1))) or (whole,)


def _has_index(part: BookFilter) -> bool:
    """Whether an index tells which books pass; no other is as long as there are books."""
    return not (part.on_sale or part.without or part.missing is Missing.SUPPLIER)


def rest_of(wanted: BookFilter, few: Sequence[BookFilter]) -> BookFilter:
    """What a filter asks for beside some of its parts."""
    names = {name for part in few for name in _asked(part)}
    return BookFilter(**{name: value for name, value in _asked(wanted).items() if name not in names})


def passing(session: Session, wanted: BookFilter, few: Sequence[BookFilter]) -> Select[Any]:
    """The numbers of the books that pass a filter, its text aside; `few` are its `few_parts`."""
    return passing_all(session, few, rest_of(wanted, few))


def passing_all(session: Session, few: Sequence[BookFilter], rest: BookFilter) -> Select[Any]:
    """The numbers of the books that pass some parts, gathered first, and the rest of a filter."""
    query = _passing(session, few)
    if rest == BookFilter():
        return query
    # Where it is one book that is looked at, no index helps.
    number = query.limit(_ALL).subquery().c[0]
    return select(number).join(Book, Book.id == number).where(*conditions(session, rest, walked=Book.id))


def gather(session: Session, few: Sequence[BookFilter]) -> tuple[int, ...]:
    """Give the numbers of the titles that pass all of some parts, each read along an index of its own."""
    if session.get_bind().dialect.name == "postgresql":
        # It has the indexes meet before it looks at a title.
        return tuple(map(int, _in_one_text(session, _passing(session, few))))
    # SQLite would put the numbers of each part into a tree: three times as long as into a set.
    first, *others = (_in_one_text(session, _numbers(session, part)) for part in few)
    return tuple(map(int, set(first).intersection(*others)))


def _in_one_text(session: Session, numbers: Select[Any]) -> list[str]:
    """Read many numbers as one text: to read them row by row takes three times as long, and from the window."""
    number = numbers.subquery().c[0]
    if session.get_bind().dialect.name == "postgresql":
        text = session.scalar(select(func.string_agg(cast(number, String), literal_column("','"))))
    else:
        text = session.scalar(select(func.group_concat(number)))
    return text.split(",") if text else []


def _passing(session: Session, few: Sequence[BookFilter]) -> Select[Any]:
    """The numbers of the books that pass all of some parts."""
    if len(few) > 1 and session.get_bind().dialect.name == "postgresql" and not any(map(_elsewhere, few)):
        return select(Book.id).where(*(test for part in few for test in conditions(session, part)))
    first, *others = (_numbers(session, part) for part in few)
    if few[0].subject is not None:
        first = first.distinct()
    if not others:
        return first
    number = first.limit(_ALL).subquery().c[0]
    return select(number).where(*(number.in_(other.limit(_ALL)) for other in others))


def _elsewhere(part: BookFilter) -> bool:
    """Whether it stands in another table who passes a part."""
    return part.supplier_id is not None or part.subject is not None


def _numbers(session: Session, part: BookFilter) -> Select[Any]:
    """The numbers of the books that pass a part, those of a subject more than once; an index has them."""
    if part.supplier_id is not None and part == BookFilter(supplier_id=part.supplier_id):
        # Their numbers stand beside the supplier's: no book need be looked at.
        return _supplied_by(part.supplier_id)
    if part.subject is not None and part == BookFilter(subject=part.subject):
        return _coded(part.subject)
    return select(Book.id).where(*conditions(session, part))


def among(session: Session, part: BookFilter) -> ColumnElement[bool]:
    """Whether a book is among those that pass a part, whose numbers the database gathers first.

    Written so that neither planner starts from them: the books are to be read along another index.
    """
    if part.ids is not None and part == BookFilter(ids=part.ids):
        numbers = _given(session, part.ids)
    else:
        numbers = _numbers(session, part).limit(_ALL).correlate(None)
    if session.get_bind().dialect.name == "postgresql":
        return Book.id.in_(numbers).is_(true())
    return UnaryExpression(Book.id.expression, operator=custom_op("+"), type_=Book.id.type).in_(numbers)


def failing(wanted: BookFilter) -> Select[int] | None:
    """The numbers of the books that do not pass a filter of one thing; None where no index has them."""
    if wanted == BookFilter(state=wanted.state) and wanted.state is not None:
        return select(Book.id).where(Book.stock_state.in_([state for state in StockState if state != wanted.state]))
    if wanted == BookFilter(missing=Missing.SUPPLIER):
        return select(BookSupplier.book_id).where(BookSupplier.position == 1)
    column = lacking(wanted)
    if column is not None and wanted == BookFilter(missing=wanted.missing):
        return select(Book.id).where(column.is_not(None))
    return None


def not_among(session: Session, numbers: Select[int]) -> ColumnElement[bool]:
    """Whether a book is none of some, which the database gathers first, as in `among`."""
    there = numbers.limit(_ALL).correlate(None)
    if session.get_bind().dialect.name == "postgresql":
        return Book.id.in_(there).is_(false())
    return UnaryExpression(Book.id.expression, operator=custom_op("+"), type_=Book.id.type).not_in(there)


def within(session: Session, wanted: BookFilter, walked: Column) -> list[ColumnElement[bool]]:
    """The part of a column's index in which alone books can be that pass a filter."""
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
        # Asked for at the till: nobody told one, or there is none to be told.
        Book.open_price: True if wanted.missing is Missing.PRICE else None,
    }
    tests: list[tuple[Column, Test]] = [
        (column, partial(_is, value)) for column, value in equal.items() if value is not None
    ]
    if wanted.category_id is not None:
        ids = category_ids(session, wanted.category_id)
        tests.append((Book.category_id, lambda asked: asked == ids[0] if len(ids) == 1 else asked.in_(ids)))
    if wanted.language is not None:
        language = wanted.language
        tags = _once(session, "language", language, lambda: _languages(session, language))
        tests.append((Book.language, lambda asked: asked == tags[0] if len(tags) == 1 else asked.in_(tags)))
    if wanted.min_price is not None:
        tests.append((Book.price, lambda asked: asked >= wanted.min_price))
    if wanted.max_price is not None:
        tests.append((Book.price, lambda asked: asked <= wanted.max_price))
    if wanted.in_stock:
        tests.append((Book.stock, lambda asked: asked > 0))
    if wanted.changed_since is not None:
        since = as_kept(session, wanted.changed_since)
        tests.append((Book.updated_at, lambda asked: asked >= since))
    if wanted.missing in _NULLABLE:
        tests.append((_NULLABLE[wanted.missing], lambda asked: asked.is_(None)))
    return tests


def as_kept(session: Session, moment: datetime) -> Any:
    """A time to compare with those of a column: SQLite's are texts, and those of a whole second have no fraction."""
    if session.get_bind().dialect.name != "sqlite":
        return moment
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return literal(utc.isoformat(" "), String)


def _languages(session: Session, tag: str) -> list[str]:
    """A language and, of those in use, what is spoken of it elsewhere: en-GB and en-US are en. Hops along the index."""
    found, value = [tag], session.scalar(select(func.min(Book.language)).where(Book.language > tag))
    # Whatever way a database sorts the hyphen, all of them begin so.
    while value is not None and value.startswith(tag):
        if value.startswith(f"{tag}-"):
            found.append(value)
        value = session.scalar(select(func.min(Book.language)).where(Book.language > value))
    return found


def _chosen(session: Session, wanted: BookFilter, one: type[Book]) -> Iterator[ColumnElement[bool]]:
    if wanted.ids is not None:
        yield one.id.in_(_given(session, wanted.ids))
    if wanted.without:
        yield one.id.not_in(_given(session, wanted.without))


def _given(session: Session, ids: Sequence[int]) -> Select[Any]:
    """Numbers as one parameter: each by itself would have to be written into the statement, and read again."""
    if session.get_bind().dialect.name == "postgresql":
        return select(func.unnest(bindparam(None, list(ids), type_=ARRAY(Integer))))
    return select(func.json_each(bindparam(None, list(ids), type_=JSON)).table_valued("value").c.value)


def _supplied_by(supplier_id: int) -> Select[int]:
    return select(BookSupplier.book_id).where(BookSupplier.supplier_id == supplier_id)


def _coded(subject: str) -> Select[int]:
    """The numbers of the titles of a subject and of all narrower ones, some more than once."""
    code, (first, after) = table(BookSubject).c, below(subject)
    return select(code.book_id).where(code.subject >= first, code.subject < after)


def _is_broad(session: Session, subject: str) -> bool:
    some = _coded(subject).limit(BROAD).subquery()
    query = select(func.count()).select_from(some)
    return _once(session, "subject", subject, lambda: session.scalar(query) or 0) >= BROAD


def _once(session: Session, what: str, of: object, read: Callable[[], T]) -> T:
    """What an act reads again and again, read once."""
    known: dict[tuple[str, object], T] = session.info.setdefault("once", {})
    if (what, of) not in known:
        known[what, of] = read()
    return known[what, of]


def category_ids(session: Session, category_id: int) -> list[int]:
    """Give a category's number and those of all below it."""
    return _once(session, "category", category_id, lambda: _category_ids(session, category_id))


def _category_ids(session: Session, category_id: int) -> list[int]:
    below: dict[int | None, list[int]] = {}
    for child, parent in session.execute(select(Category.id, Category.parent_id)):
        below.setdefault(parent, []).append(child)
    ids = [category_id]
    for number in ids:
        ids += [child for child in below.get(number, ()) if child not in ids]
    return ids
