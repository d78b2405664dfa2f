"""Two tills want the same thing at the same moment, many times over: exactly one gets it, the other is told why."""

import asyncio
import os
from collections.abc import Awaitable

from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.errors import Refused
from pos_app.models import Book, StockMovement, StockReason
from pos_app.services import cart, order
from pos_app.services.cart_park import park, recall
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.right import Operator
from tests.shop import KLARA, PRIDE, Shop, fill

# 200 for a proof; fewer in everyday tests.
ROUNDS = int(os.environ.get("POS_TEST_ROUNDS", "60"))


def tills(shop: Shop) -> tuple[Operator, Operator]:
    return shop.ana, shop.people["Till 2"]


async def stock_up(shop: Shop, isbn: str, pieces: int) -> None:
    """Let there be enough of a title for all rounds."""

    def act(session: Session) -> None:
        book = shop.books[isbn]
        session.execute(update(Book).where(Book.id == book).values(stock=Book.stock + pieces))
        session.add(StockMovement(uid=shop.app.ids.new(), book_id=book, delta=pieces, reason=StockReason.DELIVERY))

    await shop.app.db.write(act)


async def both(first: Awaitable[object], second: Awaitable[object]) -> list[str]:
    """Do both at once; gives the codes of what was refused."""
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refused):
            raise outcome
    return [outcome.code for outcome in outcomes if isinstance(outcome, Refused)]


async def ring(shop: Shop, who: Operator, isbn: str) -> CartView:
    view = await cart.open_cart(shop.app, who)
    if view.lines:
        view = await cart.clear(shop.app, who, view.id)
    return await cart.add_scan(shop.app, who, view.id, isbn)


async def test_the_same_token_pays_once(app: App) -> None:
    shop = await fill(app, tills=2)
    await stock_up(shop, PRIDE, 2 * ROUNDS)
    one, two = tills(shop)
    for number in range(ROUNDS):
        views = [await ring(shop, who, PRIDE) for who in (one, two)]
        tokens = [PaymentIn(app.ids.new(), Tender.BOOK_TOKEN, 899, f"BT-{number}") for _ in views]
        refused = await both(
            order.pay(app, one, order.PayRequest.of(views[0], tokens[0])),
            order.pay(app, two, order.PayRequest.of(views[1], tokens[1])),
        )
        assert refused == ["payment.used"]
    assert await shop.findings() == []


async def test_the_same_gift_card_pays_once(app: App) -> None:
    shop = await fill(app, tills=2)
    await stock_up(shop, PRIDE, 3 * ROUNDS)
    one, two = tills(shop)
    for number in range(ROUNDS):
        code = f"GCROUND{number:05d}"
        view = await cart.open_cart(app, shop.sam)
        view = await sell_gift_card(app, shop.sam, view.id, code, 899)
        await order.pay(app, shop.sam, order.PayRequest.of(view, shop.payment(899)))
        views = [await ring(shop, who, PRIDE) for who in (one, two)]
        by_card = [PaymentIn(app.ids.new(), Tender.GIFT_CARD, 899, code) for _ in views]
        refused = await both(
            order.pay(app, one, order.PayRequest.of(views[0], by_card[0])),
            order.pay(app, two, order.PayRequest.of(views[1], by_card[1])),
        )
        assert refused == ["gift_card.short"], number
    assert await shop.findings() == []


async def test_the_same_receipt_is_paid_back_once(app: App) -> None:
    shop = await fill(app, tills=2)
    await stock_up(shop, PRIDE, ROUNDS)
    one, two = tills(shop)
    for number in range(ROUNDS):
        sale = await shop.sell(PRIDE, operator=shop.sam)
        item = (await find_return(app, sale.number)).lines[0].item_id
        views = []
        for who in (one, two):
            view = await cart.open_cart(app, who)
            if view.lines:
                view = await cart.clear(app, who, view.id)
            views.append(await take_back(app, who, view.id, item, 1))
        refused = await both(
            order.pay(app, one, order.PayRequest.refund(views[0], shop.payment(-899))),
            order.pay(app, two, order.PayRequest.refund(views[1], shop.payment(-899))),
        )
        assert len(refused) == 1, number
        assert refused[0] in {"return.too_many", "sale.changed"}, number
    assert await shop.findings() == []


async def test_the_same_parked_sale_is_taken_up_once(app: App) -> None:
    shop = await fill(app, tills=2)
    one, two = tills(shop)
    for number in range(ROUNDS):
        view = await ring(shop, shop.sam, PRIDE)
        await park(app, shop.sam, view.id)
        own = []
        for who in (one, two):
            mine = await cart.open_cart(app, who)
            own.append(await cart.clear(app, who, mine.id) if mine.lines else mine)
        refused = await both(recall(app, one, own[0].id, view.id), recall(app, two, own[1].id, view.id))
        assert refused == ["cart.taken"], number


async def test_the_last_copy_is_sold_once(app: App) -> None:
    shop = await fill(app, tills=2)
    one, two = tills(shop)
    await shop.sell(KLARA)
    for number in range(ROUNDS):
        views = [await ring(shop, who, KLARA) for who in (one, two)]
        refused = await both(
            order.pay(app, one, order.PayRequest.of(views[0], shop.payment(1695))),
            order.pay(app, two, order.PayRequest.of(views[1], shop.payment(1695))),
        )
        assert refused == ["stock.short"], number
        assert await shop.stock(KLARA) == 0
        await stock_up(shop, KLARA, 1)
    assert await shop.findings() == []
