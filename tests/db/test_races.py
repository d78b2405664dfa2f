"""Many tills at once: nothing oversold, nothing doubled, numbers without gap."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app import aside, database
from pos_app.app import App
from pos_app.config import Config
from pos_app.database import Act
from pos_app.domain.shop import StockPolicy
from pos_app.errors import Refused
from pos_app.ids import Ids
from pos_app.models import Book
from pos_app.services import cart, order
from pos_app.services.check import verify
from pos_app.services.setting import change_settings
from tests.conftest import SetClock
from tests.shop import PRIDE, Shop, fill

TILLS, COPIES, TRIES_EACH = 8, 40, 9


async def test_eight_tills_sell_forty_copies_and_refuse_the_rest(config: Config, clock: SetClock) -> None:
    """Each till has a program of its own: its own connections, and on SQLite its own writer thread."""
    apps = [application.build(config, clock=clock, ids=Ids()) for _ in range(TILLS)]
    shop = await fill(apps[0], tills=TILLS)
    await stock_up(shop)
    sold, refused = [], []

    async def till(number: int) -> None:
        app, operator = apps[number - 1], shop.people["Ana" if number == 1 else f"Till {number}"]
        for _ in range(TRIES_EACH):
            view = await cart.open_cart(app, operator)
            if not view.lines:
                view = await cart.add_scan(app, operator, view.id, PRIDE)
            try:
                sale = await order.pay(app, operator, order.PayRequest.of(view, shop.payment(view.due)))
                sold.append(sale.number)
            except Refused as error:
                refused.append(error.code)

    await asyncio.gather(*(till(number) for number in range(1, TILLS + 1)))
    assert len(sold) == len(set(sold)) == COPIES
    assert refused == ["stock.short"] * (TILLS * TRIES_EACH - COPIES)
    assert await shop.stock(PRIDE) == 0
    assert (await verify(apps[0])).findings == 0
    await asyncio.gather(*(app.db.close() for app in apps))


async def test_a_person_who_begins_at_several_tills_at_once_has_one_basket(config: Config, clock: SetClock) -> None:
    apps = [application.build(config, clock=clock, ids=Ids()) for _ in range(TILLS)]
    shop = await fill(apps[0])
    for _ in range(5):
        opened = await asyncio.gather(*(cart.open_cart(app, shop.ana) for app in apps))
        assert len({view.id for view in opened}) == 1
        view = await cart.add_scan(apps[0], shop.ana, opened[0].id, PRIDE)
        await order.pay(apps[0], shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    await asyncio.gather(*(app.db.close() for app in apps))


async def stock_up(shop: Shop) -> None:
    from pos_app.services.book_edit import StockCount, correct_stock

    await correct_stock(shop.app, shop.sam, shop.books[PRIDE], StockCount(COPIES, 23))


async def test_where_the_book_in_the_hand_is_believed_stock_goes_below_zero(shop: Shop) -> None:
    await change_settings(shop.app, shop.people["Max"], stock_policy=StockPolicy.PHYSICAL)
    view = await cart.open_cart(shop.app, shop.ana)
    view = await cart.add_scan(shop.app, shop.ana, view.id, PRIDE, 30)
    await order.pay(shop.app, shop.ana, order.PayRequest.of(view, shop.payment(view.due)))
    assert await shop.stock(PRIDE) == -7
    assert (await verify(shop.app)).findings == 0


async def test_forty_scans_at_once_are_forty_pieces(shop: Shop) -> None:
    view = await cart.open_cart(shop.app, shop.ana)
    await asyncio.gather(*(cart.add_scan(shop.app, shop.ana, view.id, PRIDE) for _ in range(40)))
    assert (await cart.get_cart(shop.app, view.id)).item_count == 40


async def test_a_cancelled_caller_does_not_stop_a_commit(shop: Shop, app: App) -> None:
    view = await cart.open_cart(app, shop.ana)
    view = await cart.add_scan(app, shop.ana, view.id, PRIDE)
    request = order.PayRequest.of(view, shop.payment(899))
    task = asyncio.ensure_future(order.pay(app, shop.ana, request))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    sale = await order.pay(app, shop.ana, request)
    assert sale.number == "1-000001"
    assert await shop.stock(PRIDE) == 22


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
async def test_who_wants_a_title_that_another_keeps_for_long_waits_and_does_not_fail(shop: Shop) -> None:
    wanted = select(Book.id).where(Book.isbn == PRIDE).with_for_update()
    kept, let_go, tries = asyncio.Event(), asyncio.Event(), 0

    async def keep() -> AsyncGenerator[Act, None]:
        yield lambda session: session.execute(wanted).all()
        kept.set()
        await let_go.wait()

    def take(session: Session) -> None:
        nonlocal tries
        tries += 1
        # More often than a deadlock is tried again.
        if tries > 2 * database.TRIES:
            let_go.set()
        session.execute(text("SET LOCAL lock_timeout = '20ms'"))
        session.execute(wanted).all()

    keeping = asyncio.ensure_future(shop.app.db.write_in_steps(keep()))
    await kept.wait()
    await shop.app.db.write(take)
    await keeping
    assert 2 * database.TRIES < tries < database.LOCK_WAITS


async def test_long_work_comes_after_whoever_is_served(shop: Shop) -> None:
    def rank(_session: Session) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert await shop.app.db.write(rank, aside=True) == max(await shop.app.db.write(rank), aside.NICE)
