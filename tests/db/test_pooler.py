"""Through PgBouncer in transaction mode, where it is installed: it works, and the doctor says what to change."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pos_app import app as application
from pos_app.config import Config
from pos_app.doctor import Level, examine
from pos_app.errors import Unavailable
from pos_app.migrate import SCHEMA_HEAD, bring_up_to_date
from tests.conftest import SetClock
from tests.db.migrating import run_sql
from tests.db.test_random_day import Day
from tests.postgres import _free_port
from tests.shop import PRIDE, fill

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = [
    pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed"),
    pytest.mark.parametrize("config", ["postgresql"], indirect=True),
]


@contextmanager
def pooled(config: Config, folder: Path, *, ignore: str = "options,extra_float_digits") -> Iterator[Config]:
    """The shop through a pooler that gives each transaction to whichever server process is free."""
    assert PGBOUNCER is not None
    url = make_url(config.database_url)
    port = _free_port()
    (folder / "users.txt").write_text('"postgres" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={url.host} port={url.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"unix_socket_dir =\nauth_type = trust\nauth_file = {folder}/users.txt\npool_mode = transaction\n"
        f"default_pool_size = 3\nserver_round_robin = 1\nignore_startup_parameters = {ignore}\n"
    )
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    with (folder / "log").open("w") as log:
        command = [PGBOUNCER, "-u", "nobody", folder / "pgbouncer.ini"]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
    try:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
            except OSError:
                time.sleep(0.02)
            else:
                break
        through = url.set(port=port).render_as_string(hide_password=False)
        yield replace(config, data_dir=folder, database_url=through)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def folder() -> Iterator[Path]:
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


async def test_a_trading_day_goes_through_a_pooler(config: Config, clock: SetClock, folder: Path) -> None:
    with pooled(config, folder) as through:
        app = application.build(through, clock=clock)
        shop = await fill(app)
        app.db.link.start(SCHEMA_HEAD, 1)
        assert await app.db.link.alone()
        await Day(shop, 1).run(30)
        await asyncio.gather(*(shop.stock(PRIDE) for _ in range(30)))
        assert await shop.findings() == []
        assert app.db.pooled
        assert not app.db.link.hears
        await app.printing.close()
        await app.db.close()
        assert not await bring_up_to_date(through)


async def test_changes_are_heard_on_the_servers_own_address(config: Config, clock: SetClock, folder: Path) -> None:
    with pooled(config, folder) as through:
        app = application.build(replace(through, direct_url=config.database_url), clock=clock)
        shop = await fill(app)
        heard: set[str] = set()
        app.db.link.on_change.append(heard.update)
        app.db.link.start(SCHEMA_HEAD, 1)
        assert await app.db.link.alone()
        await shop.sell(PRIDE)
        async with asyncio.timeout(2):
            while heard != {"books", "orders"}:
                await asyncio.sleep(0.01)
        await app.printing.close()
        await app.db.close()


async def test_the_doctor_says_what_to_change(config: Config, folder: Path) -> None:
    with pooled(config, folder) as through:
        said = [one for one in await examine(through) if one.subject == "pooler"]
        assert [one.level for one in said] == [Level.WARN, Level.WARN]
        assert "SET lock_timeout = '5s'" in said[0].next_step
        assert "direct_url" in said[1].next_step
        name = make_url(config.database_url).database
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            run_sql(config.database_url, f"ALTER DATABASE {name} SET {limit} = '5s'")
    with pooled(config, folder) as through:
        said = [
            one for one in await examine(replace(through, direct_url=config.database_url)) if one.subject == "pooler"
        ]
        assert [one.level for one in said] == [Level.OK]


async def test_a_pooler_that_refuses_the_time_outs_is_named(config: Config, folder: Path) -> None:
    with pooled(config, folder, ignore="extra_float_digits") as through:
        app = application.build(through)
        with pytest.raises(Unavailable, match=r"database\.pooler"):
            await app.db.read(lambda session: session.connection())
        await app.db.close()
