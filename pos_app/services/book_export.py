"""Taking titles out of the catalogue: any filtered list, in its order, for a spreadsheet or for the book trade."""

import asyncio
from array import array
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from pos_app.app import App
from pos_app.domain.money import Currency, currency
from pos_app.domain.permission import Permission
from pos_app.domain.shop import ShopSettings
from pos_app.domain.used import Grade
from pos_app.errors import Refused, Unavailable
from pos_app.exchange.book_table import HEAD, MOST_ROWS, CsvTable, ExcelTable, TitleRow, is_column
from pos_app.exchange.csv_books import INSIDE
from pos_app.exchange.onix_table import OnixTable
from pos_app.models import Book, BookCode, BookKind, TaxRate, UsedCopy
from pos_app.services.book_filter import BookFilter
from pos_app.services.book_list import ListOrder, measure_list, open_list, rows_at
from pos_app.services.book_search import BookRow, rows_of
from pos_app.services.category import category_tree
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings

PAGE = 1_000
Progress = Callable[[int, int], None]


class ExportFormat(StrEnum):
    """What titles are written as; also how the file's name ends."""

    CSV = "csv"
    EXCEL = "xlsx"
    ONIX = "xml"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written; `left_out` titles have no ISBN, and the book trade's own format no place for them.

    `more` have the words that were searched for: a search gives the best of many.
    """

    path: Path
    titles: int
    left_out: int = 0
    more: bool = False


async def export_books(
    app: App,
    path: Path,
    wanted: BookFilter | None = None,
    order: ListOrder | None = None,
    *,
    kind: ExportFormat | None = None,
    columns: Sequence[str] | None = None,
    operator: Operator | None = None,
    progress: Progress | None = None,
) -> ExportReport:
    """Write the titles of a list, and give the file; its name's ending says as what, unless `kind` does.

    Tables have the `columns` of `book_table.HEAD` that are named, or as `ALSO` has them, in that order, else all; ONIX
    has its own.

    Read page by page, so that a million titles need no more memory than a thousand; titles that change meanwhile may
    be as they were or as they are. The file is there whole or not at all, also where the caller is cancelled.
    Raises Refused("export.format" | "export.nothing" | "export.columns" | "export.too_many" | "right.missing") and
    Unavailable("export.not_written").
    """
    kind = kind or _kind_of(path)
    named = HEAD if columns is None else tuple(columns)
    unknown = [name for name in named if not is_column(name)] if named else ["nothing"]
    if unknown:
        raise Refused("export.columns", names=", ".join(unknown)[:80], known=", ".join(HEAD))
    if operator is not None:
        await app.db.read(lambda session: require(session, operator, Permission.EDIT_BOOKS))
    settings = await get_settings(app)
    money = currency(settings.currency)
    opened, _ = await open_list(app, wanted or BookFilter(), order)
    opened = await measure_list(app, opened)
    total = opened.total or 0
    if kind is ExportFormat.EXCEL and total > MOST_ROWS:
        raise Refused("export.too_many", limit=MOST_ROWS)
    fresh = path.with_name(path.name + ".part")
    written = 0
    try:
        table = await asyncio.to_thread(_table, kind, fresh, settings, app.clock.now(), named)
        paths = {node.id: INSIDE.join(node.path) for node in await category_tree(app)}
        copies = array("q")
        try:
            for first in range(0, total, PAGE):
                books = await rows_at(app, opened, first, PAGE)
                beside = await app.db.read(partial(_beside, ids=[book.id for book in books]))
                # What was taken out meanwhile is left out.
                rows = [_row(book, money, paths, beside[book.id]) for book in books if book.id in beside]
                copies.extend(book.id for book in books if book.id in beside and beside[book.id].copy_of)
                rows = [row for row in rows if row.copy_of is None]
                await asyncio.to_thread(table.write, rows)
                written += len(rows)
                if progress is not None:
                    progress(min(first + PAGE, total), total)
            # Used copies come last: what they are copies of is known by then to whoever reads the file.
            for first in range(0, len(copies), PAGE):
                ids = copies[first : first + PAGE].tolist()
                books, beside = await app.db.read(partial(_with_beside, ids=ids))
                rows = [_row(book, money, paths, beside[book.id]) for book in books if book.id in beside]
                await asyncio.to_thread(table.write, rows)
                written += len(rows)
        finally:
            await _surely(asyncio.to_thread(table.close))
        left_out = table.left_out if isinstance(table, OnixTable) else 0
        if written == left_out:
            # ONIX without a title is none, and an empty table looks like a full one until it is opened.
            raise Refused("export.nothing")
        await asyncio.to_thread(fresh.replace, path)
    except OSError as error:
        raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
    finally:
        await _surely(asyncio.to_thread(fresh.unlink, missing_ok=True))
    return ExportReport(path, written - left_out, left_out, opened.capped)


async def _surely(work: Coroutine[Any, Any, object]) -> None:
    """Carry something out to its end, also where the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _table(
    kind: ExportFormat, path: Path, settings: ShopSettings, now: datetime, columns: Sequence[str]
) -> CsvTable | ExcelTable | OnixTable:
    match kind:
        case ExportFormat.CSV:
            return CsvTable(path, columns)
        case ExportFormat.EXCEL:
            return ExcelTable(path, columns)
        case ExportFormat.ONIX:
            with_tax = settings.prices_include_tax
            return OnixTable(path, sender=settings.shop_name, sent=now, currency=settings.currency, with_tax=with_tax)


def _kind_of(path: Path) -> ExportFormat:
    try:
        return ExportFormat(path.suffix.lower().lstrip("."))
    except ValueError:
        raise Refused("export.format", name=path.name[:80]) from None


@dataclass(frozen=True, slots=True)
class _Beside:
    """What a list does not show of a title."""

    kind: BookKind
    open_price: bool
    tax_rate: str
    codes: list[str]
    description: str | None
    availability: str | None
    subjects: str | None
    copy_of: str | None = None
    grade: Grade | None = None
    note: str | None = None


def _beside(session: Session, ids: Sequence[int]) -> dict[int, _Beside]:
    original = aliased(Book)
    code = select(func.min(BookCode.id)).where(BookCode.book_id == original.id).correlate(original).scalar_subquery()
    first_code = select(BookCode.code).where(BookCode.id == code).correlate(original).scalar_subquery()
    titles = (
        select(
            Book.id, Book.kind, Book.open_price, TaxRate.name, Book.description, Book.availability,
            Book.subjects,
            func.coalesce(original.isbn, first_code, original.title).label("copy_of"), UsedCopy.grade, UsedCopy.note,
        )
        .join(TaxRate, TaxRate.id == Book.tax_rate_id)
        .join(UsedCopy, UsedCopy.book_id == Book.id, isouter=True)
        .join(original, original.id == UsedCopy.copy_of_id, isouter=True)
    )  # fmt: skip
    found = {
        row.id: _Beside(
            row.kind,
            row.open_price,
            row.name,
            [],
            row.description,
            row.availability,
            row.subjects,
            row.copy_of,
            row.grade,
            row.note,
        )
        for row in session.execute(titles.where(Book.id.in_(ids)))
    }
    codes = select(BookCode.book_id, BookCode.code).where(BookCode.book_id.in_(ids)).order_by(BookCode.id)
    for book_id, own in session.execute(codes):
        if book_id in found:
            found[book_id].codes.append(own)
    return found


def _with_beside(session: Session, ids: Sequence[int]) -> tuple[list[BookRow], dict[int, _Beside]]:
    return rows_of(session, ids), _beside(session, ids)


def _row(book: BookRow, money: Currency, paths: Mapping[int, str], beside: _Beside) -> TitleRow:
    def amount(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-money.digits)

    return TitleRow(
        isbn=book.isbn,
        title=book.title,
        author=book.author,
        price=amount(book.price),
        cost=None if book.cost is None else amount(book.cost),
        stock=book.stock,
        category=None if book.category_id is None else paths.get(book.category_id, book.category),
        publisher=book.publisher,
        published_on=book.published_on,
        format=book.format,
        language=book.language,
        series=book.series,
        series_number=book.series_number,
        shelf=book.shelf,
        reorder_at=book.reorder_at,
        sold=book.sold_count,
        kind=beside.kind.value,
        active=book.active,
        open_price=beside.open_price,
        barcodes=tuple(beside.codes),
        tax_rate=beside.tax_rate,
        description=beside.description,
        availability=beside.availability,
        subjects=beside.subjects,
        copy_of=beside.copy_of,
        copy_grade=beside.grade,
        copy_note=beside.note,
    )
