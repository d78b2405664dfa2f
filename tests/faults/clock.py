"""A till whose clock is wrong: a year back, a day forward, an hour either way, under a running program and over a start."""

import random
from pathlib import Path

from pos_app.config import Config
from tests.faults.campaign import Row, Tally, make_shop, nurseries, settled

HOUR = 3600
# Back a year and put right again, forward a day and put right again, and what summer time does to a clock without zones.
OFFS = (-365 * 24 * HOUR, 0, 24 * HOUR, 0, HOUR, -HOUR)
ACTS = 4


def run(config: Config, folder: Path, seed: int, count: int) -> Row:
    """Set the clock so often, every other time while the till works, and sell on."""
    dice = random.Random(seed)
    shop = make_shop(config, folder)
    tally = Tally("Clock set wrong and right", config)
    off = 0.0
    with nurseries() as (nursery,):
        for number in range(count):
            before, off = off, float(OFFS[number % len(OFFS)])
            jumps = dice.randint(1, ACTS - 1) if number // len(OFFS) % 2 else -1
            job = shop.job(
                1, dice.getrandbits(30), acts=ACTS, clock_was_s=before, clock_off_s=off, clock_jumps_after=jumps
            )
            nursery.start(job)
            assert nursery.wait() == 0
            tally.judge(shop)
        settled(shop, nursery, seed)
        tally.judge(shop)
    tally.row.runs = count
    return tally.row
