"""The first of two servers dies, its standby takes over, and tills go over to it by themselves."""

import random
import time
from contextlib import ExitStack
from pathlib import Path

from pos_app.config import Config
from tests.faults.campaign import Row, Tally, make_shop, nurseries, run_out, settled
from tests.postgres import own_cluster, standby_of

TILLS = 2


def run(folder: Path, seed: int, count: int) -> Row:
    """Kill the server that takes writes so often; each time a new standby is made in the place of the dead one."""
    dice = random.Random(seed)
    faults: list[float] = []
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        first = stack.enter_context(own_cluster(()))
        shop = make_shop(Config(folder, first.url), folder / "diaries", TILLS)
        second = stack.enter_context(standby_of(first))
        url = f"postgresql://postgres@127.0.0.1:{first.port},127.0.0.1:{second.port}/postgres"
        tally = Tally("Failover to a standby", shop.config)
        running = stack.enter_context(nurseries(TILLS))
        end = folder / "end"
        diaries = [
            nursery.start(shop.job(till, dice.getrandbits(30), url=url, ends_with=str(end)))
            for till, nursery in enumerate(running, 1)
        ]
        for number in range(count):
            for diary in diaries:
                diary.new()
                diary.wait("stored", 2)
            time.sleep(dice.uniform(0, 0.3))
            faults.append(time.monotonic())
            first.kill()
            second.promote()
            for diary in diaries:
                diary.new()
                diary.wait("stored", 2)
            first, dead = second, first
            if number < count - 1:
                second = stack.enter_context(standby_of(first, dead.port))
        run_out(running, end)
        shop = shop.at(Config(folder, first.url))
        settled(shop, running[0], seed)
        tally.judge(shop)
        tally.row.runs = count
        tally.stops(shop, faults)
    return tally.row
