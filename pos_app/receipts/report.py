"""X and Z reports as papers."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from pos_app.domain.money import currency
from pos_app.domain.report import Share, ShiftReport
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.layout import Block, Document, Row, Rule, Text, plain
from pos_app.receipts.text import document_text

MILLION = 10**6


def report_document(report: ShiftReport, settings: ShopSettings, *, copy: bool = False) -> Document:
    """Lay an X report out, or once the shift is closed its Z report."""
    name = f"Z report {report.till}-{report.number:06d}" if report.number else f"X report, till {report.till}"
    blocks: list[Block] = [Text("*** COPY ***", "centre", bold=True)] if copy else []
    blocks += [
        Text(settings.shop_name, "centre", bold=True),
        Text(name, "centre", bold=True),
        Text(format_date(report.business_date, "full", locale=settings.locale), "centre"),
        Rule(),
        Row("Opened", f"{_time(report.opened_at, settings)} {plain(report.opened_by)}"),
    ]
    if report.closed_at is not None:
        blocks.append(Row("Closed", f"{_time(report.closed_at, settings)} {plain(report.closed_by or '')}"))
    return Document(
        (*blocks, *_sums(report, settings), *_drawer(report, settings), *_journal(report)), settings.receipt_width
    )


def _journal(report: ShiftReport) -> Iterable[Block]:
    """Where the till's journal ended, on paper that nobody can change in the database."""
    if report.journal_sequence is not None:
        yield Rule()
        yield Row("Journal", f"{report.journal_sequence} {report.journal_hash[:16]}")


def report_text(report: ShiftReport, settings: ShopSettings, *, copy: bool = False) -> str:
    """Give an X or Z report as lines of letters."""
    return document_text(report_document(report, settings, copy=copy))


def _sums(report: ShiftReport, settings: ShopSettings) -> Iterable[Block]:
    totals = report.totals

    def money(amount: int) -> str:
        return _amount(report, settings, amount)

    yield Rule()
    yield Row(f"TAKINGS {report.currency}", money(totals.takings), bold=True, tall=True)
    for name, count, amount in (
        ("Sales", totals.sales, totals.sold_amount),
        ("Returns", totals.returns, totals.returned_amount),
        ("Exchanges", totals.exchanges, totals.exchanged_amount),
        ("Voids", totals.voids, totals.voided_amount),
    ):
        yield Row(name, str(count)) if amount is None else Row(f"{count} {name}", money(amount))
    yield Row("Pieces", str(totals.pieces))
    yield Row("Opened without sale", str(totals.no_sales))
    yield Row("Average sale", money(totals.average))
    if totals.first_number is not None and totals.last_number is not None:
        yield Row("Receipts", f"{totals.first_number:06d} - {totals.last_number:06d}")
    yield from _block("Tenders", totals.tenders, money)
    if totals.gift_cards.count:
        yield from _block("Owed", (totals.gift_cards,), money)
    yield from _block("Not sales", totals.not_sales, money)
    if totals.rounding:
        yield Row("Cash rounding", money(totals.rounding))
    if totals.taxes:
        yield Text("")
        yield Text("Taxes", bold=True)
        for tax in totals.taxes:
            rate = format_percent(Decimal(tax.rate) / MILLION, "#,##0.### %", locale=settings.locale)
            yield Row(f"  {plain(tax.name)} {rate} on {money(tax.net)}", money(tax.tax))
    yield from _block("Departments", totals.departments, money)
    yield from _block("People", totals.people, money)
    yield from _block("Discounts", totals.adjustments, money)


def _block(head: str, rows: tuple[Share, ...], money: Callable[[int], str]) -> Iterable[Block]:
    if not rows:
        return
    yield Text("")
    yield Text(head, bold=True)
    for row in rows:
        yield Row(f"  {row.count} {plain(row.name)}", money(row.amount))


def _drawer(report: ShiftReport, settings: ShopSettings) -> Iterable[Block]:
    def money(amount: int) -> str:
        return _amount(report, settings, amount)

    yield Rule()
    yield Row("Opening float", money(report.opening_float))
    yield Row("Cash taken", money(report.cash_taken))
    if report.cash_paid_back:
        yield Row("Cash refunds", money(-report.cash_paid_back))
    if report.open_sales:
        yield Row(open_sales_word(report.open_sales), money(report.open_sales))
    for move in report.cash_moves:
        yield Row(f"{'Paid in' if move.amount > 0 else 'Paid out'} {plain(move.reason)}", money(move.amount))
    yield Row("Expected in drawer", money(report.expected))
    if report.closed_at is None:
        return
    if report.counted is None:
        yield Text("Not counted")
    else:
        yield from _count(report, report.counted, money)
    if report.reason:
        yield Text(f"Reason: {report.reason}")


def open_sales_word(amount: int) -> str:
    """What the line of cash towards unfinished sales is called."""
    return "In open sales" if amount > 0 else "Taken before for sales"


def _count(report: ShiftReport, counted: int, money: Callable[[int], str]) -> Iterable[Block]:
    for piece, count in report.pieces:
        if count:
            yield Row(f"  {count} x {money(piece)}", money(piece * count))
    yield Row("Counted", money(counted))
    difference = report.difference or 0
    word = "Over" if difference > 0 else "Short" if difference < 0 else "Difference"
    yield Row(word, money(difference))


def _amount(report: ShiftReport, settings: ShopSettings, amount: int) -> str:
    money = currency(report.currency)
    pattern = "#,##0" + ("." + "0" * money.digits if money.digits else "")
    return format_decimal(Decimal(amount).scaleb(-money.digits), format=pattern, locale=settings.locale)


def _time(moment: datetime, settings: ShopSettings) -> str:
    local = moment.astimezone(settings.zone).replace(tzinfo=None)
    return str(format_datetime(local, "d MMM HH:mm", locale=settings.locale))
