"""A manager's report as a file, and the week's sales as the book trade counts bestsellers."""

import asyncio
import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from pos_app.app import App
from pos_app.domain.money import Currency, currency
from pos_app.domain.sales_report import ReportTable, trade_week
from pos_app.errors import Refused, Unavailable
from pos_app.exchange.report_table import write_csv, write_excel
from pos_app.services.right import Operator
from pos_app.services.sales_report import sold_by_isbn
from pos_app.services.setting import get_settings
from pos_app.services.shift import business_date

WRITERS: dict[str, Callable[[ReportTable, Path, Currency], None]] = {".csv": write_csv, ".xlsx": write_excel}
WEEK_HEAD = ("isbn", "quantity")


async def export_report(app: App, table: ReportTable, path: Path) -> Path:
    """Write a report as its file's name ends, and give the file: whole or not at all.

    Raises Refused("export.format") and Unavailable("export.not_written").
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise Refused("export.format", name=path.name[:80])
    money = currency((await get_settings(app)).currency)
    await _written(path, lambda fresh: writer(table, fresh, money))
    return path


async def export_trade_week(app: App, operator: Operator) -> Path:
    """Write what the last whole week sold, Sunday to Saturday, into the data folder's `exports`, and give the file.

    ISBN and quantity, what came back taken off; titles without an ISBN are no part of the trade's lists.
    Raises Refused("right.missing") and Unavailable("export.not_written").
    """
    settings = await get_settings(app)
    first, last = trade_week(business_date(settings, app.clock.now()))
    rows = await sold_by_isbn(app, operator, first, last)
    path = app.config.data_dir / "exports" / f"bestsellers-{last.isoformat()}.csv"
    await _written(path, lambda fresh: _write_week(rows, fresh))
    return path


def _write_week(rows: Iterable[tuple[str, int]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([WEEK_HEAD, *rows])


async def _written(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file aside of the loop, and put it in its place once it is whole."""
    fresh = path.with_name(path.name + ".part")

    def act() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(fresh)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)

    try:
        await asyncio.to_thread(act)
    except OSError as error:
        raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
