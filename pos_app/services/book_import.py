"""Taking a file of books into the catalogue: what is wrong with a row is reported, and never stops the others."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.money import Currency, currency
from pos_app.domain.permission import Permission
from pos_app.errors import PosError, Refused
from pos_app.exchange.book_file import read_book_file
from pos_app.exchange.csv_books import CsvRow
from pos_app.exchange.retail_price import Market
from pos_app.models import BookImport, table
from pos_app.services.book import list_tax_rates
from pos_app.services.book_import_row import Fate, NewBook, RowFate, refused_row, understand
from pos_app.services.book_import_store import store_rows
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings
from pos_app.services.shift import business_date

BATCH = 500
REPORTED = 1_000
MAX_NAME = 255

Progress = Callable[[int, int], None]
Told = Callable[[Sequence[RowFate]], None]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is taken in.

    `columns` says for tables which of the file's columns holds what ({"isbn": "EAN"}), where their names do not.
    With `keep_prices` titles that are there keep their prices. With `all_or_none` nothing is stored where any row is
    refused. A dry run finds out what would become of every row and stores nothing.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    keep_prices: bool = False
    all_or_none: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class ImportReport:
    """What became of a file; `refused` holds the first thousand, `refused_count` counts all.

    `skipped` rows were stored before something broke the import off. `withheld` says that nothing was stored, as rows
    are refused and all or none were to be taken. `act` is what `book_undo.undo_act` takes the changes back
    by, empty where nothing was stored.
    """

    act: str = ""
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    taken_out: int = 0
    refused_count: int = 0
    refused: list[RowFate] = field(default_factory=list)
    skipped: int = 0
    cancelled: bool = False
    withheld: bool = False

    def take(self, fates: Sequence[RowFate]) -> None:
        """Count what became of rows."""
        for fate in fates:
            match fate.fate:
                case Fate.NEW:
                    self.added += 1
                case Fate.CHANGED:
                    self.changed += 1
                case Fate.UNCHANGED:
                    self.unchanged += 1
                case Fate.OUT:
                    self.taken_out += 1
                case Fate.REFUSED:
                    self.refused_count += 1
                    if len(self.refused) < REPORTED:
                        self.refused.append(fate)


@dataclass(slots=True)
class _Run:
    """One import under way: what its rows are stored under, and how many are."""

    uid: str
    digest: str
    name: str
    rows: int = 0
    stored: bool = False


async def import_books(
    app: App,
    path: Path,
    options: ImportOptions | None = None,
    *,
    operator: Operator | None = None,
    progress: Progress = lambda _done, _total: None,
    told: Told = lambda _fates: None,
    cancel: asyncio.Event | None = None,
) -> ImportReport:
    """Add and change books by ISBN, five hundred rows a transaction; `progress` gets bytes done and in all.

    Takes what `exchange.book_file` reads. `told` gets what became of the rows, a few hundred at a time; a row that is
    refused never stops the others. Each changed field stands in the titles' history. A file that was broken off,
    cancelled or killed goes on where it stopped when it is imported again, so that nothing is counted twice.
    Without an operator it is the shop's own machine that asks.

    Raises Refused("import.unreadable" | "import.no_columns" | "import.no_tax_rate" | "import.elsewhere" |
    "right.missing").
    """
    wanted = options or ImportOptions()
    cancel = cancel or asyncio.Event()
    try:
        total = (await asyncio.to_thread(path.stat)).st_size
        digest = await asyncio.to_thread(_digest, path, wanted)
    except OSError as error:
        raise Refused("import.unreadable", path=str(path), reason=error.strerror or str(error)) from error
    if wanted.all_or_none and not wanted.dry_run:
        checked = await _check_all(app, path, wanted, total, progress, told, cancel)
        checked.withheld = bool(checked.refused_count)
        if checked.withheld or checked.cancelled:
            return checked
    run = _Run(app.ids.new(), digest, path.name[:MAX_NAME])
    if not wanted.dry_run:
        run = await app.db.read(lambda session: _broken_off(session, run))
    report = ImportReport("" if wanted.dry_run else run.uid, skipped=run.rows)
    async for batch, position in _batches(app, path, wanted, skip=run.rows):
        if cancel.is_set() and not (wanted.all_or_none and run.stored):
            report.cancelled = True
            return report
        if wanted.dry_run:
            fates = await _try_out(app, operator, wanted, run, batch)
        else:
            fates = await _stored(app, operator, wanted, run, batch)
            run.rows, run.stored = run.rows + len(batch), True
        report.take(fates)
        told(fates)
        progress(min(position, total), total)
    if not wanted.dry_run:
        await app.db.write(lambda session: _finish(session, run))
    return report


def _digest(path: Path, options: ImportOptions) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(json.dumps(sorted(options.columns.items())).encode())
    return digest.hexdigest()


async def _batches(
    app: App, path: Path, options: ImportOptions, *, skip: int = 0
) -> AsyncIterator[tuple[list[NewBook | RowFate], int]]:
    """Read a file in batches: what each row says or why it is refused, and how far into the file that is (bytes)."""
    settings = await get_settings(app)
    money = currency(settings.currency)
    today = business_date(settings, app.clock.now())
    market = Market(settings.currency, settings.prices_include_tax, settings.sells_in, today)
    rows = read_book_file(path, market, options.columns)
    rates = {rate.name: rate.id for rate in await list_tax_rates(app)}
    rest = islice(rows, skip, None)

    def read() -> tuple[list[NewBook | RowFate], int]:
        batch = list(islice(rest, BATCH))
        return [_understood(row, money, rates) for row in batch], batch[-1].position if batch else 0

    # Aside of the loop, which draws the window.
    while (read_so := await asyncio.to_thread(read))[0]:
        yield read_so


def _understood(row: CsvRow, money: Currency, rates: Mapping[str, int]) -> NewBook | RowFate:
    try:
        return understand(row, money, rates)
    except PosError as error:
        return refused_row(row, error)


async def _check_all(
    app: App, path: Path, options: ImportOptions, total: int, progress: Progress, told: Told, cancel: asyncio.Event
) -> ImportReport:
    """Look for rows that would be refused, before anything is stored."""
    report = ImportReport()
    async for batch, position in _batches(app, path, options):
        if cancel.is_set():
            report.cancelled = True
            break
        refused = [row for row in batch if isinstance(row, RowFate)]
        report.take(refused)
        told(refused)
        progress(min(position, total), total)
    return report


async def _stored(
    app: App, operator: Operator | None, options: ImportOptions, run: _Run, batch: list[NewBook | RowFate]
) -> list[RowFate]:
    return await app.db.write(lambda session: _store(session, app, operator, options, run, batch))


class _DryRun(Exception):
    """Takes back what a dry run wrote; carries what became of it."""


async def _try_out(
    app: App, operator: Operator | None, options: ImportOptions, run: _Run, batch: list[NewBook | RowFate]
) -> list[RowFate]:
    """Write a batch as it would be, and take it back: what is said is what would happen, by the same code."""

    def act(session: Session) -> None:
        raise _DryRun(_store(session, app, operator, options, run, batch))

    try:
        await app.db.write(act)
    except _DryRun as done:
        (fates,) = done.args
    return list(fates)


def _broken_off(session: Session, run: _Run) -> _Run:
    """Give the import of the same file that did not come to its end, else the one begun now."""
    column = table(BookImport).c
    found = session.execute(
        select(column.uid, column.rows)
        .where(column.digest == run.digest, column.finished.is_(False))
        .order_by(column.id.desc())
        .limit(1)
    ).first()
    return run if found is None else _Run(found.uid, run.digest, run.name, found.rows, stored=True)


def _keep_rows(session: Session, operator: Operator | None, run: _Run, count: int) -> None:
    """Write down how far an import came, with the rows themselves. Raises Refused("import.elsewhere")."""
    stored = table(BookImport)
    if not run.stored:
        session.execute(
            insert(stored).values(
                uid=run.uid,
                digest=run.digest,
                file_name=run.name,
                rows=count,
                user_id=operator.user_id if operator else None,
                till_id=operator.till_id if operator else None,
            )
        )
        return
    here = update(stored).where(stored.c.uid == run.uid, stored.c.rows == run.rows, stored.c.finished.is_(False))
    moved = session.execute(here.values(rows=run.rows + count).returning(stored.c.id)).first()
    if moved is None:
        raise Refused("import.elsewhere", name=run.name[:80])


def _finish(session: Session, run: _Run) -> None:
    stored = table(BookImport)
    session.execute(update(stored).where(stored.c.uid == run.uid).values(finished=True))


def _store(
    session: Session,
    app: App,
    operator: Operator | None,
    options: ImportOptions,
    run: _Run,
    batch: list[NewBook | RowFate],
) -> list[RowFate]:
    """Write a batch, and that it is written; gives what became of each row."""
    if operator is not None:
        require(session, operator, Permission.IMPORT)
    _keep_rows(session, operator, run, len(batch))
    return store_rows(session, app, operator, run.uid, batch, keep_prices=options.keep_prices)
