"""Quantities, prices and discounts of lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pos_app.domain.money import MAX_AMOUNT, allocate, round_half_away
from pos_app.errors import Refused

MAX_QUANTITY = 9_999


BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class LinePrice:
    """A line before discount, its discount, and what is left; minor units."""

    gross: int
    discount: int

    @property
    def amount(self) -> int:
        """What the line comes to."""
        return self.gross - self.discount


def check_quantity(quantity: object) -> None:
    """Raise Refused("quantity.invalid" | "quantity.too_large") unless it is a whole number from 1 to the limit."""
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise Refused("quantity.invalid")
    if quantity > MAX_QUANTITY:
        raise Refused("quantity.too_large", limit=MAX_QUANTITY)


def check_price(price: int) -> None:
    """Raise Refused("price.invalid") unless a price is zero to the limit."""
    if not 0 <= price <= MAX_AMOUNT:
        raise Refused("price.invalid", limit=MAX_AMOUNT)


def points_below(price: int, own: int) -> int:
    """How far a price is below the title's own, in hundredths of a per cent, rounded up."""
    return -(-max(own - price, 0) * BASIS_POINTS // own) if own else 0


def price_line(quantity: int, price: int, discount: Decimal | int | None = None) -> LinePrice:
    """Price a line; a discount is a fraction of it (Decimal, 0 to 1) or an amount off it (int).

    Raises Refused("quantity.…" | "price.invalid" | "discount.too_large" | "discount.negative").
    """
    check_quantity(quantity)
    check_price(price)
    gross = quantity * price
    off = round_half_away(gross * discount) if isinstance(discount, Decimal) else discount or 0
    if off < 0 or (isinstance(discount, Decimal) and discount < 0):
        raise Refused("discount.negative")
    if off > gross or (isinstance(discount, Decimal) and discount > 1):
        raise Refused("discount.too_large")
    return LinePrice(gross, off)


def spread(discount: int, amounts: Sequence[int]) -> list[int]:
    """Spread a discount on a whole sale over its lines by largest remainder; sums exact.

    Raises Refused("discount.too_large" | "discount.negative").
    """
    if discount < 0:
        raise Refused("discount.negative")
    if discount > sum(amounts):
        raise Refused("discount.too_large")
    return allocate(discount, amounts)
