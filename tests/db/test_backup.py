"""Copies of the whole shop and putting one back, on a file and on a server, also while tills sell."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pos_app import app as application
from pos_app.config import Config
from pos_app.database import Database
from pos_app.errors import Refused, Unavailable
from pos_app.messages import sentence
from pos_app.restore import restore
from pos_app.services.backup import BackupSchedule, back_up, back_up_when_due, list_backups
from pos_app.services.check import verify
from pos_app.services.receipt import keep_receipt
from tests.db.migrating import run_sql
from tests.postgres import PostgresServer
from tests.shop import DARKNESS, PRIDE, Shop

NOW = datetime(2026, 11, 23, 14, 6, tzinfo=UTC)
ON_FILE = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


pytestmark = pytest.mark.usefixtures("postgres_programs")


@pytest.fixture
def left(config: Config, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Names of databases that a test leaves on the server."""
    names: list[str] = []
    yield names
    for name in names:
        server: PostgresServer = request.getfixturevalue("postgres")
        server.drop_database(config.database_url.rsplit("/", 1)[0] + f"/{name}")


def orders(config: Config) -> int:
    ((count,),) = run_sql(config.database_url, "SELECT count(*) FROM orders")
    return int(count)


async def test_a_backup_is_the_shop_of_its_moment_and_what_was_there_is_kept(
    shop: Shop, config: Config, tmp_path: Path, left: list[str]
) -> None:
    await shop.sell(PRIDE, DARKNESS)
    made = await back_up(config, tmp_path / "kept" / "evening.backup")
    assert made.size == made.path.stat().st_size > 0
    since = await shop.sell(PRIDE)
    await keep_receipt(shop.app, since)
    await shop.app.printing.close()
    await shop.app.db.close()
    assert orders(config) == 2

    done = await restore(config, made.path)

    # What was sold after the copy was made is named: its papers are all that is left of it.
    assert done.missing == (since.number,)
    assert done.papers is not None
    assert [paper.name for paper in Path(done.papers).iterdir()] == [f"{since.number}.txt"]
    assert not (config.receipts_dir / f"{since.number}.txt").exists()

    assert orders(config) == 1
    assert done.rules_checked > 10
    assert done.kept is not None
    if shop.app.db.kind == "sqlite":
        kept = replace(config, database_url=f"sqlite:///{done.kept}")
    else:
        left.append(done.kept)
        kept = replace(config, database_url=config.database_url.rsplit("/", 1)[0] + f"/{done.kept}")
    assert orders(kept) == 2
    again = application.build(config)
    assert (await verify(again)).findings == 0
    await again.db.close()


async def test_tills_sell_on_while_a_copy_is_made(shop: Shop, config: Config, tmp_path: Path) -> None:
    async def sell() -> None:
        for _ in range(5):
            await shop.sell(PRIDE)

    made, _ = await asyncio.gather(back_up(config, tmp_path / "busy.backup"), sell())
    assert made.size
    assert orders(config) == 5


async def test_a_file_that_is_there_is_never_written_over(shop: Shop, config: Config, tmp_path: Path) -> None:
    there = tmp_path / "mine"
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match=r"backup\.exists"):
        await back_up(config, there)
    assert there.read_text(encoding="utf-8") == "mine"


async def test_a_folder_takes_a_copy_named_by_its_time(shop: Shop, config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "usb"
    folder.mkdir()
    made = await back_up(config, folder)
    assert made.path.parent == folder
    assert abs(made.made_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert [file.name for file in folder.iterdir()] == [made.path.name]


async def test_what_is_no_backup_changes_nothing(shop: Shop, config: Config, tmp_path: Path) -> None:
    await shop.sell(PRIDE)
    await shop.app.db.close()
    (tmp_path / "letter").write_text("Dear customer", encoding="utf-8")
    (tmp_path / "empty").touch()
    for name, code in (("letter", "not_a_backup"), ("empty", "not_a_backup"), ("missing", "unreadable")):
        with pytest.raises(Refused, match=rf"restore\.{code}") as caught:
            await restore(config, tmp_path / name)
        assert "nothing was changed" in sentence(caught.value) or "Check its name" in sentence(caught.value)
    assert orders(config) == 1


async def test_a_cut_off_backup_changes_nothing(shop: Shop, config: Config, tmp_path: Path) -> None:
    await shop.sell(PRIDE)
    made = await back_up(config, tmp_path / "whole")
    await shop.app.db.close()
    (tmp_path / "half").write_bytes(made.path.read_bytes()[: made.size // 2])
    with pytest.raises((Refused, Unavailable)):
        await restore(config, tmp_path / "half")
    assert orders(config) == 1
    assert not [file for file in config.data_dir.iterdir() if "restoring" in file.name]


async def test_a_backup_that_breaks_a_rule_is_refused(shop: Shop, config: Config, tmp_path: Path) -> None:
    await shop.sell(PRIDE)
    await shop.app.db.close()
    run_sql(config.database_url, "UPDATE books SET stock = stock + 1")
    made = await back_up(config, tmp_path / "wrong")
    with pytest.raises(Refused, match=r"restore\.breaks_rules") as caught:
        await restore(config, made.path)
    assert caught.value.params["count"] >= 1


async def test_a_database_somebody_has_open_is_not_replaced(shop: Shop, config: Config, tmp_path: Path) -> None:
    await shop.sell(PRIDE)
    made = await back_up(config, tmp_path / "evening")
    await shop.sell(PRIDE)
    with pytest.raises(Refused, match=r"restore\.in_use"):
        await restore(config, made.path)
    await shop.sell(PRIDE)
    assert orders(config) == 3


@ON_FILE
async def test_a_backup_comes_into_an_empty_folder(shop: Shop, config: Config, tmp_path: Path) -> None:
    await shop.sell(PRIDE)
    made = await back_up(config, tmp_path / "evening")
    fresh = Config(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'shop.db'}")
    assert (await restore(fresh, made.path)).kept is None
    assert orders(fresh) == 1
    assert sorted(file.name for file in fresh.data_dir.iterdir()) == ["shop.db", "till-1.lock"]


@ON_FILE
async def test_copies_are_made_when_due_and_the_oldest_go(shop: Shop, config: Config, tmp_path: Path) -> None:
    config = replace(config, backups_kept=3, backup_second_dir=str(tmp_path / "second"))
    theirs = config.data_dir / "backups" / "notes.db"
    theirs.parent.mkdir()
    theirs.touch()
    made = [await back_up_when_due(config, NOW + timedelta(hours=12 * place)) for place in range(10)]
    assert [one is not None for one in made] == [True, False] * 5
    for folder in (config.data_dir / "backups", tmp_path / "second"):
        kept = list_backups(config, folder)
        assert [one.made_at for one in kept] == [NOW + timedelta(hours=24 * days) for days in (4, 3, 2)]
    assert theirs.exists()
    last = replace(config, database_url=f"sqlite:///{list_backups(config)[0].path}")
    assert orders(last) == 0


@ON_FILE
async def test_a_clock_that_was_ahead_keeps_no_copy_from_being_made(shop: Shop, config: Config) -> None:
    assert await back_up_when_due(config, NOW + timedelta(days=3650))
    assert await back_up_when_due(config, NOW)


@ON_FILE
async def test_no_copy_is_made_where_none_is_wanted(shop: Shop, config: Config) -> None:
    assert await back_up_when_due(replace(config, backup_every_h=0), NOW) is None


@ON_FILE
async def test_a_second_place_that_is_gone_is_told_and_the_first_copy_stays(
    shop: Shop, config: Config, tmp_path: Path
) -> None:
    (tmp_path / "gone").touch()
    away = replace(config, backup_second_dir=str(tmp_path / "gone" / "usb"))
    with pytest.raises(Unavailable, match=r"data_dir\.not_writable"):
        await back_up_when_due(away, NOW)
    assert len(list_backups(away)) == 1


@ON_FILE
async def test_a_schedule_tells_what_stands_in_its_way_and_that_it_is_over(shop: Shop, config: Config) -> None:
    told: list[bool] = []
    folder = config.data_dir / "backups"
    folder.touch()
    schedule = BackupSchedule(config, shop.app.clock)
    schedule.listeners.append(lambda: told.append(schedule.fault is None))
    schedule.start()
    while not told:
        await asyncio.sleep(0)
    folder.unlink()
    assert await schedule.look() is not None
    assert await schedule.look() is None
    assert await schedule.look(now=True) is not None
    assert told == [False, True, True]
    await schedule.close()


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
async def test_a_server_is_copied_by_its_own_schedule_and_its_programs_are_named(
    shop: Shop, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await back_up_when_due(config, NOW) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    with pytest.raises(Refused, match=r"backup\.tool_missing") as caught:
        await back_up(config, tmp_path / "dump")
    assert "postgresql-client" in sentence(caught.value)


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
async def test_a_file_backup_is_no_backup_of_a_server(shop: Shop, config: Config, tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "file.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert Database(config.database_url).kind == "postgresql"
    with pytest.raises(Refused, match=r"restore\.other_kind"):
        await restore(config, path)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
async def test_a_copy_that_broke_off_is_said_to_be_damaged_and_not_the_shop(
    shop: Shop, config: Config, tmp_path: Path
) -> None:
    made = await back_up(config, tmp_path / "evening.backup")
    with made.path.open("r+b") as file:
        file.truncate(made.size // 3)
    await shop.sell(PRIDE)
    await shop.app.db.close()
    with pytest.raises(Refused, match=r"restore\.damaged"):
        await restore(config, made.path)
    assert orders(config) == 1
