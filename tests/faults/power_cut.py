"""The power of a till with an SQLite file is cut: whatever its file system had not flushed is gone."""

import random
import time
from pathlib import Path
from signal import SIGSTOP

from pos_app.config import Config
from tests.faults.campaign import Row, Tally, make_shop, nurseries, settled
from tests.faults.disk_image import disk_image

# A till's files and a write-ahead log of its usual size, with room for some thousand sales.
MEGABYTES = 64


def run(folder: Path, seed: int, count: int) -> Row:
    """Cut the power so often at a random moment of a random act, and judge after each cut."""
    dice = random.Random(seed)
    faults: list[float] = []
    with disk_image(folder, MEGABYTES) as disk:
        data = disk.mount / "shop"
        data.mkdir()
        shop = make_shop(Config(data, f"sqlite:///{data / 'shop.db'}"), folder / "diaries")
        tally = Tally("Power cut of a till (ext4)", shop.config)
        with nurseries() as (nursery,):
            nursery.start(shop.job(1, seed, acts=4))
            assert nursery.wait() == 0
            for _ in range(count):
                diary = nursery.start(shop.job(1, dice.getrandbits(30)))
                diary.wait("stored", dice.randint(1, 4))
                time.sleep(dice.uniform(0, 0.15))
                # Stopped first: between reading what was acknowledged and the cut nothing more may be acknowledged.
                nursery.signal(SIGSTOP)
                nursery.wait_stopped()
                disk.cut_power()
                faults.append(time.monotonic())
                nursery.kill()
                disk.off()
                disk.on()
                settled(shop, nursery, seed)
                tally.judge(shop)
    tally.row.runs = count
    tally.stops(shop, faults)
    return tally.row
