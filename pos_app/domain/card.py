"""What a card terminal answers, and what the till does about it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum import luhn

# Runs of digits as long as a card's number, also where they are grouped.
_LONG_RUN = re.compile(r"\d(?:[ .-]?\d){12,18}")


class CardOutcome(StrEnum):
    """How a charge ended; `unknown` is neither yes nor no: it is asked about, and never charged again blindly."""

    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class CardKind(StrEnum):
    """What is asked of the terminal: money for a basket, that money back, or money back for a document."""

    CHARGE = "charge"
    REVERSAL = "reversal"
    REFUND = "refund"


# Written down, and nothing known yet of what became of it.
UNANSWERED = ("pending", "unknown")
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


def kept(value: object, limit: int) -> str | None:
    """Give a terminal's word as it may be stored and printed: one line, at most `limit` letters.

    None where there is nothing, and where what it says has a card's number in it.
    """
    if not isinstance(value, str):
        return None
    text = "".join(sign for sign in value if sign.isprintable()).strip()
    runs = (re.sub(r"\D", "", run) for run in _LONG_RUN.findall(text))
    if any(luhn.is_valid(run) for run in runs):
        return None
    return text[:limit].strip() or None
