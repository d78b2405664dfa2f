"""Counting while the shop sells, by several at once."""

import asyncio

import pytest
from sqlalchemy import text

from pos_app.domain.stock import CountStatus, count_difference
from pos_app.errors import Conflict, Refused
from pos_app.services.book import list_categories
from pos_app.services.book_edit import StockCount, correct_stock
from pos_app.services.stock import availability
from pos_app.services.stock_count import cancel_count, count_code, post_count, start_count
from pos_app.services.stock_count_view import CountView, last_counted, list_counts, review_count, uncounted
from pos_app.services.transfer import transfer
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


async def begun(shop: Shop, **scope: object) -> CountView:
    return await start_count(shop.app, shop.ana, shop.app.ids.new(), **scope)  # type: ignore[arg-type]


async def scan(shop: Shop, count: CountView, isbn: str, pieces: int = 1, who: str = "Ana") -> None:
    await count_code(shop.app, shop.people[who], shop.app.ids.new(), count.id, isbn, pieces)


def test_a_difference_takes_no_more_than_is_left_where_stock_stays_above_zero() -> None:
    assert count_difference(5, 7, 7, strict=True) == -2
    assert count_difference(0, 1, 0, strict=True) == 0
    assert count_difference(0, 1, 0, strict=False) == -1
    assert count_difference(9, 7, -3, strict=True) == 2


async def test_sales_since_the_count_are_netted_out(shop: Shop) -> None:
    count = await begun(shop)
    await scan(shop, count, PRIDE, 22)
    await shop.sell(PRIDE, PRIDE)
    (row,) = await review_count(shop.app, count.id)
    assert (row.expected, row.counted, row.moved, row.difference) == (23, 22, -2, -1)
    assert row.value == -899
    assert not row.moved_between
    posted = await post_count(shop.app, shop.sam, count.id, count.version)
    assert (posted.status, posted.titles, posted.pieces) == (CountStatus.POSTED, 1, 22)
    assert await shop.stock(PRIDE) == 20
    assert await shop.findings() == []


async def test_what_another_count_or_a_correction_put_right_is_not_put_right_again(shop: Shop) -> None:
    everything = await begun(shop)
    await scan(shop, everything, PRIDE, 22)
    await scan(shop, everything, DARKNESS, 5)
    await scan(shop, everything, KLARA, 2)
    other = await begun(shop)
    await scan(shop, other, PRIDE, 22)
    await post_count(shop.app, shop.sam, other.id, other.version)
    await correct_stock(shop.app, shop.sam, shop.books[DARKNESS], StockCount(5, 7))
    await shop.sell(PRIDE)
    # A third one took for gone what the first had found.
    gone = await begun(shop)
    await scan(shop, gone, PRIDE, 21)
    await scan(shop, gone, DARKNESS, 5)
    await post_count(shop.app, shop.sam, gone.id, gone.version, missing_are_gone=True)
    assert await shop.stock(KLARA) == 0
    found = {row.isbn: (row.expected, row.moved, row.difference) for row in await review_count(shop.app, everything.id)}
    assert found == {KLARA: (0, 0, 2)}
    await post_count(shop.app, shop.sam, everything.id, everything.version)
    assert [await shop.stock(isbn) for isbn in (PRIDE, DARKNESS, KLARA)] == [21, 5, 2]
    assert await shop.findings() == []


async def test_three_people_count_one_shelf_at_once(shop: Shop) -> None:
    count = await begun(shop)
    await asyncio.gather(*(scan(shop, count, PRIDE, who=("Ana", "Jo", "Sam")[turn % 3]) for turn in range(24)))
    (row,) = await review_count(shop.app, count.id)
    assert (row.counted, row.difference) == (24, 1)
    await post_count(shop.app, shop.sam, count.id, count.version)
    assert await shop.stock(PRIDE) == 24
    assert await shop.findings() == []


async def test_a_title_that_moved_while_it_was_counted_is_pointed_out(shop: Shop) -> None:
    count = await begun(shop)
    await scan(shop, count, PRIDE, 10)
    await shop.sell(PRIDE)
    await scan(shop, count, PRIDE, 12)
    (row,) = await review_count(shop.app, count.id)
    assert (row.expected, row.counted, row.difference, row.moved_between) == (22, 22, 0, True)


async def test_what_nobody_counted_stays_unless_it_is_said_to_be_gone(shop: Shop) -> None:
    count = await begun(shop)
    await scan(shop, count, PRIDE, 23)
    assert [(row.isbn, row.expected) for row in await uncounted(shop.app, count.id)] == [(KLARA, 2), (DARKNESS, 7)]
    await post_count(shop.app, shop.sam, count.id, count.version)
    assert await shop.stock(KLARA) == 2
    second = await begun(shop)
    assert second.number == 2
    await scan(shop, second, PRIDE, 23)
    await post_count(shop.app, shop.sam, second.id, second.version, missing_are_gone=True)
    assert [await shop.stock(isbn) for isbn in (PRIDE, KLARA, DARKNESS)] == [23, 0, 0]
    assert await shop.findings() == []


async def test_a_copy_sold_after_nobody_found_it_was_there(shop: Shop) -> None:
    count = await begun(shop)
    await scan(shop, count, KLARA, 1)
    await scan(shop, count, KLARA, -1)
    await shop.sell(KLARA)
    await shop.sell(KLARA)
    await post_count(shop.app, shop.sam, count.id, count.version)
    assert await shop.stock(KLARA) == 0
    assert await shop.findings() == []


async def test_a_scan_is_counted_once_taken_back_and_never_below_nothing(shop: Shop) -> None:
    count, uid = await begun(shop), shop.app.ids.new()
    for _ in range(2):
        row = await count_code(shop.app, shop.ana, uid, count.id, PRIDE, 3)
    assert row.counted == 3
    await scan(shop, count, PRIDE, -2)
    with pytest.raises(Refused, match=r"count\.below_zero"):
        await scan(shop, count, PRIDE, -2)
    await shop.app.db.write(
        lambda session: session.execute(text("INSERT INTO book_codes (book_id, code) VALUES (5, 'WRAP')"))
    )
    with pytest.raises(Refused, match=r"book\.service_stock"):
        await scan(shop, count, "WRAP")


async def test_a_shelf_or_category_is_counted_alone(shop: Shop) -> None:
    await shop.app.db.write(
        lambda session: session.execute(text("UPDATE books SET shelf = 'A1' WHERE isbn = :isbn"), {"isbn": PRIDE})
    )
    shelf = await begun(shop, shelf=" A1 ")
    assert shelf.scope == "Shelf A1"
    await scan(shop, shelf, PRIDE)
    with pytest.raises(Refused) as told:
        await scan(shop, shelf, KLARA)
    assert (told.value.code, told.value.params["where"]) == ("count.not_here", "no shelf")
    history = next(one.id for one in await list_categories(shop.app) if one.name == "History")
    category = await begun(shop, category_id=history)
    assert category.scope == "History"
    await scan(shop, category, SAPIENS)
    with pytest.raises(Refused, match=r"count\.not_here"):
        await scan(shop, category, PRIDE)
    assert [one.number for one in await list_counts(shop.app)] == [2, 1]


async def test_the_store_room_is_counted_alone(shop: Shop) -> None:
    book = shop.books[PRIDE]
    await transfer(shop.app, shop.ana, shop.app.ids.new(), 1, 2, {book: 5})
    count = await begun(shop, location_id=2)
    await scan(shop, count, PRIDE, 4)
    await shop.sell(PRIDE)
    (row,) = await review_count(shop.app, count.id)
    assert (row.expected, row.moved, row.difference) == (5, 0, -1)
    await post_count(shop.app, shop.sam, count.id, count.version)
    assert (await availability(shop.app, book)).places == (("Shop floor", 17), ("Store room", 4))
    assert await shop.findings() == []


async def test_a_count_ends_once_and_a_cashier_ends_none(shop: Shop) -> None:
    count = await begun(shop)
    await scan(shop, count, PRIDE)
    with pytest.raises(Refused, match=r"right\.missing"):
        await post_count(shop.app, shop.ana, count.id, count.version)
    with pytest.raises(Conflict):
        await post_count(shop.app, shop.sam, count.id, count.version + 1)
    await cancel_count(shop.app, shop.sam, count.id, count.version)
    for act in (post_count(shop.app, shop.sam, count.id, count.version), scan(shop, count, PRIDE)):
        with pytest.raises(Refused, match=r"count\.ended"):
            await act
    assert await shop.stock(PRIDE) == 23


async def test_counts_posted_at_once_move_once(shop: Shop) -> None:
    count = await begun(shop)
    await scan(shop, count, PRIDE, 20)
    ends = [post_count(shop.app, shop.sam, count.id, count.version) for _ in range(3)]
    results = await asyncio.gather(*ends, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["CountView", "Refused", "Refused"]
    assert await shop.stock(PRIDE) == 20


async def test_what_was_counted_last_comes_first_and_a_title_is_counted_by_its_number(shop: Shop) -> None:
    count = await begun(shop)
    await scan(shop, count, PRIDE, 3)
    await scan(shop, count, KLARA)
    await count_code(shop.app, shop.people["Jo"], shop.app.ids.new(), count.id, shop.books[PRIDE], -1)
    last = await last_counted(shop.app, count.id)
    assert [(row.isbn, row.counted) for row in last] == [(PRIDE, 2), (KLARA, 1)]
    assert await last_counted(shop.app, count.id, limit=1) == last[:1]
    with pytest.raises(Refused, match=r"book\.missing"):
        await count_code(shop.app, shop.ana, shop.app.ids.new(), count.id, 10_000)
    assert [row.isbn for row in await last_counted(shop.app, (await begun(shop)).id)] == []
