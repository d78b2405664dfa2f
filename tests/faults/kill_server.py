"""Kill −9 of PostgreSQL, all of it or one of its processes, while tills work; they go on when it is back."""

import random
import time
from pathlib import Path

from pos_app.config import Config
from tests.faults.campaign import Row, Tally, make_shop, nurseries, run_out, settled
from tests.postgres import own_cluster

TILLS = 3
# As a shop's server is: nothing is switched off for speed.
DURABLE = ()


def run(folder: Path, seed: int, count: int) -> Row:
    """Kill the server so often, a moment later start it again, and wait until every till has sold something."""
    dice = random.Random(seed)
    faults: list[float] = []
    folder.mkdir(exist_ok=True)
    with own_cluster(DURABLE) as cluster:
        shop = make_shop(Config(folder, cluster.url), folder / "diaries", TILLS)
        tally = Tally("Server killed (−9)", shop.config)
        with nurseries(TILLS) as running:
            end = folder / "end"
            diaries = [
                nursery.start(shop.job(till, dice.getrandbits(30), ends_with=str(end)))
                for till, nursery in enumerate(running, 1)
            ]
            for diary in diaries:
                diary.wait("stored", 2)
            for number in range(count):
                time.sleep(dice.uniform(0, 0.5))
                faults.append(time.monotonic())
                if number % 4 == 3:
                    # The rest of the server notices, throws everybody out and recovers by itself.
                    cluster.kill_one(dice)
                else:
                    cluster.kill()
                    time.sleep(dice.uniform(0, 0.5))
                    cluster.start_again()
                for diary in diaries:
                    diary.new()
                    diary.wait("stored", 2)
            run_out(running, end)
            settled(shop, running[0], seed)
            tally.judge(shop)
    tally.row.runs = count
    tally.stops(shop, faults)
    return tally.row
