"""Selling at the counter, on both databases."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.domain.payment import Tender
from pos_app.errors import Refused
from pos_app.models import Book
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment
from pos_app.services.order_view import get_sale
from tests.bench.bench_pay import recorded
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


@pytest.mark.parametrize(
    ("pieces", "short", "available"),
    [({KLARA: 2, SAPIENS: 1}, "Sapiens", 0), ({DARKNESS: 8, KLARA: 2}, "The Left Hand of Darkness", 7)],
    ids=["the last copies before it", "the last copies after it"],
)
async def test_the_title_that_is_short_is_named_and_none_whose_last_copies_the_sale_would_take(
    shop: Shop, pieces: dict[str, int], short: str, available: int
) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn, quantity in pieces.items():
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn, quantity)
    with pytest.raises(Refused) as refusal:
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(50_000)))
    assert (refusal.value.code, refusal.value.params["title"]) == ("stock.short", short)
    assert (refusal.value.params["wanted"], refusal.value.params["available"]) == (available + 1, available)
    assert await shop.stock(KLARA) == 2


@pytest.mark.parametrize("off", [(KLARA,), (KLARA, PRIDE)], ids=["of the title that is short", "of both"])
async def test_a_ledger_that_is_wrong_already_names_no_title_that_there_is_enough_of(
    shop: Shop, off: tuple[str, ...]
) -> None:
    def act(session: Session) -> None:
        # One copy more or less than the ledger says, as whoever types into the table leaves it.
        for isbn in off:
            by = -1 if isbn == KLARA else 1
            session.execute(update(Book).where(Book.isbn == isbn).values(stock=Book.stock + by))

    await shop.app.db.write(act)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA, 2)
    with pytest.raises(Refused) as refusal:
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert (refusal.value.code, refusal.value.params["title"]) == ("stock.short", "Klara and the Sun")
    assert (refusal.value.params["wanted"], refusal.value.params["available"]) == (2, 1)


async def test_a_sale_of_three_titles_is_few_questions(shop: Shop) -> None:
    """On a shared server each is a way there and back, and the customer waits for all of them."""
    sent: dict[str, int] = {}
    with recorded(shop.app) as asked:
        view = await cart.open_cart(shop.app, shop.ana)
    sent["open"] = len(asked)
    for isbn in (PRIDE, DARKNESS, KLARA):
        with recorded(shop.app) as asked:
            view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
        sent[isbn] = len(asked)
    with recorded(shop.app) as asked:
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    sent["pay"] = len(asked)
    assert sent == {"open": 5, PRIDE: 8, DARKNESS: 8, KLARA: 8, "pay": 16}


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
