"""The way back from an upgrade: the database as the migration found it, for the version of the program before."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL

from pos_app.config import Config
from pos_app.database import Database, parse_address, sqlite_driver, translate
from pos_app.errors import Refused
from pos_app.migrate import backups_before, file_revision, schema_revision
from pos_app.postgres_tools import connected as connected_server
from pos_app.postgres_tools import on_server, read_dump
from pos_app.sqlite_file import connected, copy_file, replace_file
from pos_app.till_lock import till_held
from pos_app.till_role import quoted

STAMP = "%Y%m%dT%H%M%SZ"
COUNT = "SELECT COUNT(*) FROM orders"


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What was put back: the copy, the revision of its tables, and where the database that was there is kept."""

    copy: Path
    revision: str
    kept: str


async def roll_back(config: Config) -> RolledBack:
    """Put the newest copy that a migration made before it began in the database's place.

    Refused where something was sold since, which the copy does not have: no way back may lose a sale. Whatever fails,
    the shop is as it was. Raises Refused("rollback.none" | "rollback.sold" | "restore.in_use" | "restore.no_right" |
    "data_dir.in_use" | …) or Unavailable.
    """
    path = Database(config.database_url).path
    with till_held(config):
        if path is not None:
            return await asyncio.to_thread(_put_back, config, path)
        return await asyncio.to_thread(_put_dump_back, config, await schema_revision(config))


def _newest(config: Config, stem: str, now: str | None) -> tuple[Path, str]:
    """The copy to go back to, and its revision, which stands in its name."""
    for copy in reversed(backups_before(config, stem)):
        revision = str(re.findall(r"-(\d{4})-", copy.name)[-1])
        if now is None or revision < now:
            return copy, revision
    raise Refused("rollback.none", folder=str(config.data_dir / "backups"))


def _put_back(config: Config, path: Path) -> RolledBack:
    copy, revision = _newest(config, path.stem, file_revision(path))
    if path.exists() and (sold := _documents(path) - _documents(copy)):
        raise Refused("rollback.sold", count=sold, copy=str(copy))
    stage = path.with_name(f"{path.name}.rolling-back")
    kept = path.with_name(f"{path.stem}-after-upgrade-{datetime.now(UTC):{STAMP}}.db")
    try:
        copy_file(copy, stage)
        replace_file(stage, path, kept)
    finally:
        stage.unlink(missing_ok=True)
    return RolledBack(copy, revision, str(kept))


def _documents(path: Path) -> int:
    """How many sales, returns and orders a file holds."""
    try:
        with connected(path) as connection:
            return int(connection.execute(COUNT).fetchone()[0])
    except sqlite_driver().Error as error:
        raise translate(error) from error


def _put_dump_back(config: Config, now: str | None) -> RolledBack:
    """Read the dump into a database of its own, and let the two change names."""
    url = parse_address(config.direct_url or config.database_url)
    copy, revision = _newest(config, str(url.database), now)
    stamp = f"{datetime.now(UTC):{STAMP}}".lower()
    stage, kept = f"{url.database}_rolling_back_{stamp}", f"{url.database}_after_upgrade_{stamp}"
    on_server(url, f"CREATE DATABASE {quoted(stage)} TEMPLATE template0")
    try:
        read_dump(copy, url.set(database=stage), privileges=True)
        if sold := _documents_on(url) - _documents_on(url.set(database=stage)):
            raise Refused("rollback.sold", count=sold, copy=str(copy))
        on_server(
            url,
            f"ALTER DATABASE {quoted(str(url.database))} RENAME TO {quoted(kept)}",
            f"ALTER DATABASE {quoted(stage)} RENAME TO {quoted(str(url.database))}",
        )
    finally:
        on_server(url, f"DROP DATABASE IF EXISTS {quoted(stage)} WITH (FORCE)")
    return RolledBack(copy, revision, kept)


def _documents_on(url: URL) -> int:
    with connected_server(url) as connection:
        row = connection.execute(COUNT).fetchone()
    return int(row[0]) if row else 0
