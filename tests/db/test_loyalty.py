"""Loyalty: earned with the sale, taken back exactly, never overspent, and as it computes afresh after anything."""

import asyncio
import random

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pos_app.domain.document import OrderView
from pos_app.domain.loyalty import LoyaltyKind, LoyaltyRule
from pos_app.domain.payment import PaidPart, PaymentIn, Tender
from pos_app.errors import Refused
from pos_app.models import Customer
from pos_app.receipts.sale import sale_document
from pos_app.receipts.text import document_text
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.customer import add_customer, customer_card
from pos_app.services.customer_list import page_loyalty
from pos_app.services.customer_merge import merge_customers
from pos_app.services.order_void import void_sale
from pos_app.services.setting import change_settings, get_settings
from tests.shop import DARKNESS, KLARA, PRIDE, Shop

ROSA = 1
STAMPS = {"loyalty": LoyaltyKind.STAMPS, "loyalty_full": 3, "loyalty_worth": 500}
POINTS = {"loyalty": LoyaltyKind.POINTS, "loyalty_step": 100, "loyalty_full": 20, "loyalty_worth": 300}


async def start(shop: Shop, rule: dict[str, object]) -> None:
    await change_settings(shop.app, shop.people["Max"], **rule)


async def points(shop: Shop, customer_id: int = ROSA) -> int:
    def act(session: Session) -> int:
        return session.scalars(select(Customer.points).where(Customer.id == customer_id)).one()

    return await shop.app.db.read(act)


async def buy(shop: Shop, *isbns: str, customer: int | None = ROSA, card: int = 0, who: str = "Ana") -> OrderView:
    """Ring up and pay, so much of it by loyalty."""
    operator = shop.people[who]
    view = await cart.open_cart(shop.app, operator)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, operator, view.id, isbn)
    view = await cart.set_customer(shop.app, operator, view.id, customer)
    payments = [shop.payment(card, Tender.LOYALTY)] if card else []
    if view.due > card:
        payments.append(shop.payment(view.due - card))
    return await order.pay(shop.app, operator, order.PayRequest.of(view, *payments))


async def bring_back(shop: Shop, sale: OrderView, *pieces: int, customer: int | None = None) -> OrderView:
    view = await cart.open_cart(shop.app, shop.sam)
    await cart.set_customer(shop.app, shop.sam, view.id, customer)
    found = await find_return(shop.app, sale.number)
    for line, count in zip(found.lines, pieces, strict=False):
        if count:
            view = await take_back(shop.app, shop.sam, view.id, line.item_id, count)
    payments = [refunded(shop, part) for part in view.refunds]
    return await order.pay(shop.app, shop.sam, order.PayRequest.refund(view, *payments))


async def exchange(shop: Shop, sale: OrderView, isbn: str, *, customer: int, card: int = 0) -> OrderView:
    """One piece of a sale's first line against a dearer book."""
    view = await cart.open_cart(shop.app, shop.sam)
    await cart.set_customer(shop.app, shop.sam, view.id, customer)
    found = await find_return(shop.app, sale.number)
    await take_back(shop.app, shop.sam, view.id, found.lines[0].item_id, 1)
    view = await cart.add_scan(shop.app, shop.sam, view.id, isbn)
    payments = [shop.payment(card, Tender.LOYALTY)] if card else []
    payments.append(shop.payment(view.due - card))
    return await order.pay(shop.app, shop.sam, order.PayRequest.of(view, *payments))


def refunded(shop: Shop, part: PaidPart) -> PaymentIn:
    return PaymentIn(shop.app.ids.new(), part.tender, -part.amount, part.reference)


async def test_nothing_is_given_before_the_shop_says_so(shop: Shop) -> None:
    sale = await buy(shop, PRIDE)
    assert sale.loyalty is None
    assert await points(shop) == 0
    with pytest.raises(Refused, match=r"loyalty\.off"):
        await buy(shop, PRIDE, card=500)
    assert (await customer_card(shop.app, ROSA)).customer.loyalty is None


async def test_a_stamp_a_book_and_a_full_card_pays(shop: Shop) -> None:
    await start(shop, STAMPS)
    await buy(shop, PRIDE, DARKNESS, customer=None)
    sale = await buy(shop, PRIDE, DARKNESS, KLARA)
    assert sale.loyalty is not None
    assert (sale.loyalty.earned, sale.loyalty.redeemed, sale.loyalty.balance) == (3, 0, 3)
    stand = (await customer_card(shop.app, ROSA)).customer.loyalty
    assert stand is not None
    assert (stand.words, stand.spendable) == ("3 stamps, 1 full card", 500)
    paid = await buy(shop, PRIDE, card=500)
    assert paid.loyalty is not None
    assert (paid.loyalty.earned, paid.loyalty.redeemed, paid.loyalty.balance) == (1, -3, 1)
    told = document_text(sale_document(paid, await get_settings(shop.app)))
    assert "Stamps used" in told
    assert "Stamps now" in told
    with pytest.raises(Refused, match=r"loyalty\.short"):
        await buy(shop, PRIDE, card=500)
    assert [(row.delta, row.balance) for row in await page_loyalty(shop.app, ROSA)] == [(1, 1), (-3, 0), (3, 3)]
    assert await order.find_stored(shop.app, paid.uid) == paid
    assert await shop.findings() == []


async def test_what_comes_back_gives_back_what_was_paid_by_a_card_and_takes_what_was_earned(shop: Shop) -> None:
    await start(shop, STAMPS)
    await buy(shop, PRIDE, DARKNESS, KLARA)
    sale = await buy(shop, PRIDE, card=500)
    back = await bring_back(shop, sale, 1)
    assert back is not None
    assert await points(shop) == 3
    assert await shop.findings() == []


async def test_a_void_leaves_points_as_they_were(shop: Shop) -> None:
    await start(shop, POINTS)
    await buy(shop, PRIDE, DARKNESS)
    before = await points(shop)
    sale = await buy(shop, DARKNESS, card=300) if before >= 20 else await buy(shop, DARKNESS)
    await void_sale(shop.app, shop.sam, sale.number, "x")
    assert await points(shop) == before
    assert await shop.findings() == []


async def test_another_rule_leaves_what_was_earned_by_the_old_one(shop: Shop) -> None:
    await start(shop, POINTS)
    sale = await buy(shop, PRIDE, DARKNESS)
    assert await points(shop) == 19
    await start(shop, STAMPS)
    await bring_back(shop, sale, 1)
    assert await points(shop) == 10
    await start(shop, {"loyalty": LoyaltyKind.OFF})
    await bring_back(shop, sale, 0, 1)
    assert await points(shop) == 0
    assert await shop.findings() == []


async def test_a_full_card_is_used_once_from_two_tills(shop: Shop) -> None:
    await start(shop, STAMPS)
    await buy(shop, PRIDE, DARKNESS, KLARA)
    views = []
    for who in ("Ana", "Sam"):
        operator = shop.people[who]
        view = await cart.open_cart(shop.app, operator)
        view = await cart.add_scan(shop.app, operator, view.id, PRIDE)
        views.append((operator, await cart.set_customer(shop.app, operator, view.id, ROSA)))
    answers = await asyncio.gather(
        *(
            order.pay(
                shop.app,
                operator,
                order.PayRequest.of(view, shop.payment(500, Tender.LOYALTY), shop.payment(view.due - 500)),
            )
            for operator, view in views
        ),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["OrderView", "Refused"]
    assert await points(shop) == 1
    assert await shop.findings() == []


async def test_training_moves_no_points(shop: Shop) -> None:
    await start(shop, STAMPS)
    view = await cart.open_cart(shop.app, shop.ana, training=True)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await cart.set_customer(shop.app, shop.ana, view.id, ROSA)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert await points(shop) == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", [STAMPS, POINTS], ids=["stamps", "points"])
async def test_any_sales_and_returns_leave_points_as_computed_afresh(
    shop: Shop, rule: dict[str, object], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    await start(shop, rule)
    twin = (await add_customer(shop.app, shop.ana, "Rosa M")).id
    sales: list[tuple[OrderView, list[int]]] = []
    for _ in range(14):
        pick = chance.random()
        if pick < 0.55 or not sales:
            whose = chance.choice([ROSA, ROSA, twin, None])
            books = chance.choices([PRIDE, DARKNESS], k=chance.randint(1, 3))
            card = 0
            if whose is not None and chance.random() < 0.6:
                stand = (await customer_card(shop.app, whose)).customer.loyalty
                card = min(stand.spendable, 899) if stand is not None else 0
            sale = await buy_if_there(shop, books, whose, card)
            if sale is not None:
                sales.append((sale, [line.quantity for line in sale.lines]))
        else:
            sale, left = chance.choice(sales)
            pieces = [chance.randint(0, count) for count in left]
            if sum(pieces):
                await bring_back(shop, sale, *pieces)
                left[:] = [count - back for count, back in zip(left, pieces, strict=True)]
    assert await points(shop) == await afresh(shop, ROSA)
    assert await points(shop, twin) == await afresh(shop, twin)
    both = await points(shop) + await points(shop, twin)
    await merge_customers(shop.app, shop.sam, ROSA, twin)
    assert await points(shop) == both
    assert await shop.findings() == []


async def buy_if_there(shop: Shop, books: list[str], whose: int | None, card: int) -> OrderView | None:
    try:
        return await buy(shop, *books, customer=whose, card=card)
    except Refused as refused:
        assert refused.code == "stock.short"
        await cart.clear(shop.app, shop.ana, (await cart.open_cart(shop.app, shop.ana)).id)
        return None


async def afresh(shop: Shop, customer_id: int) -> int:
    """A customer's points from nothing but what they bought, kept and paid."""
    settings = await get_settings(shop.app)
    rule: LoyaltyRule = settings.loyalty_rule

    def act(session: Session) -> int:
        sales = session.execute(
            text(
                "SELECT o.id, "
                "(SELECT COALESCE(SUM(i.net_amount + i.tax_amount), 0) FROM order_items i WHERE i.order_id = o.id OR "
                "i.returned_item_id IN (SELECT s.id FROM order_items s WHERE s.order_id = o.id)) AS kept, "
                "(SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i WHERE i.order_id = o.id OR "
                "i.returned_item_id IN (SELECT s.id FROM order_items s WHERE s.order_id = o.id)) AS books, "
                "(SELECT COALESCE(SUM(p.amount), 0) FROM payments p JOIN orders d ON d.id = p.order_id "
                "WHERE p.tender = 'pos_loyalty' AND (d.id = o.id OR d.refers_to_id = o.id)) AS by_card "
                "FROM orders o WHERE o.kind = 'sale' AND o.customer_id = :customer"
            ),
            {"customer": customer_id},
        ).all()
        return sum(rule.earned(int(sale.kept), int(sale.books)) - rule.cost(int(sale.by_card)) for sale in sales)

    return await shop.app.db.read(act)


async def test_a_return_is_its_sales_customers_whoever_is_attached(shop: Shop) -> None:
    await start(shop, STAMPS)
    jonas = (await add_customer(shop.app, shop.ana, "Jonas Okafor")).id
    await buy(shop, PRIDE, customer=jonas)
    sale = await buy(shop, PRIDE, DARKNESS)
    for attached in (jonas, None):
        back = await bring_back(shop, sale, *((1, 0) if attached else (0, 1)), customer=attached)
        assert (back.customer_id, back.customer) == (ROSA, "Rosa Marchetti")
        assert back.loyalty is not None
        assert (back.loyalty.earned, back.loyalty.balance) == (-1, await points(shop))
        assert await order.find_stored(shop.app, back.uid) == back
    assert (await points(shop), await points(shop, jonas)) == (0, 1)
    assert await shop.findings() == []


async def test_an_exchange_is_its_sales_customers_but_who_pays_from_a_full_card_owns_it(shop: Shop) -> None:
    await start(shop, STAMPS)
    jonas = (await add_customer(shop.app, shop.ana, "Jonas Okafor")).id
    await buy(shop, PRIDE, PRIDE, PRIDE, customer=jonas)
    sale = await buy(shop, PRIDE, PRIDE)
    first = await exchange(shop, sale, DARKNESS, customer=jonas)
    assert first.customer_id == ROSA
    assert first.loyalty is not None
    assert (first.loyalty.earned, first.loyalty.balance) == (0, 2)
    second = await exchange(shop, sale, KLARA, customer=jonas, card=500)
    assert second.customer_id == jonas
    # Rosa's stamp goes too, and is nothing that Jonas's receipt tells.
    assert second.loyalty is not None
    assert (second.loyalty.earned, second.loyalty.redeemed, second.loyalty.balance) == (1, -3, 1)
    assert (await points(shop), await points(shop, jonas)) == (1, 1)
    for document in (first, second):
        assert await order.find_stored(shop.app, document.uid) == document
    assert await shop.findings() == []


async def test_who_paid_a_part_from_a_full_card_stays_until_it_is_taken_back(shop: Shop) -> None:
    await start(shop, STAMPS)
    jonas = (await add_customer(shop.app, shop.ana, "Jonas Okafor")).id
    await buy(shop, PRIDE, DARKNESS, KLARA)
    view = await cart.open_cart(shop.app, shop.ana)
    await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    await cart.set_customer(shop.app, shop.ana, view.id, ROSA)
    await add_payment(shop.app, shop.ana, view.id, shop.payment(500, Tender.LOYALTY))
    for other in (jonas, None):
        with pytest.raises(Refused, match=r"customer\.paid"):
            await cart.set_customer(shop.app, shop.ana, view.id, other)
    assert (await cart.set_customer(shop.app, shop.ana, view.id, ROSA)).customer_id == ROSA
    await cart.undo(shop.app, shop.ana, view.id)
    await cart.undo(shop.app, shop.ana, view.id)
    assert (await cart.set_customer(shop.app, shop.ana, view.id, jonas)).customer_id == jonas
