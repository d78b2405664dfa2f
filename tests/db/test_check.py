"""The check of the books: silent on a sound shop, and loud about each way in which one can be unsound."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import Tender
from pos_app.domain.shop import StockPolicy
from pos_app.services import cart, order, order_move
from pos_app.services.book import find_by_code
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.check import Report, verify
from pos_app.services.order_view import get_order
from pos_app.services.setting import change_settings
from tests.shop import DARKNESS, KLARA, PRIDE, Shop


async def trade(shop: Shop) -> None:
    """A little of everything that moves money or stock."""
    await shop.sell(PRIDE, DARKNESS, DARKNESS)
    await shop.sell(PRIDE, tender=Tender.CARD)
    placed = await order.place_order(shop.app, shop.ana.user_id, {shop.books[PRIDE]: 2, shop.books[KLARA]: 1})
    await order_move.move_order(shop.app, shop.ana, placed.id, placed.version, OrderStatus.CONFIRMED)
    cancelled = await order.place_order(shop.app, shop.ana.user_id, {shop.books[DARKNESS]: 1})
    await order_move.move_order(shop.app, shop.ana, cancelled.id, cancelled.version, OrderStatus.CANCELLED)


async def spoil(shop: Shop, *statements: str) -> None:
    """Change what is stored behind the program's back, past the triggers."""

    def act(session: Session) -> None:
        if shop.app.db.kind == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                session.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            session.execute(text(statement))

    await shop.app.db.write(act)


def broken(report: Report) -> set[str]:
    """The names of the rules broken; triggers dropped by the test do not count, nor the journal, which sees it all."""
    return {check.name for check in report.checks if check.findings} - {"append-only", "journal"}


async def test_a_shop_that_traded_is_sound(shop: Shop) -> None:
    await trade(shop)
    report = await verify(shop.app)
    assert [check for check in report.checks if check.findings] == []
    assert report.findings == 0
    assert (await get_order(shop.app, 1)).order.number == "1-000001"


SPOILED: list[tuple[str, set[str]]] = [
    ("UPDATE books SET stock = stock + 1 WHERE id = 1", {"stock"}),
    ("UPDATE payments SET amount = amount + 1 WHERE id = 1", {"payments", "content"}),
    ("UPDATE orders SET change_amount = change_amount + 5 WHERE id = 2", {"payments", "change"}),
    ("UPDATE orders SET receipt_number = 9 WHERE id = 2", {"receipt numbers"}),
    ("UPDATE tills SET next_receipt_number = 7", {"receipt numbers"}),
    ("UPDATE order_items SET tax_amount = 1, net_amount = net_amount - 1 WHERE id = 1", {"taxes", "tax totals"}),
    ("UPDATE order_taxes SET net_amount = net_amount - 1 WHERE id = 1", {"tax totals"}),
    ("UPDATE order_items SET price = price + 1 WHERE id = 1", {"taxes", "content"}),
    ("UPDATE orders SET item_count = 99 WHERE id = 1", {"lines"}),
    ("UPDATE order_items SET returned_quantity = 1 WHERE id = 1", {"returns"}),
    ("UPDATE stock_movements SET delta = -2 WHERE order_id = 2", {"stock", "sold stock"}),
    ("UPDATE orders SET business_date = '2020-01-01' WHERE id = 1", {"business days"}),
    ("UPDATE shifts SET closed_at = opened_at, expected = 1", {"shift totals"}),
    ("UPDATE orders SET uid = 'other' WHERE id = 1", {"sales", "content"}),
    ("UPDATE orders SET status = 'shipped' WHERE id = 1", {"settled documents"}),
    ("UPDATE orders SET status = 'cancelled' WHERE id = 1", {"settled documents", "sold stock"}),
]


@pytest.mark.parametrize(("statement", "names"), SPOILED, ids=[statement for statement, _ in SPOILED])
async def test_each_kind_of_damage_is_found(shop: Shop, statement: str, names: set[str]) -> None:
    await trade(shop)
    await spoil(shop, statement)
    assert broken(await verify(shop.app)) == names


@pytest.mark.parametrize(
    ("tender", "name"), [(Tender.CARD, "refunds by tender"), (Tender.CASH, "refunds in cash")], ids=["card", "cash"]
)
async def test_more_going_back_than_was_paid_is_found(shop: Shop, tender: Tender, name: str) -> None:
    """By two returns of a piece each, of which the second gave too much."""
    sale = await shop.sell(PRIDE, PRIDE, tender=tender)
    for _ in range(2):
        view = await cart.open_cart(shop.app, shop.ana)
        item = (await find_return(shop.app, sale.number)).lines[0].item_id
        view = await take_back(shop.app, shop.ana, view.id, item, 1)
        payment = shop.payment(view.due, tender)
        back = await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, payment))
    assert broken(await verify(shop.app)) == set()
    await spoil(
        shop,
        f"UPDATE payments SET amount = amount - 5 WHERE order_id = {back.id}",
        f"UPDATE orders SET total_amount = total_amount - 5, rounding_amount = -5 WHERE id = {back.id}",
    )
    assert broken(await verify(shop.app)) == {name, "content"}


async def test_a_missing_trigger_is_found(shop: Shop) -> None:
    table = " ON payments" if shop.app.db.kind == "postgresql" else ""
    await shop.app.db.write(lambda session: session.execute(text(f"DROP TRIGGER trg_payments_no_update{table}")))
    report = await verify(shop.app)
    assert [check.findings for check in report.checks if check.name == "append-only"] == [
        ("trg_payments_no_update is missing",)
    ]


async def test_stock_below_zero_is_allowed_where_the_book_in_the_hand_is_believed(shop: Shop) -> None:
    await change_settings(shop.app, shop.people["Max"], stock_policy=StockPolicy.PHYSICAL)
    for _ in range(3):
        await shop.sell(KLARA)
    assert (await find_by_code(shop.app, KLARA)).stock == -1
    assert (await verify(shop.app)).findings == 0
    await change_settings(shop.app, shop.people["Max"], stock_policy=StockPolicy.STRICT)
    assert broken(await verify(shop.app)) == {"stock below zero"}
