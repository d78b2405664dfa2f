"""An upgrade broken on purpose at each of its steps: the shop is as it was each time, and in the end it is upgraded."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.runtime.migration import HeadMaintainer
from sqlalchemy.engine import make_url

from pos_app import app as application
from pos_app import migrate
from pos_app.cli import main
from pos_app.config import Config
from pos_app.database import sqlite_driver
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, UPGRADE_LOCK, WAITING, bring_up_to_date
from pos_app.postgres_tools import read_dump
from pos_app.rollback import roll_back
from pos_app.services.check import verify
from pos_app.services.customer import add_customer
from pos_app.till_lock import lock_file
from tests.db.migrating import ROOT, alembic, run_sql
from tests.faults.disk_image import DiskImage, disk_image, why_not
from tests.postgres import PostgresServer, own_cluster
from tests.shop import PRIDE, Shop

OLD = "0036"
STEPS = int(SCHEMA_HEAD) - int(OLD)
REHEARSED = f"Trying it on a copy first… Step 1 of {STEPS}."
ON_SERVER = pytest.mark.parametrize("config", ["postgresql"], indirect=True)
ON_FILE = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


pytestmark = pytest.mark.usefixtures("postgres_programs")


@pytest.fixture
async def old(shop: Shop, config: Config) -> Config:
    """A shop that has sold, as an earlier version left it."""
    await shop.sell(PRIDE)
    await shop.app.db.close()
    await asyncio.to_thread(command.downgrade, alembic(config.database_url), OLD)
    return config


def contents(config: Config) -> list[str]:
    """All that is in a database: its tables as they are made, and every row."""
    url = make_url(config.database_url)
    if url.get_backend_name() == "postgresql":
        dumped = subprocess.run(["pg_dump", config.database_url], capture_output=True, text=True, check=True)
        return [line for line in dumped.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]
    with closing(sqlite_driver().connect(str(url.database))) as connection:
        made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        rows = [
            row
            for kind, name, sql in made
            if kind == "table" and "VIRTUAL" not in sql
            for row in connection.execute(f'SELECT * FROM "{name}"').fetchall()
        ]
    return [repr(line) for line in (*made, *rows)]


def unnumbered(config: Config) -> list[str]:
    """All that is in a database but for how far its sequences are: what they gave is not taken back with an act."""
    return [line for line in contents(config) if "pg_catalog.setval" not in line]


def rows_and_rights(config: Config) -> list[str]:
    """What a dump says but for how tables are made, of which the server changes the words in the reading."""
    return sorted(line for line in contents(config) if "\t" in line or line.startswith("GRANT"))


def left(config: Config) -> list[str]:
    """What an upgrade that failed may have left lying about."""
    places = [config.data_dir / "backups", config.data_dir]
    files = [file.name for place in places if place.is_dir() for file in place.iterdir()]
    found = [name for name in files if "rehearsal" in name or f"-{OLD}-" in name]
    if config.database_url.startswith("postgresql"):
        found += [str(name) for (name,) in run_sql(config.database_url, "SELECT datname FROM pg_database")]
    return [name for name in found if "rehearsal" in name or OLD in name]


def upgrade(config: Config, **options: Any) -> list[str]:
    """Bring a shop up to date; gives what was said meanwhile."""
    said: list[str] = []

    async def act() -> None:
        assert await bring_up_to_date(config, said.append, **options)
        await asyncio.sleep(0)

    asyncio.run(act())
    return said


def refusal(config: Config) -> PosError:
    with pytest.raises((Refused, Unavailable)) as caught:
        upgrade(config)
    return caught.value


async def findings(config: Config) -> int:
    app = application.build(config)
    try:
        return (await verify(app)).findings
    finally:
        await app.db.close()


def revision(config: Config) -> str:
    ((found,),) = run_sql(config.database_url, "SELECT version_num FROM alembic_version")
    return str(found)


def test_it_is_tried_on_a_copy_and_verified_there_first(old: Config) -> None:
    said = upgrade(old)
    steps = [f"Step {number} of {STEPS}." for number in range(1, STEPS + 1)]
    tried = [f"Trying it on a copy first… {step}" for step in steps]
    done = [f"Bringing the database up to date… {step}" for step in steps]
    place = {words: said.index(words) for words in (*tried, "Checking every rule on the copy…", *done)}
    assert list(place.values()) == sorted(place.values())
    assert said[0] == "Copying the database…"
    assert asyncio.run(findings(old)) == 0
    (copy,) = left(old)
    assert copy.endswith(".db" if old.database_url.startswith("sqlite") else ".dump")


# Each ends the program where it stands: while the copy is written, at a step on the copy, while the copy is verified,
# and at a step on the shop itself.
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from alembic.runtime.migration import HeadMaintainer
from pos_app import postgres_tools, rehearsal, sqlite_file
from pos_app.config import Config
from pos_app.migrate import bring_up_to_date

folder, url, place = sys.argv[1:]
postgres_tools.TOOL_FOLDERS = ()
steps = 0

def die(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

def step(self, *arguments, taken=HeadMaintainer.update_to_step):
    global steps
    taken(self, *arguments)
    steps += 1
    if steps == int(place):
        die()

if place == "copy":
    sqlite_file.damage = die
    postgres_tools.os.fsync = die
elif place == "verify":
    rehearsal.verify_here = die
else:
    HeadMaintainer.update_to_step = step
asyncio.run(bring_up_to_date(Config(Path(folder), url)))
"""


def test_a_program_killed_at_any_step_leaves_the_shop_as_it_was(old: Config) -> None:
    before = contents(old)
    for place in ("copy", "2", "verify", str(STEPS + 2)):
        line = [sys.executable, "-c", KILLED, str(old.data_dir), old.database_url, place]
        assert subprocess.run(line, cwd=ROOT, capture_output=True, check=False).returncode == -signal.SIGKILL
        assert contents(old) == before, place
    upgrade(old)
    # What the killed ones left was cleared away, but the copy that the last of them had proved.
    assert [name for name in left(old) if "rehearsal" in name or name.endswith(".part")] == []
    assert asyncio.run(findings(old)) == 0


@pytest.mark.parametrize("at", [2, STEPS + 2], ids=["copy", "shop"])
def test_a_step_that_fails_on_the_copy_or_on_the_shop(old: Config, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    taken, steps = HeadMaintainer.update_to_step, iter(range(1, 100))

    def fail(self: HeadMaintainer, step: Any) -> None:
        taken(self, step)
        if next(steps) == at:
            raise LookupError("half way")

    before = contents(old)
    monkeypatch.setattr(HeadMaintainer, "update_to_step", fail)
    error = refusal(old)
    assert error.code == "database.migration_failed"
    assert "It is as it was before" in sentence(error)
    assert contents(old) == before
    monkeypatch.undo()


def test_a_copy_that_breaks_a_rule_ends_it_until_somebody_takes_it_so(
    old: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    run_sql(old.database_url, "UPDATE books SET stock = stock + 1 WHERE isbn = '9780141439518'")
    before = contents(old)
    error = refusal(old)
    assert error.code == "database.rehearsal"
    assert "Pride" in sentence(error) or "book" in sentence(error)
    assert (contents(old), left(old)) == (before, [])
    given = ["--data-dir", str(old.data_dir), "--database-url", old.database_url]
    assert main(["migrate", *given]) == 1
    assert "--accept-findings" in capsys.readouterr().err
    assert main(["migrate", "--accept-findings", *given]) == 0
    assert revision(old) == SCHEMA_HEAD
    assert asyncio.run(findings(old)) == 1


own_disk = pytest.mark.skipif(bool(why_not()), reason=why_not())


def fill_at(disk: DiskImage, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill a disk up after so many steps, of those on the copy and those on the shop."""
    taken, steps = HeadMaintainer.update_to_step, iter(range(1, 100))

    def fill(self: HeadMaintainer, step: Any) -> None:
        taken(self, step)
        if next(steps) == at:
            disk.fill()

    monkeypatch.setattr(HeadMaintainer, "update_to_step", fill)


@own_disk
def test_a_tills_disk_that_is_full_at_any_step(old: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for nothing, for part of the copy, for the copy alone; and filled up under the upgrade itself."""
    server = old.database_url.startswith("postgresql")
    with disk_image(tmp_path / "disk", 64) as disk:
        data = disk.mount / "data"
        data.mkdir()
        config = replace(old, data_dir=data)
        if not server:
            shutil.move(tmp_path / "shop.db", data / "shop.db")
            config = replace(config, database_url=f"sqlite:///{data / 'shop.db'}")
        before, size = contents(config), 40_000 if server else (data / "shop.db").stat().st_size
        for room in (0, size // 2) if server else (0, size // 2, size * 5 // 4):
            disk.fill()
            with (disk.mount / "ballast").open("r+b") as ballast:
                ballast.truncate(ballast.seek(0, os.SEEK_END) - room)
            assert refusal(config).code == "database.disk_full"
            disk.make_room()
            assert (contents(config), left(config)) == (before, [])
        if not server:
            with monkeypatch.context() as patch:
                fill_at(disk, STEPS + 2, patch)
                assert refusal(config).code == "database.disk_full"
            disk.make_room()
            assert (contents(config), left(config)) == (before, [])
        upgrade(config)
        assert asyncio.run(findings(config)) == 0


@own_disk
@pytest.mark.skipif("POS_TEST_DATABASE_URL" in os.environ, reason="fills its server's disk")
@ON_SERVER
def test_a_servers_disk_that_fills_up_under_the_rehearsal_or_the_upgrade(
    old: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(tempfile.mkdtemp(prefix="pos-disk-"))
    place.chmod(0o711)  # a server does not run as root, and has to come as far as its disk
    try:
        with disk_image(place / "disk", 256) as disk, own_cluster((), disk.mount) as cluster:
            (place / "disk").chmod(0o711)
            subprocess.run(["pg_dump", "-Fc", old.database_url, "-f", tmp_path / "dump"], check=True)
            read_dump(tmp_path / "dump", make_url(cluster.url))
            config = replace(old, database_url=cluster.url)
            before = contents(config)
            for at in (2, STEPS + 2):
                with monkeypatch.context() as patch:
                    fill_at(disk, at, patch)
                    assert refusal(config).code in {"database.disk_full", "database.unreachable"}
                disk.make_room()
                if not cluster.runs:
                    cluster.start_again()
                assert contents(config) == before
            upgrade(config)
            assert asyncio.run(findings(config)) == 0
            assert [name for name in left(config) if "rehearsal" in name] == []
    finally:
        shutil.rmtree(place)


@ON_SERVER
def test_without_its_programs_a_server_is_upgraded_with_a_word_and_checked_before_the_commit(
    old: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = contents(old)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    run_sql(old.database_url, "UPDATE books SET stock = stock + 1 WHERE isbn = '9780141439518'")
    assert refusal(old).code == "database.rehearsal"
    assert revision(old) == OLD
    run_sql(old.database_url, "UPDATE books SET stock = stock - 1 WHERE isbn = '9780141439518'")
    said = upgrade(old)
    assert all("No copy is made: pg_dump is not installed here" in words for words in said[1:])
    assert asyncio.run(findings(old)) == 0
    with pytest.raises(Refused, match=r"rollback\.none"):
        asyncio.run(roll_back(old))
    assert before


@ON_SERVER
def test_a_role_that_may_make_no_databases_has_the_shop_checked_before_the_commit(
    old: Config, postgres: PostgresServer
) -> None:
    database = make_url(old.database_url).database
    with psycopg.connect(old.database_url, autocommit=True) as owner:
        owner.execute("CREATE ROLE owner_of_tests LOGIN NOCREATEDB")
        owner.execute(f'ALTER DATABASE "{database}" OWNER TO owner_of_tests')
        for (statement,) in owner.execute(
            "SELECT format('ALTER TABLE %I OWNER TO owner_of_tests', tablename) FROM pg_tables "
            "WHERE schemaname = 'public' UNION ALL "
            "SELECT format('ALTER FUNCTION %s OWNER TO owner_of_tests', p.oid::regprocedure) FROM pg_proc p "
            "WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS "
            "(SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')"
        ).fetchall():
            owner.execute(statement)
        owner.execute("GRANT ALL ON SCHEMA public TO owner_of_tests")
    config = replace(old, database_url=make_url(old.database_url).set(username="owner_of_tests").render_as_string())
    try:
        run_sql(old.database_url, "UPDATE books SET stock = stock + 1 WHERE isbn = '9780141439518'")
        before = unnumbered(old)
        assert refusal(config).code == "database.rehearsal"
        assert (unnumbered(old), left(old)) == (before, [])
        run_sql(old.database_url, "UPDATE books SET stock = stock - 1 WHERE isbn = '9780141439518'")
        said = upgrade(config)
        assert "owner_of_tests may make no databases" in said[-1]
        assert len(left(old)) == 1
    finally:
        postgres.drop_database(old.database_url)
        with psycopg.connect(postgres.url, autocommit=True) as server:
            server.execute("DROP ROLE owner_of_tests")


@ON_SERVER
async def test_a_server_goes_back_to_its_dump_with_what_each_role_may(old: Config, postgres: PostgresServer) -> None:
    await asyncio.to_thread(run_sql, old.database_url, "GRANT SELECT ON books TO pg_monitor")
    before = await asyncio.to_thread(rows_and_rights, old)
    assert await bring_up_to_date(old)
    done = await roll_back(old)
    try:
        assert done.revision == await asyncio.to_thread(revision, old) == OLD
        assert await asyncio.to_thread(rows_and_rights, old) == before
        kept = replace(old, database_url=make_url(old.database_url).set(database=done.kept).render_as_string())
        assert await asyncio.to_thread(revision, kept) == SCHEMA_HEAD
    finally:
        postgres.drop_database(make_url(old.database_url).set(database=done.kept).render_as_string())


async def test_other_work_since_the_upgrade_is_told_before_it_is_left(
    shop: Shop, old: Config, postgres: PostgresServer
) -> None:
    assert await bring_up_to_date(old)
    app = application.build(old)
    till = Shop(app, shop.books, shop.people)
    await add_customer(app, till.sam, name="Nadia Haddad")
    await app.printing.close()
    await app.db.close()
    with pytest.raises(Refused, match=r"rollback\.worked") as refused:
        await roll_back(old)
    assert refused.value.params["work"] == "customers (1)"
    assert await asyncio.to_thread(revision, old) == SCHEMA_HEAD
    done = await roll_back(old, leave_work=True)
    assert await asyncio.to_thread(revision, old) == OLD
    with pytest.raises(Refused, match=r"rollback\.done"):
        await roll_back(old)
    if old.database_url.startswith("postgresql"):
        postgres.drop_database(make_url(old.database_url).set(database=done.kept).render_as_string())


@ON_SERVER
async def test_no_way_back_on_a_server_loses_a_sale_or_comes_under_an_open_till(shop: Shop, old: Config) -> None:
    assert await bring_up_to_date(old)
    app = application.build(old)
    till = Shop(app, shop.books, shop.people)
    try:
        assert await till.stock(PRIDE)
        with pytest.raises(Refused, match=r"restore\.in_use"):
            await roll_back(old)
        await till.sell(PRIDE)
        with pytest.raises(Refused, match=r"rollback\.sold"):
            await roll_back(old)
        assert await till.findings() == []
        names = await asyncio.to_thread(run_sql, old.database_url, "SELECT datname FROM pg_database")
        assert [name for (name,) in names if "rolling_back" in str(name)] == []
    finally:
        await app.printing.close()
        await app.db.close()


@contextmanager
def upgrading(config: Config) -> Iterator[None]:
    """Another program bringing the same database up to date."""
    if config.database_url.startswith("sqlite"):
        with (config.data_dir / "shop.db.migrating").open("a+b") as file:
            lock_file(file.fileno())
            yield
        return
    with psycopg.connect(config.database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, 0)", [UPGRADE_LOCK])
        yield


async def test_a_till_of_the_earlier_version_is_told_to_wait_and_then_to_be_updated(
    old: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "SCHEMA_HEAD", OLD)
    told = asyncio.Event()
    said: list[str] = []

    def hear(words: str) -> None:
        said.append(words)
        told.set()

    with upgrading(old):
        start = asyncio.create_task(bring_up_to_date(old, hear))
        await told.wait()
        assert not start.done()
        await asyncio.to_thread(command.upgrade, alembic(old.database_url), "head")
    with pytest.raises(Refused) as refused:
        await start
    assert set(said) == {WAITING}
    assert refused.value.code == "database.newer"
    assert "Update the program" in sentence(refused.value)


async def test_a_till_of_the_earlier_version_goes_on_where_the_upgrade_failed(
    old: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "SCHEMA_HEAD", OLD)
    told = asyncio.Event()
    with upgrading(old):
        start = asyncio.create_task(bring_up_to_date(old, lambda _: told.set()))
        await told.wait()
    assert not await start
