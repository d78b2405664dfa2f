"""Cash put in and taken out, and the drawer opened without a sale: always with a reason, within what one may."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from pos_app.domain.permission import Permission
from pos_app.domain.report import CashLine, Share
from pos_app.errors import Refused
from pos_app.models import TillEvent
from pos_app.services.drawer import move_cash, no_sale
from pos_app.services.shift import ShiftCount, close_shift, reopen, x_report
from pos_app.services.sign_in import approve
from tests.shop import PIN, PRIDE, Shop


async def events(shop: Shop) -> list[tuple[str, int | None, str | None, int | None]]:
    rows = await shop.app.db.read(lambda session: session.scalars(select(TillEvent).order_by(TillEvent.id)).all())
    return [(row.act, row.amount, row.details, row.allowed_by_id) for row in rows]


async def test_the_drawer_should_hold_what_was_put_in_and_taken_out(shop: Shop) -> None:
    await shop.sell(PRIDE)
    await move_cash(shop.app, shop.ana, 2000, "Change from the bank")
    await move_cash(shop.app, shop.sam, -1250, "  Window\tcleaner ")
    x = await x_report(shop.app, shop.ana)
    assert x.cash_moves == (
        CashLine("Change from the bank", 2000, "Ana"),
        CashLine("Window cleaner", -1250, "Sam"),
    )
    assert (x.expected, x.totals.takings) == (899 + 2000 - 1250, 899)
    assert (x.totals.cash_in, x.totals.cash_out) == (
        Share("Cash put in", 1, 2000),
        Share("Cash taken out", 1, -1250),
    )
    await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(x.expected))
    assert await shop.findings() == []


@pytest.mark.parametrize("amount", [0, 10**10 + 1, -(10**18)])
async def test_amounts_that_are_none_are_refused(shop: Shop, amount: int) -> None:
    with pytest.raises(Refused, match=r"cash\.amount"):
        await move_cash(shop.app, shop.sam, amount, "Bank")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 256, "a\x1bp", "a\u202eb"])
async def test_a_reason_is_some_letters_that_print(shop: Shop, reason: str) -> None:
    with pytest.raises(Refused, match=r"cash\.reason"):
        await move_cash(shop.app, shop.ana, 100, reason)
    with pytest.raises(Refused, match=r"cash\.reason"):
        await no_sale(shop.app, shop.ana, reason)
    assert await events(shop) == []


async def test_more_than_one_may_needs_a_managers_pin_for_this_very_amount(shop: Shop) -> None:
    await move_cash(shop.app, shop.ana, -10_000, "Bank")
    with pytest.raises(Refused, match=r"right\.limit"):
        await move_cash(shop.app, shop.ana, -10_001, "Bank")
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.MOVE_CASH, 10_001)
    with pytest.raises(Refused, match=r"approval\.invalid"):
        await move_cash(shop.app, shop.ana, -10_002, "Bank", uid)
    await move_cash(shop.app, shop.ana, -10_001, "Bank", uid)
    with pytest.raises(Refused, match=r"approval\.invalid"):
        await move_cash(shop.app, shop.ana, -10_001, "Bank", uid)
    assert (await x_report(shop.app, shop.ana)).expected == -20_001
    assert await events(shop) == [("cash_moved", -10_001, "Bank", shop.sam.user_id)]


async def test_a_no_sale_is_counted_on_the_shift_it_was_in(shop: Shop) -> None:
    await no_sale(shop.app, shop.ana, "Give change")
    await no_sale(shop.app, shop.sam, "Check the drawer")
    x = await x_report(shop.app, shop.ana)
    assert (x.totals.no_sales, x.expected) == (2, 0)
    assert [row[:3] for row in await events(shop)] == [
        ("no_sale", None, "Give change"),
        ("no_sale", None, "Check the drawer"),
    ]
    await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(0))
    with pytest.raises(Refused, match=r"shift\.closed"):
        await no_sale(shop.app, shop.ana, "Give change")
    with pytest.raises(Refused, match=r"shift\.closed"):
        await move_cash(shop.app, shop.ana, 1, "Change")
    again = await reopen(shop.app, shop.ana)
    assert (await x_report(shop.app, again)).totals.no_sales == 0


async def test_what_was_noted_stays(shop: Shop) -> None:
    await no_sale(shop.app, shop.ana, "Give change")
    await move_cash(shop.app, shop.ana, 100, "Change")
    for statement in (
        "UPDATE cash_movements SET amount = 1",
        "DELETE FROM cash_movements",
        "UPDATE till_events SET act = 'nothing'",
        "DELETE FROM till_events",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            await shop.app.db.write(lambda session, statement=statement: session.execute(text(statement)))
