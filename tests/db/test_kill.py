"""The plug is pulled, again and again: what was acknowledged is stored, once, and the books balance.

Killing the program is what is tested here; that the disk keeps what the database gave it is the pragmas' part.
"""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.config import Config
from pos_app.domain.shop import StockPolicy
from pos_app.models import Order
from pos_app.services import cart
from pos_app.services.check import verify
from pos_app.services.setting import change_settings
from tests.conftest import SetClock
from tests.postgres import PostgresServer, running_server
from tests.shop import DARKNESS, PRIDE, fill

KILLS = int(os.environ.get("POS_TEST_KILLS", "200"))


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[PostgresServer]:
    """A server that keeps its promises, unlike the fast one of the other tests."""
    with running_server(options=()) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    if request.param == "sqlite":
        return Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    return Config(tmp_path, request.getfixturevalue("durable_postgres").create_database())


def run_and_kill(config: Config, after_ms: float) -> list[str]:
    """Start a till, wait until it has signed in, kill it some time later, and give what it said."""
    command = [sys.executable, "-m", "tests.db.seller", str(config.data_dir), config.database_url, PRIDE, DARKNESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first:
            raise AssertionError("the till ended by itself")
        try:
            process.wait(after_ms / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
        return [first.strip(), *process.stdout.read().splitlines()]


@pytest.mark.timeout(900)
def test_killed_at_any_moment_around_pay_nothing_is_lost_or_doubled(kept: Config, clock: SetClock) -> None:
    from pos_app.migrate import bring_up_to_date

    asyncio.run(bring_up_to_date(kept))
    asyncio.run(make_shop(kept))
    chance = random.Random(7)
    acknowledged: dict[str, str] = {}
    stored_before = 0
    for _ in range(KILLS):
        said = run_and_kill(kept, chance.uniform(0, 25))
        for line in said:
            word, *rest = line.split()
            if word == "stored":
                assert acknowledged.setdefault(rest[0], rest[1]) == rest[1]
        stored_before = max(stored_before, len(acknowledged))
    asyncio.run(judge(kept, acknowledged))


async def make_shop(config: Config) -> None:
    app = application.build(config)
    shop = await fill(app)
    await change_settings(app, shop.people["Max"], stock_policy=StockPolicy.PHYSICAL)
    await app.db.close()


async def judge(config: Config, acknowledged: dict[str, str]) -> None:
    app = application.build(config)

    def act(session: Session) -> dict[str, int]:
        return dict(session.execute(select(Order.uid, Order.receipt_number)).all())

    stored = await app.db.read(act)
    for uid, number in acknowledged.items():
        assert stored[uid] == int(number.split("-")[1])
    assert sorted(stored.values()) == list(range(1, len(stored) + 1))
    # Each kill leaves at most one sale that was stored without the till having been told.
    assert len(acknowledged) <= len(stored) <= len(acknowledged) + KILLS
    assert (await verify(app)).findings == 0
    await app.db.close()


async def test_a_filled_basket_is_back_after_a_kill(config: Config, clock: SetClock) -> None:
    app = application.build(config, clock=clock)
    shop = await fill(app)
    script = (
        "import asyncio, sys, os, signal\n"
        "from pathlib import Path\n"
        "from pos_app import app as a\n"
        "from pos_app.config import Config\n"
        "from pos_app.services import cart\n"
        "from pos_app.services.sign_in import sign_in\n"
        "async def main():\n"
        "    app = a.build(Config(Path(sys.argv[1]), sys.argv[2]))\n"
        "    ana = await sign_in(app, 'Ana', '1111')\n"
        "    view = await cart.open_cart(app, ana)\n"
        "    for isbn in sys.argv[3:]:\n"
        "        await cart.add_scan(app, ana, view.id, isbn)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    arguments = [sys.executable, "-c", script, str(config.data_dir), config.database_url, PRIDE, DARKNESS, PRIDE]
    await asyncio.to_thread(subprocess.run, arguments, cwd=Path(__file__).parents[2], check=False)
    view = await cart.open_cart(app, shop.ana)
    assert [(line.isbn, line.quantity) for line in view.lines] == [(PRIDE, 2), (DARKNESS, 1)]
    await app.db.close()
