"""A till's working day: which day an instant belongs to, what the drawer should hold, and days that were left open."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView
from pos_app.domain.payment import Tender
from pos_app.domain.permission import Grant, Permission, UserRole
from pos_app.domain.report import ShiftReport
from pos_app.domain.shop import ShopSettings
from pos_app.errors import Refused
from pos_app.models import CashMovement, Category, Shift, TillEvent, User
from pos_app.services import cart, order
from pos_app.services.cart_park import list_parked, park
from pos_app.services.cart_payment import add_payment, take_back_payment
from pos_app.services.check import verify
from pos_app.services.drawer import move_cash
from pos_app.services.order import PayRequest, pay
from pos_app.services.order_void import void_sale
from pos_app.services.report import get_z_report, list_z_reports
from pos_app.services.right import Operator, change_right
from pos_app.services.setting import change_settings
from pos_app.services.shift import (
    ShiftCount,
    business_date,
    close_shift,
    ensure_open,
    reopen,
    set_float,
    shift_summary,
    x_report,
)
from pos_app.services.sign_in import approve, sign_in
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop, fill


async def shifts(shop: Shop) -> list[Shift]:
    return await shop.app.db.read(lambda session: list(session.scalars(select(Shift).order_by(Shift.id))))


@pytest.mark.parametrize(
    ("zone", "hour", "instant", "expected"),
    [
        ("Europe/London", 4, "2026-11-23T03:59", date(2026, 11, 22)),
        ("Europe/London", 4, "2026-11-23T04:00", date(2026, 11, 23)),
        ("Europe/London", 4, "2026-07-01T02:59", date(2026, 6, 30)),  # summer time: 03:59 on the wall
        ("Europe/London", 4, "2026-07-01T03:00", date(2026, 7, 1)),
        ("Europe/London", 0, "2026-11-22T23:59", date(2026, 11, 22)),
        ("America/New_York", 4, "2026-11-24T08:59", date(2026, 11, 23)),
        ("Pacific/Auckland", 4, "2026-11-23T14:59", date(2026, 11, 23)),
        ("Pacific/Auckland", 4, "2026-11-23T15:00", date(2026, 11, 24)),
        # The hour that summer time takes away or gives twice does not move the day's beginning.
        ("Europe/London", 1, "2026-03-29T00:59", date(2026, 3, 28)),
        ("Europe/London", 1, "2026-03-29T01:00", date(2026, 3, 29)),
    ],
)
def test_the_business_day_turns_at_the_shops_own_hour(zone: str, hour: int, instant: str, expected: date) -> None:
    settings = ShopSettings(time_zone=zone, day_starts_at_hour=hour)
    assert business_date(settings, datetime.fromisoformat(instant).replace(tzinfo=UTC)) == expected


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Havana"])
@pytest.mark.parametrize("hour", [0, 2, 4])
def test_no_business_day_ends_twice_whatever_the_clocks_do(zone: str, hour: int) -> None:
    """A quarter of an hour at a time over two years: each day follows the one before, and none is missed."""
    settings = ShopSettings(time_zone=zone, day_starts_at_hour=hour)
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    days = [business_date(settings, start + timedelta(minutes=15 * step)) for step in range(2 * 365 * 96)]
    assert {(after - before).days for before, after in pairwise(days)} == {0, 1}


async def test_a_till_has_one_open_shift_however_often_people_sign_in(shop: Shop) -> None:
    for name in ("Ana", "Jo", "Ana"):
        await sign_in(shop.app, name, PIN)
    assert len(await shifts(shop)) == 1


async def test_a_shift_goes_on_past_midnight_until_the_day_turns(shop: Shop, clock: SetClock) -> None:
    clock.time = datetime(2026, 11, 24, 3, 59, tzinfo=UTC)
    await sign_in(shop.app, "Ana", PIN)
    assert [shift.business_date for shift in await shifts(shop)] == [date(2026, 11, 23)]


async def test_a_shift_left_open_is_closed_with_what_it_should_hold_and_uncounted(shop: Shop, clock: SetClock) -> None:
    await shop.sell(PRIDE, tender=Tender.CASH)
    await shop.sell(KLARA, tender=Tender.CARD)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, DARKNESS)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(2000)))
    (open_shift,) = await shifts(shop)

    def take_out(session: Session) -> None:
        session.add(
            CashMovement(
                uid=shop.app.ids.new(), shift_id=open_shift.id, user_id=shop.ana.user_id, amount=-500, reason="Bank"
            )
        )

    await shop.app.db.write(take_out)
    clock.forward(days=1)
    await sign_in(shop.app, "Jo", PIN)
    closed, today = await shifts(shop)
    assert closed.closed_at == clock.now()
    assert (closed.expected, closed.counted, closed.difference) == (899 + 1099 - 500, None, None)
    assert (today.business_date, today.closed_at) == (date(2026, 11, 24), None)
    assert (await verify(shop.app)).findings == 0


async def test_a_sale_after_the_turn_carries_the_day_of_its_shift(shop: Shop, clock: SetClock) -> None:
    clock.forward(days=2)
    await sign_in(shop.app, "Ana", PIN)
    sale = await shop.sell(PRIDE)
    assert sale.business_date == date(2026, 11, 25)


async def test_a_till_that_is_never_locked_sells_on_into_the_next_day(shop: Shop, clock: SetClock) -> None:
    first = await shop.sell(PRIDE)
    clock.time = datetime(2026, 11, 24, 3, 59, tzinfo=UTC)
    late = await shop.sell(PRIDE)
    clock.time = datetime(2026, 11, 24, 4, 1, tzinfo=UTC)
    await void_sale(shop.app, shop.sam, (await shop.sell(PRIDE)).number, "wrong")
    clock.time = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    today = await shop.sell(DARKNESS)
    days = [date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 25)]
    assert [sale.business_date for sale in (first, late, today)] == days
    assert [(shift.business_date, shift.closed_at is None) for shift in await shifts(shop)] == [
        (date(2026, 11, 23), False), (date(2026, 11, 24), False), (date(2026, 11, 25), True),
    ]  # fmt: skip
    z = await get_z_report(shop.app, shop.sam, 1, 1)
    assert (z.reason, z.counted, z.expected) == ("left open", None, 2 * 899)
    with pytest.raises(Refused, match=r"void\.other_day"):
        await void_sale(shop.app, shop.sam, first.number, "too late")
    assert await shop.findings() == []


async def test_two_sales_at_once_turn_the_day_once(shop: Shop, clock: SetClock) -> None:
    views = []
    for name in ("Ana", "Jo"):
        view = await cart.open_cart(shop.app, shop.people[name])
        views.append(await cart.add_scan(shop.app, shop.people[name], view.id, PRIDE))
    clock.forward(days=1)
    sales = await asyncio.gather(
        *(
            order.pay(shop.app, shop.people[name], order.PayRequest.of(view, shop.payment(899)))
            for name, view in zip(("Ana", "Jo"), views, strict=True)
        )
    )
    assert {sale.business_date for sale in sales} == {date(2026, 11, 24)}
    assert len(await shifts(shop)) == 2
    assert await shop.findings() == []


async def test_a_clock_set_back_neither_closes_nor_opens_a_shift(shop: Shop, clock: SetClock) -> None:
    clock.forward(days=-30)
    await sign_in(shop.app, "Ana", PIN)
    assert [(shift.business_date, shift.closed_at) for shift in await shifts(shop)] == [(date(2026, 11, 23), None)]
    assert (await shop.sell(PRIDE)).business_date == date(2026, 11, 23)


async def test_the_database_itself_allows_one_open_shift_a_till(shop: Shop) -> None:
    (shift,) = await shifts(shop)

    def act(session: Session) -> None:
        session.add(
            Shift(
                uid=shop.app.ids.new(),
                till_id=shift.till_id,
                user_id=shift.user_id,
                business_date=date(2026, 11, 23),
                opened_at=shop.app.clock.now(),
            )
        )

    with pytest.raises(DBAPIError):
        await shop.app.db.write(act)


async def test_a_closed_shift_cannot_be_changed(shop: Shop, clock: SetClock) -> None:
    clock.forward(days=1)
    await sign_in(shop.app, "Ana", PIN)
    with pytest.raises(DBAPIError, match="append-only"):
        await shop.app.db.write(lambda session: session.execute(text("UPDATE shifts SET expected = 0 WHERE id = 1")))
    with pytest.raises(DBAPIError, match="append-only"):
        await shop.app.db.write(lambda session: session.execute(text("DELETE FROM shifts WHERE id = 1")))


async def test_a_till_of_its_own_has_a_shift_of_its_own(shop: Shop) -> None:
    def act(session: Session) -> int:
        from pos_app.models import Till

        till = Till(number=2, name="Till 2")
        session.add(till)
        session.flush()
        shift = ensure_open(
            session,
            shop.app.ids,
            ShopSettings(),
            till_id=till.id,
            user_id=shop.ana.user_id,
            now=shop.app.clock.now(),
        )
        return shift.till_id

    assert await shop.app.db.write(act) != shop.ana.till_id
    assert len(await shifts(shop)) == 2


async def close(shop: Shop, count: ShiftCount, operator: Operator | None = None) -> ShiftReport:
    operator = operator or shop.ana
    x = await x_report(shop.app, operator)
    return await close_shift(shop.app, operator, x.opened_at, count)


@pytest.mark.parametrize(
    ("count", "counted", "difference", "reason"),
    [
        (ShiftCount(899), 899, 0, None),
        (ShiftCount(911, reason="  Tip \n jar "), 911, 12, "Tip jar"),
        (ShiftCount(0), 0, -899, "not given"),
        (ShiftCount(None, {500: 1, 200: 2, 1: 3}), 903, 4, "not given"),
        (ShiftCount(None), None, None, None),
        (ShiftCount(10**10, reason="x" * 300), 10**10, 10**10 - 899, "x" * 255),
    ],
)
async def test_nothing_about_the_count_keeps_a_shift_from_closing(
    shop: Shop, count: ShiftCount, counted: int | None, difference: int | None, reason: str | None
) -> None:
    await shop.sell(PRIDE)
    z = await close(shop, count)
    assert (z.number, z.expected, z.counted, z.difference, z.reason) == (1, 899, counted, difference, reason)
    (stored,) = await shifts(shop)
    assert (stored.expected, stored.counted, stored.difference) == (899, counted, difference)
    assert await get_z_report(shop.app, shop.ana, 1, 1) == z
    assert await shop.findings() == []


async def test_open_and_parked_baskets_do_not_keep_a_shift_open(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    await park(shop.app, shop.ana, view.id)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, DARKNESS)
    assert (await close(shop, ShiftCount(0))).totals.documents == 0
    with pytest.raises(Refused, match=r"shift\.closed"):
        await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(1099)))
    # The basket waits for the next shift.
    again = await sign_in(shop.app, "Ana", PIN)
    await order.pay(shop.app, again, order.PayRequest.of(view, shop.payment(1099)))
    assert len(await list_parked(shop.app, again)) == 1
    assert await shop.findings() == []


async def test_signing_in_says_what_the_drawer_of_a_shift_it_opens_is_to_hold(shop: Shop, clock: SetClock) -> None:
    clock.forward(minutes=5)
    assert (await sign_in(shop.app, "Ana", PIN)).opened_with is None
    await close(shop, ShiftCount(0))
    clock.forward(minutes=5)
    assert (await sign_in(shop.app, "Ana", PIN)).opened_with == 0
    clock.forward(minutes=5)
    assert (await sign_in(shop.app, "Ana", PIN)).opened_with is None


async def test_a_closed_till_opens_again_at_once_where_somebody_stays(shop: Shop, clock: SetClock) -> None:
    await close(shop, ShiftCount(0))
    with pytest.raises(Refused, match=r"shift\.closed"):
        await x_report(shop.app, shop.ana)
    clock.forward(minutes=5)
    still = await reopen(shop.app, shop.ana)
    assert still.shift_opened_at == clock.now() == (await reopen(shop.app, still)).shift_opened_at
    await shop.sell(PRIDE, operator=still)
    assert (await x_report(shop.app, still)).expected == 899
    assert len(await shifts(shop)) == 2


async def test_the_same_closing_sent_again_gives_the_same_z(shop: Shop, clock: SetClock) -> None:
    await shop.sell(PRIDE)
    x = await x_report(shop.app, shop.ana)
    assert x.next_number == 1
    z = await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(900, reason="Found a penny"))
    clock.forward(minutes=1)
    assert await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(1)) == z
    again = await reopen(shop.app, shop.ana)
    assert await close_shift(shop.app, again, x.opened_at, ShiftCount(2)) == z
    assert (await x_report(shop.app, again)).next_number == 2


async def test_a_closing_sent_ten_times_at_once_is_one_z(shop: Shop) -> None:
    await shop.sell(PRIDE)
    x = await x_report(shop.app, shop.ana)
    zs = await asyncio.gather(
        *(close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(count)) for count in range(10)),
    )
    assert all(z == zs[0] for z in zs)
    assert len(await list_z_reports(shop.app, shop.ana)) == 1
    assert await shop.findings() == []


async def test_z_numbers_have_no_gap_whatever_two_tills_do_at_once(app: App, clock: SetClock) -> None:
    shop = await fill(app, tills=2)

    async def till(operator: Operator) -> list[int | None]:
        numbers = []
        for _ in range(15):
            operator = await reopen(app, operator)
            numbers.append((await close_shift(app, operator, operator.shift_opened_at, ShiftCount(0))).number)
            clock.forward(seconds=1)
        return numbers

    one, two = await asyncio.gather(till(shop.ana), till(shop.people["Till 2"]))
    assert one == two == list(range(1, 16))
    rows = await list_z_reports(app, shop.ana)
    assert sorted((row.till, row.number) for row in rows) == [(till, n) for till in (1, 2) for n in range(1, 16)]


async def test_a_sale_paid_while_its_shift_closes_is_in_this_shift_or_the_next(shop: Shop, clock: SetClock) -> None:
    """Never lost, never in both: whatever comes first, the other waits."""
    sold: list[int] = []
    operator = shop.ana
    for number in range(20):
        clock.forward(minutes=1)
        operator = await reopen(shop.app, operator)
        view = await cart.open_cart(shop.app, operator)
        if not view.lines:
            view = await cart.add_scan(shop.app, operator, view.id, PRIDE)
        request = order.PayRequest.of(view, shop.payment(899))
        paying = asyncio.ensure_future(order.pay(shop.app, operator, request))
        # From well before the sale is stored to well after.
        await asyncio.sleep(number * 0.001)
        closing = close_shift(shop.app, operator, operator.shift_opened_at, ShiftCount(None))
        for outcome in await asyncio.gather(paying, closing, return_exceptions=True):
            if isinstance(outcome, OrderView):
                sold.append(outcome.total)
            elif not isinstance(outcome, ShiftReport):
                assert isinstance(outcome, Refused), outcome
                assert outcome.code == "shift.closed"
    zs = await list_z_reports(shop.app, operator)
    assert len(zs) == 20
    assert sum(z.takings for z in zs) == sum(sold) > 0
    assert await shop.findings() == []


async def test_a_z_says_the_same_whatever_is_changed_later(shop: Shop) -> None:
    await shop.sell(PRIDE, DARKNESS)
    z = await close(shop, ShiftCount(1998))

    def rename(session: Session) -> None:
        session.execute(update(Category).values(name="Other things " + Category.name))
        session.execute(update(User).where(User.username == "Ana").values(username="Anna"))

    await shop.app.db.write(rename)
    assert await get_z_report(shop.app, shop.ana, 1, 1) == z
    assert z.totals.departments[0].name == "Fiction"
    with pytest.raises(Refused, match=r"z\.missing"):
        await get_z_report(shop.app, shop.ana, 1, 2)


async def test_the_float_is_the_shops_until_somebody_says_what_was_in_the_drawer(shop: Shop, clock: SetClock) -> None:
    await change_settings(shop.app, shop.people["Max"], default_float=10_000)
    clock.forward(days=1)
    ana = await sign_in(shop.app, "Ana", PIN)
    assert (await x_report(shop.app, ana)).opening_float == 10_000
    assert (await set_float(shop.app, ana, 9_950)).expected == 9_950
    for wrong in (-1, 10**10 + 1):
        with pytest.raises(Refused, match=r"float\.invalid"):
            await set_float(shop.app, ana, wrong)
    rows = await shop.app.db.read(lambda session: session.scalars(select(TillEvent)).all())
    assert [(row.act, row.amount, row.details) for row in rows] == [("float", 9_950, "was 10000")]
    z = await close(shop, ShiftCount(9_950), ana)
    assert (z.opening_float, z.difference) == (9_950, 0)
    with pytest.raises(Refused, match=r"shift\.closed"):
        await set_float(shop.app, ana, 1)


async def test_a_manager_lets_a_closing_pass_once_and_both_names_are_kept(shop: Shop) -> None:
    await change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.CLOSE_SHIFT, Grant(allowed=False))
    x = await x_report(shop.app, shop.ana)
    with pytest.raises(Refused, match=r"right\.missing"):
        await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(0))
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.CLOSE_SHIFT)
    await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(0), uid)
    rows = await shop.app.db.read(lambda session: session.scalars(select(TillEvent)).all())
    assert [(row.act, row.user_id, row.allowed_by_id) for row in rows] == [
        ("shift_closed", shop.ana.user_id, shop.sam.user_id)
    ]


async def test_who_may_not_see_an_x_may_still_close(shop: Shop) -> None:
    await shop.sell(PRIDE)
    x = await x_report(shop.app, shop.ana)
    await change_right(shop.app, shop.people["Max"], UserRole.CASHIER, Permission.X_REPORT, Grant(allowed=False))
    with pytest.raises(Refused, match=r"right\.missing"):
        await x_report(shop.app, shop.ana)
    with pytest.raises(Refused, match=r"right\.missing"):
        await list_z_reports(shop.app, shop.ana)
    with pytest.raises(Refused, match=r"right\.missing"):
        await get_z_report(shop.app, shop.ana, 1, 1)
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.X_REPORT)
    assert await x_report(shop.app, shop.ana, uid) == x
    with pytest.raises(Refused, match=r"approval\.invalid"):
        await x_report(shop.app, shop.ana, uid)
    summary = await shift_summary(shop.app, shop.ana)
    assert summary == x
    assert (await close_shift(shop.app, shop.ana, summary.opened_at, ShiftCount(899))).difference == 0


async def test_a_shift_left_open_has_a_z_of_its_own_that_says_so(shop: Shop, clock: SetClock) -> None:
    await shop.sell(PRIDE)
    for _ in range(2):
        clock.forward(days=1)
        await sign_in(shop.app, "Jo", PIN)
    first, second = [await get_z_report(shop.app, shop.sam, 1, number) for number in (1, 2)]
    assert (first.expected, first.counted, first.reason, first.closed_by) == (899, None, "left open", "Jo")
    assert (first.business_date, second.business_date) == (date(2026, 11, 23), date(2026, 11, 24))
    assert second.totals.documents == 0
    assert await shop.findings() == []


async def test_people_who_come_at_once_find_one_shift(shop: Shop, clock: SetClock) -> None:
    """In the morning, with yesterday's shift left open, and after a closing."""
    for number in range(1, 6):
        clock.forward(days=1)
        await asyncio.gather(*(sign_in(shop.app, name, PIN) for name in ("Ana", "Jo", "Sam")))
        await close_shift(shop.app, shop.ana, (await shifts(shop))[-1].opened_at, ShiftCount(0))
        await asyncio.gather(*(reopen(shop.app, shop.people[name]) for name in ("Ana", "Jo", "Sam")))
        assert len(await shifts(shop)) == 2 * number + 1
    assert await shop.findings() == []


async def test_cash_of_an_open_sale_is_in_the_drawer_of_the_shift_that_took_it(shop: Shop, clock: SetClock) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(300))
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(200))
    x = await x_report(shop.app, shop.ana)
    assert (x.open_sales, x.cash_taken, x.expected) == (500, 0, 500)
    view = await take_back_payment(shop.app, shop.ana, view.id, view.payments[0].uid)
    assert (await x_report(shop.app, shop.ana)).expected == 200
    z = await close(shop, ShiftCount(200))
    assert (z.open_sales, z.expected, z.difference) == (200, 200, 0)
    clock.forward(minutes=5)
    ana = await sign_in(shop.app, "Ana", PIN)
    request = PayRequest.of(view, shop.payment(view.due))
    await pay(shop.app, ana, request)
    x = await x_report(shop.app, ana)
    assert (x.open_sales, x.cash_taken, x.expected) == (-200, 899, 699)
    assert await shop.findings() == []


async def test_cash_given_back_in_a_later_shift_is_missing_from_that_drawer(shop: Shop, clock: SetClock) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
    view = await add_payment(shop.app, shop.ana, view.id, shop.payment(300))
    await close(shop, ShiftCount(300))
    clock.forward(minutes=5)
    ana = await sign_in(shop.app, "Ana", PIN)
    await cart.undo(shop.app, ana, view.id)
    x = await x_report(shop.app, ana)
    assert (x.open_sales, x.expected) == (-300, -300)


async def test_part_payments_finished_in_their_shift_and_training_leave_no_line(shop: Shop) -> None:
    for training in (False, True):
        view = await cart.open_cart(shop.app, shop.ana, training=training)
        view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE)
        view = await add_payment(shop.app, shop.ana, view.id, shop.payment(300))
        assert (await x_report(shop.app, shop.ana)).expected == (899 if training else 300)
        await pay(shop.app, shop.ana, PayRequest.of(view, shop.payment(view.due)))
    x = await x_report(shop.app, shop.ana)
    assert (x.open_sales, x.expected) == (0, 899)


@pytest.mark.parametrize(
    "count", [ShiftCount(10**19), ShiftCount(None, {5000: 10**19}), ShiftCount(-1), ShiftCount(10**10 + 1)]
)
async def test_a_count_that_is_none_is_refused_and_closes_nothing(shop: Shop, count: ShiftCount) -> None:
    with pytest.raises(Refused, match=r"amount\.(too_large|invalid)"):
        await close(shop, count)
    assert (await x_report(shop.app, shop.ana)).number is None
    for act in (
        move_cash(shop.app, shop.sam, shop.app.ids.new(), 10**19, "Bank"),
        set_float(shop.app, shop.sam, 10**19),
    ):
        with pytest.raises(Refused):
            await act


async def test_the_float_is_moved_no_further_than_cash_may_be_nor_in_steps(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.limit"):
        await set_float(shop.app, shop.ana, 999_999)
    await set_float(shop.app, shop.ana, 10_000)
    with pytest.raises(Refused, match=r"right\.limit"):
        await set_float(shop.app, shop.ana, 20_000)
    approval = await approve(shop.app, shop.ana, "Sam", PIN, Permission.MOVE_CASH, 20_000)
    assert (await set_float(shop.app, shop.ana, 20_000, approval)).opening_float == 20_000


async def test_a_shop_that_counts_blind_shows_an_x_only_to_who_sees_reports(shop: Shop) -> None:
    await change_settings(shop.app, shop.people["Max"], blind_count=True)
    with pytest.raises(Refused, match=r"right\.missing"):
        await x_report(shop.app, shop.ana)
    assert (await x_report(shop.app, shop.sam)).expected == 0


async def test_what_came_back_makes_the_average_sale_no_smaller(shop: Shop) -> None:
    await shop.sell(PRIDE)
    sale = await shop.sell(PRIDE, PRIDE)
    await void_sale(shop.app, shop.sam, sale.number, "Mistake")
    totals = (await x_report(shop.app, shop.ana)).totals
    assert (totals.takings, totals.sales, totals.average, totals.pieces_a_sale) == (899, 2, 1349, Decimal("1.5"))
