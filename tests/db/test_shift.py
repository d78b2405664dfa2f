"""A till's working day: which day an instant belongs to, what the drawer should hold, and days that were left open."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pos_app.domain.payment import Tender
from pos_app.domain.shop import ShopSettings
from pos_app.models import CashMovement, Shift
from pos_app.services import cart, order
from pos_app.services.check import verify
from pos_app.services.shift import business_date, ensure_open
from pos_app.services.sign_in import sign_in
from tests.conftest import SetClock
from tests.shop import DARKNESS, KLARA, PIN, PRIDE, Shop


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
