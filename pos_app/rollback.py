"""The way back from an upgrade: the database as the migration found it, for the version of the program before."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
SOLD = "orders"
# What a day's work adds rows to, beside sales, and how it is told.
WORK = {
    "book_additions": "new titles",
    "book_changes": "changes of titles",
    "customers": "customers",
    "stock_movements": "movements of stock",
    "purchase_orders": "orders to suppliers",
    "quotes": "quotes",
    "users": "people",
}
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What was put back: the copy, the revision of its tables, and where the database that was there is kept."""

    copy: Path
    revision: str
    kept: str


async def roll_back(config: Config, *, leave_work: bool = False) -> RolledBack:
    """Put the newest copy that a migration made before it began in the database's place.

    Refused where something was sold since, which the copy does not have: no way back may lose a sale. Other work since
    is told, and left in what is kept only where `leave_work` says so. Whatever fails, the shop is as it was. Raises
    Refused("rollback.none" | "rollback.done" | "rollback.sold" | "rollback.worked" | "restore.in_use" |
    "restore.no_right" | "data_dir.in_use" | …) or Unavailable.
    """
    path = Database(config.database_url).path
    with till_held(config):
        if path is not None:
            return await asyncio.to_thread(_put_back, config, path, leave_work=leave_work)
        return await asyncio.to_thread(_put_dump_back, config, await schema_revision(config), leave_work=leave_work)


def _check_work(now: Mapping[str, int], copy: Mapping[str, int], file: Path, *, leave_work: bool) -> None:
    """See that nothing was sold since a copy was made, and nothing else done that nobody knows of."""
    more = {name: count - copy[name] for name, count in now.items() if count > copy.get(name, count)}
    if sold := more.pop(SOLD, 0):
        raise Refused("rollback.sold", count=sold, copy=str(file))
    if more and not leave_work:
        said = ", ".join(f"{WORK[name]} ({count})" for name, count in more.items())
        raise Refused("rollback.worked", work=said, copy=str(file))


def _counted(kind: str, ask: Callable[[str], list[Any]]) -> dict[str, int]:
    """How many rows there are of what is compared; a table that an earlier version has not is left out."""
    there = {row[0] for row in ask(_TABLES[kind])}
    names = [name for name in (SOLD, *WORK) if name in there]
    return {name: int(ask(f"SELECT COUNT(*) FROM {name}")[0][0]) for name in names}  # noqa: S608 - our own names


def _newest(config: Config, stem: str, now: str | None) -> tuple[Path, str]:
    """The copy to go back to, and its revision, which stands in its name."""
    copies = list(reversed(backups_before(config, stem)))
    for copy in copies:
        revision = str(re.findall(r"-(\d{4})-", copy.name)[-1])
        if now is None or revision < now:
            return copy, revision
    if copies:
        raise Refused("rollback.done", revision=now, copy=str(copies[0]))
    raise Refused("rollback.none", folder=str(config.data_dir / "backups"))


def _put_back(config: Config, path: Path, *, leave_work: bool) -> RolledBack:
    copy, revision = _newest(config, path.stem, file_revision(path))
    if path.exists():
        _check_work(_counted_in(path), _counted_in(copy), copy, leave_work=leave_work)
    stage = path.with_name(f"{path.name}.rolling-back")
    kept = path.with_name(f"{path.stem}-after-upgrade-{datetime.now(UTC):{STAMP}}.db")
    try:
        copy_file(copy, stage)
        replace_file(stage, path, kept)
    finally:
        stage.unlink(missing_ok=True)
    return RolledBack(copy, revision, str(kept))


def _counted_in(path: Path) -> dict[str, int]:
    try:
        with connected(path) as connection:
            return _counted("sqlite", lambda query: list(connection.execute(query).fetchall()))
    except sqlite_driver().Error as error:
        raise translate(error) from error


def _put_dump_back(config: Config, now: str | None, *, leave_work: bool) -> RolledBack:
    """Read the dump into a database of its own, and let the two change names."""
    url = parse_address(config.direct_url or config.database_url)
    copy, revision = _newest(config, str(url.database), now)
    stamp = f"{datetime.now(UTC):{STAMP}}".lower()
    stage, kept = f"{url.database}_rolling_back_{stamp}", f"{url.database}_after_upgrade_{stamp}"
    on_server(url, f"CREATE DATABASE {quoted(stage)} TEMPLATE template0")
    try:
        read_dump(copy, url.set(database=stage), privileges=True)
        _check_work(_counted_on(url), _counted_on(url.set(database=stage)), copy, leave_work=leave_work)
        on_server(
            url,
            f"ALTER DATABASE {quoted(str(url.database))} RENAME TO {quoted(kept)}",
            f"ALTER DATABASE {quoted(stage)} RENAME TO {quoted(str(url.database))}",
        )
    finally:
        on_server(url, f"DROP DATABASE IF EXISTS {quoted(stage)} WITH (FORCE)")
    return RolledBack(copy, revision, kept)


def _counted_on(url: URL) -> dict[str, int]:
    with connected_server(url) as connection:
        return _counted("postgresql", lambda query: list(connection.execute(query).fetchall()))
