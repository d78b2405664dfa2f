"""Customer orders: who gets the copies that came, when an order is ready, and what a deposit still stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import round_half_away
from pos_app.domain.order_status import OrderStatus
from pos_app.domain.payment import PaidPart
from pos_app.errors import Refused


class Way(StrEnum):
    """How an order comes to its customer."""

    COLLECT = "collect"
    SHIP = "ship"


@dataclass(frozen=True, slots=True)
class LineStand:
    """Where a line stands, in pieces; a service needs no stock and is never waited for."""

    title: str
    quantity: int
    held: int
    collected: int
    service: bool = False

    @property
    def to_come(self) -> int:
        """How many are still to arrive."""
        return 0 if self.service else self.quantity - self.held - self.collected

    @property
    def words(self) -> str:
        """The same for people: “held”, “1 of 3 held”, “to come”, “collected”."""
        if self.service:
            return "no stock needed"
        if self.collected == self.quantity:
            return "collected"
        said = [f"{self.collected} collected"] if self.collected else []
        if self.held:
            said.append("held" if self.held == self.quantity else f"{self.held} of {self.quantity} held")
        if self.to_come:
            said.append("to come" if self.to_come == self.quantity else f"{self.to_come} to come")
        return ", ".join(said)


def is_whole(lines: Iterable[LineStand]) -> bool:
    """Tell whether nothing of an order is still to come."""
    return all(not line.to_come for line in lines)


def share_out(available: int, waiting: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give copies to those who wait, (who, pieces) first come first; the last may get a part of what they asked for."""
    given = []
    for who, wanted in waiting:
        pieces = min(wanted, max(available, 0))
        if pieces:
            given.append((who, pieces))
            available -= pieces
    return given


def check_way_on(to: OrderStatus, way: Way, lines: Sequence[LineStand], unpaid: int) -> None:
    """See that what must be true before a move is true; `unpaid` is what deposits do not cover, in minor units.

    Raises Refused("order.not_whole" | "order.unpaid" | "order.at_the_till").
    """
    missing = next((line for line in lines if line.to_come), None)
    if to in (OrderStatus.SHIPPED, OrderStatus.DELIVERED) and missing is not None:
        raise Refused("order.not_whole", title=missing.title, missing=missing.to_come)
    if to is OrderStatus.SHIPPED and way is Way.SHIP and unpaid > 0:
        raise Refused("order.unpaid", due=unpaid)
    if to is OrderStatus.DELIVERED and unpaid > 0:
        raise Refused("order.at_the_till", due=unpaid)


def draw(parts: Sequence[PaidPart], amount: int) -> list[PaidPart]:
    """Take an amount from what deposits were paid with, in the order they came. Raises Refused("deposit.spent")."""
    drawn = []
    for part in parts:
        taken = min(part.amount, amount)
        if taken > 0:
            drawn.append(replace(part, amount=taken))
            amount -= taken
    if amount:
        raise Refused("deposit.spent", missing=amount)
    return drawn


def discount_share(discount: int, quantity: int, before: int, pieces: int) -> int:
    """What part of a line's discount some of its pieces carry; the shares of all pieces sum to it exactly."""

    def share(some: int) -> int:
        return round_half_away(Decimal(discount) * some / quantity)

    return share(before + pieces) - share(before)


def is_expired(status: OrderStatus, way: Way, hold_until: date | None, today: date) -> bool:
    """Tell whether copies lie longer than the shop keeps them for somebody."""
    return status is OrderStatus.SHIPPED and way is Way.COLLECT and hold_until is not None and hold_until < today
