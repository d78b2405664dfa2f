"""Finding books: whatever is typed is answered, and every page of a list holds what it should."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.search import fold, is_storable, search_words, sort_key
from pos_app.models import Book, table
from pos_app.services import book_search
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import measure_list, open_list
from pos_app.services.book_search import BookRow, suggest, words
from tests.shop import DARKNESS, KLARA, PRIDE, Shop


async def add(
    shop: Shop, *titles: str, author: str = "", stock: int = 0, price: int = 100, active: bool = True
) -> None:
    rows = [
        {
            "title": title,
            "author": author,
            "price": price,
            "stock": stock,
            "active": active,
            "tax_rate_id": 1,
            "title_key": sort_key(title),
            "search_text": search_words(title, author),
        }
        for title in titles
    ]
    await shop.app.db.write(lambda session: session.execute(insert(table(Book)), rows))


async def page_books(app: App, wanted: BookFilter) -> list[BookRow]:
    return (await open_list(app, wanted))[1]


async def found(app: App, typed: str) -> list[str]:
    return [book.title for book in await suggest(app, typed)]


async def test_a_book_is_found_by_words_in_any_order_the_last_unfinished(shop: Shop) -> None:
    for typed, title in {
        "pride": "Pride and Prejudice",
        "PREJUDICE PRIDE": "Pride and Prejudice",
        "prej": "Pride and Prejudice",
        "pride aus": "Pride and Prejudice",
        "austen": "Pride and Prejudice",
        "le guin hand": "The Left Hand of Darkness",
        "ishiguro, kazuo": "Klara and the Sun",
        "9780441": "The Left Hand of Darkness",
        "978-0-441": "The Left Hand of Darkness",
        "wrap": "Gift wrap",
    }.items():
        assert await found(shop.app, typed) == [title], typed


async def test_every_word_must_be_there_and_whole_ones_come_before_beginnings(shop: Shop) -> None:
    assert await found(shop.app, "pride sun") == []
    assert await found(shop.app, "prid austen") == ["Pride and Prejudice"]
    await add(shop, "Prid by Austen")
    assert await found(shop.app, "prid austen") == ["Prid by Austen"]


@pytest.mark.parametrize("few", [0, 2_000], ids=["by the index", "in the program"])
async def test_where_no_word_is_whole_all_may_be_beginnings(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(book_search, "FEW", few)
    await add(shop, "Harry Potter and the Chamber of Secrets", author="J. K. Rowling")
    await add(shop, "Harriet the Potter", author="Rowena Champion", price=200)
    wanted = BookFilter(max_price=150)
    for typed in ("potter row har cham", "pott cha har", "rowl po ha", "ch ro pott"):
        assert [book.title for book in await page_books(shop.app, replace(wanted, text=typed))] == [
            "Harry Potter and the Chamber of Secrets"
        ], typed
    assert await found(shop.app, "harr pott champi") == ["Harriet the Potter"]
    assert await found(shop.app, "harr pott zzz") == []
    # Of beginnings that very many words have only the best sellers are looked at.
    assert await found(shop.app, "ha po") == []
    sold = update(table(Book)).where(table(Book).c.title.startswith("Harr")).values(sold_count=9)
    await shop.app.db.write(lambda session: session.execute(sold))
    assert await found(shop.app, "ha po") == ["Harriet the Potter", "Harry Potter and the Chamber of Secrets"]
    assert await found(shop.app, "ha ro po") == await found(shop.app, "po ro") != []
    assert (await open_list(shop.app, BookFilter(text="ha po")))[0].capped


async def test_what_is_in_stock_comes_first_then_titles_that_start_so(shop: Shop) -> None:
    await add(shop, "About the sun", "Sun and steel", "Sunday")
    assert await found(shop.app, "sun") == ["Klara and the Sun", "Sun and steel", "Sunday", "About the sun"]


async def test_accents_case_apostrophes_and_foreign_letters_do_not_matter(shop: Shop) -> None:
    await add(shop, "L’Étranger", "Smilla’s Sense of Snow", "Größe", "Żółw", "Преступление и наказание", "Ⅷ Rooms")
    for typed, title in {
        "letranger": "L’Étranger",
        "L'étranger": "L’Étranger",
        "smillas sense": "Smilla’s Sense of Snow",
        "grosse": "Größe",
        "GRÖSSE": "Größe",
        "zolw": "Żółw",
        "НАКАЗАНИЕ": "Преступление и наказание",
        "viii rooms": "Ⅷ Rooms",
    }.items():
        assert await found(shop.app, typed) == [title], typed


async def test_digits_may_be_a_title(shop: Shop) -> None:
    await add(shop, "1984", "2001: A Space Odyssey")
    assert await found(shop.app, "1984") == ["1984"]
    assert await found(shop.app, "2001 space") == ["2001: A Space Odyssey"]


async def test_a_title_of_signs_is_found_by_its_signs(shop: Shop) -> None:
    await add(shop, "!!!", "?")
    assert await found(shop.app, "!!") == ["!!!"]
    assert await found(shop.app, "%") == []


SYNTAX = [
    "'",
    "%",
    "_",
    '"',
    "*",
    "\\",
    "NEAR(",
    "NEAR(pride sun, 2)",
    "pride AND prejudice OR sun",
    "NOT pride",
    "title:pride",
    "^pride",
    "{pride}",
    "-pride",
    "pride & !sun | (x <-> y):*",
    ":*",
    "a:b:c",
    "'; DROP TABLE books; --",
    "<b>pride</b>",
    "\x1b[31mpride",
    "\u202epride",
    "\0",
    "pride\0prejudice",
    "\ud800",
    "📚",
    "📚 pride",
    "\U0001e900x",
    "x" * 10_000,
    "a " * 5_000,
    "㌖" * 200,
    "ﷺ" * 200,
    "1" * 10_000,
    "4012888888881881",
]


async def test_nothing_typed_is_taken_for_a_command(shop: Shop) -> None:
    for typed in SYNTAX:
        for wanted in (BookFilter(text=typed), BookFilter(text=typed, in_stock=True, min_price=1, category_id=1)):
            rows = await page_books(shop.app, wanted)
            assert len({row.id for row in rows}) == len(rows), typed
    assert len(await found(shop.app, "pride prejudice")) == 1


@settings(max_examples=60)
@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(typed: str) -> None:
    assert fold(fold(typed)) == fold(typed)
    assert all(word.isalnum() for word in words(typed))
    assert is_storable(fold(typed))


async def test_a_title_is_found_by_its_own_words_whatever_they_are(shop: Shop) -> None:
    """A hundred odd titles, each typed as it stands."""
    titles = [f"{chr(0x100 + 37 * number)}x {chr(0x4E00 + number)} {number}e5 O'{number}" for number in range(100)]
    await add(shop, *titles)
    answers = await asyncio.gather(*(suggest(shop.app, title, 200) for title in titles))
    assert [
        title for title, rows in zip(titles, answers, strict=True) if title not in {row.title for row in rows}
    ] == []


async def test_the_till_offers_what_is_on_sale_and_inventory_shows_all(shop: Shop) -> None:
    await add(shop, "Sunk", active=False)
    assert await found(shop.app, "sun") == ["Klara and the Sun"]
    assert [book.title for book in await page_books(shop.app, BookFilter(text="sun"))] == ["Klara and the Sun", "Sunk"]


async def test_a_changed_title_is_found_by_its_new_words_only(shop: Shop) -> None:
    def rename(session: Session) -> None:
        session.execute(
            update(table(Book))
            .where(table(Book).c.isbn == PRIDE)
            .values(title_key="emma", search_text="emma jane austen")
        )

    await shop.app.db.write(rename)
    assert await found(shop.app, "prejudice") == []
    assert await found(shop.app, "jane em") == ["Pride and Prejudice"]


async def test_filters_narrow_a_search_and_a_list_alike(shop: Shop) -> None:
    await add(shop, "Sun one", price=500, stock=1)
    await add(shop, "Sun two", price=900, stock=0)
    for wanted, titles in [
        (BookFilter(text="sun", max_price=900), ["Sun one", "Sun two"]),
        (BookFilter(text="sun", in_stock=True), ["Sun one", "Klara and the Sun"]),
        (BookFilter(text="sun", min_price=501, max_price=1000), ["Sun two"]),
        (BookFilter(min_price=501, max_price=900), ["Pride and Prejudice", "Sun two"]),
        (BookFilter(in_stock=True, max_price=600), ["Sun one"]),
        (BookFilter(min_price=10**15), []),
    ]:
        assert [book.title for book in await page_books(shop.app, wanted)] == titles
        assert (await measure_list(shop.app, (await open_list(shop.app, wanted))[0])).total == len(titles)


async def test_a_filter_that_leaves_few_and_one_that_leaves_many_find_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(shop, "Sun one", "The sun, again", "Unsung", "Sunday the third", "Of the sunset", price=500, stock=1)
    queries = ["sun", "the s", "the sun", "sun the", "kazuo", "t", "on", "1984", "!"]
    wanted = [BookFilter(text=query, min_price=100, in_stock=True) for query in queries]
    few = [[row.title for row in await page_books(shop.app, each)] for each in wanted]
    monkeypatch.setattr(book_search, "FEW", 0)
    assert few == [[row.title for row in await page_books(shop.app, each)] for each in wanted]
    assert few[0] == ["Sun one", "Sunday the third", "Klara and the Sun", "Of the sunset", "The sun, again"]


async def test_a_list_stays_in_order_while_books_are_sold(shop: Shop) -> None:
    before = [row.id for row in await page_books(shop.app, BookFilter(text="an"))]
    await shop.sell(KLARA, DARKNESS)
    assert [row.id for row in await page_books(shop.app, BookFilter(text="an"))] == before


async def test_a_short_word_that_many_titles_begin_with_says_that_there_are_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_search, "RANKED", 20)
    await add(shop, *(f"The way {number}" for number in range(15)))
    opened, _ = await open_list(shop.app, BookFilter(text="the"))
    assert opened.capped
    assert not (await open_list(shop.app, BookFilter(text="the way")))[0].capped


async def test_no_other_comes_in_the_place_of_what_is_left_out_of_a_search(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_search, "RANKED", 4)
    await add(shop, *(f"Zebra {number}" for number in range(9)))
    shown = (await open_list(shop.app, BookFilter(text="zebra")))[0].ids or ()
    left = (await open_list(shop.app, BookFilter(text="zebra", without=shown[1:2])))[0].ids
    assert len(shown) == 4
    assert left == (shown[0], *shown[2:])
