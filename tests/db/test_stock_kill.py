"""The plug is pulled while deliveries and counts are posted: each is stored whole or not at all, and stays so."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pos_app import app as application
from pos_app.config import Config
from pos_app.domain.stock import CountStatus
from pos_app.models import Delivery, StockCountDocument
from pos_app.services.check import verify
from pos_app.services.supplier import SupplierView, keep_supplier
from tests.conftest import SetClock
from tests.shop import PRIDE, fill

KILLS = 4


@pytest.mark.timeout(300)
async def test_killed_while_posting_nothing_is_half_there(config: Config, clock: SetClock) -> None:
    app = application.build(config, clock=clock)
    shop = await fill(app)
    await keep_supplier(app, shop.sam, SupplierView(name="Penguin"))
    await app.db.close()
    chance = random.Random(5)
    told: dict[str, tuple[str, int]] = {}
    for _ in range(KILLS):
        said = await asyncio.to_thread(run_and_kill, config, shop.books[PRIDE], chance)
        told |= {uid: (kind, int(number)) for kind, uid, number in (line.split() for line in said)}
    app = application.build(config, clock=clock)

    def act(session: Session) -> tuple[Any, Any]:
        deliveries = session.execute(select(Delivery.uid, Delivery.number).order_by(Delivery.number)).all()
        counts = session.execute(select(StockCountDocument.uid, StockCountDocument.number, StockCountDocument.status))
        return deliveries, counts.all()

    deliveries, counts = await app.db.read(act)
    stored = {uid: ("delivery", number) for uid, number in deliveries}
    stored |= {uid: ("count", number) for uid, number, status in counts if status is CountStatus.POSTED}
    assert len(told) >= KILLS
    assert {uid: stored.get(uid) for uid in told} == told
    assert [number for _, number in deliveries] == list(range(1, len(deliveries) + 1))
    assert (await verify(app)).findings == 0
    await app.db.close()


def run_and_kill(config: Config, book: int, chance: random.Random) -> list[str]:
    """Let it work until it said something, and kill it a moment later; gives all that it said whole."""
    command = [sys.executable, "-m", "tests.db.stock_worker", str(config.data_dir), config.database_url, str(book)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as worker:
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(chance.randrange(1, 5))]
        try:
            worker.wait(chance.uniform(0, 0.03))
        except subprocess.TimeoutExpired:
            worker.kill()
        said += worker.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]
