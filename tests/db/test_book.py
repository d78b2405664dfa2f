"""The catalogue's queries, by the names every user of it expects."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.errors import Refused
from pos_app.models import Book, BookCode, Review, table
from pos_app.services.book import (
    find_by_code,
    get_all_books,
    get_book,
    get_books_by_category,
    get_books_paginated,
    get_books_with_categories,
    get_category_stats,
    list_categories,
    search_books,
    stock_history,
)
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop

TITLES = ["Pride and Prejudice", "The Left Hand of Darkness", "Klara and the Sun", "Sapiens", "Gift wrap"]


async def test_all_books_come_by_number(shop: Shop) -> None:
    assert [book.title for book in await get_all_books(shop.app)] == TITLES


async def test_a_categorys_books_come_by_title(shop: Shop) -> None:
    fiction = next(row.id for row in await list_categories(shop.app) if row.name == "Fiction")
    books = await get_books_by_category(shop.app, fiction)
    assert [book.title for book in books] == ["Klara and the Sun", "Pride and Prejudice", "The Left Hand of Darkness"]
    assert {book.category for book in books} == {"Fiction"}
    assert await get_books_by_category(shop.app, 10**9) == []


async def test_books_come_with_their_categories_newest_first(shop: Shop) -> None:
    def age(session: Session) -> None:
        old = datetime(2020, 1, 1, tzinfo=UTC)
        session.execute(update(Book).where(Book.isbn == SAPIENS).values(created_at=old))

    await shop.app.db.write(age)
    pairs = await get_books_with_categories(shop.app)
    assert [book.title for book, _ in pairs] == [*reversed(TITLES[:3] + TITLES[4:]), "Sapiens"]
    assert [category.name if category else None for _, category in pairs] == [
        None,
        "Fiction",
        "Fiction",
        "Fiction",
        "History",
    ]
    assert len(await get_books_with_categories(shop.app, limit=2)) == 2


async def test_pages_are_counted_from_one_and_come_with_the_total(shop: Shop) -> None:
    pages = [await get_books_paginated(shop.app, page, 2) for page in (1, 2, 3, 4)]
    assert [[book.title for book in books] for books, _ in pages] == [TITLES[:2], TITLES[2:4], TITLES[4:], []]
    assert {total for _, total in pages} == {5}


async def test_a_page_that_cannot_be_is_refused(app: App) -> None:
    for page, size in [(0, 10), (-1, 10), (1, 0), (1, -5), (1, 501)]:
        with pytest.raises(Refused, match=r"page\.invalid"):
            await get_books_paginated(app, page, size)


async def test_categories_are_counted_empty_ones_included(shop: Shop) -> None:
    stats = {row.name: (row.books, row.average_price) for row in await get_category_stats(shop.app)}
    assert stats == {
        "Fiction": (3, Decimal(899 + 1099 + 1695) / 3),
        "History": (1, Decimal(2499)),
        "Non-Fiction": (0, None),
        "Science": (0, None),
        "Technology": (0, None),
    }
    assert list(stats) == sorted(stats)


SEARCHES: list[tuple[str, int | None, int | None, bool, list[str]]] = [
    ("", None, None, False, ["Gift wrap", *sorted(TITLES[:4], key=str.casefold)]),
    ("austen", None, None, False, ["Pride and Prejudice"]),
    ("the", None, None, False, ["The Left Hand of Darkness", "Klara and the Sun"]),
    ("the", None, 1099, False, ["The Left Hand of Darkness"]),
    ("the", 1100, None, False, ["Klara and the Sun"]),
    ("", 899, 1099, False, ["Pride and Prejudice", "The Left Hand of Darkness"]),
    ("sapiens", None, None, True, []),
    (SAPIENS, None, None, False, ["Sapiens"]),
    ("978-0-06-231609-7", None, None, False, ["Sapiens"]),
    ("0062316095", None, None, False, ["Sapiens"]),
    ("97800623", None, None, False, ["Sapiens"]),
    ("97800623", None, None, True, []),
    ("nothing like it", None, None, False, []),
]


async def test_books_are_found_by_words_number_price_and_stock(shop: Shop) -> None:
    for query, low, high, in_stock, found in SEARCHES:
        books = await search_books(shop.app, query, low, high, in_stock)
        assert [book.title for book in books] == found, (query, low, high, in_stock)


async def test_a_book_is_shown_whole_with_what_readers_think(shop: Shop) -> None:
    people = [shop.ana.user_id, shop.sam.user_id]

    def review(session: Session) -> None:
        session.add_all(
            Review(user_id=person, book_id=shop.books[KLARA], rating=rating)
            for person, rating in zip(people, (4, 5), strict=True)
        )

    await shop.app.db.write(review)
    book = await get_book(shop.app, shop.books[KLARA])
    assert (book.title, book.author, book.price, book.stock) == ("Klara and the Sun", "Kazuo Ishiguro", 1695, 2)
    assert (book.category, book.tax_name, book.tax_rate) == ("Fiction", "Books 0 %", Decimal(0))
    assert (book.rating, book.reviews) == (4.5, 2)
    unread = await get_book(shop.app, shop.books[PRIDE])
    assert (unread.rating, unread.reviews) == (None, 0)


async def test_a_book_that_is_not_there_is_refused_by_its_number(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"book\.missing") as refused:
        await get_book(shop.app, 4711)
    assert refused.value.params == {"book_id": 4711}


@pytest.mark.parametrize("code", [PRIDE, "978-0-14-143951-8", " 0141439513 ", "0-14-143951-3", PRIDE + "51299"])
async def test_a_book_is_found_by_its_number_in_any_form(shop: Shop, code: str) -> None:
    assert (await find_by_code(shop.app, code)).title == "Pride and Prejudice"


async def test_a_book_is_found_by_a_further_barcode(shop: Shop) -> None:
    def add(session: Session) -> None:
        session.add_all(BookCode(book_id=shop.books["Gift wrap"], code=code) for code in ("5012345678900", "WRAP-1"))

    await shop.app.db.write(add)
    for code in ("5012345678900", "WRAP-1"):
        assert (await find_by_code(shop.app, code)).title == "Gift wrap"
    assert [book.title for book in await search_books(shop.app, "5012345678900")] == ["Gift wrap"]
    assert await search_books(shop.app, "5012345678900", min_price=10_000) == []


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("9780593318172", "isbn.check_digit"),
        ("9780140449136", "book.unknown"),
        ("4012888888881881", "code.card_number"),
        ("WRAP-2", "book.unknown"),
        ("'; DROP TABLE books; --", "book.unknown"),
        ("9" * 4096, "code.too_long"),
    ],
)
async def test_a_code_nobody_sells_says_why(shop: Shop, code: str, refusal: str) -> None:
    with pytest.raises(Refused) as refused:
        await find_by_code(shop.app, code)
    assert refused.value.code == refusal


async def test_stock_has_a_history_newest_first(shop: Shop) -> None:
    await shop.sell(DARKNESS)
    steps = await stock_history(shop.app, shop.books[DARKNESS])
    assert [(step.delta, step.reason.value) for step in steps] == [(-1, "sale"), (7, "opening")]
    assert steps[0].operator == "Ana"
    assert len(await stock_history(shop.app, shop.books[DARKNESS], limit=1)) == 1


async def test_a_book_that_was_sold_cannot_be_deleted(shop: Shop) -> None:
    await shop.sell(PRIDE)
    with pytest.raises(IntegrityError):
        await shop.app.db.write(lambda session: session.execute(delete(Book).where(Book.isbn == PRIDE)))
    assert await shop.stock(PRIDE) == 22


async def test_a_book_cannot_have_the_number_of_another(shop: Shop) -> None:
    def act(session: Session) -> None:
        session.execute(
            insert(table(Book)).values(
                isbn=PRIDE, title="x", author="", price=0, tax_rate_id=1, title_key="x", search_text="x"
            )
        )

    with pytest.raises(IntegrityError):
        await shop.app.db.write(act)
