"""Whether the tills' journals are whole, and the documents are those that were written into them."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from pos_app.domain.journal import GENESIS, link, micros
from pos_app.models import JournalEntry, OrderEvent, Till, ZReport, table
from pos_app.services.journal import CHANGED, ORDERED
from pos_app.services.journal_document import facts_of, rows_of
from pos_app.services.order_number import receipt_text_number

AT_ONCE = 1_000
DOCUMENTS = frozenset({"paid", "returned", "voided"})
_E, _V, _T, _Z = (table(model).c for model in (JournalEntry, OrderEvent, Till, ZReport))
_ENTRIES = (
    select(_E.sequence, _E.act, _E.happened_at, _E.content, _E.previous_hash, _E.hash)
    .where(_E.till_id == bindparam("till"), _E.sequence > bindparam("after"))
    .order_by(_E.sequence)
    .limit(AT_ONCE)
)


@dataclass(slots=True)
class _Chain:
    """A till's chain while it is read: where it has come to, and from which numbers on it must know documents."""

    till: Any
    sequence: int = 0
    head: str = GENESIS
    at: int | None = None
    adopted: dict[str, int] = field(default_factory=lambda: {"receipt": 0, "training": 0})
    heads: dict[int, str] = field(default_factory=dict)
    documents: int = 0


def journal_findings(session: Session) -> Iterator[str]:
    """Say what is wrong with each till's chain, with the documents in it, and with the heads printed on Z reports."""
    columns = (
        _T.id, _T.number, _T.journal_sequence, _T.journal_hash, _T.journal_at, _T.next_receipt_number,
        _T.next_training_number,
    )  # fmt: skip
    for till in session.execute(select(*columns).order_by(_T.number)).all():
        chain = _Chain(till)
        chain.heads = _printed(session, till.id)
        yield from _walk(session, chain)
        yield from _ends_well(chain)


def _printed(session: Session, till_id: int) -> dict[int, str]:
    """The heads that stand on the till's Z reports, by their sequence."""
    heads = {}
    for content in session.scalars(select(_Z.content).where(_Z.till_id == till_id)):
        said = json.loads(content)
        if said.get("journal_sequence"):
            heads[said["journal_sequence"]] = said["journal_hash"]
    return heads


def _walk(session: Session, chain: _Chain) -> Iterator[str]:
    name = f"till {chain.till.number}"
    while rows := session.execute(_ENTRIES, {"till": chain.till.id, "after": chain.sequence}).all():
        said: list[dict[str, Any]] = []
        for row in rows:
            if row.sequence != chain.sequence + 1:
                yield f"{name}: entries {chain.sequence + 1} to {row.sequence - 1} are missing"
            facts = _read(row.content)
            if row.previous_hash != chain.head or link(row.previous_hash, row.content) != row.hash:
                yield f"{name}: entry {row.sequence} is not the one that was written"
            elif tuple(map(facts.get, ("sequence", "till", "act", "at"))) != (
                row.sequence, chain.till.number, row.act, micros(row.happened_at),
            ):  # fmt: skip
                yield f"{name}: entry {row.sequence} says that it is another, or of another moment"
            if (printed := chain.heads.pop(row.sequence, row.hash)) != row.hash:
                yield f"{name}: entry {row.sequence} ends in {row.hash[:16]}, the Z report printed {printed[:16]}"
            chain.sequence, chain.head, chain.at = row.sequence, row.hash, facts.get("at")
            if row.act == "adopted":
                chain.adopted = {key: max(chain.adopted[key], int(facts.get(key) or 0)) for key in chain.adopted}
            said.append(facts)
        yield from _documents(session, chain, [facts for facts in said if facts.get("act") in DOCUMENTS | ORDERED])


def _read(content: str) -> dict[str, Any]:
    try:
        facts = json.loads(content)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _documents(session: Session, chain: _Chain, entries: list[dict[str, Any]]) -> Iterator[str]:
    """Compare some documents with what was written of them."""
    if not entries:
        return
    orders = rows_of(session, [str(facts.get("order")) for facts in entries])
    stand = facts_of(session, orders.values())
    changes = _changes(session, [order.id for order in orders.values()])
    for facts in entries:
        order, numbered = orders.get(str(facts.get("order"))), facts.get("act") in DOCUMENTS
        if order is None or (order.till_id != chain.till.id and numbered):
            yield f"till {chain.till.number}: entry {facts['sequence']} tells of a document that is not there"
            continue
        chain.documents += numbered
        if not numbered and facts.get("changes") != changes.get(order.id, 0):
            continue  # a later entry has it as it stands
        stands = stand[order.uid] | ({"user": order.user_id, "at": _paid_at(order)} if numbered else {})
        if stands != {key: facts.get(key) for key in stands}:
            yield f"order {order.id}: it is not as the journal has it"


def _paid_at(order: Row[Any]) -> int | None:
    """When a document was written, which is when it was paid."""
    return micros(order.paid_at) if order.paid_at == order.placed_at else None


def _changes(session: Session, ids: Collection[int]) -> dict[int, int]:
    """How often what was ordered was changed, of those where it was."""
    query = select(_V.order_id, func.count()).where(_V.order_id.in_(ids), _V.act == CHANGED).group_by(_V.order_id)
    return dict(session.execute(query).all())


def _ends_well(chain: _Chain) -> Iterator[str]:
    """The chain's end, and that no document stands outside it."""
    name = f"till {chain.till.number}"
    if (chain.sequence, chain.head) != (chain.till.journal_sequence, chain.till.journal_hash or GENESIS):
        yield f"{name}: the journal ends at entry {chain.sequence}, and {chain.till.journal_sequence} were written"
    elif chain.at != (chain.till.journal_at and micros(chain.till.journal_at)):
        # By which a clock that was set back is known.
        yield f"{name}: the journal's last moment is not the one of entry {chain.sequence}"
    for sequence in sorted(chain.heads):
        yield f"{name}: entry {sequence} stands on a Z report and is not there"
    drawn = chain.till.next_receipt_number - 1 - chain.adopted["receipt"]
    drawn += chain.till.next_training_number - 1 - chain.adopted["training"]
    if chain.documents != drawn:
        yield f"{name}: {drawn} documents were numbered since the journal began, and it has {chain.documents}"


def newer_receipts(session: Session, folder: Path) -> Iterator[str]:
    """Receipts kept on this machine that the database knows nothing of: an older file was put in its place."""
    for (till, following), numbers in _unknown(session, folder).items():
        yield f"till {till}: receipt {max(numbers)} is kept here, and the database ends before {following}"


def unknown_receipts(session: Session, folder: Path) -> list[str]:
    """The numbers of receipts kept on this machine that the database knows nothing of, as they are printed."""
    found = _unknown(session, folder)
    return [receipt_text_number(till, number) for (till, _), numbers in found.items() for number in sorted(numbers)]


def _unknown(session: Session, folder: Path) -> dict[tuple[int, int], set[int]]:
    kept: dict[int, set[int]] = {}
    for file in folder.glob("*-*.txt") if folder.is_dir() else ():
        till, _, number = file.stem.partition("-")
        if till.isascii() and till.isdigit() and number.isascii() and number.isdigit():
            kept.setdefault(int(till), set()).add(int(number))
    tills = session.execute(select(_T.number, _T.next_receipt_number).order_by(_T.number)).all()
    found = {(row[0], row[1]): {number for number in kept.get(row[0], ()) if number >= row[1]} for row in tills}
    return {till: numbers for till, numbers in found.items() if numbers}
