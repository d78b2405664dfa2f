"""Taking sums out of the program, as files for a spreadsheet."""

import asyncio
from datetime import date
from pathlib import Path

from pos_app.app import App
from pos_app.domain.money import currency
from pos_app.errors import Unavailable
from pos_app.exchange.csv_totals import totals_csv
from pos_app.services.report import takings
from pos_app.services.right import Operator
from pos_app.services.setting import get_settings


async def export_takings(app: App, operator: Operator, first: date, last: date) -> Path:
    """Write what business days came to into the data folder's `exports`, and give the file.

    The same days again replace the file. Raises Refused("right.missing") and Unavailable("export.not_written").
    """
    totals = await takings(app, operator, first, last)
    settings = await get_settings(app)
    days = first.isoformat() if first == last else f"{first.isoformat()}_{last.isoformat()}"
    path = app.config.data_dir / "exports" / f"takings-{days}.csv"
    text = totals_csv(totals, first, last, currency(settings.currency))
    await asyncio.to_thread(_write, path, text)
    return path


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all; the mark at its beginning has spreadsheets read it as UTF-8."""
    fresh = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8-sig", newline="")
        fresh.replace(path)
    except OSError as error:
        raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
