"""What can be undone and redone, told from the acts there were; and how prices change many at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pos_app.domain.money import round_half_away
from pos_app.errors import Refused

MOST_RATE = Decimal(10)


@dataclass(frozen=True, slots=True)
class Act:
    """One act; `undoes` is the uid of the one it takes back."""

    uid: str
    undoes: str | None = None


def stacks(acts: Iterable[Act]) -> tuple[list[str], list[str]]:
    """Give the uids to undo and those to redo, the next one last, from acts in the order they were done.

    To redo is to undo an undo. An act of another kind empties what could be redone, as everywhere.
    """
    undo: list[str] = []
    redo: list[str] = []
    for act in acts:
        if act.undoes is None:
            undo.append(act.uid)
            redo.clear()
        elif act.undoes in undo:
            undo.remove(act.undoes)
            redo.append(act.uid)
        elif act.undoes in redo:
            redo.remove(act.undoes)
            undo.append(act.uid)
    return undo, redo


def change_price(price: int, rate: Decimal, step: int = 1) -> int:
    """Give a price (minor units) raised by a fraction (0.05 is +5 %), rounded half away from zero to a step.

    Raises Refused("bulk.rate").
    """
    check_rate(rate, step)
    return round_half_away(price * (1 + rate) / step) * step


def check_rate(rate: Decimal, step: int) -> None:
    """Raise Refused("bulk.rate") unless a rate is from -100 % to +1000 % and the step is one."""
    if not (rate.is_finite() and -1 <= rate <= MOST_RATE) or step < 1:
        raise Refused("bulk.rate")
