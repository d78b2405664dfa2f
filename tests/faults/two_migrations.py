"""Several programs bring the same old shop up to date at once; every other time one of them is killed on the way."""

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from alembic import command

from pos_app.config import Config
from pos_app.migrate import SCHEMA_HEAD
from tests.db.migrating import alembic, run_sql
from tests.faults.campaign import Row, Tally, make_shop, nurseries

# A shop with a journal, as a program some releases ago left it.
OLD = "0030"
PROGRAMS = 2


def run(config: Config, folder: Path, seed: int, count: int, copied: Callable[[Config, int], Config]) -> Row:
    """Migrate so many copies of one old shop; `copied` makes one."""
    dice = random.Random(seed)
    shop = make_shop(config, folder)
    tally = Tally("Two migrations at once", config)
    with nurseries(PROGRAMS) as programs:
        programs[0].start(shop.job(1, seed, acts=12))
        assert programs[0].wait() == 0
        command.downgrade(alembic(config.database_url), OLD)
        for number in range(count):
            copy = shop.at(copied(config, number))
            began = time.monotonic()
            for program in programs:
                program.start(copy.job(1, seed, migrates=True))
                time.sleep(dice.uniform(0, 0.05))
            if number % 2:
                time.sleep(dice.uniform(0, 1.0))
                programs[0].kill_if_there()
            for program in programs:
                program.wait()
            tally.row.longest_stop_s = max(tally.row.longest_stop_s, time.monotonic() - began)
            assert run_sql(copy.config.database_url, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]
            tally.judge(copy)
    tally.row.runs = count
    return tally.row


def copied_file(config: Config, number: int) -> Config:
    """A shop of its own beside another's file."""
    folder = config.data_dir.with_name(f"copy-{number}")
    folder.mkdir()
    shutil.copyfile(config.data_dir / "shop.db", folder / "shop.db")
    return Config(folder, f"sqlite:///{folder / 'shop.db'}")
