"""Carrying stock between places: the sum stays, and each place has what it has."""

import asyncio

import pytest

from pos_app.domain.order_status import OrderStatus
from pos_app.errors import Refused
from pos_app.services import cart, order, order_move
from pos_app.services.book_edit import StockCount, correct_stock
from pos_app.services.stock import add_location, availability, list_locations, stock_ledger
from pos_app.services.transfer import transfer
from tests.shop import KLARA, PRIDE, Shop

FLOOR, ROOM = 1, 2


async def test_what_is_carried_over_lies_there_and_the_stock_stays(shop: Shop) -> None:
    book = shop.books[PRIDE]
    made = await transfer(shop.app, shop.ana, shop.app.ids.new(), FLOOR, ROOM, {book: 5})
    assert (made.number, made.lines) == (1, ((book, 5),))
    there = await availability(shop.app, book)
    assert there.places == (("Shop floor", 18), ("Store room", 5))
    assert there.stock == 23
    await transfer(shop.app, shop.ana, shop.app.ids.new(), ROOM, FLOOR, {book: 5})
    assert (await availability(shop.app, book)).places == (("Shop floor", 23), ("Store room", 0))
    assert await shop.findings() == []


async def test_no_more_is_carried_than_lies_there_also_twice_at_once(shop: Shop) -> None:
    book = shop.books[KLARA]
    results = await asyncio.gather(
        *(transfer(shop.app, shop.ana, shop.app.ids.new(), FLOOR, ROOM, {book: 2}) for _ in range(4)),
        return_exceptions=True,
    )
    assert [one.code for one in results if isinstance(one, Refused)] == ["transfer.short"] * 3
    assert await shop.findings() == []


async def test_the_same_transfer_is_made_once(shop: Shop) -> None:
    uid, book = shop.app.ids.new(), shop.books[PRIDE]
    for _ in range(2):
        made = await transfer(shop.app, shop.ana, uid, FLOOR, ROOM, {book: 5})
    assert made.number == 1
    with pytest.raises(Refused, match=r"document\.other_content"):
        await transfer(shop.app, shop.ana, uid, FLOOR, ROOM, {book: 4})


@pytest.mark.parametrize(
    ("from_id", "to_id", "pieces", "code"),
    [
        (1, 1, 1, "transfer.same"),
        (1, 9, 1, "location.missing"),
        (1, 2, 0, "pieces.invalid"),
        (1, 2, None, "transfer.empty"),
    ],
)
async def test_what_cannot_be_carried_is_told(
    shop: Shop, from_id: int, to_id: int, pieces: int | None, code: str
) -> None:
    lines = {} if pieces is None else {shop.books[PRIDE]: pieces}
    with pytest.raises(Refused) as told:
        await transfer(shop.app, shop.ana, shop.app.ids.new(), from_id, to_id, lines)
    assert told.value.code == code


async def test_places_are_added(shop: Shop) -> None:
    await add_location(shop.app, shop.sam, "Market stall")
    assert [one.name for one in await list_locations(shop.app)] == ["Shop floor", "Store room", "Market stall"]
    with pytest.raises(Refused, match=r"location\.name"):
        await add_location(shop.app, shop.sam, "Market stall")


async def test_the_till_sells_from_the_shop_floor_first_then_from_the_store_room(shop: Shop) -> None:
    book = shop.books[KLARA]
    await transfer(shop.app, shop.ana, shop.app.ids.new(), FLOOR, ROOM, {book: 1})
    view = await cart.add_scan(shop.app, shop.ana, (await cart.open_cart(shop.app, shop.ana)).id, KLARA)
    assert view.lines[0].elsewhere == ()
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA)
    assert view.lines[0].elsewhere == (("Store room", 1),)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert (await availability(shop.app, book)).places == (("Shop floor", 0), ("Store room", 0))
    assert [(step.delta, step.location) for step in (await stock_ledger(shop.app, book))[:2]] == [
        (-1, "Store room"),
        (-1, None),
    ]
    assert await shop.findings() == []


async def test_what_an_order_took_goes_back_where_it_was_taken(shop: Shop) -> None:
    book = shop.books[KLARA]
    await transfer(shop.app, shop.ana, shop.app.ids.new(), FLOOR, ROOM, {book: 2})
    made = await order.place_order(shop.app, shop.ana.user_id, {book: 2})
    assert (await availability(shop.app, book)).places == (("Shop floor", 0), ("Store room", 0))
    await order_move.move_order(shop.app, shop.sam, made.id, made.version, OrderStatus.CANCELLED)
    assert (await availability(shop.app, book)).places == (("Shop floor", 0), ("Store room", 2))
    assert await shop.findings() == []


async def test_a_sale_and_a_transfer_at_once_leave_no_place_below_nothing(shop: Shop) -> None:
    book = shop.books[KLARA]
    for _ in range(5):
        await transfer(shop.app, shop.ana, shop.app.ids.new(), FLOOR, ROOM, {book: 1})
        await asyncio.gather(
            shop.sell(KLARA),
            transfer(shop.app, shop.ana, shop.app.ids.new(), ROOM, FLOOR, {book: 1}),
            transfer(shop.app, shop.ana, shop.app.ids.new(), FLOOR, ROOM, {book: 1}),
            return_exceptions=True,
        )
        assert min(pieces for _, pieces in (await availability(shop.app, book)).places) >= 0
        await correct_stock(
            shop.app, shop.sam, book, StockCount(2, (await availability(shop.app, book)).stock, "Found")
        )
        there = dict((await availability(shop.app, book)).places)["Store room"]
        if there:
            await transfer(shop.app, shop.ana, shop.app.ids.new(), ROOM, FLOOR, {book: there})
    assert await shop.findings() == []
