"""The journal's chain: each entry is bound to the one before it, so that nothing in between can be changed unseen."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

Fact = int | str | bool | None
# What the first entry of a chain is bound to.
GENESIS = "0" * 64
# Which form of entry this is, so that a later form does not change what earlier entries say.
FORM = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """A time as whole microseconds since 1970 (UTC), which no rounding touches."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def canonical(facts: Mapping[str, Fact]) -> str:
    """The one way to write some facts: names in order, no blanks, letters outside ASCII as escapes."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def link(previous: str, content: str) -> str:
    """The hash of an entry: SHA-256 over the hash before it and what it says."""
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


def rows_hash(rows: Iterable[Sequence[Fact | Decimal]]) -> str:
    """The hash of a document's rows, in their order; rates count in millionths."""
    plain = [[int(cell * 1_000_000) if isinstance(cell, Decimal) else cell for cell in row] for row in rows]
    return hashlib.sha256(json.dumps(plain, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()
