"""Taking purchase orders and returns out of the program, as files."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from pos_app.app import App
from pos_app.domain.money import currency
from pos_app.errors import Unavailable
from pos_app.exchange.csv_letter import lines_csv
from pos_app.services.letter import Letter, purchase_letter, return_letter
from pos_app.services.publisher_return import PublisherReturnView, ReturnLine
from pos_app.services.purchase_order import PurchaseView
from pos_app.services.setting import get_settings

Document = PurchaseView | PublisherReturnView


async def letter_of(app: App, document: Document) -> Letter:
    """Lay a purchase order or a return out as a letter to its supplier."""
    settings = await get_settings(app)
    if isinstance(document, PurchaseView):
        return purchase_letter(document, settings)
    return return_letter(document, settings)


async def export_lines(app: App, document: Document) -> Path:
    """Write a document's lines as CSV into the data folder's `exports`, and give the file.

    Raises Unavailable("export.not_written").
    """
    settings = await get_settings(app)
    lines = [
        (line.isbn, line.title, pieces, line.cost)
        for line in document.lines
        if (pieces := line.gone if isinstance(line, ReturnLine) else line.quantity)
    ]
    text = lines_csv(lines, currency(settings.currency))
    kind = "purchase-order" if isinstance(document, PurchaseView) else "return"
    path = app.config.data_dir / "exports" / f"{kind}-{document.number}.csv"
    return await write_export(path, lambda fresh: _write_text(fresh, text))


async def write_export(path: Path, write: Callable[[Path], None]) -> Path:
    """Have a file written whole or not at all, and give it. Raises Unavailable("export.not_written")."""

    def act() -> None:
        fresh = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        write(fresh)
        fresh.replace(path)

    try:
        await asyncio.to_thread(act)
    except OSError as error:
        raise Unavailable("export.not_written", path=str(path), reason=error.strerror or str(error)) from error
    return path


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8-sig", newline="")
