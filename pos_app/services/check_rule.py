"""What a rule that must never break is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `sql` gives a row for each breach and `finding` tells it with the row's columns."""

    name: str
    text: str
    finding: str
    sql: str
    strict_only: bool = False
