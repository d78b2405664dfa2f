"""Changing the catalogue while others sell from it."""

import asyncio
from collections.abc import Mapping

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.permission import UserRole
from pos_app.errors import Conflict, Refused
from pos_app.models import User, table
from pos_app.services.book import BookDetail, get_book, list_categories, stock_history
from pos_app.services.book_edit import Change, StockCount, change_book, correct_stock, edit_book
from pos_app.services.book_search import suggest
from pos_app.services.check import verify
from tests.shop import DARKNESS, PRIDE, Shop


async def edit(shop: Shop, changes: Mapping[str, object], version: int = 1) -> BookDetail:
    return await edit_book(shop.app, shop.sam, shop.books[PRIDE], version, changes)


async def test_a_manager_changes_a_book(shop: Shop) -> None:
    history = next(row.id for row in await list_categories(shop.app) if row.name == "History")
    changes = {
        "price": 999,
        "cost": 450,
        "reorder_at": 5,
        "category_id": history,
        "shelf": "B3",
        "publisher": "Penguin",
    }
    book = await edit(shop, changes)
    assert {name: getattr(book, name) for name in changes} == changes
    assert (book.category, book.version, book.stock) == ("History", 2, 23)
    assert await get_book(shop.app, book.id) == book


async def test_a_renamed_book_is_found_and_sorted_by_its_new_name(shop: Shop) -> None:
    await edit(shop, {"title": "Émma", "author": "J. Austen"})
    assert [row.title_key for row in await suggest(shop.app, "emma austen")] == ["emma"]
    assert await suggest(shop.app, "prejudice") == []


async def test_what_another_changed_meanwhile_is_shown_and_kept(shop: Shop) -> None:
    await edit(shop, {"price": 999})
    with pytest.raises(Conflict, match=r"book\.changed") as conflict:
        await edit(shop, {"price": 777, "reorder_at": 3})
    assert isinstance(conflict.value.current, BookDetail)
    assert (conflict.value.current.price, conflict.value.current.version) == (999, 2)
    assert (await edit(shop, {"reorder_at": 3}, conflict.value.current.version)).price == 999


async def test_of_two_edits_at_once_one_wins_and_the_other_is_told(shop: Shop) -> None:
    outcomes = await asyncio.gather(*(edit(shop, {"price": price}) for price in (1, 2, 3)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BookDetail", "Conflict", "Conflict"]
    assert (await get_book(shop.app, shop.books[PRIDE])).version == 2


async def test_a_sale_does_not_stand_in_the_way_of_an_edit(shop: Shop) -> None:
    await shop.sell(PRIDE)
    assert (await edit(shop, {"price": 999})).stock == 22


REFUSED = [
    ("title", "", "book.title"),
    ("title", "  ", "book.title"),
    ("title", None, "book.title"),
    ("title", "x" * 256, "book.title"),
    ("title", "nul\0", "book.title"),
    ("title", "half a sign \ud83d", "book.title"),
    ("author", "x" * 256, "book.author"),
    ("author", None, "book.author"),
    ("publisher", "x" * 256, "book.publisher"),
    ("shelf", "x" * 41, "book.shelf"),
    ("price", -1, "price.invalid"),
    ("price", None, "price.invalid"),
    ("price", 9.99, "price.invalid"),
    ("price", True, "price.invalid"),
    ("price", 10**18, "price.invalid"),
    ("cost", -1, "price.invalid"),
    ("reorder_at", -1, "reorder.invalid"),
    ("reorder_at", 0.5, "reorder.invalid"),
    ("reorder_at", 10**18, "reorder.invalid"),
    ("category_id", 4711, "book.category"),
    ("tax_rate_id", 4711, "book.tax_rate"),
    ("tax_rate_id", None, "book.tax_rate"),
]


async def test_what_a_book_cannot_have_is_refused_and_nothing_is_changed(shop: Shop) -> None:
    before = await get_book(shop.app, shop.books[PRIDE])
    for name, value, code in REFUSED:
        with pytest.raises(Refused) as refused:
            await edit(shop, {"price": 1, name: value})
        assert refused.value.code == code, (name, value)
    assert await get_book(shop.app, shop.books[PRIDE]) == before


async def test_stock_cannot_be_edited_past_its_movements(shop: Shop) -> None:
    with pytest.raises(TypeError):
        await edit(shop, {"stock": 100})


@pytest.mark.parametrize(
    "title",
    ["O'Brien's 100% \"_*\" NEAR(", "<b>bold</b>", "\x1b[2J", "\u202eright to left", "📚", "x" * 255, "ß" * 255],
)
async def test_any_title_that_can_be_kept_is_kept_as_it_is_typed(shop: Shop, title: str) -> None:
    assert (await edit(shop, {"title": title})).title == title


async def test_unknown_is_a_value_where_a_book_may_be_without(shop: Shop) -> None:
    book = await edit(shop, {"cost": None, "category_id": None, "shelf": None, "publisher": None})
    assert (book.cost, book.category, book.shelf, book.publisher) == (None, None, None, None)


async def test_a_cashier_may_not_change_a_book_nor_its_stock(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.missing"):
        await edit_book(shop.app, shop.ana, shop.books[PRIDE], 1, {"price": 1})
    with pytest.raises(Refused, match=r"right\.missing"):
        await correct_stock(shop.app, shop.ana, shop.books[PRIDE], StockCount(1, 23))


@pytest.mark.parametrize(
    ("change", "code"), [({"is_active": False}, "right.inactive"), ({"role": UserRole.CASHIER}, "right.missing")]
)
async def test_a_right_taken_away_is_gone_at_once(shop: Shop, change: Mapping[str, object], code: str) -> None:
    def act(session: Session) -> None:
        session.execute(update(table(User)).where(table(User).c.id == shop.sam.user_id).values(**change))

    await shop.app.db.write(act)
    with pytest.raises(Refused) as refused:
        await edit(shop, {"price": 1})
    assert refused.value.code == code


async def test_a_book_that_is_gone_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"book\.missing"):
        await edit_book(shop.app, shop.sam, 4711, 1, {"price": 1})
    with pytest.raises(Refused, match=r"book\.missing"):
        await correct_stock(shop.app, shop.sam, 4711, StockCount(1, 1))


async def test_a_book_no_longer_sold_is_not_offered_and_can_be_brought_back(shop: Shop) -> None:
    book = await edit(shop, {"active": False})
    assert await suggest(shop.app, "pride") == []
    await edit(shop, {"active": True}, book.version)
    assert len(await suggest(shop.app, "pride")) == 1


async def test_a_correction_is_a_movement_of_the_difference(shop: Shop) -> None:
    book = await correct_stock(shop.app, shop.sam, shop.books[PRIDE], StockCount(20, 23, "Three damaged"))
    assert book.stock == await shop.stock(PRIDE) == 20
    (step, _) = await stock_history(shop.app, book.id)
    assert (step.delta, step.reason.value, step.document, step.operator) == (-3, "correction", "Three damaged", "Sam")
    assert (await verify(shop.app)).findings == 0


async def test_counting_what_was_expected_moves_nothing(shop: Shop) -> None:
    await correct_stock(shop.app, shop.sam, shop.books[PRIDE], StockCount(23, 23))
    assert len(await stock_history(shop.app, shop.books[PRIDE])) == 1


async def test_a_sale_after_the_count_is_not_overwritten(shop: Shop) -> None:
    await shop.sell(PRIDE)
    with pytest.raises(Refused, match=r"stock\.changed") as refused:
        await correct_stock(shop.app, shop.sam, shop.books[PRIDE], StockCount(20, 23))
    assert refused.value.params == {"current_stock": 22, "expected": 23}
    assert await shop.stock(PRIDE) == 22


async def test_corrections_and_sales_at_once_lose_nothing(shop: Shop) -> None:
    async def recount() -> None:
        for _ in range(5):
            seen = await shop.stock(DARKNESS)
            try:
                await correct_stock(shop.app, shop.sam, shop.books[DARKNESS], StockCount(seen + 1, seen))
            except Refused as error:
                assert error.code == "stock.changed"  # noqa: PT017 - only this one is expected

    async def sell() -> None:
        for _ in range(5):
            await shop.sell(DARKNESS)

    await asyncio.gather(recount(), recount(), sell())
    steps = await stock_history(shop.app, shop.books[DARKNESS], limit=100)
    assert sum(step.delta for step in steps) == await shop.stock(DARKNESS)
    assert [step.reason.value for step in steps].count("sale") == 5
    assert (await verify(shop.app)).findings == 0


async def test_a_count_that_cannot_be_is_refused(shop: Shop) -> None:
    for counted in (-1, 1_000_001, 10**18):
        with pytest.raises(Refused, match=r"stock\.invalid"):
            await correct_stock(shop.app, shop.sam, shop.books[PRIDE], StockCount(counted, 23))
    with pytest.raises(Refused, match=r"book\.service_stock"):
        await correct_stock(shop.app, shop.sam, shop.books["Gift wrap"], StockCount(1, 0))


async def test_a_reason_too_long_is_refused_and_nothing_corrected(app: App, shop: Shop) -> None:
    with pytest.raises(Refused, match=r"reason\.invalid"):
        await correct_stock(app, shop.sam, shop.books[PRIDE], StockCount(1, 23, "x" * 256))
    await correct_stock(app, shop.sam, shop.books[PRIDE], StockCount(1, 23, "x" * 255))
    assert (await stock_history(app, shop.books[PRIDE]))[0].document == "x" * 255


async def test_fields_and_stock_are_changed_as_one_or_not_at_all(shop: Shop) -> None:
    book = await get_book(shop.app, shop.books[DARKNESS])
    await shop.sell(DARKNESS)
    price = {"price": Change(book.price, 1234)}
    with pytest.raises(Conflict) as met:
        await change_book(shop.app, shop.sam, book.id, price, StockCount(8, book.stock))
    assert met.value.params["fields"] == ("stock",)
    assert met.value.current.price == book.price
    now = await change_book(shop.app, shop.sam, book.id, price, StockCount(8, book.stock - 1))
    assert (now.price, now.stock) == (1234, 8)
    with pytest.raises(Refused, match=r"stock\.invalid"):
        await change_book(shop.app, shop.sam, book.id, {"price": Change(1234, 1)}, StockCount(-1, 8))
    assert await get_book(shop.app, book.id) == now
    assert (await verify(shop.app)).findings == 0
