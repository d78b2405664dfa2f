"""A disk that is full, or takes no writes any more, under a till's file and under a server."""

import random
import time
from pathlib import Path

from pos_app.config import Config
from tests.faults.campaign import Row, Tally, make_shop, nurseries, settled, until
from tests.faults.disk_image import disk_image
from tests.postgres import own_cluster

FILE_MEGABYTES, SERVER_MEGABYTES = 64, 256


def run_file(folder: Path, seed: int, count: int) -> Row:
    """A till with an SQLite file: filled up and given room again, or broken and mended, so often."""
    dice = random.Random(seed)
    faults: list[float] = []
    with disk_image(folder, FILE_MEGABYTES) as disk:
        data = disk.mount / "shop"
        data.mkdir()
        shop = make_shop(Config(data, f"sqlite:///{data / 'shop.db'}"), folder / "diaries")
        tally = Tally("Disk full or read-only", shop.config)
        with nurseries() as (nursery,):
            for number in range(count):
                diary = nursery.start(shop.job(1, dice.getrandbits(30)))
                diary.wait("stored", dice.randint(1, 2))
                if number % 2:
                    disk.read_only()
                else:
                    disk.fill()
                diary.wait("told")
                if number % 2:
                    # Nobody mends a disk under a running program.
                    nursery.kill()
                    disk.off()
                    disk.repair()
                    disk.on()
                    faults.append(time.monotonic())
                else:
                    time.sleep(dice.uniform(0, 0.5))
                    disk.make_room()
                    faults.append(time.monotonic())
                    diary.wait("stored", 2)
                    nursery.kill()
                settled(shop, nursery, seed)
                tally.judge(shop)
    tally.row.runs = count
    tally.stops(shop, faults)
    return tally.row


def run_server(folder: Path, seed: int, count: int) -> Row:
    """A server whose disk is filled up under a till: it stops, or refuses, and goes on once there is room again."""
    dice = random.Random(seed)
    faults: list[float] = []
    # A server does not run as root, and has to come as far as its disk.
    folder.mkdir(exist_ok=True)
    for each in (folder, folder.parent):
        each.chmod(0o711)
    with disk_image(folder, SERVER_MEGABYTES) as disk, own_cluster((), disk.mount) as cluster:
        shop = make_shop(Config(folder, cluster.url), folder / "diaries")
        tally = Tally("Disk full or read-only", shop.config)
        with nurseries() as (nursery,):
            for _ in range(count):
                diary = nursery.start(shop.job(1, dice.getrandbits(30)))
                diary.wait("stored", dice.randint(1, 2))
                disk.fill()
                until(lambda one=diary: not cluster.runs or any("told" in entry for entry in one.new()))
                time.sleep(dice.uniform(0, 0.5))
                disk.make_room()
                faults.append(time.monotonic())
                if not cluster.runs:
                    cluster.start_again()
                diary.wait("stored", 2)
                nursery.kill()
                settled(shop, nursery, seed)
                tally.judge(shop)
    tally.row.runs = count
    tally.stops(shop, faults)
    return tally.row
