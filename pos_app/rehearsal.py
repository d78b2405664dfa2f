"""Trying a migration on a copy of the shop, with every rule checked there, before the shop itself is touched."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from pos_app.config import Config
from pos_app.database import Database, parse_address
from pos_app.errors import PosError, Refused, not_writable
from pos_app.messages import sentence
from pos_app.migrate import (
    BRINGING,
    Check,
    Progress,
    copy_name,
    failed,
    forget_old_copies,
    run_here,
    thrown_away_if_refused,
    upgrade,
)
from pos_app.postgres_tools import on_server, read_dump, write_dump
from pos_app.services.check import Report, verify_here
from pos_app.sqlite_file import make_folder
from pos_app.till_role import quoted

TRYING = "Trying it on a copy first…"
# Said with how long it took, where that is long enough to wait for.
WORTH_SAYING_S = 2


def rehearse_file(path: Path, copy: Path, before: str, progress: Progress, *, accept_findings: bool) -> str:
    """Upgrade and verify a copy of the copy; gives the words under which the file itself is then upgraded.

    Raises Refused("database.rehearsal" | "database.migration_failed" | …) or Unavailable.
    """
    stage = path.with_name(path.name + ".rehearsal")
    shutil.rmtree(stage, ignore_errors=True)  # of a program that was killed
    try:
        make_folder(stage)
        shutil.copyfile(copy, stage / path.name)
        return _rehearse(f"sqlite:///{stage / path.name}", before, progress, accept_findings=accept_findings)
    except OSError as error:
        raise not_writable(stage, error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def rehearsed_server(
    config: Config, before: str, progress: Progress, *, accept_findings: bool
) -> Iterator[tuple[str, Check | None]]:
    """Dump the database, and upgrade and verify what the dump gives in a database of its own.

    Gives the words under which the database itself is to be upgraded in the block, and what is to be checked before
    that is committed, where there was no rehearsal: without PostgreSQL's programs there is no dump, and without the
    right to make databases nothing to try it in. Raises as `rehearse_file` does, and Refused("backup.failed").
    """
    url = parse_address(config.direct_url or config.database_url)
    dump = copy_name(config, str(url.database), before, ".dump")
    unrehearsed = _check_rules(accept_findings=accept_findings)
    progress("Copying the database…")
    try:
        write_dump(url, dump, privileges=True)
    except Refused as refused:
        if refused.code not in {"backup.tool_missing", "backup.tool_old"}:
            raise
        missing = sentence(refused)
    else:
        missing = ""
    if missing:
        yield f"{BRINGING} No copy is made: {missing}", unrehearsed
        return
    with thrown_away_if_refused(dump):
        check = None
        try:
            words = _rehearse_dump(url, dump, before, progress, accept_findings=accept_findings)
        except Refused as refused:
            if refused.code != "restore.no_right":
                raise
            why = f"A dump is kept. It is not tried on a copy first: {url.username} may make no databases."
            words, check = f"{BRINGING} {why}", unrehearsed
        yield words, check
    forget_old_copies(config, str(url.database))


def _rehearse_dump(url: URL, dump: Path, before: str, progress: Progress, *, accept_findings: bool) -> str:
    scratch = url.set(database=f"{url.database}_bookstore_pos_rehearsal")
    drop = f"DROP DATABASE IF EXISTS {quoted(str(scratch.database))} WITH (FORCE)"
    on_server(url, drop, through=url.database)  # of a program that was killed
    on_server(url, f"CREATE DATABASE {quoted(str(scratch.database))} TEMPLATE template0", through=url.database)
    try:
        progress(TRYING)
        read_dump(dump, scratch)
        address = scratch.render_as_string(hide_password=False)
        return _rehearse(address, before, progress, accept_findings=accept_findings)
    finally:
        on_server(url, drop, through=url.database)


def _rehearse(address: str, before: str, progress: Progress, *, accept_findings: bool) -> str:
    began = time.monotonic()
    upgrade(address, before, lambda step: progress(f"{TRYING} {step}"))
    took_s = time.monotonic() - began
    progress("Checking every rule on the copy…")
    try:
        report = run_here(_verified(address))
    except PosError:
        raise
    except Exception as error:
        raise failed(error) from error
    if not accept_findings:
        _refuse_findings(report)
    return f"{BRINGING} It took {took_s:.0f} s on the copy." if took_s >= WORTH_SAYING_S else BRINGING


async def _verified(address: str) -> Report:
    database = Database(address)
    try:
        return await database.read(lambda session: verify_here(session, None))
    finally:
        await database.close()


def _check_rules(*, accept_findings: bool) -> Check | None:
    """Check in the very transaction of the migration."""

    def check(connection: Connection) -> None:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            _refuse_findings(verify_here(session, None))

    return None if accept_findings else check


def _refuse_findings(report: Report) -> None:
    if report.findings:
        raise Refused("database.rehearsal", count=report.findings, first=report.first)
