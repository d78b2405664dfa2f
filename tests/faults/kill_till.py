"""Kill −9 of a till: at every boundary of a statement or a commit in an act, and at moments spread over its length."""

import random
import time
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL

from pos_app.config import Config
from tests.faults.campaign import Nursery, Row, Shop, Tally, make_shop, nurseries, settled
from tests.faults.diary import entries
from tests.faults.till import KINDS

# Each judging takes longer the more is stored.
JUDGED_EVERY = 50


def run(config: Config, folder: Path, seed: int, count: int) -> Row:
    """Kill a till so often, every other time at the next boundary of an act, in an order that the seed gives."""
    dice = random.Random(seed)
    shop = make_shop(config, folder)
    tally = Tally("Till killed (−9) in pay, return, close, receive", config)
    faults: list[float] = []
    with nurseries() as (nursery,):
        steps, length_s = rehearsed(shop, nursery, dice)
        for number in range(count):
            kind, turn = KINDS[number // 2 % len(KINDS)], number // (2 * len(KINDS))
            if number % 2:
                at = steps[kind][turn % len(steps[kind])]
                nursery.start(shop.job(1, dice.getrandbits(30), acts=dice.randint(0, 1), die_in=kind, die_at=at))
                assert nursery.wait() == SIGKILL
            else:
                diary = nursery.start(shop.job(1, dice.getrandbits(30), kinds=[kind, "sale"]))
                diary.wait("stored", dice.randint(1, 2))
                time.sleep(dice.uniform(0, 1.5 * length_s))
                nursery.kill()
            faults.append(time.monotonic())
            if number % JUDGED_EVERY == JUDGED_EVERY - 1 or number == count - 1:
                settled(shop, nursery, seed)
                tally.judge(shop)
    tally.row.runs = count
    tally.stops(shop, faults)
    return tally.row


def rehearsed(shop: Shop, nursery: Nursery, dice: random.Random) -> tuple[dict[str, list[int]], float]:
    """Work without a fault: how many boundaries each kind of act has, in a random order, and how long an act takes."""
    steps: dict[str, list[int]] = {}
    for kind in KINDS:
        nursery.start(shop.job(1, dice.getrandbits(30), acts=3, kinds=[kind]))
        assert nursery.wait() == 0
    told = [entry for entry in entries(shop.diary(1)) if "stored" in entry]
    for kind in KINDS:
        most = max(entry["steps"] for entry in told if entry["kind"] == kind)
        # One more is between the service's answer and the next act.
        steps[kind] = dice.sample(range(1, most + 2), most + 1)
    length_s = min(after["at"] - before["at"] for before, after in pairwise(told))
    return steps, length_s
