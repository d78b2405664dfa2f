"""What is taken towards a sale: by the tender's own rules, and only what stands behind it."""

from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pos_app.domain.payment import TENDERS, OverTender, PaymentIn, Tender, TenderRule
from pos_app.errors import Refused
from pos_app.models import Customer
from pos_app.services import cart, order
from pos_app.services.cart_payment import add_payment
from pos_app.services.cart_view import CartView
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.order_void import void_sale
from pos_app.services.setting import change_settings
from pos_app.services.tender import add_tender, change_tender
from tests.shop import DARKNESS, KLARA, PRIDE, Shop


async def basket(shop: Shop, *isbns: str) -> CartView:
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    return view


async def refused(shop: Shop, view: CartView, payment: PaymentIn) -> tuple[str, str]:
    """What a part payment, and the payment of the whole, are refused with."""
    with pytest.raises(Refused) as part:
        await add_payment(shop.app, shop.ana, view.id, replace(payment, amount=100))
    with pytest.raises(Refused) as whole:
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, payment))
    return part.value.code, whole.value.code


@pytest.mark.parametrize("tender", [Tender.CARD, Tender.BOOK_TOKEN, Tender.ACCOUNT])
async def test_what_is_not_in_use_is_not_taken(shop: Shop, tender: Tender) -> None:
    await change_tender(shop.app, shop.people["Max"], replace(TENDERS[tender], active=False))
    view = await basket(shop, PRIDE)
    payment = PaymentIn(shop.app.ids.new(), tender, 899, "A 1")
    assert await refused(shop, view, payment) == ("payment.off", "payment.off")


async def test_a_card_asks_for_its_number_where_the_shop_wants_one(shop: Shop) -> None:
    await change_tender(shop.app, shop.people["Max"], replace(TENDERS[Tender.CARD], asks_reference=True))
    view = await basket(shop, PRIDE)
    without = shop.payment(899, Tender.CARD)
    assert await refused(shop, view, without) == ("payment.reference", "payment.reference")
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, replace(without, reference="0815")))
    assert sale.payments[0].reference == "0815"


@pytest.mark.parametrize(
    "rule",
    [
        replace(TENDERS[Tender.CARD], over=OverTender.FORFEIT),
        replace(TENDERS[Tender.ACCOUNT], over=OverTender.FORFEIT),
        replace(TENDERS[Tender.CASH], asks_reference=True),
        replace(TENDERS[Tender.CASH], active=False),
    ],
)
async def test_rules_that_make_no_sense_are_refused(shop: Shop, rule: TenderRule) -> None:
    with pytest.raises(Refused, match=r"tender\.fixed"):
        await change_tender(shop.app, shop.people["Max"], rule)


async def test_a_gift_card_is_looked_at_when_it_is_taken(shop: Shop) -> None:
    view = await basket(shop)
    view = await sell_gift_card(shop.app, shop.ana, view.id, "GCTEST0001", 500)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(500)))
    view = await basket(shop, KLARA)

    def by_card(code: str, amount: int) -> PaymentIn:
        return PaymentIn(shop.app.ids.new(), Tender.GIFT_CARD, amount, code)

    for code, amount, said in (("GCNOBODY", 100, "unknown"), ("?", 100, "code"), ("GCTEST0001", 501, "short")):
        with pytest.raises(Refused, match=rf"gift_card\.{said}"):
            await add_payment(shop.app, shop.ana, view.id, by_card(code, amount))
    view = await add_payment(shop.app, shop.ana, view.id, by_card("GCTEST0001", 300))
    with pytest.raises(Refused, match=r"gift_card\.short"):
        await add_payment(shop.app, shop.ana, view.id, by_card("gctest 0001", 201))
    view = await add_payment(shop.app, shop.ana, view.id, by_card("GCTEST0001", 200))
    assert view.due == 1695 - 500


async def test_an_account_is_looked_at_when_it_is_taken(shop: Shop) -> None:
    def limit(session: Session) -> int:
        session.execute(update(Customer).values(credit_limit=500))
        return session.query(Customer).one().id

    customer_id = await shop.app.db.write(limit)
    view = await basket(shop, KLARA)

    def on_account(amount: int) -> PaymentIn:
        return PaymentIn(shop.app.ids.new(), Tender.ACCOUNT, amount)

    with pytest.raises(Refused, match=r"account\.nobody"):
        await add_payment(shop.app, shop.ana, view.id, on_account(100))
    view = await cart.set_customer(shop.app, shop.ana, view.id, customer_id)
    view = await add_payment(shop.app, shop.ana, view.id, on_account(400))
    with pytest.raises(Refused, match=r"account\.limit"):
        await add_payment(shop.app, shop.ana, view.id, on_account(101))
    assert (await add_payment(shop.app, shop.ana, view.id, on_account(100))).due == 1195


async def test_the_very_sum_due_means_what_coins_make_of_it(shop: Shop) -> None:
    await change_settings(shop.app, shop.people["Max"], cash_rounding=5)
    view = await basket(shop, PRIDE)
    assert (view.due, view.cash_due) == (899, 900)
    assert [view.in_coins(amount) for amount in (899, 900, 1000, 5)] == [900, 900, 1000, 5]
    with pytest.raises(Refused, match=r"payment\.coins"):
        view.in_coins(898)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.in_coins(899))))
    assert (sale.total, sale.change, sale.rounding) == (900, 0, 1)


async def test_no_two_ways_to_pay_have_one_name(shop: Shop) -> None:
    max_ = shop.people["Max"]
    town = await add_tender(shop.app, max_, "Town voucher")
    with pytest.raises(Refused, match=r"tender\.taken"):
        await add_tender(shop.app, max_, " town  VOUCHER ")
    with pytest.raises(Refused, match=r"tender\.taken"):
        await change_tender(shop.app, max_, replace(town, name="Card"))
    assert (await change_tender(shop.app, max_, replace(town, name="Town Voucher"))).name == "Town Voucher"


@pytest.mark.parametrize("tender", [Tender.CARD, Tender.GIFT_CARD, Tender.BOOK_TOKEN, Tender.ACCOUNT])
async def test_only_cash_is_more_than_what_is_due_beside_the_cash_taken(shop: Shop, tender: Tender) -> None:
    view = await basket(shop, PRIDE, DARKNESS)
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(1500))
    over = PaymentIn(shop.app.ids.new(), tender, view.due + 1, "GC ABCD 1234" if tender is Tender.GIFT_CARD else "A 1")
    with pytest.raises(Refused, match=r"payment\.over"):
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, over))
    if tender is not Tender.BOOK_TOKEN:
        with pytest.raises(Refused, match=r"payment\.over"):
            await add_payment(shop.app, shop.ana, view.id, over)
    both = (shop.payment(100), replace(over, amount=view.due))
    with pytest.raises(Refused, match=r"payment\.over"):
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, *both))
    assert (await cart.get_cart(shop.app, view.id)).due == view.due
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due, Tender.CARD)))
    assert sale.change == 0
    assert await shop.findings() == []


def token(shop: Shop, amount: int) -> PaymentIn:
    return PaymentIn(shop.app.ids.new(), Tender.BOOK_TOKEN, amount, "BT-778")


async def test_a_token_that_is_used_up_pays_once_and_again_after_its_sale_was_voided(shop: Shop) -> None:
    view = await basket(shop, PRIDE)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, token(shop, 899)))
    view = await basket(shop, KLARA)
    assert await refused(shop, view, token(shop, 1695)) == ("payment.used", "payment.used")
    await void_sale(shop.app, shop.sam, sale.number, "Rung up wrong")
    view = await add_payment(shop.app, shop.ana, view.id, token(shop, 899))
    assert view.due == 1695 - 899
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert await shop.findings() == []


async def test_a_token_in_another_basket_is_not_taken_a_second_time(shop: Shop) -> None:
    view = await basket(shop, KLARA)
    await add_payment(shop.app, shop.ana, view.id, token(shop, 899))
    other = await cart.open_cart(shop.app, shop.sam)
    other = await cart.add_scan(shop.app, shop.sam, other.id, PRIDE)
    with pytest.raises(Refused, match=r"payment\.used"):
        await order.pay(shop.app, shop.sam, order.PayRequest.of(other, token(shop, 899)))


async def test_a_token_whose_rest_is_refused_may_come_again(shop: Shop) -> None:
    await change_tender(shop.app, shop.people["Max"], replace(TENDERS[Tender.BOOK_TOKEN], over=OverTender.REFUSE))
    for isbn, amount in ((PRIDE, 899), (KLARA, 1695)):
        view = await basket(shop, isbn)
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, token(shop, amount)))


async def test_what_training_takes_says_nothing_of_a_token(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana, training=True)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, token(shop, 899)))
    view = await basket(shop, PRIDE)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, token(shop, 899)))


async def test_more_change_than_anybody_is_given_is_a_slip(shop: Shop) -> None:
    view = await basket(shop, PRIDE)
    with pytest.raises(Refused, match=r"payment\.change_large"):
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(9_780_000)))
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(899 + 50_000)))
    assert sale.change == 50_000
