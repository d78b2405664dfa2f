"""What a card terminal answers, and what the till does about it."""

from dataclasses import dataclass
from enum import StrEnum


class CardOutcome(StrEnum):
    """How a charge ended; `unknown` is neither yes nor no: it is asked about, and never charged again blindly."""

    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


# The charge is over one way or the other; nothing can come of it any more.
FINAL = frozenset({CardOutcome.APPROVED, CardOutcome.DECLINED, CardOutcome.CANCELLED})


@dataclass(frozen=True, slots=True)
class CardResult:
    """What became of a charge: nothing of the card is known but its brand and last four digits.

    `reference` is the till's own name for the charge, by which it can be asked for; `authorisation` is the terminal's.
    """

    outcome: CardOutcome
    reference: str
    scheme: str | None = None
    last_four: str | None = None
    authorisation: str | None = None

    @property
    def card(self) -> str | None:
        """The card as papers show it."""
        parts = [self.scheme or "", f"···· {self.last_four}" if self.last_four else ""]
        return " ".join(part for part in parts if part) or None

    @property
    def final(self) -> bool:
        """Whether nothing more is to be asked."""
        return self.outcome in FINAL
