"""X and Z reports as plain text, in the width of a roll of paper."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from pos_app.domain.money import currency
from pos_app.domain.report import Share, ShiftReport
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.text import WIDTH, across, centred, plain

MILLION = 10**6


def report_text(report: ShiftReport, settings: ShopSettings, *, copy: bool = False) -> str:
    """Give an X report, or once it is closed a Z report, as lines of at most 42 columns."""
    lines: list[str] = []
    lines += centred("*** COPY ***" if copy else "")
    lines += centred(settings.shop_name)
    lines += centred(
        f"Z report {report.till}-{report.number:06d}" if report.number else f"X report, till {report.till}"
    )
    lines += centred(format_date(report.business_date, "full", locale=settings.locale))
    lines.append("-" * WIDTH)
    lines.append(across("Opened", f"{_time(report.opened_at, settings)} {plain(report.opened_by)}"))
    if report.closed_at is not None:
        lines.append(across("Closed", f"{_time(report.closed_at, settings)} {plain(report.closed_by or '')}"))
    return "\n".join([*lines, *_sums(report, settings), *_drawer(report, settings)]) + "\n"


def _sums(report: ShiftReport, settings: ShopSettings) -> Iterable[str]:
    totals = report.totals

    def money(amount: int) -> str:
        return _amount(report, settings, amount)

    yield "-" * WIDTH
    yield across(f"TAKINGS {report.currency}", money(totals.takings))
    for name, count in (
        ("Sales", totals.sales),
        ("Returns", totals.returns),
        ("Exchanges", totals.exchanges),
        ("Voids", totals.voids),
        ("Pieces", totals.pieces),
        ("Opened without sale", totals.no_sales),
    ):
        yield across(name, str(count))
    if totals.first_number is not None:
        yield across("Receipts", f"{totals.first_number:06d} - {totals.last_number:06d}")
    yield from _block("Tenders", totals.tenders, money)
    if totals.gift_cards.count:
        yield from _block("Owed", (totals.gift_cards,), money)
    if totals.rounding:
        yield across("Cash rounding", money(totals.rounding))
    if totals.taxes:
        yield ""
        yield "Taxes"
        for tax in totals.taxes:
            rate = format_percent(Decimal(tax.rate) / MILLION, "#,##0.### %", locale=settings.locale)
            yield across(f"  {plain(tax.name)} {rate} on {money(tax.net)}", money(tax.tax))
    yield from _block("Departments", totals.departments, money)
    yield from _block("People", totals.people, money)
    yield from _block("Discounts", totals.adjustments, money)


def _block(head: str, rows: tuple[Share, ...], money: Callable[[int], str]) -> Iterable[str]:
    if not rows:
        return
    yield ""
    yield head
    for row in rows:
        yield across(f"  {row.count} {plain(row.name)}", money(row.amount))


def _drawer(report: ShiftReport, settings: ShopSettings) -> Iterable[str]:
    def money(amount: int) -> str:
        return _amount(report, settings, amount)

    yield "-" * WIDTH
    yield across("Opening float", money(report.opening_float))
    yield across("Cash sales", money(report.cash_taken))
    if report.cash_paid_back:
        yield across("Cash refunds", money(-report.cash_paid_back))
    for move in report.cash_moves:
        yield across(f"{'Paid in' if move.amount > 0 else 'Paid out'} {plain(move.reason)}", money(move.amount))
    yield across("Expected in drawer", money(report.expected))
    if report.closed_at is None:
        return
    if report.counted is None:
        yield "Not counted"
        return
    yield across("Counted", money(report.counted))
    difference = report.difference or 0
    word = "Over" if difference > 0 else "Short" if difference < 0 else "Difference"
    yield across(word, money(difference))
    if report.reason:
        yield f"Reason: {plain(report.reason)}"[:WIDTH]


def _amount(report: ShiftReport, settings: ShopSettings, amount: int) -> str:
    money = currency(report.currency)
    pattern = "#,##0" + ("." + "0" * money.digits if money.digits else "")
    return format_decimal(Decimal(amount).scaleb(-money.digits), format=pattern, locale=settings.locale)


def _time(moment: datetime, settings: ShopSettings) -> str:
    local = moment.astimezone(settings.zone).replace(tzinfo=None)
    return str(format_datetime(local, "d MMM HH:mm", locale=settings.locale))
