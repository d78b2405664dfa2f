"""A database that goes away and comes back: noticed, waited for, nothing lost and nothing done twice."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.app import App
from pos_app.config import Config
from pos_app.database import Database, parse_address
from pos_app.errors import Unavailable
from pos_app.migrate import SCHEMA_HEAD
from pos_app.models import Order
from pos_app.services import cart, order
from pos_app.services.customer import add_customer
from tests.conftest import SetClock
from tests.db.migrating import run_sql
from tests.faults.proxy import Proxy, proxied
from tests.shop import PRIDE, Shop, fill

on_a_server = pytest.mark.parametrize("config", ["postgresql"], indirect=True)


async def until(true: Callable[[], bool], seconds: float = 10) -> float:
    """Wait until something is so; gives how long it took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)
    return time.monotonic() - began


async def settled(link_of: App) -> None:
    """Wait until the link has looked once."""
    async with asyncio.timeout(10):
        assert await link_of.db.link.back()


@pytest.fixture
def cable(config: Config) -> Iterator[tuple[Proxy, Config]]:
    """The shop's address through a cable that can be pulled."""
    with proxied(config.database_url) as (proxy, url):
        yield proxy, replace(config, database_url=url)


@pytest_asyncio.fixture
async def far(cable: tuple[Proxy, Config], clock: SetClock) -> AsyncIterator[Shop]:
    """A shop at the other end of the cable, watched as a window does."""
    proxy, config = cable
    app = application.build(config, clock=clock)
    shop = await fill(app)
    app.db.link.start(SCHEMA_HEAD)
    await settled(app)
    yield shop
    proxy.mend()
    await app.printing.close()
    await app.db.close()


async def count_orders(app: App) -> int:
    return await app.db.read(lambda session: session.scalar(select(func.count()).select_from(Order)) or 0)


@on_a_server
async def test_a_pulled_cable_is_told_within_two_seconds(cable: tuple[Proxy, Config], far: Shop) -> None:
    link = far.app.db.link
    assert link.online
    cable[0].pull()
    assert await until(lambda: not link.online) < 2
    assert link.fault is not None
    cable[0].mend()
    assert await until(lambda: link.online) < 4


@on_a_server
async def test_a_reset_connection_is_told_within_two_seconds(cable: tuple[Proxy, Config], far: Shop) -> None:
    cable[0].cut()
    assert await until(lambda: not far.app.db.link.online) < 2
    cable[0].mend()
    assert await until(lambda: far.app.db.link.online) < 4


@on_a_server
@pytest.mark.parametrize("fault", ["pull", "cut"])
async def test_what_is_asked_for_while_it_is_away_is_answered_when_it_is_back(
    cable: tuple[Proxy, Config], far: Shop, fault: str
) -> None:
    proxy, app = cable[0], far.app
    await far.sell(PRIDE)
    getattr(proxy, fault)()
    asked = [asyncio.ensure_future(far.stock(PRIDE)), asyncio.ensure_future(far.sell(PRIDE))]
    await until(lambda: not app.db.link.online)
    done, _ = await asyncio.wait(asked, timeout=5)  # longer than it takes until silent connections are given up
    assert not done
    proxy.mend()
    async with asyncio.timeout(10):
        stock, sale = await asyncio.gather(*asked)
    assert stock in {22, 21}
    assert sale.number == "1-000002"
    assert await count_orders(app) == 2
    assert await far.findings() == []


@on_a_server
async def test_a_commit_whose_answer_is_lost_is_settled_by_its_id(cable: tuple[Proxy, Config], far: Shop) -> None:
    app, ana = far.app, far.ana
    view = await cart.open_cart(app, ana)
    view = await cart.add_scan(app, ana, view.id, PRIDE)
    request = order.PayRequest.of(view, far.payment(view.due))
    cable[0].lose_reply(b"COMMIT")
    with pytest.raises(Unavailable, match=r"database\.in_doubt"):
        await order.pay(app, ana, request)
    assert cable[0].happened == ["lost reply of COMMIT"]
    stored = await order.find_stored(app, request.uid)
    assert stored is not None
    assert (await order.pay(app, ana, request)).number == stored.number == "1-000001"
    assert await count_orders(app) == 1
    assert await far.findings() == []


@on_a_server
async def test_a_commit_that_never_arrived_is_not_there_and_done_once_when_asked_again(
    cable: tuple[Proxy, Config], far: Shop
) -> None:
    app, ana = far.app, far.ana
    view = await cart.open_cart(app, ana)
    view = await cart.add_scan(app, ana, view.id, PRIDE)
    request = order.PayRequest.of(view, far.payment(view.due))
    cable[0].lose_request(b"COMMIT")
    with pytest.raises(Unavailable, match=r"database\.in_doubt"):
        await order.pay(app, ana, request)
    assert await order.find_stored(app, request.uid) is None
    assert (await order.pay(app, ana, request)).number == "1-000001"
    assert await far.findings() == []


@on_a_server
@pytest.mark.parametrize("said", [b"INSERT INTO orders", b"INSERT INTO payments", b"UPDATE books"])
async def test_a_sale_cut_off_before_its_commit_goes_on_by_itself(
    cable: tuple[Proxy, Config], far: Shop, said: bytes
) -> None:
    cable[0].lose_reply(said)
    sale = await far.sell(PRIDE)
    assert sale.number == "1-000001"
    assert cable[0].happened == [f"lost reply of {said.decode()}"]
    assert await count_orders(far.app) == 1
    assert await far.findings() == []


@on_a_server
async def test_nobody_waits_where_nobody_looks(cable: tuple[Proxy, Config]) -> None:
    app = application.build(cable[1])
    assert await app.db.is_reachable()
    cable[0].cut()
    with pytest.raises(Unavailable, match=r"database\.unreachable"):
        await count_orders(app)
    cable[0].mend()
    assert await count_orders(app) == 0
    await app.db.close()


@on_a_server
async def test_closing_ends_the_waiting(cable: tuple[Proxy, Config], clock: SetClock) -> None:
    app = application.build(cable[1], clock=clock)
    app.db.link.start(SCHEMA_HEAD)
    await settled(app)
    cable[0].cut()
    asked = asyncio.ensure_future(count_orders(app))
    await until(lambda: not app.db.link.online)
    await app.db.close()
    with pytest.raises(Unavailable):
        await asked


async def test_a_change_at_another_till_is_heard_within_a_second(shop: Shop, clock: SetClock) -> None:
    app = shop.app
    heard: set[str] = set()
    app.db.link.on_change.append(heard.update)
    app.db.link.start(SCHEMA_HEAD)
    await settled(app)
    other = application.build(app.config, clock=clock)

    async def is_heard(act: Awaitable[object], topic: str) -> None:
        heard.clear()
        await act
        assert await until(lambda: topic in heard, 5) < 1

    there = Shop(other, shop.books, shop.people)
    await is_heard(there.sell(PRIDE), "orders")
    await is_heard(there.sell(PRIDE), "books")
    await is_heard(add_customer(other, shop.ana, name="Nadia Haddad"), "customers")
    await other.printing.close()
    await other.db.close()


@pytest.mark.parametrize(("revision", "code"), [("9999", "database.newer_now"), ("0003", "database.older_now")])
async def test_tables_of_another_program_stop_a_running_till(shop: Shop, revision: str, code: str) -> None:
    app = shop.app
    app.db.link.start(SCHEMA_HEAD)
    await settled(app)
    run_sql(app.config.database_url, f"UPDATE alembic_version SET version_num = '{revision}'")
    assert await until(lambda: app.db.link.refused is not None) < 2
    for act in (app.db.read, app.db.write):
        with pytest.raises(Unavailable, match=code):
            await act(lambda session: session.execute(text("SELECT 1")).all())
    run_sql(app.config.database_url, f"UPDATE alembic_version SET version_num = '{SCHEMA_HEAD}'")
    await until(lambda: app.db.link.refused is None)
    assert await count_orders(app) == 0


@on_a_server
async def test_time_outs_are_in_force_on_every_connection(app: App) -> None:
    def limits(session: Session) -> list[str]:
        names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        return [str(session.scalar(text(f"SHOW {name}"))) for name in names]

    for carry in (app.db.read, app.db.write):
        assert await carry(limits) == ["5s", "30s", "1min"]
    for said in ("connect_timeout=5", "tcp_user_timeout=15000", "keepalives_idle=10", "lock_timeout=5s"):
        assert said in app.db.link_address()


@pytest.mark.parametrize(
    ("url", "hosts", "ports"),
    [
        ("postgresql://till@one:5433,two/shop", "one,two", "5433,5432"),
        ("postgresql://till:x@10.0.0.1,10.0.0.2:6000/shop?sslmode=require", "10.0.0.1,10.0.0.2", "5432,6000"),
    ],
)
def test_an_address_names_several_servers(url: str, hosts: str, ports: str) -> None:
    parsed = parse_address(url)
    assert (parsed.query["host"], parsed.query["port"]) == (hosts, ports)
    assert parsed.query["target_session_attrs"] == "read-write"
    assert (parsed.username, parsed.database) == ("till", "shop")
    assert "several" not in str(Database(url).url)


async def test_a_file_that_went_away_is_told(tmp_path: Path, sqlite_template: Path) -> None:
    config = Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    app = application.build(config)
    app.db.link.start(SCHEMA_HEAD)
    await until(lambda: not app.db.link.online)
    assert not (tmp_path / "shop.db").exists()
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    await until(lambda: app.db.link.online)
    await app.db.close()
