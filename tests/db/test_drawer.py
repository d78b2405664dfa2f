"""Cash put in and taken out, and the drawer opened without a sale: always with a reason, within what one may."""

import asyncio

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
    await move_cash(shop.app, shop.ana, shop.app.ids.new(), 2000, "Change from the bank")
    await move_cash(shop.app, shop.sam, shop.app.ids.new(), -1250, "  Window\tcleaner ")
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
        await move_cash(shop.app, shop.sam, shop.app.ids.new(), amount, "Bank")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 256, "\x1b", "\u202e \x00"])
async def test_a_reason_is_some_letters_that_print(shop: Shop, reason: str) -> None:
    with pytest.raises(Refused, match=r"cash\.reason"):
        await move_cash(shop.app, shop.ana, shop.app.ids.new(), 100, reason)
    with pytest.raises(Refused, match=r"cash\.reason"):
        await no_sale(shop.app, shop.ana, shop.app.ids.new(), reason)
    assert await events(shop) == []


async def test_more_than_one_may_needs_a_managers_pin_for_this_very_amount(shop: Shop) -> None:
    await move_cash(shop.app, shop.ana, shop.app.ids.new(), -10_000, "Bank")
    with pytest.raises(Refused, match=r"right\.limit"):
        await move_cash(shop.app, shop.ana, shop.app.ids.new(), -10_001, "Bank")
    uid = await approve(shop.app, shop.ana, "Sam", PIN, Permission.MOVE_CASH, 10_001)
    with pytest.raises(Refused, match=r"approval\.invalid"):
        await move_cash(shop.app, shop.ana, shop.app.ids.new(), -10_002, "Bank", uid)
    await move_cash(shop.app, shop.ana, shop.app.ids.new(), -10_001, "Bank", uid)
    with pytest.raises(Refused, match=r"approval\.invalid"):
        await move_cash(shop.app, shop.ana, shop.app.ids.new(), -10_001, "Bank", uid)
    assert (await x_report(shop.app, shop.ana)).expected == -20_001
    assert await events(shop) == [("cash_moved", -10_001, "Bank", shop.sam.user_id)]


async def test_a_no_sale_is_counted_on_the_shift_it_was_in(shop: Shop) -> None:
    await no_sale(shop.app, shop.ana, shop.app.ids.new(), "Give change")
    await no_sale(shop.app, shop.sam, shop.app.ids.new(), "Check the drawer")
    x = await x_report(shop.app, shop.ana)
    assert (x.totals.no_sales, x.expected) == (2, 0)
    assert [row[:3] for row in await events(shop)] == [
        ("no_sale", None, "Give change"),
        ("no_sale", None, "Check the drawer"),
    ]
    await close_shift(shop.app, shop.ana, x.opened_at, ShiftCount(0))
    with pytest.raises(Refused, match=r"shift\.closed"):
        await no_sale(shop.app, shop.ana, shop.app.ids.new(), "Give change")
    with pytest.raises(Refused, match=r"shift\.closed"):
        await move_cash(shop.app, shop.ana, shop.app.ids.new(), 1, "Change")
    again = await reopen(shop.app, shop.ana)
    assert (await x_report(shop.app, again)).totals.no_sales == 0


async def test_what_was_noted_stays(shop: Shop) -> None:
    await no_sale(shop.app, shop.ana, shop.app.ids.new(), "Give change")
    await move_cash(shop.app, shop.ana, shop.app.ids.new(), 100, "Change")
    for statement in (
        "UPDATE cash_movements SET amount = 1",
        "DELETE FROM cash_movements",
        "UPDATE till_events SET act = 'nothing'",
        "DELETE FROM till_events",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            await shop.app.db.write(lambda session, statement=statement: session.execute(text(statement)))


async def test_what_is_sent_again_after_a_lost_answer_moves_the_cash_once(shop: Shop) -> None:
    move, open_ = shop.app.ids.new(), shop.app.ids.new()
    for _ in range(2):
        await move_cash(shop.app, shop.ana, move, -500, "Postage")
        await no_sale(shop.app, shop.ana, open_, "Give change")
    x = await x_report(shop.app, shop.ana)
    assert (x.cash_moves, x.expected, x.totals.no_sales) == ((CashLine("Postage", -500, "Ana"),), -500, 1)


async def test_the_same_sent_twice_at_once_moves_the_cash_once(shop: Shop) -> None:
    move, open_ = shop.app.ids.new(), shop.app.ids.new()
    await asyncio.gather(
        *(move_cash(shop.app, shop.ana, move, 500, "Change") for _ in range(4)),
        *(no_sale(shop.app, shop.ana, open_, "Give change") for _ in range(4)),
    )
    x = await x_report(shop.app, shop.ana)
    assert (x.expected, x.totals.no_sales) == (500, 1)


async def test_sent_again_once_the_shift_is_closed_or_the_pin_is_used_up_it_is_still_known(shop: Shop) -> None:
    move = shop.app.ids.new()
    approval = await approve(shop.app, shop.ana, "Sam", PIN, Permission.MOVE_CASH, 20_000)
    await move_cash(shop.app, shop.ana, move, -20_000, "Bank", approval)
    await move_cash(shop.app, shop.ana, move, -20_000, "Bank")
    await close_shift(shop.app, shop.ana, shop.ana.shift_opened_at, ShiftCount(0))
    await move_cash(shop.app, shop.ana, move, -20_000, "Bank", approval)
    again = await reopen(shop.app, shop.ana)
    await move_cash(shop.app, again, move, -20_000, "Bank")
    assert (await x_report(shop.app, again)).expected == 0
    assert [row[:3] for row in await events(shop)] == [("cash_moved", -20_000, "Bank")]


async def test_another_content_under_the_same_id_is_refused_loudly(shop: Shop) -> None:
    app, move, open_ = shop.app, shop.app.ids.new(), shop.app.ids.new()
    await move_cash(app, shop.ana, move, -500, "Postage")
    await no_sale(app, shop.ana, open_, "Give change")
    for other in (
        move_cash(app, shop.ana, move, -501, "Postage"),
        move_cash(app, shop.ana, move, -500, "Bank"),
        move_cash(app, shop.sam, move, -500, "Postage"),
        move_cash(app, shop.ana, move, -500, "Postage", training=True),
        move_cash(app, shop.ana, open_, -500, "Give change"),
        no_sale(app, shop.ana, open_, "Other"),
        no_sale(app, shop.ana, move, "Postage"),
    ):
        with pytest.raises(Refused, match=r"cash\.other_content"):
            await other
    x = await x_report(app, shop.ana)
    assert (x.expected, x.totals.no_sales) == (-500, 1)


async def test_what_training_does_to_the_drawer_is_marked_and_in_no_total(shop: Shop) -> None:
    await shop.sell(PRIDE)
    before = await x_report(shop.app, shop.ana)
    move = shop.app.ids.new()
    for _ in range(2):
        await move_cash(shop.app, shop.ana, move, 5000, "Change", training=True)
    await move_cash(shop.app, shop.ana, shop.app.ids.new(), -700, "Postage", training=True)
    await no_sale(shop.app, shop.ana, shop.app.ids.new(), "Give change", training=True)
    assert await x_report(shop.app, shop.ana) == before
    rows = await shop.app.db.read(lambda session: session.scalars(select(TillEvent).order_by(TillEvent.id)).all())
    assert [(row.act, row.amount, row.details, row.training) for row in rows] == [
        ("cash_moved", 5000, "Change", True),
        ("cash_moved", -700, "Postage", True),
        ("no_sale", None, "Give change", True),
    ]
    z = await close_shift(shop.app, shop.ana, before.opened_at, ShiftCount(before.expected))
    assert (z.cash_moves, z.expected, z.difference, z.totals) == ((), 899, 0, before.totals)
    assert await shop.findings() == []


async def test_training_takes_the_same_rights(shop: Shop) -> None:
    with pytest.raises(Refused, match=r"right\.limit"):
        await move_cash(shop.app, shop.ana, shop.app.ids.new(), -10_001, "Bank", training=True)
