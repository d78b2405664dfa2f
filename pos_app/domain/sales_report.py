"""What a manager's report is: columns of figures, rows that lead to their documents, and sums that equal them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.report import Totals

# More days than these are years, of which more is read at a time.
A_YEAR = 366
Value = str | int | Decimal | None


class ReportKind(StrEnum):
    """What is reported."""

    SUMMARY = "summary"
    DAY = "day"
    HOUR = "hour"
    MONTH = "month"
    CATEGORY = "category"
    PUBLISHER = "publisher"
    PERSON = "person"
    TENDER = "tender"
    TAX = "tax"
    BESTSELLERS = "bestsellers"
    MARGIN = "margin"
    SELL_THROUGH = "sell_through"
    CATEGORIES = "categories"
    DISCOUNTS = "discounts"
    SLOW = "slow"
    LOW_STOCK = "low_stock"
    STOCK_VALUE = "stock_value"

    @property
    def words(self) -> str:
        """What it is called."""
        return _WORDS[self]


_WORDS = {
    ReportKind.SUMMARY: "Summary",
    ReportKind.DAY: "Takings by day",
    ReportKind.HOUR: "Takings by hour",
    ReportKind.MONTH: "Takings by month",
    ReportKind.CATEGORY: "Sales by category",
    ReportKind.PUBLISHER: "Sales by publisher",
    ReportKind.PERSON: "Takings by person",
    ReportKind.TENDER: "Payments by tender",
    ReportKind.TAX: "Tax",
    ReportKind.BESTSELLERS: "Bestsellers",
    ReportKind.MARGIN: "Margin",
    ReportKind.SELL_THROUGH: "Sell-through",
    ReportKind.CATEGORIES: "Categories",
    ReportKind.DISCOUNTS: "Discounts and returns",
    ReportKind.SLOW: "Slow titles",
    ReportKind.LOW_STOCK: "Low stock",
    ReportKind.STOCK_VALUE: "Stock value",
}

# What is so today, whatever the days asked for.
OF_TODAY = frozenset({ReportKind.LOW_STOCK, ReportKind.STOCK_VALUE})
# Rows that no document stands behind.
WITHOUT_DOCUMENTS = OF_TODAY | {ReportKind.SLOW, ReportKind.SUMMARY}


class Figure(StrEnum):
    """What stands in a column: words, a number of things, minor units of money, or a share of one."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a report."""

    name: str
    figure: Figure = Figure.TEXT


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A row; `key` is what its documents are found by, None where it has none."""

    cells: tuple[Value, ...]
    key: str | int | None = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A report over business days, both included; `charted` is the column that is drawn, 0 where none is.

    `total` sums the columns up, None where a sum says nothing. `note` says what a reader has to know.
    """

    kind: ReportKind
    first: date
    last: date
    columns: tuple[ReportColumn, ...]
    rows: tuple[ReportRow, ...]
    total: tuple[Value, ...]
    charted: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """What an hour, a day or a month took, and the same one a year before; `key` is what a report calls it."""

    key: str
    amount: int
    before: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Business days at a glance; amounts in minor units.

    `back` is what was paid back for returns and voids, above zero. `earned` and its share of net sales, `margin`, leave
    out what has no known cost; there is no `margin` where nothing was sold whose cost is known.
    """

    totals: Totals
    grain: ReportKind
    spans: tuple[Span, ...]
    before: int
    earned: int
    margin: Decimal | None
    back: int
    categories: ReportTable
    bestsellers: ReportTable

    @property
    def change(self) -> Decimal | None:
        """How the takings compare with the same days a year before; None where those took nothing."""
        return share(self.totals.takings - self.before, self.before)


def months(first: date, last: date, each: int = 1) -> Iterator[tuple[date, date]]:
    """Cut business days into months, or quarters of `each` 3, so that long sums can be watched and stopped."""
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=32 * each)).replace(day=1)
        yield first, min(last, following - timedelta(days=1))
        first = following


def a_year_before(day: date) -> date:
    """Give the same day of the year before; the 28th for a leap day."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def share(part: int, whole: int) -> Decimal | None:
    """Give a part as a share of the whole; None of nothing."""
    return Decimal(part) / whole if whole else None


def trade_week(day: date) -> tuple[date, date]:
    """Give the last whole week of the book trade before a day, Sunday to Saturday."""
    saturday = day - timedelta(days=(day.weekday() + 2) % 7 or 7)
    return saturday - timedelta(days=6), saturday
