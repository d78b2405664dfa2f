"""The lines of an order or a return as comma-separated rows that a supplier's program reads."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from pos_app.domain.money import Currency
from pos_app.exchange.cell import cell

HEAD = ("ISBN", "Title", "Quantity", "Unit cost", "Currency")


def lines_csv(lines: Sequence[tuple[str | None, str, int, int | None]], money: Currency) -> str:
    """Write (ISBN, title, pieces, cost in minor units); costs have a full stop whatever the locale."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for isbn, title, pieces, cost in lines:
        amount = "" if cost is None else f"{Decimal(cost).scaleb(-money.digits):.{money.digits}f}"
        writer.writerow((isbn or "", cell(title), pieces, amount, money.code))
    return text.getvalue()
