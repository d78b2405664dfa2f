"""Lists of books: every order and filter shows each book once, and any row is reached from wherever it is asked."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.kinds import BookKind, Missing, StockState
from pos_app.domain.search import search_words, sort_key
from pos_app.models import Book, BookSupplier, Category, Supplier, table
from pos_app.services import book_filter, book_list
from pos_app.services.book import get_book
from pos_app.services.book_edit import edit_book
from pos_app.services.book_filter import BookFilter, Sample
from pos_app.services.book_list import (
    BookList,
    ListOrder,
    SortBy,
    changes_since,
    count_each,
    filter_choices,
    ids_at,
    measure_list,
    open_list,
    place_of,
    publishers_in_use,
    row_of,
    rows_at,
    values_of,
)
from pos_app.services.book_search import BookRow, suggest
from tests.shop import KLARA, PRIDE, Shop

MANY = 450
FILTERS = {
    "all": BookFilter(),
    "category tree": BookFilter(category_id=1),
    "price": BookFilter(min_price=200, max_price=600),
    "in stock": BookFilter(in_stock=True),
    "low": BookFilter(state=StockState.LOW),
    "out": BookFilter(state=StockState.OUT),
    "inactive": BookFilter(state=StockState.INACTIVE),
    "publisher": BookFilter(publisher="Knopf"),
    "format": BookFilter(format="Hardback"),
    "language": BookFilter(language="de"),
    "supplier": BookFilter(supplier_id=1),
    "subject": BookFilter(subject="93:F"),
    "changed": BookFilter(changed_since=datetime(2026, 1, 10, tzinfo=UTC)),
    "no ISBN": BookFilter(missing=Missing.ISBN),
    "no author": BookFilter(missing=Missing.AUTHOR),
    "no category": BookFilter(missing=Missing.CATEGORY),
    "no supplier": BookFilter(missing=Missing.SUPPLIER),
    "no price": BookFilter(missing=Missing.PRICE),
    "no cover": BookFilter(missing=Missing.COVER),
    "no description": BookFilter(missing=Missing.DESCRIPTION),
    "two": BookFilter(in_stock=True, format="Hardback"),
    "none": BookFilter(min_price=10**9),
}


def made(number: int) -> dict[str, object]:
    title, author = f"Title {number * 7919 % 150:03}", ["", "Ünal", "le Guin", "Zola"][number % 4]
    publisher, series = [None, "Knopf", "Éditions", "dtv"][number % 4], "Odd" if number % 3 == 1 else None
    return {
        "title": title,
        "author": author,
        "author_key": sort_key(author),
        "price": number * 31 % 900,
        "cost": None if number % 5 == 0 else number * 17 % 500,
        "stock": number % 6 - 1,
        "reorder_at": number % 4,
        "active": number % 11 > 0,
        "open_price": number % 17 == 0,
        "cover_image": None if number % 3 else "here",
        "description": "Of a sun." if number % 10 else None,
        "category_id": [None, 1, 2, 3][number % 4],
        "tax_rate_id": 1,
        "publisher": publisher,
        "series": series,
        "format": ["Hardback", "Paperback", None][number % 3],
        "language": ["en", "de"][number % 2],
        "published_on": None if number % 7 == 0 else str(1900 + number % 100),
        "shelf": None if number % 9 else f"A{number}",
        "subjects": [None, "93:FBA 93:FFP", "93:FBA", "93:NHD"][number % 4],
        "sold_count": number % 13 % 5,
        "title_key": sort_key(title),
        "search_text": search_words(title, author, publisher, series),
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number),
    }


async def fill(shop: Shop) -> None:
    def act(session: Session) -> None:
        session.execute(update(table(Category)).where(table(Category).c.id == 2).values(parent_id=1))
        session.execute(insert(table(Book)), [{"id": 1000 + number, **made(number)} for number in range(MANY)])
        session.execute(insert(table(Supplier)), [{"name": "Gardners"}])
        supplied = [{"book_id": 1000 + number, "supplier_id": 1} for number in range(0, MANY, 3)]
        session.execute(insert(table(BookSupplier)), supplied)

    await shop.app.db.write(act)


@pytest.fixture(params=["short", "gathered", "partly", "long"])
async def lists(shop: Shop, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose lists are known whole, or read along an index, what passes gathered first or looked at one by one.

    Or partly: what few titles pass is gathered, the rest of a filter looked at.
    """
    monkeypatch.setattr(book_list, "FEW", 10_000 if request.param == "short" else 0)
    monkeypatch.setattr(book_list, "SPARSE", 2 if request.param in ("gathered", "partly") else 0)
    monkeypatch.setattr(book_filter, "GATHERED", MANY // 3 if request.param == "partly" else MANY)
    monkeypatch.setattr(book_list, "MANY", 0 if request.param == "partly" else 10_000)
    # Whether several filters are read along the order.
    monkeypatch.setattr(book_list, "SURE", 1 if request.param == "long" else 0)
    monkeypatch.setattr(book_list, "LOOKED_AT", 10**9 if request.param == "long" else 0)
    monkeypatch.setattr(book_list, "MARK_STEP", 40)
    monkeypatch.setattr(book_list, "PAGE_SIZE", 25)
    await fill(shop)
    return shop


async def whole(app: App, wanted: BookFilter, order: ListOrder) -> tuple[BookList, list[BookRow]]:
    opened, first = await open_list(app, wanted, order)
    known = await measure_list(app, opened)
    rows = await rows_at(app, known, 0, 10_000 if known.pages is None else known.total or 1)
    assert rows[: len(first)] == first
    assert len(rows) == known.total
    return known, rows


def value(row: BookRow, by: SortBy) -> object:
    match by:
        case SortBy.MATCH | SortBy.TITLE:
            return row.title_key
        case SortBy.AUTHOR:
            return sort_key(row.author)
        case SortBy.STATE:
            if not row.active or row.kind == BookKind.SERVICE:
                return 0 if row.active else 3
            return 2 if row.stock <= 0 else 1 if row.stock < row.reorder_at else 0
    names = {SortBy.REORDER: "reorder_at", SortBy.PUBLISHED: "published_on", SortBy.SOLD: "sold_count"}
    return getattr(row, {**names, SortBy.CHANGED: "updated_at"}.get(by, by.value))


def in_order(values: Sequence[object], *, descending: bool) -> bool:
    """Sorted, with what is missing at the end either way."""
    there = [each for each in values if each is not None]
    return list(values) == sorted(there, reverse=descending) + [None] * (len(values) - len(there))  # type: ignore[type-var]


async def test_every_order_shows_every_book_once_and_in_order(lists: Shop) -> None:
    for by, descending in product(SortBy, (False, True)):
        _, rows = await whole(lists.app, BookFilter(), ListOrder(by, descending))
        assert len({row.id for row in rows}) == len(rows) == MANY + 5, by
        assert in_order([value(row, by) for row in rows], descending=descending), by


async def test_every_filter_leaves_the_same_books_in_every_order(lists: Shop) -> None:
    sizes = {}
    for name, wanted in FILTERS.items():
        found = [
            {row.id for row in (await whole(lists.app, wanted, ListOrder(by, descending=by is SortBy.STOCK)))[1]}
            for by in (SortBy.TITLE, SortBy.STOCK, SortBy.PUBLISHER, SortBy.CATEGORY, SortBy.STATE, SortBy.PRICE)
        ]
        assert all(each == found[0] for each in found), name
        sizes[name] = len(found[0])
    assert sizes.pop("none") == 0
    assert all(sizes.values()), sizes
    assert len(set(sizes.values())) > 10


async def test_where_most_pass_but_not_the_first_of_an_order_those_that_do_not_are_gathered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(shop)
    monkeypatch.setattr(book_list, "FEW", 0)
    monkeypatch.setattr(book_list, "PROBED", 40)
    monkeypatch.setattr(book_list, "PROBED_EACH", 1)
    monkeypatch.setattr(book_list, "DEEPER", 1)

    async def opened(wanted: BookFilter, of_300: int) -> BookList:
        monkeypatch.setattr(book_list, "draw", lambda *_: Sample(300, of_300, (), 36))
        return (await open_list(shop.app, wanted, ListOrder(SortBy.STOCK, descending=True)))[0]

    out = BookFilter(state=StockState.OUT)
    assert (await opened(out, 270)).but_few
    # More do not pass than are gathered; or few pass; or no index has those that do not.
    assert not (await opened(out, 200)).but_few
    assert (await opened(out, 20)).gathered == (out,)
    assert not (await opened(BookFilter(max_price=1), 270)).but_few
    # Read so, each list shows the same books.
    monkeypatch.setattr(book_list, "SPARSE", 2)
    monkeypatch.setattr(book_list, "SURE", 0)
    for name in ("low", "out", "inactive", "no ISBN", "no category", "no supplier"):
        for by in (SortBy.TITLE, SortBy.STOCK, SortBy.PUBLISHER, SortBy.STATE):
            wanted = FILTERS[name]
            monkeypatch.setattr(book_list, "draw", lambda *_: Sample(300, 300, (), 36))
            but, rows = await whole(shop.app, wanted, ListOrder(by))
            assert but.but_few, name
            monkeypatch.setattr(book_list, "draw", lambda *_: Sample(300, 100, (), 0))
            usual, others = await whole(shop.app, wanted, ListOrder(by))
            assert not usual.but_few
            assert rows == others, name
            assert rows, name


async def test_several_filters_leave_what_each_of_them_leaves(lists: Shop) -> None:
    each = {
        name: {row.id for row in (await whole(lists.app, wanted, ListOrder()))[1]}
        for name, wanted in FILTERS.items()
        if name not in ("all", "two", "none")
    }
    several = [*list(combinations(each, 2))[::4], *list(combinations(each, 3))[::29]]
    seen, nothing = set(), asdict(BookFilter())
    for number, names in enumerate(several):
        things = [
            {key: value for key, value in asdict(FILTERS[name]).items() if value != nothing[key]} for name in names
        ]
        asked: dict[str, Any] = {key: value for one in things for key, value in one.items()}
        if len(asked) < sum(map(len, things)):
            continue  # one thing can be asked for once
        by = (SortBy.TITLE, SortBy.STOCK, SortBy.CATEGORY, SortBy.PRICE)[number % 4]
        found = {row.id for row in (await whole(lists.app, BookFilter(**asked), ListOrder(by)))[1]}
        assert found == set.intersection(*(each[name] for name in names)), names
        seen.add(len(found))
    assert len(seen) > 10


def test_a_list_is_read_along_its_order_where_a_page_is_soon_full() -> None:
    def walks(of_the_first_200: int, of_300_of_all: int) -> bool:
        return book_list._walks(Sample(200, of_the_first_200), Sample(300, of_300_of_all))

    assert walks(20, 0)
    assert walks(6, 9)
    # One that passes of those drawn may be the only one there is.
    assert not walks(8, 1)
    assert not walks(4, 2)
    assert not walks(0, 0)


async def test_a_list_that_nothing_can_be_in_is_empty_in_every_order(lists: Shop) -> None:
    # The category is gone, as of a saved view; and what is out is not in stock.
    for wanted in (BookFilter(category_id=99, format="Hardback"), BookFilter(in_stock=True, state=StockState.OUT)):
        for by, descending in product(SortBy, (False, True)):
            assert (await whole(lists.app, wanted, ListOrder(by, descending)))[1] == [], by


def test_a_first_part_of_few_titles_says_nothing_of_those_after_it() -> None:
    # Of a first category of twenty titles one is looked at, and passes; of all titles next to none do.
    assert not book_list._walks(Sample(1, 1), Sample(300, 0))


def test_next_to_none_may_pass_where_no_chance_explains_that_none_was_drawn() -> None:
    def may_be_none(passed: int, *parts: int) -> bool:
        # Of a million titles; a title drawn stands for 3,333.
        return book_list._may_be_none(Sample(300, passed, tuple((BookFilter(), each) for each in parts), 36))

    assert may_be_none(0, 0, 150)
    assert may_be_none(0, 5, 5)
    # In stock and without a shelf: one in 25 would be both.
    assert may_be_none(0, 12, 288)
    assert not may_be_none(0, 3, 150)
    assert not may_be_none(1, 12, 288)


async def test_numbers_that_no_title_has_change_nothing_in_what_is_few(shop: Shop) -> None:
    await fill(shop)
    # Titles have the numbers from 1,000 on.
    asked = BookFilter(in_stock=True, format="Hardback")
    drawn = await shop.app.db.read(lambda session: book_filter.draw(session, asked))
    there = book_filter.GATHERED / (MANY + 5)
    assert drawn.few == pytest.approx(there * drawn.looked_at, rel=0.3)


async def test_what_changed_in_the_very_second_asked_for_has_changed_since(lists: Shop) -> None:
    zone = "" if lists.app.db.kind == "sqlite" else "+00"
    stamp = text(f"UPDATE books SET updated_at = '2026-03-01 00:00:00{zone}' WHERE id IN (1001, 1002)")
    await lists.app.db.write(lambda session: session.execute(stamp))
    wanted = BookFilter(changed_since=datetime(2026, 3, 1, tzinfo=UTC))
    assert {row.id for row in (await whole(lists.app, wanted, ListOrder(SortBy.CHANGED)))[1]} >= {1001, 1002}


async def test_titles_chosen_are_a_list_and_so_is_all_but_some(lists: Shop) -> None:
    known, rows = await whole(lists.app, BookFilter(), ListOrder(SortBy.PRICE))
    ids = tuple(row.id for row in rows[3:40:4])
    for by in (SortBy.TITLE, SortBy.PRICE, SortBy.CATEGORY, SortBy.STATE):
        chosen = (await whole(lists.app, BookFilter(ids=ids), ListOrder(by)))[1]
        assert {row.id for row in chosen} == set(ids)
        others = (await whole(lists.app, BookFilter(without=ids), ListOrder(by)))[1]
        assert {row.id for row in others} == {row.id for row in rows} - set(ids)
    assert await ids_at(lists.app, known, 3, 2) == [row.id for row in rows[3:5]]
    text = BookFilter(text="title 0")
    found = (await whole(lists.app, text, ListOrder()))[1]
    assert len(found) > 2
    left = (await whole(lists.app, replace(text, without=(found[0].id,)), ListOrder()))[1]
    assert left == found[1:]


async def test_any_row_is_read_by_its_number_and_found_again(lists: Shop) -> None:
    for wanted, by in product(
        (BookFilter(), BookFilter(format="Hardback")), (SortBy.TITLE, SortBy.COST, SortBy.STATE, SortBy.CHANGED)
    ):
        for descending in (False, True):
            known, rows = await whole(lists.app, wanted, ListOrder(by, descending))
            for number in (0, 24, 25, 39, 40, 41, 77, len(rows) - 1):
                assert await rows_at(lists.app, known, number, 3) == rows[number : number + 3]
                assert await row_of(lists.app, known, rows[number].id) == number
    assert await row_of(lists.app, known, 999_999) is None


async def test_typing_goes_to_the_first_that_starts_so(lists: Shop) -> None:
    known, rows = await whole(lists.app, BookFilter(), ListOrder(SortBy.TITLE))
    titles = [row.title_key for row in rows]
    assert await place_of(lists.app, known, "Title 07") == next(n for n, t in enumerate(titles) if t >= "title 07")
    assert await place_of(lists.app, known, "zzz") == len(rows) - 1
    known, rows = await whole(lists.app, BookFilter(), ListOrder(SortBy.AUTHOR))
    assert rows[await place_of(lists.app, known, "LE G") or 0].author == "le Guin"


async def test_typing_goes_by_the_column_that_the_list_is_sorted_by(lists: Shop) -> None:
    async def first(by: SortBy, typed: str | int, value: Callable[[BookRow], object]) -> tuple[object, bool]:
        """What the row gone to holds, and whether none before it holds the same; sorted both ways."""
        said: list[tuple[object, bool]] = []
        for down in (False, True):
            known, rows = await whole(lists.app, BookFilter(), ListOrder(by, down))
            place = await place_of(lists.app, known, typed)
            assert place is not None
            here = value(rows[place])
            said.append((here, here not in [value(row) for row in rows[:place]]))
        assert said[0] == said[1]
        return said[0]

    _, rows = await whole(lists.app, BookFilter(), ListOrder())
    prices, stocks = sorted({row.price for row in rows}), sorted({row.stock for row in rows})
    assert await first(SortBy.PRICE, prices[3], lambda row: row.price) == (prices[3], True)
    assert await first(SortBy.STOCK, stocks[2], lambda row: row.stock) == (stocks[2], True)
    for name in {row.category for row in rows if row.category}:
        assert await first(SortBy.CATEGORY, name.lower(), lambda row: row.category) == (name, True)
    for name in {row.publisher for row in rows if row.publisher}:
        assert await first(SortBy.PUBLISHER, name.lower(), lambda row: row.publisher) == (name, True)
    assert (await first(SortBy.STATE, StockState.OUT, lambda row: value(row, SortBy.STATE) == 2)) == (True, True)
    known, rows = await whole(lists.app, BookFilter(), ListOrder(SortBy.PRICE))
    assert await place_of(lists.app, known, prices[-1] + 1) == len(rows) - 1


async def test_typing_in_a_search_goes_to_the_title_that_starts_so(lists: Shop) -> None:
    known, rows = await whole(lists.app, BookFilter(text="title"), ListOrder())
    assert rows[await place_of(lists.app, known, rows[7].title) or 0].title == rows[7].title
    assert await place_of(lists.app, known, "zzz") is None


async def test_a_list_opens_at_once_and_knows_its_length_later(lists: Shop) -> None:
    opened, rows = await open_list(lists.app, BookFilter())
    assert len(rows) == 25
    assert opened.total is None


async def test_a_search_is_ranked_and_can_be_sorted(shop: Shop) -> None:
    await fill(shop)
    by_price = (await open_list(shop.app, BookFilter(text="knopf"), ListOrder(SortBy.PRICE)))[1]
    rows = (await open_list(shop.app, BookFilter(text="knopf")))[1]
    ranks = [(row.stock <= 0, -row.sold_count) for row in rows]
    assert ranks == sorted(ranks)
    assert by_price[0].id == min(rows, key=lambda row: (row.price, row.id)).id


async def test_the_best_seller_is_found_beyond_the_hits_that_are_ranked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_app.services.book_search.RANKED", 20)
    await fill(shop)

    def sell(session: Session) -> None:
        column = table(Book).c
        session.execute(update(table(Book)).where(column.id == 1000 + MANY - 1).values(sold_count=99, stock=9))

    await shop.app.db.write(sell)
    assert (await suggest(shop.app, "title"))[0].id == 1000 + MANY - 1


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
async def test_what_stands_on_a_shelf_is_found_beyond_the_hits_that_are_ranked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(shop)
    monkeypatch.setattr("pos_app.services.book_search.RANKED", 20)

    def put_away(session: Session) -> None:
        column = table(Book).c
        session.execute(update(table(Book)).values(stock=0, sold_count=0))
        session.execute(update(table(Book)).where(column.id == 1000 + MANY - 1).values(stock=1))

    await shop.app.db.write(put_away)
    for typed in ("title", "titl", "title k", "title knopf"):
        assert (await suggest(shop.app, typed))[0].id == 1000 + MANY - 1


async def test_a_publisher_and_a_series_are_searched(shop: Shop) -> None:
    await fill(shop)
    assert {row.publisher for row in await suggest(shop.app, "EDITIONS zola", 50)} == set()
    assert {row.publisher for row in await suggest(shop.app, "editions le guin", 50)} == {"Éditions"}
    assert {row.series for row in await suggest(shop.app, "guin odd", 50)} == {"Odd"}


async def test_sales_are_counted_and_what_comes_back_is_not(shop: Shop) -> None:
    await shop.sell(PRIDE)
    await shop.sell(PRIDE)
    rows = {row.isbn: row.sold_count for row in (await open_list(shop.app, BookFilter()))[1]}
    assert (rows[PRIDE], rows[KLARA]) == (2, 0)


async def test_chips_are_counted_up_to_a_limit(shop: Shop) -> None:
    await fill(shop)
    assert await count_each(shop.app, [BookFilter(language="de"), BookFilter(min_price=10**9)], most=100) == [101, 0]


async def test_values_are_found_along_their_index(shop: Shop) -> None:
    await fill(shop)
    assert await values_of(shop.app, SortBy.FORMAT) == ["Hardback", "Paperback"]
    assert set(await values_of(shop.app, SortBy.PUBLISHER)) == {"Knopf", "dtv", "Éditions"}
    assert await values_of(shop.app, SortBy.PUBLISHER, "K", limit=1) == ["Knopf"]
    everyone = {("Knopf", "knopf"), ("dtv", "dtv"), ("Éditions", "editions")}
    assert set(await publishers_in_use(shop.app)) == everyone


async def test_a_change_at_another_till_is_told_once(shop: Shop) -> None:
    start = await changes_since(shop.app, None)
    assert start.rows == ()
    book = await get_book(shop.app, shop.books[KLARA])
    await edit_book(shop.app, shop.sam, book.id, book.version, {"price": 1234})
    told = await changes_since(shop.app, start.seen)
    assert {row.id: row.price for row in told.rows or ()}[book.id] == 1234


async def test_what_was_told_is_not_told_for_ever(shop: Shop) -> None:
    old = datetime(2026, 1, 1, tzinfo=UTC)

    def act(session: Session) -> None:
        session.execute(update(table(Book)).values(updated_at=old))

    await shop.app.db.write(act)
    assert (await changes_since(shop.app, old)).rows == ()
    told = await changes_since(shop.app, old - timedelta(seconds=1))
    assert len(told.rows or ()) == len(shop.books)
    assert told.seen == old


async def test_too_many_changes_are_told_as_such(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_list, "CHANGES_AT_ONCE", 2)
    start = await changes_since(shop.app, None)
    assert start.seen is not None
    assert (await changes_since(shop.app, start.seen - timedelta(days=1))).rows is None


async def test_a_language_finds_what_is_spoken_of_it_elsewhere_too(lists: Shop) -> None:
    tags = {1000: "en-GB", 1001: "en-US", 1002: "eng", 1003: "enm", 1004: "en"}

    def act(session: Session) -> None:
        books = table(Book)
        session.execute(update(books).values(language="de"))
        for number, tag in tags.items():
            session.execute(update(books).where(books.c.id == number).values(language=tag))

    await lists.app.db.write(act)
    for by in (SortBy.MATCH, SortBy.LANGUAGE):
        for asked, found in (("en", {1000, 1001, 1004}), ("en-US", {1001}), ("eng", {1002}), ("fr", set())):
            _, rows = await whole(lists.app, BookFilter(language=asked), ListOrder(by))
            assert {row.id for row in rows} == found
    choices = await filter_choices(lists.app)
    assert choices.languages == ("de", "en", "en-GB", "en-US", "eng", "enm")


async def test_a_language_of_elsewhere_alone_is_offered_as_the_language_too(shop: Shop) -> None:
    await shop.app.db.write(lambda session: session.execute(update(table(Book)).values(language="pt-BR")))
    assert (await filter_choices(shop.app)).languages == ("pt", "pt-BR")
