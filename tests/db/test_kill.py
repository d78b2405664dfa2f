"""The plug is pulled, again and again: what was acknowledged is stored, once, and the books balance.

Killing the program is what is tested here; that the disk keeps what the database gave it is the pragmas' part.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
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

# A slice of the campaign: POS_TEST_KILLS=500 kills longer.
KILLS = int(os.environ.get("POS_TEST_KILLS", "60"))


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


class Tills:
    """Starts tills one after the other and kills each."""

    def __init__(self, config: Config) -> None:
        self.line = "\t".join([str(config.data_dir), config.database_url, PRIDE, DARKNESS])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.db.seller"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def run_and_kill(self, sales: int, after_ms: float) -> list[str]:
        """Let a till sell so often, kill it some time later, and give what it said."""
        assert self.process.stdin is not None
        self.process.stdin.write(self.line + "\n")
        self.process.stdin.flush()
        number = self._hear()
        assert number.startswith("till ")
        said = [self._hear()]
        while sum(line.startswith("stored") for line in said) < sales:
            said.append(self._hear())
        assert "ended" not in said, "the till ended by itself"
        time.sleep(after_ms / 1000)
        os.kill(int(number.split()[1]), signal.SIGKILL)
        while (line := self._hear()) != "ended":
            said.append(line)
        return said

    def _hear(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the tills are gone"
        return line.strip()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def tills(kept: Config) -> Iterator[Tills]:
    made = Tills(kept)
    yield made
    made.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="makes tills by fork")
@pytest.mark.timeout(900)
def test_killed_at_any_moment_around_pay_nothing_is_lost_or_doubled(kept: Config, tills: Tills) -> None:
    from pos_app.migrate import bring_up_to_date

    asyncio.run(bring_up_to_date(kept))
    asyncio.run(make_shop(kept))
    chance = random.Random(7)
    acknowledged: dict[str, str] = {}
    for _ in range(KILLS):
        said = tills.run_and_kill(chance.randrange(3), chance.uniform(0, 25))
        for line in said:
            word, *rest = line.split()
            if word == "stored":
                assert acknowledged.setdefault(rest[0], rest[1]) == rest[1]
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
