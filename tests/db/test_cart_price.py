"""Discounts, overrides and promotions: what they come to, who may give them, and what is kept of it."""

from decimal import Decimal
from random import Random

import pytest
from sqlalchemy.orm import Session

from pos_app.domain.document import AdjustmentKind
from pos_app.domain.permission import Permission
from pos_app.domain.promotion import PromotionKind
from pos_app.errors import Refused
from pos_app.models import Promotion, TaxRate
from pos_app.services import cart, order
from pos_app.services.cart_park import park, recall
from pos_app.services.cart_price import discount_line, discount_sale, override_price, override_tax
from pos_app.services.cart_view import CartView
from pos_app.services.order_view import get_sale
from pos_app.services.right import About
from pos_app.services.sign_in import approve
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop


async def basket(shop: Shop, *isbns: str) -> CartView:
    view = await cart.open_cart(shop.app, shop.ana)
    for isbn in isbns:
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    return view


async def test_a_part_off_a_line_is_kept_with_its_reason(shop: Shop) -> None:
    view = await basket(shop, KLARA, PRIDE)
    key = view.lines[0].key
    view = await discount_line(shop.app, shop.ana, view.id, key, Decimal("0.1"), "Damaged")
    assert (view.lines[0].discount, view.lines[0].amount, view.totals.total) == (170, 1525, 2424)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(2424)))
    stored = await get_sale(shop.app, sale.number)
    assert stored == sale
    (why,) = stored.lines[0].adjustments
    assert (why.kind, why.name, why.amount, why.allowed_by) == (AdjustmentKind.LINE_DISCOUNT, "Damaged", 170, None)
    assert await shop.findings() == []


async def test_an_amount_off_the_sale_is_spread_to_the_penny(shop: Shop) -> None:
    view = await basket(shop, PRIDE, DARKNESS, KLARA)
    view = await discount_sale(shop.app, shop.ana, view.id, 100, "Regular")
    assert [line.discount for line in view.lines] == [24, 30, 46]
    assert view.totals.total == 899 + 1099 + 1695 - 100
    view = await cart.undo(shop.app, shop.ana, view.id)
    assert view.totals.discount == 0


async def test_more_than_the_role_may_takes_a_managers_pin_and_keeps_both_names(shop: Shop) -> None:
    view = await basket(shop, KLARA)
    key = view.lines[0].key
    with pytest.raises(Refused) as refused:
        await discount_line(shop.app, shop.ana, view.id, key, Decimal("0.25"), "Damaged")
    assert (refused.value.code, refused.value.params["amount"]) == ("right.limit", 2500)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 2500)
    view = await discount_line(shop.app, shop.ana, view.id, key, Decimal("0.25"), "Damaged", uid)
    assert view.lines[0].adjustments[0].allowed_by == "Sam"
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    stored = await get_sale(shop.app, sale.number)
    assert (stored.operator, stored.lines[0].adjustments[0].allowed_by) == ("Ana", "Sam")


async def test_an_approval_is_good_once_for_one_amount_and_for_a_minute(shop: Shop, clock: SetClock) -> None:
    view = await basket(shop, KLARA, PRIDE)
    first, second = view.lines
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 2500)
    for amount, key in ((Decimal("0.3"), first.key), (Decimal("0.2501"), first.key)):
        with pytest.raises(Refused, match=r"approval\.invalid"):
            await discount_line(shop.app, shop.ana, view.id, key, amount, approval=uid)
    await discount_line(shop.app, shop.ana, view.id, first.key, Decimal("0.25"), approval=uid)
    with pytest.raises(Refused, match=r"approval\.invalid"):
        await discount_line(shop.app, shop.ana, view.id, second.key, Decimal("0.25"), approval=uid)
    late = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 2500)
    clock.forward(seconds=61)
    with pytest.raises(Refused, match=r"approval\.invalid"):
        await discount_line(shop.app, shop.ana, view.id, second.key, Decimal("0.25"), approval=late)


async def test_a_manager_cannot_pass_what_they_may_not_do_themselves(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.limit"):
        await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 6000)
    with pytest.raises(Refused, match=r"right\.missing"):
        await approve(shop.app, shop.ana, "Jo", PIN, Permission.DISCOUNT, 500)


@pytest.mark.parametrize(
    ("discount", "code"),
    [
        (Decimal("1.01"), "discount.too_large"),
        (Decimal(0), "discount.negative"),
        (-1, "discount.negative"),
        (10**18, "discount.too_large"),
    ],
)
async def test_impossible_discounts_are_refused(shop: Shop, discount: Decimal | int, code: str) -> None:
    view = await basket(shop, KLARA)
    with pytest.raises(Refused) as refused:
        await discount_line(shop.app, shop.ana, view.id, view.lines[0].key, discount)
    assert refused.value.code == code
    assert (await cart.get_cart(shop.app, view.id)).totals.discount == 0


async def test_stacked_discounts_never_go_below_nothing(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.people["Max"])
    max_ = shop.people["Max"]
    view = await cart.add_scan(shop.app, max_, view.id, PRIDE, 2)
    view = await discount_line(shop.app, max_, view.id, view.lines[0].key, 1700)
    view = await discount_sale(shop.app, max_, view.id, Decimal(1))
    assert view.totals.total == 0
    view = await cart.set_quantity(shop.app, max_, view.id, view.lines[0].key, 1)
    assert view.totals.total == 0
    sale = await order.pay(shop.app, max_, order.PayRequest.of(view))
    assert sale.total == 0
    assert await shop.findings() == []


async def test_discounts_stacked_are_measured_together(shop: Shop) -> None:
    view = await basket(shop, KLARA, PRIDE)
    view = await discount_line(shop.app, shop.ana, view.id, view.lines[0].key, Decimal("0.1"))
    with pytest.raises(Refused) as refused:
        await discount_sale(shop.app, shop.ana, view.id, Decimal("0.1"))
    assert (refused.value.code, refused.value.params["amount"]) == ("right.limit", 1900)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 1900)
    view = await discount_sale(shop.app, shop.ana, view.id, Decimal("0.1"), approval=uid)
    with pytest.raises(Refused) as refused:
        await discount_line(shop.app, shop.ana, view.id, view.lines[0].key, Decimal("0.2"))
    assert refused.value.params["amount"] == 2800
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))


async def test_an_amount_off_does_not_grow_by_taking_books_away(shop: Shop) -> None:
    view = await basket(shop, PRIDE, DARKNESS)
    key = view.lines[0].key
    view = await cart.set_quantity(shop.app, shop.ana, view.id, key, 4)
    view = await discount_line(shop.app, shop.ana, view.id, key, 350)
    with pytest.raises(Refused) as refused:
        await cart.set_quantity(shop.app, shop.ana, view.id, key, 1)
    assert (refused.value.code, refused.value.params["percent"]) == ("discount.grows", "38.94")
    view = await discount_line(shop.app, shop.ana, view.id, key, None)
    view = await discount_sale(shop.app, shop.ana, view.id, 350)
    with pytest.raises(Refused, match=r"discount\.grows"):
        await cart.remove_line(shop.app, shop.ana, view.id, key)
    view = await cart.remove_line(shop.app, shop.ana, view.id, view.lines[1].key)
    assert view.totals.total == 4 * 899 - 350


async def test_what_was_let_pass_for_one_line_does_not_cover_another(shop: Shop) -> None:
    view = await basket(shop, KLARA)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, 4)
    klara, pride = (line.key for line in view.lines)
    view = await discount_line(shop.app, shop.ana, view.id, pride, 300)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 2500)
    view = await discount_line(shop.app, shop.ana, view.id, klara, Decimal("0.25"), approval=uid)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 2575)
    view = await discount_sale(shop.app, shop.ana, view.id, Decimal("0.01"), approval=uid)
    with pytest.raises(Refused, match=r"discount\.grows"):
        await cart.set_quantity(shop.app, shop.ana, view.id, pride, 2)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))


async def test_a_part_off_the_sale_is_let_pass_for_the_books_there_were(shop: Shop) -> None:
    view = await basket(shop, PRIDE)
    key = view.lines[0].key
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 5000)
    view = await discount_sale(shop.app, shop.ana, view.id, Decimal("0.5"), approval=uid)
    for more in (
        cart.add_scan(shop.app, shop.ana, view.id, KLARA),
        cart.add_scan(shop.app, shop.ana, view.id, PRIDE),
        cart.set_quantity(shop.app, shop.ana, view.id, key, 2),
    ):
        with pytest.raises(Refused) as refused:
            await more
        assert (refused.value.code, refused.value.params["amount"]) == ("right.limit", 5000)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 5000)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA, approval=uid)
    assert view.totals.total == 899 + 1695 - view.totals.discount == 1297
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))


async def test_an_amount_off_the_sale_stays_that_amount_and_asks_nobody(shop: Shop) -> None:
    view = await basket(shop, PRIDE)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 4450)
    view = await discount_sale(shop.app, shop.ana, view.id, 400, approval=uid)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    assert view.totals.discount == 400
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))


async def test_taking_a_discount_away_leaves_what_was_let_pass_of_the_other(shop: Shop) -> None:
    view = await basket(shop, PRIDE, KLARA)
    key = view.lines[0].key
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 3000)
    view = await discount_line(shop.app, shop.ana, view.id, key, Decimal("0.3"), approval=uid)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.DISCOUNT, 4400)
    view = await discount_sale(shop.app, shop.ana, view.id, Decimal("0.2"), approval=uid)
    view = await discount_line(shop.app, shop.ana, view.id, key, None)
    view = await cart.undo(shop.app, shop.ana, view.id)
    view = await discount_sale(shop.app, shop.ana, view.id, None)
    assert view.totals.discount == 270
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_a_cashier_does_alone_no_line_passes_the_limit(shop: Shop, seed: int) -> None:
    dice = Random(seed)
    given = (AdjustmentKind.LINE_DISCOUNT, AdjustmentKind.SALE_DISCOUNT)
    offs = [Decimal("0.05"), Decimal("0.1"), Decimal("0.2"), 50, 90, 350, None]
    view = await basket(shop, PRIDE)
    refused = 0
    for _ in range(60):
        line = dice.choice(view.lines) if view.lines else None
        try:
            match dice.choice(["scan", "scan", "line", "sale", "quantity", "undo"]):
                case "scan":
                    view = await cart.add_scan(shop.app, shop.ana, view.id, dice.choice([PRIDE, DARKNESS, KLARA]))
                case "line" if line is not None:
                    view = await discount_line(shop.app, shop.ana, view.id, line.key, dice.choice(offs))
                case "sale":
                    view = await discount_sale(shop.app, shop.ana, view.id, dice.choice(offs))
                case "quantity" if line is not None:
                    wanted = dice.randint(0, 5)
                    view = await cart.set_quantity(shop.app, shop.ana, view.id, line.key, wanted)
                case _:
                    view = await cart.undo(shop.app, shop.ana, view.id)
        except Refused:
            refused += 1
        for one in view.lines:
            off = sum(why.amount for why in one.adjustments if why.kind in given)
            # Each of the two discounts may be rounded up by a penny.
            assert off <= one.quantity * one.price / 10 + 2, (one.title, one.quantity, off)
    assert refused


async def test_a_discount_a_manager_gave_is_not_made_larger_by_a_cashier(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE, 2)
    key = view.lines[0].key
    view = await discount_line(shop.app, shop.sam, view.id, key, 500)
    await park(shop.app, shop.sam, view.id)
    view = await recall(shop.app, shop.ana, (await cart.open_cart(shop.app, shop.ana)).id, view.id)
    with pytest.raises(Refused, match=r"discount\.grows"):
        await cart.set_quantity(shop.app, shop.ana, view.id, key, 1)
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert sale.total == 2 * 899 - 500


async def test_a_scan_never_makes_a_discount_larger(shop: Shop) -> None:
    promotion = Promotion(name="3 for 2", kind=PromotionKind.BUNDLE, buy=3, pay=2)
    await shop.app.db.write(lambda session: session.add(promotion))
    view = await basket(shop, PRIDE, DARKNESS)
    view = await discount_sale(shop.app, shop.ana, view.id, 199)
    for isbn in (PRIDE, PRIDE, DARKNESS, DARKNESS, KLARA):
        view = await cart.add_scan(shop.app, shop.ana, view.id, isbn)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert await shop.findings() == []


@pytest.mark.parametrize("again", ["scan", "key"])
async def test_a_price_is_let_pass_for_the_books_there_were(shop: Shop, again: str) -> None:
    view = await basket(shop, PRIDE)
    key = view.lines[0].key
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.OVERRIDE_PRICE, 4439)
    view = await override_price(shop.app, shop.ana, view.id, key, 500, "Damaged", uid)

    async def one_more(approval: str | None = None) -> CartView:
        if again == "scan":
            return await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, approval=approval)
        return await cart.set_quantity(shop.app, shop.ana, view.id, key, 2, approval)

    with pytest.raises(Refused) as refused:
        await one_more()
    assert (refused.value.params["permission"], refused.value.params["amount"]) == ("override_price", 4439)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.OVERRIDE_PRICE, 4439)
    assert (await one_more(uid)).totals.total == 1000


async def test_another_price_and_another_tax_are_kept_beside_their_own(shop: Shop) -> None:
    def reduced(session: Session) -> int:
        rate = TaxRate(name="Reduced 5 %", rate=Decimal("0.05"))
        session.add(rate)
        session.flush()
        return rate.id

    rate_id = await shop.app.db.write(reduced)
    view = await basket(shop, PRIDE)
    with pytest.raises(Refused, match=r"right\.missing") as refused:
        await override_tax(shop.app, shop.ana, view.id, view.lines[0].key, rate_id, "E-book")
    assert refused.value.params["about"] == About("Pride and Prejudice", "Books 0 %", "Reduced 5 %")
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
    key = view.lines[0].key
    view = await override_price(shop.app, shop.sam, view.id, key, 500, "Marked on the shelf")
    view = await override_tax(shop.app, shop.sam, view.id, key, rate_id, "E-book")
    (line,) = view.lines
    assert (line.price, line.tax_rate, view.totals.tax) == (500, Decimal("0.05"), 24)
    assert [(why.kind, why.was) for why in line.adjustments] == [
        (AdjustmentKind.PRICE, "899"),
        (AdjustmentKind.TAX, "Books 0 %"),
    ]
    sale = await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(500)))
    assert (await get_sale(shop.app, sale.number)).lines[0].adjustments == line.adjustments
    assert await shop.findings() == []


async def test_a_cashier_may_not_change_a_price(shop: Shop) -> None:
    view = await basket(shop, PRIDE)
    with pytest.raises(Refused, match=r"right\.missing"):
        await override_price(shop.app, shop.ana, view.id, view.lines[0].key, 800)


async def test_three_for_two_is_applied_by_rule_and_explained(shop: Shop) -> None:
    def promote(session: Session) -> None:
        session.add(Promotion(name="3 for 2", kind=PromotionKind.BUNDLE, buy=3, pay=2))

    await shop.app.db.write(promote)
    view = await basket(shop, PRIDE, DARKNESS)
    assert view.totals.discount == 0
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA)
    assert view.totals.discount == 899
    assert {why.name for line in view.lines for why in line.adjustments} == {"3 for 2"}
    sale = await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert sum(why.amount for line in sale.lines for why in line.adjustments) == 899
    assert await shop.findings() == []


@pytest.mark.parametrize(("addon", "cover"), [("01299", 1299), ("51299", None), ("90000", None), ("12345", 12345)])
async def test_a_price_on_the_cover_is_read_where_it_is_in_the_shops_currency(
    shop: Shop, addon: str, cover: int | None
) -> None:
    view = await basket(shop)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE + addon)
    assert (view.lines[0].cover_price, view.lines[0].price) == (cover, 899)
