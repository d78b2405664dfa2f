"""A receipt as plain text, in the width of a roll of paper."""

import textwrap
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent

from pos_app.domain.document import OrderLine, OrderView
from pos_app.domain.money import currency
from pos_app.domain.payment import Tender
from pos_app.domain.shop import ShopSettings

WIDTH = 42
TENDERS: dict[str, str] = {Tender.CASH: "Cash", Tender.CARD: "Card"}


def receipt_text(sale: OrderView, settings: ShopSettings, *, copy: bool = False) -> str:
    """Give a paid document as lines of at most 42 columns; a reprint is marked COPY."""
    lines = [*_head(sale, settings, copy=copy), "-" * WIDTH]
    for line in sale.lines:
        lines += _line(sale, settings, line)
    lines += ["-" * WIDTH, *_sums(sale, settings), ""]
    lines += centred(settings.receipt_footer)
    if copy:
        lines += centred("*** COPY ***")
    return "\n".join(lines) + "\n"


def _head(sale: OrderView, settings: ShopSettings, *, copy: bool) -> Iterable[str]:
    yield from centred("*** COPY ***" if copy else "")
    yield from centred(settings.shop_name)
    yield from centred(settings.address)
    yield from centred(f"Tax number {settings.tax_number}" if settings.tax_number else "")
    yield ""
    moment = (sale.paid_at or sale.placed_at).astimezone(settings.zone).replace(tzinfo=None)
    yield across(f"Receipt {sale.number}", format_datetime(moment, "d MMM y HH:mm", locale=settings.locale))
    yield f"Served by {plain(sale.operator)}"[:WIDTH]


def _line(sale: OrderView, settings: ShopSettings, line: OrderLine) -> Iterable[str]:
    amount = _amount(sale, settings, line.amount + line.discount)
    title = textwrap.wrap(plain(line.title), WIDTH - len(amount) - 2) or [""]
    if line.quantity == 1:
        yield across(title[0], amount)
        yield from title[1:2]
    else:
        yield from title[:2]
        yield across(f"  {line.quantity} x {_amount(sale, settings, line.price)}", amount)
    if line.discount:
        yield across("  Discount", _amount(sale, settings, -line.discount))


def _sums(sale: OrderView, settings: ShopSettings) -> Iterable[str]:
    if not sale.prices_include_tax:
        yield across("Net", _amount(sale, settings, sale.net))
        for tax in sale.taxes:
            rate = format_percent(tax.rate, "#,##0.### %", locale=settings.locale)
            yield across(f"Tax {rate} on {_amount(sale, settings, tax.net)}", _amount(sale, settings, tax.tax))
    if sale.rounding:
        yield across("Rounding", _amount(sale, settings, sale.rounding))
    yield across(f"TOTAL {sale.currency}", _amount(sale, settings, sale.total))
    yield ""
    for payment in sale.payments:
        yield across(
            payment.name or TENDERS.get(payment.tender, payment.tender), _amount(sale, settings, payment.amount)
        )
    if sale.change:
        yield across("Change", _amount(sale, settings, sale.change))
    if sale.prices_include_tax:
        yield ""
        for tax in sale.taxes:
            rate = format_percent(tax.rate, "#,##0.### %", locale=settings.locale)
            gross = _amount(sale, settings, tax.net + tax.tax)
            yield across(f"Includes {rate} tax on {gross}", _amount(sale, settings, tax.tax))


def plain(text: str) -> str:
    """Keep what prints: control and direction characters could cut the paper or forge a line."""
    return "".join(letter for letter in text if not unicodedata.category(letter).startswith("C")).strip()


def centred(text: str) -> list[str]:
    """Lines in the middle of the paper."""
    return [part.center(WIDTH).rstrip() for line in text.splitlines() for part in textwrap.wrap(plain(line), WIDTH)]


def across(left: str, right: str) -> str:
    """A text to the left and a figure to the right, which is never cut."""
    return f"{left[: WIDTH - len(right) - 1]:<{WIDTH - len(right)}}{right}"


def _amount(sale: OrderView, settings: ShopSettings, amount: int) -> str:
    money = currency(sale.currency)
    pattern = "#,##0" + ("." + "0" * money.digits if money.digits else "")
    return format_decimal(Decimal(amount).scaleb(-money.digits), format=pattern, locale=settings.locale)
