"""Carrying stock between places: the sum stays, and each place has what it has."""

import asyncio

import pytest

from pos_app.errors import Refused
from pos_app.services.stock import add_location, availability, list_locations
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
