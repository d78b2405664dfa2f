"""What a shift or some days came to, as X and Z reports and the reports page show it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pos_app.domain.money import round_half_away


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a breakdown: how many of it, and what they came to in minor units; `code` is a tender's."""

    name: str
    count: int
    amount: int
    code: str = ""


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
    not earned. `people`, `hours` and `days` (named YYYY-MM-DD) each sum to it; `tenders` are less the change that was
    given, and sum to it and the gift cards.
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
    days: tuple[Share, ...] = ()
    cash_in: Share = Share("Cash put in", 0, 0)
    cash_out: Share = Share("Cash taken out", 0, 0)
    sold_amount: int | None = None
    sold_pieces: int | None = None
    # Money that came or went and sold nothing: onto accounts, as deposits and back. No other count has its documents.
    not_sales: tuple[Share, ...] = ()
    # What each came to; None in a Z of an older program, which only counted them.
    returned_amount: int | None = None
    exchanged_amount: int | None = None
    voided_amount: int | None = None

    @property
    def sold(self) -> int:
        """What the sales alone came to; a Z of an older program did not tell them apart."""
        return self.takings if self.sold_amount is None else self.sold_amount

    @property
    def pieces_a_sale(self) -> Decimal:
        """How many pieces a sale had on average."""
        pieces = self.pieces if self.sold_pieces is None else self.sold_pieces
        return Decimal(pieces) / self.sales if self.sales else Decimal(0)

    @property
    def average(self) -> int:
        """What a sale came to on average, rounded, gift cards left out; 0 where there was none.

        What came back is no part of a sale: neither returns, nor exchanges and voids, make it smaller.
        """
        return round_half_away(Decimal(self.sold) / self.sales) if self.sales else 0

    @property
    def documents(self) -> int:
        """How many documents there were."""
        return self.sales + self.returns + self.exchanges + self.voids


_COUNTS = (
    "sales", "returns", "exchanges", "voids", "pieces", "takings", "net", "tax", "rounding", "discount", "no_sales"
)  # fmt: skip

_BACK = ("returned_amount", "exchanged_amount", "voided_amount")


def add_up(parts: Sequence[Totals], day_starts_at_hour: int) -> Totals:
    """Sum up what parts of some days came to, as if all had been summed up at once; one part at least."""
    values: dict[str, Any] = {name: sum(getattr(part, name) for part in parts) for name in _COUNTS}
    values |= {name: sum(getattr(part, name) or 0 for part in parts) for name in _BACK}
    for name in ("gift_cards", "cash_in", "cash_out"):
        values[name] = _merged(getattr(part, name) for part in parts)[0]
    for name in ("tenders", "adjustments", "departments", "people", "hours", "days", "not_sales"):
        values[name] = _merged(share for part in parts for share in getattr(part, name))
    for name in ("departments", "people"):
        values[name] = tuple(sorted(values[name], key=lambda share: (-share.amount, share.name)))
    values["days"] = tuple(sorted(values["days"], key=lambda share: share.name))
    values["hours"] = tuple(sorted(values["hours"], key=lambda share: (int(share.name) - day_starts_at_hour) % 24))
    taxes: dict[tuple[int, str], TaxShare] = {}
    for tax in (tax for part in parts for tax in part.taxes):
        before = taxes.get((tax.rate, tax.name), TaxShare(tax.name, tax.rate, 0, 0))
        taxes[tax.rate, tax.name] = TaxShare(tax.name, tax.rate, before.net + tax.net, before.tax + tax.tax)
    firsts = [part.first_number for part in parts if part.first_number is not None]
    lasts = [part.last_number for part in parts if part.last_number is not None]
    return Totals(
        **values,
        taxes=tuple(taxes[key] for key in sorted(taxes)),
        first_number=min(firsts, default=None),
        last_number=max(lasts, default=None),
        sold_amount=sum(part.sold for part in parts),
        sold_pieces=sum(part.pieces if part.sold_pieces is None else part.sold_pieces for part in parts),
    )


def _merged(shares: Iterable[Share]) -> tuple[Share, ...]:
    """Shares of one name added up, in the order in which they come first."""
    sums: dict[tuple[str, str], Share] = {}
    for one in shares:
        before = sums.get((one.name, one.code), Share(one.name, 0, 0, one.code))
        sums[one.name, one.code] = Share(one.name, before.count + one.count, before.amount + one.amount, one.code)
    return tuple(sums.values())


@dataclass(frozen=True, slots=True)
class CashLine:
    """Cash put in (above zero) or taken out, and why."""

    reason: str
    amount: int
    operator: str


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """An X report, or once `number` is drawn and `closed_at` set, a Z report; amounts in minor units.

    `counted` is None where nobody counted; `pieces` is how many of each note and coin there were. `next_number` is the
    Z's that an X would become. `open_sales` is cash in the drawer for sales that are not finished; below zero, what the
    shift's sales count but an earlier shift, or another till, took.
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
    next_number: int | None = None
    open_sales: int = 0
    # The till's journal as it stood when the shift was closed (domain.journal).
    journal_sequence: int | None = None
    journal_hash: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values, as a Z is stored."""
        values = asdict(self)
        for name in ("opened_at", "closed_at", "business_date"):
            values[name] = values[name].isoformat() if values[name] is not None else None
        return values


def from_json(values: dict[str, Any]) -> ShiftReport:
    """Give a report back as it was stored; what an older program did not know of is as if there had been none."""
    totals = dict(values["totals"])
    for name in ("tenders", "departments", "people", "adjustments", "hours", "days", "not_sales"):
        totals[name] = tuple(Share(**row) for row in totals.get(name, ()))
    for name in ("gift_cards", "cash_in", "cash_out"):
        if name in totals:
            totals[name] = Share(**totals[name])
    totals["taxes"] = tuple(TaxShare(**row) for row in totals["taxes"])
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
