"""Gift cards and accounts: sold, redeemed, never overspent."""

import asyncio

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.errors import Refused
from pos_app.models import Customer
from pos_app.services import cart, order
from pos_app.services.book_code import add_code
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_price import discount_line, override_price, override_tax
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import get_gift_card, sell_gift_card
from pos_app.services.order_view import get_sale
from pos_app.services.order_void import void_sale
from pos_app.services.right import Operator, change_right
from pos_app.services.sign_in import approve
from pos_app.services.tax_rate import list_tax_rates
from tests.shop import KLARA, PIN, PRIDE, Shop


async def card_of(shop: Shop, amount: int, code: str = "GCTEST7731") -> str:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await sell_gift_card(shop.app, shop.sam, view.id, code, amount)
    await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(amount)))
    return code


def by_card(shop: Shop, code: str, amount: int) -> PaymentIn:
    return PaymentIn(shop.app.ids.new(), Tender.GIFT_CARD, amount, code)


async def basket(shop: Shop, operator: Operator, isbn: str) -> CartView:
    view = await cart.open_cart(shop.app, operator)
    return await cart.add_scan(shop.app, operator, view.id, isbn)


async def test_a_card_is_worth_something_once_it_is_paid_for(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await sell_gift_card(shop.app, shop.ana, view.id, "gc test 7731", 2000)
    with pytest.raises(Refused, match=r"gift_card\.unknown"):
        await get_gift_card(shop.app, "GCTEST7731")
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(2000)))
    assert (sale.tax, sale.lines[0].gift_card) == (0, "GCTEST7731")
    assert (await get_gift_card(shop.app, "GCTEST7731")).balance == 2000
    assert await shop.findings() == []


@pytest.mark.parametrize("code", [PRIDE, "978-0-345-39180-3", "0141439513", "DEPA01", "5012345678900"])
async def test_the_code_of_a_title_is_no_gift_card(shop: Shop, code: str) -> None:
    for known in ("DEPA01", "5012345678900"):
        await add_code(shop.app, shop.sam, shop.books[KLARA], known)
    view = await cart.open_cart(shop.app, shop.sam)
    with pytest.raises(Refused, match=r"gift_card\.(book|code)"):
        await sell_gift_card(shop.app, shop.sam, view.id, code, 1000)
    assert (await cart.get_cart(shop.app, view.id)).lines == ()
    view = await sell_gift_card(shop.app, shop.sam, view.id, "4006381333931", 1000)
    assert view.lines[0].gift_card == "4006381333931"


async def test_a_card_pays_a_part_and_cash_the_rest(shop: Shop) -> None:
    code = await card_of(shop, 1500)
    view = await basket(shop, shop.ana, KLARA)
    view = await add_payment(shop.app, shop.ana, view.id, by_card(shop, code, 1500))
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(200)))
    assert sale.change == 5
    assert (await get_gift_card(shop.app, code)).balance == 0
    assert (await get_sale(shop.app, sale.number)).payments[0].reference == code
    assert await shop.findings() == []


async def test_two_tills_cannot_spend_the_same_card_twice(shop: Shop) -> None:
    code = await card_of(shop, 1000)
    people = (shop.ana, shop.people["Jo"])
    views = [await basket(shop, who, PRIDE) for who in people]
    outcomes = await asyncio.gather(
        *(
            order.pay(shop.app, who, order.PayRequest.of(view, by_card(shop, code, view.due)))
            for who, view in zip(people, views, strict=True)
        ),
        return_exceptions=True,
    )
    refused = [one.code for one in outcomes if isinstance(one, Refused)]
    assert refused == ["gift_card.short"]
    assert (await get_gift_card(shop.app, code)).balance == 101
    assert await shop.findings() == []


async def test_a_used_card_does_not_come_back(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await sell_gift_card(shop.app, shop.sam, view.id, "GCTEST7731", 1000)
    sale = await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(1000)))
    view = await basket(shop, shop.ana, PRIDE)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, by_card(shop, "GCTEST7731", 899)))
    with pytest.raises(Refused, match=r"gift_card\.spent"):
        await void_sale(shop.app, shop.sam, sale.number, "Mistake")
    assert await shop.findings() == []


async def test_an_account_ends_at_its_limit(shop: Shop) -> None:
    def add(session: Session) -> int:
        customer = Customer(name="Rosa", name_key="rosa", credit_limit=1000)
        session.add(customer)
        session.flush()
        return customer.id

    customer_id = await shop.app.db.write(add)
    view = await basket(shop, shop.ana, PRIDE)
    on_account = PaymentIn(shop.app.ids.new(), Tender.ACCOUNT, 899)
    with pytest.raises(Refused, match=r"account\.nobody"):
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, on_account))
    view = await cart.set_customer(shop.app, shop.ana, view.id, customer_id)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, on_account))
    assert sale.customer == "Rosa"
    view = await basket(shop, shop.ana, PRIDE)
    view = await cart.set_customer(shop.app, shop.ana, view.id, customer_id)
    again = PaymentIn(shop.app.ids.new(), Tender.ACCOUNT, 899)
    with pytest.raises(Refused) as refused:
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, again))
    assert (refused.value.code, refused.value.params["left"]) == ("account.limit", 101)
    assert await shop.findings() == []

    def wrong(session: Session) -> None:
        session.execute(update(Customer).where(Customer.id == customer_id).values(balance=5))

    await shop.app.db.write(wrong)
    assert await shop.findings() == [f"accounts: customer {customer_id}: balance 5, movements 899"]


async def test_a_card_is_sold_at_what_it_says_whoever_asks(shop: Shop) -> None:
    """No discount, no other price, and no tax: what the card is worth is what was paid for it."""
    view = await cart.open_cart(shop.app, shop.sam)
    view = await sell_gift_card(shop.app, shop.sam, view.id, None, 2000)
    key, rates = view.lines[0].key, await list_tax_rates(shop.app)
    taxed = next(rate.id for rate in rates if rate.rate)
    for change in (
        discount_line(shop.app, shop.sam, view.id, key, 100),
        override_price(shop.app, shop.sam, view.id, key, 100),
        override_tax(shop.app, shop.sam, view.id, key, taxed),
    ):
        with pytest.raises(Refused, match=r"discount\.not_here"):
            await change
    assert (await cart.open_cart(shop.app, shop.sam)).lines == view.lines


async def test_who_let_a_gift_card_be_sold_stands_on_the_document(shop: Shop) -> None:
    nobody = Grant(allowed=False)
    await change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.SELL_GIFT_CARDS, nobody)
    view = await cart.open_cart(shop.app, shop.ana)
    with pytest.raises(Refused, match=r"right\.missing"):
        await sell_gift_card(shop.app, shop.ana, view.id, "GCTEST0001", 500)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.SELL_GIFT_CARDS, None)
    view = await sell_gift_card(shop.app, shop.ana, view.id, "GCTEST0001", 500, uid)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(500)))
    assert (await get_sale(shop.app, sale.number)).allowed_by == "Sam"
