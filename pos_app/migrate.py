"""Bring a database up to date from inside the program: under a lock, after a copy, and checked."""

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from pos_app.config import Config
from pos_app.database import Database, sqlite_driver, translate
from pos_app.errors import PosError, Refused, Unavailable
from pos_app.link import TILL_LOCK
from pos_app.sqlite_file import connected, copy_file, damage, lost_reference, make_folder, put_back
from pos_app.till_lock import lock_file

# What this program's tables are; a test holds it to the newest file in migrations/versions.
SCHEMA_HEAD = "0040"
# Any number, the same for every till, held while one of them migrates.
POSTGRES_LOCK = 7_264_310_001
POSTGRES_LOCK_WAIT_S = 300
FILE_LOCK_WAIT_S = 300
COPIES_KEPT = 5

Progress = Callable[[str], None]


async def bring_up_to_date(config: Config, progress: Progress = lambda _: None) -> bool:
    """Make the database's tables those of this program; True when something had to be done.

    An existing SQLite file is copied to the data folder's `backups` first; whatever fails, the database is left as it
    was. Alembic is imported only when there is something to do. `progress` is called in the event loop.
    Raises Refused("database.newer" | "database.foreign" | "database.migration_failed") or Unavailable, as for a file
    that may only be read: nobody could so much as sign in.
    """
    _make_folders(config)
    path = Database(config.database_url).path
    if path is not None and path.exists() and not os.access(path, os.W_OK):
        raise Unavailable("database.read_only")
    if await schema_revision(config) == SCHEMA_HEAD:
        return False
    await refuse_to_mix(config)
    loop = asyncio.get_running_loop()

    def say(text: str) -> None:
        loop.call_soon_threadsafe(progress, text)

    try:
        await asyncio.to_thread(_migrate, config, say)
    except Refused:
        await schema_revision(config)  # a newer program on another till may have come first, and this says so
        raise
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


async def refuse_to_mix(config: Config) -> None:
    """Leave a server's tables alone where this role may not change them, or other tills still work with them.

    Raises Refused("database.older_role" | "database.tills_open").
    """
    database = Database(config.database_url)
    try:
        found = await database.read(_in_the_way) if database.kind == "postgresql" else None
    finally:
        await database.close()
    if found is None:
        return
    revision, may, tills = found
    said = {"database_revision": revision, "program_revision": SCHEMA_HEAD}
    if not may:
        raise Refused("database.older_role", **said)
    if tills:
        raise Refused("database.tills_open", tills=", ".join(f"till {number}" for number in tills), **said)


def _in_the_way(session: Session) -> tuple[str, bool, list[int]] | None:
    """The revision, whether this role owns the tables, and the tills that are open; None for an empty database."""
    revision = _revision(session)
    if revision is None:
        return None
    may = session.scalar(
        text("SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = 'alembic_version'::regclass")
    )
    tills = session.scalars(
        text(
            "SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND classid = :lock AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY objid"
        ),
        {"lock": TILL_LOCK},
    )
    return revision, bool(may), list(tills)


def _revision(session: Session) -> str | None:
    tables = inspect(session.connection()).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise Refused("database.foreign", table=tables[0])
        return None
    revision: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is not None and not re.fullmatch(r"\d{4}", revision):
        raise Refused("database.foreign", table="alembic_version")  # another program's, kept by Alembic too
    return revision


def _make_folders(config: Config) -> None:
    path = Database(config.database_url).path
    for folder in (config.data_dir, *([path.parent] if path else [])):
        make_folder(folder)


def _migrate(config: Config, progress: Progress) -> None:
    path = Database(config.database_url).path
    if path is None:
        progress("Bringing the database up to date…")
        _upgrade(config.database_url)
        return
    with _file_lock(path.with_name(path.name + ".migrating")):
        before = file_revision(path)
        if before != SCHEMA_HEAD:  # else another till has done it while this one waited
            _migrate_file(config, path, before, progress)


def _migrate_file(config: Config, path: Path, before: str | None, progress: Progress) -> None:
    """Copy, upgrade, check; a step that fails undoes itself, and what is found wrong afterwards is put back."""
    copy = None
    if before is not None:
        progress("Copying the database…")
        copy = _copy(path, config.data_dir / "backups", before)
    progress("Bringing the database up to date…")
    _upgrade(config.database_url)
    progress("Checking the database…")
    try:
        _check(path)
    except Exception as error:
        if copy is not None:
            put_back(copy, path)
        raise Refused("database.migration_failed", reason=_reason(error)) from error


def _upgrade(url: str) -> None:
    """Run every step that is missing, in one transaction."""
    from alembic import command  # noqa: PLC0415 - 0.3 s that a start with nothing to do must not cost
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415 - as above

    with resources.as_file(resources.files("migrations")) as folder:
        alembic = AlembicConfig()
        alembic.set_main_option("script_location", str(folder).replace("%", "%%"))
        alembic.attributes["url"] = url
        try:
            command.upgrade(alembic, "head")
        except Exception as error:
            told = translate(error)
            if isinstance(told, PosError):
                raise told from error
            raise Refused("database.migration_failed", reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    """The first line of what went wrong, without the statement and its values."""
    return (str(getattr(error, "orig", error)).splitlines() or [type(error).__name__])[0][:300]


def file_revision(path: Path) -> str | None:
    """A file's revision; None where it is missing or empty."""
    if not path.exists():
        return None
    driver = sqlite_driver()
    try:
        with connected(path) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except driver.Error as error:
        raise translate(error) from error
    return str(row[0]) if row else None


def _copy(path: Path, folder: Path, revision: str) -> Path:
    """Copy a database before it is changed, and forget the oldest of such copies."""
    target = folder / f"{path.stem}-{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z.db"
    copy_file(path, target)
    _forget_old_copies(folder, path.stem)
    return target


def backups_before(config: Config, path: Path) -> list[Path]:
    """Give the copies that migrations of a file made before they began, the oldest first."""
    return _copies(config.data_dir / "backups", path.stem)


def _copies(folder: Path, stem: str) -> list[Path]:
    ours = re.compile(re.escape(stem) + r"-\d{4}-(\d{8}T\d{12}Z)\.db")
    files = folder.iterdir() if folder.is_dir() else ()
    found = {name[1]: file for file in files if (name := ours.fullmatch(file.name))}
    return [found[stamp] for stamp in sorted(found)]


def _forget_old_copies(folder: Path, stem: str) -> None:
    """Keep the newest of our own copies, and whatever else lies there."""
    for old in _copies(folder, stem)[:-COPIES_KEPT]:
        old.unlink()


def _check(path: Path) -> None:
    """Raise RuntimeError when a file is damaged or holds references to nothing."""
    if found := damage(path) or lost_reference(path):
        raise RuntimeError(f"the check found: {found}")


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, so that a till killed half way does not lock the others out."""
    try:
        file = path.open("a+b")
    except OSError as error:
        raise Unavailable("data_dir.not_writable", path=str(path), reason=error.strerror or "") from error
    with file:
        until = time.monotonic() + FILE_LOCK_WAIT_S
        while True:
            try:
                lock_file(file.fileno())
                break
            except OSError as error:
                if time.monotonic() > until:
                    raise Unavailable("database.busy") from error
                time.sleep(0.05)
        yield
