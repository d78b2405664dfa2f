"""Putting a copy of the shop back: read into a new database and checked there before it takes the old one's place."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import URL

from pos_app.app import build
from pos_app.config import Config
from pos_app.database import Database, parse_address
from pos_app.errors import Refused, Unavailable
from pos_app.migrate import bring_copy_up_to_date, schema_revision
from pos_app.postgres_tools import connected as connected_server
from pos_app.postgres_tools import on_server, read_dump
from pos_app.services.check import verify
from pos_app.services.check_journal import unknown_receipts
from pos_app.services.journal import append_here
from pos_app.sqlite_file import connected, copy_file, make_folder, replace_file
from pos_app.till_lock import till_held
from pos_app.till_role import quoted

Progress = Callable[[str], None]
STAMP = "%Y%m%dT%H%M%SZ"
# What PostgreSQL's dumps begin with, and what SQLite's files do.
DUMP_SIGN, FILE_SIGN = b"PGDMP", b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the database that was there is kept under `kept`, None where there was none.

    `missing` are the receipts kept on this machine that the copy was made before; their papers are put aside in
    `papers`, since their numbers are given anew.
    """

    kept: str | None
    rules_checked: int
    missing: tuple[str, ...] = ()
    papers: str | None = None


async def restore(config: Config, source: Path, progress: Progress = lambda _: None, *, held: bool = False) -> Restored:
    """Put a copy in the database's place: read into a new database, brought up to date and verified there first.

    Whatever fails, the shop is as it was. What was there is kept under another name; `held` where the caller holds the
    till. Raises
    Refused("restore.not_a_backup" | "restore.damaged" | "restore.other_kind" | "restore.breaks_rules" | …) or
    Unavailable.
    """
    source, sign = _opened(source)
    with nullcontext() if held else till_held(config):
        if Database(config.database_url).kind == "sqlite":
            if sign.startswith(DUMP_SIGN):
                raise Refused("restore.other_kind", path=str(source), kind="PostgreSQL")
            done = await _restore_file(config, source, progress)
        else:
            if sign == FILE_SIGN:
                raise Refused("restore.other_kind", path=str(source), kind="SQLite")
            done = await _restore_dump(config, source, progress)
        if not done.missing:
            return done
        papers = config.receipts_dir / f"before-{datetime.now(UTC):{STAMP}}"
        await asyncio.to_thread(_put_aside, config.receipts_dir, done.missing, papers)
        return replace(done, papers=str(papers))


def _put_aside(folder: Path, numbers: tuple[str, ...], papers: Path) -> None:
    papers.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        for paper in folder.glob(f"{number}.*"):
            paper.replace(papers / paper.name)


def _opened(source: Path) -> tuple[Path, bytes]:
    """A backup's whole path and its first letters. Raises Refused where it is none."""
    source = source.expanduser().absolute()
    try:
        with source.open("rb") as file:
            sign = file.read(len(FILE_SIGN))
    except OSError as error:
        raise Refused("restore.unreadable", path=str(source), reason=error.strerror or "") from error
    if sign != FILE_SIGN and not sign.startswith(DUMP_SIGN):
        raise Refused("restore.not_a_backup", path=str(source))
    return source, sign


async def _restore_file(config: Config, source: Path, progress: Progress) -> Restored:
    path = Database(config.database_url).path
    assert path is not None  # noqa: S101 - SQLite's have one
    stamp = f"{datetime.now(UTC):{STAMP}}"
    stage = path.with_name(f"restoring-{stamp}")
    make_folder(stage)
    staged = replace(config, data_dir=stage, database_url=f"sqlite:///{stage / path.name}")
    try:
        progress("Reading the backup…")
        try:
            await asyncio.to_thread(copy_file, source, stage / path.name)
            rules, missing = await _proved(staged, source, config.receipts_dir, progress)
        except Unavailable as error:
            if not error.code.startswith("database.damaged"):
                raise
            # It is the copy that is damaged, and not the shop.
            raise Refused("restore.damaged", path=str(source)) from error
        await asyncio.to_thread(_settle, stage / path.name)
        kept = path.with_name(f"{path.stem}-before-{stamp}.db")
        there = path.exists()
        await asyncio.to_thread(replace_file, stage / path.name, path, kept)
    finally:
        await asyncio.to_thread(shutil.rmtree, stage, ignore_errors=True)
    return Restored(str(kept) if there else None, rules, missing)


async def _proved(staged: Config, source: Path, receipts: Path, progress: Progress) -> tuple[int, tuple[str, ...]]:
    """Bring what was read up to date and check every rule on it.

    Gives how many rules there are, and which receipts kept here are not in it.
    """
    if await schema_revision(staged) is None:
        raise Refused("restore.not_a_backup", path=str(source))
    await bring_copy_up_to_date(staged, progress)
    progress("Checking every rule…")
    app = build(staged)
    try:
        report = await verify(app)
        if report.findings:
            raise Refused("restore.breaks_rules", path=str(source), count=report.findings, first=report.first)
        missing = await app.db.read(lambda session: unknown_receipts(session, receipts))
        await app.db.write(lambda session: append_here(session, app, "restored", backup=source.name))
    finally:
        await app.db.close()
    return len(report.checks), tuple(missing)


def _settle(path: Path) -> None:
    """Write everything into the one file that is moved."""
    with connected(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()


async def _restore_dump(config: Config, source: Path, progress: Progress) -> Restored:
    url = parse_address(config.database_url)
    stamp = f"{datetime.now(UTC):{STAMP}}".lower()
    new, kept = f"{url.database}_restoring_{stamp}", f"{url.database}_before_{stamp}"
    new_url = url.set(database=new)
    await asyncio.to_thread(on_server, url, f"CREATE DATABASE {quoted(new)} TEMPLATE template0")
    placed = False
    try:
        progress("Reading the backup…")
        await asyncio.to_thread(read_dump, source, new_url)
        with TemporaryDirectory() as folder:
            # Apart from this machine's papers: they may well be newer than the copy.
            staged = replace(config, data_dir=Path(folder), database_url=new_url.render_as_string(hide_password=False))
            rules, missing = await _proved(staged, source, config.receipts_dir, progress)
        there = await asyncio.to_thread(_exists, url)
        renames = [f"ALTER DATABASE {quoted(new)} RENAME TO {quoted(str(url.database))}"]
        if there:
            renames.insert(0, f"ALTER DATABASE {quoted(str(url.database))} RENAME TO {quoted(kept)}")
        await asyncio.to_thread(on_server, url, *renames)
        placed = True
    finally:
        if not placed:
            await asyncio.to_thread(on_server, url, f"DROP DATABASE IF EXISTS {quoted(new)} WITH (FORCE)")
    return Restored(kept if there else None, rules, missing)


def _exists(url: URL) -> bool:
    with connected_server(url.set(database="postgres")) as connection:
        row = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [url.database]).fetchone()
    return row is not None
