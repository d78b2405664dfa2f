"""A sale's amounts: each line, each tax and the whole, summing exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pos_app.domain.money import round_half_away
from pos_app.domain.pricing import price_line
from pos_app.domain.tax import TaxPolicy, compute_tax


@dataclass(frozen=True, slots=True)
class SaleLine:
    """What a line asks for: unit price in minor units; discount as a fraction (Decimal) or an amount (int)."""

    quantity: int
    price: int
    discount: Decimal | int | None
    tax_name: str
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class SaleLineTotal:
    """A line's amounts: `amount` is what the line shows, with or without tax as the prices are."""

    discount: int
    amount: int
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line as it was sold, to be mirrored when it comes back; `returned` pieces came back before."""

    quantity: int
    price: int
    net: int
    tax: int
    returned: int
    tax_name: str
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """A document's total of one tax."""

    name: str
    rate: Decimal
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class SaleTotals:
    """A sale's amounts; `subtotal` is before discounts, `total` is what the customer pays."""

    lines: tuple[SaleLineTotal, ...]
    taxes: tuple[TaxTotal, ...]
    subtotal: int
    discount: int
    net: int
    tax: int
    total: int


def compute_sale(policy: TaxPolicy, lines: Sequence[SaleLine]) -> SaleTotals:
    """Compute a whole sale. Raises Refused as `domain.pricing.price_line` does."""
    prices = [price_line(line.quantity, line.price, line.discount) for line in lines]
    taxed = compute_tax(policy, [(price.amount, line.tax_rate) for price, line in zip(prices, lines, strict=True)])
    totals = tuple(
        SaleLineTotal(price.discount, price.amount, one.net, one.tax) for price, one in zip(prices, taxed, strict=True)
    )
    return total_up(lines, totals)


def mirror(policy: TaxPolicy, sold: SoldLine, quantity: int) -> SaleLineTotal:
    """Give what `quantity` pieces of a sold line come to when they come back: every amount below zero.

    Each piece carries its share of what the line came to, the shares of all pieces summing to it exactly, whatever
    the order and number of returns.
    """
    before, after = sold.returned, sold.returned + quantity

    def share(amount: int) -> int:
        return _share(amount, after, sold.quantity) - _share(amount, before, sold.quantity)

    gross, net = share(sold.net + sold.tax), share(sold.net)
    amount = gross if policy.prices_include_tax else net
    return SaleLineTotal(amount - quantity * sold.price, -amount, -net, net - gross)


def _share(amount: int, pieces: int, of: int) -> int:
    return round_half_away(Decimal(amount) * pieces / of)


def total_up(lines: Sequence[SaleLine | SoldLine], totals: Sequence[SaleLineTotal]) -> SaleTotals:
    """Sum up lines that are computed already, those that came back counting below zero."""
    net = sum(total.net for total in totals)
    tax = sum(total.tax for total in totals)
    discount = sum(total.discount for total in totals)
    return SaleTotals(
        lines=tuple(totals),
        taxes=_taxes(lines, totals),
        subtotal=sum(total.amount for total in totals) + discount,
        discount=discount,
        net=net,
        tax=tax,
        total=net + tax,
    )


def _taxes(lines: Sequence[SaleLine | SoldLine], totals: Sequence[SaleLineTotal]) -> tuple[TaxTotal, ...]:
    """The taxes in the order they first occur."""
    sums: dict[tuple[str, Decimal], tuple[int, int]] = {}
    for line, total in zip(lines, totals, strict=True):
        net, tax = sums.get((line.tax_name, line.tax_rate), (0, 0))
        sums[line.tax_name, line.tax_rate] = (net + total.net, tax + total.tax)
    return tuple(TaxTotal(name, rate, net, tax) for (name, rate), (net, tax) in sums.items())
