"""Tax on the lines of a document: inclusive or exclusive prices, rounded by line or by document.

With inclusive prices the gross is what the customer saw: net is computed and tax is the rest, gross is never rebuilt
(HMRC VATREC12030 and the cases in tests/data). Whatever the policy, the lines sum to the document.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pos_app.domain.money import round_half_away


class TaxLevel(StrEnum):
    """Where tax is rounded."""

    LINE = "line"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class TaxPolicy:
    """A shop's way with tax, stored on each document when it is made."""

    prices_include_tax: bool
    level: TaxLevel


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line's net and tax in minor units."""

    net: int
    tax: int


def compute_tax(policy: TaxPolicy, lines: Sequence[tuple[int, Decimal]]) -> list[TaxedLine]:
    """Give net and tax of each line of (amount as shown, rate as a fraction)."""
    if policy.level is TaxLevel.LINE:
        parts = [round_half_away(_computed(policy, amount, rate)) for amount, rate in lines]
    else:
        parts = _by_document(policy, lines)
    if policy.prices_include_tax:
        return [TaxedLine(net, amount - net) for (amount, _), net in zip(lines, parts, strict=True)]
    return [TaxedLine(amount, tax) for (amount, _), tax in zip(lines, parts, strict=True)]


def _computed(policy: TaxPolicy, amount: int, rate: Decimal) -> Decimal:
    """The part that is computed and rounded: the net of inclusive prices, the tax on exclusive ones."""
    return amount / (1 + rate) if policy.prices_include_tax else amount * rate


def _by_document(policy: TaxPolicy, lines: Sequence[tuple[int, Decimal]]) -> list[int]:
    """Round each rate's sum once, then give the lines their whole shares, the largest remainders first."""
    parts = [0] * len(lines)
    places_of: dict[Decimal, list[int]] = defaultdict(list)
    for place, (_, rate) in enumerate(lines):
        places_of[rate].append(place)
    for rate, places in places_of.items():
        total = round_half_away(_computed(policy, sum(lines[place][0] for place in places), rate))
        exact = {place: _computed(policy, lines[place][0], rate) for place in places}
        for place in places:
            parts[place] = int(exact[place] // 1)
        missing = total - sum(parts[place] for place in places)
        by_remainder = sorted(places, key=lambda place: (parts[place] - exact[place], place))
        for place in by_remainder[:missing]:
            parts[place] += 1
    return parts
