"""What the shop took as comma-separated rows that a spreadsheet reads, and can carry out nothing of."""

import csv
import io
from datetime import date
from decimal import Decimal

from pos_app.domain.money import Currency
from pos_app.domain.report import Share, Totals

HEAD = ("Sum", "Of", "Count", "Amount", "Net", "Tax")
# A cell that begins with one of these is a formula to a spreadsheet; so is one that begins after blanks or a tab.
FORMULA = ("=", "+", "-", "@")
MILLION = 10**6


def cell(text: str) -> str:
    """Give a text as a cell that shows it: control characters become blanks, and what would compute is quoted."""
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def shown_text(cell: str) -> str:
    """Give the text that a cell shows: the quote in front of what would compute is no part of it."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(FORMULA) else cell


def totals_csv(totals: Totals, first: date, last: date, money: Currency) -> str:
    """Write sums as rows: what is summed, of what, how many, and amounts with a full stop whatever the locale."""

    def amount(minor: int) -> str:
        return f"{Decimal(minor).scaleb(-money.digits):.{money.digits}f}"

    def shares(name: str, rows: tuple[Share, ...]) -> list[tuple[str, ...]]:
        return [(name, cell(row.name), str(row.count), amount(row.amount)) for row in rows]

    counts = (
        ("Sales", totals.sales),
        ("Returns", totals.returns),
        ("Exchanges", totals.exchanges),
        ("Voids", totals.voids),
        ("Pieces", totals.pieces),
        ("Opened without sale", totals.no_sales),
    )
    rows: list[tuple[str, ...]] = [
        HEAD,
        ("Business days", f"{first.isoformat()} to {last.isoformat()}"),
        ("Currency", money.code),
        ("Takings", "", str(totals.documents), amount(totals.takings), amount(totals.net), amount(totals.tax)),
        *((name, "", str(count)) for name, count in counts),
        ("Average sale", "", "", amount(totals.average)),
        ("Cash rounding", "", "", amount(totals.rounding)),
        *shares("Tender", totals.tenders),
        *(
            (
                "Tax",
                cell(f"{tax.name} {(Decimal(tax.rate) * 100 / MILLION).normalize():f} %"),
                "",
                amount(tax.net + tax.tax),
                amount(tax.net),
                amount(tax.tax),
            )
            for tax in totals.taxes
        ),
        *shares("Department", totals.departments),
        *shares("Person", totals.people),
        *shares("Discount", totals.adjustments),
        *shares("Day", totals.days),
        *shares("Hour", totals.hours),
        *shares("Besides", (totals.gift_cards, totals.cash_in, totals.cash_out)),
    ]
    text = io.StringIO()
    csv.writer(text).writerows((*row, *("",) * (len(HEAD) - len(row))) for row in rows)
    return text.getvalue()
