"""All that business days came to on one sheet, as it is closed with: no breakdown is missing from it."""

from datetime import date

from pos_app.domain.report import Share, Totals
from pos_app.domain.sales_report import Figure, ReportColumn, ReportKind, ReportRow, ReportTable, Value
from pos_app.models.base import RATE_SCALE

_COLUMNS = (
    ReportColumn("Sum"),
    ReportColumn("Of"),
    ReportColumn("Count", Figure.COUNT),
    ReportColumn("Amount", Figure.MONEY),
    ReportColumn("Net", Figure.MONEY),
    ReportColumn("Tax", Figure.MONEY),
)


def summary_table(totals: Totals, first: date, last: date) -> ReportTable:
    """Lay sums out as rows; the last line is the takings. No rows where there is nothing to tell."""
    besides = [
        share for share in (totals.gift_cards, *totals.not_sales, totals.cash_in, totals.cash_out) if share.count
    ]
    rows: list[tuple[Value, ...]] = []
    if totals.documents:
        rows += [
            _row("Documents", "Sales", totals.sales, totals.sold),
            _row("Documents", "Returns", totals.returns, totals.returned_amount),
            _row("Documents", "Exchanges", totals.exchanges, totals.exchanged_amount),
            _row("Documents", "Voids", totals.voids, totals.voided_amount),
            _row("Pieces", "Sold less returned", totals.pieces),
            _row("Average sale", "", None, totals.average),
        ]
    rows += _shares("Tender", totals.tenders)
    for tax in totals.taxes:
        rows.append(
            _row("Tax", f"{tax.name} · {tax.rate * 100 / RATE_SCALE:g} %", None, tax.net + tax.tax, tax.net, tax.tax)
        )
    rows += [
        *_shares("Department", totals.departments),
        *_shares("Person", totals.people),
        *_shares("Discount", totals.adjustments),
        *_shares("Besides", besides),
    ]
    if totals.rounding:
        rows.append(_row("Besides", "Cash rounding, in the takings", None, totals.rounding))
    if totals.no_sales:
        rows.append(_row("Besides", "Drawer opened without sale", totals.no_sales))
    total = ("Takings", None, totals.documents, totals.takings, totals.net, totals.tax)
    made = tuple(ReportRow(row) for row in rows)
    note = "Gift cards sold are paid for among the tenders, and no takings." if totals.gift_cards.count else ""
    return ReportTable(ReportKind.SUMMARY, first, last, _COLUMNS, made, total, 0, note)


def _row(
    sum_: str, of: str, count: int | None, amount: int | None = None, net: int | None = None, tax: int | None = None
) -> tuple[Value, ...]:
    return (sum_, of, count, amount, net, tax)


def _shares(name: str, shares: tuple[Share, ...] | list[Share]) -> list[tuple[Value, ...]]:
    return [_row(name, share.name, share.count, share.amount) for share in shares]
