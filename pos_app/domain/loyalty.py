"""Loyalty by simple rules: what a purchase earns, and what a full card is worth."""

from dataclasses import dataclass
from enum import StrEnum


class LoyaltyKind(StrEnum):
    """What a shop gives for loyalty: nothing, points for money, or a stamp a book."""

    OFF = "off"
    POINTS = "points"
    STAMPS = "stamps"


class LoyaltyReason(StrEnum):
    """Why points moved: by what was bought or came back, or by a full card used or given back."""

    EARNED = "earned"
    REDEEMED = "redeemed"


@dataclass(frozen=True, slots=True)
class LoyaltyRule:
    """One rule, kept with every movement made by it, so that what comes back is counted as it was sold.

    `step` is what a point costs, in minor units; `full` is how many points or stamps make a full card, `worth` what
    that pays, in minor units.
    """

    kind: LoyaltyKind = LoyaltyKind.OFF
    step: int = 100
    full: int = 10
    worth: int = 500

    def earned(self, amount: int, books: int) -> int:
        """Give what a purchase of `amount`, of so many books, earns; gift cards are in neither."""
        if self.kind is LoyaltyKind.OFF:
            return 0
        return max(amount, 0) // self.step if self.kind is LoyaltyKind.POINTS else max(books, 0)

    def spendable(self, points: int) -> int:
        """Give what the full cards among `points` pay."""
        return 0 if self.kind is LoyaltyKind.OFF else max(points, 0) // self.full * self.worth

    def cost(self, amount: int) -> int:
        """Give the points that paying `amount` takes: a card is used whole."""
        return -(-amount // self.worth) * self.full


@dataclass(frozen=True, slots=True)
class LoyaltyStand:
    """A customer's points as they stand, and what the full cards among them pay."""

    kind: LoyaltyKind
    points: int
    full: int
    spendable: int

    @property
    def words(self) -> str:
        """Say it: 7 of 10 stamps, 1 full card."""
        unit = self.kind.value
        if self.points < self.full:
            return f"{self.points} of {self.full} {unit}"
        cards = self.points // self.full
        return f"{self.points} {unit}, {cards} full card{'s' if cards > 1 else ''}"

    @property
    def short(self) -> str:
        """Say it where there is little room: 7 stamps."""
        return f"{self.points} {self.kind.value}"


@dataclass(frozen=True, slots=True)
class LoyaltyMoved:
    """What a document did to a customer's points, and what they had after it."""

    kind: LoyaltyKind
    earned: int
    redeemed: int
    balance: int
