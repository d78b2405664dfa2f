"""A slice of the campaign for every change: each fault a few times, from a seed that stays.

`python -m tests.faults` does the same for an hour.
"""

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pos_app.config import Config
from tests.faults import clock, cut_link, disk, failover, kill_server, kill_till, power_cut, two_migrations
from tests.faults.campaign import Row
from tests.faults.disk_image import why_not
from tests.postgres import PostgresServer

SEED = 7

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="makes tills by fork"),
    pytest.mark.timeout(600),
]
own_server = pytest.mark.skipif("POS_TEST_DATABASE_URL" in os.environ, reason="kills its server")
own_disk = pytest.mark.skipif(bool(why_not()), reason=why_not())


def is_clean(row: Row) -> None:
    assert row.acknowledged > row.runs // 2
    assert (row.lost, row.double, row.gaps, row.broken, row.said) == (0, 0, 0, 0, [])


def test_a_till_killed_anywhere_in_its_acts(config: Config, tmp_path: Path) -> None:
    is_clean(kill_till.run(config, tmp_path / "diaries", SEED, 8))


def test_a_clock_set_wrong_and_right(config: Config, tmp_path: Path) -> None:
    is_clean(clock.run(config, tmp_path / "diaries", SEED, 4))


def test_two_migrations_at_once(config: Config, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if config.database_url.startswith("sqlite"):
        # Copies lie beside the folder, not in it.
        data = tmp_path / "shop"
        data.mkdir()
        shutil.move(tmp_path / "shop.db", data / "shop.db")
        file = Config(data, f"sqlite:///{data / 'shop.db'}")
        is_clean(two_migrations.run(file, tmp_path / "diaries", SEED, 2, two_migrations.copied_file))
        return
    server: PostgresServer = request.getfixturevalue("postgres")

    def copied(of: Config, _number: int) -> Config:
        return Config(of.data_dir, server.create_database(make_url(of.database_url).database or ""))

    is_clean(two_migrations.run(config, tmp_path / "diaries", SEED, 2, copied))


@own_server
def test_a_server_killed_under_its_tills(tmp_path: Path) -> None:
    is_clean(kill_server.run(tmp_path, SEED, 2))


@own_server
def test_a_cable_cut_at_commit(tmp_path: Path) -> None:
    is_clean(cut_link.run(tmp_path, SEED, 6))


@own_server
def test_a_failover(tmp_path: Path) -> None:
    is_clean(failover.run(tmp_path, SEED, 1))


@own_disk
def test_a_disk_that_is_full_or_broken(tmp_path: Path) -> None:
    is_clean(disk.run_file(tmp_path / "disk", SEED, 2))


@own_disk
def test_the_power_of_a_till_is_cut(tmp_path: Path) -> None:
    is_clean(power_cut.run(tmp_path / "disk", SEED, 2))
