"""Returns to publishers, within their window."""

import asyncio

import pytest

from pos_app.errors import Conflict, Refused
from pos_app.services.delivery import Came, DeliveryRequest, receive_delivery
from pos_app.services.publisher_return import (
    get_publisher_return,
    list_publisher_returns,
    list_returnable,
    return_to_publisher,
)
from pos_app.services.reservation import reserve
from pos_app.services.stock import availability, stock_ledger
from pos_app.services.stock_count import count_code, post_count, start_count
from pos_app.services.stock_export import letter_of
from pos_app.services.stock_reversal import Posted, Stays, list_posted, look_at_reversal, take_back
from pos_app.services.supplier import SupplierView, keep_supplier
from pos_app.services.transfer import transfer
from tests.conftest import SetClock
from tests.shop import KLARA, PRIDE, Shop


async def delivered(shop: Shop, return_days: int | None = 30) -> SupplierView:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin", return_days=return_days))
    lines = (Came(shop.books[PRIDE], 2, cost=500), Came(shop.books[KLARA], 1))
    await receive_delivery(shop.app, shop.sam, DeliveryRequest(shop.app.ids.new(), supplier.id, lines))
    return supplier


async def test_what_was_delivered_can_go_back_and_does(shop: Shop) -> None:
    supplier = await delivered(shop)
    found = await list_returnable(shop.app, shop.sam, supplier.id)
    assert [(one.isbn, one.available, str(one.return_by)) for one in found] == [
        (PRIDE, 25, "2026-12-23"),
        (KLARA, 3, "2026-12-23"),
    ]
    uid = shop.app.ids.new()
    made = await return_to_publisher(shop.app, shop.sam, uid, supplier.id, {shop.books[PRIDE]: 2}, note="RA 77")
    assert (made.number, made.total, made.note) == (1, 1000, "RA 77")
    again = await return_to_publisher(shop.app, shop.sam, uid, supplier.id, {shop.books[PRIDE]: 2}, note="RA 77")
    assert again == await get_publisher_return(shop.app, made.id)
    assert await shop.stock(PRIDE) == 23
    assert await shop.findings() == []


async def test_after_its_window_a_title_goes_back_only_where_the_supplier_agreed(shop: Shop, clock: SetClock) -> None:
    supplier = await delivered(shop)
    lines = {shop.books[PRIDE]: 1}
    clock.forward(days=31)
    with pytest.raises(Refused, match=r"publisher_return\.late"):
        await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, lines)
    await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, lines, accept_late=True)
    assert await shop.stock(PRIDE) == 24


async def test_where_nothing_goes_back_that_is_told(shop: Shop) -> None:
    supplier = await delivered(shop, None)
    with pytest.raises(Refused, match=r"publisher_return\.never"):
        await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {shop.books[PRIDE]: 1})


async def test_what_is_set_aside_or_not_there_stays(shop: Shop) -> None:
    supplier = await delivered(shop)
    klara = shop.books[KLARA]
    await reserve(shop.app, shop.ana, shop.app.ids.new(), klara, 2, "Rosa")
    with pytest.raises(Refused) as told:
        await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {klara: 2})
    assert (told.value.code, told.value.params["available"]) == ("publisher_return.short", 1)
    assert await shop.findings() == []


async def test_copies_go_back_from_the_place_where_they_lie(shop: Shop) -> None:
    supplier, pride = await delivered(shop), shop.books[PRIDE]
    await transfer(shop.app, shop.sam, shop.app.ids.new(), 1, 2, {pride: 24})
    assert [one.available for one in await list_returnable(shop.app, shop.sam, supplier.id) if one.isbn == PRIDE] == [1]
    (room,) = await list_returnable(shop.app, shop.sam, supplier.id, 2)
    assert (room.isbn, room.available, room.delivered) == (PRIDE, 24, 2)
    with pytest.raises(Refused, match=r"publisher_return\.short"):
        await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {pride: 2})
    made = await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {pride: 2}, location_id=2)
    assert made.place == "Store room"
    assert (await availability(shop.app, pride)).places == (("Shop floor", 1), ("Store room", 22))
    assert [(row.number, row.supplier, row.pieces) for row in await list_publisher_returns(shop.app)] == [
        (made.number, "Penguin", 2)
    ]
    assert await shop.findings() == []


async def test_no_more_goes_back_than_was_delivered_unless_they_agreed(shop: Shop) -> None:
    supplier, pride = await delivered(shop), shop.books[PRIDE]
    await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {pride: 1})
    with pytest.raises(Refused) as told:
        await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {pride: 2})
    assert (told.value.code, told.value.params["delivered"]) == ("publisher_return.more", 1)
    await return_to_publisher(shop.app, shop.sam, shop.app.ids.new(), supplier.id, {pride: 2}, accept_late=True)
    assert await shop.findings() == []


async def test_a_return_sent_in_error_is_taken_back_by_a_document_of_its_own(shop: Shop) -> None:
    app, pride, klara = shop.app, shop.books[PRIDE], shop.books[KLARA]
    supplier = await delivered(shop)
    made = await return_to_publisher(app, shop.sam, app.ids.new(), supplier.id, {pride: 2, klara: 1})
    seen = await look_at_reversal(app, Posted.RETURN, made.id)
    assert (seen.name, seen.whom, seen.place, seen.goes) == ("Return 1", "Penguin", "Shop floor", {pride: 2, klara: 1})
    assert seen.credit == made.total
    with pytest.raises(Refused, match=r"right\.missing"):
        await take_back(app, shop.ana, app.ids.new(), seen)
    # One copy of one title first, then whatever is left; twice at once by two people is once.
    one = seen.with_pieces({pride: 1, klara: 0})
    assert one.credit == 500
    told = await asyncio.gather(
        *(take_back(app, shop.sam, app.ids.new(), one) for _ in range(2)), return_exceptions=True
    )
    assert [type(each) for each in told if isinstance(each, Exception)] == [Conflict]
    assert await shop.stock(PRIDE) == 24
    assert (await stock_ledger(app, pride))[0].document == "Return 1 taken back"
    assert [(row.pieces, row.back) for row in await list_publisher_returns(app)] == [(3, 1)]
    stored = await get_publisher_return(app, made.id)
    assert stored.total == made.total - 500
    letter = await letter_of(app, stored)
    assert ("Taken back", "1 of 3 copies") in letter.facts
    assert sorted(row[2] for row in letter.rows) == ["1", "1 of 2"]
    assert letter.total.startswith("2 copies, ")
    await take_back(app, shop.sam, app.ids.new(), await look_at_reversal(app, Posted.RETURN, made.id))
    assert (await shop.stock(PRIDE), await shop.stock(KLARA)) == (25, 3)
    with pytest.raises(Refused, match=r"reversal\.nothing"):
        await take_back(app, shop.sam, app.ids.new(), await look_at_reversal(app, Posted.RETURN, made.id))
    (row,) = [row for row in await list_posted(app) if row.kind is Posted.RETURN]
    assert (row.number, row.whom, row.pieces, row.back) == (1, "Penguin", 3, 3)
    # It can go back anew, no more than was delivered.
    assert [one.delivered for one in await list_returnable(app, shop.sam, supplier.id)] == [2, 1]
    stored = await get_publisher_return(app, made.id)
    assert [(line.quantity, line.taken_back) for line in stored.lines] == [(line.quantity,) * 2 for line in made.lines]
    assert stored.total == 0
    assert await shop.findings() == []


async def test_copies_of_a_return_come_back_to_their_place_unless_a_count_found_them_there(shop: Shop) -> None:
    app, pride, klara = shop.app, shop.books[PRIDE], shop.books[KLARA]
    supplier = await delivered(shop)
    await transfer(app, shop.sam, app.ids.new(), 1, 2, {pride: 2})
    made = await return_to_publisher(app, shop.sam, app.ids.new(), supplier.id, {pride: 2}, location_id=2)
    await take_back(app, shop.sam, app.ids.new(), await look_at_reversal(app, Posted.RETURN, made.id))
    assert (await availability(app, pride)).places == (("Shop floor", 23), ("Store room", 2))
    made = await return_to_publisher(app, shop.sam, app.ids.new(), supplier.id, {klara: 1})
    count = await start_count(app, shop.sam, app.ids.new())
    await count_code(app, shop.sam, app.ids.new(), count.id, KLARA, 3)  # the box never left
    await post_count(app, shop.sam, count.id, count.version)
    (line,) = (await look_at_reversal(app, Posted.RETURN, made.id)).lines
    assert (line.goes, line.stays) == (0, Stays.CORRECTED)
    assert await shop.findings() == []
