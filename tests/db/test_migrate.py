"""Bringing the database up to date at start: copied first, locked, checked, and as it was before when that fails."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic import command

from pos_app import migrate, sqlite_file
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from pos_app.rollback import roll_back
from pos_app.till_lock import lock_file, till_held
from tests.db.migrating import ROOT, alembic, run_sql
from tests.postgres import PostgresServer
from tests.shop import PRIDE, Shop


@pytest.fixture
def old(config: Config) -> Config:
    """A shop as an earlier program left it, with a customer."""
    command.downgrade(alembic(config.database_url), "0005")
    run_sql(config.database_url, "INSERT INTO customers (name, name_key) VALUES ('Rosa', 'rosa')")
    return config


@pytest.fixture
def old_file(tmp_path: Path, sqlite_template: Path) -> Config:
    shutil.copyfile(sqlite_template, tmp_path / "shop.db")
    config = Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    command.downgrade(alembic(config.database_url), "0005")
    run_sql(config.database_url, "INSERT INTO customers (name, name_key) VALUES ('Rosa', 'rosa')")
    return config


def revision(config: Config) -> str:
    ((found,),) = run_sql(config.database_url, "SELECT version_num FROM alembic_version")
    return str(found)


def customers(config: Config) -> list[tuple[object, ...]]:
    return run_sql(config.database_url, "SELECT name FROM customers")


def copies(config: Config) -> list[Path]:
    return sorted((config.data_dir / "backups").glob("*"))


def refusal(config: Config) -> PosError:
    with pytest.raises((Refused, Unavailable)) as caught:
        asyncio.run(bring_up_to_date(config))
    return caught.value


@contextmanager
def lock_held(config: Config) -> Iterator[None]:
    """Another till migrating the same file."""
    with (config.data_dir / "shop.db.migrating").open("a+b") as file:
        lock_file(file.fileno())
        yield


def test_a_new_shop_gets_its_folder_and_file_and_no_copy(tmp_path: Path) -> None:
    config = Config(tmp_path / "new" / "shop", f"sqlite:///{tmp_path / 'other' / 'shop.db'}")
    assert asyncio.run(bring_up_to_date(config))
    assert revision(config) == SCHEMA_HEAD
    assert not asyncio.run(bring_up_to_date(config))
    assert not (config.data_dir / "backups").exists()


def test_an_old_shop_is_brought_up_to_date_with_its_rows(old: Config) -> None:
    assert asyncio.run(bring_up_to_date(old))
    assert revision(old) == SCHEMA_HEAD
    assert customers(old) == [("Rosa",)]
    command.check(alembic(old.database_url))


def test_a_file_that_may_only_be_read_is_told_at_the_start(old_file: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    # Its rights do not bind the superuser that tests may run as.
    monkeypatch.setattr(migrate.os, "access", lambda path, mode: Path(path).name != "shop.db")
    with pytest.raises(Unavailable, match=r"database\.read_only"):
        asyncio.run(bring_up_to_date(old_file))


def test_a_start_with_nothing_to_do_loads_no_alembic(config: Config) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from pos_app.config import Config\n"
        "from pos_app.migrate import bring_up_to_date\n"
        f"assert not asyncio.run(bring_up_to_date(Config(Path({str(config.data_dir)!r}), {config.database_url!r})))\n"
        "assert 'alembic' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_copy_is_the_old_shop_under_its_revision(old_file: Config) -> None:
    asyncio.run(bring_up_to_date(old_file))
    (copy,) = copies(old_file)
    assert copy.name.startswith("shop-0005-")
    as_copied = Config(old_file.data_dir, f"sqlite:///{copy}")
    assert revision(as_copied) == "0005"
    assert customers(as_copied) == [("Rosa",)]


def test_the_copy_holds_what_another_till_has_only_just_written(old_file: Config) -> None:
    with closing(sqlite_driver().connect(old_file.data_dir / "shop.db")) as till:
        till.execute("PRAGMA wal_autocheckpoint=0")
        till.execute("INSERT INTO customers (name, name_key) VALUES ('Late', 'late')")
        till.commit()
        asyncio.run(bring_up_to_date(old_file))
    (copy,) = copies(old_file)
    assert ("Late",) in customers(Config(old_file.data_dir, f"sqlite:///{copy}"))


def test_old_copies_go_and_what_else_lies_there_stays(old_file: Config) -> None:
    folder = old_file.data_dir / "backups"
    folder.mkdir()
    ours = [folder / f"shop-0004-2026010{day}T120000000000Z.db" for day in range(1, 8)]
    others = [folder / name for name in ("shop-2026.db", "shop-before-stocktaking.db", "notes.txt")]
    for file in (*ours, *others):
        file.touch()
    asyncio.run(bring_up_to_date(old_file))
    left = copies(old_file)
    assert set(others) <= set(left)
    assert ours[-1] in left
    assert ours[0] not in left
    assert len(left) - len(others) == migrate.COPIES_KEPT


def test_a_step_that_fails_leaves_the_database_as_it_was(old: Config) -> None:
    """Steps before the failing one are undone as well."""
    command.downgrade(alembic(old.database_url), "0002")
    run_sql(old.database_url, "INSERT INTO tax_rates (name, rate) VALUES ('None', 0)")
    run_sql(
        old.database_url,
        "INSERT INTO books (title, author, price, tax_rate_id, title_key, search_text, category_id) "
        "SELECT 'Lost', '', 1, id, 'lost', 'lost', 999 FROM tax_rates",
    )
    error = refusal(old)
    assert error.code == "database.migration_failed"
    assert "INSERT" not in sentence(error)
    assert revision(old) == "0002"
    assert run_sql(old.database_url, "SELECT title FROM books") == [("Lost",)]
    run_sql(old.database_url, "UPDATE books SET category_id = NULL")
    assert asyncio.run(bring_up_to_date(old))


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from alembic.runtime.migration import HeadMaintainer
from pos_app.config import Config
from pos_app.migrate import bring_up_to_date

taken = HeadMaintainer.update_to_step

def die_after(self, step):
    taken(self, step)
    if step.revision.revision == "0008":
        os.kill(os.getpid(), signal.SIGKILL)

HeadMaintainer.update_to_step = die_after
asyncio.run(bring_up_to_date(Config(Path(sys.argv[1]), sys.argv[2])))
"""


def test_a_till_killed_half_way_leaves_the_database_as_it_was_and_locks_nobody_out(old: Config) -> None:
    line = [sys.executable, "-c", KILLED, str(old.data_dir), old.database_url]
    assert subprocess.run(line, cwd=ROOT, capture_output=True, check=False).returncode == -signal.SIGKILL
    assert revision(old) == "0005"
    assert asyncio.run(bring_up_to_date(old))
    assert customers(old) == [("Rosa",)]


def test_what_the_check_finds_is_put_back_under_a_till_that_has_the_file_open(
    old_file: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> None:
        raise RuntimeError("the check failed")

    monkeypatch.setattr(migrate, "_check", fail)
    with closing(sqlite_driver().connect(old_file.data_dir / "shop.db", isolation_level=None)) as till:
        assert till.execute("SELECT name FROM customers").fetchall() == [("Rosa",)]
        assert refusal(old_file).code == "database.migration_failed"
        till.execute("INSERT INTO customers (name, name_key) VALUES ('Ida', 'ida')")
        assert till.execute("SELECT version_num FROM alembic_version").fetchall() == [("0005",)]
    assert customers(old_file) == [("Rosa",), ("Ida",)]


def test_a_copy_that_cannot_be_put_back_is_named(old_file: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> None:
        for beside in ("", "-wal", "-shm"):
            path.with_name(path.name + beside).unlink(missing_ok=True)
        path.mkdir()
        raise RuntimeError("the check failed")

    monkeypatch.setattr(migrate, "_check", fail)
    error = refusal(old_file)
    assert error.code == "database.not_put_back"
    (copy,) = copies(old_file)
    assert str(copy) in sentence(error)


async def test_a_till_that_waited_finds_the_work_done(old_file: Config) -> None:
    waiting = asyncio.Event()
    with lock_held(old_file):
        start = asyncio.create_task(bring_up_to_date(old_file, lambda _: waiting.set()))
        await waiting.wait()
        await asyncio.to_thread(command.upgrade, alembic(old_file.database_url), "head")
    assert await start
    assert copies(old_file) == []


async def test_a_till_that_waited_for_a_newer_program_says_so(old_file: Config) -> None:
    waiting = asyncio.Event()
    with lock_held(old_file):
        start = asyncio.create_task(bring_up_to_date(old_file, lambda _: waiting.set()))
        await waiting.wait()
        await asyncio.to_thread(run_sql, old_file.database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused) as caught:
        await start
    assert caught.value.code == "database.newer"
    assert await asyncio.to_thread(revision, old_file) == "9999"


def test_waiting_for_another_till_has_an_end_on_sqlite(old_file: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "UPGRADE_WAIT_S", 0)
    with lock_held(old_file):
        assert refusal(old_file).code == "database.busy"
    assert revision(old_file) == "0005"


def test_waiting_for_another_till_has_an_end_on_postgres(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "POSTGRES_LOCK_WAIT_S", 1)
    url = postgres.create_database()
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [migrate.POSTGRES_LOCK])
        assert refusal(Config(tmp_path, url)).code == "database.busy"
    postgres.drop_database(url)


def test_a_newer_database_is_refused_with_the_older_side_named(config: Config) -> None:
    run_sql(config.database_url, "UPDATE alembic_version SET version_num = '9999'")
    told = sentence(refusal(config))
    assert "revision 9999" in told
    assert f"program (revision {SCHEMA_HEAD})" in told
    assert "Update the program" in told
    assert revision(config) == "9999"


def test_another_programs_database_is_refused_untouched(config: Config) -> None:
    run_sql(config.database_url, "UPDATE alembic_version SET version_num = 'ae1027a6acf'")
    assert refusal(config).code == "database.foreign"
    run_sql(config.database_url, "DROP TABLE alembic_version")
    assert refusal(config).code == "database.foreign"


def test_a_database_taken_down_to_nothing_is_built_anew(config: Config) -> None:
    command.downgrade(alembic(config.database_url), "base")
    assert asyncio.run(bring_up_to_date(config))
    assert run_sql(config.database_url, "SELECT count(*) FROM categories") == [(5,)]


def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    file.write_bytes(b"Dear diary, " * 1000)
    refused = refusal(Config(tmp_path, f"sqlite:///{file}"))
    assert refused.code == "database.damaged_alone"
    assert str(file) in sentence(refused)
    assert str(tmp_path / "backups") in sentence(refused)
    assert file.read_bytes() == b"Dear diary, " * 1000


def test_a_damaged_file_is_not_migrated(old_file: Config) -> None:
    path = old_file.data_dir / "shop.db"
    with closing(sqlite_driver().connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'customers'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("rb+") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert refusal(old_file).code == "database.damaged"
    assert revision(old_file) == "0005"
    assert copies(old_file) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = refusal(Config(tmp_path / "file" / "data", f"sqlite:///{tmp_path / 'shop.db'}"))
    assert error.code == "data_dir.not_writable"
    assert str(tmp_path / "file") in sentence(error)


def test_a_copy_that_cannot_be_written_stops_before_anything_is_changed(old_file: Config) -> None:
    (old_file.data_dir / "backups").touch()
    assert refusal(old_file).code == "data_dir.not_writable"
    assert revision(old_file) == "0005"


def test_a_full_disk_is_named_and_changes_nothing(old_file: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = sqlite_driver()

    class Full:
        Error = driver.Error

        @staticmethod
        def connect(path: Path, **options: object) -> sqlite3.Connection:
            connection = driver.connect(path, **options)
            if path.suffix == ".part":
                connection.execute("PRAGMA max_page_count=3")
            return connection

    monkeypatch.setattr(sqlite_file, "sqlite_driver", lambda: Full)
    assert refusal(old_file).code == "database.disk_full"
    monkeypatch.undo()
    assert revision(old_file) == "0005"
    assert copies(old_file) == []


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach(tmp_path: Path) -> None:
    assert refusal(Config(tmp_path, "postgresql://pos@127.0.0.1:1/shop")).code == "database.unreachable"


async def test_the_loop_goes_on_and_hears_of_each_step(old: Config) -> None:
    thread = threading.current_thread()
    said, turns = [], 0

    def hear(words: str) -> None:
        assert threading.current_thread() is thread
        said.append(words)

    start = asyncio.create_task(bring_up_to_date(old, hear))
    while not start.done():
        turns += 1
        await asyncio.wait([start], timeout=0.001)
    assert await start
    assert turns > 20
    assert said[0] == "Copying the database…"
    assert [words for words in said if words.startswith("Bringing the database up to date…")]


def test_the_way_back_is_the_file_as_the_upgrade_found_it(old_file: Config) -> None:
    asyncio.run(bring_up_to_date(old_file))
    run_sql(old_file.database_url, "UPDATE customers SET name = 'Somebody else'")
    done = asyncio.run(roll_back(old_file))
    assert (done.revision, done.copy) == ("0005", copies(old_file)[0])
    assert (revision(old_file), customers(old_file)) == ("0005", [("Rosa",)])
    with closing(sqlite3.connect(done.kept)) as kept:
        assert kept.execute("SELECT name FROM customers").fetchall() == [("Somebody else",)]
    # Once is enough: nothing older is left to go back to.
    with pytest.raises(Refused, match=r"rollback\.done"):
        asyncio.run(roll_back(old_file))
    assert asyncio.run(bring_up_to_date(old_file))
    assert revision(old_file) == SCHEMA_HEAD


@pytest.mark.parametrize("config", ["sqlite"], indirect=True)
async def test_the_way_back_loses_no_sale(shop: Shop) -> None:
    config = shop.app.config
    path = config.data_dir / "shop.db"
    sqlite_file.copy_file(path, config.data_dir / "backups" / "shop-0037-20261101T000000000000Z.db")
    await shop.sell(PRIDE)
    with till_held(config), pytest.raises(Refused, match=r"data_dir\.in_use"):
        await roll_back(config)
    with pytest.raises(Refused) as refused:
        await roll_back(config)
    assert (refused.value.code, refused.value.params["count"]) == ("rollback.sold", 1)
    assert await shop.findings() == []
