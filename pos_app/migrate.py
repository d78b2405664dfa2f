"""Bring a database up to date from inside the program: under a lock, tried on a copy first, and checked."""

import asyncio
import os
import re
import shutil
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from pos_app.config import Config
from pos_app.database import Database, parse_address, sqlite_driver, translate
from pos_app.errors import PosError, Refused, Unavailable, not_writable
from pos_app.link import TILL_LOCK
from pos_app.sqlite_file import connected, copy_file, damage, lost_reference, make_folder, put_back
from pos_app.till_lock import is_locked, lock_file

T = TypeVar("T")

# What this program's tables are; a test holds it to the newest file in migrations/versions.
SCHEMA_HEAD = "0045"
# Any number, the same for every till, held while one of them migrates.
POSTGRES_LOCK = 7_264_310_001
POSTGRES_LOCK_WAIT_S = 300
# Held on a server, beside the above, from before the rehearsal until all is done.
UPGRADE_LOCK = 7_264_311
# Whoever comes second waits as long as a large shop takes.
UPGRADE_WAIT_S = 3_600
LOOK_AGAIN_S = 0.2
COPIES_KEPT = 5
ROOM = 100_000

BRINGING = "Bringing the database up to date…"
WAITING = "Another till brings the database up to date. This one goes on as soon as that is done…"

Progress = Callable[[str], None]
Check = Callable[[Connection], None]


class _Taken(Exception):
    """Another program brings the same database up to date."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done: `accept_findings` lets a copy pass that breaks rules, as it may have done before."""

    config: Config
    progress: Progress
    accept_findings: bool


async def bring_up_to_date(
    config: Config, progress: Progress = lambda _: None, *, accept_findings: bool = False
) -> bool:
    """Make the database's tables those of this program; True when something had to be done.

    A database with a shop in it is copied into the data folder's `backups` first (a server's is dumped), and all of it
    tried and verified on another copy; whatever fails, the database is left as it was. Where another program is at it,
    this one waits. Alembic is imported only when there is something to do. `progress` is called in the event loop.
    Raises Refused("database.newer" | "database.foreign" | "database.migration_failed" | "database.rehearsal" | …) or
    Unavailable, as for a file that may only be read: nobody could so much as sign in.
    """
    _make_folders(config)
    path = Database(config.database_url).path
    if path is not None and path.exists() and not os.access(path, os.W_OK):
        raise Unavailable("database.read_only")
    loop = asyncio.get_running_loop()

    def say(text: str) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(progress, text)

    changed, until = False, time.monotonic() + UPGRADE_WAIT_S
    while True:
        revision, taken = await _standing(config)
        if revision == SCHEMA_HEAD and not taken:
            return changed
        changed = changed or revision != SCHEMA_HEAD
        if not taken:
            await refuse_to_mix(config)
            try:
                await asyncio.to_thread(_migrate, _Work(config, say, accept_findings))
                continue
            except _Taken:
                pass
            except Refused:
                await schema_revision(config)  # a newer program may have come first, and this says so
                raise
        if time.monotonic() > until:
            raise Unavailable("database.busy")
        progress(WAITING)
        await asyncio.sleep(LOOK_AGAIN_S)


async def bring_copy_up_to_date(config: Config, progress: Progress = lambda _: None) -> None:
    """The same for a copy of a shop, with which nobody works and which is thrown away where that fails."""
    before = await schema_revision(config)
    if before != SCHEMA_HEAD:
        progress(BRINGING)
        await asyncio.to_thread(upgrade, config.database_url, before, lambda _: None)


async def schema_revision(config: Config) -> str | None:
    """Give the database's revision, None where it is empty.

    Raises Refused("database.newer") when this program is the older side, Refused("database.foreign") when the tables
    are not ours, Refused("database.emptied") for a file that lost its shop, or Unavailable, which names a file that is
    damaged ("database.damaged_file" | "database.damaged_alone").
    """
    revision, _ = await _standing(config)
    return revision


async def _standing(config: Config) -> tuple[str | None, bool]:
    """The database's revision, and whether a program is bringing it up to date. Raises as `schema_revision` does."""
    database = Database(config.database_url)
    path = database.path
    if path is not None and not path.exists():
        return None, is_locked(_lock_path(path))
    if path is not None and (copies := lost_behind(config)):
        raise Refused("database.emptied", path=str(path), count=len(copies), newest=str(copies[-1]))
    try:
        revision, taken = await database.read(
            lambda session: (_revision(session), is_locked(_lock_path(path)) if path else _server_lock_taken(session))
        )
    except Unavailable as error:
        # Opening a file makes a small one beside it, which a full disk has no room for, or may not be written.
        if path is not None and error.code == "database.unreachable" and shutil.disk_usage(path.parent).free < ROOM:
            raise Unavailable("database.disk_full") from error
        if path is not None and error.code == "database.missing" and not os.access(path, os.W_OK):
            raise Unavailable("database.read_only") from error
        if path is not None and error.code == "database.damaged":
            raise _damaged(config, path) from error
        raise
    finally:
        await database.close()
    if revision is not None and revision > SCHEMA_HEAD:
        raise Refused("database.newer", database_revision=revision, program_revision=SCHEMA_HEAD)
    return revision, taken


def _damaged(config: Config, path: Path) -> Unavailable:
    """Which file it is, and what there is to put in its place."""
    # The disk that damaged the file may not be read there either.
    with suppress(OSError):
        if copies := copies_here(config):
            return Unavailable("database.damaged_file", path=str(path), count=len(copies), newest=str(copies[-1]))
    return Unavailable("database.damaged_alone", path=str(path), folder=str(config.data_dir / "backups"))


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


def _migrate(work: _Work) -> None:
    path = Database(work.config.database_url).path
    if path is None:
        _migrate_server(work)
        return
    with _file_lock(path):
        before = file_revision(path)
        if before is None or before < SCHEMA_HEAD:  # else another till has done it meanwhile
            _migrate_file(work, path, before)


def _migrate_file(work: _Work, path: Path, before: str | None) -> None:
    """Copy, rehearse, upgrade, check; a step that fails undoes itself, and what is found afterwards is put back."""
    if before is None:
        upgrade(work.config.database_url, before, lambda step: work.progress(f"{BRINGING} {step}"))
        _check(path)
        return
    from pos_app.rehearsal import rehearse_file  # noqa: PLC0415 - every rule, which few starts need

    work.progress("Copying the database…")
    copy = copy_name(work.config, path.stem, before, ".db")
    copy_file(path, copy)
    with thrown_away_if_refused(copy):
        words = rehearse_file(path, copy, before, work.progress, accept_findings=work.accept_findings)
        upgrade(work.config.database_url, before, lambda step: work.progress(f"{words} {step}"))
    work.progress("Checking the database…")
    try:
        _check(path)
    except Exception as error:
        put_back(copy, path)
        raise failed(error) from error
    forget_old_copies(work.config, path.stem)


def _migrate_server(work: _Work) -> None:
    """Dump, rehearse where that can be done, upgrade; without a rehearsal the rules are checked before the commit."""
    address = work.config.database_url
    with _server_lock(work.config) as before:
        if before is None:
            upgrade(address, before, lambda step: work.progress(f"{BRINGING} {step}"))
        elif before < SCHEMA_HEAD:  # else another till has done it meanwhile
            from pos_app.rehearsal import rehearsed_server  # noqa: PLC0415 - every rule, which few starts need

            accept = work.accept_findings
            with rehearsed_server(work.config, before, work.progress, accept_findings=accept) as (words, check):
                run_here(refuse_to_mix(work.config))  # a till of an older version may have been opened meanwhile
                upgrade(address, before, lambda step: work.progress(f"{words} {step}"), check)


def run_here(work: Coroutine[Any, Any, T]) -> T:
    """Carry out in this thread, which has no loop, what needs one."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(work)


def upgrade(url: str, before: str | None, progress: Progress, check: Check | None = None) -> None:
    """Run every step that is missing, in one transaction; `check` may refuse what came of it before it is committed.

    `progress` is told which step is under way. Raises Refused("database.migration_failed" | …) or Unavailable.
    """
    from alembic import command  # noqa: PLC0415 - 0.3 s that a start with nothing to do must not cost
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415 - as above

    first, last = int(before or 0), int(SCHEMA_HEAD)

    def applied(revision: str) -> None:
        if (done := int(revision)) < last:
            progress(f"Step {done - first + 1} of {last - first}.")

    with resources.as_file(resources.files("migrations")) as folder:
        alembic = AlembicConfig()
        alembic.set_main_option("script_location", str(folder).replace("%", "%%"))
        alembic.attributes.update(url=url, applied=applied, check=check)
        applied(f"{first:04d}")
        try:
            command.upgrade(alembic, "head")
        except PosError:
            raise
        except Exception as error:
            told = translate(error)
            if isinstance(told, PosError):
                raise told from error
            raise failed(error) from error


def failed(error: Exception) -> Refused:
    """What is told of a step that failed: the first line of why, without the statement and its values."""
    reason = (str(getattr(error, "orig", error)).splitlines() or [type(error).__name__])[0][:300]
    return Refused("database.migration_failed", reason=reason)


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


def copy_name(config: Config, stem: str, revision: str, ending: str) -> Path:
    """Where the copy goes that is made before a database is changed."""
    folder = config.data_dir / "backups"
    ours = re.compile(re.escape(stem) + rf"-\d{{4}}-\d{{8}}T\d{{12}}Z\{ending}\.part")
    for file in folder.iterdir() if folder.is_dir() else ():
        if ours.fullmatch(file.name):
            file.unlink(missing_ok=True)  # of a program that was killed while it copied
    return folder / f"{stem}-{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z{ending}"


@contextmanager
def thrown_away_if_refused(copy: Path) -> Iterator[None]:
    """Keep a copy only where the database is changed after it: tries that fail fill no disk."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
        raise


def backups_before(config: Config, stem: str) -> list[Path]:
    """Give the copies of a database that were made before migrations began, the oldest first."""
    folder = config.data_dir / "backups"
    ours = re.compile(re.escape(stem) + r"-\d{4}-(\d{8}T\d{12}Z)\.(db|dump)")
    files = folder.iterdir() if folder.is_dir() else ()
    found = {name[1]: file for file in files if (name := ours.fullmatch(file.name))}
    return [found[stamp] for stamp in sorted(found)]


def copies_here(config: Config) -> list[Path]:
    """Give the copies of an SQLite file among this machine's backups, those from before upgrades too, oldest first."""
    path, folder = _file_of(config), config.data_dir / "backups"
    if path is None or not folder.is_dir():
        return []
    ours = re.compile(re.escape(path.stem) + r"-(?:\d{4}-)?(\d{8}T\d+Z)\.db")
    found = {name[1]: file for file in folder.iterdir() if (name := ours.fullmatch(file.name))}
    return [found[stamp] for stamp in sorted(found) if found[stamp].stat().st_size]


def lost_behind(config: Config) -> list[Path]:
    """Give the copies beside a file that somebody or something emptied: it held a shop. None where it is none such."""
    path = _file_of(config)
    return copies_here(config) if path is not None and path.is_file() and not path.stat().st_size else []


def _file_of(config: Config) -> Path | None:
    """Where an SQLite file is; no engine is made for looking."""
    address = parse_address(config.database_url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def forget_old_copies(config: Config, stem: str) -> None:
    """Keep the newest of our own copies, and whatever else lies there."""
    for old in backups_before(config, stem)[:-COPIES_KEPT]:
        old.unlink()


def _check(path: Path) -> None:
    """Raise RuntimeError when a file is damaged or holds references to nothing."""
    if found := damage(path) or lost_reference(path):
        raise RuntimeError(f"the check found: {found}")


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".migrating")


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, so that a till killed half way does not lock the others out.

    Raises _Taken, or Unavailable.
    """
    try:
        file = _lock_path(path).open("a+b")
    except OSError as error:
        raise not_writable(path.parent, error) from error
    with file:
        try:
            lock_file(file.fileno())
        except OSError as error:
            raise _Taken from error
        yield


def _server_lock_taken(session: Session) -> bool:
    taken = text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = :lock AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(session.scalar(taken, {"lock": UPGRADE_LOCK}))


@contextmanager
def _server_lock(config: Config) -> Iterator[str | None]:
    """Hold the server's lock, which ends with the connection; gives the revision as it then is.

    Of a transaction, since a pooler may give what a session holds to others. Raises _Taken, or Unavailable.
    """
    from pos_app.postgres_tools import connected as connected_server  # noqa: PLC0415 - only where there is a server

    with connected_server(parse_address(config.direct_url or config.database_url)) as connection:
        connection.execute("BEGIN")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = connection.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [UPGRADE_LOCK]).fetchone()
        if not row or not row[0]:
            raise _Taken
        there = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if there and there[0] else None
        try:
            yield found[0] if found else None
        finally:
            # What was done is done, also where this connection was lost meanwhile.
            connection.close()
