"""The way back from an upgrade: the database as the migration found it, for the version of the program before."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pos_app.config import Config
from pos_app.database import Database, sqlite_driver, translate
from pos_app.errors import Refused
from pos_app.migrate import backups_before, file_revision
from pos_app.sqlite_file import connected, copy_file, replace_file
from pos_app.till_lock import till_held

STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What was put back: the copy, the revision of its tables, and where the database that was there is kept."""

    copy: Path
    revision: str
    kept: Path


async def roll_back(config: Config) -> RolledBack:
    """Put the newest copy that a migration made before it began in the database's place.

    Refused where something was sold since, which the copy does not have: no way back may lose a sale. Whatever fails,
    the shop is as it was. Raises Refused("rollback.server" | "rollback.none" | "rollback.sold" | "restore.in_use" |
    "data_dir.in_use") or Unavailable.
    """
    path = Database(config.database_url).path
    if path is None:
        raise Refused("rollback.server")
    with till_held(config):
        return await asyncio.to_thread(_put_back, config, path)


def _put_back(config: Config, path: Path) -> RolledBack:
    now = file_revision(path)
    copies = [copy for copy in backups_before(config, path) if now is None or _revision_of(copy) < now]
    if not copies:
        raise Refused("rollback.none", folder=str(config.data_dir / "backups"))
    copy = copies[-1]
    if path.exists() and (sold := _documents(path) - _documents(copy)):
        raise Refused("rollback.sold", count=sold, copy=str(copy))
    stage = path.with_name(f"{path.name}.rolling-back")
    kept = path.with_name(f"{path.stem}-after-upgrade-{datetime.now(UTC):{STAMP}}.db")
    try:
        copy_file(copy, stage)
        replace_file(stage, path, kept)
    finally:
        stage.unlink(missing_ok=True)
    return RolledBack(copy, _revision_of(copy), kept)


def _revision_of(copy: Path) -> str:
    """The revision that stands in a copy's name."""
    return str(re.findall(r"-(\d{4})-", copy.name)[-1])


def _documents(path: Path) -> int:
    """How many sales, returns and orders a file holds."""
    try:
        with connected(path) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM orders").fetchone()[0])
    except sqlite_driver().Error as error:
        raise translate(error) from error
