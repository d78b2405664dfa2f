"""A manager's report as a file, and the week's sales as the book trade counts bestsellers."""

import asyncio
import csv
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from pos_app.app import App
from pos_app.domain.money import Currency, currency
from pos_app.domain.sales_report import ReportTable, trade_weeks
from pos_app.errors import Refused, Unavailable
from pos_app.exchange.report_table import write_csv, write_excel
from pos_app.services.right import Operator
from pos_app.services.sales_report import sold_by_isbn
from pos_app.services.setting import get_settings
from pos_app.services.shift import business_date

WRITERS: dict[str, Callable[[ReportTable, Path, Currency], None]] = {".csv": write_csv, ".xlsx": write_excel}
WEEK_HEAD = ("isbn", "quantity")
# So many weeks back one can still be made: what the trade asks for again is not older.
WEEKS = 104


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


async def weeks_of_trade(app: App) -> list[tuple[date, date]]:
    """Give the whole weeks, Sunday to Saturday, whose sales can be written for the trade, the last first."""
    return trade_weeks(business_date(await get_settings(app), app.clock.now()), WEEKS)


def week_file(week: tuple[date, date]) -> str:
    """Give what the file of a week is called."""
    return f"bestsellers-{week[1].isoformat()}.csv"


async def export_trade_week(app: App, operator: Operator, week: tuple[date, date], path: Path) -> Path:
    """Write what a week of `weeks_of_trade` sold, and give the file: whole or not at all.

    ISBN and quantity, what came back taken off; titles without an ISBN are no part of the trade's lists.
    Raises Refused("right.missing" | "report.week") and Unavailable("export.not_written").
    """
    if week not in await weeks_of_trade(app):
        raise Refused("report.week")
    rows = await sold_by_isbn(app, operator, *week)
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
