"""How a till stands, in one file for whoever helps from afar: nothing of customers, nothing that opens a door."""

import asyncio
import json
import platform
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from pos_app.app import build
from pos_app.config import Config, in_force
from pos_app.crash import reports
from pos_app.doctor import examine
from pos_app.errors import PosError, Refused
from pos_app.log import log_files, without_password, without_rows
from pos_app.messages import sentence
from pos_app.migrate import SCHEMA_HEAD, schema_revision
from pos_app.private import private_opener
from pos_app.version import is_bundled, program_version

STAMP = "%Y%m%dT%H%M%SZ"
# As long as a person who waits at the telephone waits, on a shop of any size.
COUNTING_S = 20


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """The file that was written: where it lies, its size in bytes, and the names of its parts."""

    path: Path
    size: int
    parts: tuple[str, ...]


async def write_diagnostics(
    config: Config, target: Path, progress: Callable[[str], None] = lambda _: None
) -> Diagnostics:
    """Write versions, settings without passwords, the doctor's findings, figures of the database, and the logs.

    `target` is a new file, or a folder for one named by the time. What cannot be had is told in its place: a shop
    without a database needs help most. Raises Refused("diagnostics.exists" | "diagnostics.not_written").
    """
    now = datetime.now(UTC)
    path = _new_name(config, target, now)
    progress("Looking at this machine and the database…")
    findings = await examine(config)
    rows = [{**asdict(finding), "level": finding.level.name.lower()} for finding in findings]
    parts = {
        "about.json": _json(_about(now)),
        "settings.json": _json(in_force(config)),
        "doctor.json": _json(rows),
        "database.json": _json(await _database(config)),
    }
    progress("Packing the logs…")
    names = await asyncio.to_thread(_write, config, path, parts)
    return Diagnostics(path, path.stat().st_size, names)


def _new_name(config: Config, target: Path, now: datetime) -> Path:
    target = target.expanduser().absolute()
    if target.is_dir():
        target /= f"bookstore-pos-till{config.till}-{now:{STAMP}}.zip"
    if target.exists():
        raise Refused("diagnostics.exists", path=str(target))
    return target


def _about(now: datetime) -> dict[str, Any]:
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "program": program_version(),
        "bundled": is_bundled(),
        "schema": SCHEMA_HEAD,
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "time_zone": datetime.now().astimezone().tzname(),
    }


async def _database(config: Config) -> dict[str, Any]:
    """How large the database and its tables are; no content of any."""
    try:
        revision = await schema_revision(config)
        if revision is None:
            return {"revision": None}
        app = build(config)
        try:
            figures = await asyncio.wait_for(app.db.read_until_cancelled(_figures), COUNTING_S)
        finally:
            await app.db.close()
    except PosError as error:
        return {"problem": sentence(error)}
    except TimeoutError:
        return {"problem": f"The database did not answer within {COUNTING_S} s."}
    return {"revision": revision, **figures}


def _figures(session: Session) -> dict[str, Any]:
    if session.get_bind().dialect.name == "sqlite":
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
        size = session.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
        rows = {name: session.scalar(text(f'SELECT COUNT(*) FROM "{name}"')) for name in names}  # noqa: S608 - own names
        return {"kind": "sqlite", "bytes": size, "rows": rows}
    tables = session.execute(
        text(
            "SELECT relname, reltuples::bigint AS about, pg_total_relation_size(oid) AS bytes FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relname"
        )
    ).all()
    return {
        "kind": "postgresql",
        "version": session.scalar(text("SHOW server_version")),
        "bytes": session.scalar(text("SELECT pg_database_size(current_database())")),
        "connections": session.scalar(text("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()")),
        "rows_about": {row.relname: row.about for row in tables},
        "table_bytes": {row.relname: row.bytes for row in tables},
    }


def _json(value: Any) -> bytes:
    return without_password(json.dumps(value, indent=2, default=str, ensure_ascii=False)).encode()


def _write(config: Config, path: Path, parts: dict[str, bytes]) -> tuple[str, ...]:
    """Pack everything in memory, some megabytes at most, so that no half a file is ever sent."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for log in (*log_files(config.log_file), *reports(config.log_file.parent)):
            try:
                said = log.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                said = f"It cannot be read: {error.strerror}"
            # Once more: an earlier version wrote what this one leaves out.
            archive.writestr(f"logs/{log.name}", without_rows(without_password(said)))
        names = tuple(archive.namelist())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb", opener=private_opener) as file:  # noqa: PTH123 - Path has no opener
            try:
                file.write(packed.getvalue())
                file.flush()
            except OSError:
                path.unlink()
                raise
    except OSError as error:
        raise Refused("diagnostics.not_written", path=str(path), reason=error.strerror or str(error)) from error
    return names
