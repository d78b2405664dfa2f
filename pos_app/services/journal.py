"""Appending to a till's journal, inside the act that is written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from pos_app.app import App
from pos_app.domain.journal import FORM, GENESIS, Fact, canonical, link, micros
from pos_app.errors import Refused
from pos_app.models import JournalEntry, Till, table

# A clock set back by less is one that was put right by network time.
CLOCK_BACK = timedelta(seconds=5)
# Entries of what was ordered, and the step in an order's timeline that the second kind is counted by.
CHANGED = "changed"
ORDERED = frozenset({"ordered", "order_changed"})
_SET_BACK = "clock_set_back"
_TILLS = table(Till).c
HEAD = (_TILLS.id, _TILLS.number, _TILLS.journal_sequence, _TILLS.journal_hash, _TILLS.journal_at)
# Locked: of two acts at one till the second is bound to the first.
_HEAD = select(*HEAD).where(_TILLS.id == bindparam("till")).with_for_update()
_APPEND = insert(table(JournalEntry))
_MOVE_HEAD = (
    update(table(Till))
    .where(_TILLS.id == bindparam("till"))
    .values(journal_sequence=bindparam("sequence"), journal_hash=bindparam("head"), journal_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a till's chain."""

    sequence: int
    hash: str


def append(session: Session, till_id: int, act: str, at: datetime, *, user_id: int | None, **facts: Fact) -> Head:
    """Write an act into a till's journal; it is there if, and only if, the act's transaction is.

    A clock that was set back since the last entry is written down first.
    """
    till = session.connection().execute(_HEAD, {"till": till_id}).one_or_none()
    if till is None:
        raise Refused("till.missing")
    return append_behind(session, till, act, at, user_id=user_id, **facts)


def append_behind(session: Session, till: Any, act: str, at: datetime, *, user_id: int | None, **facts: Fact) -> Head:
    """Write an act into a till's journal as `append` does, where it has locked the till: `till` is its HEAD since.

    Nothing else of the act may have been written in between; the next number would be taken already.
    """
    sequence, head = till.journal_sequence, till.journal_hash or GENESIS
    entries = [(act, {**facts, "user": user_id})]
    if act != _SET_BACK and till.journal_at is not None and at < till.journal_at - CLOCK_BACK:
        entries.insert(0, (_SET_BACK, {"was": micros(till.journal_at)}))
    rows = []
    for kind, said in entries:
        sequence += 1
        content = canonical(
            {**said, "form": FORM, "till": till.number, "sequence": sequence, "at": micros(at), "act": kind}
        )
        hashed = link(head, content)
        rows.append(
            {
                "till_id": till.id,
                "sequence": sequence,
                "act": kind,
                "happened_at": at,
                "content": content,
                "previous_hash": head,
                "hash": hashed,
            }
        )
        head = hashed
    connection = session.connection()
    connection.execute(_APPEND, rows)
    connection.execute(_MOVE_HEAD, {"till": till.id, "sequence": sequence, "head": head, "at": at})
    return Head(sequence, head)


def append_here(session: Session, app: App, act: str, *, user_id: int | None = None, **facts: Fact) -> Head:
    """Write an act of the machine itself into its till's journal, be it the till's first.

    What is done by command has no person signed in.
    """
    number = app.config.till
    till_id = session.scalar(select(_TILLS.id).where(_TILLS.number == number))
    if till_id is None:
        till = Till(number=number, name=f"Till {number}")
        session.add(till)
        session.flush()
        till_id = till.id
    return append(session, till_id, act, app.clock.now(), user_id=user_id, **facts)


async def note_clock(app: App, moved: timedelta) -> None:
    """Write down that the machine's clock was moved while the program runs, and where it was.

    One that was moved while nothing ran is seen only where it went back before the last entry.
    """
    was = micros(app.clock.now() - moved)
    act = "clock_set_forward" if moved > timedelta() else _SET_BACK
    await app.db.write(lambda session: append_here(session, app, act, was=was))
    app.clock.seen()


def adopt(session: Session, till_id: int, at: datetime) -> Head:
    """Begin a chain behind documents that are there already: up to their numbers they are taken as they stand."""
    columns = (_TILLS.next_receipt_number, _TILLS.next_training_number, _TILLS.next_z_number)
    receipt, training, z = session.execute(select(*columns).where(_TILLS.id == till_id)).one()
    return append(session, till_id, "adopted", at, user_id=None, receipt=receipt - 1, training=training - 1, z=z - 1)
