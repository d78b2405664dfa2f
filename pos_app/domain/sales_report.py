"""What a manager's report is: columns of figures, rows that lead to their documents, and sums that equal them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import round_half_away

# More days than these are years, of which more is read at a time.
A_YEAR = 366
# Whole weeks, so that a Saturday stands beside a Saturday.
WEEKS_BEFORE = timedelta(days=364)
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
    SHIFTS = "shifts"

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
    ReportKind.SHIFTS: "Closed shifts",
}

# What is so today, whatever the days asked for.
OF_TODAY = frozenset({ReportKind.LOW_STOCK, ReportKind.STOCK_VALUE})
# Rows that lead to their title: their ISBN is the third cell.
OF_TITLES = frozenset({ReportKind.SLOW, ReportKind.LOW_STOCK})
# Rows that no document stands behind.
WITHOUT_DOCUMENTS = OF_TODAY | {ReportKind.SLOW, ReportKind.SUMMARY, ReportKind.SHIFTS}
# The column that the documents behind a row share out among them; the others' is the takings.
SHARED_OUT = {
    ReportKind.TENDER: "Amount",
    ReportKind.TAX: "Net",
    ReportKind.MARGIN: "Net sales",
    ReportKind.SELL_THROUGH: "Sold",
    ReportKind.DISCOUNTS: "Discounts",
}


def shared_out(kind: ReportKind) -> str:
    """Give the column of a row that its documents' shares come to."""
    return SHARED_OUT.get(kind, "Takings")


class Compare(StrEnum):
    """Which days of the year before stand beside some days: months always stand beside the same months."""

    WEEKDAYS = "weekdays"
    DATES = "dates"

    @property
    def beside(self) -> str:
        """What is beside them, in short."""
        return "364 days before" if self is Compare.WEEKDAYS else "a year before"

    @property
    def legend(self) -> str:
        """The same in full."""
        return f"same {self.value}, {self.beside}"

    @property
    def note(self) -> str:
        """The same in a sentence."""
        if self is Compare.WEEKDAYS:
            return "Beside each day stands the same weekday of the year before, 364 days back."
        return "Beside each day stands the same date of the year before, whatever weekday it was."

    def before(self, day: date) -> date:
        """Give the day that stands beside a day."""
        return day - WEEKS_BEFORE if self is Compare.WEEKDAYS else a_year_before(day)


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
    """What an hour, a day or a month took, and the one beside it before; `key` is what a report calls it."""

    key: str
    amount: int
    before: int


@dataclass(frozen=True, slots=True)
class Glance:
    """What business days came to in a few figures, gift cards left out; amounts in minor units.

    `sold` and `sold_pieces` are of sales alone; `back` is what was paid back for returns and voids, above zero.
    """

    takings: int
    sales: int
    sold: int
    sold_pieces: int
    came_back: int
    back: int

    @property
    def documents(self) -> int:
        """How many documents there were."""
        return self.sales + self.came_back

    @property
    def average(self) -> int:
        """What a sale came to on average, rounded; 0 where there was none."""
        return round_half_away(Decimal(self.sold) / self.sales) if self.sales else 0

    @property
    def pieces_a_sale(self) -> Decimal:
        """How many pieces a sale had on average."""
        return Decimal(self.sold_pieces) / self.sales if self.sales else Decimal(0)


@dataclass(frozen=True, slots=True)
class Overview:
    """Business days at a glance; amounts in minor units.

    `compare` says which days `before` and each span's are of. `earned` and its share of net sales, `margin`, leave out
    what has no known cost; there is no `margin` where nothing was sold whose cost is known.
    """

    totals: Glance
    grain: ReportKind
    compare: Compare
    spans: tuple[Span, ...]
    before: int
    earned: int
    margin: Decimal | None
    categories: ReportTable
    bestsellers: ReportTable

    @property
    def change(self) -> Decimal | None:
        """How the takings compare with the days before; None where those took nothing."""
        return share(self.totals.takings - self.before, self.before)


def months(first: date, last: date, each: int = 1) -> Iterator[tuple[date, date]]:
    """Cut business days into months, or quarters of `each` 3, so that long sums can be watched and stopped."""
    while first <= last:
        year, month = divmod(first.year * 12 + first.month - 1 + each, 12)
        following = date(year, month + 1, 1)
        yield first, min(last, following - timedelta(days=1))
        first = following


def with_before(first: date, last: date, compare: Compare) -> list[tuple[date, date]]:
    """Give some days, and before them those that stand beside them and are not among them."""
    before = compare.before(first), min(compare.before(last), first - timedelta(days=1))
    return [before, (first, last)]


def beside(
    days: Mapping[date, tuple[int, int]], first: date, last: date, grain: ReportKind, compare: Compare
) -> dict[str, tuple[int, int, int]]:
    """Sum days' documents and takings up by day or month, in turn: both, and the takings of what stands beside them."""
    length = 7 if grain is ReportKind.MONTH else 10
    sums: dict[str, tuple[int, int, int]] = {}
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        # A leap day has no date of its own a year before.
        alone = compare is Compare.DATES and (day.month, day.day) == (2, 29)
        added = (*days.get(day, (0, 0)), 0 if alone else days.get(compare.before(day), (0, 0))[1])
        name = day.isoformat()[:length]
        count, amount, before = sums.get(name, (0, 0, 0))
        sums[name] = (count + added[0], amount + added[1], before + added[2])
    return sums


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


def trade_weeks(day: date, count: int) -> list[tuple[date, date]]:
    """Give so many whole weeks of the book trade before a day, the last first."""
    first, last = trade_week(day)
    return [(first - timedelta(weeks=back), last - timedelta(weeks=back)) for back in range(count)]
