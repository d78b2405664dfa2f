"""The check of stock documents: silent on a sound stockroom, and loud about each way in which one can be unsound."""

import pytest

from pos_app.services.check import verify
from pos_app.services.reservation import reserve
from tests.db.stockroom import keep_stock
from tests.db.test_check import broken, spoil
from tests.shop import KLARA, Shop

SPOILED: list[tuple[str, set[str]]] = [
    ("UPDATE delivery_lines SET quantity = 3", {"deliveries", "purchase orders"}),
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
    ("UPDATE deliveries SET number = 7", {"deliveries numbers", "deliveries"}),
]


@pytest.mark.parametrize(("statement", "names"), SPOILED, ids=[statement for statement, _ in SPOILED])
async def test_each_kind_of_damage_is_found(shop: Shop, statement: str, names: set[str]) -> None:
    await keep_stock(shop)
    await reserve(shop.app, shop.ana, shop.app.ids.new(), shop.books[KLARA], 1, "Rosa")
    assert (await verify(shop.app)).findings == 0
    await spoil(shop, statement)
    assert broken(await verify(shop.app)) == names
