"""Quotes are kept under a number, found again, and become an order or an invoice at the prices offered."""

import pytest

from pos_app.domain.payment import Tender
from pos_app.errors import Refused
from pos_app.receipts.text import document_text
from pos_app.services import cart, order
from pos_app.services.book import find_by_code
from pos_app.services.book_edit import edit_book
from pos_app.services.cart_price import discount_sale
from pos_app.services.customer import set_credit_limit
from pos_app.services.customer_order import OrderRequest, place_from_cart
from pos_app.services.invoice import invoice_paper
from pos_app.services.quote import QuoteRow, list_quotes, make_quote, quote_paper, take_quote
from tests.conftest import SetClock
from tests.db.test_customer_order import basket
from tests.shop import DARKNESS, KLARA, PRIDE, Shop


async def quoted(shop: Shop, *isbns: str) -> QuoteRow:
    view = await basket(shop, *isbns)
    made = await make_quote(shop.app, shop.ana, shop.app.ids.new(), view.id)
    await cart.clear(shop.app, shop.ana, view.id)
    return made


async def dearer(shop: Shop, isbn: str, price: int) -> None:
    book = await find_by_code(shop.app, isbn)
    await edit_book(shop.app, shop.sam, book.id, book.version, {"price": price})


async def test_a_basket_is_quoted_once_and_stays_what_it_is(shop: Shop) -> None:
    view = await basket(shop, customer=None)
    with pytest.raises(Refused, match=r"order\.nobody"):
        await make_quote(shop.app, shop.ana, shop.app.ids.new(), view.id)
    view = await cart.set_customer(shop.app, shop.ana, view.id, 1)
    with pytest.raises(Refused, match=r"cart\.empty"):
        await make_quote(shop.app, shop.ana, shop.app.ids.new(), view.id)
    await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, 20)
    uid = shop.app.ids.new()
    first, again = [await make_quote(shop.app, shop.ana, uid, view.id) for _ in range(2)]
    assert (first, first.total, first.item_count) == (again, 20 * 899, 20)
    assert (await shop.stock(PRIDE), len((await cart.open_cart(shop.app, shop.ana)).lines)) == (23, 1)
    for _ in range(2):
        text = document_text(await quote_paper(shop.app, first.id))
        assert f"QUOTE {first.id}" in text
        assert "20 x Pride and Prejudice" in text
        assert "23 Dec 2026" in text
    assert await shop.findings() == []


async def test_a_quote_is_found_by_its_number_customer_title_or_isbn(shop: Shop) -> None:
    first, second = await quoted(shop, PRIDE), await quoted(shop, KLARA)
    found = {text: [row.id for row in await list_quotes(shop.app, text)] for text in
             ("", str(first.id), "march ros", "klara", PRIDE, "nobody")}  # fmt: skip
    assert found == {
        "": [second.id, first.id], str(first.id): [first.id], "march ros": [second.id, first.id],
        "klara": [second.id], PRIDE: [first.id], "nobody": [],
    }  # fmt: skip


async def test_a_quote_becomes_an_invoice_at_the_prices_offered(shop: Shop) -> None:
    await set_credit_limit(shop.app, shop.sam, 1, 100_000)
    view = await basket(shop, PRIDE, DARKNESS)
    view = await discount_sale(shop.app, shop.ana, view.id, 98, "School")
    made = await make_quote(shop.app, shop.ana, shop.app.ids.new(), view.id)
    await cart.clear(shop.app, shop.ana, view.id)
    await dearer(shop, PRIDE, 5000)
    view = await take_quote(shop.app, shop.ana, view.id, made.id)
    assert (view.due, view.customer, view.message) == (1900, "Rosa Marchetti", "quote.taken_up")
    with pytest.raises(Refused, match=r"quote\.more"):
        await cart.set_quantity(shop.app, shop.ana, view.id, view.lines[0].key, 2)
    with pytest.raises(Refused, match=r"quote\.taken"):
        await take_quote(shop.app, shop.ana, view.id, made.id)
    paid = shop.payment(view.due, Tender.ACCOUNT)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, paid))
    assert "£19.00" in document_text(await invoice_paper(shop.app, sale.id))
    (row,) = await list_quotes(shop.app)
    assert row.became == sale.number
    view = await cart.open_cart(shop.app, shop.ana)
    with pytest.raises(Refused, match=r"quote\.done"):
        await take_quote(shop.app, shop.ana, view.id, made.id)
    assert await shop.findings() == []


async def test_a_quote_becomes_an_order_and_can_be_put_back(shop: Shop) -> None:
    made = await quoted(shop, KLARA, KLARA, KLARA)
    view = await cart.open_cart(shop.app, shop.ana)
    await take_quote(shop.app, shop.ana, view.id, made.id)
    assert (await cart.undo(shop.app, shop.ana, view.id)).lines == ()
    view = await take_quote(shop.app, shop.ana, view.id, made.id)
    placed = await place_from_cart(shop.app, shop.ana, OrderRequest.of(view, shop.app.ids.new()))
    assert placed.detail.order.total == made.total
    (row,) = await list_quotes(shop.app)
    assert row.became == str(placed.detail.order.id)
    assert await shop.findings() == []


async def test_past_its_day_a_quote_is_taken_at_todays_prices(shop: Shop, clock: SetClock) -> None:
    made = await quoted(shop, PRIDE)
    await dearer(shop, PRIDE, 950)
    clock.forward(days=31)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await take_quote(shop.app, shop.ana, view.id, made.id)
    assert (view.due, view.message) == (950, "quote.today")
    with pytest.raises(Refused, match=r"quote\.missing"):
        await take_quote(shop.app, shop.ana, view.id, 999)
