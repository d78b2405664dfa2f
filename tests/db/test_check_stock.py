"""The check of stock documents: silent on a sound stockroom, and loud about each way in which one can be unsound."""

import asyncio

import pytest

from pos_app.services.check import verify
from pos_app.services.purchase_order import make_purchase_order
from pos_app.services.reservation import reserve
from pos_app.services.supplier import list_suppliers
from pos_app.services.transfer import transfer
from tests.db.stockroom import keep_stock
from tests.db.test_check import broken, spoil
from tests.shop import DARKNESS, KLARA, PRIDE, Shop

SPOILED: list[tuple[str, set[str]]] = [
    ("UPDATE delivery_lines SET quantity = 3 WHERE delivery_id = 1", {"deliveries", "purchase orders"}),
    ("UPDATE purchase_order_lines SET received_quantity = 1", {"purchase orders"}),
    ("UPDATE purchase_order_lines SET quantity = 1", {"purchase orders"}),
    ("UPDATE publisher_return_lines SET quantity = 2", {"publisher returns"}),
    ("UPDATE transfer_lines SET quantity = 2", {"transfers"}),
    ("UPDATE stock_movements SET location_id = NULL WHERE reason = 'transfer' AND delta > 0", {"transfers"}),
    ("UPDATE stock_movements SET location_id = 2 WHERE reason = 'transfer' AND delta < 0", {"transfers"}),
    ("UPDATE stock_movements SET location_id = 2 WHERE reason = 'publisher_return'", {"publisher returns"}),
    ("UPDATE stock_movements SET location_id = 2 WHERE reason = 'count'", {"counts"}),
    ("UPDATE stock_movements SET delta = -9 WHERE location_id = 2", {"stock", "transfers", "locations"}),
    ("UPDATE stock_count_lines SET difference = 5", {"counts"}),
    ("UPDATE stock_count_entries SET quantity = 9", {"counted pieces"}),
    ("UPDATE books SET reserved = 0", {"reservations"}),
    ("UPDATE document_series SET next_number = 9 WHERE name = 'transfer'", {"transfers numbers"}),
    ("DELETE FROM document_series WHERE name = 'delivery'", {"document series"}),
    ("UPDATE deliveries SET number = 7 WHERE number = 1", {"deliveries numbers", "deliveries"}),
    ("UPDATE stock_reversal_lines SET quantity = -2", {"deliveries", "deliveries taken back"}),
    ("UPDATE stock_reversal_lines SET quantity = 1", {"deliveries", "deliveries taken back"}),
    ("UPDATE stock_reversals SET number = 7", {"stock reversals numbers"}),
]


@pytest.mark.parametrize(("statement", "names"), SPOILED, ids=[statement for statement, _ in SPOILED])
async def test_each_kind_of_damage_is_found(shop: Shop, statement: str, names: set[str]) -> None:
    await keep_stock(shop)
    await reserve(shop.app, shop.ana, shop.app.ids.new(), shop.books[KLARA], 1, "Rosa")
    assert (await verify(shop.app)).findings == 0
    await spoil(shop, statement)
    assert broken(await verify(shop.app)) == names


async def test_a_series_that_is_missing_is_named_and_made_anew_behind_its_last_document(shop: Shop) -> None:
    """By whichever document comes next; of one that has none yet it begins at 1."""
    await keep_stock(shop)
    book = {shop.books[PRIDE]: 1}
    await spoil(shop, "DELETE FROM document_series WHERE name IN ('transfer', 'purchase_order')")
    (check,) = [check for check in (await verify(shop.app)).checks if check.name == "document series"]
    assert [said.partition(":")[0] for said in check.findings] == ["purchase_order", "transfer"]
    made = await transfer(shop.app, shop.sam, shop.app.ids.new(), 2, 1, book)
    (supplier,) = await list_suppliers(shop.app)
    order = await make_purchase_order(shop.app, shop.sam, shop.app.ids.new(), supplier.id, book)
    assert (made.number, order.number) == (2, 2)
    assert (await transfer(shop.app, shop.sam, shop.app.ids.new(), 1, 2, book)).number == 3
    assert broken(await verify(shop.app)) == set()


async def test_two_tills_that_find_a_series_missing_make_it_once(shop: Shop) -> None:
    """Each carries another title, so that nothing else lets one wait for the other."""
    await spoil(shop, "DELETE FROM document_series")
    carried = [{shop.books[isbn]: 1} for isbn in (PRIDE, DARKNESS, KLARA)]
    made = await asyncio.gather(*(transfer(shop.app, shop.sam, shop.app.ids.new(), 1, 2, lines) for lines in carried))
    assert sorted(one.number for one in made) == [1, 2, 3]
