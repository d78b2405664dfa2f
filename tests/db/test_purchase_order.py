"""Purchase orders: suggested, drawn up, sent, closed."""

import pytest
from sqlalchemy import text

from pos_app.domain.purchase import Need, PurchaseStatus
from pos_app.errors import Conflict, Refused
from pos_app.services.book_edit import edit_book
from pos_app.services.purchase_order import (
    PurchaseView,
    edit_purchase_order,
    list_purchase_orders,
    make_purchase_order,
    move_purchase_order,
    suggest,
)
from pos_app.services.reservation import reserve
from pos_app.services.supplier import SupplierView, keep_supplier, set_supplier_of
from tests.conftest import SetClock
from tests.shop import DARKNESS, PRIDE, SAPIENS, Shop


async def penguin(shop: Shop) -> SupplierView:
    made = await keep_supplier(shop.app, shop.sam, SupplierView(name="Penguin", lead_days=7, return_days=30))
    for isbn in (PRIDE, DARKNESS, SAPIENS):
        await set_supplier_of(shop.app, shop.sam, shop.books[isbn], made.id)
    return made


async def draft(shop: Shop, lines: dict[str, int]) -> PurchaseView:
    supplier = await penguin(shop)
    wanted = {shop.books[isbn]: pieces for isbn, pieces in lines.items()}
    return await make_purchase_order(shop.app, shop.sam, shop.app.ids.new(), supplier.id, wanted)


def test_what_to_order_is_reorder_level_sales_until_it_comes_and_customers_less_what_is_there() -> None:
    need = Need(reorder_at=5, stock=4, reserved=1, on_order=2, waiting=3, sold=8, sold_days=28, lead_days=7)
    assert need.during_delivery == 2
    assert need.suggested == 5 + 2 + 3 - (4 - 1) - 2
    assert Need(0, 10, 0, 0, 0, 0, 28, 7).suggested == 0
    assert Need(0, -2, 0, 0, 0, 0, 28, 7).suggested == 2
    # Nine sold in 28 days and seven days to wait are 2.25 copies: three.
    assert Need(0, 0, 0, 0, 0, 9, 28, 7).suggested == 3


async def test_suggestions_come_from_level_sales_customers_and_what_is_on_its_way(shop: Shop, clock: SetClock) -> None:
    supplier = await penguin(shop)
    app, sam = shop.app, shop.sam
    await edit_book(app, sam, shop.books[PRIDE], 1, {"reorder_at": 30})
    await shop.sell(*[DARKNESS] * 4)
    # The ledger's own time stamps are the machine's; the shop's clock of this test stands near them or not.
    await app.db.write(
        lambda session: session.execute(text("UPDATE books SET reorder_at = 5 WHERE isbn = :isbn"), {"isbn": DARKNESS})
    )
    waits = await reserve(app, sam, app.ids.new(), shop.books[SAPIENS], 2, "Rosa", wait=True)
    assert waits.status.value == "waiting"
    found = {one.isbn: one for one in await suggest(app, sam, supplier.id)}
    assert found[PRIDE].need.suggested == 30 - 23
    assert found[DARKNESS].need.sold == 4
    assert found[DARKNESS].need.suggested == 5 + 1 - 3
    assert found[SAPIENS].need.suggested == 2
    assert [one.name for one in found[SAPIENS].waiting] == ["Rosa"]
    await make_purchase_order(app, sam, app.ids.new(), supplier.id, {shop.books[SAPIENS]: 2})
    assert SAPIENS not in {one.isbn for one in await suggest(app, sam, supplier.id)}
    assert clock.now()


async def test_a_draft_is_edited_sent_and_closed(shop: Shop) -> None:
    order = await draft(shop, {PRIDE: 5})
    assert (order.number, order.status, order.total) == (1, PurchaseStatus.DRAFT, 5 * 899)
    order = await edit_purchase_order(
        shop.app, shop.sam, order.id, order.version, {shop.books[PRIDE]: 3, shop.books[DARKNESS]: 1}, "Soon"
    )
    assert [(line.title, line.quantity) for line in order.lines] == [
        ("Pride and Prejudice", 3),
        ("The Left Hand of Darkness", 1),
    ] or [line.quantity for line in order.lines] == [1, 3]
    order = await move_purchase_order(shop.app, shop.sam, order.id, order.version, PurchaseStatus.SENT)
    assert order.expected_on is not None
    with pytest.raises(Refused, match=r"purchase\.sent"):
        await edit_purchase_order(shop.app, shop.sam, order.id, order.version, {shop.books[PRIDE]: 9})
    order = await move_purchase_order(shop.app, shop.sam, order.id, order.version, PurchaseStatus.CLOSED)
    with pytest.raises(Refused, match=r"purchase\.move"):
        await move_purchase_order(shop.app, shop.sam, order.id, order.version, PurchaseStatus.SENT)
    assert [row.status for row in await list_purchase_orders(shop.app)] == [PurchaseStatus.CLOSED]
    assert await shop.findings() == []


async def test_the_same_uid_is_one_order_and_an_older_version_is_told(shop: Shop) -> None:
    order = await draft(shop, {PRIDE: 5})
    again = await make_purchase_order(shop.app, shop.sam, order.uid, order.supplier.id, {shop.books[PRIDE]: 5})
    assert again.id == order.id
    await edit_purchase_order(shop.app, shop.sam, order.id, order.version, {shop.books[PRIDE]: 6})
    with pytest.raises(Conflict) as told:
        await edit_purchase_order(shop.app, shop.sam, order.id, order.version, {shop.books[PRIDE]: 7})
    assert told.value.current.lines[0].quantity == 6


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ({}, "purchase.empty"),
        ({PRIDE: 0}, "pieces.invalid"),
        ({PRIDE: 10**9}, "pieces.invalid"),
        ({"Gift wrap": 1}, "book.service_stock"),
    ],
)
async def test_what_cannot_be_ordered_is_told_and_takes_no_number(shop: Shop, lines: dict[str, int], code: str) -> None:
    with pytest.raises(Refused) as told:
        await draft(shop, lines)
    assert told.value.code == code
    assert await shop.findings() == []


async def test_a_cashier_buys_nothing(shop: Shop) -> None:
    supplier = await penguin(shop)
    with pytest.raises(Refused, match=r"right\.missing"):
        await make_purchase_order(shop.app, shop.ana, shop.app.ids.new(), supplier.id, {shop.books[PRIDE]: 1})
