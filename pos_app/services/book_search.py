"""Finding books among a million as somebody types (docs/decisions/0006); lists of them are in book_list.py."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Integer,
    Select,
    String,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.database import as_stored
from pos_app.domain.isbn import try_isbn13
from pos_app.domain.kinds import BookKind
from pos_app.domain.search import fold, is_storable, sort_key
from pos_app.models import Book, BookCode, Category, UsedCopy, table
from pos_app.models.base import utc
from pos_app.services.book_filter import BookFilter, conditions, few_parts, gather, passing, rest_of

# How many hits are ranked: of a word that more books have, those with the lowest numbers and the best sellers.
RANKED = 500
BEST_SELLERS = 500
# How many hits of a word are asked whether they pass a filter that leaves many books.
HITS = 20_000
# A filter that leaves no more than so many books is read whole and searched in the program.
FEW = 2_000
# The same where two filters leave so many, whose numbers were read to learn it.
GATHERED = 10_000
# The start of a word that very many words share.
SHORT = 3
# Of those on a shelf or selling: ten times as many books in all are looked at one by one.
FEW_OTHERS = 200
MAX_WORDS = 8
ISBN_LENGTH = 13
MAX_QUERY = 200
# PostgreSQL refuses words of more than 2,046 bytes, and one sign may fold to many letters.
MAX_WORD = 100
# The highest code point: every key that starts with a prefix sorts below the prefix and this.
_AFTER = "\U0010ffff"


class BookRow(NamedTuple):
    """One title in a list; amounts in minor units. A tuple, since lists make two hundred at a time."""

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
    title_key: str
    cost: int | None = None
    publisher: str | None = None
    series: str | None = None
    series_number: str | None = None
    published_on: str | None = None
    format: str | None = None
    language: str | None = None
    sold_count: int = 0
    reserved: int = 0
    kind: str = BookKind.BOOK
    cover_image: str | None = None
    # Of a used copy, which has no ISBN: how worn it is and the code on its label.
    grade: str | None = None
    label_code: str | None = None
    # These three as the database gives them: SQLite's are 0 and 1 and a text, and not every row is shown.
    open_price: bool = False
    active: bool = True
    updated: str | datetime | None = None

    @property
    def updated_at(self) -> datetime | None:
        """When the title was last changed, in UTC."""
        return utc(self.updated)


_BOOKS, _CATEGORIES = table(Book), table(Category)
_SHELVED = _CATEGORIES.c.id == _BOOKS.c.category_id
_USED, _CODES = table(UsedCopy), table(BookCode)
_grade = select(_USED.c.grade).where(_USED.c.book_id == _BOOKS.c.id).scalar_subquery()
_code = select(_CODES.c.code).where(_CODES.c.book_id == _BOOKS.c.id).order_by(_CODES.c.id).limit(1).scalar_subquery()
# Looked for where there is no ISBN alone: most titles have one.
_ELSEWHERE = {
    "category": _CATEGORIES.c.name,
    "grade": case((_BOOKS.c.isbn.is_(None), cast(_grade, String)), else_=None),
    "label_code": case((_BOOKS.c.isbn.is_(None), _code), else_=None),
    "updated": _BOOKS.c.updated_at,
}
_SHOWN = [_ELSEWHERE[name] if name in _ELSEWHERE else _BOOKS.c[name] for name in BookRow._fields]
_ROWS = select(*_SHOWN).join_from(_BOOKS, _CATEGORIES, _SHELVED, isouter=True)
# All numbers as one parameter: two hundred would have to be written into each statement, and read by the database.
_NUMBERED = {
    "sqlite": _ROWS.where(
        _BOOKS.c.id.in_(select(func.json_each(bindparam("ids", type_=JSON)).table_valued("value").c.value))
    ),
    "postgresql": _ROWS.where(_BOOKS.c.id == any_(bindparam("ids", type_=ARRAY(Integer)))),
}


# What a hit is ranked by: number, stock, copies sold, key of the title. A plain tuple: a search makes a thousand.
_Hit = tuple[int, int, int, str]
Passes = Sequence[ColumnElement[bool]]
# What a till searches.
_SOLD_HERE = BookFilter(on_sale=True)
ON_SALE: Passes = (_BOOKS.c.active.is_(True),)


async def suggest(app: App, typed: str, limit: int = 12) -> list[BookRow]:
    """Give the titles on sale a cashier may mean, the best first (`found_ids`)."""
    return await app.db.read(lambda session: filtered(session, BookFilter(text=typed, on_sale=True), limit))


def words(query: str) -> list[str]:
    """Give the folded words of a query; syntax of any search engine in it is only punctuation."""
    return [word[:MAX_WORD] for word in fold(query[:MAX_QUERY]).split()[:MAX_WORDS]]


def filtered(session: Session, wanted: BookFilter, limit: int) -> list[BookRow]:
    """Give the books a filter finds, the best first, inside an act."""
    if wanted.text.strip():
        return rows_of(session, found_ids(session, wanted)[:limit])
    query = select(Book.id).where(*conditions(session, wanted)).order_by(Book.title_key, Book.id).limit(limit)
    return book_rows(session, query)


def rows_of(session: Session, ids: Sequence[int]) -> list[BookRow]:
    """Read the rows of books in the order of their numbers given; those that are gone are left out."""
    rows = as_stored(session, _NUMBERED[session.get_bind().dialect.name], {"ids": list(ids)})
    by_id = {row[0]: row for row in map(BookRow._make, rows)}
    return [by_id[book_id] for book_id in ids if book_id in by_id]


def book_rows(session: Session, ids: Select[int]) -> list[BookRow]:
    """Read list rows for a query of ids, in its order."""
    rows = session.execute(ids.with_only_columns(*_SHOWN).join_from(Book, Category, _SHELVED, isouter=True))
    return [BookRow._make(row) for row in rows]


def found_ids(session: Session, wanted: BookFilter) -> list[int]:
    """Give the numbers of what a search finds, the best first, at most `RANKED` (`found`)."""
    return found(session, wanted)[0]


def found(session: Session, wanted: BookFilter) -> tuple[list[int], bool]:
    """Give the numbers of what a search finds, the best first, at most `RANKED`, and whether there may be more.

    First what has the number typed; then by whether it is in stock, how many were sold, whether the title starts with
    what was typed, and by title. What is to be left out is left out of those, and no other comes in its place: it was
    taken out of a list that shows no more.
    """
    left_out, wanted = set(wanted.without), replace(wanted, without=())
    ids, more = _found(session, wanted)
    return [number for number in ids if number not in left_out], more


def _found(session: Session, wanted: BookFilter) -> tuple[list[int], bool]:
    passes = ON_SALE if replace(wanted, text="") == _SOLD_HERE else conditions(session, wanted)
    number = wanted.text.strip().replace("-", "").replace(" ", "")
    exact: list[int] = []
    if number.isascii() and number.isdigit() and len(number) >= 3:  # noqa: PLR2004 - shorter is a word like "84"
        exact = list(_by_number(session, number, passes))
        if exact and len(number) >= 9:  # noqa: PLR2004 - no word of a title
            return exact, len(exact) >= RANKED
    start = " ".join(words(wanted.text))
    hits: dict[int, _Hit] = {}
    more = False
    signs = wanted.text[:MAX_QUERY].strip()
    filtering = replace(wanted, text="", on_sale=False) != BookFilter()
    few = _among_few(session, start, wanted) if start and filtering else None
    if few is not None:
        hits = few
    elif start or is_storable(signs):
        hits = _by_title_start(session, start or sort_key(signs), passes)
        # Of one short word begun, titles that start so fill the list by themselves: not all that merely have it.
        if start and (len(start) > SHORT or len(hits) < RANKED // 2):
            hits |= _by_words(session, start, passes, filtering=filtering)
        elif start:
            more = True
            hits |= _best_sellers(session, start, passes)
    if not (hits or exact) and " " in start:
        hits = _by_beginnings(session, start, passes)
        more = more or bool(hits and not _long(start))
    best = sorted(
        (stock <= 0, -sold, not title_key.startswith(start), title_key, book_id)
        for book_id, stock, sold, title_key in hits.values()
    )
    ids = list(dict.fromkeys([*exact, *(hit[-1] for hit in best)]))
    return ids[:RANKED], more or len(ids) >= RANKED


@cache
def _on_sale(statement: Select[Any]) -> Select[Any]:
    return statement.where(*ON_SALE)


def _passing(statement: Select[Any], passes: Passes) -> Select[Any]:
    """A statement for those that pass; as a till asks, at each letter, it is put together once."""
    return _on_sale(statement) if passes is ON_SALE else statement.where(*passes)


# Digits up to digits: other signs sort differently from one server's language to the next.
_DIGITS = select(Book.id).where(Book.isbn.between(bindparam("number"), bindparam("after"))).order_by(Book.isbn)
_BY_DIGITS = _DIGITS.limit(RANKED)
_BY_ISBN = select(Book.id).where(Book.isbn == bindparam("number"))
_BY_CODE = select(Book.id).join(BookCode).where(BookCode.code == bindparam("number"))


def _by_number(session: Session, number: str, passes: Passes) -> Sequence[int]:
    """By ISBN, whole in any form or its first digits; else by another barcode."""
    isbn = try_isbn13(number)
    if isbn:
        rows = as_stored(session, _passing(_BY_ISBN, passes), {"number": isbn})
    else:
        asked = {"number": number, "after": number.ljust(ISBN_LENGTH, "9")}
        rows = as_stored(session, _passing(_BY_DIGITS, passes), asked)
    rows = rows or as_stored(session, _passing(_BY_CODE, passes), {"number": number})
    return [row[0] for row in rows]


_RANK = (_BOOKS.c.id, _BOOKS.c.stock, _BOOKS.c.sold_count, _BOOKS.c.title_key)
_HITS = select(*_RANK)
# As in the index `idx_books_search_first`.
_RANKED_FIRST = func.greatest(_BOOKS.c.stock, _BOOKS.c.sold_count) > literal_column("0")


def _hits(session: Session, query: Select[int, int, int, str], asked: dict[str, Any] | None = None) -> dict[int, _Hit]:
    return {row[0]: row for row in as_stored(session, query, asked)}


def _has_words(search_text: str, start: str, *, begun: bool = False) -> bool:
    """Whether a book has all words typed, the last one as a prefix, or all of them as such (`begun`)."""
    there = f" {search_text} "
    if begun:
        return all(f" {word}" in there for word in start.split())
    *whole, last = start.split()
    return f" {last}" in there and all(f" {word} " in there for word in whole)


def _among_few(session: Session, start: str, wanted: BookFilter) -> dict[int, _Hit] | None:
    """What a search finds where a filter leaves few books: cheaper than asking of every hit whether it is one of them.

    None where the filter leaves many.
    """
    few = few_parts(session, wanted)
    passes: list[ColumnElement[bool]]
    most = FEW
    if len(few) == 1:
        passes = [_BOOKS.c.id.in_(passing(session, wanted, few).limit(FEW + 1))]
    else:
        # What was gathered is read, if it takes a little longer.
        given, rest, most = BookFilter(ids=gather(session, few)), rest_of(wanted, few), GATHERED
        if len(given.ids or ()) > GATHERED:
            return None
        passes = [*conditions(session, given), *conditions(session, rest, walked=Book.id)]
    rows = as_stored(session, select(*_RANK, _BOOKS.c.search_text).where(*passes).limit(most + 1))
    if len(rows) > most:
        return None
    hits = {row[0]: row[:4] for row in rows if row[3].startswith(start) or _has_words(row[4], start)}
    return hits or {row[0]: row[:4] for row in rows if _has_words(row[4], start, begun=True)}


_FIRST, _AFTER_IT = bindparam("start", type_=String), bindparam("after", type_=String)
_BY_TITLE_START = (
    _HITS.where(_BOOKS.c.title_key >= _FIRST, _BOOKS.c.title_key < _AFTER_IT)
    .order_by(_BOOKS.c.title_key, _BOOKS.c.id)
    .limit(bindparam("most", type_=Integer))
)


def _by_title_start(session: Session, start: str, passes: Passes) -> dict[int, _Hit]:
    asked = {"start": start, "after": start + _AFTER, "most": RANKED // 2}
    return _hits(session, _passing(_BY_TITLE_START, passes), asked)


def _by_words(session: Session, start: str, passes: Passes, *, filtering: bool) -> dict[int, _Hit]:
    """All words anywhere, the last one as a prefix: a bounded number of hits, and the best sellers among the rest.

    The last word is tried as a whole one first: where that has hits enough, the longer words that start so need not be
    merged, which is what a search of a common word costs.
    """
    hits: dict[int, _Hit] = {}
    for sought in _steps(session, start):
        hits |= _hits(session, _passing(_having(session, sought, bounded=filtering), passes), sought.asked)
        if len(hits) >= RANKED:
            return hits | _best_sellers(session, start, passes)
    return hits | _best_sellers(session, start, passes) if filtering else hits


def _by_beginnings(session: Session, start: str, passes: Passes) -> dict[int, _Hit]:
    """Where no book has the words as they were typed, those that have one beginning with each: "pott row har"."""
    long = _long(start)
    if not long:
        # So many words begin so that the index would merge half of itself.
        return _best_sellers(session, start, passes, begun=True)
    there = " " + _BOOKS.c.search_text
    short = [there.contains(f" {word}") for word in start.split() if len(word) < SHORT]
    sought = _Sought({"match": _match(session, [(word, "*") for word in long])})
    query = _having(session, sought, bounded=True).where(*short, *passes)
    return _hits(session, query, sought.asked)


def _long(start: str) -> list[str]:
    return [word for word in start.split() if len(word) >= SHORT]


class _Sought(NamedTuple):
    """What the index of words is asked for, and whether of those alone that stand on a shelf or sell."""

    # What matches; and, of a last word that is looked for among the hits, how it begins.
    asked: dict[str, Any]
    first: bool = False


def _steps(session: Session, start: str) -> Iterator[_Sought]:
    """What is asked for, one after the other, until there are hits enough."""
    whole = _sought_words(session, start, "")
    if _is_sqlite(session):
        # Its index tells for next to nothing whether there are so many.
        if (session.connection().scalar(_MANY, {**whole.asked, "most": RANKED}) or 0) >= RANKED:
            yield whole
        yield _sought_words(session, start, "*")
        return
    # It gathers all hits before the first: of common words those that rank first have an index of their own.
    yield whole._replace(first=True)
    begun = _sought_words(session, start, "*", few_others=_few_others(session, start))
    yield begun._replace(first=True)
    yield whole
    yield begun


def _few_others(session: Session, start: str) -> bool:
    """Whether few books have the words before a last one of three letters: "harry potter and the"."""
    *others, last = start.split()
    if not others or len(last) != SHORT:
        return False
    asked = _sought_words(session, " ".join(others), "").asked
    return (session.connection().scalar(_OTHERS, asked) or 0) < FEW_OTHERS


_BEST = (
    select(*_RANK, (" " + _BOOKS.c.search_text + " ").label("there"))
    .where(_BOOKS.c.sold_count > 0)
    .order_by(_BOOKS.c.sold_count.desc(), _BOOKS.c.id.desc())
    .limit(BEST_SELLERS)
)


def _best_having(passes: Passes, words: int) -> Select[Any]:
    best = _BEST.where(*passes).subquery()
    return select(*list(best.c)[:4]).where(
        *(best.c.there.contains(bindparam(f"word{place}", type_=String)) for place in range(words))
    )


_best_on_sale = cache(partial(_best_having, ON_SALE))


def _best_sellers(session: Session, start: str, passes: Passes, *, begun: bool = False) -> dict[int, _Hit]:
    """The best sellers that have all words, the last one as a prefix, or all of them as such (`begun`)."""
    *whole, last = start.split()
    ending = "" if begun else " "
    having = [*(f" {word}{ending}" for word in whole), f" {last}"]
    query = _best_on_sale(len(having)) if passes is ON_SALE else _best_having(passes, len(having))
    return _hits(session, query, {f"word{place}": word for place, word in enumerate(having)})


def _sought_words(session: Session, start: str, ending: str, *, few_others: bool = False) -> _Sought:
    """Books with all words; the last one as a prefix where the ending is a star."""
    sought = start.split()
    if ending and len(sought) > 1 and (few_others or len(sought[-1]) < SHORT):
        # An index merges every word that starts so before it looks for the others: it is asked for those first.
        last = f" {sought.pop()}"
        return _Sought({"match": _match(session, [(word, "") for word in sought]), "last": last})
    return _Sought({"match": _match(session, [*((word, "") for word in sought[:-1]), (sought[-1], ending)])})


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


# Written out, since a till asks it at each letter that is typed.
_MANY = text("SELECT count(*) FROM (SELECT rowid FROM books_fts WHERE books_fts MATCH :match LIMIT :most)")


def _match(session: Session, sought: Sequence[tuple[str, str]]) -> str:
    """Words, each with a star where it only begins, as the database's index is asked for them."""
    if _is_sqlite(session):
        return " ".join(f'"{word}"{ending}' for word, ending in sought)
    return " & ".join(word + ending.replace("*", ":*") for word, ending in sought)


_MATCHING = {
    "sqlite": select(
        text("SELECT rowid AS id FROM books_fts WHERE books_fts MATCH :match").columns(_BOOKS.c.id).subquery().c.id
    ),
    "postgresql": select(_BOOKS.c.id).where(
        func.to_tsvector(literal_column("'simple'::regconfig"), _BOOKS.c.search_text).op("@@")(
            func.to_tsquery(literal_column("'simple'::regconfig"), bindparam("match", type_=String))
        )
    ),
}
_OTHERS = select(func.count()).select_from(_MATCHING["postgresql"].where(_RANKED_FIRST).limit(FEW_OTHERS).subquery())


@cache
def _words_hits(kind: str, *, last: bool, first: bool, bounded: bool) -> Select[Any]:
    having = _MATCHING[kind]
    among = (" " + _BOOKS.c.search_text).contains(bindparam("last", type_=String))
    if first:
        having = having.where(_RANKED_FIRST)
    if last and kind == "sqlite":
        others = having.limit(HITS).subquery()
        having = select(_BOOKS.c.id).join(others, others.c.id == _BOOKS.c.id).where(among)
    elif last:
        having = having.where(among)
    if kind == "postgresql" and not bounded:
        # Joined with itself, each book would be looked up twice.
        return having.with_only_columns(*_RANK).limit(RANKED)
    found = (having.limit(HITS) if bounded else having).subquery()
    return _HITS.join(found, found.c.id == _BOOKS.c.id).limit(RANKED)


def _having(session: Session, sought: _Sought, *, bounded: bool) -> Select[Any]:
    """The statement for what is sought; of many hits only so many are asked whether they pass (`bounded`)."""
    kind = session.get_bind().dialect.name
    return _words_hits(kind, last="last" in sought.asked, first=sought.first, bounded=bounded)
