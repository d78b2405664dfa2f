"""Promotions: rules that make titles cheaper, applied to a whole basket and explained line by line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import allocate, round_half_away


class PromotionKind(StrEnum):
    """What a promotion does: a part off, an amount off each piece, a fixed price, or some for the price of fewer."""

    PERCENT = "percent"
    AMOUNT = "amount"
    PRICE = "price"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """One promotion. It holds for titles of `category_ids` and titles of `book_ids`; both empty means all books.

    `rate` is a fraction, `amount` minor units (off each piece, or the price of each), `buy` and `pay` are pieces.
    """

    id: int
    name: str
    kind: PromotionKind
    rate: Decimal = Decimal(0)
    amount: int = 0
    buy: int = 0
    pay: int = 0
    category_ids: Collection[int] = field(default_factory=frozenset)
    book_ids: Collection[int] = field(default_factory=frozenset)
    starts_on: date | None = None
    ends_on: date | None = None

    def runs(self, today: date) -> bool:
        """Tell whether it runs on a business day, first and last day included."""
        return (self.starts_on is None or self.starts_on <= today) and (self.ends_on is None or today <= self.ends_on)

    def holds_for(self, line: "PromotedLine") -> bool:
        """Tell whether a line falls under it."""
        if not self.category_ids and not self.book_ids:
            return True
        return line.category_id in self.category_ids or line.book_id in self.book_ids


@dataclass(frozen=True, slots=True)
class PromotedLine:
    """What of a line a promotion looks at; `open` is false where its price was set by hand or it is no ware."""

    book_id: int
    category_id: int | None
    quantity: int
    price: int
    open: bool = True


@dataclass(frozen=True, slots=True)
class Saving:
    """What a promotion takes off a line, in minor units."""

    promotion_id: int
    name: str
    amount: int


def apply_promotions(rules: Sequence[PromotionRule], lines: Sequence[PromotedLine], today: date) -> list[Saving | None]:
    """Give each line's saving; a line has one promotion at most, the one best for the customer.

    Bundles are looked at first, the cheapest pieces being free across all lines they hold for; a line in a bundle that
    saves anything takes no other promotion. Nothing ever costs less than nothing.
    """
    running = [rule for rule in rules if rule.runs(today)]
    savings: list[Saving | None] = [None] * len(lines)
    for rule in running:
        if rule.kind is PromotionKind.BUNDLE:
            for place, saving in _bundle(rule, lines).items():
                savings[place] = _better(savings[place], saving)
    for place, line in enumerate(lines):
        for rule in running:
            if rule.kind is not PromotionKind.BUNDLE and line.open and rule.holds_for(line):
                savings[place] = _better(savings[place], Saving(rule.id, rule.name, _off(rule, line)))
    return savings


def _better(old: Saving | None, new: Saving) -> Saving | None:
    if new.amount <= 0:
        return old
    return new if old is None or new.amount > old.amount else old


def _off(rule: PromotionRule, line: PromotedLine) -> int:
    """What a rule on single pieces takes off a line."""
    gross = line.quantity * line.price
    match rule.kind:
        case PromotionKind.PERCENT:
            off = round_half_away(gross * rule.rate)
        case PromotionKind.AMOUNT:
            off = line.quantity * rule.amount
        case _:
            off = gross - line.quantity * rule.amount
    return min(max(off, 0), gross)


def _bundle(rule: PromotionRule, lines: Sequence[PromotedLine]) -> dict[int, Saving]:
    """Some for the price of fewer: of each full bundle, counted from the dearest piece, the cheapest are free.

    What is free is spread over all pieces of the full bundles by their prices, so that a later return of one piece
    gives back what was paid for it and not the whole price of a free one.
    """
    pieces = sorted(
        (
            (-line.price, place)
            for place, line in enumerate(lines)
            if line.open and rule.holds_for(line)
            for _ in range(line.quantity)
        ),
    )
    full = len(pieces) // rule.buy if rule.buy > 0 else 0
    taken = pieces[: full * rule.buy]
    free = -sum(price for price, _ in sorted(taken, reverse=True)[: full * (rule.buy - rule.pay)])
    if free <= 0:
        return {}
    weights: dict[int, int] = {}
    for price, place in taken:
        weights[place] = weights.get(place, 0) - price
    places = list(weights)
    parts = allocate(free, [weights[place] for place in places])
    return {place: Saving(rule.id, rule.name, part) for place, part in zip(places, parts, strict=True)}
