"""Bring a database up to date from inside the program: under a lock, after a copy, and checked."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from types import ModuleType

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pos_app.config import Config
from pos_app.database import Database, sqlite_driver
from pos_app.errors import Refused, Unavailable

# What this program's tables are; a test holds it to the newest file in migrations/versions.
SCHEMA_HEAD = "0009"
# Any number, the same for every till, held while one of them migrates.
POSTGRES_LOCK = 7_264_310_001
COPIES_KEPT = 5

Progress = Callable[[str], None]


async def bring_up_to_date(config: Config, progress: Progress = lambda _: None) -> bool:
    """Make the database's tables those of this program; True when something had to be done.

    An existing SQLite file is copied to the data folder's `backups` first and put back when a step fails. Alembic is
    imported only when there is something to do.
    Raises Refused("database.newer" | "database.foreign" | "database.migration_failed") or Unavailable.
    """
    _make_folders(config)
    if await schema_revision(config) == SCHEMA_HEAD:
        return False
    progress("Bringing the database up to date…")
    await asyncio.to_thread(_migrate, config)
    return True


async def schema_revision(config: Config) -> str | None:
    """Give the database's revision, None where it is empty.

    Raises Refused("database.newer") when this program is the older side, Refused("database.foreign") when the tables
    are not ours, or Unavailable.
    """
    database = Database(config.database_url)
    if database.path is not None and not database.path.exists():
        return None
    try:
        revision = await database.read(_revision)
    finally:
        await database.close()
    if revision is not None and revision > SCHEMA_HEAD:
        raise Refused("database.newer", database_revision=revision, program_revision=SCHEMA_HEAD)
    return revision


def _revision(session: Session) -> str | None:
    tables = inspect(session.connection()).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise Refused("database.foreign", table=tables[0])
        return None
    revision: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _make_folders(config: Config) -> None:
    database = Database(config.database_url)
    folders = [config.data_dir, *([database.path.parent] if database.path else [])]
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable("data_dir.not_writable", path=str(folder), reason=error.strerror or "") from error


def _migrate(config: Config) -> None:
    path = Database(config.database_url).path
    if path is None:
        _upgrade(config)
        return
    with _file_lock(path.with_name(path.name + ".migrating")):
        copy = _copy(path, config.data_dir / "backups") if path.exists() and path.stat().st_size else None
        try:
            _upgrade(config)
            _check(path)
        except Exception as error:
            if copy is not None:
                _put_back(copy, path)
            raise Refused("database.migration_failed", reason=str(error)[:300], copy=str(copy or "")) from error


def _upgrade(config: Config) -> None:
    from alembic import command  # noqa: PLC0415 - 0.3 s that a start with nothing to do must not cost
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415

    with resources.as_file(resources.files("migrations")) as folder:
        alembic = AlembicConfig()
        alembic.set_main_option("script_location", str(folder).replace("%", "%%"))
        alembic.attributes["url"] = config.database_url
        try:
            command.upgrade(alembic, "head")
        except DBAPIError as error:
            raise Refused("database.migration_failed", reason=str(error.orig)[:300], copy="") from error


def _copy(path: Path, folder: Path) -> Path:
    """Copy a database as it stands, also while another till reads it, and make sure it is on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.db"
    driver = sqlite_driver()
    with closing(driver.connect(path)) as source, closing(driver.connect(target)) as copy:
        source.backup(copy)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    for old in sorted(folder.glob(f"{path.stem}-*.db"))[:-COPIES_KEPT]:
        old.unlink()
    return target


def _check(path: Path) -> None:
    with closing(sqlite_driver().connect(path)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or broken:
        raise RuntimeError(f"the check after the change found: {found}, {broken}")


def _put_back(copy: Path, path: Path) -> None:
    for beside in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    fresh = path.with_name(path.name + ".restored")
    shutil.copyfile(copy, fresh)
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, so that a till killed half way does not lock the others out."""
    with path.open("a+b") as file:
        _lock(file.fileno())
        yield


def _lock(number: int) -> None:
    if os.name == "nt":
        msvcrt: ModuleType = __import__("msvcrt")
        os.lseek(number, 0, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_LOCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not there on Windows

        fcntl.flock(number, fcntl.LOCK_EX)
