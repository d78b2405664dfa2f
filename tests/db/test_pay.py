"""Selling at the counter, on both databases."""

import asyncio
from dataclasses import replace

import pytest

from pos_app.domain.payment import Tender
from pos_app.errors import Refused
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment
from pos_app.services.order_view import get_sale
from tests.shop import DARKNESS, KLARA, PRIDE, SAPIENS, Shop


async def test_a_sale_takes_stock_draws_a_number_and_is_stored_with_its_lines(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn in (PRIDE, DARKNESS, DARKNESS):
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    assert [(line.title, line.quantity, line.amount) for line in view.lines] == [
        ("Pride and Prejudice", 1, 899),
        ("The Left Hand of Darkness", 2, 2198),
    ]
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(5000)))
    assert (sale.number, sale.total, sale.change) == ("1-000001", 3097, 1903)
    assert await shop.stock(DARKNESS) == 5
    assert await get_sale(shop.app, "1-000001") == sale


async def test_the_same_request_twice_and_eight_times_at_once_is_one_sale(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    request = order.PayRequest.of(view, shop.payment(1000))
    first = await order.pay(shop.app, shop.ana, request)
    again = await asyncio.gather(*(order.pay(shop.app, shop.ana, request) for _ in range(8)))
    assert all(sale == first for sale in again)
    assert await shop.stock(PRIDE) == 22


async def test_eight_equal_requests_racing_from_the_start_are_one_sale(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    request = order.PayRequest.of(view, shop.payment(1000))
    sales = await asyncio.gather(*(order.pay(shop.app, shop.ana, request) for _ in range(8)))
    assert {sale.number for sale in sales} == {"1-000001"}
    assert await shop.stock(PRIDE) == 22


async def test_another_content_under_the_same_id_is_a_loud_error(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    request = order.PayRequest.of(view, shop.payment(1000))
    await order.pay(shop.app, shop.ana, request)
    with pytest.raises(Refused) as refusal:
        await order.pay(shop.app, shop.ana, replace(request, payments=(shop.payment(2000),)))
    assert refusal.value.code == "sale.other_content"


async def test_a_book_not_in_stock_is_refused_and_nothing_changes(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await cart.add_scan(shop.app, shop.ana, view.id, SAPIENS)
    with pytest.raises(Refused) as refusal:
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(5000)))
    assert refusal.value.code == "stock.short"
    assert refusal.value.params["title"] == "Sapiens"
    assert await shop.stock(PRIDE) == 23
    view = await cart.remove_line(shop.app, shop.ana, view.id, str(shop.books[SAPIENS]))
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(899)))
    assert sale.number == "1-000001"


async def test_part_payments_are_kept_and_the_rest_completes_the_sale(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA)
    part = shop.payment(1000)
    view = await add_payment(shop.app, shop.ana, view.id, part)
    view = await add_payment(shop.app, shop.ana, view.id, part)
    assert view.due == 695
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(695, Tender.CARD)))
    assert [(payment.tender, payment.amount) for payment in sale.payments] == [(Tender.CASH, 1000), (Tender.CARD, 695)]


async def test_every_step_can_be_undone_in_turn(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    states = [view.lines]
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    states.append(view.lines)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA, quantity=3)
    states.append(view.lines)
    view = await cart.set_quantity(shop.app, shop.ana, view.id, str(shop.books[PRIDE]), 7)
    states.append(view.lines)
    view = await cart.clear(shop.app, shop.ana, view.id)
    assert view.lines == ()
    for lines in reversed(states):
        view = await cart.undo(shop.app, shop.ana, view.id)
        assert view.lines == lines
    with pytest.raises(Refused):
        await cart.undo(shop.app, shop.ana, view.id)
