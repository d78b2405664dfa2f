"""Stock: what a copy costs on average, and where reservations and counts stand."""

from collections.abc import Sequence
from enum import StrEnum


class ReservationStatus(StrEnum):
    """A copy set aside (held), one still to come (waiting), and the two ends."""

    WAITING = "waiting"
    HELD = "held"
    COLLECTED = "collected"
    CANCELLED = "cancelled"


class CountStatus(StrEnum):
    """Where a stock count stands."""

    OPEN = "open"
    POSTED = "posted"
    CANCELLED = "cancelled"


def weighted_cost(stock: int, cost: int | None, pieces: int, paid: int) -> int:
    """Give what a copy costs on average once `pieces` came in at `paid` each, in minor units, half rounded up.

    Copies on hand whose cost is not known, and stock below zero, have no weight.
    """
    kept = max(stock, 0) if cost is not None else 0
    if kept + pieces == 0:
        return paid if cost is None else cost
    return (2 * (kept * (cost or 0) + pieces * paid) + kept + pieces) // (2 * (kept + pieces))


def count_difference(counted: int, expected: int, stock: int, *, strict: bool) -> int:
    """Give what a count moves: counted less what the ledger said at the title's last scan.

    Sales since are in `stock` already and stay. Where stock may not fall below zero, a copy sold after it was not found
    was there after all, so that no more is taken than is left.
    """
    difference = counted - expected
    return max(difference, -max(stock, 0)) if strict and difference < 0 else difference


def taken_from(floor: int, elsewhere: Sequence[tuple[int, int]], pieces: int) -> list[tuple[int | None, int]]:
    """Give from which place (None is the shop floor) how many of `pieces` are sold: the shop floor first.

    `elsewhere` is what other places hold, by id in the order in which they are gone to. What is nowhere is taken from
    the shop floor, which alone may fall below zero.
    """
    left = pieces - min(pieces, max(floor, 0))
    others: list[tuple[int | None, int]] = []
    for place, held in elsewhere:
        if (taken := min(left, held)) > 0:
            others.append((place, taken))
            left -= taken
    here = pieces - sum(taken for _, taken in others)
    return [(None, here), *others] if here else others
