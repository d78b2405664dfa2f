"""Papers for schools and libraries: quotes, invoices with their due date, and reminders."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pos_app.domain.sale import TaxTotal
from pos_app.domain.shop import ShopSettings
from pos_app.receipts.layout import Block, Document, Row, Rule, Text, plain
from pos_app.receipts.order import day, money

WIDTH = 84
Line = tuple[int, str, str | None, int]


def invoice_document(
    settings: ShopSettings,
    title: str,
    whose: tuple[str, str],
    dates: Sequence[tuple[str, date]],
    lines: Sequence[Line],
    taxes: Sequence[TaxTotal],
    total: int,
    foot: Sequence[str],
    *,
    prices_include_tax: bool,
) -> Document:
    """Lay out a quote or an invoice: lines are (quantity, title, ISBN, amount), `whose` a name and an address."""
    blocks = _head(settings, title, whose)
    blocks += [Row(name, day(settings, when)) for name, when in dates]
    blocks.append(Rule())
    for quantity, name, isbn, amount in lines:
        blocks.append(Row(f"{quantity} x {plain(name)}", money(settings, amount)))
        blocks += [Text(f"    ISBN {isbn}")] if isbn else []
    blocks.append(Rule())
    for tax in taxes:
        rate = _percent(tax.rate)
        # Many a tax has its rate in its name.
        name = plain(tax.name) if rate in tax.name else f"{plain(tax.name)} {rate}"
        said = f"{'Includes' if prices_include_tax else 'Plus'} {name}"
        blocks.append(Row(f"{said} on {money(settings, tax.net)}", money(settings, tax.tax)))
    blocks += [Row("TOTAL", money(settings, total), bold=True, tall=True), Text("")]
    return Document((*blocks, *(Text(plain(line)) for line in foot)), WIDTH)


def reminder_document(
    settings: ShopSettings,
    whose: tuple[str, str],
    today: date,
    invoices: Sequence[tuple[str, date, date, int]],
    owed: int,
    overdue: int,
) -> Document:
    """Lay out a reminder of what is overdue on an account: invoices are (number, bought on, due on, left to pay)."""
    blocks = _head(settings, "REMINDER", whose)
    blocks += [Row("Date", day(settings, today)), Rule()]
    for number, bought_on, due_on, left in invoices:
        said = f"Invoice {number} of {day(settings, bought_on)}, due {day(settings, due_on)}"
        blocks.append(Row(said, money(settings, left)))
    earlier = overdue - sum(left for *_, left in invoices)
    blocks += [Row("Earlier invoices", money(settings, earlier))] if earlier else []
    blocks += [Rule(), Row("OVERDUE", money(settings, overdue), bold=True, tall=True)]
    blocks.append(Row("Owed in all, what is not due yet included", money(settings, owed)))
    blocks += [Text(""), Text("Please pay what is overdue. If it crossed with this letter, thank you.")]
    return Document(tuple(blocks), WIDTH)


def _head(settings: ShopSettings, title: str, whose: tuple[str, str]) -> list[Block]:
    name, address = whose
    blocks: list[Block] = [Text(settings.shop_name, bold=True)]
    blocks += [Text(line) for line in settings.address.splitlines()]
    blocks += [Text(f"Tax number {settings.tax_number}")] if settings.tax_number else []
    blocks += [Text(""), Text(title, bold=True), Text(""), Text(plain(name), bold=True)]
    return [*blocks, *(Text(plain(line)) for line in address.splitlines() if line.strip()), Text("")]


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"
