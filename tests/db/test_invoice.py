"""Quotes, invoices of sales on account with their due date, and who is overdue."""

import pytest

from pos_app.domain.payment import Tender
from pos_app.errors import Refused
from pos_app.receipts.text import document_text
from pos_app.services import cart, order
from pos_app.services.account_ledger import receive_payment
from pos_app.services.customer import set_credit_limit
from pos_app.services.invoice import invoice_paper, list_overdue, overdue_invoices, reminder_paper
from tests.conftest import SetClock
from tests.shop import DARKNESS, PRIDE, Shop

ROSA = 1


async def on_account(shop: Shop, *isbns: str) -> order.OrderView:
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    view = await cart.set_customer(shop.app, shop.ana, view.id, ROSA)
    paid = shop.payment(view.due, Tender.ACCOUNT)
    return await order.pay(shop.app, shop.ana, order.PayRequest.of(view, paid))


async def test_a_sale_on_account_has_an_invoice_due_by_the_shops_terms_and_others_have_none(shop: Shop) -> None:
    await set_credit_limit(shop.app, shop.sam, ROSA, 100_000)
    sale = await on_account(shop, PRIDE, DARKNESS)
    text = document_text(await invoice_paper(shop.app, sale.id))
    assert f"INVOICE {sale.number}" in text
    assert "23 Dec 2026" in text
    assert "£19.98" in text
    paid = await shop.sell(PRIDE)
    with pytest.raises(Refused, match=r"invoice\.not_on_account"):
        await invoice_paper(shop.app, paid.id)


async def test_what_is_past_the_terms_is_overdue_and_money_received_pays_the_oldest_first(
    shop: Shop, clock: SetClock
) -> None:
    await set_credit_limit(shop.app, shop.sam, ROSA, 100_000)
    await on_account(shop, PRIDE)
    clock.forward(days=30)
    assert await list_overdue(shop.app, shop.ana) == []
    clock.forward(days=1)
    await on_account(shop, DARKNESS)
    (one,) = await list_overdue(shop.app, shop.ana)
    assert (one.owed, one.overdue) == (899 + 1099, 899)
    text = document_text(await reminder_paper(shop.app, one))
    assert "REMINDER" in text
    assert "Invoice 1-000001 of 23 Nov 2026, due 23 Dec 2026" in text
    assert "1-000002" not in text
    await receive_payment(shop.app, shop.ana, ROSA, shop.payment(500))
    (one,) = await list_overdue(shop.app, shop.ana)
    assert one.overdue == 399
    assert [(due.number, due.amount, due.left) for due in await overdue_invoices(shop.app, one)] == [
        ("1-000001", 899, 399)
    ]
    await receive_payment(shop.app, shop.ana, ROSA, shop.payment(399))
    assert await list_overdue(shop.app, shop.ana) == []
