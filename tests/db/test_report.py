"""What the shop took: summed up by everything a manager asks for, on any day the clock can make."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import event

from pos_app.app import App
from pos_app.domain.document import OrderView
from pos_app.domain.payment import PaymentIn, Tender
from pos_app.domain.report import Share, TaxShare, Totals
from pos_app.errors import Refused
from pos_app.services import cart, order
from pos_app.services.cart_price import discount_line, discount_sale, override_price
from pos_app.services.cart_return import find_return, take_back
from pos_app.services.drawer import move_cash, no_sale
from pos_app.services.gift_card import sell_gift_card
from pos_app.services.order_void import void_sale
from pos_app.services.report import list_z_reports, takings
from pos_app.services.right import Operator
from pos_app.services.setting import change_settings
from pos_app.services.shift import ShiftCount, close_shift, reopen, x_report
from pos_app.services.sign_in import sign_in
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop, fill

TODAY = date(2026, 11, 23)


async def today(shop: Shop) -> Totals:
    return await takings(shop.app, shop.sam, TODAY, TODAY)


async def sell_card(shop: Shop, amount: int, operator: Operator) -> OrderView:
    view = await cart.open_cart(shop.app, operator)
    view = await sell_gift_card(shop.app, operator, view.id, "GCTEST7731", amount)
    return await order.pay(shop.app, operator, order.PayRequest.of(view, shop.payment(amount)))


async def test_a_day_without_sales_is_nothing_of_everything(shop: Shop) -> None:
    totals = await today(shop)
    assert (totals.documents, totals.takings, totals.average, totals.first_number) == (0, 0, 0, None)
    assert (totals.tenders, totals.days, totals.hours) == ((), (), ())


async def test_takings_by_tender_tax_department_and_person(shop: Shop) -> None:
    await shop.sell(PRIDE, DARKNESS)
    await shop.sell(KLARA, tender=Tender.CARD, operator=shop.people["Jo"])
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_book(shop.app, shop.ana, view.id, shop.books["Gift wrap"])
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(500)))
    totals = await today(shop)
    assert (totals.sales, totals.pieces, totals.takings, totals.net, totals.tax) == (3, 4, 3893, 3860, 33)
    assert totals.tenders == (Share("Cash", 2, 2198, "cash"), Share("Card", 1, 1695, "card"))
    assert totals.taxes == (TaxShare("Books 0 %", 0, 3693, 0), TaxShare("Standard 20 %", 200_000, 167, 33))
    assert totals.departments == (Share("Fiction", 3, 3693), Share("Other", 1, 200))
    assert totals.people == (Share("Ana", 2, 2198), Share("Jo", 1, 1695))
    assert (totals.hours, totals.days) == ((Share("14", 3, 3893),), (Share("2026-11-23", 3, 3893),))
    assert (totals.first_number, totals.last_number, totals.average) == (1, 3, 1298)


async def test_returns_exchanges_and_voids_take_off_what_they_gave_back(shop: Shop) -> None:
    sale = await shop.sell(PRIDE, DARKNESS)
    voided = await shop.sell(KLARA, tender=Tender.CARD)
    await void_sale(shop.app, shop.sam, voided.number, "Mistake")
    line = (await find_return(shop.app, sale.number)).lines[0]
    view = await cart.open_cart(shop.app, shop.ana)
    view = await take_back(shop.app, shop.ana, view.id, line.item_id, 1)
    await order.pay(shop.app, shop.ana, order.PayRequest.refund(view, shop.payment(-899)))
    line = (await find_return(shop.app, sale.number)).lines[1]
    view = await cart.open_cart(shop.app, shop.ana)
    view = await take_back(shop.app, shop.ana, view.id, line.item_id, 1)
    view = await cart.add_scan(shop.app, shop.ana, view.id, KLARA)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    totals = await today(shop)
    assert (totals.sales, totals.returns, totals.exchanges, totals.voids) == (2, 1, 1, 1)
    back = (totals.returned_amount, totals.exchanged_amount, totals.voided_amount)
    assert totals.sold + sum(amount or 0 for amount in back) == totals.takings
    assert (totals.returned_amount or 0) < 0
    assert (totals.takings, totals.pieces) == (1695, 1)
    assert {share.name: share.amount for share in totals.tenders} == {"Cash": 1695, "Card": 0}
    x = await x_report(shop.app, shop.ana)
    assert (x.cash_taken, x.cash_paid_back, x.expected) == (1998 + 596, 899, 1695)


async def test_gift_cards_are_owed_when_sold_and_a_tender_when_redeemed(shop: Shop) -> None:
    card = await sell_card(shop, 2000, shop.sam)
    await shop.sell(DARKNESS)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    redeemed = PaymentIn(shop.app.ids.new(), Tender.GIFT_CARD, 899, card.lines[0].gift_card)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, redeemed))
    totals = await today(shop)
    assert (totals.takings, totals.net, totals.pieces) == (1998, 1998, 2)
    assert totals.gift_cards == Share("Gift cards sold", 1, 2000)
    assert totals.tenders == (Share("Cash", 2, 3099, "cash"), Share("Gift card", 1, 899, "gift_card"))
    assert sum(share.amount for share in totals.departments) == 1998
    for shares in (totals.people, totals.hours, totals.days):
        assert sum(share.amount for share in shares) == 1998
    assert totals.people == (Share("Ana", 2, 1998), Share("Sam", 1, 0))


async def test_discounts_and_other_prices_are_told_apart(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.sam)
    view = await cart.add_scan(shop.app, shop.sam, view.id, PRIDE)
    view = await cart.add_scan(shop.app, shop.sam, view.id, KLARA)
    view = await discount_line(shop.app, shop.sam, view.id, view.lines[0].key, Decimal("0.1"), "Damaged")
    view = await override_price(shop.app, shop.sam, view.id, view.lines[1].key, 1500, "Price match")
    view = await discount_sale(shop.app, shop.sam, view.id, 100, "Regular customer")
    await order.pay(shop.app, shop.sam, order.PayRequest.of(view, shop.payment(view.due)))
    totals = await today(shop)
    by_kind = {share.name: (share.count, share.amount) for share in totals.adjustments}
    assert by_kind["Line discounts"] == (1, 90)
    assert by_kind["Sale discounts"] == (2, 100)
    assert by_kind["Other prices"][0] == 1
    assert totals.takings == 809 + 1500 - 100


async def test_rounding_of_cash_is_a_sum_of_its_own(shop: Shop) -> None:
    await change_settings(shop.app, shop.people["Max"], cash_rounding=10)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(900)))
    totals = await today(shop)
    assert (totals.takings, totals.net + totals.tax, totals.rounding) == (900, 899, 1)


async def test_training_counts_nowhere(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana, training=True)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(1000)))
    assert await today(shop) == await takings(shop.app, shop.sam, date(2020, 1, 1), date(2020, 1, 1))
    x = await x_report(shop.app, shop.ana)
    assert (x.totals.documents, x.totals.takings, x.expected) == (0, 0, 0)
    await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(0))
    assert await shop.findings() == []


async def test_a_day_is_the_sum_of_all_its_shifts_on_all_tills(app: App, clock: SetClock) -> None:
    shop = await fill(app, tills=2)
    two = shop.people["Till 2"]
    await shop.sell(PRIDE)
    await no_sale(app, shop.ana, app.ids.new(), "Give change")
    await close_shift(app, shop.ana, shop.ana.shift_opened_at, ShiftCount(899))
    clock.forward(hours=1)
    ana = await reopen(app, shop.ana)
    await shop.sell(DARKNESS, operator=ana)
    await shop.sell(KLARA, operator=two)
    await move_cash(app, two, app.ids.new(), -500, "Postage")
    await move_cash(app, ana, app.ids.new(), 700, "Change")
    await no_sale(app, two, app.ids.new(), "Give change")
    totals = await today(shop)
    xs = [await x_report(app, who) for who in (ana, two)]
    (z,) = await list_z_reports(app, shop.sam)
    assert totals.takings == z.takings + sum(x.totals.takings for x in xs) == 899 + 1099 + 1695
    assert (totals.no_sales, totals.cash_in.amount, totals.cash_out.amount) == (2, 700, -500)
    assert [share.name for share in totals.hours] == ["14", "15"]


async def test_a_night_belongs_to_the_day_it_began_on(shop: Shop, clock: SetClock) -> None:
    await shop.sell(PRIDE)
    clock.time = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    await shop.sell(DARKNESS)
    clock.time = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    await shop.sell(KLARA, operator=await sign_in(shop.app, "Ana", PIN))
    first = await today(shop)
    assert (first.takings, [share.name for share in first.hours]) == (1998, ["14", "00"])
    both = await takings(shop.app, shop.sam, TODAY, date(2026, 11, 24))
    assert both.days == (Share("2026-11-23", 2, 1998), Share("2026-11-24", 1, 1695))
    assert (await takings(shop.app, shop.sam, date(2026, 11, 24), date(2026, 11, 24))).takings == 1695


@pytest.mark.parametrize(
    ("night", "moments", "hours"),
    [
        # 25 hours: 01:30 comes twice, and both are that hour's.
        (date(2026, 10, 24), ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"], [("01", 2), ("02", 1)]),
        # 23 hours: what would be 01:30 is 02:30.
        (date(2026, 3, 28), ["2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T02:30"], [("00", 1), ("02", 1), ("03", 1)]),
    ],
)  # fmt: skip
async def test_no_sale_is_lost_or_doubled_when_the_clocks_change(
    app: App, clock: SetClock, night: date, moments: list[str], hours: list[tuple[str, int]]
) -> None:
    clock.time = datetime(night.year, night.month, night.day, 20, 0, tzinfo=UTC)
    shop = await fill(app)
    for moment in moments:
        clock.time = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        await shop.sell(PRIDE, operator=await sign_in(app, "Ana", PIN))
    totals = await takings(app, shop.sam, night, night)
    assert [(share.name, share.count) for share in totals.hours] == hours
    assert totals.takings == 3 * 899
    assert len(await list_z_reports(app, shop.sam)) == 0
    # At four on the wall the next day begins, whatever the clocks did.
    clock.time = datetime.fromisoformat(moments[-1]).replace(hour=4, minute=0, tzinfo=UTC)
    await shop.sell(PRIDE, operator=await sign_in(app, "Ana", PIN))
    assert (await takings(app, shop.sam, night, night)).takings == 3 * 899
    assert len(await list_z_reports(app, shop.sam)) == 1
    assert await shop.findings() == []


async def test_hours_are_the_shops_where_zones_are_a_quarter_off(shop: Shop, clock: SetClock) -> None:
    await change_settings(shop.app, shop.people["Max"], time_zone="Asia/Kathmandu")
    for minute in (10, 20):
        clock.time = datetime(2026, 11, 23, 14, minute, tzinfo=UTC)
        await shop.sell(PRIDE)
    assert [share.name for share in (await today(shop)).hours] == ["19", "20"]


async def test_cashiers_do_not_see_what_the_shop_took(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.missing"):
        await takings(shop.app, shop.ana, TODAY, TODAY)


def counting(app: App) -> Callable[[], int]:
    """Counts the statements that are sent from now on."""
    sent: list[str] = []
    event.listen(app.db.readers, "before_cursor_execute", lambda _c, _cursor, statement, *_: sent.append(statement))
    return lambda: len([statement for statement in sent if statement.startswith("SELECT")])


async def test_a_report_sends_the_same_few_statements_however_much_was_sold(shop: Shop) -> None:
    await shop.sell(PRIDE)
    sent = counting(shop.app)
    await today(shop)
    once = sent()
    for _ in range(5):
        await shop.sell(PRIDE, DARKNESS)
    before = sent()
    await today(shop)
    assert sent() - before == once < 25
