"""Taking a file of books into the catalogue: what is wrong with a row is reported, and never stops the others."""

import asyncio
import hashlib
import json
from array import array
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from heapq import merge
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.aside import give_way, thread_aside
from pos_app.database import Act
from pos_app.domain.money import Currency, currency
from pos_app.domain.permission import Permission
from pos_app.errors import PosError, Refused
from pos_app.exchange.book_file import read_book_file
from pos_app.exchange.csv_books import CsvRow
from pos_app.exchange.retail_price import Market
from pos_app.models import BookAct, BookImport, table
from pos_app.services.book_add import usual_tax_rate
from pos_app.services.book_bulk_left import drop_undos
from pos_app.services.book_import_row import Fate, NewBook, RowFate, refused_row, understand
from pos_app.services.book_import_store import Storing, find_titles, lock_titles, store_rows
from pos_app.services.book_import_tried import Tried
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings
from pos_app.services.shift import business_date
from pos_app.services.tax_rate import list_tax_rates

BATCH = 500
LOCKED = 2_000
REPORTED = 1_000
MAX_NAME = 255

Progress = Callable[[int, int], None]
Told = Callable[[Sequence[RowFate]], None]
Batch = list[NewBook | RowFate]


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
    """One import under way: what its rows are stored under, how many of them are, and who is told."""

    app: App
    operator: Operator | None
    path: Path
    options: ImportOptions
    cancel: asyncio.Event
    uid: str
    digest: str
    report: ImportReport
    total: int
    progress: Progress
    told: Told
    rows: int = 0
    stored: bool = False
    tax_rate_id: int | None = None
    # The ISBNs of a file that is stored at once, eight bytes each.
    numbers: "array[int]" = field(default_factory=lambda: array("q"))

    def tell(self, fates: Sequence[RowFate], position: int) -> None:
        self.report.take(fates)
        self.told(fates)
        self.progress(min(position, self.total), self.total)


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
    run = _Run(app, operator, path, wanted, cancel, app.ids.new(), digest, ImportReport(), total, progress, told)
    run.tax_rate_id = await app.db.read(usual_tax_rate)
    if wanted.dry_run:
        await _try_out(run)
        return run.report
    if wanted.all_or_none:
        await _look(run)
        if run.report.withheld or run.report.cancelled:
            return run.report
    await app.db.read(lambda session: _find_broken_off(session, run))
    run.report = ImportReport(run.uid, skipped=run.rows)
    await (_store_at_once(run) if wanted.all_or_none else _store_by_batches(run))
    return run.report


def _digest(path: Path, options: ImportOptions) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(json.dumps(sorted(options.columns.items())).encode())
    return digest.hexdigest()


@asynccontextmanager
async def _batches(run: _Run, *, skip: int = 0) -> AsyncIterator[AsyncIterator[tuple[Batch, int]]]:
    """Read a file in batches: what each row says or why it is refused, and how far into the file that is (bytes).

    The next batch is read while one is worked on, aside of the loop, which draws the window.
    """
    settings = await get_settings(run.app)
    money = currency(settings.currency)
    today = business_date(settings, run.app.clock.now())
    market = Market(settings.currency, settings.prices_include_tax, settings.sells_in, today)
    rows = read_book_file(run.path, market, run.options.columns)
    rates = {rate.name: rate.id for rate in await list_tax_rates(run.app)}
    rest = islice(_giving_way(rows), skip, None)

    def read() -> tuple[Batch, int]:
        batch: Batch = []
        position = 0
        for row in islice(rest, BATCH):
            batch.append(_understood(row, money, rates))
            position = row.position
        return batch, position

    loop, thread = asyncio.get_running_loop(), thread_aside("file-reader")
    coming = loop.run_in_executor(thread, read)

    async def batches() -> AsyncIterator[tuple[Batch, int]]:
        nonlocal coming
        while (read_so := await asyncio.shield(coming))[0]:
            coming = loop.run_in_executor(thread, read)
            yield read_so

    try:
        yield batches()
    finally:
        # A thread cannot be stopped; what it reads, or why it could not, nobody asks for any more.
        try:
            await asyncio.gather(coming, return_exceptions=True)
        finally:
            thread.shutdown(wait=False)


def _giving_way(rows: Iterator[CsvRow]) -> Iterator[CsvRow]:
    """Rows between which the window goes first, also between those of an import that goes on where it stopped."""
    for row in rows:
        give_way()
        yield row


def _understood(row: CsvRow, money: Currency, rates: Mapping[str, int]) -> NewBook | RowFate:
    try:
        return understand(row, money, rates)
    except PosError as error:
        return refused_row(row, error)


async def _try_out(run: _Run) -> None:
    """Find out what would become of the rows by the code that stores them, and store nothing."""
    tried = Tried()
    try:
        async with _batches(run) as batches:
            async for batch, position in batches:
                if run.cancel.is_set():
                    run.report.cancelled = True
                    return
                run.tell(await run.app.db.read(_storing(run, batch, tried)), position)
    finally:
        tried.close()


async def _look(run: _Run) -> None:
    """Look for rows that would be refused, before anything is stored."""
    async with _batches(run) as batches:
        async for batch, position in batches:
            if run.cancel.is_set():
                run.report.cancelled = True
                return
            # With a one in front, as numbers keep no noughts there.
            run.numbers.extend(int(f"1{row.isbn}") for row in batch if isinstance(row, NewBook))
            run.tell([row for row in batch if isinstance(row, RowFate)], position)
    run.report.withheld = bool(run.report.refused_count)


async def _store_by_batches(run: _Run) -> None:
    async with _batches(run, skip=run.rows) as batches:
        async for batch, position in batches:
            if run.cancel.is_set():
                run.report.cancelled = True
                return
            fates = await run.app.db.write(_storing(run, batch), aside=True)
            run.rows, run.stored = run.rows + len(batch), True
            run.tell(fates, position)
    await run.app.db.write(lambda session: _finish(session, run))


class _Stopped(Exception):
    """Takes back what was stored of a file that is stored whole or not at all."""


async def _store_at_once(run: _Run) -> None:
    """Store a file in one transaction: until it ends nobody sees any of it, and stopped or killed there is nothing."""
    fates: list[RowFate] = []

    async def acts() -> AsyncGenerator[Act, None]:
        async for act in _locks(run):
            yield act
        async with _batches(run, skip=run.rows) as batches:
            async for batch, position in batches:
                yield _noting(_storing(run, batch), fates)
                run.rows, run.stored = run.rows + len(batch), True
                if run.cancel.is_set():
                    raise _Stopped
                run.tell(fates, position)
                fates.clear()
                if run.report.refused_count:
                    raise _Stopped
        yield lambda session: _finish(session, run)

    try:
        await run.app.db.write_in_steps(acts())
    except _Stopped:
        refused = run.report.refused
        run.report = ImportReport(refused_count=run.report.refused_count, refused=refused)
        run.report.withheld, run.report.cancelled = bool(refused), not refused
    except asyncio.CancelledError:
        run.cancel.set()
        raise


async def _locks(run: _Run) -> AsyncIterator[Act]:
    """Keep all titles of the file from others before the first is changed, in the order in which sales lock.

    In the order of the file, a sale of two of its titles and the import would wait for each other.
    """
    if run.app.db.kind == "sqlite":
        return
    found: list[array[int]] = []
    for first in range(0, len(run.numbers), LOCKED):
        isbns = [str(number)[1:] for number in run.numbers[first : first + LOCKED]]
        yield partial(_find, run, isbns, found)
    ids = merge(*found)
    while some := list(islice(ids, LOCKED)):
        yield partial(lock_titles, ids=some)


def _find(run: _Run, isbns: list[str], found: "list[array[int]]", session: Session) -> None:
    _allow(session, run)
    found.append(array("q", sorted(find_titles(session, isbns)[0])))


def _noting(act: Callable[[Session], list[RowFate]], fates: list[RowFate]) -> Act:
    return lambda session: fates.extend(act(session))


def _storing(run: _Run, batch: Batch, tried: Tried | None = None) -> Callable[[Session], list[RowFate]]:
    """An act that writes a batch, and that it is written; with `tried` it only finds out what would become of it."""

    def act(session: Session) -> list[RowFate]:
        _allow(session, run)
        if tried is None and run.rows == run.report.skipped:
            _drop_undos(session, run)
        act_id = _keep_rows(session, run, len(batch)) if tried is None else None
        under = Storing(run.app, run.operator, run.uid, run.tax_rate_id, run.options.keep_prices, act_id)
        return store_rows(session, under, batch, tried)

    return act


def _allow(session: Session, run: _Run) -> None:
    if run.operator is not None:
        require(session, run.operator, Permission.IMPORT)


def _find_broken_off(session: Session, run: _Run) -> None:
    """Go on with the import of the same file that did not come to its end, if there is one.

    One that was taken back begins anew: its first rows are stored no longer.
    """
    column, acts = table(BookImport).c, table(BookAct).c
    taken_back = select(acts.id).where(acts.undoes_uid == column.uid).exists()
    found = session.execute(
        select(column.uid, column.rows)
        .where(column.digest == run.digest, column.finished.is_(False), ~taken_back)
        .order_by(column.id.desc())
        .limit(1)
    ).first()
    if found is not None:
        run.uid, run.rows, run.stored = found.uid, found.rows, True


def _drop_undos(session: Session, run: _Run) -> None:
    """Leave undone what undos of this file have left to do: they would take out what is stored now."""
    column = table(BookImport).c
    drop_undos(session, set(session.scalars(select(column.uid).where(column.digest == run.digest))))


def _keep_rows(session: Session, run: _Run, count: int) -> int | None:
    """Write down how far an import came, with the rows themselves; gives the number of its act, if it has one yet.

    Raises Refused("import.elsewhere").
    """
    stored = table(BookImport)
    if not run.stored:
        session.execute(
            insert(stored).values(
                uid=run.uid,
                digest=run.digest,
                file_name=run.path.name[:MAX_NAME],
                rows=count,
                user_id=run.operator.user_id if run.operator else None,
                till_id=run.operator.till_id if run.operator else None,
            )
        )
        return None
    here = update(stored).where(stored.c.uid == run.uid, stored.c.rows == run.rows, stored.c.finished.is_(False))
    act = select(table(BookAct).c.id).where(table(BookAct).c.uid == run.uid).scalar_subquery()
    moved = session.execute(here.values(rows=run.rows + count).returning(stored.c.id, act)).first()
    if moved is None:
        raise Refused("import.elsewhere", name=run.path.name[:80])
    act_id: int | None = moved[1]
    return act_id


def _finish(session: Session, run: _Run) -> None:
    stored = table(BookImport)
    session.execute(update(stored).where(stored.c.uid == run.uid).values(finished=True))
