"""What a shift or some days came to, as X and Z reports and the reports page show it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a breakdown: how many of it, and what they came to in minor units."""

    name: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class TaxShare:
    """One tax: `rate` in millionths, amounts in minor units."""

    name: str
    rate: int
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The documents of a shift or of some days, summed up; training is not among them.

    `takings` is what was sold less what came back, taxes and rounding included, gift cards sold not: they are owed,
    not earned. `tenders` are less the change that was given.
    """

    sales: int
    returns: int
    exchanges: int
    voids: int
    pieces: int
    takings: int
    net: int
    tax: int
    rounding: int
    discount: int
    gift_cards: Share
    tenders: tuple[Share, ...]
    taxes: tuple[TaxShare, ...]
    departments: tuple[Share, ...]
    people: tuple[Share, ...]
    adjustments: tuple[Share, ...]
    hours: tuple[Share, ...]
    no_sales: int
    first_number: int | None
    last_number: int | None

    @property
    def documents(self) -> int:
        """How many documents there were."""
        return self.sales + self.returns + self.exchanges + self.voids


@dataclass(frozen=True, slots=True)
class CashLine:
    """Cash put in (above zero) or taken out, and why."""

    reason: str
    amount: int
    operator: str


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """An X report, or once `number` is drawn and `closed_at` set, a Z report; amounts in minor units.

    `counted` is None where nobody counted; `pieces` is how many of each note and coin there were.
    """

    till: int
    number: int | None
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str | None
    business_date: date
    currency: str
    opening_float: int
    cash_taken: int
    cash_paid_back: int
    cash_moves: tuple[CashLine, ...]
    expected: int
    counted: int | None
    difference: int | None
    reason: str | None
    pieces: tuple[tuple[int, int], ...]
    totals: Totals

    def to_json(self) -> dict[str, Any]:
        """Plain values, as a Z is stored."""
        values = asdict(self)
        for name in ("opened_at", "closed_at", "business_date"):
            values[name] = values[name].isoformat() if values[name] is not None else None
        return values


def from_json(values: dict[str, Any]) -> ShiftReport:
    """Give a report back as it was stored."""
    totals = dict(values["totals"])
    for name in ("tenders", "departments", "people", "adjustments", "hours"):
        totals[name] = tuple(Share(**row) for row in totals[name])
    totals["taxes"] = tuple(TaxShare(**row) for row in totals["taxes"])
    totals["gift_cards"] = Share(**totals["gift_cards"])
    closed = values["closed_at"]
    return ShiftReport(
        **{
            **values,
            "opened_at": datetime.fromisoformat(values["opened_at"]),
            "closed_at": datetime.fromisoformat(closed) if closed else None,
            "business_date": date.fromisoformat(values["business_date"]),
            "cash_moves": tuple(CashLine(**row) for row in values["cash_moves"]),
            "pieces": tuple((piece, count) for piece, count in values["pieces"]),
            "totals": Totals(**totals),
        }
    )
