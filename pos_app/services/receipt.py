"""Receipts: kept as files and printed after the sale is stored, never before, and never instead."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.devices import receipt_printer
from pos_app.domain.document import OrderView
from pos_app.domain.permission import Permission
from pos_app.domain.report import ShiftReport
from pos_app.errors import Refused, Unavailable
from pos_app.models import OrderEvent, table
from pos_app.receipts.report import report_text
from pos_app.receipts.text import receipt_text
from pos_app.services.order_view import get_sale, last_sale
from pos_app.services.right import Operator, require
from pos_app.services.setting import get_settings


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as text, and the file it is kept in."""

    number: str
    text: str
    path: Path


async def keep_receipt(app: App, sale: OrderView) -> Receipt:
    """Keep a paid document's receipt as NUMBER.txt and print it.

    Raises Unavailable("receipt.not_kept" | "printer.failed"); the sale stays stored whatever happens here.
    """
    text = receipt_text(sale, await get_settings(app))
    receipt = Receipt(sale.number, text, app.config.receipts_dir / f"{sale.number}.txt")
    await asyncio.to_thread(_keep, receipt, app.config.printer)
    return receipt


async def keep_report(app: App, report: ShiftReport, *, copy: bool = False) -> Receipt:
    """Print an X or Z report; a Z is kept beside the receipts. Raises as `keep_receipt` does."""
    text = report_text(report, await get_settings(app), copy=copy)
    name = f"Z{report.till}-{report.number:06d}" if report.number else f"X{report.till}"
    receipt = Receipt(name, text, app.config.receipts_dir / f"{name}.txt")
    await asyncio.to_thread(_keep, receipt, app.config.printer)
    return receipt


async def read_receipt(app: App, number: str) -> Receipt:
    """Give a receipt by its number as it was kept; one that was never written is made again from the sale.

    Raises Refused("receipt.number" | "receipt.missing").
    """
    sale = await get_sale(app, number)
    path = app.config.receipts_dir / f"{sale.number}.txt"
    try:
        return Receipt(sale.number, await asyncio.to_thread(path.read_text, encoding="utf-8"), path)
    except FileNotFoundError:
        text = receipt_text(sale, await get_settings(app))
        receipt = Receipt(sale.number, text, path)
        await asyncio.to_thread(_write, path, text.encode())
        return receipt


async def reprint(app: App, operator: Operator, number: str | None = None) -> Receipt:
    """Print a receipt again, marked COPY, and note who did; without a number the till's last one.

    Raises Refused("receipt.none" | "receipt.missing" | "right.missing"), Unavailable("printer.failed").
    """
    sale = await (last_sale(app, operator.till_id) if number is None else get_sale(app, number))
    if sale is None:
        raise Refused("receipt.none")
    now = app.clock.now()

    def act(session: Session) -> None:
        require(session, operator, Permission.REPRINT)
        session.execute(
            insert(table(OrderEvent)).values(
                order_id=sale.id, act="reprinted", user_id=operator.user_id, till_id=operator.till_id, happened_at=now
            )
        )

    await app.db.write(act)
    text = receipt_text(sale, await get_settings(app), copy=True)
    await asyncio.to_thread(receipt_printer.send, app.config.printer, receipt_printer.encode(text))
    return Receipt(sale.number, text, app.config.receipts_dir / f"{sale.number}.txt")


async def open_drawer(app: App) -> None:
    """Send the receipt printer the pulse that opens the drawer. Raises Unavailable("printer.failed")."""
    await asyncio.to_thread(receipt_printer.send, app.config.printer, receipt_printer.PULSE)


def _keep(receipt: Receipt, printer: str) -> None:
    _write(receipt.path, receipt.text.encode())
    if printer != "none":
        data = receipt_printer.encode(receipt.text)
        _write(receipt.path.with_suffix(".bin"), data)
        receipt_printer.send(printer, data)


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
