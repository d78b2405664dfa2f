"""A customer's account over some days, as a paper."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from pos_app.domain.money import currency
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.layout import Block, Document, Row, Rule, Text, plain


def statement_document(
    settings: ShopSettings,
    name: str,
    address: str,
    since: date,
    until: date,
    before: int,
    lines: Sequence[tuple[datetime, str, int, int]],
    after: int,
) -> Document:
    """Lay a statement out: each line is a time, a document's number, what it added and what stood after it."""
    digits = currency(settings.currency).digits

    def money(amount: int) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(Decimal(amount).scaleb(-digits), format=pattern, locale=settings.locale)

    def day(when: date) -> str:
        return format_date(when, "d MMM y", locale=settings.locale)

    blocks: list[Block] = [Text(settings.shop_name, "centre", bold=True)]
    blocks += [Text(settings.address, "centre")] if settings.address else []
    blocks += [Text(""), Text("STATEMENT OF ACCOUNT", "centre", bold=True), Text(plain(name), bold=True)]
    blocks += [Text(plain(line)) for line in address.splitlines() if line.strip()]
    blocks += [Text(f"{day(since)} to {day(until)}"), Rule(), Row("Owed before", money(before))]
    for at, number, delta, balance in lines:
        what = f"{day(at.astimezone(settings.zone).date())} {number}"
        blocks.append(Row(f"{what} {'bought' if delta > 0 else 'paid or brought back'}", money(delta)))
        blocks.append(Row("", money(balance)))
    blocks += [Rule(), Row(f"OWED {settings.currency}", money(after), bold=True, tall=True)]
    return Document(tuple(blocks), settings.receipt_width)
