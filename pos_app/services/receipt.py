"""Receipts: kept as files and printed after the sale is stored, never before, and never instead."""

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.document import OrderView
from pos_app.domain.permission import Permission
from pos_app.domain.report import ShiftReport
from pos_app.errors import Refused, Unavailable
from pos_app.models import OrderEvent, table
from pos_app.receipts.escpos import INIT, PULSE, encode
from pos_app.receipts.layout import Document
from pos_app.receipts.report import report_document
from pos_app.receipts.sale import sale_document
from pos_app.receipts.text import document_text
from pos_app.services import journal
from pos_app.services.logo import shop_and_logo
from pos_app.services.order_view import get_sale, last_sale, last_sales
from pos_app.services.report import LEFT_OPEN, newest_z_reports
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings
from pos_app.services.tender import list_tenders

# How many of a till's last shifts and sales are looked at for one without its paper.
MOST_MISSED = 5
# After so long nobody waits for a receipt any more.
MISSED_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A paper as text, the file it is kept in, and the document it was made of where it was made now.

    `sale` is what it says, where it says amounts that can be explained.
    """

    number: str
    text: str
    path: Path
    document: Document | None = None
    sale: OrderView | None = None


async def keep_receipt(app: App, sale: OrderView, *, printed: bool = True) -> Receipt:
    """Keep a paid document's receipt as NUMBER.txt, and hand it to the printer's queue where it is to be `printed`.

    The drawer opens where money of a tender goes in or out of it, printed or not. Raises
    Unavailable("receipt.not_kept"); the sale stays stored whatever happens here, and a printer's fault shows in its
    queue.
    """
    settings, logo = await shop_and_logo(app)
    paper = sale_document(sale, settings, logo=logo)
    opening = {tender.code for tender in await list_tenders(app) if tender.opens_drawer}
    pulse = not sale.training and (bool(sale.change) or any(paid.tender in opening for paid in sale.payments))
    if pulse and not printed and app.printing.printer != "none":
        await open_drawer(app)
    return await _keep(app, sale.number, paper, pulse=pulse, printed=printed)


async def keep_missed_receipts(app: App) -> list[OrderView]:
    """Make the papers of this till's last sales that the program ended before; gives the sales, the oldest first.

    The file that is kept of each says that it was made. Where none of the last ones has a file, they were sold
    elsewhere, or the shop was copied here. Raises as `keep_receipt` does.
    """
    since = app.clock.now() - MISSED_FOR
    missed: list[OrderView] = []
    for sale in await last_sales(app, app.config.till, MOST_MISSED):
        if await asyncio.to_thread((app.config.receipts_dir / f"{sale.number}.txt").exists):
            break
        missed.insert(0, sale)
    if len(missed) == MOST_MISSED:
        return []
    missed = [sale for sale in missed if (sale.paid_at or sale.placed_at) >= since]
    for sale in missed:
        # Between putting the paper into the queue and keeping the file the program may have ended too.
        waits = any(job.name == sale.number for job in app.printing.jobs)
        settings, logo = await shop_and_logo(app)
        await _keep(app, sale.number, sale_document(sale, settings, logo=logo), printed=not waits)
    return missed


async def keep_report(app: App, report: ShiftReport, *, copy: bool = False, printed: bool = True) -> Receipt:
    """Print an X or Z report; a Z is kept beside the receipts, a copy only printed. Raises as `keep_receipt` does."""
    paper = report_document(report, await get_settings(app), copy=copy)
    name = _name(report)
    if not copy:
        return await _keep(app, name, paper, printed=printed)
    if printed:
        await app.printing.put(f"{name} copy", encode(paper, app.drawing))
    return Receipt(name, document_text(paper), app.config.receipts_dir / f"{name}.txt", paper)


async def keep_missed_reports(app: App) -> list[str]:
    """Make the papers of this till's Z reports that the program ended before; gives their names.

    The file that is kept of each says that it was made: none is made twice. A shift that this machine sold nothing
    in was closed elsewhere, or came with a copy of the shop. Raises as `keep_receipt` does.
    """
    names = []
    for report in await newest_z_reports(app, app.config.till, MOST_MISSED):
        if report.counted is None and report.reason == LEFT_OPEN:
            continue  # nobody waited for a paper
        if await asyncio.to_thread(_is_missed, app.config.receipts_dir, report):
            # Between putting the paper into the queue and keeping the file the program may have ended too.
            waits = any(job.name == _name(report) for job in app.printing.jobs)
            await keep_report(app, report, printed=not waits)
            names.append(_name(report))
    return names


def _is_missed(folder: Path, report: ShiftReport) -> bool:
    numbers = {report.totals.first_number, report.totals.last_number} - {None}
    sold_here = not numbers or any((folder / f"{report.till}-{number:06d}.txt").exists() for number in numbers)
    return sold_here and not (folder / f"{_name(report)}.txt").exists()


def _name(report: ShiftReport) -> str:
    """A Z is numbered; of X reports the last one of each shift is kept, under the number its Z will have."""
    return f"Z{report.till}-{report.number:06d}" if report.number else f"X{report.till}-{report.next_number or 0:06d}"


async def read_receipt(app: App, number: str) -> Receipt:
    """Give a receipt by its number as it was kept; one that was never written is made again from the sale.

    Raises Refused("receipt.number" | "receipt.missing").
    """
    sale = await get_sale(app, number)
    settings, logo = await shop_and_logo(app)
    paper = sale_document(sale, settings, logo=logo)
    path = app.config.receipts_dir / f"{sale.number}.txt"
    try:
        return Receipt(sale.number, await asyncio.to_thread(path.read_text, encoding="utf-8"), path, paper, sale)
    except FileNotFoundError:
        text = document_text(paper)
        await asyncio.to_thread(_write, path, text.encode())
        return Receipt(sale.number, text, path, paper, sale)


async def reprint(app: App, operator: Operator, number: str | None = None, *, training: bool = False) -> Receipt:
    """Print a receipt again, marked COPY, and note who did; without a number the till's last one.

    The last one is of training or for real, as asked. Raises Refused("receipt.none" | "receipt.missing" |
    "right.missing").
    """
    last = None if number is not None else await last_sale(app, operator.till_id, training=training)
    return await _again(app, operator, number, last, "reprinted", gift=False)


async def gift_receipt(app: App, operator: Operator, number: str | None = None, *, training: bool = False) -> Receipt:
    """Print a receipt without prices, to be given with the present. Raises as `reprint` does."""
    last = None if number is not None else await last_sale(app, operator.till_id, training=training)
    return await _again(app, operator, number, last, "gift receipt", gift=True)


async def open_drawer(app: App) -> None:
    """Have the receipt printer open the drawer."""
    await app.printing.put("Open drawer", INIT + PULSE)


async def _again(
    app: App, operator: Operator, number: str | None, last: OrderView | None, act: str, *, gift: bool
) -> Receipt:
    sale = last if number is None else await get_sale(app, number)
    if sale is None:
        raise Refused("receipt.none")
    now = app.clock.now()

    def note(session: Session) -> None:
        require(session, operator, Permission.REPRINT)
        session.execute(
            insert(table(OrderEvent)).values(
                order_id=sale.id, act=act, user_id=operator.user_id, till_id=operator.till_id, happened_at=now
            )
        )
        what = "gift_receipt" if gift else "reprinted"
        journal.append(session, operator.till_id, what, now, user_id=operator.user_id, order=sale.uid)

    await app.db.write(note)
    settings, logo = await shop_and_logo(app)
    paper = sale_document(sale, settings, copy=not gift, gift=gift, logo=logo)
    await app.printing.put(f"{sale.number} {act}", encode(paper, app.drawing))
    path = app.config.receipts_dir / f"{sale.number}.txt"
    return Receipt(sale.number, document_text(paper), path, paper, None if gift else sale)


async def _keep(app: App, name: str, paper: Document, *, pulse: bool = False, printed: bool = True) -> Receipt:
    receipt = Receipt(name, document_text(paper), app.config.receipts_dir / f"{name}.txt", paper)
    files = {receipt.path: receipt.text.encode()}
    if app.printing.printer != "none":
        data = encode(paper, app.drawing, pulse=pulse)
        files[receipt.path.with_suffix(".bin")] = data
        # First, and whatever becomes of the files: a customer waits for the paper.
        if printed:
            await app.printing.put(name, data)
    for path, content in files.items():
        await asyncio.to_thread(_write, path, content)
    return receipt


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise Unavailable("receipt.not_kept", path=str(path), reason=error.strerror or str(error)) from error
