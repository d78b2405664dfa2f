"""Copies of the whole shop, made while it sells: when asked for, and by schedule.

An SQLite file is copied through SQLite itself. A PostgreSQL database is dumped by the server's own `pg_dump`, which
knows its every version; where that is missing it is said how to get it.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pos_app.clock import Clock
from pos_app.config import Config
from pos_app.database import Database, parse_address
from pos_app.errors import PosError, Refused
from pos_app.migrate import schema_revision
from pos_app.postgres_tools import write_dump
from pos_app.sqlite_file import copy_file

Progress = Callable[[str], None]
STAMP = "%Y%m%dT%H%M%SZ"
# How often it is looked whether a copy is due: a till that slept wakes up to it soon.
LOOK_EVERY_S = 300


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the shop: where it lies, its size in bytes, and when it was made (UTC)."""

    path: Path
    size: int
    made_at: datetime


async def back_up(config: Config, target: Path, progress: Progress = lambda _: None) -> Backup:
    """Copy the shop into `target`, a file that is not there yet or a folder, while every till sells on.

    Raises Refused("backup.exists" | "backup.tool_missing" | "backup.failed" | "database.empty" | …) or Unavailable.
    """
    if await schema_revision(config) is None:
        raise Refused("database.empty", url=Database(config.database_url).url.render_as_string(hide_password=True))
    path = Database(config.database_url).path
    target = _new_name(config, target)
    progress("Copying the shop…")
    if path is not None:
        await asyncio.to_thread(copy_file, path, target)
    else:
        await asyncio.to_thread(write_dump, parse_address(config.database_url), target)
    return _found(target)


def _new_name(config: Config, target: Path) -> Path:
    """Where a copy goes: into a folder by its time, else to the file named, which must not be there."""
    target = target.expanduser().absolute()
    if target.is_dir():
        ending = "db" if Database(config.database_url).path else "dump"
        target /= f"{_stem(config)}-{datetime.now(UTC):{STAMP}}.{ending}"
    if target.exists():
        raise Refused("backup.exists", path=str(target))
    return target


async def back_up_when_due(config: Config, now: datetime, *, asked: bool = False) -> Backup | None:
    """Make the copy that is due or asked for, also in the second place where there is one; keep the newest few.

    Only an SQLite file is copied by its till: a server's database is backed up where the server is. Gives None where
    none was due. Raises Unavailable where a place cannot be written; the first copy is kept then.
    """
    path = Database(config.database_url).path
    if path is None or not (config.backup_every_h or asked) or not await asyncio.to_thread(path.exists):
        return None
    newest = max(list_backups(config), key=lambda one: one.made_at, default=None)
    # A clock that was ahead must not keep copies from being made for years.
    if not asked and newest is not None and abs(now - newest.made_at) < timedelta(hours=config.backup_every_h):
        return None
    target = backup_folder(config) / f"{_stem(config)}-{now:{STAMP}}.db"
    await asyncio.to_thread(copy_file, path, target)
    _forget_oldest(config, backup_folder(config))
    if config.backup_second_dir:
        second = _second_place(config)
        await asyncio.to_thread(copy_file, target, second / target.name)
        _forget_oldest(config, second)
    return _found(target)


def backup_folder(config: Config) -> Path:
    """Where this machine's own copies lie."""
    return config.data_dir / "backups"


def _second_place(config: Config) -> Path:
    return Path(config.backup_second_dir).expanduser()


def list_backups(config: Config, folder: Path | None = None) -> list[Backup]:
    """Give the copies made by schedule, the newest first."""
    folder = folder or backup_folder(config)
    ours = re.compile(re.escape(_stem(config)) + r"-\d{8}T\d{6}Z\.db")
    files = folder.iterdir() if folder.is_dir() else ()
    found = [_found(file) for file in files if ours.fullmatch(file.name)]
    return sorted(found, key=lambda one: one.path.name, reverse=True)


def _forget_oldest(config: Config, folder: Path) -> None:
    for old in list_backups(config, folder)[max(config.backups_kept, 1) :]:
        old.path.unlink(missing_ok=True)


def _found(path: Path) -> Backup:
    stamp = path.stem.rpartition("-")[2]
    try:
        made_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Backup(path, path.stat().st_size, made_at)


def _stem(config: Config) -> str:
    database = Database(config.database_url)
    return database.path.stem if database.path else str(database.url.database)


class BackupSchedule:
    """Makes the copies that are due while the program runs. `fault` is what stood in the last one's way."""

    def __init__(self, config: Config, clock: Clock) -> None:
        """Take where copies go and what time it is; nothing is made before `start` or `look`."""
        self.config = config
        self.fault: PosError | None = None
        self.listeners: list[Callable[[], None]] = []
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    def start(self) -> None:
        """Look now, and again and again until `close`."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, *, now: bool = False) -> Backup | None:
        """Make a copy where one is due, or `now`; what stands in its way is kept as `fault` and told to who listens."""
        made, fault = None, None
        async with self._one_at_a_time:
            try:
                made = await back_up_when_due(self.config, self._clock.now(), asked=now)
            except PosError as error:
                fault = error
        if made is not None or fault is not None:
            self.fault = fault
            for tell in list(self.listeners):
                tell()
        return made

    async def close(self) -> None:
        """Look no longer; a copy that is being made is finished first."""
        async with self._one_at_a_time:
            if self._task is not None:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)
