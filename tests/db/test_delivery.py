"""Deliveries: partial, over, damaged, at other prices, and who waits for them."""

import asyncio
from pathlib import Path

import pytest

from pos_app.domain.purchase import PurchaseStatus
from pos_app.domain.stock import ReservationStatus, weighted_cost
from pos_app.errors import Conflict, Refused
from pos_app.messages import sentence
from pos_app.services.book import get_book
from pos_app.services.book_edit import edit_book
from pos_app.services.delivery import (
    Came,
    DeliveryRequest,
    expect_title,
    list_deliveries,
    receive_delivery,
)
from pos_app.services.delivery_file import read_delivery_file
from pos_app.services.purchase_order import PurchaseView, get_purchase_order, make_purchase_order, move_purchase_order
from pos_app.services.reservation import cancel_reservation, collect, list_reservations, reserve
from pos_app.services.stock import availability, stock_ledger, stock_value
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.sheets import write_table
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


async def sent(shop: Shop, **lines: int) -> PurchaseView:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin"))
    isbns = {"pride": PRIDE, "sapiens": SAPIENS, "klara": KLARA}
    wanted = {shop.books[isbns[name]]: pieces for name, pieces in lines.items()}
    order = await make_purchase_order(shop.app, shop.sam, shop.app.ids.new(), supplier.id, wanted)
    return await move_purchase_order(shop.app, shop.sam, order.id, order.version, PurchaseStatus.SENT)


def came(shop: Shop, order: PurchaseView, *lines: Came) -> DeliveryRequest:
    uid = shop.app.ids.new()
    return DeliveryRequest(uid, order.supplier.id, lines, order.id, reference=f"LS-{uid}")


def test_cost_is_the_weighted_average() -> None:
    assert weighted_cost(10, 500, 10, 600) == 550
    assert weighted_cost(0, 500, 3, 600) == 600
    assert weighted_cost(-2, 500, 3, 600) == 600
    assert weighted_cost(5, None, 1, 600) == 600
    assert weighted_cost(1, 500, 1, 501) == 501  # half a unit rounds up


async def test_a_partial_delivery_leaves_the_rest_open_and_the_last_closes_the_order(shop: Shop) -> None:
    order = await sent(shop, pride=5, sapiens=2)
    book = shop.books[PRIDE]
    first = await receive_delivery(shop.app, shop.sam, came(shop, order, Came(book, 3)))
    assert (first.number, first.pieces, first.purchase_order) == (1, 3, 1)
    assert await shop.stock(PRIDE) == 26
    order = await get_purchase_order(shop.app, order.id)
    assert [(line.isbn, line.open) for line in order.lines] == [(PRIDE, 2), (SAPIENS, 2)]
    rest = came(shop, order, Came(book, 2), Came(shop.books[SAPIENS], 2))
    await receive_delivery(shop.app, shop.sam, rest)
    assert (await get_purchase_order(shop.app, order.id)).status is PurchaseStatus.CLOSED
    assert [one.number for one in await list_deliveries(shop.app)] == [2, 1]
    assert await shop.findings() == []


async def test_more_than_ordered_is_told_and_taken_only_where_it_is_said(shop: Shop) -> None:
    order = await sent(shop, pride=2)
    book = shop.books[PRIDE]
    for line in (Came(book, 3), Came(shop.books[DARKNESS], 1)):
        with pytest.raises(Refused, match=r"delivery\.over"):
            await receive_delivery(shop.app, shop.sam, came(shop, order, line))
    assert await shop.stock(PRIDE) == 23
    taken = await receive_delivery(shop.app, shop.sam, came(shop, order, Came(book, 3, accept_over=True)))
    assert [line.over for line in taken.lines] == [True]
    assert await shop.stock(PRIDE) == 26
    assert await shop.findings() == []


async def test_damaged_copies_are_noted_and_still_to_come(shop: Shop) -> None:
    order = await sent(shop, pride=2)
    taken = await receive_delivery(shop.app, shop.sam, came(shop, order, Came(shop.books[PRIDE], 1, damaged=1)))
    assert (taken.lines[0].quantity, taken.lines[0].damaged) == (1, 1)
    assert await shop.stock(PRIDE) == 24
    order = await get_purchase_order(shop.app, order.id)
    assert (order.status, order.lines[0].open) == (PurchaseStatus.SENT, 1)
    assert await shop.findings() == []


async def test_another_price_is_shown_and_weighs_into_the_cost(shop: Shop) -> None:
    order = await sent(shop, klara=2)
    klara = shop.books[KLARA]
    book = await edit_book(shop.app, shop.sam, klara, 1, {"cost": 1000})
    taken = await receive_delivery(shop.app, shop.sam, came(shop, order, Came(klara, 2, cost=1200)))
    assert (taken.lines[0].expected_cost, taken.lines[0].dearer) == (1695, -495)
    now = await get_book(shop.app, klara)
    assert now.cost == 1100
    # Whoever was editing the title is told, so that neither change is lost.
    with pytest.raises(Conflict):
        await edit_book(shop.app, shop.sam, klara, book.version, {"price": 1500})
    assert (await expect_title(shop.app, order.supplier.id, None, KLARA)).expected_cost == 1200
    value = {row.category: row for row in await stock_value(shop.app, shop.sam)}["Fiction"]
    assert value.at_cost == 4 * 1100
    assert value.without_cost == 23 + 7
    assert value.at_price == 23 * 899 + 7 * 1099 + 4 * 1695


async def test_whoever_waits_is_named_and_gets_the_copies(shop: Shop) -> None:
    app, sapiens = shop.app, shop.books[SAPIENS]
    waits = await reserve(app, shop.ana, app.ids.new(), sapiens, 1, "Rosa", wait=True)
    order = await sent(shop, sapiens=2)
    assert [one.name for one in (await expect_title(app, order.supplier.id, order.id, SAPIENS)).waiting] == ["Rosa"]
    taken = await receive_delivery(app, shop.sam, came(shop, order, Came(sapiens, 2)))
    assert ([(slip.customer, slip.pieces) for slip in taken.slips], taken.waiting) == ([("Rosa", 1)], ())
    (held,) = await list_reservations(app)
    assert (held.id, held.status) == (waits.id, ReservationStatus.HELD)
    assert (await availability(app, sapiens)).available == 1
    await shop.sell(SAPIENS)
    with pytest.raises(Refused) as told:
        await shop.sell(SAPIENS)
    assert (told.value.code, told.value.params["available"]) == ("stock.short", 0)
    assert await shop.findings() == []
    await collect(app, shop.ana, held.id, held.version)
    await shop.sell(SAPIENS, operator=shop.people["Jo"])
    assert await list_reservations(app) == []
    assert await shop.findings() == []


async def test_a_reservation_is_made_once_cancelled_once_and_never_of_more_than_there_is(shop: Shop) -> None:
    app, klara = shop.app, shop.books[KLARA]
    uid = app.ids.new()
    made = await reserve(app, shop.ana, uid, klara, 2, "Rosa")
    assert (await reserve(app, shop.ana, uid, klara, 2, "Rosa")).id == made.id
    with pytest.raises(Refused, match=r"stock\.short"):
        await reserve(app, shop.ana, app.ids.new(), klara, 1, "Ben")
    await cancel_reservation(app, shop.ana, made.id, made.version)
    with pytest.raises(Conflict):
        await cancel_reservation(app, shop.ana, made.id, made.version)
    assert (await availability(app, klara)).available == 2


async def test_a_customer_order_that_holds_too_little_is_named(shop: Shop) -> None:
    from pos_app.domain.shop import StockPolicy
    from pos_app.services.order import place_order
    from pos_app.services.setting import change_settings
    from tests.db.test_check import spoil

    await change_settings(shop.app, shop.people["Max"], stock_policy=StockPolicy.PHYSICAL)
    placed = await place_order(shop.app, shop.ana.user_id, {shop.books[SAPIENS]: 2}, customer_id=1)
    order = await sent(shop, sapiens=2)
    expected = await expect_title(shop.app, order.supplier.id, order.id, SAPIENS)
    assert expected.waiting == ()
    await spoil(shop, f"DELETE FROM stock_movements WHERE order_id = {placed.id}")
    expected = await expect_title(shop.app, order.supplier.id, order.id, SAPIENS)
    assert [(one.name, one.quantity, one.order_id) for one in expected.waiting] == [("Rosa Marchetti", 2, placed.id)]


async def test_the_same_delivery_is_taken_once_and_other_contents_are_heard(shop: Shop) -> None:
    order = await sent(shop, pride=5)
    request = came(shop, order, Came(shop.books[PRIDE], 5))
    first = await receive_delivery(shop.app, shop.sam, request)
    assert (await receive_delivery(shop.app, shop.sam, request)).id == first.id
    assert await shop.stock(PRIDE) == 28
    other = DeliveryRequest(request.uid, order.supplier.id, (Came(shop.books[PRIDE], 4),), order.id)
    with pytest.raises(Refused, match=r"document\.other_content"):
        await receive_delivery(shop.app, shop.sam, other)


async def test_a_suppliers_note_is_taken_in_a_second_time_only_where_that_is_said(shop: Shop) -> None:
    penguin = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin"))
    gardners = await keep_supplier(shop.app, shop.sam, SupplierView(name="Gardners"))
    lines = (Came(shop.books[PRIDE], 5),)

    def asked(supplier: SupplierView, reference: str, *, again: bool = False) -> DeliveryRequest:
        return DeliveryRequest(shop.app.ids.new(), supplier.id, lines, reference=reference, note_again=again)

    first = asked(penguin, "GN-1")
    await receive_delivery(shop.app, shop.sam, first)
    with pytest.raises(Refused, match=r"delivery\.known_note") as told:
        await receive_delivery(shop.app, shop.sam, asked(penguin, " gn-1 "))
    assert sentence(told.value).startswith("Note gn-1 of Penguin was taken in already: delivery 1 of ")
    # Sent again as the same one, by another supplier, without a number: none is a second one.
    assert (await receive_delivery(shop.app, shop.sam, first)).number == 1
    for other in (asked(gardners, "GN-1"), asked(penguin, ""), asked(penguin, "")):
        await receive_delivery(shop.app, shop.sam, other)
    assert await shop.stock(PRIDE) == 23 + 4 * 5
    assert (await receive_delivery(shop.app, shop.sam, asked(penguin, "GN-1", again=True))).number == 5
    # Two tills with one note: the one that comes second is told.
    both = [receive_delivery(shop.app, shop.sam, asked(penguin, "GN-2")) for _ in range(2)]
    ends = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(end, Refused) for end in ends) == [False, True]
    assert await shop.findings() == []


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "delivery.empty"),
        ((Came(1, 1), Came(1, 1)), "delivery.twice"),
        ((Came(1, 0),), "pieces.invalid"),
        ((Came(1, -1),), "pieces.invalid"),
        ((Came(1, 1, cost=-1),), "price.invalid"),
        ((Came(999, 1),), "book.missing"),
    ],
)
async def test_what_cannot_have_come_is_told_and_changes_nothing(
    shop: Shop, lines: tuple[Came, ...], code: str
) -> None:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin"))
    with pytest.raises(Refused) as told:
        await receive_delivery(shop.app, shop.sam, DeliveryRequest(shop.app.ids.new(), supplier.id, lines))
    assert told.value.code == code
    assert await shop.findings() == []


async def test_a_delivery_into_the_store_room_lies_there(shop: Shop) -> None:
    supplier = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin"))
    book = shop.books[PRIDE]
    request = DeliveryRequest(shop.app.ids.new(), supplier.id, (Came(book, 4),), location_id=2)
    await receive_delivery(shop.app, shop.sam, request)
    assert (await availability(shop.app, book)).places == (("Shop floor", 23), ("Store room", 4))


async def test_the_ledger_tells_each_movement_with_the_stock_it_left(shop: Shop) -> None:
    order = await sent(shop, pride=5)
    await shop.sell(PRIDE)
    await receive_delivery(shop.app, shop.sam, came(shop, order, Came(shop.books[PRIDE], 5)))
    steps = await stock_ledger(shop.app, shop.books[PRIDE])
    assert [(step.delta, step.balance, step.reason.value) for step in steps] == [
        (5, 27, "delivery"),
        (-1, 22, "sale"),
        (23, 23, "opening"),
    ]
    assert (steps[0].document, steps[0].operator) == ("Delivery 1", "Sam")
    further = await stock_ledger(shop.app, shop.books[PRIDE], before=steps[0].id)
    assert [step.balance for step in further] == [22, 23]


async def test_a_suppliers_file_is_read_against_the_catalogue(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "despatch.csv"
    path.write_text(f"EAN;Quantity;Cost\n{PRIDE};3;5.20\n{PRIDE};1;\n9780000000002;1;1\n{KLARA};x;2\n{DARKNESS};2;\n")
    read = await read_delivery_file(shop.app, path)
    assert [(isbn, line.quantity, line.cost) for isbn, line in read.came] == [(PRIDE, 4, 520), (DARKNESS, 2, None)]
    assert read.refused == (
        "Line 5: The row cannot be read: its quantity is no whole number.",
        "9780000000002 is not in the catalogue.",
    )
    path.write_text("EAN;Title\n1;2\n")
    with pytest.raises(Refused, match=r"delivery\.no_columns"):
        await read_delivery_file(shop.app, path)


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "csv"])
async def test_a_suppliers_spreadsheet_is_read_as_an_import_is(shop: Shop, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"despatch.{ending}"
    rows = [["EAN", "Titel", "Qty", "Einkaufspreis"], [PRIDE, "Pride", "3", "5.20"], [PRIDE[3:], "", "1", ""]]
    rows += [["9780000000002", "Never heard of", "1", "1"], [DARKNESS, "", "2", ""]]
    write_table(path, rows)
    read = await read_delivery_file(shop.app, path)
    assert [(isbn, line.quantity, line.cost) for isbn, line in read.came] == [(PRIDE, 4, 520), (DARKNESS, 2, None)]
    assert read.refused == ("9780000000002 “Never heard of” is not in the catalogue.",)
    assert read.unknown == ("9780000000002",)


async def test_a_suppliers_message_is_no_table(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "despatch.xml"
    path.write_text("<ONIXMessage/>")
    with pytest.raises(Refused) as told:
        await read_delivery_file(shop.app, path)
    assert "take one of CSV, xlsx, xls or ods" in sentence(told.value)


async def test_a_file_whose_columns_have_other_names_is_told_which_are_needed(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "note.csv"
    path.write_text(f"Artikel;Menge\n{PRIDE};2\n", encoding="utf-8")
    with pytest.raises(Refused) as told:
        await read_delivery_file(shop.app, path)
    assert sentence(told.value).startswith("note.csv: name its columns isbn, quantity and")
